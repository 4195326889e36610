"""Whether a failed signature fails the job: by a status that a script keeps, or by what a later step is told of it."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge

REF = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
SIGNS = f"cosign sign --yes {REF}"


def verdict(*lines: str, shell: str = "bash {0}") -> str:
    """Of a release whose signing step runs these lines in a shell that does not stop at errors."""
    script = "".join(f"    {line}\n" for line in lines)
    return judge("build-signed", released_by(PUSH, f"- shell: {shell}\n  run: |\n{script}", SHIP)).verdict


@pytest.mark.parametrize(
    "lines",
    [
        (SIGNS, "exit $?"),
        (SIGNS, "exit"),
        (f"{SIGNS} || exit",),
        (f"if {SIGNS}; then echo signed; else exit; fi",),
        (SIGNS, "status=$?", "echo $status", "exit $status"),
        (SIGNS, "status=$?", 'if [ "$status" -ne 0 ]; then echo unsigned; exit $status; fi', "echo signed"),
        (SIGNS, "[ $? -eq 0 ] || exit 1", "echo signed"),
        (SIGNS, "if [[ $? != 0 ]]; then exit 1; fi", "echo signed"),
        (f"sign() {{ {SIGNS}; return $?; }}", "sign || exit 1", "echo signed"),
        (f"out=$({SIGNS})", "status=$?", "echo $out", "exit $status"),
        ("set -o pipefail", f"{SIGNS} | tee log", "exit $?"),
        ("rc=0", f"{SIGNS} || rc=$?", "echo signed", "exit $rc"),
        ("failed=0", f"{SIGNS} || failed=1", "echo signed", 'exit "$failed"'),
        ("rc=1", f"{SIGNS} && rc=0", "exit $rc"),
    ],
)
def test_a_status_that_is_kept_fails_the_script(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize(
    "lines",
    [
        (SIGNS, "status=$?", "echo $status"),
        (SIGNS, "status=$?", "status=0", "exit $status"),
        (SIGNS, "echo done", "exit $?"),
        (f"{SIGNS} || {{ echo unsigned; exit; }}",),
        (f"! {SIGNS}", "exit $?"),
        (f"{SIGNS} | tee log", "exit $?"),
        (SIGNS, "status=$?", 'if [ "$status" -eq 0 ]; then exit 1; fi', "echo done"),
        (SIGNS, "[ $? -eq 0 ] || echo unsigned"),
        (f"sign() {{ {SIGNS}; echo done; return $?; }}", "sign || exit 1", "echo signed"),
        (f"declare out=$({SIGNS})", "exit $?"),
        (f"timeout 60 {SIGNS} || [ $? -eq 124 ]",),
        ("rc=0", f"{SIGNS} || rc=$?", "rc=0", "exit $rc"),
        ("rc=0", f"{SIGNS} && rc=$?", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=0", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=256", "exit $rc"),
    ],
)
def test_a_status_that_is_lost_does_not(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "fail"


def test_a_question_is_no_command_that_has_to_succeed() -> None:
    assert verdict("grep -q sign README.md", f"[ $? -eq 0 ] && {SIGNS}", "true") == "unknown"


@pytest.mark.parametrize(("asked", "expected"), [("outcome", "pass"), ("conclusion", "fail")])
def test_what_is_forgiven_has_succeeded_in_its_conclusion(asked: str, expected: str) -> None:
    sign = f"- id: sign\n  continue-on-error: true\n  run: {SIGNS}\n"
    ship = f"{SHIP.rstrip()}\n  if: steps.sign.{asked} == 'success'\n"
    assert judge("build-signed", released_by(PUSH, sign, ship)).verdict == expected
