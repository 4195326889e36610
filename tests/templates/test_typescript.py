"""What is npm's own: names, the lock, and the tree that an image of a TypeScript service holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import toolbox
from made import running

if TYPE_CHECKING:
    from pathlib import Path

    from languages import Language
    from made import Make
    from toolbox import Render, Rendered

pytestmark = pytest.mark.timeout(900)  # a first installation fills npm's cache


def read(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def test_no_dependency_of_it_can_be_its_name(rendered: Rendered) -> None:
    questions = yaml.safe_load((toolbox.ROOT / "templates" / "questions" / "reserved.yml").read_text(encoding="utf-8"))
    manifest = read(rendered(template="typescript-service") / "package.json")

    names = {name for name in manifest["dependencies"] | manifest["devDependencies"] if "/" not in name}
    assert names - set(questions["reserved_names"]["default"].split()) == set()


def test_its_lock_holds_every_package_by_its_hash_and_names_no_registry(rendered: Rendered) -> None:
    packages = read(rendered(template="typescript-service") / "package-lock.json")["packages"]

    own = packages.pop("")
    assert (own["name"], own["version"]) == ("payments-api", "0.1.0")
    assert len(packages) > 100
    assert {name for name, each in packages.items() if not each.get("integrity", "").startswith("sha512-")} == set()
    assert {name for name, each in packages.items() if "resolved" in each} == set()


@pytest.mark.parametrize("language", ["typescript-service"], indirect=True, scope="session")
def test_what_an_image_holds_is_the_same_twice_and_runs_alone(
    language: Language, service: Path, render: Render, make: Make, tmp_path: Path
) -> None:
    bundles = []
    for place in "first", "second":
        copy = render(tmp_path / place, template=language.template)
        (copy / "node_modules").symlink_to(service / "node_modules")
        make(copy, "--old-file=node_modules/.installed", "bundle")
        bundles.append(copy / "build")

    first, second = (
        {
            path.relative_to(bundle): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in bundle.rglob("*")
        }
        for bundle in bundles
    )
    assert first == second
    assert not (bundles[0] / "node_modules" / "typescript").exists()
    with running(language, bundles[0], [toolbox.NODE / "node", "dist/main.js"]) as it:
        assert it.ask("/readyz") == (200, '{"status":"ready"}')
