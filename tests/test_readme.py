"""README shows the real output of real commands: each is run here, and must still say the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import toolbox
from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Render

README = (ROOT / "README.md").read_text(encoding="utf-8")
COLUMNS = "100"


def shown(heading: str) -> tuple[str, str]:
    """The first command below a heading of README that has output, and that output."""
    section = README.split(f"\n### {heading}\n", 1)[1].split("\n### ")[0]
    command, output = re.findall(r"```console\n\$ (goldenpath .*)\n((?:.*\n)+?)```", section)[0]
    return command, output


def said(command: str, folder: Path) -> str:
    """What a command prints, with the date of this text's last change for today's."""
    run = ["sh", "-c", 'goldenpath() { "$PYTHON" -m goldenpath "$@"; }; ' + command]
    surroundings = {"COLUMNS": COLUMNS, "PATH": os.environ["PATH"], "PYTHON": sys.executable}
    done = subprocess.run(run, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    (dated,) = re.findall(r"as of (\S+)", README)[:1]
    return re.sub(r"as of \S+", f"as of {dated}", done.stdout)


@pytest.fixture
def service(render: Render, tmp_path: Path) -> Path:
    """A new service, as README makes one."""
    return render(tmp_path)


def broken(service: Path) -> Path:
    """What README does to the service before it asks again."""
    catalog, release = service / "catalog-info.yaml", service / ".github/workflows/release.yml"
    text = catalog.read_text(encoding="utf-8")
    text = re.sub(r"    pagerduty.com/service-id: .*\n", "", text)
    catalog.write_text(re.sub(r"    - title: On-call\n(      .*\n)+", "", text), encoding="utf-8")
    text = release.read_text(encoding="utf-8").replace('sign --yes "$IMAGE@$DIGEST"', 'sign --yes "$IMAGE:latest"')
    release.write_text(text, encoding="utf-8")
    return service


def test_the_report_on_a_new_service(service: Path) -> None:
    command, output = shown("Judge it")
    assert said(command, service.parent) == output


def test_the_report_on_a_broken_service(service: Path) -> None:
    command, output = shown("Break it")
    assert said(command, broken(service).parent) == output


def test_the_fix_for_a_broken_service(service: Path) -> None:
    ((command, output),) = re.findall(r"````console\n\$ (goldenpath explain .*)\n((?:.*\n)+?)````", README)
    assert said(command, broken(service).parent) == output


RELEASED = """
## [0.1.0+acme.2] - 2026-11-30

### Changed

- Images are pushed to registry.acme.example/services.
"""


@pytest.fixture
def followed(templates: Path, tmp_path: Path) -> Path:
    """An organisation's suite, golden-path, that has released twice, and a service that follows its first release.

    It holds what Copier reads, and the changelog: each command clones all of it.
    """
    fork = tmp_path / "golden-path"
    toolbox.git(tmp_path, "clone", "--quiet", "--no-tags", str(templates), str(fork))
    shutil.copy(ROOT / "CHANGELOG.md", fork)
    toolbox.commit(fork, "docs: what has changed", tag="v0.1.0+acme.1")
    toolbox.commit(toolbox.copy(fork, tmp_path, {}))
    choices = fork / "templates" / "questions" / "organization.yml"
    text = choices.read_text(encoding="utf-8")
    choices.write_text(
        text.replace("default: ghcr.io/acme", "default: registry.acme.example/services"), encoding="utf-8"
    )
    with (fork / "CHANGELOG.md").open("a", encoding="utf-8") as changelog:
        changelog.write(RELEASED)
    toolbox.commit(fork, "feat: a registry of our own", tag="v0.1.0+acme.2")
    return tmp_path


def test_the_status_and_the_update_of_a_service(followed: Path) -> None:
    section = README.split("\n### Keep it current\n", 1)[1].split("\n### ")[0]
    told = [
        f"$ {command}\n{said(command, followed).replace(str(followed), '/home/jane')}"
        for command in re.findall(r"^\$ (goldenpath .*)", section, re.MULTILINE)
    ]
    assert told == re.findall(r"```console\n(.*?)```", section, re.DOTALL)


def test_the_list_of_checks(tmp_path: Path) -> None:
    command, output = shown("Make it your organisation's")
    assert said(command, tmp_path) == output
