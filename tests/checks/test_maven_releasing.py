"""Maven's release plugin, which starts builds of its own: whether they test, and whether their failure counts."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, workflow
from trees import judge

BY_HAND = "{workflow_dispatch: {inputs: {dry_run: {type: boolean, default: false}, keep: {type: string}}}}"


def pom(plugin: str = "", properties: str = "") -> str:
    release = f"<plugin><artifactId>maven-release-plugin</artifactId><configuration>{plugin}</configuration></plugin>"
    return f"<project><properties>{properties}</properties><build><plugins>{release}</plugins></build></project>"


def verdict(text: str, run: str = "mvn -B release:prepare release:perform", forgiven: str = "false") -> str:
    steps = f"- run: {run}\n  continue-on-error: {forgiven}"
    tree = repository_of(workflow(BY_HAND, release=job(steps)), **{"pom.xml": text})
    return judge("tests-gate-release", tree).verdict


@pytest.mark.parametrize(
    ("text", "run", "expected"),
    [
        (pom(), "mvn -B release:prepare release:perform", "pass"),
        (pom("<goals>deploy</goals>"), "mvn -B release:perform", "pass"),
        (pom("<arguments>-DskipTests</arguments>"), "mvn -B release:perform", "fail"),
        (pom("<arguments>-Prelease -Dmaven.test.skip=true</arguments>"), "mvn -B release:perform", "fail"),
        (pom(properties="<arguments>-DskipTests=true</arguments>"), "mvn -B release:perform", "fail"),
        (pom(), "mvn -B release:perform -Darguments=-DskipTests", "fail"),
        (pom(), "mvn -B release:perform -Darguments='-Prelease -DskipTests'", "fail"),
        (pom(), "mvn -B release:perform -DskipTests", "unknown"),  # whether it is passed on depends on the plugin
        (pom("<goals>deploy:deploy</goals>"), "mvn -B release:perform", "fail"),
        (pom(), "mvn -B release:perform -Dgoals=deploy:deploy", "fail"),
        (pom(), "mvn -B deploy:deploy", "fail"),
        (pom(), "mvn -B release:perform -Darguments=$ARGUMENTS", "unknown"),
    ],
)
def test_a_release_runs_the_tests_unless_it_is_told_not_to(text: str, run: str, expected: str) -> None:
    assert verdict(text, run) == expected


@pytest.mark.parametrize(
    ("forgiven", "expected"),
    [
        ("${{ github.event.inputs.dry_run == false }}", "pass"),  # a text is no boolean, so it never is
        ("${{ github.event.inputs.dry_run != true }}", "fail"),
        ("${{ inputs.dry_run == false }}", "fail"),
        ("${{ github.event.inputs.dry_run == 'false' }}", "fail"),
        ("${{ github.event.inputs.keep == false }}", "fail"),  # which may be empty, or a zero
    ],
)
def test_what_somebody_ticks_is_a_text_in_the_event(forgiven: str, expected: str) -> None:
    assert verdict(pom(), forgiven=forgiven) == expected


def test_a_pom_that_is_not_here_is_named_as_what_it_is() -> None:
    tree = repository_of(workflow(BY_HAND, release=job("- run: mvn -B deploy")))
    assert "Maven is told by a pom.xml that is not in this repository" in str(judge("tests-gate-release", tree).reason)
