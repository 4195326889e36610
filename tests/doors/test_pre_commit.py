"""The hook as pre-commit runs it: what a change touches is judged, and nothing else."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from toolbox import commit, git, once

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Render, Tool

CONFIG = """\
repos:
  - repo: {suite}
    rev: v0.1.0
    hooks:
      - id: goldenpath
"""


@pytest.fixture
def service(tmp_path: Path, render: Render, suite: Path) -> Path:
    made = render(tmp_path)
    (made / ".pre-commit-config.yaml").write_text(CONFIG.format(suite=suite), encoding="utf-8")
    return commit(made)


def test_a_change_is_judged_by_the_checks_that_it_touches(service: Path, tool: Tool, shared: Path) -> None:
    home = once(shared / "pre-commit", lambda folder: folder)

    def run() -> subprocess.CompletedProcess[str]:
        git(service, "add", "--all")
        environment = {**os.environ, "PRE_COMMIT_HOME": str(home)}
        command = [str(tool("pre-commit")), "run", "goldenpath"]
        return subprocess.run(command, cwd=service, env=environment, capture_output=True, text=True, check=False)

    clean = run()
    assert (clean.returncode, "Skipped" in clean.stdout) == (0, True), clean.stdout

    catalog = service / "catalog-info.yaml"
    kept = [line for line in catalog.read_text(encoding="utf-8").splitlines() if "pagerduty.com" not in line]
    catalog.write_text("\n".join(kept) + "\n", encoding="utf-8")
    broken = run()
    assert broken.returncode == 1, broken.stdout
    assert "oncall-declared" in broken.stdout

    git(service, "commit", "--quiet", "--message", "chore: break", "--no-verify")
    (service / "README.md").write_text("# Payments\n", encoding="utf-8")
    elsewhere = run()
    assert elsewhere.returncode == 0, elsewhere.stdout
