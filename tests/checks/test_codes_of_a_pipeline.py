"""Tests whose code is taken from the pipeline that they stand in."""

from __future__ import annotations

import pytest

from releasing import SHIP, released_by
from trees import judge


def gated(*lines: str) -> str:
    """What is said of a release that waits for these lines, in GitHub's own shell, which has no pipefail."""
    step = "- run: |\n" + "".join(f"    {line}\n" for line in lines)
    return judge("tests-gate-release", released_by("- uses: actions/checkout@v5", step, SHIP)).verdict


@pytest.mark.parametrize(
    ("code", "expected"), [("${PIPESTATUS[0]}", "pass"), ("${PIPESTATUS[1]}", "fail"), ("0", "fail")]
)
def test_the_code_of_one_of_its_commands_decides(code: str, expected: str) -> None:
    assert gated("go test ./... | tee test.log | tail -n 5", f"exit {code}") == expected


def test_it_is_that_of_the_last_pipeline() -> None:
    assert gated("go test ./... | tee test.log", "echo done", "exit ${PIPESTATUS[0]}") != "pass"
    assert gated("go test ./... | tee test.log", "code=${PIPESTATUS[0]}", "echo done", "exit $code") == "pass"
    assert gated("go test ./... | tee test.log", "cat test.log | wc -l", "exit ${PIPESTATUS[0]}") != "pass"
