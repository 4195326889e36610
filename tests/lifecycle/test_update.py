"""`goldenpath lifecycle update`: `copier update`, and an honest answer about what is left to decide."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import histories
import toolbox
from goldenpath.cli import main
from histories import Step, changed, first, read, rendered, suite, write

if TYPE_CHECKING:
    from pathlib import Path

EDIT = Step("replace", "run", 3, 1)
CATALOG = "catalog-info.yaml"

TEMPLATE = "python-service"
FIRST = first(TEMPLATE)


def release(*steps: Step) -> histories.Tree:
    return changed(FIRST, list(steps), "suite")


def service(tmp_path: Path, later: histories.Tree, *work: Step) -> Path:
    """Make a service of v0.1.0, on which a team has worked, while the suite has released v0.2.0."""
    made = tmp_path / "payments"
    toolbox.copier(
        tmp_path, "copy", "--vcs-ref", "v0.1.0", str(suite(tmp_path / "suite", TEMPLATE, [FIRST, later])), str(made)
    )
    write(made, changed(read(made), list(work), "team"))
    return toolbox.commit(made)


def update(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return toolbox.goldenpath("lifecycle", "update", *arguments)


def test_an_update_without_conflict_ends_well(tmp_path: Path) -> None:
    made = service(tmp_path, release(Step("insert", CATALOG, 0, 1)), EDIT)
    done = update(made)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Updated: from v0.1.0 to v0.2.0, no conflicts. Next: git diff, goldenpath check, commit\n"
    assert toolbox.status(made) == {".copier-answers.yml": "M", CATALOG: "M"}


def test_lines_that_both_sides_changed_are_a_conflict_and_exit_code_1(tmp_path: Path) -> None:
    made = service(tmp_path, release(EDIT), EDIT)
    done = update(made)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "Updated: from v0.1.0 to v0.2.0. Decide, then `git add` or `git rm` each:\n"
        "  run  both changed the same lines\n"
    )  # fmt: skip
    assert toolbox.status(made)["run"] == "UU"


@pytest.mark.parametrize("what", ["replace", "delete", "mode", "crlf", "unended"])
def test_a_file_that_the_team_edited_and_the_suite_removed_is_kept_as_a_conflict(tmp_path: Path, what: str) -> None:
    """Copier alone removes it and says nothing."""
    made = service(tmp_path, release(Step("remove", "run", 0, 1)), EDIT._replace(what=what))
    before = read(made)
    done = update(made)

    assert done.returncode == 1
    assert "  run  the template removed it, the team edited it\n" in done.stdout
    assert toolbox.status(made)["run"] == "UD"
    assert read(made) == before
    toolbox.git(made, "add", "run")
    assert toolbox.status(made) == {".copier-answers.yml": "M"}


def test_copier_alone_removes_such_a_file_in_silence(tmp_path: Path) -> None:
    """The reason for this command: when it fails, a newer Copier does better, and what goldenpath adds can go."""
    made = service(tmp_path, release(Step("remove", "run", 0, 1)), EDIT)
    toolbox.copier(made, "update")

    assert toolbox.status(made)["run"] == "D"


def test_a_file_that_nobody_edited_goes_with_the_suites(tmp_path: Path) -> None:
    made = service(tmp_path, release(Step("remove", "run", 0, 1), Step("remove", CATALOG, 0, 1)))

    assert update(made).returncode == 0
    assert read(made) == rendered(
        {path: file for path, file in FIRST.items() if path not in {"run", f"{CATALOG}.jinja"}}
    )


def test_a_service_in_a_folder_of_a_larger_repository_is_kept_too(tmp_path: Path) -> None:
    made = service(tmp_path, release(Step("remove", "run", 0, 1)))
    whole = tmp_path / "whole"
    (whole / "services").mkdir(parents=True)
    moved = made.rename(whole / "services" / "payments")
    subprocess.run(["rm", "-r", moved / ".git"], check=True)
    write(moved, changed(read(moved), [EDIT], "team"))
    toolbox.commit(whole)
    done = update(moved)

    assert (done.returncode, "  run  the template removed it" in done.stdout) == (1, True), done
    assert toolbox.status(whole)["services/payments/run"] == "UD"


def test_a_release_can_be_named_and_a_current_service_stays(tmp_path: Path) -> None:
    made = service(tmp_path, release(EDIT))

    assert "Updated: v0.1.0 already, no conflicts" in update(made, "--to", "v0.1.0").stdout
    assert toolbox.status(made) == {}


def test_what_cannot_be_updated_is_said_in_a_sentence(tmp_path: Path) -> None:
    made = service(tmp_path, release(EDIT))
    (made / "run").write_text("not committed\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / ".copier-answers.yml").write_text("_commit: v0.1.0\n", encoding="utf-8")
    for folder, sentence in {
        made: "copier: Destination repository is dirty; cannot continue.",
        tmp_path / "empty": "there is no .copier-answers.yml; an update begins where a service was made from",
        broken: ".copier-answers.yml: it does not name a release (_src_path and _commit)",
    }.items():
        done = update(folder)
        assert (done.returncode, done.stdout, sentence in done.stderr) == (2, "", True), done
        assert len(done.stderr.splitlines()) == 1


def test_a_suite_that_lay_on_another_machine_is_named(tmp_path: Path) -> None:
    made = service(tmp_path, release())
    (tmp_path / "suite").rename(tmp_path / "elsewhere")
    done = update(made)
    assert (done.returncode, done.stderr) == (
        2,
        f"goldenpath: {made / '.copier-answers.yml'}: _src_path is {tmp_path / 'suite'}, which is not here; "
        "put the suite there, or write where it is now as _src_path and commit that\n",
    )


def test_a_repository_that_git_refuses_is_told_in_gits_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = service(tmp_path, release())
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    done = update(made)
    assert done.returncode == 2
    assert "dubious ownership" in done.stderr
    assert "git config --global --add safe.directory" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ("_commit: v1\n_src_path: [\n", ".copier-answers.yml:3: it is not valid YAML: "),
        ("_commit: v1\n_src_path: 5\n", ".copier-answers.yml: _src_path and _commit are texts that name a release"),
        ("- 1\n", ".copier-answers.yml: it does not name a release (_src_path and _commit)"),
        ("\\xff", ".copier-answers.yml: it does not name a release (_src_path and _commit)"),
    ],
)
def test_answers_that_are_none_are_told_before_anything_is_tried(
    tmp_path: Path, answers: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".copier-answers.yml").write_text(answers, encoding="utf-8")
    assert main(["lifecycle", "update", str(tmp_path)]) == 2
    assert f"{tmp_path}/{sentence}" in capsys.readouterr().err


def test_without_copier_it_says_what_to_install(tmp_path: Path) -> None:
    made = service(tmp_path, release(EDIT))
    (tmp_path / "copier.py").write_text("raise ModuleNotFoundError('copier')\n", encoding="utf-8")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from goldenpath.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, str(tmp_path), "lifecycle", "update", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (
        2, "goldenpath: an update needs Copier: install goldenpath[templates]\n",
    )  # fmt: skip
