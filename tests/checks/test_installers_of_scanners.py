"""The scanner's makers' own installer, as its documentation says."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge, judge_all

INSTALL = 'curl -sSfL https://get.anchore.io/grype | sh -s -- -b "$RUNNER_TEMP/bin" v0.104.0'
SCAN = '"$RUNNER_TEMP/bin/grype" "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}" --fail-on high'
SYFT = "${{ steps.syft.outputs.cmd }}"


def test_it_installs_what_it_is_named_for() -> None:
    step = f"- run: |\n    {INSTALL}\n    {SCAN}\n"
    assert judge_all(["vulnerabilities-gated", "build-signed"], released_by(PUSH, SIGN, step, SHIP)) == ["pass"] * 2


@pytest.mark.parametrize(
    ("how", "expected"), [("--fail-on high", "pass"), ("", "fail"), ("--fail-on high | tee grype.txt", "fail")]
)
def test_an_action_says_where_the_scanner_stands(how: str, expected: str) -> None:
    install = "- uses: anchore/scan-action/download-grype@v7\n  id: grype\n"
    scan = '- run: ${{ steps.grype.outputs.cmd }} "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}" '
    files = released_by(PUSH, SIGN, install, f"{scan}{how}\n", SHIP)
    assert judge("vulnerabilities-gated", files).verdict == expected
    assert judge("build-signed", files).verdict == "pass"


def test_an_action_says_where_the_maker_of_sboms_stands() -> None:
    install = "- uses: anchore/sbom-action/download-syft@v0\n  id: syft\n"
    describe = f"- run: {SYFT} ghcr.io/acme/shop@${{{{ steps.push.outputs.digest }}}} -o spdx-json=sbom.json\n"
    ship = "- run: gh release create v1 sbom.json\n"
    assert judge("sbom-generated", released_by(PUSH, install, describe, ship)).verdict == "pass"
