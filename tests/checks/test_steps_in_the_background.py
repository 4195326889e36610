"""Steps that run beside those after them, until one waits for them: `background`, `parallel`, `wait`, `cancel`."""

from __future__ import annotations

from textwrap import indent

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge, judge_all

WAIT = "- wait: sign"
ALL = "- wait-all:"
SIGN_ASIDE = SIGN.replace("- run", "- id: sign\n  background: true\n  run")
SHIP_ASIDE = SHIP.replace("- run", "- background: true\n  run")


def together(*steps: str) -> str:
    """A group of steps that run in parallel."""
    return "- parallel:\n" + indent("".join(step.strip("\n") + "\n" for step in steps), "    ")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((PUSH, SIGN_ASIDE, SHIP), "fail"),
        ((PUSH, SIGN_ASIDE, SHIP, WAIT), "fail"),
        ((PUSH, SIGN_ASIDE, WAIT, SHIP), "pass"),
        ((PUSH, SIGN_ASIDE, "- wait: [other, SIGN]", SHIP), "pass"),
        ((PUSH, SIGN_ASIDE, "- wait: other", SHIP), "fail"),
        ((PUSH, SIGN_ASIDE, ALL, SHIP), "pass"),
        ((PUSH, SIGN_ASIDE, "- wait-all:\n  continue-on-error: true", SHIP), "fail"),
        ((PUSH, SIGN_ASIDE, "- cancel: sign", SHIP), "fail"),
        ((PUSH, SIGN_ASIDE, WAIT, SHIP_ASIDE), "pass"),
        ((PUSH, SHIP_ASIDE, SIGN, ALL), "fail"),  # it has begun before
        ((PUSH, SIGN_ASIDE, SHIP_ASIDE, ALL), "fail"),
        ((PUSH, SIGN, together(SHIP, "- run: ls")), "pass"),
        ((PUSH, together(SIGN, "- run: ls"), SHIP), "pass"),
        ((PUSH, together(SIGN, SHIP)), "fail"),
        ((PUSH, together("- run: ls"), SHIP), "fail"),
    ],
)
def test_what_runs_in_the_background_is_over_where_it_is_waited_for(steps: tuple[str, ...], expected: str) -> None:
    assert judge("build-signed", released_by(*steps)).verdict == expected


def test_a_job_waits_for_its_steps_in_the_background() -> None:
    build = job(PUSH, SIGN_ASIDE, DESCRIBE, ATTEST)
    files = repository_of(workflow(build=build, ship=job(SHIP, needs="build")))
    assert judge_all(["build-signed", "sbom-generated"], files) == ["pass", "pass"]


def test_commands_of_one_step_in_the_background_come_one_after_the_other() -> None:
    commands = [step.strip("\n").removeprefix("- run: ") for step in (SIGN, SHIP)]
    both = "- background: true\n  run: |\n" + indent("\n".join(commands), "    ")
    assert judge("build-signed", released_by(PUSH, both)).verdict == "pass"


def test_actions_in_parallel_are_pinned_too() -> None:
    files = released_by(together("- uses: acme/tool@v1"))
    assert judge("actions-pinned", files).verdict == "fail"
