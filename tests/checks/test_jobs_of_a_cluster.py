"""Tests that run as a Job of Kubernetes, which says how it has ended to whoever waits for it."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by, script
from trees import judge

JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: e2e}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: e2e, image: "ghcr.io/acme/shop:1.2", command: [pytest, tests]}]
"""
WAIT = "kubectl wait --for=condition=complete --timeout=5m job/e2e"


def verdict(*lines: str, job: str = JOB, check: str = "tests-gate-release") -> str:
    return judge(check, {**released_by(PUSH, script(*lines), SHIP), "e2e.yml": job}).verdict


@pytest.mark.parametrize(
    "lines",
    [
        ("kubectl apply -f e2e.yml", WAIT),
        ("kubectl create -f e2e.yml", "kubectl wait --for condition=Complete job e2e"),
        ("kubectl apply -f e2e.yml", "kubectl wait --for=condition=complete jobs.batch/e2e"),
        ("kubectl apply -f e2e.yml", "kubectl wait --for=condition=complete -f e2e.yml"),
    ],
)
def test_whether_a_job_has_tested_before_only_the_cluster_knows(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "unknown"  # one of that name may be over already


@pytest.mark.parametrize(
    ("lines", "job"),
    [
        (("kubectl apply -f e2e.yml",), JOB),
        (("kubectl apply -f e2e.yml", WAIT.replace("complete", "failed")), JOB),
        (("kubectl apply -f e2e.yml", WAIT.replace("e2e", "other")), JOB),
        (("kubectl apply -f e2e.yml", WAIT), JOB.replace("pytest, tests", "./migrate")),
        (("kubectl apply -f e2e.yml", WAIT), JOB.replace("Job", "Deployment")),
    ],
)
def test_what_no_job_tests_or_nobody_waits_for_is_not_tested(lines: tuple[str, ...], job: str) -> None:
    assert verdict(*lines, job=job) == "fail"


@pytest.mark.parametrize(
    ("job", "expected"),
    [(JOB, "pass"), (JOB.replace("pytest, tests", "./migrate"), "fail"), (f"{JOB}---{JOB}", "pass")],
)
def test_a_job_that_tests_releases_nothing(job: str, expected: str) -> None:
    sign = 'cosign sign --yes "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"'
    assert verdict("kubectl apply -f e2e.yml", WAIT, sign, job=job, check="build-signed") == expected
