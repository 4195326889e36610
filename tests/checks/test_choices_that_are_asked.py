"""An `if`, a `case` or a loop whose own status decides something: that of what was done in it."""

from __future__ import annotations

import pytest

from releasing import signed_by_script
from trees import judge

SIGN = "cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
LOGIN = "docker login ghcr.io"


def verdict(*lines: str) -> str:
    return judge("build-signed", signed_by_script(*lines, run_by="bash -e {0}")).verdict


@pytest.mark.parametrize(
    "line",
    [
        f"if if [ -e .token ]; then {LOGIN}; fi; then {SIGN}; fi",
        f"if case $(uname) in Linux) {LOGIN} ;; esac; then {SIGN}; fi",
        f"n=0; if while [ $n -lt 1 ]; do n=1; {LOGIN}; done; then {SIGN}; fi",
        f"log_in() {{ if [ -e .token ]; then {LOGIN}; fi; }}; if log_in; then {SIGN}; else echo unsigned; fi",
        f"log_in() {{ for i in $HOSTS; do {LOGIN}; done; }}; if log_in; then {SIGN}; fi",
    ],
)
def test_what_has_failed_in_it_leads_past_the_signature(line: str) -> None:
    assert verdict(line) == "unknown"


@pytest.mark.parametrize(
    "line",
    [
        f"if [ -e / ]; then {SIGN}; else exit 2; fi || exit 1",
        f"case $(uname) in Linux) {SIGN} ;; *) exit 2 ;; esac || exit 1",
        f"if {SIGN}; then true; else false; fi || exit 1",
        f"if {SIGN} || false; then echo signed; else exit 1; fi",
        f"{{ {SIGN} && exit 0; }} || exit 1",
        f"{{ {SIGN} && echo signed; }} || {{ echo unsigned; false; }}",
        f"{{ if [ -e / ]; then {SIGN}; else exit 1; fi; }} || exit 1",
    ],
)
def test_it_fails_by_the_signature(line: str) -> None:
    assert verdict(line) == "pass"


@pytest.mark.parametrize(
    "line",
    [
        f"if {SIGN}; then true; else false; fi || true",
        f"if {SIGN}; then false; else true; fi || exit 1",
        f"{{ {SIGN} && exit 0; }} || exit 0",
        f"{{ {SIGN} && echo signed; }} || echo unsigned",
        f"if {SIGN} || true; then echo signed; else exit 1; fi",
    ],
)
def test_it_does_not(line: str) -> None:
    assert verdict(line) == "fail"
