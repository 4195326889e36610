"""Tests that a variable, or a file of the program that runs them, leaves out or forgives."""

from __future__ import annotations

import pytest

from releasing import SHIP, released_by
from trees import judge

CHECKOUT = "- uses: actions/checkout@v5"


def gated(command: str, variable: str = "", files: dict[str, str] | None = None) -> str:
    """What is said of a release that waits for this command, run with a variable and beside files."""
    step = f"- run: {command}\n" + (f"  env: {{{variable}}}\n" if variable else "")
    tree = released_by(CHECKOUT, step, SHIP) | {"pom.xml": "<project/>"} | (files or {})
    return judge("tests-gate-release", tree).verdict


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("mvn -B verify", "MAVEN_ARGS: -DskipTests"),
        ("./mvnw -B verify", 'MAVEN_OPTS: "-Xmx2g -Dmaven.test.skip=true"'),
        ("mvn -B verify", "MAVEN_ARGS: -Dmaven.test.failure.ignore=true"),
        ("pytest", "PYTEST_ADDOPTS: --collect-only"),
        ("uv run pytest -q", 'PYTEST_ADDOPTS: "-q --co"'),
        ("go test ./...", "GOFLAGS: -count=0"),
        ("PYTEST_ADDOPTS=--collect-only pytest", ""),
        ("export MAVEN_ARGS=-DskipTests && mvn -B verify", ""),
        ("env GOFLAGS=-count=0 go test ./...", ""),
    ],
)
def test_tests_that_a_variable_leaves_out_gate_nothing(command: str, variable: str) -> None:
    assert gated(command, variable) == "fail"


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("mvn -B verify", "MAVEN_ARGS: --no-transfer-progress"),
        ("pytest", "PYTEST_ADDOPTS: --maxfail=3"),
        ("go test ./...", "GOFLAGS: -mod=readonly"),
        ("pytest", "MAVEN_ARGS: -DskipTests"),
    ],
)
def test_other_variables_change_nothing(command: str, variable: str) -> None:
    assert gated(command, variable) == "pass"


def test_the_words_of_mavens_own_file_count() -> None:
    assert gated("mvn verify", files={".mvn/maven.config": "-B\n-DskipTests\n"}) == "fail"
    assert gated("mvn verify", files={".mvn/maven.config": "-B\n-T1C\n"}) == "pass"


SKIPS = "<properties><skipTests>true</skipTests></properties>"


@pytest.mark.parametrize(
    ("pom", "expected"),
    [
        (f"<project>{SKIPS}</project>", "unknown"),
        ("<project><build><testFailureIgnore>true</testFailureIgnore></build></project>", "unknown"),
        (f"<project><!-- {SKIPS} --></project>", "pass"),
        (f"<project><profiles><profile>{SKIPS}</profile></profiles></project>", "pass"),
        ("<project><properties><skipTests>false</skipTests></properties></project>", "pass"),
    ],
)
def test_what_a_pom_says_of_its_tests_is_heeded(pom: str, expected: str) -> None:
    assert gated("mvn verify", files={"pom.xml": pom}) == expected


def test_gradle_may_ignore_that_tests_fail() -> None:
    ignoring = {"build.gradle.kts": "tasks.test {\n    ignoreFailures = true\n}\n"}
    assert gated("./gradlew check", files=ignoring) == "unknown"
    assert gated("./gradlew check", files={"build.gradle.kts": "// ignoreFailures = true\n"}) == "pass"
