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


def matrix(*runners: str) -> str:
    return f"${{{{ matrix.os }}}}\nstrategy: {{matrix: {{os: [{', '.join(runners)}]}}}}"


SIGN_IF = SIGN.replace("- run", "- if: %s\n  run")
UNLESS = "- run: |\n    if [ \"$%s\" = '%s' ]; then exit 0; fi\n    " + SIGN.strip().removeprefix("- run: ") + "\n"


@pytest.mark.parametrize(
    ("runner", "step", "expected"),
    [
        (matrix("ubuntu-24.04", "ubuntu-24.04-arm"), SIGN_IF % "runner.os == 'Linux'", "pass"),
        (matrix("ubuntu-24.04", "windows-2025"), SIGN_IF % "runner.os == 'Linux'", "fail"),
        (matrix("ubuntu-24.04", "my-runner"), SIGN_IF % "runner.os == 'Linux'", "unknown"),
        ("ubuntu-24.04", SIGN_IF % "runner.arch == 'X64'", "pass"),
        ("ubuntu-24.04-arm", SIGN_IF % "runner.arch == 'X64'", "fail"),
        ("macos-13", SIGN_IF % "runner.arch == 'X64'", "pass"),
        ("macos-15", SIGN_IF % "runner.arch == 'ARM64'", "pass"),
        ("macos-15-large", SIGN_IF % "runner.arch == 'ARM64'", "fail"),
        ("ubuntu-24.04-xlarge", SIGN_IF % "runner.arch == 'X64'", "unknown"),
        ("ubuntu-24.04", UNLESS % ("RUNNER_OS", "Windows"), "pass"),
        ("ubuntu-24.04", UNLESS % ("RUNNER_ARCH", "X64"), "fail"),
        ("my-ubuntu", UNLESS % ("RUNNER_OS", "Windows"), "unknown"),
        (matrix("ubuntu-24.04", "windows-2025"), UNLESS % ("RUNNER_OS", "Windows"), "unknown"),
    ],
)
def test_what_a_runner_is_says_its_name(runner: str, step: str, expected: str) -> None:
    assert verdict(PUSH, step, SHIP, runner=runner) == expected
