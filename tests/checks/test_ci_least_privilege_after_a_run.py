"""Workflows that follow a run which outsiders have caused, and check out what it ran on."""

from __future__ import annotations

import pytest

from releasing import job, workflow
from trees import judge

TEST = "runs-on: ubuntu-24.04\nsteps: [{run: make test}]\n"
CHECKS = workflow("{pull_request: {}}", head="permissions: {}\n", test=TEST).replace("name: release", "name: checks")
CHECKOUT = "- uses: actions/checkout@v6\n  with: {ref: '${{ github.event.workflow_run.head_sha }}'}"
COMMENT = "- run: gh pr comment 1 --body ok"
AFTER = "{workflow_run: {workflows: [checks], types: [completed]}}"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("github.event.workflow_run.conclusion == 'success'", "fail"),
        ("github.event.workflow_run.conclusion != 'failure'", "fail"),
        ("github.event.workflow_run.head_branch == 'main'", "fail"),
        ("github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event != 'schedule'", "fail"),
        ("github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push'", "pass"),
        ("github.event.workflow_run.conclusion == 'success' && vars.TRUSTED == 'yes'", "unknown"),
        (
            "github.event.workflow_run.conclusion == 'success'"
            " && github.event.workflow_run.head_repository.full_name == github.repository",
            "pass",
        ),
    ],
)
def test_that_the_run_has_succeeded_keeps_nobody_out(condition: str, expected: str) -> None:
    after = job(CHECKOUT, COMMENT, permissions="{pull-requests: write}", if_=condition)
    files = {".github/workflows/checks.yml": CHECKS, ".github/workflows/after.yml": workflow(AFTER, after=after)}
    assert judge("ci-least-privilege", files).verdict == expected
