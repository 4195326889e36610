"""Rarer ways of releases by GitLab CI, each that is good beside what looks like it and is not."""

from __future__ import annotations

from goldenpath.facts.gitlab.walk import LINES, MAX_STEPS
from pipelines import PROOFS, changed, on_gitlab
from trees import judge_all

# --- long scripts


def with_lines(count: int) -> str:
    return changed(("    - pytest\n", "    - |\n" + "      echo line\n" * count + "    - pytest\n"))


def test_a_script_of_thousands_of_lines_is_followed() -> None:
    assert judge_all(PROOFS, on_gitlab(with_lines(3_000))) == ["pass"] * len(PROOFS)


def test_what_comes_behind_the_limit_may_be_a_release() -> None:
    outcomes = judge_all(PROOFS, on_gitlab(with_lines(MAX_STEPS * LINES)))
    assert outcomes == ["unknown"] * len(PROOFS)
