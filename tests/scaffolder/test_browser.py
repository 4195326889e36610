"""The small portal as a person sees it, in Chromium: the wizard, the scorecard, the page of all components."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from workspace import WORKSPACE, run

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Tool


@pytest.mark.timeout(500)
def test_a_person_finds_the_way(suite: Path, folder: Path, tool: Tool) -> None:
    said = run(
        WORKSPACE / "portal",
        *("node", "--import", "tsx", "--test", "--test-force-exit", "src/browser.test.ts"),
        seconds=400,
        CHROMIUM=str(tool("chromium")),
        GOLDENPATH_SUITE=str(suite),
        TMPDIR=str(folder),
    )
    assert re.search(r"^# fail 0$", said, re.MULTILINE), said
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE), said
