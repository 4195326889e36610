"""A store of their own for tests that judge in their own process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, used by a process for which only what is installed counts as what judges.

    The folder of the tests, where other tests write all the time, is on the path as well.
    """
    monkeypatch.delenv("GOLDENPATH_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.path", ["", *(each for each in sys.path if each.endswith("site-packages"))])
    return tmp_path / "cache"
