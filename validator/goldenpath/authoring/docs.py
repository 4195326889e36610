"""The documents that are made from the checks and the report's models, and kept in docs/."""

from __future__ import annotations

import difflib
import json
import sys
from typing import TYPE_CHECKING

from goldenpath.checks import load, shipped_ids
from goldenpath.contract import named
from goldenpath.reports.json import schema
from goldenpath.reports.pages import index, page
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = "docs/checks"


def documents() -> dict[str, str]:
    """Every generated document by its path in this repository."""
    asked = {name: requirements[0] for name, requirements in named("standard").checks.items()}
    tiers = list(asked)
    ids = sorted(shipped_ids(), key=lambda name: (tiers.index(name) if name in asked else len(tiers), name))
    checks = [(load(name), asked.get(name)) for name in ids]
    pages = {f"{PAGES}/{check.id}.md": page(check, requirement) for check, requirement in checks}
    return pages | {
        f"{PAGES}/index.md": index(checks),
        "docs/report.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
    }


def write(root: Path) -> int:
    """Write what is not current, and remove the pages of checks that are gone."""
    for path, content in _outdated(root):
        if content is None:
            (root / path).unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
        print(path)
    return 0


def check(root: Path) -> int:
    """Print how the documents differ from what they should be; 1 where they do."""
    outdated = list(_outdated(root))
    for path, content in outdated:
        file = root / path
        present = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.is_file() else []
        wanted = (content or "").splitlines(keepends=True)
        sys.stdout.writelines(difflib.unified_diff(present, wanted, path, f"{path} (generated)"))
    if outdated:
        print("goldenpath authoring docs: not current; run it without --check", file=sys.stderr)
    return 1 if outdated else 0


def _outdated(root: Path) -> Iterator[tuple[str, str | None]]:
    """Documents that differ from what they should be, with that; None for pages of checks that are gone."""
    if not (root / "validator/goldenpath").is_dir():
        raise InputError(f"{root}: not the repository of goldenpath itself")
    wanted = documents()
    for path, content in wanted.items():
        file = root / path
        if not file.is_file() or file.read_text(encoding="utf-8") != content:
            yield path, content
    for file in sorted((root / PAGES).glob("*.md")):
        if f"{PAGES}/{file.name}" not in wanted:
            yield f"{PAGES}/{file.name}", None
