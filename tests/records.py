"""Entries for tests: an evaluation with these verdicts, on that day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.contract import named
from goldenpath.origin import Origin
from goldenpath.record.entry import Entry, entry_of
from scorecards import result, score, scorecard

if TYPE_CHECKING:
    from goldenpath.scorecard import CheckResult, ComponentScore

START = datetime(2026, 11, 26, 12, tzinfo=UTC)


def entry(
    *checks: CheckResult,
    day: int = 0,
    ref: str | None = "component:default/shop",
    commit: str | None = "c" * 40,
    tags: tuple[str, ...] = (),
    components: tuple[ComponentScore, ...] = (),
) -> Entry:
    """What was recorded so many days after the start; without checks, one that passes."""
    found = components or (score(*(checks or (result("owner-declared", "pass", "owned"),)), ref=ref),)
    at = START + timedelta(days=day)
    name = (ref or "component:default/nameless").rpartition("/")[2]
    origin = Origin(name, f"/srv/{name}", commit, clean=True, begun=START, committed=at, tags=tags)
    return entry_of(replace(scorecard(*found), as_of=at.date()), named("standard"), origin, at)
