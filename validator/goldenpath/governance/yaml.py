"""YAML for people to read on: text that somebody typed, and parts of a contract on one line each."""

from __future__ import annotations

import re
from datetime import date
from json import dumps
from typing import TYPE_CHECKING

from msgspec import Struct, to_builtins
from msgspec.structs import asdict, fields

from goldenpath.contract import Scope
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.contract import Requirement

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
"""What JSON leaves as it is between quotes, and YAML takes for the end of a line or refuses."""


def quoted(typed: str | list[str]) -> str:
    """A text, or a list of texts, between quotes: as JSON has it, which YAML reads, too.

    Raises InputError for bytes of a command line that are no text.
    """
    written = dumps(typed, ensure_ascii=False)
    if not written.isascii() and any("\ud800" <= each <= "\udfff" for each in written):
        raise InputError(f"{written} is not UTF-8 text")
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def said(requirement: Requirement) -> dict[str, object]:
    """What a requirement says, but for its day."""
    told: dict[str, object] = {"tier": requirement.tier}
    if requirement.level == "advisory":
        told["level"] = requirement.level
    if requirement.applies:
        told["applies"] = _differing(requirement.applies, Scope())
    return told


def block(name: str, part: Struct, default: Struct) -> Iterator[str]:
    """A part of the contract, where it says anything."""
    if part != default:
        yield f"  {name}: {flow(_differing(part, default))}"


def _differing(part: Struct, default: Struct) -> dict[str, object]:
    usual = asdict(default)
    return {name: value for name, value in asdict(part).items() if value != usual[name]}


def stated(part: Struct) -> dict[str, object]:
    """The fields of a part that are not as they would be without it."""
    usual = {field.name: field.default for field in fields(part)}
    return {name: value for name, value in asdict(part).items() if value not in (usual[name], {}, ())}


def flow(mapping: Mapping[str, object]) -> str:
    """A mapping on one line of YAML."""
    told = ((name, value.isoformat() if isinstance(value, date) else _json(value)) for name, value in mapping.items())
    return f"{{{', '.join(f'{name}: {value}' for name, value in told)}}}"


def _json(value: object) -> str:
    return dumps(to_builtins(value))
