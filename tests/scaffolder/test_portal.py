"""The small portal end to end: every template from the wizard to its scorecard and a newer release, and its faults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from workspace import WORKSPACE, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(1300)
@pytest.mark.parametrize("file", ["endToEnd", "faults", "scan"])
def test_the_portal(file: str, suite: Path, folder: Path) -> None:
    said = run(
        WORKSPACE / "portal",
        *("node", "--import", "tsx", "--test", "--test-force-exit", f"src/{file}.test.ts"),
        seconds=1200,
        GOLDENPATH_SUITE=str(suite),
        TMPDIR=str(folder),
    )
    assert re.search(r"^# fail 0$", said, re.MULTILINE), said
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE), said
