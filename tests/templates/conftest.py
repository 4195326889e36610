"""Fixtures for what a generated service does once it runs: each test of `language` or `service` runs for every one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import toolbox
from languages import LANGUAGES
from made import Make

if TYPE_CHECKING:
    from pathlib import Path

    from languages import Language
    from toolbox import Render, Tool


@pytest.fixture(scope="session", params=list(LANGUAGES))
def language(request: pytest.FixtureRequest, tool: Tool) -> Language:
    """A language that this machine has everything for."""
    found = LANGUAGES[request.param]
    for program in found.needs:
        tool(program)
    return found


@pytest.fixture(scope="session")
def make(tool: Tool, python313: Path) -> Make:
    return Make(tool("uv"), python313)


@pytest.fixture(scope="session")
def service(language: Language, render: Render, make: Make, shared: Path) -> Path:
    """Payments-api in a repository of its own, installed and built once for all workers."""

    def install(folder: Path) -> None:
        make(toolbox.commit(render(folder, template=language.template)), "install", "build")

    return toolbox.once(shared / "installed" / language.template, install) / "payments-api"


@pytest.fixture(scope="session")
def moody(language: Language, service: Path, shared: Path) -> Path:
    """A program that runs the service with a repository whose mood a file says."""
    return toolbox.once(shared / "moody" / language.template, lambda folder: language.moody(service, folder)) / "moody"
