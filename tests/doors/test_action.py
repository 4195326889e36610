"""The GitHub Action, its steps run as the runner would: what it gives, shows, uploads, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner import Run
from toolbox import commit, once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner import Used
    from toolbox import Render

HOSTILE = ["$(touch x)`touch x`\"; touch x; '; touch x\ntouch x\n", "--output=x"]


class Runner:
    """A machine that runs jobs: its Python, and a cache that outlives them.

    Each job installs anew, unless the machine `keeps` what the first has installed for the others.
    """

    def __init__(self, python: Path, folder: Path, *, keeps: bool = False) -> None:
        self.uploaded: list[Path] = []
        self.missed = 0
        self._python = python
        self._jobs = folder / "jobs"
        self._cache = folder / "cache"
        self._keeps = keeps
        self._installed: Mapping[str, str] | None = None

    def __call__(self, workspace: Path, action: Path, **inputs: str) -> Run:
        self._jobs.mkdir(parents=True, exist_ok=True)
        temporary = self._jobs / str(len(list(self._jobs.iterdir())))
        temporary.mkdir()
        run = Run(action, workspace, temporary, self._used(), self._installed, **inputs)
        if self._keeps:
            self._installed = run.installed
        return run

    def _used(self) -> Used:
        def python(given: dict[str, str]) -> dict[str, str]:
            assert given == {"python-version": "3.13", "update-environment": "False"}
            return {"python-path": str(self._python), "python-version": "3.13.1"}

        def restore(given: dict[str, str]) -> dict[str, str]:
            if not (kept := self._cache / given["key"]).exists():
                return {"cache-hit": ""}
            shutil.copytree(kept, given["path"])
            return {"cache-hit": "true"}

        def save(given: dict[str, str]) -> dict[str, str]:
            self.missed += 1
            shutil.copytree(given["path"], self._cache / given["key"])
            return {}

        def upload(given: dict[str, str]) -> dict[str, str]:
            self.uploaded.append(Path(given["sarif_file"]))
            return {}

        return {
            "actions/setup-python": python,
            "actions/cache/restore": restore,
            "actions/cache/save": save,
            "github/codeql-action/upload-sarif": upload,
        }

    @property
    def kept(self) -> list[Path]:
        """The files in the cache."""
        return [file for file in self._cache.rglob("*") if file.is_file()]


@pytest.fixture(scope="module")
def runner(interpreter: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(interpreter, tmp_path_factory.mktemp("runner"), keeps=True)


@pytest.fixture
def service(tmp_path: Path, render: Render) -> Path:
    return commit(render(tmp_path))


@pytest.fixture
def action(suite: Path, shared: Path) -> Path:
    """The action as the runner has it: an archive of the commit, without a repository around it."""

    def unpack(folder: Path) -> None:
        shutil.copytree(suite, folder, ignore=shutil.ignore_patterns(".git"), symlinks=True, dirs_exist_ok=True)

    return once(shared / "_actions" / "goldenpath", unpack)


def test_a_tier_that_is_met_is_given_and_shown(service: Path, action: Path, runner: Runner) -> None:
    run = runner(service, action, tier="bronze")
    report = json.loads(Path(run.outputs["report"]).read_text(encoding="utf-8"))
    assert (run.failed, report["tier"]) == (False, run.outputs["tier"]), run.log
    assert report["ceiling"] == run.outputs["ceiling"]
    assert "payments-api" in run.summary
    assert "<summary><b>" in run.summary
    assert f"{report['tier'].upper()} " in run.log
    assert "github/codeql-action/upload-sarif" not in run.ran


def test_a_tier_that_is_not_met_fails_after_the_findings_are_uploaded(
    service: Path, action: Path, runner: Runner
) -> None:
    (service / "catalog-info.yaml").unlink()
    run = runner(commit(service, "chore: break"), action, tier="bronze", sarif="true")
    assert (run.failed, run.code, run.outputs["tier"]) == (True, 1, ""), run.log
    assert run.ran[-2:] == ["github/codeql-action/upload-sarif", "verdict"]
    sarif = json.loads(runner.uploaded[-1].read_text(encoding="utf-8"))
    assert "owner-declared" in {result["ruleId"] for result in sarif["runs"][0]["results"]}
    assert "No tier" in run.summary


def test_what_cannot_be_judged_is_told_in_one_line(service: Path, action: Path, runner: Runner) -> None:
    run = runner(service, action, tier="platinum", sarif="true")
    assert (run.failed, run.code, run.summary) == (True, 2, "")
    assert run.log == "goldenpath: --tier platinum: the contract 'standard' has bronze, silver, gold\n"
    assert run.outputs == {"tier": "", "ceiling": "", "report": ""}
    assert "github/codeql-action/upload-sarif" not in run.ran


def test_a_part_and_a_commit_of_a_repository_can_be_judged(
    tmp_path: Path, render: Render, action: Path, runner: Runner
) -> None:
    render(tmp_path / "shop" / "services")
    shop = commit(tmp_path / "shop", tag="v1")
    (shop / "services" / "payments-api" / "catalog-info.yaml").unlink()
    commit(shop, "chore: break")
    asked = {"path": "services/payments-api", "as_of": "2026-11-24", "contract": "standard"}
    assert not runner(shop, action, ref="v1", **asked).failed
    assert runner(shop, action, **asked).code == 1


@pytest.mark.parametrize("name", ["path", "ref", "contract", "tier", "as_of", "sarif"])
def test_no_input_is_obeyed(name: str, service: Path, action: Path, runner: Runner) -> None:
    before = {path.name for path in service.iterdir()}
    for value in HOSTILE:
        run = runner(service, action, **{name: value})
        assert run.code == (0 if name == "sarif" else 2), run.log
        assert run.log.count("goldenpath: ") == (name != "sarif"), run.log
        assert "Traceback" not in run.log
        assert "github/codeql-action/upload-sarif" not in run.ran
    assert {path.name for path in service.iterdir()} == before


def test_what_is_installed_is_fetched_once(service: Path, action: Path, interpreter: Path, tmp_path: Path) -> None:
    runner = Runner(interpreter, tmp_path)
    first, second = (runner(service, action) for _ in range(2))
    assert (first.failed, second.failed, runner.missed) == (False, False, 1), first.log + second.log
    assert {"msgspec", "pyyaml"} <= {wheel.name.partition("-")[0].lower() for wheel in runner.kept}


def test_a_poisoned_cache_is_not_installed(service: Path, action: Path, interpreter: Path, tmp_path: Path) -> None:
    runner = Runner(interpreter, tmp_path)
    runner(service, action)
    for wheel in runner.kept:
        with wheel.open("ab") as opened:
            opened.write(b"\0")
    run = runner(service, action)
    assert (run.failed, run.ran[-1]) == (True, "install")
    assert "HASH" in run.log.upper()
