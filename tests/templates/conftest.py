"""Fixtures for what a generated service does once it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import toolbox
from made import Make

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Render, Tool


@pytest.fixture(scope="session")
def make(tool: Tool, python313: Path) -> Make:
    return Make(tool("uv"), python313)


@pytest.fixture(scope="session")
def service(render: Render, make: Make, shared: Path) -> Path:
    """Payments-api in a repository of its own, installed once for all workers."""

    def install(folder: Path) -> None:
        make(toolbox.commit(render(folder)), "install")

    return toolbox.once(shared / "installed", install) / "payments-api"
