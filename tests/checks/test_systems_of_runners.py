"""Steps for one system: on GitHub's own runners it is known which of them run."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

ELSEWHERE = "- if: runner.os == 'Windows'\n  shell: cmd\n  run: install.cmd\n"
LEGS = "${{ matrix.os }}\nstrategy: {matrix: {os: [ubuntu-24.04, windows-2025]}}"


def verdict(*steps: str, runner: str) -> str:
    tree = released_by(*steps)
    path = ".github/workflows/release.yml"
    indented = runner.replace("\n", "\n    ")
    return judge("build-signed", {**tree, path: str(tree[path]).replace("ubuntu-24.04", indented, 1)}).verdict


@pytest.mark.parametrize("runner", ["ubuntu-latest", "ubuntu-24.04-arm", "[ubuntu-24.04]", "macos-15"])
def test_a_step_for_another_system_does_nothing(runner: str) -> None:
    assert verdict(PUSH, ELSEWHERE, SIGN, SHIP, runner=runner) == "pass"
    assert verdict(PUSH, SIGN.replace("- run", "- if: runner.os == 'Windows'\n  run"), SHIP, runner=runner) == "fail"


@pytest.mark.parametrize(
    "runner", ["windows-2025", "my-ubuntu", "ubuntu-of-acme", "[self-hosted, linux]", "{group: ubuntu-24.04}", LEGS]
)
def test_a_step_may_run_on_a_runner_of_which_the_system_is_not_known(runner: str) -> None:
    assert verdict(PUSH, ELSEWHERE, SIGN, SHIP, runner=runner) == "unknown"


def test_a_step_for_the_own_system_surely_runs() -> None:
    sign = SIGN.replace("- run", "- if: runner.os == 'Linux'\n  run")
    assert verdict(PUSH, sign, SHIP, runner="ubuntu-latest") == "pass"
    assert verdict(PUSH, sign, SHIP, runner="my-ubuntu") != "pass"
