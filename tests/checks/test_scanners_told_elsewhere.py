"""Scanners that variables or files of their own tell what to refuse."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge

PUSHED = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
TRIVY = f'- run: trivy image "{PUSHED}"\n'
GRYPE = f'- run: grype "{PUSHED}"\n'
ACTION = f'- uses: aquasecurity/trivy-action@v0.36.0\n  with: {{image-ref: "{PUSHED}"}}\n'


CHECKOUT = "- uses: actions/checkout@v5"


def gated(step: str, variables: str = "", before: str = CHECKOUT, **files: str) -> str:
    """What is said of a release that waits for this scan, with variables and beside files."""
    env = f"  env: {{{variables}}}\n" if variables else ""
    named = {name.replace("__", "."): text for name, text in files.items()}
    return judge("vulnerabilities-gated", released_by(before, PUSH, step + env, SHIP) | named).verdict


@pytest.mark.parametrize("step", [TRIVY, ACTION])
def test_a_variable_may_make_trivy_fail_and_another_may_blind_it(step: str) -> None:
    assert gated(step) == "fail"
    assert gated(step, "TRIVY_EXIT_CODE: '1'") == "pass"
    assert gated(step, "TRIVY_EXIT_CODE: '0'") == "fail"
    assert gated(step, "TRIVY_EXIT_CODE: '1', TRIVY_SEVERITY: 'CRITICAL,HIGH'") == "pass"
    assert gated(step, "TRIVY_EXIT_CODE: '1', TRIVY_SEVERITY: 'LOW,MEDIUM'") == "fail"
    assert gated(step, "TRIVY_EXIT_CODE: '1', TRIVY_SCANNERS: secret") == "fail"


def test_of_two_options_the_last_one_counts() -> None:
    assert gated(TRIVY.replace("image ", "image --exit-code 1 --exit-code 0 ")) == "fail"
    assert gated(TRIVY.replace("image ", "image --exit-code 0 --exit-code 1 ")) == "pass"


def test_an_option_counts_more_than_its_variable() -> None:
    assert gated(TRIVY.replace("image ", "image --exit-code 0 "), "TRIVY_EXIT_CODE: '1'") == "fail"
    severe = TRIVY.replace("image ", "image --severity HIGH ")
    assert gated(severe, "TRIVY_EXIT_CODE: '1', TRIVY_SEVERITY: LOW") == "pass"


@pytest.mark.parametrize("step", [TRIVY, ACTION])
def test_trivys_own_file_may_make_it_fail(step: str) -> None:
    assert gated(step, trivy__yaml="exit-code: 1\n") == "pass"
    assert gated(step, trivy__yaml="exit-code: 0\n") == "fail"


def test_so_may_that_of_grype() -> None:
    assert gated(GRYPE, __grype__yaml="fail-on-severity: high\n") == "pass"
    assert gated(GRYPE, __grype__yaml="only-fixed: true\n") == "fail"


@pytest.mark.parametrize(
    ("step", "name", "text"),
    [(TRIVY, "trivy.yaml", "exit-code: 1\n"), (GRYPE, ".grype.yaml", "fail-on-severity: high\n")],
)
def test_a_scanner_looks_for_its_own_file_where_it_runs(step: str, name: str, text: str) -> None:
    for elsewhere in (step + "  working-directory: deploy\n", step.replace("run: ", "run: cd deploy && ")):
        assert gated(elsewhere, **{name: text}) == "fail"
        assert gated(elsewhere, **{f"deploy/{name}": text}) == "pass"
    assert gated(step, **{f"deploy/{name}": text}) == "fail"


@pytest.mark.parametrize("step", [TRIVY, ACTION])
def test_a_file_that_nobody_has_checked_out_sets_nothing(step: str) -> None:
    assert gated(step, before="- run: echo no checkout", trivy__yaml="exit-code: 1\n") == "fail"


@pytest.mark.parametrize("step", [TRIVY, ACTION])
def test_trivys_own_file_says_what_alone_it_looks_for(step: str) -> None:
    refusing = "exit-code: 1\n"
    assert gated(step, trivy__yaml=f"{refusing}scan: {{scanners: [vuln, secret]}}\nseverity: [CRITICAL]\n") == "pass"
    assert gated(step, trivy__yaml=f"{refusing}scan: {{scanners: [secret, license]}}\n") == "fail"
    assert gated(step, trivy__yaml=f"{refusing}severity: [LOW, MEDIUM]\n") == "fail"


@pytest.mark.parametrize(
    ("action", "own", "path"),
    [
        ("aquasecurity/trivy-action@v0.36.0", "exit-code: 1\n", "trivy-config"),
        ("anchore/scan-action@v7", "exclude: ['/**']\n", "config"),
    ],
)
def test_an_action_is_told_which_file_sets_its_scanner(action: str, own: str, path: str) -> None:
    step = f'- uses: {action}\n  with: {{image-ref: "{PUSHED}", image: "{PUSHED}", PATH}}\n'
    told, untold = (gated(step.replace("PATH", each), ci__yaml=own) for each in (f"{path}: ci.yaml", "cache-db: true"))
    assert {"trivy-config": ("pass", "fail"), "config": ("fail", "pass")}[path] == (told, untold)


@pytest.mark.parametrize("form", ["cyclonedx", "spdx", "spdx-json"])
def test_trivy_looks_for_nothing_where_it_makes_an_sbom_unless_it_is_told_to(form: str) -> None:
    refusing = TRIVY.replace("image ", "image --exit-code 1 ")
    assert gated(refusing.replace("image ", f"image --format {form} ")) == "fail"
    assert gated(refusing.replace("image ", f"image -f {form} --scanners vuln ")) == "pass"
    assert gated(refusing, f"TRIVY_FORMAT: {form}") == "fail"
    assert gated(refusing, f"TRIVY_FORMAT: {form}, TRIVY_SCANNERS: vuln") == "pass"
    assert gated(refusing, trivy__yaml=f"format: {form}\n") == "fail"
    assert gated(refusing, trivy__yaml=f"format: {form}\nscan: {{scanners: [vuln]}}\n") == "pass"
    acting = ACTION.replace("{image-ref", f"{{exit-code: 1, format: {form}, image-ref")
    assert gated(acting) == "fail"
    assert gated(acting.replace("{exit", "{scanners: vuln, exit")) == "pass"


@pytest.mark.parametrize("only", ["--download-db-only", "--download-java-db-only"])
def test_trivy_that_only_fetches_its_database_looks_at_nothing(only: str) -> None:
    assert gated(TRIVY.replace("image ", f"image --exit-code 1 {only} ")) == "fail"


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("cves", "pass"),
        ("quickview,cves", "pass"),
        ("quickview, cves", "pass"),
        ("quickview", "fail"),
        ("quickview,recommendations", "fail"),
        ("sbom", "fail"),
        ("compare", "fail"),  # it refuses but what has come since another image
        ("${{ vars.COMMAND }}", "unknown"),
    ],
)
def test_of_docker_scouts_commands_one_refuses_what_it_finds(commands: str, expected: str) -> None:
    step = f'- uses: docker/scout-action@v1\n  with: {{command: "{commands}", exit-code: true, image: "registry://{PUSHED}"}}\n'
    assert gated(step) == expected


@pytest.mark.parametrize("no", ["false", "False", "FALSE"])
def test_an_action_that_is_told_not_to_fail_reads_no_case(no: str) -> None:
    assert gated(f"- uses: anchore/scan-action@v7\n  with: {{image: '{PUSHED}', fail-build: {no}}}\n") == "fail"


def test_a_script_may_blind_a_scanner_by_a_variable() -> None:
    scan = f"trivy image --exit-code 1 {PUSHED}"
    assert gated(f"- run: export TRIVY_SEVERITY=LOW; {scan}\n") == "fail"
    assert gated(f"- run: export TRIVY_SEVERITY=HIGH,CRITICAL; {scan}\n") == "pass"
    assert gated(f"- run: TRIVY_SCANNERS=secret {scan}\n") == "fail"


def test_a_scanner_that_updates_its_database_scans_nothing() -> None:
    assert gated("- run: grype db update --fail-on high\n") == "fail"
