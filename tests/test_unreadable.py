"""A folder that may not be entered is not taken for one that is not there, and a program says which it is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import toolbox

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Tool

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
"""


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A service whose SLO lies in a folder that nobody may enter."""
    shop = tmp_path / "shop"
    (shop / "observability").mkdir(parents=True)
    (shop / "catalog-info.yaml").write_text(CATALOG)
    (shop / "observability/slo.yaml").write_text("apiVersion: openslo/v1\n")
    return shop


def check(folder: Path, tool: Tool) -> subprocess.CompletedProcess[str]:
    """Judge it while its folder is closed, as somebody who is not above permissions, which root is."""
    humble = [str(tool("setpriv")), "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    (folder / "observability").chmod(0)
    try:
        command = [*humble, sys.executable, "-m", "goldenpath", "check", str(folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        (folder / "observability").chmod(0o755)


def test_what_git_tracks_there_cannot_be_read_and_is_unknown(closed: Path, tool: Tool) -> None:
    toolbox.commit(closed)
    done = check(closed, tool)
    assert done.returncode == 1
    assert "? slo-defined " in done.stdout
    assert "observability/slo.yaml  it cannot be opened (Permission denied)" in done.stdout


def test_without_git_nobody_knows_what_is_there(closed: Path, tool: Tool) -> None:
    done = check(closed, tool)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"goldenpath: {closed}: git ls-files: could not open directory 'observability/': Permission denied\n"
    )


def test_without_room_for_gits_own_folder_it_says_where_and_leaves_nothing(closed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "goldenpath", "check", str(closed)]
    nowhere = os.environ | {"TMPDIR": str(tmp_path / "nowhere")}
    done = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"goldenpath: {closed}: git needs a folder in {tmp_path / 'nowhere'} (No such file or directory); "
        "TMPDIR names another place\n"
    )
