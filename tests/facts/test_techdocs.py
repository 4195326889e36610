"""Documentation sites as MkDocs and TechDocs would build them; MkDocs itself is asked, too."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from goldenpath.facts import Facts
from goldenpath.facts.techdocs import says_something
from goldenpath.repository import open_repository
from trees import InMemory, repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from goldenpath.facts.techdocs import Docs, Site
    from toolbox import Tool

CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: shop, annotations: {{{annotation}}}}}
spec: {{type: service, owner: payments}}
"""


def docs(files: Mapping[str, str | bytes | None], annotation: str = '"backstage.io/techdocs-ref": "dir:."') -> Docs:
    """What is known of the documentation of the first component."""
    facts = Facts(repository({"catalog-info.yaml": CATALOG.format(annotation=annotation), **files}))
    of = facts["techdocs"].of
    return of[facts["catalog"].components[0].ref]  # type: ignore[no-any-return]


def site(files: Mapping[str, str | bytes | None]) -> Site:
    found = docs(files).site
    assert found
    return found


def texts(files: Mapping[str, str | bytes | None]) -> list[str]:
    """Problems, then doubts."""
    found = site(files)
    return [each.text for each in (*found.problems, *found.doubts)]


PAGE = "# Shop\n\nSells things.\n"
NAV = """
site_name: shop
plugins: [techdocs-core]
nav:
  - Home: index.md
  - Run:
      - runbook.md
      - Status: https://status.acme.io
"""


def test_a_site_has_its_configuration_its_folder_and_its_front_page() -> None:
    found = site({"mkdocs.yml": NAV, "docs/index.md": PAGE, "docs/runbook.md": "# Runbook"})
    assert (found.config, found.folder, found.front) == ("mkdocs.yml", "docs", "docs/index.md")
    assert (found.entries, found.problems, found.doubts) == (3, (), ())


def test_an_entry_of_the_menu_that_is_not_there_is_named_at_its_place() -> None:
    (problem,) = site({"mkdocs.yml": NAV, "docs/index.md": PAGE}).problems
    assert (problem.place.line, problem.place.column, problem.text) == (6, 9, "docs/runbook.md is not there")


BUILDS: dict[str, Mapping[str, str]] = {
    "menu": {"mkdocs.yml": NAV, "docs/index.md": PAGE, "docs/runbook.md": PAGE},
    "no menu": {"mkdocs.yml": "site_name: shop", "docs/README.md": PAGE},
    "another folder": {"mkdocs.yml": "site_name: shop\ndocs_dir: content/pages", "content/pages/index.md": PAGE},
    "assets in the menu": {
        "mkdocs.yml": "site_name: x\nnav: [index.md, a/b.pdf]",
        "docs/index.md": PAGE,
        "docs/a/b.pdf": "",
    },
    "python names": {
        "mkdocs.yml": "site_name: x\nmarkdown_extensions:\n  - pymdownx.emoji:\n"
        "      emoji_index: !!python/name:material.extensions.emoji.twemoji\n",
        "docs/index.md": PAGE,
    },
    "the environment": {"mkdocs.yml": "site_name: !ENV [SITE, shop]\n", "docs/index.md": PAGE},
    "included sites": {
        "mkdocs.yml": "site_name: all\nnav:\n  - Home: index.md\n  - A: '!include a/mkdocs.yml'\n",
        "docs/index.md": PAGE,
        "a/mkdocs.yml": "site_name: a\nnav: [index.md]\n",
        "a/docs/index.md": PAGE,
    },
    "sites by wildcard": {
        "mkdocs.yml": "site_name: all\nnav:\n  - Home: index.md\n  - Parts: '*include p/*/mkdocs.yml'\n",
        "docs/index.md": PAGE,
        "p/a/mkdocs.yml": "site_name: a\nnav: [index.md]\n",
        "p/a/docs/index.md": PAGE,
    },
}
BREAKS: dict[str, tuple[Mapping[str, str], str]] = {
    "a missing page": ({"mkdocs.yml": NAV, "docs/index.md": PAGE}, "docs/runbook.md is not there"),
    "a page by another case": (
        {"mkdocs.yml": "site_name: x\nnav: [index.md, Runbook.md]", "docs/index.md": PAGE, "docs/runbook.md": PAGE},
        "docs/Runbook.md is not there",
    ),
    "a folder in the menu": (
        {"mkdocs.yml": "site_name: x\nnav: [index.md, a]", "docs/index.md": PAGE, "docs/a/b.md": PAGE},
        "docs/a is a folder",
    ),
    "a page outside": (
        {"mkdocs.yml": "site_name: x\nnav: [index.md, ../README.md]", "docs/index.md": PAGE, "README.md": PAGE},
        "is not below docs",
    ),
    "docs twice": (
        {"mkdocs.yml": "site_name: x\nnav: [docs/index.md]", "docs/index.md": PAGE},
        "docs/docs/index.md is",
    ),
    "README beside index": (
        {"mkdocs.yml": "site_name: x\nnav: [README.md]", "docs/index.md": PAGE, "docs/README.md": PAGE},
        "docs/README.md is left out",
    ),
    "no name": ({"mkdocs.yml": "nav: [index.md]", "docs/index.md": PAGE}, "site_name is missing"),
    "no folder": ({"mkdocs.yml": "site_name: x", "doc/index.md": PAGE}, "the folder docs of docs_dir is not there"),
    "its own folder": (
        {"mkdocs.yml": "site_name: x\ndocs_dir: .", "index.md": PAGE},
        "docs_dir is the folder of mkdocs.yml",
    ),
    "an unknown tag": (
        {"mkdocs.yml": "site_name: x\nnav:\n  - A: !include a/mkdocs.yml", "docs/index.md": PAGE},
        "MkDocs knows no tag `!include`; write it in quotation marks",
    ),
    "no YAML": ({"mkdocs.yml": "site_name: x\nnav:\n  - A: [\n", "docs/index.md": PAGE}, "it is not valid YAML"),
    "a menu that is none": ({"mkdocs.yml": "site_name: x\nnav: index.md", "docs/index.md": PAGE}, "`nav` is no list"),
    "a title without a page": (
        {"mkdocs.yml": "site_name: x\nnav:\n  - Home:\n", "docs/index.md": PAGE},
        "an entry of `nav`",
    ),
    "an included site that is not there": (
        {"mkdocs.yml": "site_name: x\nnav:\n  - A: '!include a/mkdocs.yml'", "docs/index.md": PAGE},
        "the included a/mkdocs.yml is not there",
    ),
    "an included site without a name": (
        {"mkdocs.yml": "site_name: x\nnav:\n  - A: '!include a/mkdocs.yml'", "docs/index.md": PAGE}
        | {"a/mkdocs.yml": "nav: [index.md]", "a/docs/index.md": PAGE},
        "site_name is missing",
    ),
    "two included sites of one name": (
        {"mkdocs.yml": "site_name: x\nnav:\n  - A: '!include a/mkdocs.yml'\n  - B: '!include b/mkdocs.yml'"}
        | {f"{each}/mkdocs.yml": "site_name: same\nnav: [index.md]" for each in "ab"}
        | {"docs/index.md": PAGE, "a/docs/index.md": PAGE, "b/docs/index.md": PAGE},
        "two included sites are called `same`",
    ),
}


@pytest.mark.parametrize("files", BUILDS.values(), ids=BUILDS)
def test_what_mkdocs_builds_has_no_problem(files: Mapping[str, str]) -> None:
    assert texts(files) == []


@pytest.mark.parametrize(("files", "problem"), BREAKS.values(), ids=BREAKS)
def test_what_mkdocs_does_not_build_is_named(files: Mapping[str, str], problem: str) -> None:
    assert problem in texts(files)[0]


@pytest.mark.parametrize(
    ("files", "builds"),
    [*((files, True) for files in BUILDS.values()), *((files, False) for files, _ in BREAKS.values())],
    ids=[*BUILDS, *BREAKS],
)
def test_mkdocs_agrees(tool: Tool, tmp_path: Path, files: Mapping[str, str], builds: bool) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    config = tmp_path / "mkdocs.yml"
    if "techdocs-core" not in config.read_text():
        config.write_text("plugins: [techdocs-core]\n" + config.read_text())
    done = subprocess.run(
        [tool("mkdocs"), "build", "--strict", "-d", tmp_path / "site"], cwd=tmp_path, check=False, capture_output=True
    )
    assert (done.returncode == 0) == builds, done.stderr.decode()


@pytest.mark.parametrize(
    ("config", "doubt"),
    [
        ("plugins: [techdocs-core, awesome-pages]", "the plugin `awesome-pages`"),
        ("plugins:\n  - git-revision-date-localized: {type: date}", "the plugin `git-revision-date-localized`"),
        ("plugins: {search: {}}", "`plugins` is no list"),
        ("markdown_extensions: [toc, callouts]", "the extension `callouts`"),
        ("theme: {name: windmill}", "the theme `windmill`"),
        ("docs_dir: !ENV DOCS", "comes from the environment"),
    ],
)
def test_what_techdocs_does_not_bring_along_is_a_doubt(config: str, doubt: str) -> None:
    found = site({"mkdocs.yml": f"site_name: x\n{config}\nnav: [index.md, generated.md]", "docs/index.md": PAGE})
    assert doubt in found.doubts[0].text
    assert not found.problems


def test_an_inherited_name_is_a_doubt() -> None:
    files = {"mkdocs.yml": "INHERIT: base.yml", "base.yml": "site_name: shop", "docs/index.md": PAGE}
    assert "TechDocs drops INHERIT" in texts(files)[0]


@pytest.mark.parametrize(
    "config",
    [
        "site_name: x\nextra:\n  a: !!python/name:os.system\n",
        "site_name: x\nextra: !!python/object/apply:os.system ['id']\n",
        "site_name: x\nextra: !<tag:yaml.org,2002:python/name:os.system> ''\n",
    ],
)
def test_python_objects_that_run_code_are_refused(config: str) -> None:
    assert "TechDocs refuses the Python object" in texts({"mkdocs.yml": config, "docs/index.md": PAGE})[0]


def test_a_site_opens_with_an_index() -> None:
    assert "docs has no index.md" in texts({"mkdocs.yml": "site_name: x", "docs/guide.md": PAGE, "README.md": PAGE})[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Shop\n",
        "# Shop\n\nTODO: write this\n",
        "---\ntitle: Shop\n---\n\n# Shop\n<!-- say something\n here -->\n",
        "# Welcome to MkDocs\n\nFor full documentation visit [mkdocs.org](https://x.org).\n\n* `mkdocs new` - Go.\n",
    ],
)
def test_a_scaffold_says_nothing(text: str) -> None:
    assert not says_something(text)
    assert texts({"mkdocs.yml": "site_name: x", "docs/index.md": text}) == ["no page says anything yet"]


@pytest.mark.parametrize(
    ("annotation", "home"),
    [
        ("dir:.", ""),
        ("dir:./", ""),
        ("dir:./handbook", "handbook"),
        ("dir:handbook/", "handbook"),
        ("dir:/handbook", "handbook"),
        ("url:https://github.com/acme/shop/tree/main/handbook", "handbook"),
        ("url:https://github.com/ACME/shop/", ""),
    ],
)
def test_the_annotation_leads_to_a_folder(annotation: str, home: str) -> None:
    prefix = f"{home}/" if home else ""
    files = {f"{prefix}mkdocs.yml": "site_name: x", f"{prefix}docs/index.md": PAGE}
    found = docs(files, f'"backstage.io/techdocs-ref": "{annotation}", "github.com/project-slug": acme/shop').site
    assert found
    assert (found.config, found.problems, found.doubts) == (f"{prefix}mkdocs.yml", (), ())


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        ('"backstage.io/techdocs-ref": "."', "neither `dir:`"),
        ('"backstage.io/techdocs-ref": "dir:"', "neither `dir:`"),
        ('"backstage.io/techdocs-ref": "dir:../.."', "leads out of the repository"),
        ('"backstage.io/techdocs-entity": "a b"', "is no entity name"),
    ],
)
def test_an_annotation_that_leads_nowhere_is_a_problem(annotation: str, problem: str) -> None:
    assert problem in (docs({}, annotation).problem or "")


@pytest.mark.parametrize(
    ("annotation", "doubt"),
    [
        ('"backstage.io/techdocs-ref": "url:https://github.com/acme/docs"', "the documentation is at https"),
        ('"backstage.io/techdocs-entity": "component:default/handbook"', "component:default/handbook's"),
        ('"backstage.io/techdocs-ref": "dir:.", "backstage.io/techdocs-engine": "zensical"', "engine `zensical`"),
    ],
)
def test_documentation_elsewhere_is_a_doubt(annotation: str, doubt: str) -> None:
    assert doubt in (docs({"mkdocs.yml": "site_name: x", "docs/index.md": PAGE}, annotation).doubt or "")


def test_another_component_of_the_repository_may_have_the_documentation() -> None:
    other = CATALOG.format(annotation='"backstage.io/techdocs-ref": "dir:."').replace("shop", "handbook")
    facts = Facts(
        repository(
            {
                "catalog-info.yaml": CATALOG.format(annotation='"backstage.io/techdocs-entity": "handbook"')
                + "---"
                + other,
                "mkdocs.yml": "site_name: x",
                "docs/index.md": PAGE,
            }
        )
    )
    first = facts["catalog"].components[0]
    assert facts["techdocs"].of[first.ref].site.config == "mkdocs.yml"


def test_the_annotation_names_the_folder_of_the_configuration_not_of_the_pages() -> None:
    found = docs({"mkdocs.yml": "site_name: x", "docs/index.md": PAGE}, '"backstage.io/techdocs-ref": "dir:docs"').site
    assert found
    assert found.problems[0].text == "the annotation names the folder of mkdocs.yml, not that of the pages"


def test_a_link_out_of_the_tree_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text(PAGE)
    (tmp_path / "docs/passwd.md").symlink_to("/etc/passwd")
    (tmp_path / "mkdocs.yml").write_text("site_name: x")
    (tmp_path / "catalog-info.yaml").write_text(CATALOG.format(annotation='"backstage.io/techdocs-ref": "dir:."'))
    with open_repository(tmp_path) as opened:
        (found,) = Facts(opened)["techdocs"].of.values()
    assert [(each.place.path, each.text) for each in found.site.problems] == [
        ("docs/passwd.md", "the link leads nowhere, or out of the repository")
    ]


def test_hostile_configurations_end_in_findings() -> None:
    for config in (
        None,
        b"\xff",
        b"site_name: x\x00",
        "[" * 5000,
        "a: 1\na: 2",
        "- 1",
        "? [a]\n: b",
        "nav: " + "[" * 60 + "]" * 60,
    ):
        found = site({"mkdocs.yml": config, "docs/index.md": PAGE})
        assert found.problems or found.doubts


def test_a_file_that_waits_for_git_add_is_named() -> None:
    class Forgotten(InMemory):
        def stray(self, path: str) -> bool:
            return path == "docs/runbook.md"

    files = {
        "mkdocs.yml": NAV,
        "docs/index.md": PAGE,
        "catalog-info.yaml": CATALOG.format(annotation='"backstage.io/techdocs-ref": "dir:."'),
    }
    tree = repository(files)
    tree._source = Forgotten(files)
    (found,) = Facts(tree)["techdocs"].of.values()
    assert found.site.problems[0].text == "docs/runbook.md is not tracked by git"
