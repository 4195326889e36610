"""The report for machines: the scorecard as it is. docs/report.md describes it, report.schema.json there too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from msgspec import Struct

    from goldenpath.reports.terminal import Surface
    from goldenpath.scorecard import Scorecard

SCHEMA_ID = "https://raw.githubusercontent.com/goldenpath-dev/goldenpath/main/docs/report.schema.json"

_UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON may hold as it is, but a terminal would obey: control characters beyond ASCII, directional overrides."""


def render(scorecard: Scorecard, surface: Surface) -> str:  # noqa: ARG001 - every format has the same signature
    """The scorecard as indented JSON."""
    return encode(scorecard)


def encode(report: Struct) -> str:
    """Any report as indented JSON that a terminal shows and does not obey."""
    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def schema() -> dict[str, Any]:
    """The JSON Schema of the report, derived from the models it is encoded from."""
    from goldenpath.scorecard import Scorecard

    _, definitions = msgspec.json.schema_components([Scorecard], ref_template="#/$defs/{name}")
    report = definitions.pop("Scorecard")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **report,
        "title": "goldenpath report",
        "$defs": dict(sorted(definitions.items())),
    }
