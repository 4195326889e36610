"""Files that are made from others and kept beside them: written where they differ, or shown as a difference."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


def write(root: Path, wanted: Mapping[str, str], owned: Sequence[str]) -> int:
    """Write what is not current, and remove what matches a pattern of `owned` and is made no longer."""
    for path, content in _outdated(root, wanted, owned):
        if content is None:
            (root / path).unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
        print(path)
    return 0


def check(root: Path, wanted: Mapping[str, str], owned: Sequence[str], command: str) -> int:
    """Print how the files differ from what they should be, and the command that makes them; 1 where they do."""
    outdated = list(_outdated(root, wanted, owned))
    for path, content in outdated:
        file = root / path
        present = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.is_file() else []
        made = (content or "").splitlines(keepends=True)
        sys.stdout.writelines(difflib.unified_diff(present, made, path, f"{path} (generated)"))
    if outdated:
        print(f"goldenpath authoring {command}: not current; run it without --check", file=sys.stderr)
    return 1 if outdated else 0


def _outdated(root: Path, wanted: Mapping[str, str], owned: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Files that differ from what they should be, with that; None for those that should be gone."""
    for path, content in wanted.items():
        file = root / path
        if not file.is_file() or file.read_text(encoding="utf-8") != content:
            yield path, content
    for file in sorted(file for pattern in owned for file in root.glob(pattern) if file.is_file()):
        path = file.relative_to(root).as_posix()
        if path not in wanted:
            yield path, None


def require_suite(root: Path) -> None:
    """Raise InputError where this is another repository."""
    if not (root / "validator/goldenpath").is_dir():
        raise InputError(f"{root}: not the repository of goldenpath itself")
