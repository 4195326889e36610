"""Schedules in the five fields of cron, by which both Dependabot and Renovate can be told when to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = 5
_RANGES = ((0, 59), (0, 24), (1, 31), (1, 12), (0, 7))
"""What the fields of a schedule may be: minutes, hours (some read 24 as midnight), days, months and days of weeks."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
"""The days of the months that have fewer than 31."""


def never(cron: str) -> bool:
    """Whether a schedule asks for days of months that have none of them (`0 0 31 2 *`)."""
    fields = cron.split()
    if len(fields) != FIELDS or fields[4] != "*":
        return False
    days, months = (list(map(_least, each.lower().split(","))) for each in fields[2:4])
    if None in days or None in months:
        return False
    longest = max(_DAYS.get(month or 0, 31) for month in months)
    return all((day or 0) > longest for day in days)


def is_beyond(cron: str) -> bool:
    """Whether a schedule asks for an hour, or any other part of a time, that there is not."""
    fields = cron.split()
    if len(fields) != FIELDS:
        return False
    asked = ((range_, each) for range_, field in zip(_RANGES, fields, strict=True) for each in _numbers(field))
    return any(not least <= number <= most for (least, most), number in asked)


def _numbers(field: str) -> Iterator[int]:
    """The numbers of a field, but for those that say by how many it goes on (`*/15`)."""
    for each in re.split("[,-]", re.sub("/[^,]*", "", field)):
        if each.isdecimal() and each.isascii():
            yield int(each.lstrip("0")[:3] or "0")


def _least(field: str) -> int | None:
    """The least that a field of a schedule means (`30-31`, `feb`); None where it is no number, as for `*`."""
    first = re.split("[-/]", field)[0]
    if first[:3] in _MONTHS:
        return _MONTHS.index(first[:3]) + 1
    return int(first.lstrip("0")[:3] or "0") if first.isdecimal() and first.isascii() else None
