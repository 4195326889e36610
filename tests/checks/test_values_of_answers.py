"""Answers by their values: a question about one is decided for each value that it may have."""

from __future__ import annotations

import pytest

from releasing import signed_by_script
from trees import judge

SIGN = "cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
KEEP = f"rc=0; {SIGN} || rc=$?"
ONE = f"rc=0; {SIGN} || rc=1"
OK = f"ok=0; {SIGN} && ok=1"


def verdict(*lines: str, run_by: str = "bash {0}") -> str:
    return judge("build-signed", signed_by_script(*lines, run_by=run_by)).verdict


@pytest.mark.parametrize("lines", [
    (KEEP, "case $rc in 0) ;; 1) exit 1 ;; *) exit $rc ;; esac"),
    (KEEP, "case $rc in 0) ;; *) exit 1 ;; esac", "echo signed"),
    (KEEP, "case x$rc in x0) ;; x[1-9]*) exit 1 ;; esac", "echo signed"),
    (ONE, "case $rc in 0) ;; 1) exit 1 ;; esac", "echo signed"),
    (KEEP, "if [ $rc -eq 1 ]; then exit 1; elif [ $rc -ne 0 ]; then exit 2; fi", "echo signed"),
    (KEEP, "[ $rc -eq 1 ] && exit 1", "[ $rc -gt 1 ] && exit 2", "exit 0"),
    (KEEP, "if [ $rc -ne 0 ]; then if [ $rc -eq 1 ]; then exit 1; else exit 2; fi; fi", "echo signed"),
    (KEEP, "if [[ $rc == 1 || $rc -gt 1 ]]; then exit 1; fi", "echo signed"),
    (KEEP, "check() { case $1 in 0) ;; 1) return 1 ;; *) return 2 ;; esac; }", "check $rc || exit 1", "echo signed"),
    (KEEP, "while [ $rc -ne 0 ]; do exit $rc; done", "echo signed"),
    (KEEP, "! [ $rc -ne 0 ]"),
    (KEEP, "[ $rc -eq 0 ] && exit 0", "exit $rc"),
    (KEEP, "if [ $rc -eq 0 ]; then exit 0; fi", "echo failed", 'exit "$rc"'),
    (KEEP, "[[ $rc =~ ^0+$ ]] && exit 0", "exit $rc"),
    (KEEP, "[[ $rc =~ ^[1-9][0-9]*$ ]] || exit 0", "exit 1"),
    (KEEP, "[ $rc -ne 0 ] || exit 0", "exit $rc"),
    (KEEP, "if ! [ $rc -ne 0 ]; then exit 0; fi", "exit 1"),
    (f"{SIGN} && exit 0", "exit $?"),
    (f"{SIGN} && exit 0", "exit"),
    ("declare -i rc", f"{SIGN} || rc=1", "exit $rc"),  # of nothing: as the command before it
    (f"check() {{ local rc; {SIGN} || rc=2; return $rc; }}", "check || exit 1", "echo signed"),
    ("rc=", f"{SIGN} || rc=1", "echo signed", "exit $rc"),
    (f"{SIGN} && exit 0 || exit",),
    (f"{SIGN} && exit 0 || exit 1", "echo never"),
    (f"f() {{ {SIGN} && return || {{ echo failed; return 1; }}; }}", "f || exit", "echo signed"),
    (f"{SIGN} && {{ echo signed; exit 0; }} || exit", "echo never"),
    (f"for i in 1 2 3; do {SIGN} && exit 0; done", "exit"),
    (KEEP, "grep -qxE '(0|00)' <<< $rc || exit 1", "echo signed"),
    ("declare -i rc=0", f"{SIGN} || rc+=1", "(( rc == 0 )) || exit 1", "echo signed"),
    ("declare -i rc=0", SIGN, "rc+=$?", "cosign version", "rc+=$?", "(( rc == 0 ))"),
    ("declare -i rc=0 one=1", f"{SIGN} || rc='rc + one'", "exit $rc"),
    ("declare -i rc=0", f"for x in a b; do if ! {SIGN}; then rc+=1; fi; done", "(( rc == 0 ))"),
    (ONE, "[[ $rc =~ 1 ]] && exit 1", "echo signed"),
    (KEEP, "[[ $rc =~ ^[1-9] ]] && exit 1", "echo signed"),
    (OK, '[[ "$ok" =~ ^1$ ]] || exit 1', "echo signed"),
    (OK, 'grep -q 1 <<< "$ok" || exit 1', "echo signed"),
    (OK, 'echo "$ok" | grep -qx 1 || exit 1', "echo signed"),
    (f"{SIGN} || rc=1", "exit ${rc:-0}"),
    (f"{SIGN} || rc=$?", 'exit "${rc:-0}"'),
    (f"{SIGN} || rc=1", '[ -z "$rc" ] || exit 1', "echo signed"),
    ("rc=0", SIGN, "(( rc |= $? ))", "cosign version", "(( rc |= $? ))", "exit $rc"),
    ("rc=0", f"{SIGN} || (( rc |= 1 ))", "exit $rc"),
    ("rc=0", SIGN, "rc=$((rc + $?))", "cosign version", "rc=$((rc + $?))", "exit $((rc > 0))"),
    ("rc=0", f"{SIGN} || rc=$((rc+1))", "cosign version || rc=$((rc+1))", "exit $rc"),
    (SIGN, "a=$?", "cosign version", "b=$?", "exit $(( a || b ))"),
    (SIGN, "a=$?", "cosign version", "b=$?", "(( a + b == 0 ))"),
    (ONE, "exit $((rc & 1))"),
    (KEEP, "let 'rc == 0'"),
    (SIGN, "a=$?", "rc=0", "[ $a -ne 0 ] && rc=$a", "exit $rc"),
])  # fmt: skip
def test_every_failure_fails_the_script(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize("lines", [
    (KEEP, "case $rc in 0) ;; 1) exit 1 ;; esac", "echo done"),
    (KEEP, "if [ $rc -eq 1 ]; then exit 1; fi", "echo done"),
    (KEEP, "[ $rc -eq 1 ] && exit 0", "[ $rc -ne 0 ] && exit 1", "echo done"),
    (KEEP, "[ $rc -eq 1 ] && exit 1", "[ $rc -gt 2 ] && exit 2", "exit 0"),
    (KEEP, "if [ $rc -ne 0 ]; then case $rc in 1) exit 1 ;; *) echo warned ;; esac; fi", "echo done"),
    (KEEP, 'if [ $rc -ne 0 ]; then [ -n "$X" ] && exit 0; exit 1; fi', "echo done"),
    (KEEP, "check() { case $1 in 0) ;; 1) return 1 ;; *) return 0 ;; esac; }", "check $rc || exit 1", "echo done"),
    (KEEP, "for x in a b; do [ $rc -ne 0 ] && continue; echo $x; done", "[ $rc -ne 0 ] && exit 0", "echo done"),
    (KEEP, "[[ $rc =~ 1 ]] && exit 1", "echo done"),
    (KEEP, "[[ $rc =~ 0 ]] || exit 1", "echo done"),  # 10 is forgiven
    (OK, 'grep -q 0 <<< "$ok" || exit 1', "echo done"),
    (f"if {SIGN}; then exit 0; fi", "exit $?"),
    (f"if {SIGN}; then exit 0; fi", "exit"),
    (f"{SIGN} && exit 0 || exit 0",),
    ("rc=", f"{SIGN} || rc=0", "echo done", "exit $rc"),
    ("rc=1", f"{SIGN} || rc=", "exit $rc"),
    (f"{SIGN} && exit 0 || echo failed", "exit"),
    (f"for i in 1 2 3; do {SIGN} && exit 0; sleep 1; done", "exit"),
    (f"! {SIGN} || exit 0", "exit $?"),
    (KEEP, "[ $rc -eq 0 ] || exit 0", "exit $rc"),
    (KEEP, "grep -qx '(0|00)' <<< $rc && exit 1", "echo done"),
    (KEEP, "[[ $rc =~ ^(1|2)$ ]] && exit 1", "echo done"),
    ("declare -i rc=0", f"{SIGN} || rc+=1", "rc+=-1", "exit $rc"),
    (KEEP, "exit $((rc & 1))"),
    (KEEP, "(( rc & 1 )) && exit 1", "exit 0"),
    (f"{SIGN} || rc=1", "exit ${rc:+0}"),
    ("rc=0", SIGN, "(( rc |= $? ))", "(( rc &= 2 ))", "exit $rc"),
    ("sign() { return $1; }", SIGN, "sign $?; x=$?", "[ $x -eq 1 ] && exit 1", "echo done"),
    (SIGN, "rc=$?", "[ $rc -eq 0 ]; x=$?", "[ $x -eq 2 ] && exit 1", "echo done"),
    ("n=0", f"while (( n < 3 )); do {SIGN} && break; (( n++ )) || true; done", "echo done"),
    ("n=0", f"for x in $ALL; do {SIGN} || n=$((n+1)); done", "if [ $n -ge 2 ]; then exit 1; fi", "echo done"),
])  # fmt: skip
def test_some_failure_does_not(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) != "pass"


def test_a_failure_that_is_surely_hidden_is_one() -> None:
    assert verdict(KEEP, "exit $((rc & 1))") == "fail"
    assert verdict(KEEP, "case $rc in 0) ;; 1) exit 1 ;; esac", "echo done") == "fail"
    assert verdict("trap 'exit 0' EXIT", f"{SIGN} || exit 1") == "fail"
    assert verdict(KEEP, "trap 'exit 0' EXIT", "exit $rc") == "fail"
    assert verdict(SIGN, "trap 'exit 0' EXIT", run_by="bash") == "pass"


@pytest.mark.parametrize("lines", [
    (KEEP, 'python3 -c "import sys; sys.exit($rc)"'),
    (KEEP, '[ "$rc" = "$NONE" ] || exit 1', "echo done"),
    (KEEP, 'x=$(expr "$rc" + 0)', '[ "$x" = 0 ] || exit 1', "echo done"),
    (KEEP, 'grep -qE "^[1-9]{1}" <<< $rc && exit 1', "echo done"),
    (KEEP, f"[[ $rc =~ ^({'|'.join(map(str, range(1, 40)))})$ ]] && exit 0", "exit $rc"),
    (KEEP, "if [[ $rc =~ 0{1} ]]; then exit 0; fi", "[ $rc -eq 0 ] || exit 1"),
    (SIGN, "a=$?", "cosign version", "b=$?", "exit $((a > b ? a : b))"),
    (SIGN, "a=$?", "cosign version", "b=$?", "exit $((a + b))"),  # 128 + 128 is no failure
    ("declare -i rc=0", SIGN, "rc+=$?", "cosign version", "rc+=$?", "exit $rc"),
    ("rc=0", f"for x in a b; do {SIGN}; rc=$((rc + $?)); done", "exit $rc"),
    ("rc=0", f"for x in a b; do {SIGN}; ((rc += $?)); done", "x=$rc", "exit $x"),
    ("rc=0", "trap 'rc=1' ERR", SIGN, "(( rc == 0 ))"),
    ("trap 'exit $?' ERR", SIGN, "echo done"),
    ("rc=0", "trap 'rc=1' ERR", SIGN, "if [ $rc -ne 0 ]; then exit 1; fi", "echo done"),
])  # fmt: skip
def test_what_becomes_of_an_answer_is_not_guessed(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "unknown"


FAILED = f"failed=(); {SIGN} || failed+=(sign); cosign version || failed+=(version)"
SAID = f'failed=""; {SIGN} || failed="$failed sign"; cosign version || failed+=" version"'


@pytest.mark.parametrize("asks", [
    "if [ ${#failed[@]} -gt 0 ]; then exit 1; fi", "(( ${#failed[@]} == 0 )) || exit 1", "exit ${#failed[@]}",
    '[ -z "${failed[*]}" ] || exit 1', 'if [ -n "$failed" ]; then exit 1; fi',
])  # fmt: skip
def test_failures_in_an_array(asks: str) -> None:
    assert verdict(FAILED, asks) == "pass"
    assert verdict(FAILED, 'for x in $ALL; do cosign tree $x || failed+=("$x"); done', asks) == "pass"
    assert verdict(FAILED, "failed=()", asks, "echo done") == "fail"
    assert verdict(FAILED, "unset failed", asks, "echo done") == "fail"


@pytest.mark.parametrize("asks", ["[ ${#failed[@]} -eq 0 ]", "exit ${#failed[@]}", '[ -z "${failed[*]}" ] || exit 1'])
def test_many_failures_in_an_array(asks: str) -> None:
    others = [f"cosign version {number} || failed+=({number})" for number in range(70)]
    assert verdict("failed=()", *others[:9], f"{SIGN} || failed+=(sign)", asks, "echo signed", run_by="bash") == "pass"
    assert verdict("failed=()", f"{SIGN} || failed+=(sign)", *others, asks, "echo signed", run_by="bash") == "pass"
    assert verdict("failed=()", f"{SIGN} || failed+=(sign)", *others, "failed=()", asks, run_by="bash") == "fail"


@pytest.mark.parametrize(
    "asks", ["[[ -z $failed ]] || exit 1", 'if [ -n "$failed" ]; then exit 1; fi', '[ "$failed" = "" ]']
)
def test_failures_in_a_text(asks: str) -> None:
    assert verdict(SAID, asks) == "pass"
    assert verdict(SAID, 'for x in $ALL; do cosign tree $x || failed="$failed $x"; done', asks) == "pass"
    assert verdict(SAID, "failed=", asks, "echo done") == "fail"
    assert verdict(SAID, '[ "$failed" != " sign" ] || exit 1', "echo done") != "pass"


@pytest.mark.parametrize(("lines", "expected"), [
    ((f"for i in 1 2 3; do {SIGN} && break; sleep 5; done",), "fail"),
    ((f"for i in 1 2 3; do {SIGN} && break; [ $i = 3 ] && exit 1; sleep 5; done",), "pass"),
    ((f"until {SIGN}; do n=$((n+1)); [ $n -ge 5 ] && exit 1; done",), "pass"),
    (("n=0", f"until {SIGN}; do n=$((n+1)); [ $n -ge 5 ] && exit 1; sleep 1; done", "echo signed"), "pass"),
    (("n=0", f"until {SIGN}; do n=$((n+1)); [ $n -ge 5 ] && exit 0; sleep 1; done", "echo done"), "fail"),
])  # fmt: skip
def test_attempts_that_are_counted(lines: tuple[str, ...], expected: str) -> None:
    assert verdict(*lines, run_by="bash") == expected
