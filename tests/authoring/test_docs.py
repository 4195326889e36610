"""What is generated is current, and a document that is not is shown as a difference."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from goldenpath.authoring import docs, main
from goldenpath.authoring.picture import svg
from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that looks like this one, with two documents to be made."""
    (tmp_path / "validator/goldenpath").mkdir(parents=True)
    monkeypatch.setattr(docs, "documents", lambda: {"docs/checks/one.md": "# one\n", "docs/report.schema.json": "{}\n"})
    return tmp_path


def test_the_documents_of_this_repository_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--check", str(ROOT)]) == 0, capsys.readouterr().out


def test_documents_are_written_and_pages_of_checks_that_are_gone_removed(suite: Path) -> None:
    (suite / "docs/checks").mkdir(parents=True)
    (suite / "docs/checks/gone.md").write_text("# gone\n")
    assert main(["docs", str(suite)]) == 0
    assert (suite / "docs/checks/one.md").read_text() == "# one\n"
    assert not (suite / "docs/checks/gone.md").exists()
    assert main(["docs", "--check", str(suite)]) == 0


def test_what_is_not_current_is_a_diff_and_is_left_as_it_is(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (suite / "docs/checks").mkdir(parents=True)
    (suite / "docs/checks/one.md").write_text("# changed by hand\n")
    (suite / "docs/checks/gone.md").write_text("# gone\n")
    assert main(["docs", "--check", str(suite)]) == 1
    told = capsys.readouterr()
    assert "-# changed by hand\n+# one\n" in told.out
    assert "--- docs/checks/gone.md" in told.out
    assert "+{}" in told.out
    assert "run it without --check" in told.err
    assert (suite / "docs/checks/one.md").read_text() == "# changed by hand\n"
    assert not (suite / "docs/report.schema.json").exists()


def test_another_repository_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", str(tmp_path)]) == 2
    assert "not the repository of goldenpath itself" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_schema_is_a_document() -> None:
    assert json.loads(docs.documents()["docs/report.schema.json"])["title"] == "goldenpath report"


def test_a_picture_places_every_run_of_one_colour_at_its_column() -> None:
    drawn = svg("\x1b[1;7;38;5;173m BRONZE \x1b[0m  a <b>\n  \x1b[32m✓\x1b[0m x\n", 40)
    assert '<rect x="20.0" y="20"' in drawn
    assert '<text x="87.2" y="35" textLength="58.8">  a &lt;b&gt;</text>' in drawn.replace("\N{NO-BREAK SPACE}", " ")
    assert '<text x="36.8" y="55" textLength="8.4" fill="#5fd787">✓</text>' in drawn
    assert "\x1b" not in drawn


def test_a_picture_is_of_a_real_report(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    assert main(["picture", str(tmp_path / "tree"), str(tmp_path / "images/report.svg"), "--columns", "80"]) == 0
    drawn = (tmp_path / "images/report.svg").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert ">This repository declares no component<" in drawn
