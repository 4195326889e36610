"""Paths of files, as commands in some folder name them."""

from __future__ import annotations

import posixpath
from typing import Final

from goldenpath.facts.values import Symbol, Value, literal, value

WORKSPACE: Final = Symbol("variable", "GITHUB_WORKSPACE")
WORKSPACES: Final = frozenset({
    WORKSPACE, Symbol("unknown", "github.workspace"), Symbol("gitlab", "CI_PROJECT_DIR"),
})  # fmt: skip


def path_from(folder: Value, path: Value) -> Value:
    """Return a path as seen from the workspace, given the folder in which it is used; empty for the workspace itself.

    A path that leads out of the workspace stays as it is: absolute, with `..`, or with a symbol at its beginning.
    """
    if path and path[0] in WORKSPACES:
        rest = value(*path[1:])
        path, folder = _tail_of(rest), ()
    elif path and (isinstance(path[0], Symbol) or path[0].startswith(("/", "~"))):
        return path
    known, base = literal(path), literal(folder)
    if known is not None and base is not None:
        joined = posixpath.normpath(posixpath.join(base, known) or ".")
        return value("" if joined == "." else joined)
    return value(folder, "/", path) if folder and path else folder or path


def is_within(path: str, folder: str) -> bool:
    """Tell whether a path is a folder, or lies in it; all do in the empty one."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def is_within_any(path: str, folders: set[str] | frozenset[str]) -> bool:
    """Tell the same of any of several folders, however many there are."""
    return not folders.isdisjoint({"", path, *(path[:at] for at, sign in enumerate(path) if sign == "/")})


def absolute(folder: Value) -> Value:
    """Return a folder as `pwd` prints it."""
    outside = bool(folder) and (isinstance(folder[0], Symbol) or folder[0].startswith(("/", "~")))
    return folder if outside else value(WORKSPACE, "/", folder) if folder else (WORKSPACE,)


def _tail_of(path: Value) -> Value:
    return value(path[0].lstrip("/"), *path[1:]) if path and isinstance(path[0], str) else path
