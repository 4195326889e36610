"""Stores for tests: an SQLite file, and a database of a real PostgreSQL server that listens on a socket of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from databases import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolbox import Tool


def serve(tool: Tool, limit: int | None = None) -> Iterator[Server]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    program = programs[-1] if programs else tool("postgres").resolve()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # pytest's own folders are closed to other users
    try:
        server = Server(program.parent, folder, limit)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql(tool: Tool) -> Iterator[Server]:
    """A PostgreSQL server that all tests of a worker share."""
    yield from serve(tool)


@pytest.fixture
def small_postgresql(tool: Tool) -> Iterator[Server]:
    """A server of a test's own whose files cannot grow beyond 20 MB: as good as a full disk."""
    yield from serve(tool, 20_000_000)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store may be: a file that is not there yet, or an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "record.db")
    server: Server = request.getfixturevalue("postgresql")
    name = f"d{os.urandom(6).hex()}"
    server.execute(f"CREATE DATABASE {name}")
    return server.url(name)
