"""What a changed file touches: what was looked for, found or not, and what a search would have found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from goldenpath.contract import named
from goldenpath.repository import InputError, paths_in
from goldenpath.scorecard import Scorecard, evaluate, meets
from hostile import ENTITY
from releasing import PUSH, released_by
from trees import repository

FILES = {
    "catalog-info.yaml": """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: shop}
        spec: {type: service, lifecycle: production, owner: group:default/shop}
        """,
    ".github/workflows/ci.yml": """
        on: push
        jobs: {build: {runs-on: ubuntu-latest, steps: [{uses: ./tools/setup}]}}
        """,
    "tools/setup/action.yml": "runs: {using: composite, steps: []}",
    ".github/CODEOWNERS": "/docs/ @acme/shop",
    "src/main.py": "",
}


def narrowed(*changed: str) -> Scorecard:
    return evaluate(repository(FILES), named("standard"), date(2026, 11, 24), changed=frozenset(changed))


def judged(*changed: str) -> set[str]:
    return {check.id for component in narrowed(*changed).components for check in component.checks}


@pytest.mark.parametrize(
    ("changed", "touched", "untouched"),
    [
        ("src/main.py", {"code-owned"}, {"owner-declared", "build-signed", "slo-defined"}),
        (".github/workflows/new.yml", {"actions-pinned", "build-signed", "sbom-generated"}, {"docs-published"}),
        ("tools/setup/action.yml", {"actions-pinned"}, {"docs-published"}),
        ("CODEOWNERS", {"code-owned"}, {"build-signed"}),
        ("observability/slo.yaml", {"slo-defined"}, {"build-signed", "runbook-linked"}),
        ("catalog-info.yaml", {"owner-declared", "build-signed", "actions-pinned"}, set()),
        (".goldenpath.yaml", {"owner-declared", "build-signed", "actions-pinned"}, set()),
    ],
)
def test_a_file_touches_the_checks_that_look_for_it(changed: str, touched: set[str], untouched: set[str]) -> None:
    assert touched <= judged(changed)
    assert not untouched & judged(changed)


TWO = {
    "catalog-info.yaml": "\n---\n".join(ENTITY.replace("payments-api", name) for name in ("shop", "pay")),
    ".github/workflows/release.yml": released_by(PUSH)[".github/workflows/release.yml"],
}


@pytest.mark.parametrize("changed", [".github/workflows/release.yml", "catalog-info.yaml"])
def test_whose_a_release_is_of_several_components_is_touched_by_what_says_so(changed: str) -> None:
    card = evaluate(repository(TWO), named("standard"), date(2026, 11, 24), changed=frozenset({changed}))
    touched = [{check.id for check in component.checks} for component in card.components]
    assert len(touched) == 2
    assert all({"build-signed", "sbom-generated"} <= each for each in touched)


def test_a_part_of_the_checks_claims_no_tier_and_fails_for_what_it_holds_only() -> None:
    card = narrowed("tools/setup/action.yml")
    assert (card.tier, card.ceiling, {each.tier for each in card.components}) == (None, None, {None})
    assert meets(narrowed("src/main.py"), "bronze")
    assert not meets(narrowed("src/main.py"), "silver")
    assert not meets(narrowed("catalog-info.yaml"), "bronze")
    assert meets(narrowed(), "gold")


def test_a_file_elsewhere_is_an_error_that_names_it() -> None:
    with pytest.raises(InputError, match=r"--changed \.\./b: it is no file of \.; PATH comes before"):
        paths_in(Path(), ["a", "../b"])
