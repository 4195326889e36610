"""Workflows of other repositories that are handed what a release takes, beside a release that is seen."""

from __future__ import annotations

import pytest

from releasing import PUSH, job, repository_of, workflow
from trees import judge

MAIN = "{push: {branches: [main]}}"


@pytest.mark.parametrize(
    ("handed", "expected"),
    [
        ("with: {image: acme/shop}\n    secrets: {DOCKER_PASSWORD: '${{ secrets.PASSWORD }}'}", "unknown"),
        ("secrets: {REGISTRY_TOKEN: '${{ secrets.TOKEN }}'}", "unknown"),
        ("with: {go-version: '1.24'}\n    secrets: {CODECOV_TOKEN: '${{ secrets.TOKEN }}'}", "pass"),
        ("with: {image: acme/shop}", "pass"),
    ],
)
def test_what_a_call_is_handed_tells_what_it_is_there_for(handed: str, expected: str) -> None:
    tests, push = job("- run: go test ./...\n"), job(PUSH, needs="test")
    files = repository_of(workflow(MAIN, test=tests, push=push))
    call = "jobs:\n  call:\n    uses: acme/shared/.github/workflows/ci.yml@v1\n"
    files[".github/workflows/other.yml"] = f"on: {MAIN}\npermissions: {{contents: read}}\n{call}    {handed}\n"
    assert judge("tests-gate-release", files).verdict == expected
