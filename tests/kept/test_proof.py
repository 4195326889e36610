"""The proof of the store: a good tree's judgement is kept, and no broken one that comes in its place is given it."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from goldenpath.contract import choose
from goldenpath.kept import Judging, Request
from goldenpath.scorecard import evaluate
from good_releases import GOOD
from mutations import mutants
from test_corpus import edited
from trees import repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2026, 11, 1)


def broken(good: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each defect of a good tree, by hand and by rule, with the check that it is about."""
    by_hand = ((edit["check"], edited(good, edit)) for edit in chain(good.get("defects", ()), good.get("kept", ())))
    by_rule = ((mutant.check, dict(mutant.tree)) for mutant in mutants(good["tree"], good["passes"]))
    yield from chain(by_hand, by_rule)


def contract(folder: Path, check: str) -> str:
    path = folder / f"{check}.yaml"
    path.write_text(
        "apiVersion: goldenpath.dev/v1\nkind: PlatformContract\nmetadata: {name: one, version: 1, owner: group:a}\n"
        f"spec: {{tiers: [bronze], checks: {{{check}: {{tier: bronze}}}}}}\n",
        encoding="utf-8",
    )
    return str(path)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_broken_is_never_given_the_verdict_of_what_was_good(name: str, tmp_path: Path, store: Path) -> None:
    good = GOOD[name]
    first: dict[str, tuple[Request, Path, bytes]] = {}
    for check in good["passes"]:
        request = Request("good", contract=contract(tmp_path, check))
        before = set(store.rglob("*"))
        passing = Judging(request, TODAY).of(repository(good["tree"]))
        again = Judging(request, TODAY)
        assert again.of(repository(good["tree"])) == passing
        assert again.contract is None, "the second time nothing is judged"
        (entry,) = (path for path in set(store.rglob("*")) - before if path.is_file())
        first[check] = request, entry, entry.read_bytes()
    for check, tree in broken(good):
        request, entry, of_good = first[check]
        entry.write_bytes(of_good)
        with_store = Judging(request, TODAY).of(repository(tree))
        plain = repository(tree)
        assert with_store.scorecard == evaluate(plain, choose(plain, request.contract), TODAY)
