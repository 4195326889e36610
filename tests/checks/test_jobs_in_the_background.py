"""Signatures that are made in the background, and what waits for them by the numbers of jobs."""

from __future__ import annotations

import pytest

from releasing import signed_by_script
from trees import judge

SIGN = "cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
JOB = f"{SIGN} &"


def verdict(*lines: str) -> str:
    return judge("build-signed", signed_by_script(*lines, run_by="bash -e {0}")).verdict


@pytest.mark.parametrize(
    "lines",
    [
        (JOB, "wait %1"),
        (JOB, "wait %%"),
        (JOB, "wait %cosign"),
        ("sleep 1 &", JOB, "wait %2"),
        (JOB, "wait $(jobs -p)"),
        (JOB, 'for job in $(jobs -p); do wait "$job"; done'),
        (JOB, 'for job in $(jobs -p); do wait "$job" || exit 1; done'),
        (JOB, "rc=0", 'for job in $(jobs -p); do wait "$job" || rc=1; done', "exit $rc"),
        ("sleep 1 &", JOB, "wait $(jobs -p)"),
    ],
)
def test_who_waits_for_the_last_job_is_told_that_it_has_failed(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize(
    "lines",
    [
        (JOB, "wait"),
        (JOB, "wait %1 || true"),
        (JOB, "jobs -p"),
        (JOB, "wait $(jobs -p) || echo failed"),
        (JOB, "sleep 1 &", "wait $(jobs -p)"),  # of several the last one says how all has gone
        (JOB, "sleep 1 &", "wait %2"),
        (JOB, "sleep 1 &", "wait %1"),  # if it is over by then, another one has its number
        (JOB, "wait", "wait $(jobs -p)"),
    ],
)
def test_who_waits_for_others_is_not(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "fail"
