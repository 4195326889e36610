"""Deployments that another repository does once it is told to: whoever tells it so waits for the tests."""

from __future__ import annotations

import pytest

from pipelines import GOOD, on_gitlab
from pipelines import job as job_of_gitlab
from releasing import PUSH, SHIP, job, repository_of, workflow
from trees import judge

DISPATCH = """
- uses: peter-evans/repository-dispatch@v4
  with: {token: "${{ secrets.PAT }}", repository: acme/deploy, event-type: deploy}
"""


@pytest.mark.parametrize(
    ("needs", "expected"), [("", "unknown"), ("image", "unknown"), ("test", "pass"), ("[image, test]", "pass")]
)
def test_who_tells_it_waits_for_the_tests(needs: str, expected: str) -> None:
    waits = {"needs": needs} if needs else {}
    jobs = {"test": job("- run: pytest"), "image": job(PUSH), "deploy": job(DISPATCH, **waits)}
    jobs["ship"] = job(SHIP, needs="[image, test]")
    assert judge("tests-gate-release", repository_of(workflow(**jobs))).verdict == expected


def test_what_is_told_before_anything_is_built_deploys_nothing_of_it() -> None:
    jobs = {"test": job(DISPATCH, "- run: pytest"), "image": job(PUSH, SHIP, needs="test")}
    assert judge("tests-gate-release", repository_of(workflow(**jobs))).verdict == "pass"


@pytest.mark.parametrize(
    ("when", "expected"),
    [("needs: []", "unknown"), ("needs: [verify]", "pass"), ("needs: [build, test]", "pass"), ("retry: 1", "pass")],
)
def test_so_does_a_pipeline_of_gitlab(when: str, expected: str) -> None:
    deploy = job_of_gitlab("deploy", "stage: release", "rules: [{if: $CI_COMMIT_TAG}]", when, "trigger: acme/deploy")
    assert judge("tests-gate-release", on_gitlab(GOOD + deploy)).verdict == expected
