"""The packages as npm would have them: what is in each, and that Node.js can load it."""

from __future__ import annotations

import json
import tarfile
from typing import TYPE_CHECKING

import pytest

import toolbox
from workspace import WORKSPACE, run

if TYPE_CHECKING:
    from pathlib import Path

PLUGINS = sorted((WORKSPACE / "plugins").iterdir())


@pytest.fixture(scope="module")
def packed(compiled: Path, shared: Path) -> Path:
    """Every package, built and packed in the copy of the workspace: packing rewrites package.json."""
    return toolbox.once(shared / "packages", lambda folder: pack(compiled, folder))


def pack(workspace: Path, folder: Path) -> None:
    run(workspace, "backstage-cli", "repo", "build")
    for plugin in PLUGINS:
        run(workspace / "plugins" / plugin.name, "backstage-cli", "package", "prepack")
    plugins = (f"--workspace=plugins/{plugin.name}" for plugin in PLUGINS)
    run(workspace, "npm", "pack", "--ignore-scripts", *plugins, "--pack-destination", str(folder))


def unpack(packed: Path, plugin: str, folder: Path) -> Path:
    (archive,) = packed.glob(f"goldenpath-backstage-plugin-{plugin}-[0-9]*.tgz")
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder / "package"


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_a_package_has_what_was_built_and_nothing_else(plugin: Path, packed: Path, tmp_path: Path) -> None:
    package = unpack(packed, plugin.name, tmp_path)
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))
    # backstage-cli packs config.d.ts as the schema that it stands for.
    schema = {"config.schema.json"} if (plugin / "config.d.ts").is_file() else set()
    assert {path.name for path in package.iterdir()} == {"dist", "package.json", "README.md"} | schema
    assert {described[built] for built in ("configSchema",) if built in described} == schema
    for built in ("main", "types"):
        assert (package / described[built]).is_file()
    assert [path for path in package.rglob("*.ts") if not path.name.endswith(".d.ts")] == []
    assert list(package.rglob("*.test.*")) == []
    readme = (package / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {described['name']}\n")
    assert "\n5. " in readme


def test_node_loads_them_where_they_are_installed(packed: Path, tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    (modules / "@goldenpath").mkdir(parents=True)
    for installed in (WORKSPACE / "node_modules").iterdir():
        if not installed.is_symlink() and installed.name not in {"@goldenpath", ".bin"}:
            (modules / installed.name).symlink_to(installed)
    loaded = []
    for plugin in PLUGINS:
        package = unpack(packed, plugin.name, tmp_path / plugin.name)
        described = json.loads((package / "package.json").read_text(encoding="utf-8"))
        package.rename(modules / described["name"])
        if described["backstage"]["role"] != "frontend-plugin":
            loaded.append(described["name"])
    script = "for (const name of process.argv.slice(1)) console.log(name, Object.keys(require(name)).length > 0)"
    said = run(tmp_path, "node", "--preserve-symlinks", "-e", script, *loaded)
    assert said.splitlines() == [f"{name} true" for name in loaded]
