"""Tests that are divided: one part is not all of them."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, job, released_by, repository_of, workflow
from trees import judge

MATRIX = "{matrix: {shard: [1, 2, 3]}}"


def verdict(*commands: str) -> str:
    return judge("tests-gate-release", released_by(*(f"- run: {each}" for each in commands), PUSH, SHIP)).verdict


@pytest.mark.parametrize(
    "command",
    [
        "npx jest --shard=PART/2",
        "npx vitest run --shard PART/2 --coverage",
        "npx playwright test --shard=PART/2",
        "cargo nextest run --partition count:PART/2",
        "pytest --splits 2 --group PART",
        "pytest --group=PART --splits=2",
    ],
)
def test_one_part_is_not_all(command: str) -> None:
    one, other = (command.replace("PART", part) for part in "12")
    cargo = {"src/lib.rs": "#[test]"}
    assert verdict(one) == verdict(other) == verdict(one, one) == "unknown"
    tested = judge("tests-gate-release", released_by(f"- run: {one}", f"- run: {other}", PUSH, SHIP) | cargo)
    assert tested.verdict == "pass"
    assert verdict(one, "npx jest") == "pass"


def test_some_count_from_zero() -> None:
    assert verdict("pytest --num-shards 2 --shard-id 0", "pytest --num-shards 2 --shard-id 1") == "pass"
    assert verdict("pytest --num-shards 2 --shard-id 1") == "unknown"
    assert verdict("pytest --num-shards 1 --shard-id 0", "") == "pass"


@pytest.mark.parametrize(
    "command",
    ["npx jest --shard=${{ matrix.shard }}/3", "npx jest --shard=${{ matrix.shard }}/${{ strategy.job-total }}",
     "for part in 1 2 3; do npx jest --shard=$part/3; done"],
)  # fmt: skip
def test_parts_that_legs_or_a_loop_count_are_all(command: str) -> None:
    tests, release = job(f"- run: {command}", strategy=MATRIX), job(PUSH, SHIP, needs="tests")
    assert judge("tests-gate-release", repository_of(workflow(tests=tests, release=release))).verdict == "pass"


def test_parts_in_jobs_of_their_own_count_where_all_are_waited_for() -> None:
    parts = {f"part{part}": job(f"- run: npx jest --shard={part}/2") for part in (1, 2)}
    for needs, expected in (("[part1, part2]", "pass"), ("part1", "unknown"), ("part2", "unknown")):
        files = repository_of(workflow(**parts, release=job(PUSH, SHIP, needs=needs)))
        assert judge("tests-gate-release", files).verdict == expected
