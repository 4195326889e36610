"""Rarer ways of releases by GitLab CI, each that is good beside what looks like it and is not."""

from __future__ import annotations

import pytest

from goldenpath.facts.gitlab.walk import LINES, MAX_STEPS
from pipelines import GOOD, PROOFS, changed, on_gitlab
from trees import judge, judge_all

AUDIENCE = "      aud: sigstore\n"


def verdict(check: str, pipeline: str, **files: str) -> str:
    return judge(check, on_gitlab(pipeline, **files)).verdict


# --- long scripts


def with_lines(count: int) -> str:
    return changed(("    - pytest\n", "    - |\n" + "      echo line\n" * count + "    - pytest\n"))


def test_a_script_of_thousands_of_lines_is_followed() -> None:
    assert judge_all(PROOFS, on_gitlab(with_lines(3_000))) == ["pass"] * len(PROOFS)


def test_what_comes_behind_the_limit_may_be_a_release() -> None:
    outcomes = judge_all(PROOFS, on_gitlab(with_lines(MAX_STEPS * LINES)))
    assert outcomes == ["unknown"] * len(PROOFS)


# --- whom a token is for


@pytest.mark.parametrize(
    ("audience", "said", "expected"),
    [
        ("$SIGNING", "  SIGNING: sigstore\n", "pass"),
        ("$SIGNING", "  SIGNING: https://vault.acme.example\n", "fail"),
        ("$CI_SERVER_URL", "", "fail"),
        ("https://$CI_SERVER_HOST", "", "fail"),
        ("$SIGNING", "", "unknown"),
        ("[$SIGNING, sigstore]", "", "pass"),
    ],
)
def test_for_whom_a_token_is_may_be_a_variable(audience: str, said: str, expected: str) -> None:
    pipeline = changed((AUDIENCE, f"      aud: {audience}\n"), ("variables:\n  IMAGE:", f"variables:\n{said}  IMAGE:"))
    assert verdict("build-signed", pipeline) == expected


def test_a_key_needs_no_token() -> None:
    by_key = GOOD.replace(AUDIENCE, "      aud: $SIGNING\n").replace("--yes", "--yes --key env://COSIGN_KEY")
    assert verdict("build-signed", by_key) == "pass"
