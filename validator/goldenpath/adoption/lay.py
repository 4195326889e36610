"""Files put where nothing was: each whole or not at all, none over another, none through a link.

The answers file comes last. A run that was cut short leaves whole files without it, which the next run finds equal to
what it would write, and goes on.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARTIAL = ".goldenpath-partial"
"""How the name ends under which a file is written before it gets its own."""


def in_the_way(top: Path, files: Mapping[str, bytes]) -> list[str]:
    """The paths at which something else stands than what would be written there, tracked or not."""
    return [path for path, content in files.items() if _blocks(top / path, content) or _leads_away(top, path)]


def lay(top: Path, files: Mapping[str, bytes], replaced: str = "") -> None:
    """Write all files, or none if one cannot be written.

    Only the one at the path `replaced`, which is goldenpath's own, may be there with another content. Raises
    InputError.
    """
    made: list[Path] = []
    try:
        for path, content in files.items():
            _write(top, path, content, made, replace=path == replaced)
    except BaseException as error:
        for each in reversed(made):
            each.rmdir() if each.is_dir() else each.unlink()
        if isinstance(error, OSError):
            raise InputError(f"{error.filename}: it cannot be written ({error.strerror}); nothing was added") from None
        raise


def _write(top: Path, path: str, content: bytes, made: list[Path], *, replace: bool) -> None:
    target = top / path
    for parent in reversed(target.relative_to(top).parents[:-1]):
        if not os.path.lexists(top / parent):
            (top / parent).mkdir()
            made.append(top / parent)
    if _leads_away(top, path):
        raise InputError(f"{path}: a link stands on the way to it; nothing was added")
    partial = target.with_name(f".{target.name}{PARTIAL}")
    partial.unlink(missing_ok=True)  # of a run that was cut short
    with partial.open("xb") as file:
        file.write(content)
    try:
        if replace:
            partial.replace(target)
        else:
            os.link(partial, target, follow_symlinks=False)  # unlike a rename it never replaces
            made.append(target)
    except FileExistsError:
        if _blocks(target, content):
            raise InputError(f"{path}: something has come to stand there meanwhile; nothing was added") from None
    finally:
        partial.unlink(missing_ok=True)


def _blocks(target: Path, content: bytes) -> bool:
    """Whether something else than that content is at a path."""
    try:
        about = target.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return not stat.S_ISREG(about.st_mode) or about.st_size != len(content) or target.read_bytes() != content


def _leads_away(top: Path, path: str) -> bool:
    """Whether what should be a folder on the way to a path is a link, or no folder."""
    parents = [top / parent for parent in (top / path).relative_to(top).parents[:-1]]
    return any(os.path.lexists(each) and not stat.S_ISDIR(each.lstat().st_mode) for each in parents)
