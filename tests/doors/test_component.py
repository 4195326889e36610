"""The GitLab component, its job run as GitLab would: inputs put into its text, its script given to a shell."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from junitparser import JUnitXml

from toolbox import ROOT, commit, git

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Render, Tool

HEADER, _, JOB = (ROOT / "templates" / "check.yml").read_text(encoding="utf-8").partition("\n---\n")
INPUTS: dict[str, dict[str, str]] = yaml.safe_load(HEADER)["spec"]["inputs"]
SHELLS = {"bash": ["bash", "-c", "set -eo pipefail\n{}"], "dash": ["dash", "-c", "set -e\n{}"]}
"""The shells with which GitLab's runner runs a script: bash where the image has one, else sh."""


class RefusedError(Exception):
    """GitLab makes no pipeline."""


class Done(NamedTuple):
    code: int
    log: str


def job(component_commit: str, **inputs: str) -> Any:
    """The job as GitLab reads it: the inputs are put into the text, which then is YAML."""
    given = {name: declared["default"] for name, declared in INPUTS.items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    for name, value in given.items():
        pattern = INPUTS[name]["regex"].replace("[:cntrl:]", r"\x00-\x1f\x7f").replace("$", r"\Z")  # RE2's to Python's
        if not re.search(pattern, value):
            raise RefusedError(f"`{name}` input: provided value does not match required RegEx pattern")
    known = {f"inputs.{name}": value for name, value in given.items()} | {"component.sha": component_commit}
    return yaml.safe_load(re.sub(r"\$\[\[ (.*?) \]\]", lambda match: known[match[1]], JOB))["goldenpath-check"]


@pytest.fixture
def service(tmp_path: Path, render: Render) -> Path:
    return commit(render(tmp_path))


class Runner:
    """A runner whose image has this Python."""

    def __init__(self, python: Path, suite: Path) -> None:
        self._path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
        self._suite = suite

    def __call__(self, workspace: Path, shell: list[str], **inputs: str) -> Done:
        defined = job(git(self._suite, "rev-parse", "HEAD"), suite=str(self._suite), **inputs)
        variables = defined["variables"]
        assert all(isinstance(value, str) for value in variables.values()), "GitLab takes texts only"
        (script,) = defined["script"]
        environment = os.environ | {"PATH": self._path} | variables
        done = subprocess.run(
            [part.format(script) if part.endswith("{}") else part for part in shell],
            cwd=workspace, env=environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return Done(done.returncode, done.stdout)


@pytest.fixture
def runner(interpreter: Path, suite: Path) -> Runner:
    return Runner(interpreter, suite)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_met_tier_ends_well_and_leaves_its_reports(shell: str, service: Path, runner: Runner, tool: Tool) -> None:
    tool(shell)
    done = runner(service, SHELLS[shell], tier="bronze", as_of="2026-11-24")
    assert done.code == 0, done.log
    assert "contract standard" in done.log
    assert all("check_name" in issue for issue in json.loads((service / "goldenpath-codequality.json").read_text()))
    (suite,) = JUnitXml.fromfile(str(service / "goldenpath-junit.xml"))
    assert suite.name == "payments-api"
    dotenv = (service / "goldenpath.env").read_text(encoding="utf-8")
    assert re.fullmatch(r"GOLDENPATH_TIER=(bronze|silver|gold)\nGOLDENPATH_CEILING=(bronze|silver|gold)\n", dotenv)


def test_an_unmet_tier_fails_and_says_where(service: Path, runner: Runner) -> None:
    (service / "catalog-info.yaml").unlink()
    done = runner(commit(service, "chore: break"), SHELLS["bash"])
    assert done.code == 1, done.log
    issues = json.loads((service / "goldenpath-codequality.json").read_text(encoding="utf-8"))
    assert "owner-declared" in {issue["check_name"] for issue in issues}
    assert (service / "goldenpath.env").read_text(encoding="utf-8") == "GOLDENPATH_TIER=\nGOLDENPATH_CEILING=\n"


def test_what_cannot_be_judged_is_told_in_one_line(service: Path, runner: Runner) -> None:
    before = {path.name for path in service.iterdir()}
    done = runner(service, SHELLS["bash"], path="--output=x", contract="$(touch x)`touch x`'; touch x; '")
    assert done.code == 2, done.log
    assert done.log.count("goldenpath: ") == done.log.count("\n") == 1
    assert {path.name for path in service.iterdir()} == before


@pytest.mark.parametrize("name", INPUTS)
def test_no_input_becomes_a_part_of_the_job(name: str) -> None:
    for value in ('"\n  script: [touch x]\n  y: "', "\\", "a\nb", "\t", '", script: "'):
        with pytest.raises(RefusedError):
            job("0" * 40, **{name: value})
    plain = job("0" * 40)
    for value in (
        "#x",
        "a: b",
        "true",
        "2026-11-24",
        "null",
        "$(touch x)",
        "' x",
        "- x",
        "[x]",
        "&x",
        "$[[ inputs.tier ]]",
    ):
        changed = job("0" * 40, **{name: value})
        assert value in {changed["stage"], *changed["variables"].values()}
        assert changed["script"] == plain["script"]


def test_gitlab_knows_everything_in_it(tmp_path: Path, tool: Tool) -> None:
    (tmp_path / "job.yml").write_text(yaml.safe_dump({"goldenpath-check": job("0" * 40)}), encoding="utf-8")
    command = [str(tool("check-jsonschema")), "--builtin-schema", "vendor.gitlab-ci", str(tmp_path / "job.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
