"""This repository walks the path that it asks of others: as the library that it is."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

import goldenpath
from goldenpath.contract import SHIPPED, named
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


def test_the_validator_the_contracts_and_the_packages_for_backstage_are_of_one_version() -> None:
    packages = [json.loads(path.read_text()) for path in ROOT.glob("scaffolder/plugins/*/package.json")]
    versions = {package["name"]: package["version"] for package in packages}
    versions |= {
        name: version
        for package in packages
        for name, version in package.get("dependencies", {}).items()
        if name.startswith("@goldenpath/")
    }
    versions |= {f"contract {name}": named(name).version for name in SHIPPED}
    assert len(packages) >= 3
    assert {name for name, version in versions.items() if version != goldenpath.__version__} == set()


@pytest.mark.parametrize("document", ["README.md", "templates/check.yml"])
def test_what_readers_copy_pins_the_newest_release(document: str) -> None:
    pins = re.findall(r"(?:goldenpath/check@|rev: )(v[\d.]+\d)", (ROOT / document).read_text())
    assert set(pins) == {f"v{goldenpath.__version__}"}
