"""Facts and checks learn of a repository through it alone: a store could not tell whether anything else had changed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import goldenpath

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(goldenpath.__file__).parent

PURE = {
    "__future__", "abc", "ast", "bisect", "collections", "configparser", "contextlib", "copy.copy", "enum",
    "fnmatch.fnmatchcase", "fnmatch.translate",
    "functools", "hashlib.md5", "html", "itertools",
    "json.dumps", "math", "operator", "os.path.normpath", "pathlib.PurePath", "string",
    "pathlib.PurePosixPath", "posixpath", "re", "shlex", "sys.stdlib_module_names", "tomllib", "types", "typing",
    "unicodedata", "urllib.parse",
    "warnings", "xml.parsers.expat", "zlib",
    "msgspec", "packaging.version", "promql_parser", "pyromark", "yaml",
    "goldenpath.checks", "goldenpath.facts", "goldenpath.handed_in.Lent", "goldenpath.handed_in.Source",
    "goldenpath.handed_in.HandedIn",
}  # fmt: skip
"""Modules, and names of modules, that tell nothing of the machine, the day or the user."""

OF_A_REPOSITORY = {
    f"goldenpath.repository.{name}"
    for name in ("MAX_BYTES", "Entry", "InputError", "Missing", "Place", "Repository", "Unreadable", "as_text")
}

OWN_FILES = {
    "checks/__init__.py": {"importlib.import_module", "importlib.metadata.entry_points", "pathlib.Path", "pkgutil"},
    "facts/__init__.py": {"goldenpath.deadline", "importlib.import_module", "time.process_time"},
    "facts/dependencies/__init__.py": {"importlib.import_module"},
    "facts/dependencies/python.py": {"importlib.import_module"},
    "facts/libyaml.py": {"importlib.import_module", "importlib.util", "sys"},
    "facts/pipeline/commands/does.py": {"importlib.import_module"},
    "facts/tables.py": {"pathlib.Path"},
    "facts/tasks/__init__.py": {"importlib.import_module"},
}
"""Who loads goldenpath's own modules and tables, which count as what judges (kept/judge.py); and who looks at how long
something has taken: what took too long is not kept."""

CALLS = {"open", "input", "exec", "eval", "compile", "__import__", "print"}

BEYOND = {"_source", "owns", "surrounds", "asked_through", "answer"}
"""What of a repository leads past the questions that are heard."""

POSIXPATH = {"basename", "dirname", "isabs", "join", "normpath", "relpath", "split", "splitext"}
"""Functions of text. (`relpath` looks at the current folder, which is a part of the key.)"""


def modules() -> list[str]:
    found = (path for room in ("facts", "checks") for path in (PACKAGE / room).rglob("*.py"))
    return sorted(path.relative_to(PACKAGE).as_posix() for path in found)


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name: str, allowed: set[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:count]) in allowed for count in range(1, len(parts) + 1))


@pytest.mark.parametrize("module", modules())
def test_a_fact_or_check_reaches_nothing_but_the_repository(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    allowed = PURE | OF_A_REPOSITORY | OWN_FILES.get(module, set())
    assert [name for name in imported(tree) if not is_in(name, allowed)] == []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in CALLS, f"{module}:{node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "posixpath":
            assert node.attr in POSIXPATH, f"{module}:{node.lineno}"
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("repository"):
            assert node.attr not in BEYOND, f"{module}:{node.lineno}"
