"""Charts that are tested before they are pushed."""

from __future__ import annotations

import pytest

from releasing import released_by
from trees import judge

PUSH = "- run: helm push shop-1.2.tgz oci://ghcr.io/acme/charts"


@pytest.mark.parametrize("command", ["helm unittest charts/shop", "ct install --all", "ct lint-and-install"])
def test_a_chart_that_waits_for_its_tests_is_gated(command: str) -> None:
    assert judge("tests-gate-release", released_by(f"- run: {command}", PUSH)).verdict == "pass"


def test_a_chart_that_is_only_linted_is_not() -> None:
    assert judge("tests-gate-release", released_by("- run: helm lint charts/shop --strict", PUSH)).verdict == "fail"
