"""This repository walks the path that it asks of others: as the library that it is."""

from __future__ import annotations

from datetime import date

from goldenpath.contract import named
from goldenpath.repository import open_repository
from goldenpath.scorecard import evaluate
from toolbox import ROOT


def test_it_reaches_the_highest_tier_that_asks_anything_of_a_library() -> None:
    contract = named("standard")
    with open_repository(ROOT) as repository:
        scorecard = evaluate(repository, contract, date(2026, 11, 24))
    (component,) = scorecard.components
    asked = {check.tier for check in component.checks if check.verdict != "not-applicable"}
    assert component.ref == "component:default/goldenpath"
    assert [check.id for check in component.checks if not check.met] == []
    assert scorecard.tier == max(asked, key=contract.tiers.index)
