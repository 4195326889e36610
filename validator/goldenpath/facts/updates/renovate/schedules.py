"""Renovate's schedules, as a cron or in words: those by which it never runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.cron import is_beyond, never
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Mapping

_CRON = regex(r"(?:[\d*/,-]+ ){3}\S+ \S+")
_SCHEDULE = regex(
    r"(?i)\*|\d|\b(?:before|after|monthly|every|(?:week)?days?|weekends?|week|month|quarter|year"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun|noon|midnight))\b"
)
"""What speaks of a time in a schedule of Renovate's, as a cron or in words."""


def unscheduled(root: Mapping) -> Finding | None:
    """A schedule that no day fits, or that Renovate refuses, and with it its whole configuration."""
    schedule = texts(root.get("schedule"))
    if schedule[:1] in {(), ("at any time",)}:
        return None
    place = root.keys["schedule"].place
    if all(map(never, schedule)):
        return Finding(place, f"no day fits Renovate's `schedule` {shown(schedule[0])}")
    refused = next((each for each in schedule if each and _refuses_schedule(each)), None)
    return Finding(place, f"Renovate refuses the `schedule` {shown(refused)}") if refused else None


def _refuses_schedule(schedule: str) -> bool:
    """Whether Renovate takes a schedule for none: as a cron it has to leave the minutes open, whatever they are."""
    if _CRON.fullmatch(schedule):
        return is_beyond(schedule) or not schedule.startswith("* ")
    return not _SCHEDULE.search(schedule)
