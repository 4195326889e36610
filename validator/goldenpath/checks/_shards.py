"""Tests that are divided among several commands: who waits for some of the parts does not wait for the tests."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHARD = regex(r"\s--(?:shard|partition)[= ](?:\w{1,20}:)?(\d{1,4})/(\d{1,4})(?![\w/.])")
"""Of Jest, Vitest, Playwright; of cargo-nextest (`--partition count:1/3`)."""
_PART = regex(r"\s--(?:group|shard-id)[= ](\d{1,4})(?![\w.])")
_PARTS = regex(r"\s--(?:splits|num-shards)[= ](\d{1,4})(?![\w.])")
"""Of pytest-split (`--splits 3 --group 1`); of pytest-shard, which counts from 0 (`--num-shards 3 --shard-id 0`)."""


def shard(command: str) -> tuple[int, int] | None:
    """Which part of how many a command tests, as it says itself; None for all, and for what only a run knows."""
    if found := _SHARD.search(command):
        part, parts = int(found[1]), int(found[2])
    elif (one := _PART.search(command)) and (several := _PARTS.search(command)):
        part, parts = int(one[1]) + ("shard-id" in one[0]), int(several[1])
    else:
        return None
    return (part, parts) if parts > 1 else None


def missing(commands: Iterable[str]) -> str | None:
    """The part that is not tested where each of the commands tests one alone; None where all is."""
    tested = defaultdict[int, set[int]](set)
    for command in commands:
        if (each := shard(command)) is None:
            return None
        tested[each[1]].add(each[0])
    left = [f"part {min(wanted)} of {parts}" for parts, found in tested.items()
            if (wanted := set(range(1, parts + 1)) - found)]  # fmt: skip
    return left[0] if left and len(left) == len(tested) else None
