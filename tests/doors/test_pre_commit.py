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
      - id: goldenpath-tier
        args: [--tier, silver]
"""


@pytest.fixture
def service(tmp_path: Path, render: Render, suite: Path) -> Path:
    made = render(tmp_path)
    (made / ".pre-commit-config.yaml").write_text(CONFIG.format(suite=suite), encoding="utf-8")
    return commit(made)


@pytest.fixture
def home(shared: Path) -> Path:
    """Where pre-commit keeps what it has installed."""
    return once(shared / "pre-commit", lambda folder: folder)


def test_a_push_waits_for_the_tier(service: Path, tool: Tool, home: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    # The tests' own configuration has no hooks run; this is about one.
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull}
    command = [str(tool("pre-commit")), "install", "--hook-type", "pre-push"]
    subprocess.run(command, cwd=service, env=environment, capture_output=True, check=True)

    def push() -> subprocess.CompletedProcess[str]:
        command = ["git", "push", str(tmp_path / "remote.git"), "HEAD:refs/heads/main"]
        return subprocess.run(command, cwd=service, env=environment, capture_output=True, text=True, check=False)

    (service / "CODEOWNERS").unlink(missing_ok=True)
    (service / ".github" / "CODEOWNERS").unlink(missing_ok=True)
    commit(service, "chore: break")
    refused = push()
    assert refused.returncode == 1, refused.stderr
    assert "code-owned" in refused.stdout + refused.stderr
    git(service, "revert", "--no-edit", "HEAD")
    taken = push()
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert git(tmp_path / "remote.git", "rev-parse", "main") == git(service, "rev-parse", "HEAD")


def test_a_change_is_judged_by_the_checks_that_it_touches(service: Path, tool: Tool, home: Path) -> None:
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
