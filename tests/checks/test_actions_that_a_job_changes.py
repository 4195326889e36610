"""Local actions over which the job has written, or that it takes from another commit: nobody knows what they do."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by, script
from trees import judge

CHECKOUT = "- uses: actions/checkout@v7"
USE = """
- uses: ./.github/actions/sign
  with: {digest: "${{ steps.push.outputs.digest }}"}
"""
ACTION = """
inputs: {digest: {required: true}}
runs:
  using: composite
  steps:
    - run: cosign sign --yes "ghcr.io/acme/shop@${{ inputs.digest }}"
      shell: bash
"""


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("echo x > .github/actions/sign/action.yml", "unknown"),
        ("cp -r other/. .github/actions/sign/", "unknown"),
        ("sed -i s/cosign/true/ .github/actions/sign/action.yml", "unknown"),
        ("git checkout other -- .github", "unknown"),
        ("git checkout main", "unknown"),
        ("echo x > .github/actions/other/action.yml", "pass"),
        ("echo x > notes.md", "pass"),
    ],
)
def test_an_action_that_the_job_has_changed_is_not_that_of_the_repository(before: str, expected: str) -> None:
    files = released_by(CHECKOUT, PUSH, script(before), USE, SHIP) | {".github/actions/sign/action.yml": ACTION}
    assert judge("build-signed", files).verdict == expected


def test_an_action_of_another_commit_is_not_that_of_the_run() -> None:
    files = {".github/actions/sign/action.yml": ACTION}
    for ref, expected in (("main", "unknown"), ("${{ github.ref }}", "pass"), ("${{ github.sha }}", "pass")):
        checkout = f"{CHECKOUT}\n  with: {{ref: '{ref}'}}\n"
        assert judge("build-signed", released_by(checkout, PUSH, USE, SHIP) | files).verdict == expected
