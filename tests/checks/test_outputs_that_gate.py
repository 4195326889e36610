"""Jobs that start `always()`, if a job before them has said something: then it has come as far as that."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, job, repository_of, workflow
from trees import judge

TEST = "- run: go test ./...\n"
SAY = '- id: said\n  run: echo "ok=true" >> "$GITHUB_OUTPUT"\n'
ASKED = "always() && needs.test.outputs.ok == 'true'"


def verdict(*steps: str, if_: str = ASKED, **keys: str) -> str:
    tests = job(*steps, outputs='{ok: "${{ steps.said.outputs.ok }}"}', **keys)
    release = job(PUSH, SHIP, needs="test", if_=if_)
    return judge("tests-gate-release", repository_of(workflow(test=tests, release=release))).verdict


@pytest.mark.parametrize(
    ("if_", "expected"),
    [
        (ASKED, "pass"),
        ("\"!cancelled() && needs.test.outputs.ok == 'true'\"", "pass"),
        ("always() && needs.test.outputs.ok", "pass"),
        ("always() && needs.test.outputs.ok != ''", "pass"),
        ("always() && needs.test.outputs.ok != 'false'", "fail"),
        ("always() && (needs.test.outputs.ok == 'true' || vars.FORCE)", "fail"),
        ("always()", "fail"),
    ],
)
def test_what_is_said_after_the_tests_says_that_they_have_passed(if_: str, expected: str) -> None:
    assert verdict(TEST, SAY, if_=if_) == expected


@pytest.mark.parametrize(
    "steps",
    [
        (SAY, TEST),
        (TEST, f"{SAY}  if: always()\n"),
        (TEST.replace("\n", "\n  continue-on-error: true\n"), SAY),
        (TEST.replace("\n", " || true\n"), SAY),
    ],
)
def test_what_is_said_whatever_the_tests_find_says_nothing(steps: tuple[str, ...]) -> None:
    assert verdict(*steps) == "fail"


def test_of_several_legs_another_one_may_have_said_it() -> None:
    assert verdict(TEST, SAY, strategy="{matrix: {go: ['1.24', '1.25']}}") == "fail"
