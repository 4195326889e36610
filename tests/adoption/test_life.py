"""An adopted repository's life: interrupted, updated by a newer release of the suite, and hostile from the start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import toolbox
from adopting import PYTHON, TEAM, added, adopt, repository
from goldenpath.adoption.lay import PARTIAL, lay
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from pathlib import Path

SLO = "templates/partials/observability/slo.yaml.jinja"


def released(suite: Path, tag: str, path: str, old: str, new: str) -> None:
    """Another release of a suite, in which a text has changed."""
    file = suite / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    toolbox.commit(suite, "feat: another release", tag)


@pytest.fixture
def own_suite(suite: Path, tmp_path: Path) -> Path:
    toolbox.git(tmp_path, "clone", "--quiet", str(suite), "suite")
    return tmp_path / "suite"


def test_an_update_brings_what_is_new_and_keeps_what_the_team_wrote(tmp_path: Path, own_suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON | {"docs/usage.md": "# Usage\n"})
    adopt(shop, own_suite, "--yes")
    runbook = shop / "docs" / "runbook.md"
    runbook.write_text("# Ours\n", encoding="utf-8")
    dashboard = shop / "observability" / "dashboard.json"
    dashboard.unlink()
    catalog = shop / "catalog-info.yaml"
    catalog.write_text(catalog.read_text(encoding="utf-8") + "  dependsOn: [resource:default/db]\n", encoding="utf-8")
    toolbox.commit(shop)
    released(
        own_suite,
        "v0.2.0",
        SLO,
        "apiVersion: openslo/v1\nkind: Service",
        "# Newer.\napiVersion: openslo/v1\nkind: Service",
    )
    released(own_suite, "v0.3.0", "templates/partials/docs/runbook.md.jinja", "# Runbook", "# A newer runbook")
    toolbox.copier(shop, "update")

    moved = {".copier-answers.yml", ".github/workflows/golden-path.yml", "observability/slo.yaml"}
    assert toolbox.status(shop) == dict.fromkeys(moved, "M")
    assert "# Newer." in (shop / "observability" / "slo.yaml").read_text(encoding="utf-8")
    assert not dashboard.exists()
    assert not (shop / "mkdocs.yml").exists(), "what was not missing then is not missing now"


def test_an_answer_can_be_changed_as_the_documentation_says(tmp_path: Path, suite: Path) -> None:
    ci = "on: {push: , workflow_call: }\njobs:\n  test:\n    runs-on: x\n    steps: [{run: pytest}]\n"
    shop = repository(tmp_path / "shop", PYTHON | {".github/workflows/all.yml": ci})
    adopt(shop, suite, "--yes")
    toolbox.commit(shop)
    toolbox.copier(shop, "update", "--vcs-ref", ":current:", "-d", "adopted_tests=.github/workflows/all.yml")

    assert set(toolbox.status(shop)) == {".copier-answers.yml", ".github/workflows/release.yml", "docs/golden-path.md"}
    assert "uses: ./.github/workflows/all.yml" in (shop / ".github/workflows/release.yml").read_text(encoding="utf-8")


def test_another_templates_answers_stay_its_own(tmp_path: Path, own_suite: Path) -> None:
    other = "_src_path: gh:acme/python\n_commit: v3\nproject: shop\n"
    shop = repository(tmp_path / "shop", PYTHON | {".copier-answers.yml": other})
    done = adopt(shop, own_suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert "Later `copier update -a .copier-answers.goldenpath.yml` keeps them current." in done.stdout
    assert ".copier-answers.goldenpath.yml" in added(shop)
    toolbox.commit(shop)
    released(own_suite, "v0.2.0", SLO, "# The promise", "# Our promise")
    toolbox.copier(shop, "update", "-a", ".copier-answers.goldenpath.yml")
    moved = {".copier-answers.goldenpath.yml", ".github/workflows/golden-path.yml", "observability/slo.yaml"}
    assert toolbox.status(shop) == dict.fromkeys(moved, "M")


# ---- interrupted


def test_a_run_that_was_killed_is_finished_by_the_next(tmp_path: Path, suite: Path) -> None:
    """Whatever the moment: files are whole or not there, and a second run ends as an undisturbed one does."""
    undisturbed = repository(tmp_path / "undisturbed" / "shop", PYTHON)
    adopt(undisturbed, suite, "--yes")
    expected = {path: (undisturbed / path).read_bytes() for path in added(undisturbed)}

    shop = repository(tmp_path / "killed" / "shop", PYTHON)
    command = [sys.executable, "-m", "goldenpath", "adopt", str(shop), "--source", str(suite), *TEAM, "--yes"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while not any(shop.rglob("*observability*")) and process.poll() is None:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for path in added(shop):
        if not path.endswith(PARTIAL):
            assert (shop / path).read_bytes() == expected[path]
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert {path: (shop / path).read_bytes() for path in added(shop)} == expected


def test_each_file_can_be_the_last_that_a_killed_run_has_laid(tmp_path: Path) -> None:
    files = {"a/b/one": b"1\n", "a/two": b"2\n", "three": b"3\n"}
    for number in range(len(files) + 1):
        top = tmp_path / str(number)
        top.mkdir()
        for path in list(files)[:number]:
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(files[path])
        (top / f".three{PARTIAL}").write_bytes(b"half")
        lay(top, files)
        there = {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}
        assert there == files


def test_what_cannot_be_written_takes_back_what_was(tmp_path: Path) -> None:
    (tmp_path / "docs").write_text("a file\n", encoding="utf-8")
    with pytest.raises(InputError, match="nothing was added"):
        lay(tmp_path, {"new/one": b"1\n", "docs/two": b"2\n"})

    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


# ---- hostile


def test_nothing_of_a_repository_is_run(tmp_path: Path, suite: Path) -> None:
    proof = tmp_path / "run"
    script = f"#!/bin/sh\ntouch {proof}\n"
    shop = repository(tmp_path / "shop", PYTHON | {
        "Makefile": f"$(shell touch {proof})\n", "copier.yml": f"_tasks: ['touch {proof}']\n",
        ".gitattributes": "* filter=evil diff=evil\n", "evil.sh": script,
        "catalog-info.yaml": "metadata: {name: '{{ cycler.__init__.__globals__ }}'}\nkind: Component\n",
    })  # fmt: skip
    (shop / "evil.sh").chmod(0o755)
    toolbox.commit(shop)
    evil = str(shop / "evil.sh")
    for name in "core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.command", "core.sshCommand":
        toolbox.git(shop, "config", name, evil)
    for hook in "post-checkout", "pre-commit", "post-commit", "reference-transaction", "fsmonitor-watchman":
        (shop / ".git" / "hooks").mkdir(exist_ok=True)
        (shop / ".git" / "hooks" / hook).write_text(script, encoding="utf-8")
        (shop / ".git" / "hooks" / hook).chmod(0o755)
    proof.unlink(missing_ok=True)
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert not proof.exists()


def test_a_source_that_a_repository_names_is_no_path_and_no_program(tmp_path: Path) -> None:
    answers = "template: adopt\n_src_path: 'ext::sh -c touch% {0}'\n_commit: v1\nadopted: catalog-info.yaml\n"
    shop = repository(tmp_path / "shop", PYTHON | {".copier-answers.yml": answers.format(tmp_path / "run")})
    command = [sys.executable, "-m", "goldenpath", "adopt", str(shop), *TEAM, "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)

    assert (done.returncode, "it is no https or ssh address" in done.stderr) == (2, True), done
    assert not (tmp_path / "run").exists()


def test_a_token_in_the_remote_is_written_nowhere(tmp_path: Path, suite: Path) -> None:
    shop = repository(tmp_path / "shop", PYTHON, url="https://x-access-token:ghp_secret@github.com/Acme/Shop.git")
    done = adopt(shop, suite, "--yes")

    assert "adopted_url = https://github.com/Acme/Shop\n" in done.stdout
    assert not [path for path in added(shop) if b"ghp_secret" in (shop / path).read_bytes()]


def test_a_gitlab_repository_gets_what_applies(tmp_path: Path, suite: Path) -> None:
    files = PYTHON | {".gitlab-ci.yml": "test: {script: [pytest]}\n"}
    shop = repository(tmp_path / "shop", files, url="git@gitlab.com:acme/platform/shop.git")
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert [path for path in added(shop) if path.startswith(".git")] == [".gitlab/CODEOWNERS"]
    assert "* @acme/platform/payments\n" in (shop / ".gitlab" / "CODEOWNERS").read_text(encoding="utf-8")
    assert "'^https://gitlab.com/acme/platform/shop//.gitlab-ci.yml@'" in (shop / "docs" / "runbook.md").read_text()
    catalog = (shop / "catalog-info.yaml").read_text(encoding="utf-8")
    assert "gitlab.com/project-slug: acme/platform/shop\n" in catalog
