"""Pipelines of GitLab whose jobs stand in another project, which is handed in, or is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from goldenpath.handed_in import HandedIn, Source
from pipelines import GOOD, on_gitlab
from trees import judge, source

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

PROJECT = "acme/platform/ci"
INCLUDE = f"include:\n  - project: {PROJECT}\n    ref: v2\n    file: /release.yml\n"
COMPONENT = f"include:\n  - component: $CI_SERVER_FQDN/{PROJECT}/release@v2\n"
SIGN = '    - cosign sign --yes "$IMAGE@$DIGEST"\n'


def lent(ref: str = "v2", **files: str) -> Source:
    return source(PROJECT, ref, {path.replace("__", "/").replace("_yml", ".yml"): text for path, text in files.items()})


def of(pipeline: str, *sources: Source, check: str = "build-signed") -> Outcome:
    return judge(check, on_gitlab(pipeline), handed_in=HandedIn(sources))


def test_a_project_that_is_handed_in_is_followed() -> None:
    outcome = of(INCLUDE, lent(release_yml=GOOD))
    assert outcome.verdict == "pass"
    assert {each.source for each in outcome.evidence} == {f"{PROJECT}@v2"}
    assert of(INCLUDE, lent(release_yml=GOOD.replace(SIGN, ""))).verdict == "fail"
    assert of(INCLUDE).verdict == "unknown"


def test_what_is_not_handed_in_says_how_it_would_be() -> None:
    for include, name in ((INCLUDE, "the project"), (COMPONENT, "the component")):
        outcome = of(include)
        assert outcome.reason is not None
        assert outcome.reason.startswith(name)
        assert outcome.fix is not None
        assert f"--source {PROJECT}@v2=PATH" in outcome.fix.summary
    assert of("include:\n  - project: acme/$CI\n    file: a.yml\n").fix is None
    assert of("include: [{remote: 'https://acme.example/a.yml'}]\n").fix is None


@pytest.mark.parametrize("path", ["templates__release_yml", "templates__release__template_yml"])
def test_a_component_is_found_where_components_stand(path: str) -> None:
    text = "spec:\n  inputs:\n    with:\n      default: cosign\n---\n" + GOOD.replace(
        "cosign sign", "$[[ inputs.with ]] sign"
    )
    assert of(COMPONENT, lent(**{path: text})).verdict == "pass"
    assert of(f"{COMPONENT}    inputs: {{with: echo}}\n", lent(**{path: text})).verdict == "fail"


def test_its_own_local_files_are_its_own() -> None:
    files = {"release_yml": "include: [{local: jobs/all.yml}]\n", "jobs__all_yml": GOOD}
    assert of(INCLUDE, lent(**files)).verdict == "pass"
    assert (
        judge(
            "build-signed", on_gitlab(INCLUDE, **{"jobs/all.yml": GOOD}), handed_in=HandedIn((lent(**files),))
        ).verdict
        == "pass"
    )


def test_what_the_repository_says_lies_over_it() -> None:
    weak = f'{INCLUDE}build:\n  script: [docker buildx build --push -t "$IMAGE:1" .]\n'
    assert of(weak, lent(release_yml=GOOD)).verdict != "pass"


@pytest.mark.parametrize("ref", ["v3", "main"])
def test_another_ref_is_another_project(ref: str) -> None:
    assert of(INCLUDE, lent(ref, release_yml=GOOD)).verdict == "unknown"
    assert of(INCLUDE, lent("", release_yml=GOOD)).verdict == "pass"


def test_a_file_that_is_not_there_is_told() -> None:
    outcome = of(INCLUDE, lent(other_yml=GOOD))
    assert outcome.verdict == "unknown"
    assert f"{PROJECT}@v2 was handed in, and has no release.yml" in (outcome.reason or "")


def test_handing_it_in_pins_nothing() -> None:
    assert of(INCLUDE, lent(release_yml=GOOD), check="actions-pinned").verdict == "fail"


def test_a_circle_through_two_projects_ends() -> None:
    circle = f"include:\n  - {{project: {PROJECT}, ref: v2, file: release.yml}}\n"
    assert of(INCLUDE, lent(release_yml=circle)).verdict == "unknown"


def test_a_pipeline_that_is_started_may_be_handed_in_too() -> None:
    include = f"[{{project: {PROJECT}, ref: v2, file: release.yml}}]"
    start = f"go:\n  trigger:\n    strategy: depend\n    include: {include}\n"
    assert of(start, lent(release_yml=GOOD)).verdict == "pass"
    assert of(start).verdict == "unknown"
