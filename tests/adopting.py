"""Repositories that exist already, and `goldenpath adopt` over them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import toolbox

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

TEAM = ("-d", "owner=payments", "-d", "oncall=PABC123", "-d", "chat=payments")
"""What a repository does not say."""

DOCKERFILE = """
    FROM docker.io/library/python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
    COPY . /app
    USER 65532:65532
    ENTRYPOINT ["python", "/app/app.py"]
    """
PYTHON = {"Dockerfile": DOCKERFILE, "app.py": "print('up')\n", "README.md": "# Shop\n"}
"""The smallest service that can be released."""


def repository(folder: Path, files: Mapping[str, str], url: str = "https://github.com/acme/shop") -> Path:
    """A repository with one commit of these files, cloned from an address; indentation of the texts is taken off."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    toolbox.git(folder.parent, "init", "--quiet", "--initial-branch=main", str(folder))
    if url:
        toolbox.git(folder, "remote", "add", "origin", url)
    return toolbox.commit(folder)


def adopt(repository: Path, suite: Path, *more: str, team: tuple[str, ...] = TEAM) -> subprocess.CompletedProcess[str]:
    """Adopt a repository as a script would, that nobody watches."""
    return toolbox.goldenpath("adopt", str(repository), "--source", str(suite), *team, *more)


def added(repository: Path) -> set[str]:
    """The files that are there beside the last commit; nothing else has changed."""
    state = toolbox.status(repository)
    assert set(state.values()) <= {"??"}, state
    return set(state)


def tier(repository: Path) -> str:
    """The tier that `goldenpath check` gives, in a word."""
    toolbox.git(repository, "add", "--all")
    return toolbox.goldenpath("check", str(repository)).stdout.split("  ")[0].strip().lower()
