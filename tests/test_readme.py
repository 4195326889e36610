"""README shows the real output of real commands: each is run here, and must still say the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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


def test_the_list_of_checks(tmp_path: Path) -> None:
    command, output = shown("Make it your organisation's")
    assert said(command, tmp_path) == output
