"""Jobs that say by an output how something went, or hand it on, where nobody follows what becomes of it."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, repository_of, workflow
from trees import judge

OK = "{ok: '${{ steps.test.outputs.ok }}'}"
RESULT = "${{ needs.test.result }}"
GATE = "needs.gate.result == 'success'"


def verdict(ships: str, *, needs: str, files: dict[str, str] | None = None, **jobs: str) -> str:
    """Whether the tests gate a release that starts under this condition."""
    jobs["ship"] = job(PUSH, SIGN, SHIP, needs=needs, if_=f'"{ships}"')
    return judge("tests-gate-release", {**repository_of(workflow(**jobs)), **(files or {})}).verdict


def says(*lines: str) -> str:
    """A job that tests, and says by its output `ok` how that went."""
    script = "\n    ".join(lines)
    return job(f"- id: test\n  run: |\n    {script}", outputs=OK)


@pytest.mark.parametrize(
    "lines",
    [
        ["if pytest; then echo ok=true >> $GITHUB_OUTPUT; fi"],
        ["if pytest; then echo ok=true >> $GITHUB_OUTPUT; else echo ok=false >> $GITHUB_OUTPUT; fi"],
        ["pytest && echo ok=true >> $GITHUB_OUTPUT", "echo done"],
        ["pytest && ok=true || ok=false", "echo ok=$ok >> $GITHUB_OUTPUT"],
    ],
)
def test_a_release_may_wait_by_an_output_for_tests_that_fail_no_job(lines: list[str]) -> None:
    asks = "needs.test.outputs.ok == 'true'"
    assert verdict(asks, needs="test", test=says(*lines)) == "unknown"
    assert verdict("github.ref_type == 'tag'", needs="test", test=says(*lines)) == "fail"
    between = job("- run: ls", needs="test", if_=f'"{asks}"')
    assert verdict("success()", needs="between", test=says(*lines), between=between) == "unknown"


def test_an_output_that_says_the_same_however_it_went_is_nothing_to_wait_for() -> None:
    asks = "needs.test.outputs.ok == 'true'"
    assert verdict(asks, needs="test", test=says("pytest || true", "echo ok=true >> $GITHUB_OUTPUT")) == "fail"
    blind = job("- id: test\n  run: echo ok=true >> $GITHUB_OUTPUT", needs="test", if_="always()", outputs=OK)
    asks = "always() && needs.gate.outputs.ok == 'true'"
    assert verdict(asks, needs="gate", test=job("- run: pytest"), gate=blind) == "fail"
    other = job("- id: test\n  run: test -d docs && echo ok=true >> $GITHUB_OUTPUT; true", outputs=OK)
    asks = "needs.docs.outputs.ok == 'true'"
    tests = job("- run: pytest || true")
    assert verdict(asks, needs="[docs, test]", test=tests, docs=other) == "fail"


@pytest.mark.parametrize(
    "gate",
    [
        job("- run: ls", needs="test", if_="always()", outputs=f"{{ok: '{RESULT}'}}"),
        job(f"- id: test\n  run: echo ok={RESULT} >> $GITHUB_OUTPUT", needs="test", if_="always()", outputs=OK),
    ],
)
def test_a_release_may_ask_for_an_output_by_which_a_job_says_how_the_tests_went(gate: str) -> None:
    asks = "always() && needs.gate.outputs.ok == 'success'"
    assert verdict(asks, needs="gate", test=job("- run: pytest"), gate=gate) == "unknown"


@pytest.mark.parametrize("command", ["test", "echo"])
def test_a_job_that_hands_on_how_the_tests_went_may_fail_by_it(command: str) -> None:
    step = f'run: {command} "${{{{ inputs.result }}}}" = success'
    action = f"name: gate\ndescription: it\nruns: {{using: composite, steps: [{{shell: bash, {step}}}]}}\n"
    called = (
        "on: {workflow_call: {inputs: {result: {type: string}}}}\n"
        f"jobs:\n  gate:\n    runs-on: ubuntu-24.04\n    steps:\n      - {step}\n"
    )
    given = f"with: {{result: '{RESULT}'}}"
    by_action = job(f"- uses: ./gate\n  {given}", needs="test", if_="always()")
    by_workflow = f"uses: ./.github/workflows/gate.yml\nneeds: test\nif: always()\n{given}\n"
    files = {"gate/action.yml": action, ".github/workflows/gate.yml": called}
    for gate in by_action, by_workflow:
        test = job("- run: pytest")
        assert verdict(f"always() && {GATE}", needs="gate", files=files, test=test, gate=gate) == "unknown"
        assert verdict("always()", needs="gate", files=files, test=test, gate=gate) == "fail"
