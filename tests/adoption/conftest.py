"""Adoption reads of the suite what Copier reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def suite(templates: Path) -> Path:
    """Find the suite with nothing in it but what Copier clones."""
    return templates
