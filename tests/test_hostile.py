"""Trees built to hurt end with a verdict: no traceback, no hang, nothing from outside, nothing the terminal obeys."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

import hostile
from goldenpath.reports.json import schema
from hostile import TREES

if TYPE_CHECKING:
    from collections.abc import Iterator

GUARD = 60
"""Seconds after which a run is a hang. The goal is 5 (benchmarks/hostile.py); machines that run tests are busy."""

MEMORY = 300
"""MB that a run may take at most."""


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.contract(tmp_path_factory.mktemp("contract"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Find a place in memory, where there is one: a hundred thousand files take a disk a while."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.mark.parametrize("name", TREES)
def test_a_hostile_tree_ends_with_a_verdict(name: str, folder: Path, contract: Path) -> None:
    tree, written = folder / "tree", folder / "report.json"
    tree.mkdir()
    TREES[name](tree)
    forms = ("--format", "text", "--format", "json", "--output", written)
    done = hostile.run("check", tree, "--contract", contract, *forms, timeout=GUARD)
    assert (done.code, done.err) == (1, "")
    assert done.megabytes < MEMORY
    for text in done.out, written.read_text(encoding="utf-8"):
        assert "hunter2" not in text
        assert "the check itself broke" not in text
        assert all(character.isprintable() or character == "\n" for character in text)
    report = json.loads(written.read_bytes())
    Draft202012Validator(schema()).validate(report)
    assert report["tier"] is None


def test_beyond_the_cap_of_workflows_nothing_is_proved(folder: Path, contract: Path) -> None:
    TREES["10,000 workflows"](folder)
    report = json.loads(hostile.run("check", folder, "--contract", contract, "--format", "json", timeout=GUARD).out)
    verdicts = {check["id"]: check["verdict"] for check in report["components"][0]["checks"]}
    assert {verdicts[name] for name in ("actions-pinned", "build-signed", "sbom-generated")} == {"unknown"}


def test_a_hostile_commit_is_read_like_a_hostile_directory(tmp_path: Path, contract: Path) -> None:
    hostile.links_out(tmp_path / "tree")
    hostile.write(tmp_path / "tree", "slo.yaml", hostile.LAUGHS)
    hostile.git(tmp_path / "tree", "init", "--quiet")
    hostile.git(tmp_path / "tree", "add", "--all")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    hostile.git(tmp_path / "tree", *identity, "commit", "--quiet", "--message", "hostile")
    done = hostile.run(
        "check", tmp_path / "tree", "--ref", "HEAD", "--contract", contract, "--format", "json", timeout=GUARD
    )
    assert (done.code, done.err) == (1, "")
    assert "hunter2" not in done.out


@pytest.mark.parametrize(
    "name", ["alias bombs", "deep nesting", "NUL bytes", "invalid UTF-8", "duplicate keys", "1 GB sparse files"]
)
def test_a_hostile_wish_of_the_repository_is_an_input_error(name: str, tmp_path: Path) -> None:
    TREES[name](tmp_path)
    (tmp_path / "slo.yaml").rename(tmp_path / ".goldenpath.yaml")
    done = hostile.run("check", tmp_path, timeout=GUARD)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("goldenpath: .goldenpath.yaml")
    assert len(done.err.splitlines()) == 1
