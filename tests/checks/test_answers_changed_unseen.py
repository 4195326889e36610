"""Answers that are kept in a variable, and changed where no assignment is seen."""

from __future__ import annotations

import pytest

from releasing import signed_by_script
from trees import judge

SIGN = "cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
KEEP = f"rc=0; {SIGN} || rc=1"


def verdict(*lines: str) -> str:
    return judge("build-signed", signed_by_script(KEEP, *lines, run_by="bash")).verdict


@pytest.mark.parametrize(
    "line",
    [
        "x=$((rc = 0))",
        '[[ "$((rc = 0))" ]]',
        'echo "$((rc = 0))" > log',
        "let 'x = 1, rc = 0' || true",
        "for ((rc = 0; rc < 0; rc++)); do :; done",
        "x[rc=0]=1",
        "while read -r x; do echo $((rc = 0)); done < list",
        "shopt -s lastpipe; echo 0 | read -r rc",
        "shopt -s lastpipe; echo 0 | { printf -v rc 0; }",
        "x=rc; declare $x=0",
        'declare "$NAME=0"',
        'read -r "$NAME" <<< 0',
        'printf -v "$NAME" 0',
        "declare -n ref=rc; ref=0",
        "zero() { local -n ref=$1; ref=0; }; zero rc",
        "zero() { declare -g rc=0; }; zero",
        "trap 'rc=0' DEBUG",
        "trap 'rc=0' ERR; set +e; false",
        "zero() { rc=0; }; trap zero DEBUG",
        "trap zero DEBUG; zero() { rc=0; }",
        "zero() { rc=0; }; again() { zero; }; trap 'again || true' ERR; set +e; false",
        'trap "echo $NAME; rc=0" DEBUG',
        'trap "$NAME=0" DEBUG',
    ],
)
def test_an_answer_that_is_changed_unseen_is_none_any_more(line: str) -> None:
    assert verdict(line, "exit $rc") != "pass"


@pytest.mark.parametrize(
    "line",
    [
        "x=$((rc + 1))",
        "x=$((count++))",
        "for ((i = 0; i < 3; i++)); do echo $i; done",
        "shopt -u lastpipe; echo 0 | read -r rc",
        "echo 0 | read -r rc",
        "shopt -s lastpipe; echo 0 | read -r other",
        "x=other; declare $x=0",
        "declare -n ref=other; ref=0",
        "zero() { local -n ref=$1; ref=0; }; zero other",
        "zero() { declare rc; rc=0; }; zero",
        "trap 'other=0' DEBUG",
        "zero() { other=0; }; trap zero DEBUG",
        "trap 'echo failed' ERR",
    ],
)
def test_what_changes_another_variable_leaves_an_answer_as_it_is(line: str) -> None:
    assert verdict(line, "exit $rc") == "pass"


SIGNED = f"if {SIGN}; then ok=1; fi"


@pytest.mark.parametrize(
    "line",
    [
        'declare "$NAME=1"',
        'export "$NAME=1"',
        'printf -v "$NAME" 1',
        'read -r "$NAME" <<< 1',
        'mapfile -t "$NAME" <<< 1',
        "declare -n ref=$NAME; ref=1",
        'one() { local -n ref=$1; ref=1; }; one "$NAME"',
    ],
)
def test_what_may_set_any_variable_may_have_set_the_one_that_an_answer_is_kept_in(line: str) -> None:
    shown = judge("build-signed", signed_by_script("ok=0", line, SIGNED, '[ "$ok" = 1 ]', run_by="bash"))
    assert shown.verdict != "pass"
    again = judge("build-signed", signed_by_script(line, "ok=0", SIGNED, '[ "$ok" = 1 ]', run_by="bash"))
    assert again.verdict == ("fail" if " ref=" in line else "pass")


@pytest.mark.parametrize("trap", ["trap 'rc=1' ERR", "keep() { rc=$?; }; trap keep ERR"])
def test_a_code_that_a_trap_keeps_is_not_guessed(trap: str) -> None:
    assert (
        judge("build-signed", signed_by_script("rc=0", trap, SIGN, "exit $rc", run_by="bash {0}")).verdict == "unknown"
    )
