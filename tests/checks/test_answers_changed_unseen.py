"""Answers that are kept in a variable, and changed where no assignment is seen."""

from __future__ import annotations

import pytest

from releasing import signed_by_script
from trees import judge

KEEP = "rc=0; cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }} || rc=1"


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
        "trap 'echo failed' ERR",
    ],
)
def test_what_changes_another_variable_leaves_an_answer_as_it_is(line: str) -> None:
    assert verdict(line, "exit $rc") == "pass"
