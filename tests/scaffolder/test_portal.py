"""The small portal end to end: every template, from the wizard to its scorecard and to a newer release."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from workspace import WORKSPACE, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(700)
def test_from_the_wizard_to_the_scorecard(suite: Path) -> None:
    said = run(
        WORKSPACE / "portal",
        *("node", "--import", "tsx", "--test", "--test-force-exit", "src/endToEnd.test.ts"),
        seconds=600,
        GOLDENPATH_SUITE=str(suite),
    )
    assert re.search(r"^# fail 0$", said, re.MULTILINE), said
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE), said
