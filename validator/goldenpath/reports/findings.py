"""What is not met, as other programs want it: each with one place, a level, and a fingerprint that lasts."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.checks import Evidence
from goldenpath.reports.terminal import printable
from goldenpath.reports.text import excuse, name, place_of
from goldenpath.scorecard import FixAdvice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.scorecard import CheckResult, ComponentScore, Scorecard

Level = Literal["error", "warning", "note"]

CATALOG = "catalog-info.yaml"
"""Where something stands that has no place: the file that says what a component is."""

_LINE = re.compile(r"\bline \d+")
"""What a text says about a line; it changes when something is written above."""


class Finding(Struct, frozen=True):
    """A check that is not proven for a component. `place` is where it shows best, `others` are further places.

    `elsewhere` are those in repositories that were handed in: of them this one has no file.
    """

    component: ComponentScore
    check: CheckResult
    place: Evidence
    others: tuple[Evidence, ...]
    elsewhere: tuple[Evidence, ...] = ()

    @property
    def level(self) -> Level:
        """An error fails, a warning cannot be decided; what lowers no tier, advisory or waived, is a note."""
        if self.check.met:
            return "note"
        return "error" if self.check.verdict == "fail" else "warning"

    @property
    def fingerprint(self) -> str:
        """What stays the same while lines move: whose, which check, the file, and what stands there."""
        text = _LINE.sub("line", self.place.text)
        whole = "\0".join([self.component.ref or "", self.check.id, self.place.role, self.place.path, text])
        return sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()

    @property
    def told(self) -> str:
        """It in sentences, the first of which stands alone where there is little room."""
        check, whose = self.check, name(self.component)
        summary = f"not decided: {check.summary}" if check.verdict == "unknown" else check.summary
        reason = check.reason if isinstance(check.reason, str) and check.reason != check.summary else None
        advice = f"Next ({check.fix.effort}): {check.fix.summary}" if isinstance(check.fix, FixAdvice) else None
        seen = f"See {place_of(self.elsewhere[0])}" if self.elsewhere else None
        said = f"{whose}: {summary}" if whose else summary
        return printable(_sentences(said, reason, seen, excuse(check) or None, advice))


def findings(scorecard: Scorecard) -> Iterator[Finding]:
    """Every check of every component that is `fail` or `unknown`; paths count from the root of the repository."""
    folder = scorecard.repository.folder
    for component in scorecard.components:
        for check in component.checks:
            if check.verdict in {"fail", "unknown"}:
                places = [_from_root(each, folder) for each in check.evidence if not each.source]
                elsewhere = tuple(each for each in check.evidence if each.source)
                best = min(places, key=_unplaced, default=_from_root(Evidence("missing", CATALOG, 0, 0, ""), folder))
                yield Finding(component, check, best, tuple(each for each in places if each is not best), elsewhere)


def _unplaced(evidence: Evidence) -> bool:
    """Whether evidence has no line. Of those that have one, the first is what a check puts first."""
    return not evidence.line


def _from_root(evidence: Evidence, folder: str) -> Evidence:
    """Evidence whose path is relative to the repository's root and leads nowhere else, whatever it says."""
    parts = [part for part in (evidence.path or CATALOG).split("/") if part not in {"", ".", ".."}]
    path = "/".join([*filter(None, [folder]), *(parts or [CATALOG])])
    return Evidence(evidence.role, path, evidence.line, evidence.column, evidence.text)


def _sentences(*texts: str | None) -> str:
    """Texts as sentences, one after the other."""
    return " ".join(text if text.endswith((".", "?", "!", "…")) else f"{text}." for text in texts if text)
