"""`goldenpath adopt`: what is laid over a repository, what is left alone, and that no line of the team's changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import toolbox
from adopting import DOCKERFILE, PYTHON, TEAM, added, adopt, repository, tier
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAYER = {
    ".copier-answers.yml", ".github/CODEOWNERS", ".github/dependabot.yml", ".github/workflows/golden-path.yml",
    ".github/workflows/release.yml", "catalog-info.yaml", "docs/golden-path.md", "docs/index.md", "docs/runbook.md",
    "docs/slo.md", "mkdocs.yml", "observability/alertmanager.yaml", "observability/alerts.yaml",
    "observability/alerts_test.yaml", "observability/dashboard.json", "observability/slo.yaml",
}  # fmt: skip


def test_a_repository_without_a_release_meets_bronze_afterwards(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    done = adopt(shop, suite, "--yes")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("shop  no tier → bronze\n")
    assert added(shop) == LAYER
    assert tier(shop) == "bronze"


def test_a_preview_writes_nothing_and_neither_does_nobody_who_confirms(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    preview = adopt(shop, suite, "--dry-run")
    unconfirmed = adopt(shop, suite)

    assert (preview.returncode, unconfirmed.returncode) == (0, 1)
    assert "  + .github/workflows/release.yml\n" in preview.stdout
    assert unconfirmed.stdout.endswith("Nothing was written. Give --yes to write, for nobody can be asked here.\n")
    assert added(shop) == set()


def test_a_second_run_changes_nothing(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    adopt(shop, suite, "--yes")
    toolbox.commit(shop)
    again = adopt(shop, suite, "--yes", team=())

    assert again.returncode == 0, again.stderr
    assert "Nothing to add: what the template could lay is here." in again.stdout
    assert added(shop) == set()


OWN = {
    "a catalog file": ({"catalog-info.yml": "kind: Nothing\n"}, {"catalog-info.yaml"}),
    "a README in other letters": ({"readme.MD": "# Shop\n"}, set()),
    "CODEOWNERS at the root": ({"CODEOWNERS": "* @acme/payments\n"}, {".github/CODEOWNERS"}),
    "Renovate": ({"renovate.json": '{"extends": ["config:recommended"]}\n'}, {".github/dependabot.yml"}),
    "a site": ({"mkdocs.yml": "site_name: Shop\n"}, {"mkdocs.yml", "docs/index.md"}),
    "CODEOWNERS beside the pages": ({"docs/CODEOWNERS": "* @acme/payments\n"}, {".github/CODEOWNERS"}),
    "pages without a site": ({"docs/usage.md": "# Usage\n"}, {"mkdocs.yml", "docs/index.md"}),
    "pages in other letters": (
        {"Docs/usage.md": "# Usage\n"},
        {"docs/golden-path.md", "docs/index.md", "docs/runbook.md", "docs/slo.md", "mkdocs.yml"}
        | {path for path in LAYER if path.startswith("observability/")},
    ),
    "a file where a folder would be": (
        {"observability": "soon\n"}, {path for path in LAYER if path.startswith("observability/")} | {"docs/slo.md"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("own", "left_out"), OWN.values(), ids=OWN.keys())
def test_what_is_here_already_is_left_alone(
    tmp_path: Path, suite: Path, own: dict[str, str], left_out: set[str]
) -> None:
    shop = repository(tmp_path / "shop", PYTHON | own)
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert added(shop) == LAYER - left_out


def test_a_service_that_is_only_taken_for_one_is_said_to_be(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    said = "For a library give -d adopted_type=library."
    assert said in " ".join(adopt(shop, suite, "--dry-run").stdout.split())
    assert said not in " ".join(adopt(shop, suite, "--dry-run", "-d", "adopted_type=library").stdout.split())


def test_a_runbook_that_is_here_stays_the_runbook_and_the_alerts_have_a_page_of_their_own(
    tmp_path: Path, suite: Path
) -> None:
    shop = repository(tmp_path / "shop", PYTHON | {"RUNBOOK.md": "# Runbook\n"})
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert added(shop) == LAYER - {"docs/runbook.md", "mkdocs.yml", "docs/index.md"} | {"docs/alerts.md"}
    assert "url: https://github.com/acme/shop/blob/main/RUNBOOK.md\n" in (shop / "catalog-info.yaml").read_text()
    assert "/blob/main/docs/alerts.md#servicedown\n" in (shop / "observability" / "alerts.yaml").read_text()


def test_a_link_to_another_folder_is_no_folder_to_write_to(tmp_path: Path, suite: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shop = repository(tmp_path / "shop", PYTHON)
    (shop / "docs").symlink_to(elsewhere)
    toolbox.commit(shop, "docs: link")
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert "docs/runbook.md: docs is a link, not a folder" in done.stdout
    assert "mkdocs.yml: docs is a link, not a folder" in done.stdout
    assert not [path for path in added(shop) if path.startswith("docs")]
    assert list(elsewhere.iterdir()) == []


def test_what_git_does_not_track_is_not_overwritten(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    (shop / "docs").mkdir()
    (shop / "docs" / "runbook.md").write_text("mine\n", encoding="utf-8")
    done = adopt(shop, suite, "--yes")

    assert (done.returncode, done.stdout) == (2, "")
    assert "docs/runbook.md: it is in the way, and git does not track it" in done.stderr
    assert added(shop) == {"docs/runbook.md"}


def test_uncommitted_changes_are_refused(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    (shop / "app.py").write_text("print('changed')\n", encoding="utf-8")
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 2
    assert "it holds uncommitted changes (app.py); commit or stash them first" in done.stderr


def test_line_ends_of_windows_are_no_changes(tmp_path: Path, suite: Path) -> None:
    """Git converts them by a setting of the machine, which is never read."""
    shop = repository(tmp_path / "shop", PYTHON)
    for path in PYTHON:
        (shop / path).write_bytes((shop / path).read_bytes().replace(b"\n", b"\r\n"))
    done = adopt(shop, suite, "--dry-run")

    assert (done.returncode, done.stderr) == (0, "")


NO_WORK_TREE = {
    "what git does not track": (lambda folder: folder, "git does not track it; `git init`, commit, and adopt it then"),
    "a folder within": (lambda folder: folder / "shop" / "src", "it is a folder of {folder}/shop; adopt that"),
    "nothing committed": (lambda folder: folder / "new", "it has no commit yet; commit what is there first"),
}


@pytest.mark.parametrize(("named", "why"), NO_WORK_TREE.values(), ids=NO_WORK_TREE.keys())
def test_what_is_no_work_tree_with_a_commit_is_refused(
    tmp_path: Path, suite: Path, named: Callable[[Path], Path], why: str
) -> None:
    repository(tmp_path / "shop", PYTHON | {"src/app.py": ""})
    toolbox.git(tmp_path, "init", "--quiet", "new")
    done = adopt(named(tmp_path), suite, "--yes")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"goldenpath: {named(tmp_path)}: {why.format(folder=tmp_path)}\n"


def test_the_address_tells_the_forge_where_no_file_does(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON, "git@gitlab.example.com:acme/shop.git")
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert ".gitlab/CODEOWNERS" in added(shop)
    assert not [path for path in added(shop) if path.startswith(".github")]


def test_nothing_is_laid_that_a_forge_does_not_read(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON, "git@bitbucket.org:acme/shop.git")
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert "  - .github/workflows/release.yml: bitbucket.org does not read it\n" in done.stdout
    assert not [path for path in added(shop) if path.startswith(".github")]


UNFIT = {
    "what a build outside made": (
        DOCKERFILE + "    COPY target/shop.jar /app/\n",
        "Dockerfile:5 copies target/shop.jar, which is not in the repository",
    ),
    "a base that only the build knows": (
        "ARG BASE\nFROM $BASE\n",
        "Dockerfile:2 begins with $BASE, which only your build knows",
    ),
    "a secret": (
        DOCKERFILE + "    RUN --mount=type=secret,id=token make\n",
        "Dockerfile:5 needs a secret, which only your build has",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("dockerfile", "why"), UNFIT.values(), ids=UNFIT.keys())
def test_no_release_is_laid_that_could_not_build(tmp_path: Path, suite: Path, dockerfile: str, why: str) -> None:
    shop = repository(tmp_path / "shop", PYTHON | {"Dockerfile": dockerfile})
    done = adopt(shop, suite, "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "+ .github/workflows/release.yml" not in done.stdout
    assert f" 1. Let it be released: {why}" in " ".join(done.stdout.split())


def test_an_image_that_is_built_within_its_own_folder_is_built_there(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", {"src/Dockerfile": "FROM scratch\nCOPY app.py /\n", "src/app.py": "pass\n"})
    adopt(shop, suite, "--yes")

    release = (shop / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "          context: src\n          file: src/Dockerfile\n" in release


def test_what_was_missing_is_laid_by_a_later_run(tmp_path: Path, suite: Path) -> None:
    """The Dockerfile can be built by now: the release follows, and what was laid is not touched, nor what is gone."""
    shop = repository(tmp_path / "shop", {"app.py": "print('up')\n", "Dockerfile": "ARG BASE\nFROM $BASE\n"})
    adopt(shop, suite, "--yes")
    (shop / "docs" / "slo.md").unlink()
    (shop / "catalog-info.yaml").write_text("# ours\n", encoding="utf-8")
    (shop / "Dockerfile").write_text("FROM scratch\nCOPY app.py /\n", encoding="utf-8")
    toolbox.commit(shop)
    done = adopt(shop, suite, "--yes", team=())

    assert done.returncode == 0, done.stderr
    assert toolbox.status(shop) == {".copier-answers.yml": "M", ".github/workflows/release.yml": "??"}


def test_nobody_can_be_asked_so_what_is_missing_is_said(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON | {"CODEOWNERS": "* @acme/payments\n"})
    done = adopt(shop, suite, "--yes", team=TEAM[2:4])

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "goldenpath: the repository does not say chat, and nobody can be asked; give -d chat=payments\n"
    )


def test_at_a_terminal_only_what_is_unknown_is_asked_and_no_is_no(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON | {"CODEOWNERS": "* @acme/payments\n"})
    terminal = Terminal("goldenpath", "adopt", "--source", str(suite), cwd=shop)
    terminal.wait_for("Who is paged?")
    terminal.answer("PABC123")
    terminal.wait_for("Where do people talk about it?")
    terminal.answer("payments")
    terminal.wait_for("Add 15 files? [y/N]")
    terminal.answer("n")

    assert terminal.end() == 1
    assert "Who owns it?" not in terminal.screen
    assert "  owner = group:default/payments" in terminal.screen
    assert added(shop) == set()


def test_a_wrong_answer_is_refused_in_a_sentence(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    done = adopt(shop, suite, "--yes", "-d", "oncall=me")

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.startswith(
        "goldenpath: oncall: As in PABC123: a PagerDuty service id has 7 to 14 capital letters"
    )


def test_an_answer_to_no_question_is_refused_with_the_questions(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    mistyped = adopt(shop, suite, "--yes", "-d", "adopted_tipe=library")
    unheard_of = adopt(shop, suite, "--yes", "-d", "nosuch=1")

    assert (mistyped.returncode, mistyped.stdout, len(mistyped.stderr.splitlines())) == (2, "", 1)
    assert "-d adopted_tipe: there is no such question; is adopted_type meant?" in mistyped.stderr
    assert "-d nosuch: there is no such question. The suite asks for adopted, adopted_alerts" in unheard_of.stderr
    assert ", chat, " in unheard_of.stderr
    assert "java_version" not in unheard_of.stderr
    assert added(shop) == set()


CATALOG_OF_AN_API = """
    apiVersion: backstage.io/v1alpha1
    kind: API
    metadata: {name: shop}
    spec: {type: openapi, lifecycle: production, owner: payments, definition: {$text: ./openapi.json}}
    """


def test_a_catalog_file_without_a_component_gets_the_lines_of_one(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON | {"catalog-info.yaml": CATALOG_OF_AN_API, "openapi.json": "{}\n"})
    done = adopt(shop, suite, "--yes")

    assert "Declare the component in catalog-info.yaml, beside what it has (bronze, minutes)" in done.stdout
    assert "Write catalog-info.yaml" not in done.stdout
    pasted = done.stdout[done.stdout.index("---\n") :].partition("\n 2. ")[0]
    with (shop / "catalog-info.yaml").open("a", encoding="utf-8") as file:
        file.write(pasted.replace("<organisation>", "acme") + "\n")
    assert tier(shop) == "bronze"


def test_a_release_of_the_suite_that_cannot_adopt_is_refused_in_a_sentence(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    old = tmp_path / "old"
    toolbox.git(tmp_path, "clone", "--quiet", str(suite), str(old))
    choice = re.compile(r"^ +\".*\": adopt\n", re.MULTILINE)
    questions = old / "templates" / "questions" / "common.yml"
    questions.write_text(choice.sub("", questions.read_text(encoding="utf-8")), encoding="utf-8")
    toolbox.commit(old, "feat: nothing to adopt by", tag="v0.0.9")
    done = adopt(shop, old, "--yes", "--to", "v0.0.9")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "goldenpath: this version of the suite has no template adopt: --to names another\n"


def test_a_suite_that_cannot_be_fetched_is_refused_in_a_line(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON)
    done = adopt(shop, tmp_path / "nowhere.git", "--yes")

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "nowhere.git" in done.stderr


def test_several_components_are_refused(tmp_path: Path, suite: Path) -> None:
    entity = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: %s}\n"
        "spec: {type: service, owner: payments, lifecycle: production}\n"
    )
    shop = repository(tmp_path / "shop", PYTHON | {"catalog-info.yaml": entity % "shop" + "---\n" + entity % "till"})
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 2
    assert "it declares 2 components (shop, till), and a repository of one service is adopted" in done.stderr
