"""Ctrl+C, at any moment: the program ends quietly, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from test_cli import COMMAND, surroundings, write

if TYPE_CHECKING:
    from pathlib import Path

# Whoever runs the tests in the background may have them ignore the signal, and a program leaves that as it is.
BEGIN = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"

AT_IMPORT = """\
import os, signal, sys

def audited(event, details):
    if event == "import" and details[0] == {module!r}:
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(audited)
"""
"""A `sitecustomize` by which a process is interrupted while it imports a module."""

AT_NAMING = """\
import functools, os, signal

def named(self, owner, name, set_name=functools.cached_property.__set_name__):
    os.kill(os.getpid(), signal.SIGINT)
    set_name(self, owner, name)

functools.cached_property.__set_name__ = named
"""
"""One where Python turns what is raised into a RuntimeError: while a class is made."""


Run = Callable[..., tuple[str, str, int]]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write(tmp_path / "tree")


@pytest.fixture
def interrupted(tmp_path: Path) -> Run:
    """Run a command beside that `sitecustomize`: its output, its errors, its exit code."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def run(customize: str, *arguments: str | Path) -> tuple[str, str, int]:
        (tmp_path / "sitecustomize.py").write_text(customize)
        environment = surroundings(TMPDIR=str(temporary))
        environment["PYTHONPATH"] = os.pathsep.join((str(tmp_path), environment["PYTHONPATH"]))
        command = [sys.executable, "-c", BEGIN, *COMMAND, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
        assert list(temporary.iterdir()) == []
        return done.stdout, done.stderr, done.returncode

    return run


@pytest.mark.parametrize(
    "module", ["argparse", "msgspec", "goldenpath.repository", "goldenpath.scorecard", "goldenpath.reports"]
)
def test_an_interrupted_import_is_no_traceback(module: str, interrupted: Run, tree: Path) -> None:
    assert interrupted(AT_IMPORT.format(module=module), "check", tree) == ("", "", 130)


def test_an_interrupt_becomes_no_other_error(interrupted: Run, tree: Path) -> None:
    assert interrupted(AT_NAMING, "check", tree) == ("", "", 130)


def test_a_report_that_is_being_written_is_undone(interrupted: Run, tree: Path, tmp_path: Path) -> None:
    at_writing = (
        "import os, pathlib, signal\n"
        "def replaced(self, target): os.kill(os.getpid(), signal.SIGINT); os.replace(self, target)\n"
        "pathlib.Path.replace = replaced\n"
    )
    reports = tmp_path / "reports"
    reports.mkdir()
    assert interrupted(at_writing, "check", tree, "--output", reports / "report.txt") == ("", "", 130)
    assert list(reports.iterdir()) == []


def test_commands_that_write_undo_what_is_half_done(interrupted: Run, tree: Path) -> None:
    said = interrupted(AT_IMPORT.format(module="goldenpath.contract"), "waiver", "list", tree)
    assert said == ("", "", 130)


def test_a_signal_that_is_ignored_stays_so(interrupted: Run, tree: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    assert interrupted(ignoring + AT_IMPORT.format(module="goldenpath.scorecard"), "check", tree)[2] != 130
