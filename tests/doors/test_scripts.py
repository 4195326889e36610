"""The shell in the doors' YAML is as clean as the shell in files."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from toolbox import ROOT

if TYPE_CHECKING:
    from toolbox import Tool


def scripts() -> dict[str, tuple[str, str]]:
    """Every script by its name, with the shell that it is written for."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    component = list(yaml.safe_load_all((ROOT / "templates" / "check.yml").read_text(encoding="utf-8")))[1]
    found = {step["id"]: ("bash", step["run"]) for step in action["runs"]["steps"] if "run" in step}
    return found | {"component": ("sh", "\n".join(component["goldenpath-check"]["script"]))}


@pytest.mark.parametrize("name", scripts())
def test_shellcheck_finds_nothing(name: str, tool: Tool) -> None:
    shell, script = scripts()[name]
    command = [str(tool("shellcheck")), f"--shell={shell}", "-"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
