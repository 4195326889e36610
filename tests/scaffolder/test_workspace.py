"""The packages for Backstage: their own tests, types, lint, and what is published of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from toolbox import ROOT
from workspace import WORKSPACE, run

if TYPE_CHECKING:
    from pathlib import Path

PLUGINS = sorted((WORKSPACE / "plugins").iterdir())
FRONTEND = WORKSPACE / "plugins" / "golden-path"
TESTS = sorted(test for test in WORKSPACE.glob("plugins/*/src/**/*.test.ts") if FRONTEND not in test.parents)
REGISTRY = re.compile(r'"resolved": "(?!plugins/|app|forge|portal)')


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.relative_to(WORKSPACE / "plugins")))
def test_a_plugins_own_tests(file: Path, folder: Path) -> None:
    plugin = WORKSPACE / "plugins" / file.relative_to(WORKSPACE / "plugins").parts[0]
    command = ("node", "--import", "tsx", "--test", "--test-force-exit", str(file.relative_to(plugin)))
    said = run(plugin, *command, TMPDIR=str(folder))
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE), said
    assert re.search(r"^# fail 0$", said, re.MULTILINE), said


def test_the_front_ends_own_tests() -> None:
    run(FRONTEND, "backstage-cli", "package", "test", "--watchAll=false")


def test_types(compiled: Path) -> None:
    """They are right wherever tsc has written them down."""
    assert (compiled / "dist-types" / "plugins").is_dir()


def test_lint_and_format() -> None:
    run(WORKSPACE, "backstage-cli", "repo", "lint", "--max-warnings", "0")
    run(WORKSPACE, "prettier", "--check", ".")


def test_no_lock_names_a_registry() -> None:
    for lock in (WORKSPACE / "package-lock.json", ROOT / "tools" / "node" / "package-lock.json"):
        assert not REGISTRY.search(lock.read_text(encoding="utf-8"))


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_a_package_says_what_it_is(plugin: Path) -> None:
    package = json.loads((plugin / "package.json").read_text(encoding="utf-8"))
    assert package["name"] == f"@goldenpath/backstage-plugin-{plugin.name}"
    assert package["license"] == "Apache-2.0"
    assert package["repository"]["directory"] == f"scaffolder/plugins/{plugin.name}"
    assert "private" not in package
