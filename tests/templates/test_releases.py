"""Every release is kept as a bundle, so that updates from it are tested for as long as a service may follow it."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

import releases
import toolbox

if TYPE_CHECKING:
    from pathlib import Path

READ_BY_ENGINES = ("copier.yml", "cookiecutter.json", "hooks", "templates", "CHANGELOG.md")
TAGS = [tag for tag in toolbox.git(toolbox.ROOT, "tag", "--list", "v*").split() if re.fullmatch(r"v\d+(\.\d+)+", tag)]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return releases.history(tmp_path_factory.mktemp("history"))


def listed(repository: Path, commit: str) -> str:
    return toolbox.git(repository, "ls-tree", commit, *READ_BY_ENGINES)


def test_every_released_version_has_a_bundle() -> None:
    changelog = (toolbox.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = [f"v{version}" for version in re.findall(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)]

    missing = {*headings, *TAGS} - set(releases.VERSIONS)
    assert not missing, f"run tools/keep-release for {', '.join(sorted(missing))}"


def test_a_bundle_holds_what_its_tag_holds(history: Path) -> None:
    for tag in TAGS:
        assert listed(history, tag) == listed(toolbox.ROOT, tag), tag


def test_bundles_hold_what_engines_read_and_nothing_else(history: Path) -> None:
    for version in releases.VERSIONS:
        assert toolbox.git(history, "ls-tree", "--name-only", version) == "\n".join(
            line.split("\t")[1] for line in listed(history, version).splitlines()
        )
    assert toolbox.git(history, "tag", "--list", "--sort=version:refname").split() == releases.VERSIONS
    assert toolbox.git(history, "rev-list", "--count", releases.VERSIONS[-1]) == str(len(releases.VERSIONS))


def test_it_is_known_which_releases_brought_other_templates(history: Path) -> None:
    """The changelog and GitLab's component, which names the release, are read by engines and come into no service."""
    of_services = [*({*READ_BY_ENGINES} - {"CHANGELOG.md"}), ":!templates/check.yml"]
    changed = [
        version
        for before, version in pairwise(releases.VERSIONS)
        if toolbox.git(history, "diff", "--name-only", before, version, "--", *of_services)
    ]

    assert (releases.VERSIONS[0], *changed) == releases.WITH_OTHER_TEMPLATES, "mend the table in tests/releases.py"


@pytest.fixture
def suite_of_three(tmp_path: Path) -> Path:
    """A suite with two kept releases, and a third one that is only tagged."""
    suite = tmp_path / "suite"
    for name in ("tools/keep-release", "tools/gitconfig"):
        (suite / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(toolbox.ROOT / name, suite / name)
    (suite / "tests" / "templates" / "releases").mkdir(parents=True)
    (suite / "templates").mkdir()
    (suite / "README.md").write_text("not read by engines\n")
    (suite / "copier.yml").write_text("_subdirectory: templates\n")
    (suite / "templates" / "gone.txt").write_text("until v0.2.0\n")
    for version in ("v0.2.0", "v0.9.0", "v0.10.0"):
        (suite / "templates" / "run.sh").write_text(f"#!/bin/sh\n# {version}\n")
        (suite / "templates" / "run.sh").chmod(0o755)
        toolbox.commit(suite, f"feat: {version}", tag=version)
        (suite / "templates" / "gone.txt").unlink(missing_ok=True)
    for version in ("v0.2.0", "v0.9.0"):
        keep(suite, version)
    return suite


def keep(suite: Path, *arguments: str) -> dict[str, bytes]:
    subprocess.run([suite / "tools" / "keep-release", *arguments], check=True)
    return {path.stem: path.read_bytes() for path in (suite / "tests" / "templates" / "releases").iterdir()}


def test_a_release_adds_one_bundle_and_changes_none(suite_of_three: Path, tmp_path: Path) -> None:
    before = keep(suite_of_three, "v0.9.0")
    after = keep(suite_of_three, "v0.10.0")

    assert after == before | {"v0.10.0": after["v0.10.0"]}
    again = tmp_path / "again"
    toolbox.git(tmp_path, "init", "--quiet", str(again))
    for version in ("v0.2.0", "v0.9.0", "v0.10.0"):
        bundle = suite_of_three / "tests" / "templates" / "releases" / f"{version}.bundle"
        toolbox.git(again, "fetch", "--quiet", str(bundle), "refs/tags/*:refs/tags/*")
        assert listed(again, version) == listed(suite_of_three, version)
    assert toolbox.git(again, "log", "--format=%s", "v0.10.0").split() == ["v0.10.0", "v0.9.0", "v0.2.0"]


def test_equal_histories_give_equal_bytes(suite_of_three: Path, tmp_path: Path) -> None:
    """Whoever makes a bundle again, later and elsewhere, can compare it with the one that is kept."""
    kept = keep(suite_of_three, "v0.10.0")
    elsewhere = tmp_path / "elsewhere"
    toolbox.git(suite_of_three, "gc", "--quiet")
    toolbox.git(tmp_path, "clone", "--quiet", "--no-local", str(suite_of_three), str(elsewhere))
    (elsewhere / "tests" / "templates" / "releases").mkdir(parents=True)

    for version in ("v0.2.0", "v0.9.0", "v0.10.0"):
        made = keep(elsewhere, version)
    assert made == kept


def test_a_release_that_is_not_tagged_yet_is_kept_from_the_commit_that_will_be(suite_of_three: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        keep(suite_of_three, "v0.11.0")
    assert "v0.11.0" in keep(suite_of_three, "v0.11.0", "HEAD")
