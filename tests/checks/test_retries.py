"""Signatures that are tried again: what counts is that the job fails in the end."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, released_by
from trees import judge

SIGN = 'cosign sign --yes "ghcr.io/acme/shop@$DIGEST"'


def signed(*lines: str) -> str:
    """What is said of a release that is signed by these lines."""
    script = "".join(f"    {line}\n" for line in lines)
    step = f"- run: |\n{script}  env: {{DIGEST: '${{{{ steps.push.outputs.digest }}}}'}}\n"
    return judge("build-signed", released_by(PUSH, step, SHIP)).verdict


COUNTING = ["for i in 1 2 3", "for i in $(seq 1 3)", "for i in $(seq 3)", "for i in {1..3}", "for ((i=1; i<=3; i++))"]


@pytest.mark.parametrize("loop", COUNTING)
@pytest.mark.parametrize(
    ("turn", "after"),
    [
        (f"if {SIGN}; then exit 0; fi", "exit 1"),
        (f"{SIGN} && exit 0", "exit 1"),
        (f"{SIGN} && exit 0", 'echo "::error::not signed"; false'),
    ],
)
def test_a_loop_that_a_signature_leaves_and_a_failure_after_it(loop: str, turn: str, after: str) -> None:
    assert signed(f"{loop}; do", 'echo "try $i"', turn, "sleep $((i * 5))", "done", after) == "pass"
    assert signed(f"{loop}; do", 'echo "try $i"', turn, "sleep 5", "done") == "fail"


@pytest.mark.parametrize("loop", COUNTING)
def test_a_loop_that_runs_out_without_a_failure(loop: str) -> None:
    assert signed(f"{loop}; do", f"{SIGN} && break", "sleep 5", "done") == "fail"
    assert signed(f"{loop}; do", f"{SIGN} && break", "done", "echo done") == "fail"


@pytest.mark.parametrize("loop", COUNTING[:4])
def test_a_loop_whose_last_turn_fails(loop: str) -> None:
    assert signed(f"{loop}; do", f"{SIGN} && break", '[ "$i" -eq 3 ] && exit 1', "sleep 5", "done") == "pass"
    assert signed(f"{loop}; do", f"{SIGN} && break", '[ "$i" -eq 4 ] && exit 1', "sleep 5", "done") == "fail"


@pytest.mark.parametrize("loop", COUNTING[:4])
@pytest.mark.parametrize(
    "given_up", ["[ $i = 3 ] && exit 1", "if [[ $i -gt 1 ]]; then echo no; exit 1; fi", "(( i < 3 )) || exit 1"]
)
def test_a_turn_that_gives_up_before_it_tries_again(loop: str, given_up: str) -> None:
    for turn in f"{SIGN} && break", f"if {SIGN}; then break; fi; sleep 5":
        assert signed(f"{loop}; do", given_up, turn, "done", "echo done") == "pass"
        assert signed(f"{loop}; do", given_up.replace("exit 1", "exit 0"), turn, "done", "echo done") != "pass"
        assert signed(f"{loop}; do", given_up.replace("exit 1", "break"), turn, "done", "echo done") != "pass"
        assert signed(f"{loop}; do", "[ $i = 4 ] && exit 1", turn, "done", "echo done") == "fail"
        assert signed(f"{loop}; do", "[ $i = 1 ] && exit 1", turn, "done", "echo done") == "fail"


@pytest.mark.parametrize("loop", COUNTING[:4])
def test_a_turn_says_what_it_does_otherwise(loop: str) -> None:
    for hiding in "sleep 5", 'echo "try $i" && sleep 5', "{ echo again; sleep 5; }", "cosign version || exit 1":
        assert signed(f"{loop}; do", f"{SIGN} && break || {hiding}", "done", "echo done") == "fail"
    for failing in "exit 1", '[ "$i" -lt 3 ] || exit 1', "(( i < 3 )) || exit 1", "{ [ $i = 3 ] && exit 1; sleep 5; }":
        assert signed(f"{loop}; do", f"{SIGN} && break || {failing}", "done", "echo done") == "pass"
    assert signed(f"{loop}; do", f"{SIGN} && break || sleep 5", "[ $i -eq 3 ] && exit 1", "done") == "pass"
    assert signed(f"{loop}; do", f"{SIGN} && cosign version && break || sleep 5", "done", "echo done") == "fail"
    assert signed(f"{loop}; do", f"if {SIGN}; then break; else [ $i = 3 ] && exit 1; fi", "done") == "pass"
    assert signed(f"{loop}; do", f"{SIGN} && exit 0 || sleep 5", "done", "exit 1") == "pass"


@pytest.mark.parametrize("loop", COUNTING[:4])
def test_the_last_turn_says_what_is_kept(loop: str) -> None:
    for turn in "{SIGN} && s=0 && break || s=$?", "if {SIGN}; then s=0; break; else s=$?; sleep 5; fi":
        assert signed(f"{loop}; do", turn.replace("{SIGN}", SIGN), "done", "exit $s") == "pass"
    turn = f"if {SIGN}; then ok=1; break; fi; [ $i = 2 ] && ok=1"
    assert signed("ok=0", f"{loop}; do", turn, "done", "[ $ok = 1 ] || exit 1", "echo done") != "pass"


def test_what_turns_count_is_not_what_the_last_one_counts() -> None:
    for counts in (
        "n=$((n + 1)); [ $n -eq 3 ] && exit 1",
        "(( ++n == 3 )) && exit 1",
        "n=$((n + 1)); (( n < 3 )) || exit 1",
    ):
        assert signed("n=0", "for i in 1 2 3; do", f"{SIGN} && break", counts, "done", "echo signed") != "fail"
    for turn in f"{SIGN} && break || n=$((n + 1))", f"if {SIGN}; then break; fi; n=$((n + 1))":
        assert signed("n=0", "for i in 1 2 3; do", turn, "done", "[ $n -lt 3 ] || exit 1", "echo signed") != "fail"


@pytest.mark.parametrize("endless", ["while true", "while :", "until false"])
def test_a_loop_without_an_end_but_success(endless: str) -> None:
    body = (f"if {SIGN}; then break; fi", "n=$((n + 1))", "if [ $n -gt 4 ]; then exit 1; fi", "sleep 5")
    assert signed("n=0", f"{endless}; do", *body, "done") == "pass"
    assert signed("n=0", f"{endless}; do", *body[:2], "if [ $n -gt 4 ]; then break; fi", "done") != "pass"
    assert signed("n=0", f"{endless}; do", *body[:2], "if [ $n -gt 4 ]; then exit 0; fi", "done") != "pass"


@pytest.mark.parametrize(
    ("turn", "after", "expected"),
    [
        ('"$@" && return 0', "return 1", "pass"),
        ('if "$@"; then return; fi', "return 1", "pass"),
        ('if "$@"; then return; fi', 'echo "giving up" >&2', "fail"),
        ('"$@" && return 0 || true', "return 0", "not pass"),
    ],
)
def test_a_function_that_tries_again(turn: str, after: str, expected: str) -> None:
    found = signed("again() {", "for i in 1 2 3 4 5; do", turn, "sleep 3", "done", after, "}", f"again {SIGN}")
    assert found == expected or (expected == "not pass" and found != "pass")


def test_without_a_loop_a_failure_may_come_last_too() -> None:
    assert signed(f"if {SIGN}; then exit 0; fi", "echo no >&2", "exit 1") == "pass"
    assert signed(f"if {SIGN}; then exit 0; fi", "echo no >&2", "exit 0") == "fail"
    assert signed(f"{SIGN} && exit 0", f"{SIGN} --verbose && exit 0", "exit 1") != "fail"


def test_a_loop_that_does_something_else_in_each_turn_is_no_retry() -> None:
    push = 'docker push "ghcr.io/acme/shop:$i"'
    assert signed("for i in 1 2; do", f"{push}; {SIGN} && break", "done", "exit 1") != "pass"


UNTIL = ("again() {", "n=0", 'until "$@"; do', "n=$((n + 1))", "[ $n -ge 5 ] && return 1", "sleep 5", "done", "}")
FOR = ("again() {", "for i in 1 2 3; do", '"$@" && return 0', "done", "return 1", "}")
TURN = ('"$@" && break', "n=$((n + 1))", "[ $n -ge 5 ] && return 1")
ENDLESS = ("again() {", "n=0", "while true; do", *TURN, "done", "}")


@pytest.mark.parametrize("again", [UNTIL, FOR, ENDLESS])
def test_a_function_that_has_given_up_fails_who_heeds_it(again: tuple[str, ...]) -> None:
    assert signed(*again, f"again {SIGN}", "echo signed") == "pass"
    assert signed("set +e", *again, f"again {SIGN}", "echo signed") == "fail"
    assert signed("set +e", *again, f"again {SIGN} || exit 1", "echo signed") == "pass"
    assert signed(*again, f"again {SIGN} || true", "echo signed") == "fail"
    assert signed(*again, "main() {", f"again {SIGN}", "echo signed", "}", "main || exit 0") == "fail"


@pytest.mark.parametrize("last", ["return 1", "exit 1"])
def test_what_comes_after_a_function_that_has_not_given_up_is_done(last: str) -> None:
    for again in (FOR, ("again() {", 'if "$@"; then', "return 0", "fi", "return 1", "}")):
        ends = [last if line == "return 1" else line for line in again]
        assert signed(*ends, "again docker pull alpine", SIGN) == "pass"
        assert signed(*ends, f"again {SIGN}", "gh release create v2", f"again {SIGN}") == "pass"
        assert signed(*ends, "again gh release create v2", f"again {SIGN}") == "fail"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("f() {", f"{SIGN} && echo signed", "}", "f", "echo on"), "pass"),
        (("f() {", f"{SIGN} && echo signed", "}", "f || true", "echo on"), "fail"),
        (("f() {", f"{SIGN} && echo signed", "echo on", "}", "f", "echo on"), "fail"),
        (("f() {", f"{SIGN} && echo signed", "}", "set +e", "f", "echo on"), "fail"),
        (("{", f"{SIGN} && echo signed", "}", "echo on"), "fail"),
        (("(", f"if ! {SIGN}; then echo no; exit 1; fi", ") || exit 1", "echo on"), "pass"),
        (("(", f"{SIGN} || exit 1", "echo signed", ") || { echo no; exit 1; }", "echo on"), "pass"),
        (("(", f"{SIGN} || exit 1", "echo signed", ") || echo no", "echo on"), "fail"),
        (("(", f"{SIGN} || exit 0", "echo signed", ") || exit 1", "echo on"), "fail"),
        (("(", f"out=$({SIGN} || exit 1)", "echo signed", ") || exit 1", "echo on"), "fail"),
        (("(", f"bash -c '{SIGN.replace(chr(39), '')} || exit 1'", "echo signed", ") || exit 1", "echo on"), "fail"),
        (("(", f"( {SIGN} || exit 1 )", "echo signed", ") || exit 1", "echo on"), "fail"),
        (("f() (", f"{SIGN} || exit 1", "echo signed", ")", "f || exit 1", "echo on"), "pass"),
    ],
)
def test_how_a_function_or_a_shell_within_is_left_is_told_by_its_code(lines: tuple[str, ...], expected: str) -> None:
    assert signed(*lines) == expected


@pytest.mark.parametrize("again", [f"until {SIGN}", f"while ! {SIGN}"])
def test_a_loop_that_goes_on_while_a_signature_fails(again: str) -> None:
    assert signed("n=0", f"{again}; do", "n=$((n + 1))", "[ $n -lt 4 ] || exit 1", "sleep 5", "done", "echo") == "pass"
    assert signed("n=0", f"{again}; do", "n=$((n + 1))", "[ $n -lt 4 ] || break", "sleep 5", "done", "echo") == "fail"


def test_a_loop_that_goes_on_while_a_signature_fails_and_something_else_holds() -> None:
    assert signed("n=0", f"while ! {SIGN} && [ $n -lt 4 ]; do", "n=$((n + 1))", "done", "echo signed") == "fail"


@pytest.mark.parametrize("turn", ["(( ++n >= 3 )) && break", "n=$((n + 1)); if [ $n -ge 3 ]; then break; fi"])
def test_a_loop_that_is_left_after_so_many_turns_and_asks_how_many_they_were(turn: str) -> None:
    assert signed("n=0", f"until {SIGN}; do {turn}; done", "(( n < 3 ))", "echo signed") == "unknown"
    assert signed("n=0", f"until {SIGN}; do {turn}; done", "(( n != 1 ))", "echo signed") == "unknown"
    assert signed("n=0", f"until {SIGN}; do {turn}; done", "echo signed") == "fail"


def test_what_a_loop_has_left_before_is_never_signed() -> None:
    turns = "for i in 1 2 3; do [ -e $i ] && echo there; [ $i = 3 ] && exit 0; done"
    assert signed("rc=0", turns, "[ $rc -eq 0 ] && exit", f"{SIGN} || exit", "exit $rc") != "pass"


@pytest.mark.parametrize("loop", COUNTING[:4])
@pytest.mark.parametrize("turn", [f"{SIGN} && break", f"if {SIGN}; then break; fi", f"{SIGN} && break || echo again"])
def test_a_loop_that_is_asked_in_which_turn_it_was_left(loop: str, turn: str) -> None:
    again = (f"{loop}; do", turn, "sleep 5", "done")
    for asked in "[ $i -lt 3 ]", '[ "$i" -ne 3 ] || exit 1', "(( i < 3 ))", "if [ $i = 3 ]; then exit 1; fi":
        assert signed(*again, asked, "echo signed") == "pass"
        assert signed("set +e", *again, f"{asked}", "echo signed") == ("pass" if "exit" in asked else "fail")
    for asked in "[ $i -le 3 ]", "[ $i -eq 3 ] && echo late", "if [ $i = 3 ]; then echo no; fi", "[ $i -lt 3 ] || true":
        assert signed(*again, asked, "echo signed") == "fail"
    assert signed(*again, "[ $i -lt $LIMIT ]", "echo signed") == "unknown"


@pytest.mark.parametrize("loop", COUNTING[:4])
def test_which_turn_has_succeeded_is_not_known(loop: str) -> None:
    again = (f"{loop}; do", "cosign version && break", "done")
    for asked in "[ $i -eq 1 ]", "[ $i -lt 3 ]", "[ $i -ne 0 ]":
        assert signed(*again, f"if {asked}; then {SIGN}; fi") != "pass"


@pytest.mark.parametrize("loop", COUNTING[:4])
def test_a_loop_that_is_left_for_good_has_come_to_its_last_turn(loop: str) -> None:
    assert signed(f"{loop}; do", f"{SIGN} && exit 0", "done", "[ $i -eq 3 ] && exit 1", "echo no") == "pass"
    late = (f"{loop}; do", f"if {SIGN}; then break; fi", "[ $i = 3 ] && exit 1", "done")
    assert signed(*late, "echo $i") == "pass"
    other = (f"{loop}; do", "if cosign version; then break; fi", "[ $i = 3 ] && exit 1", "done")
    assert signed(*other, f"if [ $i -eq 1 ]; then {SIGN}; fi") != "pass"


def test_what_is_left_in_a_condition_is_left() -> None:
    assert signed(f"if {SIGN} && exit 0; then echo never; else false; fi") == "pass"
    assert signed(f"if {SIGN} && exit 0; then echo never; fi", "exit 1") == "pass"
    assert signed(f"if {SIGN} && exit 0; then echo never; else echo no; fi") == "fail"
    assert signed(f"if {SIGN} && exit 0; then echo never; fi", "echo no") == "fail"
    assert signed(f"if {SIGN} && exit 1; then echo never; else echo no; fi") != "pass"


COUNTED = [
    ("n=0", "while [ $n -lt 3 ]", "n=$((n + 1))"),
    ("n=1", "while (( n <= 3 ))", "((n++))"),
    ("n=0; max=3", 'while [[ "$n" -lt "$max" ]]', "n=$(( n + 1 ))"),
    ("n=0", "until [ $n -ge 3 ]", "(( n += 1 ))"),
    ("n=3", "while [ $n -gt 0 ]", "n=$((n - 1))"),
]


@pytest.mark.parametrize(("start", "loop", "step"), COUNTED)
def test_a_loop_that_counts_its_turns_by_itself(start: str, loop: str, step: str) -> None:
    for turn in f"{SIGN} && exit 0; {step}", f"{step}; {SIGN} && exit 0", f"if {SIGN}; then exit 0; fi; {step}":
        assert signed(start, f"{loop}; do", turn, "sleep 5", "done", "exit 1") == "pass"
        assert signed(start, f"{loop}; do", turn, "sleep 5", "done", "echo done") == "fail"
    for turn in f"{SIGN} && break; {step}", f"if {SIGN}; then break; fi; {step}":
        assert signed(start, f"{loop}; do", turn, "done", "echo done") == "fail"
    assert signed(start, "ok=0", f"{loop}; do", f"{SIGN} && ok=1 && break; {step}", "done", "[ $ok = 1 ]") == "pass"
    assert signed(start, "ok=1", f"{loop}; do", f"{SIGN} && ok=1 && break; {step}", "done", "[ $ok = 1 ]") == "fail"


@pytest.mark.parametrize(("start", "loop", "step"), COUNTED[:4])
def test_what_a_loop_has_counted_says_whether_it_ran_out(start: str, loop: str, step: str) -> None:
    turn = f"{SIGN} && break; {step}"
    for asks in "[ $n -lt 3 ] || exit 1", "if [ $n -ge 3 ]; then exit 1; fi", "(( n < 3 ))":
        assert signed(start, f"{loop}; do", turn, "done", asks, "echo done") == "pass"
    for asks in "[ $n -lt 5 ] || exit 1", "if [ $n -eq 0 ]; then exit 1; fi", "[ $n -ge 3 ] || exit 1":
        assert signed(start, f"{loop}; do", turn, "done", asks, "echo done") != "pass"


@pytest.mark.parametrize(
    ("start", "loop", "step"),
    [
        ("n=3", "while [ $n -lt 3 ]", "n=$((n + 1))"),
        ("n=$TRIES", "while [ $n -lt 3 ]", "n=$((n + 1))"),
        ("n=0", "while [ $n -lt $TRIES ]", "n=$((n + 1))"),
        ("n=0", "while [ $n -lt 3 ]", "[ -e slow ] || n=$((n + 1))"),
    ],
)
def test_a_loop_that_may_take_no_turn_or_goes_on_for_long(start: str, loop: str, step: str) -> None:
    assert signed(start, f"{loop}; do", f"{SIGN} && break", step, "done", "echo done") != "pass"
    assert signed(start, f"{loop}; do", f"{SIGN} && break", step, "done", "[ $n -lt 3 ] || true", "ls") != "pass"


@pytest.mark.parametrize(
    "loop",
    [
        f"until {SIGN} || [ $n -ge 5 ]; do",
        f'until {SIGN} || [[ "$n" -eq 5 ]]; do',
        f"until {SIGN} || (( n >= 5 )); do",
        f"while ! {SIGN} && [ $n -lt 5 ]; do",
        f"while [ $n -lt 5 ] && ! {SIGN}; do",
    ],
)
@pytest.mark.parametrize(
    ("after", "fails"),
    [
        ("[ $n -lt 5 ]", True),
        ("(( n < 5 )) || { echo not signed; exit 1; }", True),
        ("[ $n -ge 5 ] && exit 1", True),
        ('if [ "$n" -ge 5 ]; then echo "::error::not signed"; exit 1; fi', True),
        ("echo $n", False),
        ("[ $n -le 5 ]", False),
        ("[ $n -gt 5 ] && exit 1", False),
        ("[ $m -lt 5 ]", False),
        ("[ $n -ge 5 ] && exit 0", False),
        ("[ $n -ge 5 ] && echo not signed", False),
    ],
)
def test_a_loop_that_gives_up_and_a_failure_where_it_has(loop: str, after: str, fails: bool) -> None:
    turn = "n=$((n+1)); sleep 5"
    assert (signed("n=0", loop, turn, "done", after, "echo done") == "pass") is fails
    assert signed("n=0", loop, turn, "[ -e skip ] && break", "done", after, "echo done") != "pass"
    assert signed("set +e", "n=0", loop, turn, "done", "[ $n -lt 5 ]", "echo done") != "pass"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{SIGN} || {SIGN}", "pass"),
        (f"{SIGN} || {SIGN} || {SIGN}", "pass"),
        (f"{SIGN} || (echo again; sleep 5; {SIGN})", "pass"),
        (f"{SIGN} || {{ sleep 5; {SIGN}; }}", "pass"),
        (f"{SIGN} || {{ sleep 5; {SIGN}; }} || exit 1", "pass"),
        (f"{SIGN} || {SIGN} || true", "fail"),
        (f"{SIGN} || {{ sleep 5; {SIGN}; echo signed; }}; true", "unknown"),
        (f"! {SIGN} || {SIGN}", "unknown"),
        (f"cosign version && {SIGN} || {SIGN}", "unknown"),
        (f"{SIGN} || cosign sign --yes ghcr.io/acme/shop:1.2", "fail"),
    ],
)
def test_a_command_that_is_tried_again_in_a_list(line: str, expected: str) -> None:
    assert signed(line, "echo signed") == expected


@pytest.mark.parametrize(
    ("shell", "lines", "expected"),
    [
        ("", [SIGN], "pass"),
        ("", [SIGN, "echo signed"], "fail"),  # without `-e`
        ("sh", [SIGN], "pass"),
        ("pwsh", [SIGN, "echo signed"], "unknown"),
        ("python", [SIGN], "unknown"),
        ("${{ vars.SHELL }}", [SIGN], "unknown"),
    ],
)
def test_an_action_that_tries_again_is_told_by_which_shell(shell: str, lines: list[str], expected: str) -> None:
    command = "".join(f"      {line.replace('$DIGEST', '${{ steps.push.outputs.digest }}')}\n" for line in lines)
    by = f"    shell: {shell}\n" if shell else ""
    step = f"- uses: nick-fields/retry@v4\n  with:\n{by}    command: |\n{command}"
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == expected
