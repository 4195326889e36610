"""The scanner's makers' own installer, as its documentation says."""

from __future__ import annotations

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge_all

INSTALL = 'curl -sSfL https://get.anchore.io/grype | sh -s -- -b "$RUNNER_TEMP/bin" v0.104.0'
SCAN = '"$RUNNER_TEMP/bin/grype" "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}" --fail-on high'


def test_it_installs_what_it_is_named_for() -> None:
    step = f"- run: |\n    {INSTALL}\n    {SCAN}\n"
    assert judge_all(["vulnerabilities-gated", "build-signed"], released_by(PUSH, SIGN, step, SHIP)) == ["pass"] * 2
