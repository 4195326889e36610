"""The npm workspace of scaffolder/, installed once by `make tools`, and its Node.js."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from toolbox import ROOT, do_without

if TYPE_CHECKING:
    from pathlib import Path

WORKSPACE = ROOT / "scaffolder"
NODE = ROOT / "build" / "node"


def require() -> None:
    """Skip the test where there is no Node.js or no workspace, or fail it where CI=true."""
    for installed in (NODE, WORKSPACE / "node_modules"):
        if not (installed / ".installed").is_file():
            left_out = installed / "left-out"
            remedy = left_out.read_text(encoding="utf-8").strip() if left_out.is_file() else "run `make tools`"
            do_without("Node.js 22 and scaffolder/node_modules", remedy)


def run(folder: Path, *command: str, seconds: int = 200, **environment: str) -> str:
    """Run a program of the workspace in a folder, expect that it ends well in that time, and return what it says."""
    path = os.pathsep.join([str(NODE / "bin"), str(WORKSPACE / "node_modules" / ".bin"), os.environ["PATH"]])
    running = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"PATH": path, "GOLDENPATH_PYTHON": sys.executable} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = running.communicate(timeout=seconds)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == 0, said
    return said
