"""GitLab's Code Quality report: an issue for every check of a component that is not proven.

What lowers no tier, advisory or waived, informs: no exception is silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.reports.findings import findings
from goldenpath.reports.json import encode

if TYPE_CHECKING:
    from goldenpath.reports.findings import Finding
    from goldenpath.reports.terminal import Surface
    from goldenpath.scorecard import Scorecard

_SEVERITY = {"error": "major", "warning": "minor", "note": "info"}


def render(scorecard: Scorecard, surface: Surface) -> str:  # noqa: ARG001 - every format has the same signature
    """The scorecard as an array of issues."""
    return encode([_issue(finding) for finding in findings(scorecard)])


def _issue(finding: Finding) -> dict[str, object]:
    check, place = finding.check, finding.place
    return {
        "description": finding.told,
        "check_name": check.id,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITY[finding.level],
        "location": {"path": place.path, "lines": {"begin": max(place.line, 1)}},
    }
