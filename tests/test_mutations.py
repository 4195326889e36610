"""Mutation testing of verdicts: what is broken by rule is found, and what only looks different is not."""

from __future__ import annotations

from typing import Any

import pytest

from good_releases import GOOD
from mutations import Mutant, mutants, rewrites
from trees import judge

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
