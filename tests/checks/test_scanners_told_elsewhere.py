"""Scanners that variables or files of their own tell what to refuse."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge

PUSHED = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
TRIVY = f'- run: trivy image "{PUSHED}"\n'
GRYPE = f'- run: grype "{PUSHED}"\n'
ACTION = f'- uses: aquasecurity/trivy-action@v0.36.0\n  with: {{image-ref: "{PUSHED}"}}\n'


CHECKOUT = "- uses: actions/checkout@v5"


def gated(step: str, variables: str = "", before: str = CHECKOUT, **files: str) -> str:
    """What is said of a release that waits for this scan, with variables and beside files."""
    env = f"  env: {{{variables}}}\n" if variables else ""
    named = {name.replace("__", "."): text for name, text in files.items()}
    return judge("vulnerabilities-gated", released_by(before, PUSH, step + env, SHIP) | named).verdict


@pytest.mark.parametrize("step", [TRIVY, ACTION])
def test_a_variable_may_make_trivy_fail_and_another_may_blind_it(step: str) -> None:
    assert gated(step) == "fail"
    assert gated(step, "TRIVY_EXIT_CODE: '1'") == "pass"
    assert gated(step, "TRIVY_EXIT_CODE: '0'") == "fail"
    assert gated(step, "TRIVY_EXIT_CODE: '1', TRIVY_SEVERITY: 'CRITICAL,HIGH'") == "pass"
    assert gated(step, "TRIVY_EXIT_CODE: '1', TRIVY_SEVERITY: 'LOW,MEDIUM'") == "fail"
    assert gated(step, "TRIVY_EXIT_CODE: '1', TRIVY_SCANNERS: secret") == "fail"


def test_an_option_counts_more_than_its_variable() -> None:
    assert gated(TRIVY.replace("image ", "image --exit-code 0 "), "TRIVY_EXIT_CODE: '1'") == "fail"
    assert gated(TRIVY.replace("image ", "image --severity HIGH "), "TRIVY_EXIT_CODE: '1', TRIVY_SEVERITY: LOW") == "pass"


@pytest.mark.parametrize("step", [TRIVY, ACTION])
def test_trivys_own_file_may_make_it_fail(step: str) -> None:
    assert gated(step, trivy__yaml="exit-code: 1\n") == "pass"
    assert gated(step, trivy__yaml="exit-code: 0\n") == "fail"


def test_so_may_that_of_grype() -> None:
    assert gated(GRYPE, __grype__yaml="fail-on-severity: high\n") == "pass"
    assert gated(GRYPE, __grype__yaml="only-fixed: true\n") == "fail"


@pytest.mark.parametrize("step", [TRIVY, ACTION])
def test_a_file_that_nobody_has_checked_out_sets_nothing(step: str) -> None:
    assert gated(step, before="- run: echo no checkout", trivy__yaml="exit-code: 1\n") == "fail"
