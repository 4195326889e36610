"""What every door is tested with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def interpreter(python313: Path) -> Path:
    """Find the Python that the doors ask for as a runner has it: itself, where a shim or a link leads to it."""
    asked = [str(python313), "-I", "-c", "import sys; print(sys.executable)"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
