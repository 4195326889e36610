"""Tests in a matrix of which some legs are forgiven: whoever waits for the job waits for the others."""

from __future__ import annotations

import pytest

from releasing import SHIP, job, repository_of, workflow
from trees import judge

SOME = "{matrix: {experimental: [false], include: [{go: rc, experimental: true}]}}"
EVERY = "{matrix: {experimental: [true], go: [stable, rc]}}"
FORGIVEN = "${{ matrix.experimental }}"
TEST = "- run: go test ./..."


def gated(strategy: str, *steps: str, **keys: str) -> str:
    """What is said of a release that needs a job of these steps in the legs of a matrix."""
    tests = job(*steps, permissions="{contents: read}", strategy=strategy, **keys)
    text = workflow(test=tests, release=job(SHIP, needs="test"))
    return judge("tests-gate-release", repository_of(text)).verdict


@pytest.mark.parametrize(("strategy", "expected"), [(SOME, "pass"), (EVERY, "fail")])
def test_one_leg_that_may_fail_the_run_is_enough(strategy: str, expected: str) -> None:
    assert gated(strategy, TEST, continue_on_error=FORGIVEN) == expected


@pytest.mark.parametrize(("strategy", "expected"), [(SOME, "pass"), (EVERY, "fail")])
def test_so_it_is_with_steps(strategy: str, expected: str) -> None:
    assert gated(strategy, f"{TEST}\n  continue-on-error: {FORGIVEN}") == expected


def test_a_test_that_only_runs_in_the_leg_that_is_forgiven_gates_nothing() -> None:
    only_there = f"{TEST}\n  if: matrix.experimental"
    assert gated(SOME, only_there, continue_on_error=FORGIVEN) != "pass"


def test_job_and_step_that_forgive_different_legs_leave_none() -> None:
    step = f"{TEST}\n  continue-on-error: ${{{{ !matrix.experimental }}}}"
    assert gated(SOME, step, continue_on_error=FORGIVEN) == "fail"


def test_a_release_in_a_leg_of_its_own_is_not_stopped_by_others() -> None:
    together = job(TEST, SHIP, strategy=SOME, continue_on_error=FORGIVEN)
    assert judge("tests-gate-release", repository_of(workflow(release=together))).verdict == "pass"
    step = f"{TEST}\n  continue-on-error: {FORGIVEN}"
    assert judge("tests-gate-release", repository_of(workflow(release=job(step, SHIP, strategy=SOME)))).verdict == "fail"
