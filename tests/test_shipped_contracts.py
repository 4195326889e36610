"""What ships is extended by others: it announces what it will ask, so that taking a release turns nobody red."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

import toolbox
from goldenpath.contract import SHIPPED, Contract, Requirement, named

if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASED = toolbox.ROOT / "tests" / "contracts"
"""The contracts as they were in the last release; tools/release copies them."""

NOTICE = timedelta(days=90)


def last_release() -> tuple[str, date]:
    changelog = (toolbox.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## \[(\d\S*)\] - (\S+)$", changelog, re.MULTILINE)
    assert found
    return found[1], date.fromisoformat(found[2])


def stricter(old: Contract, new: Contract, day: date, until: date) -> Iterator[str]:
    """What is asked before a day, and was not asked on that day, or not of as many."""
    begins = {each.since for every in new.checks.values() for each in every if each.since}
    for when in sorted({day, *(each for each in begins if day < each < until)}):
        before = old.in_force(when)
        for check, asked in new.in_force(when).items():
            if asked.level == "required" and not (check in before and covers(before[check], asked, old.tiers)):
                yield f"{check} on {when}"


def covers(before: Requirement, asked: Requirement, tiers: tuple[str, ...]) -> bool:
    return (
        before.level == "required"
        and before.applies == asked.applies
        and tiers.index(before.tier) <= tiers.index(asked.tier)
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_announces_what_is_new_a_quarter_ahead(name: str) -> None:
    version, day = last_release()
    released, now = named(str(RELEASED / f"{name}.yaml")), named(name)
    assert released.version == version, "tools/release copies the contracts to tests/contracts"
    assert now.tiers == released.tiers
    assert list(stricter(released, now, day, day + NOTICE)) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Requirement("gold"), ["new on 2027-01-01"]),
        (Requirement("gold", since=date(2027, 2, 1)), ["new on 2027-02-01"]),
        (Requirement("gold", since=date(2027, 4, 1)), []),
        (Requirement("gold", "advisory"), []),
    ],
)
def test_what_comes_sooner_is_found(asked: Requirement, found: list[str]) -> None:
    old, day = named("standard"), date(2027, 1, 1)
    new = replace(old, checks=old.checks | {"new": (asked,)})
    assert list(stricter(old, new, day, day + NOTICE)) == found
    raised = replace(old, checks=old.checks | {"code-owned": (Requirement("bronze"),)})
    assert list(stricter(old, raised, day, day + NOTICE)) == ["code-owned on 2027-01-01"]
    lowered = replace(old, checks=old.checks | {"code-owned": (Requirement("gold"),)})
    assert list(stricter(old, lowered, day, day + NOTICE)) == []
