"""Every test here needs the npm workspace."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import toolbox
import workspace
from workspace import WORKSPACE, run

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="session")
def installed() -> None:
    """Skip without it, or fail where CI=true."""
    workspace.require()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Find a place in memory, where there is one: what a portal writes is removed by its end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:  # of one that had to be killed, too
        yield Path(made)


@pytest.fixture(scope="session")
def compiled(shared: Path) -> Path:
    """A copy of the workspace, which building and packing may change, with the types that tsc has made of all of it."""
    return toolbox.once(shared / "workspace", compile_types)


def compile_types(workspace: Path) -> None:
    left_out = shutil.ignore_patterns("node_modules", "dist", "dist-types")
    shutil.copytree(WORKSPACE, workspace, ignore=left_out, dirs_exist_ok=True)
    modules = workspace / "node_modules"
    modules.mkdir()
    for package in (WORKSPACE / "node_modules").iterdir():
        if package.is_symlink():  # one of the workspace's own: that of the copy
            (modules / package.name).symlink_to(package.readlink())
        elif package.name != "@goldenpath":
            (modules / package.name).symlink_to(package)
    shutil.copytree(WORKSPACE / "node_modules" / "@goldenpath", modules / "@goldenpath", symlinks=True)
    run(workspace, "tsc", "--pretty", "false")
