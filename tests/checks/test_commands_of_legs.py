"""Commands that are others in each leg of a matrix, and commands of which only a run knows what they are."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

CHECKOUT = "- uses: actions/checkout@v4\n"
SEVERAL = "command: [cargo build, cargo test, cargo clippy]"
ACTION = """
name: timed
description: runs a command
inputs: {command: {description: what, required: true}}
runs: {using: composite, steps: [{shell: bash, run: 'bash -c "${{ inputs.command }}"'}]}
"""


def run_in_legs(step: str, matrix: str = f"{{{SEVERAL}}}", **keys: str) -> dict[str, str | bytes | None]:
    legs = job(CHECKOUT, step, strategy=f"{{matrix: {matrix}}}", **keys)
    files = repository_of(workflow(quality=legs, release=job(CHECKOUT, PUSH, SHIP, needs="quality")))
    files[".github/actions/timed/action.yml"] = ACTION
    return files


@pytest.mark.parametrize(
    "step",
    [
        "- run: ${{ matrix.command }}\n",
        '- run: bash -c "${{ matrix.command }}"\n',
        '- {run: eval "$COMMAND", env: {COMMAND: "${{ matrix.command }}"}}\n',
        '- {uses: ./.github/actions/timed, with: {command: "${{ matrix.command }}"}}\n',
    ],
)
def test_each_leg_runs_its_own_command(step: str) -> None:
    assert judge("tests-gate-release", run_in_legs(step)).verdict == "pass"
    assert judge("tests-gate-release", run_in_legs(step, "{command: [cargo build, cargo clippy]}")).verdict == "fail"
    nobody_knows = run_in_legs(step, "'${{ fromJSON(vars.LEGS) }}'")
    assert judge("tests-gate-release", nobody_knows).verdict == "unknown"


@pytest.mark.parametrize(
    ("step", "matrix", "expected"),
    [
        ("- run: ${{ matrix.command }} || true\n", f"{{{SEVERAL}}}", "fail"),
        ("- {run: '${{ matrix.command }}', if: vars.ON}\n", f"{{{SEVERAL}}}", "unknown"),
        ("- run: ${{ matrix.tool }}\n", "{tool: [pytest, mypy]}", "pass"),
        ("- run: ${{ matrix.tool }} .\n", "{tool: [ruff, mypy]}", "fail"),
        ("- run: go ${{ matrix.verb }} ./...\n", "{verb: [vet, test]}", "pass"),
        ("- run: go ${{ matrix.verb }} ./...\n", "{verb: [vet, build]}", "fail"),
        ("- run: cargo ${{ matrix.verb }} --locked\n", "{include: [{verb: clippy}, {verb: test}]}", "pass"),
        ("- run: cargo ${{ matrix.verb }} --locked\n", "{verb: [clippy, fmt]}", "fail"),
        ("- run: ./gradlew ${{ matrix.task }}\n", "{task: [lint, test]}", "pass"),
        ("- {run: 'dotnet $VERB', env: {VERB: '${{ matrix.verb }}'}}\n", "{verb: [format, test]}", "pass"),
        ("- run: cargo ${{ matrix.verb }} || true\n", "{verb: [clippy, test]}", "fail"),
        (
            "- {run: '${{ matrix.command }}', continue-on-error: '${{ matrix.free }}'}\n",
            "{include: [{command: pytest -q, free: false}, {command: mypy ., free: true}]}",
            "pass",
        ),
        (
            "- {run: '${{ matrix.command }}', continue-on-error: '${{ matrix.free }}'}\n",
            "{include: [{command: pytest -q, free: true}, {command: mypy ., free: false}]}",
            "fail",
        ),
    ],
)
def test_what_holds_in_the_leg_that_tests_counts(step: str, matrix: str, expected: str) -> None:
    assert judge("tests-gate-release", run_in_legs(step, matrix)).verdict == expected


def test_what_a_leg_ships_waits_for_what_the_same_leg_proves() -> None:
    own = "{include: [{ship: gh release create v1}, {ship: gh release create v2}]}"
    ship = "- run: ${{ matrix.ship }}\n"
    for steps, expected in ((SIGN, ship), "pass"), ((ship, SIGN), "fail"):
        files = released_by(PUSH, *steps, strategy=f"{{matrix: {own}}}")
        assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize("shell", ["bash -c", "sh -c", "timeout 9 bash -ec"])
def test_what_a_shell_is_handed_is_nothing_harmless_where_nobody_knows_it(shell: str) -> None:
    step = f'- {{run: {shell} "$COMMAND", env: {{COMMAND: "${{{{ vars.COMMAND }}}}"}}}}\n'
    assert judge("build-signed", released_by(PUSH, step, SIGN, SHIP)).verdict == "unknown"
    assert judge("tests-gate-release", released_by(step, PUSH, SHIP)).verdict == "unknown"


PIPELINE = """
stages: [test, deploy]
quality:
  stage: test
  parallel: {matrix: [{COMMAND: [cargo build, %s]}]}
  script: [%s]
release:
  stage: deploy
  image: docker:27
  rules: [{if: $CI_COMMIT_TAG}]
  script: ["docker build -t $CI_REGISTRY_IMAGE:1 .", "docker push $CI_REGISTRY_IMAGE:1"]
"""


@pytest.mark.parametrize("script", ["$COMMAND", "'bash -c \"$COMMAND\"'", "'eval $COMMAND'"])
def test_each_leg_of_a_pipeline_of_gitlab_runs_its_own_command(script: str) -> None:
    for command, expected in (("cargo test", "pass"), ("cargo clippy", "fail"), ("$OF_SETTINGS", "unknown")):
        assert judge("tests-gate-release", {".gitlab-ci.yml": PIPELINE % (command, script)}).verdict == expected
