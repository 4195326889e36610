"""Answers that are asked for in one of several branches: a failure that has led to another one does not count."""

from __future__ import annotations

import pytest

from releasing import signed_by_script
from trees import judge

KEEP = "rc=0; cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }} || rc=1"


def verdict(*lines: str) -> str:
    return judge("build-signed", signed_by_script(KEEP, *lines, run_by="bash")).verdict


@pytest.mark.parametrize(
    "lines",
    [
        ("case $rc in 1) echo no ;; 0) echo yes ;; *) exit 1 ;; esac",),
        ("case $rc in 1) ;& 0) echo yes ;; *) exit 1 ;; esac",),
        ("if [ $rc = 1 ]; then echo no; elif [ $rc = 0 ]; then echo yes; else exit 1; fi",),
        ("if [ $rc = 1 ]; then echo no; elif [ $rc = 1 ]; then exit 1; fi",),
        ('if [ -n "$QUIET" ]; then echo no; elif [ $rc != 0 ]; then exit 1; fi',),
        ("ends() { declare rc; exit $rc; }", "ends"),
        ("ends() { trap 'exit 0' EXIT; exit $rc; }", "ends & wait $!"),
    ],
)
def test_what_is_asked_where_an_answer_has_led_another_way_does_not_count(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) != "pass"


@pytest.mark.parametrize(
    "lines",
    [
        ("ok=true; [ $rc = 0 ] || ok=false", "case $ok in true) ;; false) exit 1 ;; *) echo no ;; esac"),
        ("case $rc in 0) echo yes ;; *) exit 1 ;; esac",),
        ("if [ $rc = 0 ]; then echo yes; elif [ $rc != 0 ]; then exit 1; else echo no; fi",),
        ("ends() { declare -g rc; exit $rc; }", "ends"),
    ],
)
def test_the_branch_that_a_failure_leads_to_counts(lines: tuple[str, ...]) -> None:
    assert verdict(*lines) == "pass"


@pytest.mark.parametrize("last", ["exit 1", "false", "[ $rc -eq 0 ]", "(( rc == 0 ))", "exit $rc"])
@pytest.mark.parametrize(
    "left",
    [
        "case $rc in 0) exit 0 ;; esac",
        "case $rc in [1-9]*) echo no ;; 0) exit 0 ;; esac",
        "[ $rc -eq 0 ] && exit 0",
        "[ $rc -eq 0 ] && exit $rc",
        "if [ $rc -eq 0 ]; then exit; fi",
    ],
)
def test_who_has_left_where_all_has_gone_well_fails_otherwise(left: str, last: str) -> None:
    assert verdict(left, last) == "pass"
    assert verdict(left, "echo done") == "fail"


@pytest.mark.parametrize("left", ["case $rc in 1) exit 0 ;; esac", "case $rc in 1) echo ;& 0) exit 0 ;; esac"])
def test_who_leaves_quietly_where_something_has_failed(left: str) -> None:
    assert verdict(left, "exit 1") != "pass"


def test_the_last_command_fails_a_script_that_does_not_stop_at_failures() -> None:
    assert verdict("set +e", "if [ $rc -eq 0 ]; then echo yes; else false; fi") == "pass"
    assert verdict("set +e", "[ $rc -eq 0 ] || { echo no; false; }") == "pass"
    assert verdict("set +e", "if [ $rc -eq 0 ]; then echo yes; else false; fi", "echo done") == "fail"
    assert verdict("set +e", "if [ $rc -eq 0 ]; then echo yes; else false; echo no; fi") == "fail"
