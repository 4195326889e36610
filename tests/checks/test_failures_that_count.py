"""Whether a failed signature fails the job: by a status that a script keeps, or by what a later step is told of it."""

from __future__ import annotations

import pytest

from pipelines import changed, on_gitlab
from releasing import PUSH, SHIP, released_by, signed_by_script
from trees import judge

REF = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
SIGNS = f"cosign sign --yes {REF}"


def verdict(*lines: str, run_by: str = "bash {0}") -> str:
    """Of a release whose signing step runs these lines in a shell that does not stop at errors."""
    return judge("build-signed", signed_by_script(*lines, run_by=run_by)).verdict


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
        (f"sign() {{ {SIGNS} || return 1; echo done; }}", "sign || exit 1", "echo signed"),
        (f"sign() {{ if ! {SIGNS}; then echo no; return 3; fi; echo done; }}", "if sign; then echo; else exit 1; fi"),
        ("shopt -so errexit", SIGNS, "echo signed"),
        (f"out=$({SIGNS})", "status=$?", "echo $out", "exit $status"),
        ("set -e", f"now=$(date) out=$({SIGNS})", "echo signed"),
        ("set -e", f"out=$({SIGNS}) now=1", "echo signed"),
        ("set -e", f"out=$(cosign sign --yes $(echo {REF}))", "echo signed"),
        ("set -o pipefail", f"{SIGNS} | tee log", "exit $?"),
        ("rc=0", f"{SIGNS} || rc=$?", "echo signed", "exit $rc"),
        ("failed=0", f"{SIGNS} || failed=1", "echo signed", 'exit "$failed"'),
        ("rc=1", f"{SIGNS} && rc=0", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=$?", "cosign version || rc=$?", "exit $rc"),
        ("rc=0", "cosign version || rc=1", f"{SIGNS} || rc=1", "cosign version || rc=1", "[ $rc -eq 0 ]"),
        ("rc=0", f"if ! {SIGNS}; then echo unsigned; rc=1; fi", "echo more", "exit $rc"),
        (
            "rc=0",
            f"{SIGNS} || {{ echo unsigned; rc=1; }}",
            'if [ -n "$X" ]; then cosign version || rc=1; fi',
            "exit $rc",
        ),
        ("n=0", f"{SIGNS} || n=$((n+1))", "cosign version || n=$((n+1))", "exit $n"),
        ("n=0", f"{SIGNS} || ((n++))", "cosign version || ((n++))", "if (( n > 0 )); then exit 1; fi", "echo signed"),
        ("n=0", f"{SIGNS} || (( n += 1 ))", "(( n == 0 )) || exit 1", "echo signed"),
        ("rc=0", f"for ref in {REF} other; do cosign sign --yes $ref || rc=1; done", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=1", "for x in $OTHERS; do cosign tree $x || rc=1; done", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=1", "while read -r x; do cosign tree $x || ((rc++)); done < list", "exit $rc"),
    ],
)
def test_a_status_that_is_kept_fails_the_script(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize("run_by", ["bash {0}", "bash -e {0}"])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((f"{SIGNS} || exit", "echo signed"), "pass"),
        ((f"{SIGNS} || {{ exit; }}", "echo signed"), "pass"),
        ((f"sign() {{ {SIGNS} || return; echo done; }}", "sign || exit", "echo signed"), "pass"),
        ((f"{SIGNS} || {{ echo unsigned; exit; }}", "echo signed"), "fail"),
        ((f"if ! {SIGNS}; then exit; fi", "echo signed"), "fail"),  # with the status of the `!`
        ((f"sign() {{ {SIGNS} || {{ echo no; return; }}; echo done; }}", "sign || exit", "echo signed"), "fail"),
    ],
)
def test_who_leaves_without_a_status_keeps_that_of_the_last_command(
    lines: tuple[str, ...], run_by: str, expected: str
) -> None:
    assert verdict(*lines, run_by=run_by) == expected


@pytest.mark.parametrize(
    "lines",
    [
        (SIGNS, "status=$?", "echo $status"),
        (SIGNS, "status=$?", "status=0", "exit $status"),
        (SIGNS, "echo done", "exit $?"),
        (f"{SIGNS} || {{ echo unsigned; exit; }}",),
        (f"sign() {{ {SIGNS} || return 1; echo done; }}", "sign || echo unsigned"),
        (f"sign() {{ {SIGNS} || return 0; echo done; }}", "sign || exit 1", "echo"),
        ("set -e", "shopt -uo errexit", SIGNS, "echo signed"),
        (f"! {SIGNS}", "exit $?"),
        (f"{SIGNS} | tee log", "exit $?"),
        (SIGNS, "status=$?", 'if [ "$status" -eq 0 ]; then exit 1; fi', "echo done"),
        (SIGNS, "[ $? -eq 0 ] || echo unsigned"),
        (f"sign() {{ {SIGNS}; echo done; return $?; }}", "sign || exit 1", "echo signed"),
        (f"declare out=$({SIGNS})", "exit $?"),
        ("set -e", f"out=$({SIGNS})$(date)", "echo signed"),
        ("set -e", f"out=$({SIGNS}) now=$(date)", "echo signed"),
        ("set -e", f'out="$({SIGNS}) at $(date -u +%s)"', "echo signed"),
        ("set -e", f"out=( $({SIGNS}) $(date) )", "echo signed"),
        ("set -e", f"out=$(x=$({SIGNS}); echo $x)", "echo signed"),
        (f"timeout 60 {SIGNS} || [ $? -eq 124 ]",),
        ("rc=0", f"{SIGNS} || rc=$?", "rc=0", "exit $rc"),
        ("rc=0", f"{SIGNS} && rc=$?", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=0", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=256", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=1", "cosign version && rc=0", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=1", "(( rc = 0 ))", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=1", "for x in $OTHERS; do rc=0; cosign tree $x || rc=1; done", "exit $rc"),
        ("rc=0", f"{SIGNS} || rc=1", "(( rc > 0 ))", "true"),
        ("rc=0", f"if {SIGNS}; then echo; elif cosign version; then echo; else rc=1; fi", "exit $rc"),
        (f"if {SIGNS}; then echo signed; elif cosign version; then echo; else exit 1; fi", "echo"),
    ],
)
def test_a_status_that_is_lost_does_not(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "fail"


TAKEN = f"if {SIGNS}; then ok=1; fi"
ASKED = '[ "$ok" = 1 ] || exit 1'


@pytest.mark.parametrize(
    "lines",
    [
        ("ok=0", TAKEN, "echo more", ASKED, "echo signed"),
        ("ok=0", f"{SIGNS} && ok=1", 'if [ "$ok" != 1 ]; then echo unsigned; exit 1; fi', "echo signed"),
        ("ok=no", f"if ! {SIGNS}; then echo unsigned; else ok=yes; fi", "[[ $ok == yes ]] || exit 1", "echo signed"),
        (f"if {SIGNS}; then ok=true; else ok=false; fi", "if ! $ok; then exit 1; fi", "echo signed"),
        ("ok=false", f"{SIGNS} && ok=true", "$ok || exit 1", "echo signed"),
        ("ok=false", f"{SIGNS} && ok=true", "$ok"),
        ("ok=0", TAKEN, "(( ok )) || exit 1", "echo signed"),
        ("ok=0", TAKEN, "(( ok == 1 ))"),
        ("ok=0", TAKEN, "if (( ! ok )); then exit 1; fi", "echo signed"),
        ("ok=0", TAKEN, 'if [ "$ok" -lt 1 ]; then exit 1; fi', "echo signed"),
        ("ok=0", TAKEN, 'test "x$ok" = x1'),
        ("ok=0", TAKEN, 'case "$ok" in 1) echo signed;; *) exit 1;; esac', "echo signed"),
        ("ok=1", f"{SIGNS} || ok=0", "[ $ok -eq 1 ] || exit 1", "echo signed"),
        (
            "failed=false",
            f"{SIGNS} || failed=true",
            "cosign version || failed=true",
            "if $failed; then exit 1; fi",
            "ls",
        ),
        ("failed=no", f"{SIGNS} || failed=yes", 'if [ -n "$X" ]; then ls || failed=yes; fi', "[ $failed = no ]"),
        ("ok=0", f"{SIGNS} && cosign version && ok=1", ASKED, "echo signed"),
        ("ok=0", TAKEN, "sure() { return $((1 - ok)); }", ASKED, "echo signed"),
        ("ok=0", f"for i in 1 2 3; do if {SIGNS}; then ok=1; break; fi; sleep 5; done", ASKED, "echo signed"),
        ("ok=0", f"for i in 1 2 3; do {SIGNS} && ok=1 && break; sleep 5; done", ASKED, "echo signed"),
        ("ok=0", f"while true; do if {SIGNS}; then ok=1; break; fi; sleep 5; done", ASKED, "echo signed"),
        ("failed=no", f"for ref in {REF} other; do cosign sign --yes $ref || failed=yes; done", "[ $failed = no ]"),
        (
            "failed=0",
            f"for ref in {REF} b; do cosign sign --yes $ref || {{ failed=1; continue; }}; done",
            "exit $failed",
        ),
        ("failed=0", f"for ref in {REF} b; do cosign sign --yes $ref || {{ failed=1; break; }}; done", "exit $failed"),
    ],
)
def test_an_answer_that_is_kept_fails_the_script(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize(
    "lines",
    [
        ("ok=0 fine=1", TAKEN, '[ "$fine" = 1 ] || exit 1', "echo done"),
        ("ok=0", f"if {SIGNS}; then ok=1; else ok=1; fi", ASKED, "echo done"),
        ("ok=0", TAKEN, "ok=1", ASKED, "echo done"),
        ("ok=0", TAKEN, '[ "$ok" = 1 ] || exit 0', "echo done"),
        ("ok=0", TAKEN, '[ "$ok" = 1 ] || echo unsigned'),
        ("ok=0", TAKEN, '[ "$ok" = 0 ] || exit 1', "echo done"),
        ("ok=0", TAKEN, '[ "$ok" != 2 ] || exit 1', "echo done"),
        ("ok=0", TAKEN, "cosign version && ok=1", ASKED, "echo done"),
        ("ok=0", f"if cosign version; then ok=1; elif {SIGNS}; then ok=1; fi", ASKED, "echo done"),
        ("ok=0", f"if {SIGNS}; then ok=1; elif cosign version; then ok=1; fi", ASKED, "echo done"),
        ("ok=0", f"({SIGNS} && ok=1)", "ok=1", ASKED, "echo done"),
        ("ok=0", f"for i in 1 2; do cosign version && ok=1; {SIGNS} && ok=1; done", ASKED, "echo done"),
        ("ok=0", f"for x in $ALL; do cosign sign --yes {REF} $x && ok=1; done", ASKED, "echo done"),
        ("ok=0", f"while sleep 1; do {SIGNS} && ok=1; done", ASKED, "echo done"),
        ("ok=0", f"while true; do {SIGNS} && ok=1; [ -f stop ] && break; done", ASKED, "echo done"),
        ("ok=0", f"for x in v$ALL; do cosign sign --yes {REF} $x && ok=1; done", ASKED, "echo done"),
        ("ok=0", f"for i in 1 2 3; do if {SIGNS}; then ok=1; break; fi; [ $i = 2 ] && ok=1; done", ASKED, "echo done"),
        ("ok=0", f"for i in 1 2 3; do cosign version && ok=1; {SIGNS} && ok=1 && break; done", ASKED, "echo done"),
        ("ok=0", TAKEN, 'case "$ok" in 1) echo signed;; 0) echo unsigned;; *) exit 1;; esac', "echo done"),
        ("ok=0", TAKEN, f'if [ -n "$X" ]; then {ASKED}; fi', "echo done"),
        (SIGNS, "rc=$?", 'if [ -n "$X" ]; then [ $rc = 0 ] || exit 1; fi', "echo done"),
        (SIGNS, "rc=$?", 'f() { if [ -n "$X" ]; then [ $rc = 0 ] || return 1; fi; }', "f || exit 1", "echo done"),
        (SIGNS, "rc=$?", 'bash -c "exit $rc" || true'),
        ("ok=0", TAKEN, "export ok", f"bash -c '{ASKED}' || true"),
        ("ok=false", f"{SIGNS} && ok=true", "$ok || echo unsigned"),
        ("ok=false", f"{SIGNS} && ok=true", "if $ok; then exit 1; fi", "echo done"),
        ("ok=false", f"{SIGNS} && ok=true", "false() { :; }", "$ok || exit 1", "echo done"),
        ("failed=false", f"{SIGNS} || failed=true", "failed=false", "if $failed; then exit 1; fi", "echo done"),
        ("ok=", f"{SIGNS} && ok=1", "if [ $ok != 1 ]; then exit 1; fi", "echo done"),
        ("ok=1", f"{SIGNS} || ok=01", "[ $ok -eq 1 ] || exit 1", "echo done"),
        ("ok=0", TAKEN, "exit $((ok + 1))"),
        ("ok=0", TAKEN, "exit $ok"),
        ("failed=0", f"for x in a b; do ({SIGNS} || {{ failed=1; continue; }}); done", "exit $failed"),
        ("failed=0", f"for x in a b; do {SIGNS} || {{ failed=1; break; }}; done", "failed=0", "exit $failed"),
        ("failed=0", f"for x in a b; do {SIGNS} || {{ failed=1; continue; }}; failed=0; done", "exit $failed"),
        ("failed=0", f"for x in $ALL; do {SIGNS} || {{ failed=1; continue; }}; failed=0; done", "exit $failed"),
        (
            "failed=0",
            f"for x in a; do {SIGNS} || {{ failed=1; continue; }}; [ $failed = 0 ] || exit 1; done",
            "echo done",
        ),
        ("failed=0", f"for x in a b; do {SIGNS} || {{ failed=1; continue; }}; failed=2; done", "[ $failed != 1 ]"),
    ],
)
def test_an_answer_to_another_question_does_not(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) != "pass"


@pytest.mark.parametrize(
    "lines",
    [
        (f"{SIGNS} & pid=$!", "cosign version", 'wait "$pid"'),
        (f"{SIGNS} &", "wait $! || exit 1", "echo signed"),
        (f"{SIGNS} &", "wait -n"),
        (f"{SIGNS} & one=$!", "cosign version & two=$!", "wait $two && wait $one"),
        (f"{SIGNS} & pid=$!", "rc=0", "wait $pid || rc=$?", "echo signed", "exit $rc"),
        (
            f"{SIGNS} & pids=($!)",
            "cosign version & pids+=($!)",
            'for each in "${pids[@]}"; do wait "$each" || exit 1; done',
        ),
        (f"( {SIGNS} && echo signed ) &", "wait $!"),
    ],
)
def test_a_job_in_the_background_that_is_waited_for(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize(
    "lines",
    [
        (f"{SIGNS} &", "wait"),
        (f"{SIGNS} & one=$!", "cosign version & two=$!", "wait $one $two"),
        (f"{SIGNS} & pid=$!", "wait $pid || echo unsigned"),
        (f"{SIGNS} &", "cosign version &", "wait -n"),
        (f"{SIGNS} & pid=$!", "wait $pid", "echo signed"),
        (f"{{ {SIGNS}; echo done; }} &", "wait $!"),
        (f"{SIGNS} & pid=$!", "gh release create v1", "wait $pid"),
    ],
)
def test_a_job_in_the_background_that_may_fail(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "fail"


def test_a_job_in_the_background_under_errexit() -> None:
    assert verdict(f"{{ {SIGNS}; echo done; }} &", "wait $!", "echo signed", run_by="bash -e {0}") == "pass"
    assert verdict(f"{SIGNS} & pid=$!", "wait $pid", "echo signed", run_by="bash -e {0}") == "pass"
    assert verdict(f"{SIGNS} & pid=$!", "gh release create v1", "wait $pid", run_by="bash -e {0}") == "fail"


@pytest.mark.parametrize(
    "ends", ['exit "$RC"', '[ "$RC" = 0 ] || exit 1', 'wait "$RC"', 'exit "${{ steps.other.outputs.RC }}"']
)
@pytest.mark.parametrize("tells", ["cosign tree; RC=$?", "cosign tree & RC=$!"])
def test_a_code_is_that_of_a_command_of_its_own_script(tells: str, ends: str) -> None:
    other = f"- id: other\n  run: |\n    set +e; {tells}\n    echo RC=$RC | tee -a $GITHUB_ENV $GITHUB_OUTPUT\n"
    sign = f"- shell: bash {{0}}\n  run: |\n    {SIGNS}\n    {ends}\n"
    assert judge("build-signed", released_by(PUSH, other, sign, SHIP)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, other, f"- run: {ends}", SHIP)).verdict != "pass"


def test_a_question_is_no_command_that_has_to_succeed() -> None:
    assert verdict("grep -q sign README.md", f"[ $? -eq 0 ] && {SIGNS}", "true") == "unknown"


@pytest.mark.parametrize(("asked", "expected"), [("outcome", "pass"), ("conclusion", "fail")])
def test_what_is_forgiven_has_succeeded_in_its_conclusion(asked: str, expected: str) -> None:
    sign = f"- id: sign\n  continue-on-error: true\n  run: {SIGNS}\n"
    ship = f"{SHIP.rstrip()}\n  if: steps.sign.{asked} == 'success'\n"
    assert judge("build-signed", released_by(PUSH, sign, ship)).verdict == expected


GRYPE = "grype --fail-on high " + REF
FORGIVEN = f"- id: scan\n  continue-on-error: true\n  run: {GRYPE}\n"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("- if: steps.scan.outcome == 'failure'\n  run: exit 1", "pass"),
        ("- if: always() && steps.scan.outcome != 'success'\n  run: |\n    echo found\n    exit 1", "pass"),
        ("- if: steps.scan.conclusion == 'failure'\n  run: exit 1", "fail"),
        ("- if: steps.scan.outcome == 'success'\n  run: exit 1", "fail"),
        ("- if: steps.scan.outcome == 'failure'\n  run: echo found", "fail"),
        ("- if: steps.scan.outcome == 'failure'\n  continue-on-error: true\n  run: exit 1", "fail"),
    ],
)
def test_what_is_forgiven_may_fail_the_job_later(after: str, expected: str) -> None:
    assert judge("vulnerabilities-gated", released_by(PUSH, FORGIVEN, after, SHIP)).verdict == expected
    assert judge("vulnerabilities-gated", released_by(PUSH, FORGIVEN, SHIP, after)).verdict == "fail"
    lax = FORGIVEN.replace(GRYPE, f"{GRYPE} || true")
    assert judge("vulnerabilities-gated", released_by(PUSH, lax, after, SHIP)).verdict == "fail"


def test_a_step_that_always_succeeds_is_relied_on_for_nothing() -> None:
    sign = f"- id: sign\n  continue-on-error: true\n  run: {SIGNS} || true\n"
    ship = f"{SHIP.rstrip()}\n  if: steps.sign.outcome == 'success'\n"
    assert judge("build-signed", released_by(PUSH, sign, ship)).verdict == "fail"


def test_a_key_that_the_job_has_made_verifies_nothing() -> None:
    verify = f"- run: cosign generate-key-pair && cosign verify --key cosign.pub {REF}"
    assert judge("provenance-verified", released_by(PUSH, f"- run: {SIGNS}", verify, SHIP)).verdict == "fail"


@pytest.mark.parametrize(
    ("trap", "expected"),
    [
        ("trap 'exit 0' EXIT", "fail"),
        ("trap 'rm -rf out; exit 0' EXIT", "fail"),
        ("[ -z $X ] || trap 'exit 0' EXIT", "unknown"),
        ("trap 'exit $CODE' EXIT", "unknown"),
        ("trap 'rc=$?; rm -rf out; exit $rc' EXIT", "pass"),
        ("trap 'echo failed; exit 0' ERR", "unknown"),
        ("trap 'echo failed; exit 1' ERR", "pass"),
        ("set -E; failed() { echo failed; exit 1; }; trap failed ERR", "pass"),
        ("set +e; trap 'echo failed; exit 1' ERR", "pass"),
        ("trap 'rm -rf out' EXIT", "pass"),
        ("trap 'exit 1' INT TERM", "pass"),
    ],
)
def test_a_trap_may_hide_that_tests_have_failed(trap: str, expected: str) -> None:
    lines = f"- run: |\n    {trap}\n    pytest\n"
    assert judge("tests-gate-release", released_by(lines, SHIP)).verdict == expected
    assert judge(
        "tests-gate-release", on_gitlab(changed(("    - pytest\n", f"    - {trap}\n    - pytest\n")))
    ).verdict == (expected)


def test_an_exec_that_only_redirects_goes_on_however_often_it_is_met() -> None:
    lines = ("exec 3>&1", f"{SIGNS} || exit 1")
    assert [verdict(*lines), verdict(*lines, "echo signed")] == ["pass", "pass"]


@pytest.mark.parametrize("exits", [
    "exit ${rc:-0}", 'exit "${rc-0}"', "exit $((rc != 0))",
    'exit "$((rc > 0))"', "exit $((rc ? 3 : 0))", "exit $(($rc + 0))", "exit $((!!rc))",
    "(( rc == 0 ))", "(( ! (rc > 0) ))", "(( rc < 1 && 1 ))",
    "if (( rc >= 1 )); then exit 1; fi", "exit $((1 - (rc == 0)))",
])  # fmt: skip
def test_a_sum_over_a_status_that_is_kept(exits: str) -> None:
    assert verdict("rc=0", f"{SIGNS} || rc=$?", exits) == "pass"


@pytest.mark.parametrize("exits", [
    "exit $((rc == 0))", "exit $((rc * 0))", "exit $((rc * 256))", "exit $((rc > 3))",
    "exit $((rc ? 0 : 1))", "exit ${rc:+0}", "(( rc < 256 ))", "(( rc ))",
    "exit $((rc != 5))", "exit $((rc != 0 && rc != 5))", "(( rc != 5 )) && exit 1; exit 0",  # 5 is forgiven
])  # fmt: skip
def test_a_sum_that_hides_a_status(exits: str) -> None:
    assert verdict("rc=0", f"{SIGNS} || rc=$?", exits) == "fail"


def test_a_sum_over_an_answer() -> None:
    assert verdict("ok=0", TAKEN, "exit $((1 - ok))") == "pass"
    assert verdict("ok=0", TAKEN, "exit $((ok ^ 1))") == "pass"
    assert verdict("ok=0", TAKEN, "exit $((ok))") == "fail"
    assert verdict("ok=0", TAKEN, "exit $((ok--))") == "fail"


@pytest.mark.parametrize("counts", ["errors=$((errors+1))", "errors=$(( $errors + 1 ))", "((errors++))"])
def test_failures_that_are_counted(counts: str) -> None:
    signs = f"cosign sign --yes $ref || {counts}"
    assert verdict("errors=0", f"for ref in {REF} other; do {signs}; done", "(( errors == 0 ))") == "pass"
    assert (
        verdict("errors=0", f"{SIGNS} || {counts}", f"for ref in $OTHERS; do {signs}; done", "exit $errors") == "pass"
    )
    again = f"for ref in $OTHERS; do {signs}; errors=0; done"
    assert verdict("errors=0", f"{SIGNS} || {counts}", again, "exit $errors") != "pass"


def test_a_number_that_turns_count_is_none_of_failures() -> None:
    turn = f"n=$((n + 1)); if [ $n -eq 2 ]; then continue; fi; {SIGNS} || rc=1"
    assert verdict("rc=0", "n=0", f"for ref in $REFS; do {turn}; done", "exit $rc") != "pass"


LOGIN = "docker login ghcr.io"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((f"{LOGIN} && {SIGNS}", "echo signed"), "fail"),
        ((f"cosign version && {LOGIN} && {SIGNS}", "echo signed"), "fail"),
        ((f"{LOGIN} && {{ echo; {SIGNS}; }}", "echo signed"), "fail"),
        ((f"{LOGIN} && sh -c '{SIGNS}'", "echo signed"), "fail"),
        ((f"sign() {{ {LOGIN} && {SIGNS}; echo; }}", "sign", "echo signed"), "fail"),
        ((f"{LOGIN} && if true; then {SIGNS}; fi", "echo signed"), "fail"),
        ((f"{LOGIN} && {SIGNS} || echo unsigned", "echo more"), "fail"),
        ((f"./login && {SIGNS}", "echo signed"), "unknown"),
        ((f"cd out && {SIGNS}", "echo signed"), "unknown"),
        ((f"{LOGIN} && {SIGNS}",), "pass"),
        ((f"{LOGIN} && {SIGNS} || exit 1", "echo signed"), "pass"),
        ((f"({LOGIN} && {SIGNS})", "echo signed"), "pass"),
        ((f"sign() {{ {LOGIN} && {SIGNS}; }}", "sign", "echo signed"), "pass"),
        ((f"if {LOGIN} && {SIGNS}; then echo signed; else exit 1; fi", "echo more"), "pass"),
        ((f"{LOGIN} && {SIGNS}", "rc=$?", "exit $rc"), "pass"),
        ((f"echo signing && {SIGNS}", "echo signed"), "pass"),
        ((f"at=$(date | cut -c 1-4) && export at && sleep 5 && {SIGNS}", "echo signed"), "pass"),
        ((f"mkdir out && cd out && {SIGNS} && cd ..", "echo signed"), "fail"),
        ((f"mkdir out && cd out && {SIGNS}", "cd .."), "pass"),
        ((f"cd .. && {SIGNS}", "echo signed"), "pass"),
    ],
)
def test_a_signature_behind_what_may_fail_unnoticed_may_be_left_out(lines: tuple[str, ...], expected: str) -> None:
    assert verdict(*lines, run_by="bash") == expected


def test_tests_behind_what_may_fail_unnoticed_may_be_left_out() -> None:
    outcome = judge("tests-gate-release", released_by("- run: npm ci && pytest; echo tested\n", PUSH, SHIP))
    assert (outcome.verdict, outcome.summary) == (
        "fail",
        "pytest is left out where npm ci fails, which does not fail the job",
    )


def test_what_is_released_only_behind_a_signature_waits_for_it() -> None:
    step = f"- run: {SIGNS} && gh release create v1; echo done\n"
    assert judge("build-signed", released_by(PUSH, step)).verdict == "pass"


@pytest.mark.parametrize("before", ["sudo -b", "sudo -Hb", "sudo --background", "setsid -f", "env A=b setsid --fork"])
def test_a_command_that_nothing_waits_for_may_fail_unnoticed(before: str) -> None:
    assert verdict(f"{before} {SIGNS}", run_by="bash") == "fail"
    assert verdict(f"{before.split(maxsplit=1)[0]} {SIGNS}", run_by="bash") == "pass"
