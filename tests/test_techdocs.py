"""The documentation as TechDocs builds it: the suite's own entity has it, and every check's link leads into it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import toolbox
from goldenpath.facts.nodes import parse, plain
from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = "https://github.com/goldenpath-dev/goldenpath/blob/main/docs/"


@pytest.fixture(scope="module")
def site(shared: Path) -> Path:
    return toolbox.once(shared / "site", build)


def build(folder: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def goldenpath(*arguments: str) -> str:
    command = [sys.executable, "-m", "goldenpath", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def page(site: Path, link: str) -> Path:
    """Where a link to a page's source is on the site."""
    assert link.startswith(PAGES), link
    return site / link.removeprefix(PAGES).removesuffix(".md") / "index.html"


def test_the_entity_says_where_its_documentation_is() -> None:
    (entity,) = parse("catalog-info.yaml", (ROOT / "catalog-info.yaml").read_text(encoding="utf-8"))
    assert plain(entity)["metadata"]["annotations"]["backstage.io/techdocs-ref"] == "dir:."
    (settings,) = parse("mkdocs.yml", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert plain(settings)["plugins"] == ["techdocs-core"]


def test_techdocs_has_what_it_reads(site: Path) -> None:
    assert json.loads((site / "techdocs_metadata.json").read_text(encoding="utf-8"))["site_name"] == "goldenpath"


def test_a_checks_solution_in_the_portal_is_a_page(site: Path) -> None:
    exported = goldenpath("contract", "export", "tech-insights")
    (document,) = parse("export", exported)
    checks = plain(document)["techInsights"]["factChecker"]["checks"]
    assert len(checks) > 15
    for id_, check in checks.items():
        links = re.findall(r"\]\(([^)]+)\)", check["metadata"]["solution"])
        assert [page(site, link).is_file() for link in links] == [True], id_


def test_a_failing_checks_link_in_the_report_is_a_page(site: Path, tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\nspec: {type: service}\n",
        encoding="utf-8",
    )
    (component,) = json.loads(goldenpath("check", "--format", "json", str(tmp_path)))["components"]
    links = [check["fix"]["docs"] for check in component["checks"] if check.get("fix")]
    assert links
    assert [link for link in [*links, component["next"]["docs"]] if not page(site, link).is_file()] == []
