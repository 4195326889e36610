"""Mutation testing of verdicts: what is broken by rule is found, and what only looks different is not."""

from __future__ import annotations

from typing import Any

import pytest

from good_releases import GOOD
from mutations import Mutant, mutants, rewrites
from toolbox import ROOT
from trees import judge

SHARES = ROOT / "benchmarks" / "accuracy" / "README.md"
_SIGNED_ALL_THE_SAME = "when the workflow before starts matters to the tests only"
STILL_PASSES = {
    "followed: build-signed: ci.yml: only on pull requests": _SIGNED_ALL_THE_SAME,
    "followed: sbom-generated: ci.yml: only on pull requests": _SIGNED_ALL_THE_SAME,
}
"""Mutants that rightly pass, with the reason."""

UNDECIDED: dict[str, str] = {}
"""Rewrites of which the validator cannot tell yet that they mean the same, with the reason."""

MUTANTS = [
    pytest.param(mutant, id=f"{name}: {mutant.check}: {mutant.name}")
    for name, good in GOOD.items()
    for mutant in mutants(good["tree"], good["passes"])
]
REWRITTEN = [
    pytest.param(check, tree, id=f"{name}: {check}: {how}")
    for name, good in GOOD.items()
    for how, tree in rewrites(good["tree"])
    for check in good["passes"]
]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_what_is_broken_does_not_pass(mutant: Mutant, request: pytest.FixtureRequest) -> None:
    outcome = judge(mutant.check, mutant.tree)
    excused = STILL_PASSES.get(request.node.callspec.id)
    assert (outcome.verdict == "pass") == bool(excused), outcome.summary


@pytest.mark.parametrize(("check", "tree"), REWRITTEN)
def test_what_means_the_same_passes(check: str, tree: dict[str, Any], request: pytest.FixtureRequest) -> None:
    outcome = judge(check, tree)
    excused = UNDECIDED.get(request.node.callspec.id)
    assert (outcome.verdict == "pass") == (excused is None), f"{outcome.verdict}: {outcome.summary}: {outcome.reason}"


def test_the_shares_that_are_reported_are_these() -> None:
    """All mutants but those that are excused do not pass, and all rewrites do: the tests above say so of each."""
    mutants_, excused, rewritten = len(MUTANTS), len(STILL_PASSES), len(REWRITTEN)
    assert not UNDECIDED
    row = f"| {mutants_} | {mutants_ - excused} | {excused} | 100% | {rewritten} | 100% |"
    assert f"| GitHub Actions {row}" in SHARES.read_text(encoding="utf-8")
    defects, kept = (sum(len(good.get(kind, ())) for good in GOOD.values()) for kind in ("defects", "kept"))
    assert f"{defects} more trees" in SHARES.read_text(encoding="utf-8")
    assert f"and {kept} by nothing" in SHARES.read_text(encoding="utf-8")
