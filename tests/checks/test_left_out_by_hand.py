"""Signatures and tests that whoever starts a release by hand may leave out, by a choice that the workflow offers."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, repository_of, workflow
from trees import judge

INPUTS = {
    "boolean": "{type: boolean, default: true}",
    "choice": "{type: choice, options: ['yes', 'no']}",
    "one choice": "{type: choice, options: ['yes']}",
    "string": "{type: string, required: true}",
}


def by_hand(kind: str, *steps: str, other: str = "") -> dict[str, str | bytes | None]:
    """A release by hand of these steps, with an input called `ok` of some kind."""
    on = f"{{workflow_dispatch: {{inputs: {{ok: {INPUTS[kind]}}}}}{other}}}"
    return repository_of(workflow(on, release=job("- uses: actions/checkout@v5", *steps)))


def only_if(step: str, condition: str) -> str:
    """A step under a condition."""
    return f"{step.rstrip()}\n  if: ${{{{ {condition} }}}}\n"


@pytest.mark.parametrize(
    ("kind", "condition", "expected"),
    [
        ("boolean", "inputs.ok", "fail"),
        ("boolean", "!inputs.ok", "fail"),
        ("boolean", "inputs.ok == true", "fail"),
        ("boolean", "github.event.inputs.ok != 'false'", "fail"),
        ("boolean", "inputs.ok != 'true'", "pass"),  # the word is no number, and so never equal to either of them
        ("boolean", "inputs.ok != 'false'", "pass"),
        ("boolean", "inputs.ok == 'true'", "fail"),
        ("boolean", "inputs.ok == 'true' || inputs.ok == true", "fail"),
        ("boolean", "inputs.ok == 1", "unknown"),
        ("boolean", "inputs.ok == 2", "fail"),
        ("boolean", "inputs.ok && vars.KEY != ''", "fail"),
        ("boolean", "inputs.ok || vars.KEY != ''", "unknown"),
        ("choice", "inputs.ok == 'yes'", "fail"),
        ("choice", "inputs.ok != 'maybe'", "unknown"),
        ("one choice", "inputs.ok == 'yes'", "unknown"),
        ("string", "inputs.ok != ''", "unknown"),
    ],
)
def test_a_signature_that_somebody_may_leave_out(kind: str, condition: str, expected: str) -> None:
    assert judge("build-signed", by_hand(kind, PUSH, only_if(SIGN, condition), SHIP)).verdict == expected


@pytest.mark.parametrize(("condition", "expected"), [("inputs.sign", "fail"), ("inputs.sign != 'true'", "pass")])
def test_a_choice_that_is_handed_to_a_workflow_is_a_choice_there(condition: str, expected: str) -> None:
    release = job(PUSH, only_if(SIGN, condition), SHIP)
    called = workflow("{workflow_call: {inputs: {sign: {type: boolean}}}}", release=release)
    calls = "uses: ./.github/workflows/called.yml\nwith: {sign: '${{ inputs.ok }}'}\n"
    rights = "permissions: {id-token: write, packages: write, contents: write, attestations: write}\n"
    on = f"{{workflow_dispatch: {{inputs: {{ok: {INPUTS['boolean']}}}}}}}"
    tree = repository_of(workflow(on, release=rights + calls), **{".github/workflows/called.yml": called})
    assert judge("build-signed", tree).verdict == expected


@pytest.mark.parametrize(
    ("on", "condition", "expected"),
    [
        ("push", "inputs.sign", "pass"),
        ("push", "github.event.inputs.sign", "fail"),
        ("push", "github.event.inputs.sign != 'false'", "pass"),
        ("{workflow_dispatch: {inputs: {sign: {type: boolean}}}}", "github.event.inputs.sign == 'true'", "fail"),
        ("{workflow_dispatch: {inputs: {other: {type: string}}}}", "github.event.inputs.sign", "unknown"),
    ],
)
def test_the_event_of_a_called_workflow_is_that_of_its_caller(on: str, condition: str, expected: str) -> None:
    """What the call hands over stands in `inputs` alone; of a push `github.event.inputs` has nothing."""
    release = job(PUSH, only_if(SIGN, condition), SHIP)
    called = workflow("{workflow_call: {inputs: {sign: {type: boolean, default: true}}}}", release=release)
    rights = "permissions: {id-token: write, packages: write, contents: write, attestations: write}\n"
    calls = workflow(on, release=f"{rights}uses: ./.github/workflows/called.yml\n")
    tree = repository_of(calls, **{".github/workflows/called.yml": called})
    assert judge("build-signed", tree).verdict == expected


def test_tests_that_somebody_may_leave_out() -> None:
    tests = [only_if(f"- run: {each}", "!inputs.ok") for each in ("go test ./...", "pytest")]
    assert judge("tests-gate-release", by_hand("boolean", *tests, SHIP)).verdict == "fail"
    assert judge("tests-gate-release", by_hand("boolean", tests[0], "- run: pytest", SHIP)).verdict == "pass"


def test_what_is_released_under_the_same_choice_is_not_without() -> None:
    ship = only_if(SHIP, "inputs.ok == true")
    sign = only_if(SIGN, "inputs.ok")
    assert judge("build-signed", by_hand("boolean", PUSH, sign, ship)).verdict != "fail"
    assert judge("build-signed", by_hand("boolean", PUSH, sign, only_if(SHIP, "inputs.ok"))).verdict == "pass"


def test_one_of_two_signatures_is_always_there() -> None:
    steps = (PUSH, only_if(SIGN, "inputs.ok"), only_if(SIGN.replace("--yes", "--yes --key k"), "!inputs.ok"), SHIP)
    assert judge("build-signed", by_hand("boolean", *steps)).verdict != "fail"


def test_a_setting_of_the_repository_is_out_of_sight() -> None:
    sign = only_if(SIGN, "vars.SIGN == 'true'")
    assert judge("build-signed", by_hand("boolean", PUSH, sign, SHIP)).verdict == "unknown"


def test_a_release_that_asks_for_the_success_of_the_job_that_signs_waits_for_it() -> None:
    image = job(PUSH, SIGN, needs="test", if_="${{ !failure() && !inputs.ok }}")
    asks = "${{ !failure() && needs.image.result == 'success' }}"
    jobs = {"test": job("- run: pytest"), "image": image, "release": job(SHIP, needs="[test, image]", if_=asks)}
    on = f"{{workflow_dispatch: {{inputs: {{ok: {INPUTS['boolean']}}}}}}}"
    assert judge("build-signed", repository_of(workflow(on, **jobs))).verdict == "pass"
    jobs["release"] = job(SHIP, needs="[test, image]", if_="${{ !failure() }}")
    assert judge("build-signed", repository_of(workflow(on, **jobs))).verdict != "pass"


@pytest.mark.parametrize(
    ("asked", "condition", "expected"),
    [
        ("startsWith(github.ref, 'refs/tags/v')", "!inputs.ok", "fail"),
        ("github.ref_type == 'tag'", "!inputs.ok", "fail"),
        ("startsWith(github.ref, 'refs/tags/v')", "github.event_name != 'issues'", "pass"),
        ("github.event_name == 'push'", "!inputs.ok", "pass"),
        ("startsWith(github.ref, 'refs/tags/v') && github.event_name == 'push'", "!inputs.ok", "pass"),
    ],
)
def test_a_run_by_hand_may_be_of_a_tag(asked: str, condition: str, expected: str) -> None:
    on = f"{{push: {{tags: ['v*']}}, workflow_dispatch: {{inputs: {{ok: {INPUTS['boolean']}}}}}}}"
    test = job("- uses: actions/checkout@v5", only_if("- run: pytest", condition))
    release = job(SHIP, needs="test", if_=f"${{{{ {asked} }}}}")
    assert judge("tests-gate-release", repository_of(workflow(on, test=test, release=release))).verdict == expected
