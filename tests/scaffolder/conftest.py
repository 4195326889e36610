"""Every test here needs the npm workspace."""

from __future__ import annotations

import pytest

import workspace


@pytest.fixture(autouse=True, scope="session")
def installed() -> None:
    """Skip without it, or fail where CI=true."""
    workspace.require()
