"""docs/own-checks.md word for word: a package brings a check, a contract asks for it, a service is judged by it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A service, beside the contract of the page; the package of the page is installed, as pip would leave it."""
    page = (ROOT / "docs/own-checks.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"```\w+\n# (\S+)\n(.*?)```", page, re.DOTALL):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    about = tmp_path / "acme_checks-1.0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = (f"{name} = {value}\n" for name, value in project["entry-points"]["goldenpath.checks"].items())
    (about / "entry_points.txt").write_text(f"[goldenpath.checks]\n{''.join(lines)}")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/catalog-info.yaml").write_text(CATALOG)
    return tmp_path / "shop"


def test_the_package_of_the_page_can_be_built(shop: Path) -> None:
    (wheel,) = WheelBuilder(str(shop.parent)).build(directory=str(shop.parent / "dist"))

    assert "acme_checks/license_declared.py" in ZipFile(wheel).namelist()


def goldenpath(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "goldenpath", *arguments]
    surroundings = os.environ | {"PYTHONPATH": str(folder.parent), "COLUMNS": "100"}
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("licence", "code", "said"),
    [
        (None, 1, "there is no licence"),
        (b"\n", 1, "the licence is empty"),
        (b"\xff", 1, "it is not UTF-8 text (line 1)"),
        (b"Apache License\n", 0, "✓ license-declared  a licence is here"),
    ],
)
def test_a_check_of_ones_own_is_judged_as_any_other(shop: Path, licence: bytes | None, code: int, said: str) -> None:
    if licence is not None:
        (shop / "LICENSE").write_bytes(licence)
    done = goldenpath(shop, "check", "--contract", "../acme.yaml")
    assert (done.returncode, done.stderr) == (code, "")
    assert said in done.stdout


def test_it_is_explained_and_listed(shop: Path) -> None:
    assert "What says nothing may not be used" in goldenpath(shop, "explain", "license-declared").stdout
    listed = goldenpath(shop, "list", "--contract", "../acme.yaml").stdout
    assert "license-declared  The repository says under which licence it may be used" in listed


def test_one_that_raises_is_unknown_and_says_so(shop: Path) -> None:
    module = shop.parent / "acme_checks/license_declared.py"
    module.write_text(module.read_text().replace("    try:\n", '    raise RuntimeError("oh")\n    try:\n', 1))
    done = goldenpath(shop, "check", "--contract", "../acme.yaml")
    assert (done.returncode, done.stderr) == (1, "")
    assert "? license-declared" in done.stdout
    assert "RuntimeError" in done.stdout
