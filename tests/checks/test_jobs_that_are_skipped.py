"""A skipped job has neither succeeded nor failed: who only asks that nothing has failed does not wait for it."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, job, repository_of, workflow
from trees import judge

BUILD = job(PUSH, outputs="{digest: '${{ steps.push.outputs.digest }}'}")
SIGN = '- run: cosign sign --yes "ghcr.io/acme/shop@${{ needs.build.outputs.digest }}"'
LINT = job("- run: 'true'", if_="github.event_name == 'pull_request'")
UNLESS_FAILED = "${{ !failure() && !cancelled() }}"
IF_ASKED_FOR = "${{ !failure() && !cancelled() && vars.SIGN == 'yes' }}"


def after_lint(sign_if: str = "", ship_if: str = UNLESS_FAILED) -> str:
    """A signer that needs a job which tags skip, and a release that needs the signer."""
    condition = {"if_": sign_if} if sign_if else {}
    sign = job(SIGN, needs="[build, lint]", **condition)
    return workflow(build=BUILD, lint=LINT, sign=sign, ship=job(SHIP, needs="[build, sign]", if_=ship_if))


def on_demand(ship_if: str) -> str:
    """A signer that only a variable asks for."""
    sign = job(SIGN, needs="build", if_="vars.SIGN == 'yes'")
    return workflow(build=BUILD, sign=sign, ship=job(SHIP, needs="[build, sign]", if_=ship_if))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param(after_lint(), "fail", id="the signer is skipped with what it needs, the release is not"),
        pytest.param(after_lint(UNLESS_FAILED), "pass", id="neither is skipped"),
        pytest.param(after_lint("success() || failure()"), "fail", id="the signer asks for an outcome"),
        pytest.param(after_lint("success() || vars.SIGN == 'yes'"), "unknown", id="the signer asks for a variable"),
        pytest.param(on_demand(UNLESS_FAILED), "unknown", id="the release comes without being asked for"),
        pytest.param(on_demand(IF_ASKED_FOR), "pass", id="both are asked for"),
        pytest.param(on_demand("success()"), "pass", id="the release is skipped with the signer"),
    ],
)  # fmt: skip
def test_what_comes_after(text: str, verdict: str) -> None:
    assert judge("build-signed", repository_of(text)).verdict == verdict


CALLED = """
on: {workflow_call: {secrets: {KEY: {required: false}}}}
jobs:
  release:
    runs-on: ubuntu-24.04
    ENVIRONMENT
    permissions: {packages: write, contents: write}
    env: {KEY: '${{ secrets.KEY }}'}
    steps:
      - {id: push, uses: docker/build-push-action@v6, with: {push: true, tags: 'ghcr.io/acme/shop:1'}}
      - if: env.KEY != ''
        run: cosign sign --yes --key env://KEY ghcr.io/acme/shop@${{ steps.push.outputs.digest }}
      - run: gh release create v1
"""


@pytest.mark.parametrize(
    ("secrets", "environment", "verdict"),
    [
        ("", "", "fail"),
        ("secrets: {OTHER: '${{ secrets.KEY }}'}\n", "", "fail"),
        ("secrets: {KEY: '${{ secrets.COSIGN }}'}\n", "", "unknown"),
        ("secrets: inherit\n", "", "unknown"),
        ("", "environment: production", "unknown"),
    ],
)
def test_a_secret_that_nobody_hands_over_is_empty(secrets: str, environment: str, verdict: str) -> None:
    call = f"uses: ./.github/workflows/called.yml\npermissions: {{packages: write, contents: write}}\n{secrets}"
    files = {".github/workflows/called.yml": CALLED.replace("ENVIRONMENT", environment)}
    assert judge("build-signed", repository_of(workflow(release=call)) | files).verdict == verdict


@pytest.mark.parametrize(
    ("secrets", "environment", "verdict"),
    [
        ("", "", "fail"),
        ("secrets: {OTHER: '${{ secrets.KEY }}'}\n", "", "fail"),
        ("secrets: {KEY: '${{ secrets.COSIGN }}'}\n", "", "pass"),
        ("secrets: inherit\n", "", "pass"),
        ("", "environment: production", "pass"),
    ],
)
def test_a_key_that_no_caller_hands_over_signs_nothing(secrets: str, environment: str, verdict: str) -> None:
    call = f"uses: ./.github/workflows/called.yml\npermissions: {{packages: write, contents: write}}\n{secrets}"
    files = {
        ".github/workflows/called.yml": CALLED.replace("if: env.KEY != ''\n        ", "").replace(
            "ENVIRONMENT", environment
        )
    }
    assert judge("build-signed", repository_of(workflow(release=call)) | files).verdict == verdict


@pytest.mark.parametrize(
    "condition",
    [
        "needs.scan.outputs.go == 'true'",
        "needs.scan.outputs.go",
        "contains(needs.scan.outputs.go, 'shop')",
        "needs.scan.outputs.go != 'true'",
    ],
)
@pytest.mark.parametrize(
    "called",
    ["acme/ci/.github/workflows/scan.yml", "google/osv-scanner-action/.github/workflows/osv-scanner-reusable.yml"],
)
def test_what_a_workflow_elsewhere_says_is_not_empty(condition: str, called: str) -> None:
    scan = f"uses: {called}@{'1' * 40}\npermissions: {{contents: read}}\n"
    more = job("- run: go build -o shop . && gh release upload v1 shop", needs="scan", if_=f"${{{{ {condition} }}}}")
    signed = job(PUSH, '- run: cosign sign --yes "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"', SHIP)
    assert judge("build-signed", repository_of(workflow(release=signed, scan=scan, more=more))).verdict == "fail"
