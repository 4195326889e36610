"""docs-published: TechDocs builds the documentation."""

from __future__ import annotations

import pytest

from trees import judge

CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations:
    backstage.io/techdocs-ref: dir:.
spec: {type: service, owner: payments}
"""
SITE = {
    "catalog-info.yaml": CATALOG,
    "mkdocs.yml": "site_name: shop\nplugins: [techdocs-core]\nnav:\n  - Home: index.md\n  - Runbook: runbook.md\n",
    "docs/index.md": "# Shop\n\nSells things.\n",
    "docs/runbook.md": "# Runbook\n\nTurn it off and on again.\n",
}


def verdict(**changes: str | None) -> tuple[str, str]:
    """The verdict on the site with some files changed, or taken away."""
    files = {path: text for path, text in (SITE | changes).items() if text is not None}
    outcome = judge("docs-published", files)
    return outcome.verdict, outcome.reason or outcome.summary


def test_a_site_that_builds_passes_with_annotation_configuration_and_front_page_as_evidence() -> None:
    outcome = judge("docs-published", SITE)
    assert (outcome.verdict, outcome.summary) == (
        "pass",
        "TechDocs builds mkdocs.yml: 2 entries of the menu, all there",
    )
    assert [(each.path, each.line) for each in outcome.evidence] == [
        ("catalog-info.yaml", 6),
        ("mkdocs.yml", 0),
        ("docs/index.md", 0),
    ]


def test_backstage_adds_the_plugin_that_is_not_listed() -> None:
    assert verdict(**{"mkdocs.yml": "site_name: shop"})[0] == "pass"


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"catalog-info.yaml": None}, "no component says with `backstage.io/techdocs-ref`"),
        ({"catalog-info.yaml": CATALOG.replace("    backstage", "    # backstage")}, "the entity has no `backstage.io"),
        ({"catalog-info.yaml": CATALOG.replace("dir:.", "docs")}, "neither `dir:`"),
        ({"mkdocs.yml": None}, "there is no mkdocs.yml"),
        ({"docs/runbook.md": None}, "docs/runbook.md is not there"),
        ({"mkdocs.yml": "site_name: shop\n  nav: ["}, "it is not valid YAML"),
        ({"docs/index.md": "# Shop", "docs/runbook.md": "# Runbook\n\nTODO"}, "no page says anything yet"),
        ({"mkdocs.yml": "site_name: shop", "docs/index.md": None}, "docs has no index.md"),
    ],
)
def test_what_does_not_build_fails(changes: dict[str, str | None], summary: str) -> None:
    found = verdict(**changes)
    assert found[0] == "fail"
    assert summary in found[1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"catalog-info.yaml": CATALOG.replace("dir:.", "url:https://github.com/acme/handbook")}, "https://github.com"),
        ({"mkdocs.yml": "site_name: shop\nplugins: [techdocs-core, print-site]"}, "the plugin `print-site`"),
        ({"mkdocs.yml": "INHERIT: base.yml", "base.yml": "site_name: shop"}, "TechDocs drops INHERIT"),
        ({"mkdocs.yml": "INHERIT: base.yml\nsite_name: shop"}, "the inherited `base.yml` is not there"),
    ],
)
def test_what_only_the_builder_knows_is_unknown(changes: dict[str, str | None], reason: str) -> None:
    found = verdict(**changes)
    assert found[0] == "unknown"
    assert reason in found[1]


def test_a_configuration_too_large_to_read_is_unknown() -> None:
    assert judge("docs-published", {**SITE, "mkdocs.yml": None}).verdict == "unknown"


def test_pages_without_a_front_page_as_a_public_extension_has_them() -> None:
    """Two chapters in folders with numbers, a plugin and a theme, and nothing for the site to open with."""
    files = {
        "catalog-info.yaml": CATALOG,
        "mkdocs.yml": "site_name: 'shop Internal Documentation'\ntheme: {name: material}\nplugins: [techdocs-core]\n",
        "docs/01-development/01-contributing.md": "# Contributing\n\nOpen a pull request.\n",
        "docs/01-development/02-architecture.md": "# Architecture\n\nTwo processes.\n",
    }
    outcome = judge("docs-published", files)
    assert outcome.verdict == "fail"
    assert "no index.md" in outcome.summary


def test_an_absolute_page_of_the_menu_leads_nowhere() -> None:
    menu = "site_name: shop\nnav:\n  - Home: index.md\n  - Runbook: /runbook.md\n"
    assert verdict(**{"mkdocs.yml": menu}) == (
        "fail",
        "mkdocs.yml: `/runbook.md` is no page: pages are named from docs/",
    )
