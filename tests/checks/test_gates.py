"""A job that runs however the others went, and fails unless they went well: who waits for it has waited for them."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, job, repository_of, workflow
from trees import judge

BUILD = job(PUSH, outputs="\n  digest: ${{ steps.push.outputs.digest }}")
SIGN = "- run: cosign sign --yes ghcr.io/acme/shop@${{ needs.build.outputs.digest }}"
SUCCESS = "\"${{ needs.gate.result == 'success' && !cancelled() }}\""
RESULT = "${{ needs.sign.result }}"
BAD = "contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')"
GREEN = "- uses: re-actors/alls-green@release/v1\n  with: {jobs: '${{ toJSON(needs) }}'OTHERS}"


def verdict(*steps: str, sign: str = job(SIGN, needs="build"), ships: str = SUCCESS, **keys: str) -> str:
    """Whether the build is signed, for a release that only asks how the job of these steps went."""
    gate = job(*steps, needs="[build, sign]", if_="always()", **keys)
    ship = job(SHIP, needs="gate", if_=ships)
    return judge("build-signed", repository_of(workflow(build=BUILD, sign=sign, gate=gate, ship=ship))).verdict


def all_green(others: str = "") -> str:
    return GREEN.replace("OTHERS", others)


@pytest.mark.parametrize(
    "step",
    [
        f'- run: test "{RESULT}" = success',
        f'- run: |\n    if [[ "{RESULT}" != "success" ]]; then\n      echo no\n      exit 1\n    fi',
        f"- run: '[ \"$SIGNED\" = success ] || exit 1'\n  env:\n    SIGNED: {RESULT}",
        f"- if: {BAD}\n  run: exit 1",
        "- if: needs.sign.result != 'success'\n  run: |\n    echo not signed\n    exit 1",
        all_green(),
        all_green(", allowed-skips: docs"),
        all_green(", allowed-failures: 'countersign, docs'"),
    ],
)
def test_a_job_that_fails_unless_the_others_went_well(step: str) -> None:
    assert verdict(step) == "pass"
    assert verdict("- run: echo all is well", step) == "pass"


@pytest.mark.parametrize(
    "step",
    [
        "- run: echo all is well",
        f'- run: test "{RESULT}" = success || true',
        f'- run: test "{RESULT}" = success\n  continue-on-error: true',
        f'- run: test "{RESULT}" = success\n  if: failure()',
        f'- run: test "{RESULT}" != skipped',
        "- if: contains(needs.*.result, 'failure')\n  run: exit 1",  # what is cancelled has not failed
        f"- if: {BAD}\n  run: echo no",
        '- run: test "${{ needs.build.result }}" = success',
        all_green(", allowed-failures: sign"),
        all_green().replace("toJSON(needs)", "toJSON(needs.build)"),
    ],
)
def test_a_job_that_runs_whatever_has_become_of_the_others(step: str) -> None:
    assert verdict(step) == "fail"


@pytest.mark.parametrize("step", [f"- if: {BAD}\n  run: exit 1", all_green(", allowed-skips: sign")])
def test_a_job_that_lets_another_one_be_skipped(step: str) -> None:
    assert verdict(step, sign=job(SIGN, needs="build", if_="vars.SIGN == 'yes'")) != "pass"


@pytest.mark.parametrize("forgiven", ["true", "${{ vars.LENIENT == 'yes' }}"])
def test_the_failure_of_a_job_that_is_forgiven_stops_nobody(forgiven: str) -> None:
    """GitHub calls the result of such a job a success."""
    assert verdict(f'- run: test "{RESULT}" = success', continue_on_error=forgiven) == "fail"


def test_a_gate_that_is_built_to_hurt_is_given_up() -> None:
    many = {f"j{n}": job("- run: ls") for n in range(200)}
    lines = "".join(f'    if test "$A{n}${{{{ needs.j{n}.result }}}}"; then B{n}=1; fi\n' for n in range(150))
    gate = job(f"- run: |\n{lines}", needs=f"[{', '.join(many)}]", if_="always()")
    tree = repository_of(workflow(build=BUILD, **many, gate=gate, ship=job(SHIP, needs="[build, gate]")))
    assert judge("build-signed", tree).verdict == "unknown"


def test_a_script_for_another_shell_stops_nobody_for_certain() -> None:
    step = f'- run: test "{RESULT}" = success'
    assert verdict(f"{step}\n  shell: pwsh") != "pass"
    assert verdict(step, defaults="{run: {shell: pwsh}}") != "pass"


def test_who_asks_nothing_waits_for_all() -> None:
    """Without a word of its own a job is skipped where any of those before it has failed, however far away."""
    gate = job("- run: ls", needs="[build, sign]", if_="always()")
    plain = workflow(build=BUILD, sign=job(SIGN, needs="build"), gate=gate, ship=job(SHIP, needs="gate"))
    assert judge("build-signed", repository_of(plain)).verdict == "pass"


def test_a_job_may_ask_before_it_releases_itself() -> None:
    def released(*steps: str) -> str:
        ship = job(*steps, needs="[build, sign]", if_="always()")
        tree = repository_of(workflow(build=BUILD, sign=job(SIGN, needs="build"), ship=ship))
        return judge("build-signed", tree).verdict

    ask = f'- run: test "{RESULT}" = success'
    assert released(ask, SHIP) == "pass"
    assert released(SHIP, ask) == "fail"
