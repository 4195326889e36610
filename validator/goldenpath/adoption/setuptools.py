"""What setup.py and setup.cfg say of a project that has no other manifest: setup.py is parsed, and never run."""

from __future__ import annotations

import ast
import sys
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dependencies.files import ini, text_of
from goldenpath.facts.python import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.repository import Repository

SETUP_PY, SETUP_CFG = "setup.py", "setup.cfg"

_THERE = sys.stdlib_module_names | {"distutils", "setuptools", "__future__"}
"""What a build that is isolated can import."""


class Declared(Struct, frozen=True):
    """`builds`: whether a build that brings setuptools alone makes a package of it."""

    builds: bool
    classifiers: tuple[str, ...]


def declared(repository: Repository) -> Declared:
    """What the two files at the root declare together. Raises Malformed."""
    named, listed = False, ()
    if SETUP_CFG in repository:
        metadata = ini(repository, SETUP_CFG)
        named = bool(metadata.get("metadata", "name", fallback=""))
        listed = tuple(metadata.get("metadata", "classifiers", fallback="").split("\n"))
    if SETUP_PY not in repository or "__init__.py" in repository:  # a module of that name is none
        return Declared(named, listed)
    module = parsed(text_of(repository, SETUP_PY))
    call = next(_setups(module), None) if module else None
    if module is None or call is None:
        return Declared(builds=False, classifiers=listed)
    return Declared(
        builds=(named or _gives(call, "name")) and set(_imports(module)) <= _THERE,
        classifiers=(*listed, *_texts(_argument(call, "classifiers"), module)),
    )


def _setups(module: ast.Module) -> Iterator[ast.Call]:
    """The calls of setuptools' `setup`, wherever they stand: some do it in a function."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and "setup" in {getattr(node.func, "id", ""), getattr(node.func, "attr", "")}:
            yield node


def _gives(call: ast.Call, name: str) -> bool:
    """Whether an argument is given, or may be among those that come out of a variable."""
    return any(each.arg in {name, None} for each in call.keywords)


def _argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _texts(node: ast.expr | None, module: ast.Module) -> Iterator[str]:
    """The texts that are written in an argument, or in what the module assigns to the variable that is given."""
    written = [node] if node is not None else []
    if isinstance(node, ast.Name):
        assigned = (each for each in module.body if isinstance(each, ast.Assign))
        written = [each.value for each in assigned if node.id in {getattr(it, "id", "") for it in each.targets}]
    for each in chain.from_iterable(map(ast.walk, written)):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from map(str.strip, each.value.split("\n"))


def _imports(module: ast.Module) -> Iterator[str]:
    """What has to be there for it to run; an import that may fail is the project's own to care for."""
    for statement in module.body:
        if isinstance(statement, ast.Import):
            yield from (each.name.partition(".")[0] for each in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield (statement.module or "").partition(".")[0]
