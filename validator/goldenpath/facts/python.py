"""Python's own syntax, as a tree: it is parsed and never run."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LENGTH = 50_000
"""Longest file that is parsed, in characters: a tree of Python takes a hundred times its text."""

MAX_NESTING = 100
"""Most brackets that stand in each other; Python's parser is asked for no more."""

_ENCODING = regex(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_AS_IT_STANDS = regex(r"(?i)utf[-_]?8(?:[-_].*)?|(?:us[-_])?ascii|(?:iso[-_])?(?:latin|8859)[-_]?1(?:[-_].*)?|cp1252")
"""Encodings in which a text of ASCII says what it seems to say; in others (utf-7) a comment may hold a program."""


def as_it_stands(text: str) -> bool:
    """Whether Python reads a file as it is read here, and in no encoding that one of its first two lines names."""
    named = (_ENCODING.match(line) for line in text.split("\n", 2)[:2])
    return all(_AS_IT_STANDS.fullmatch(each[1]) for each in named if each)


def imported(module: ast.Module) -> frozenset[str]:
    """The modules that a program imports from elsewhere than its own package, by their first names."""
    return frozenset(name.partition(".")[0] for name in modules_of(module))


def modules_of(module: ast.Module) -> frozenset[str]:
    """The same by their whole names."""
    nodes = list(ast.walk(module))
    plain = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    taken = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return frozenset(plain | taken)


def parsed(text: str) -> ast.Module | None:
    """The tree of a file; None where it is no Python, or more than anybody writes by hand."""
    if len(text) > MAX_LENGTH or _deep(text) or not as_it_stands(text):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _deep(text: str) -> bool:
    """Whether brackets stand in each other deeper than anybody writes."""
    depth = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if depth > MAX_NESTING:
            return True
    return False


_SAID_OF_TESTS = frozenset({"verbosity", "buffer", "failfast", "catchbreak", "warnings"})
"""What `unittest.main` may be told, and runs all tests of its file, and fails where they do."""


def is_of_unittest(text: str) -> bool:
    """Whether a program runs tests by `unittest` and fails where they do: those of its file, or all that are found.

    Nothing may come before of which only a run knows what becomes of it.
    """
    try:
        return _tests(parsed(text), text)
    except RecursionError:  # an expression deeper than anybody writes
        return False


def _tests(module: ast.Module | None, text: str) -> bool:
    found: set[str] = set()
    for each in _statements(module) if module is not None else ():
        if _is_main(each):
            return module is not None and any(map(_has_tests, module.body))
        if _fails_unless(each, found):
            return ".discover(" in text
        if isinstance(each, ast.Assign) and _is_plain(each):
            names = {ast.unparse(target) for target in each.targets}
            found = found | names if _says_success(each.value) else found - names
        elif not isinstance(each, _HARMLESS) and not (
            isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        ):
            return False
    return False


def _is_plain(statement: ast.Assign) -> bool:
    """Whether what is called something is worked out without an end of the program, and is none of what tests need."""
    names = {each.id for each in statement.targets if isinstance(each, ast.Name)} - {"unittest", "sys"}
    return len(names) == len(statement.targets) and "exit" not in ast.unparse(statement.value)


_HARMLESS = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)


def _statements(module: ast.Module) -> Iterator[ast.stmt]:
    """What a program does, one after the other, where it is not imported."""
    for each in module.body:
        if isinstance(each, ast.If) and ast.unparse(each.test) == "__name__ == '__main__'":
            yield from each.body
        else:
            yield each


def _is_main(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and ast.unparse(call.func) == "unittest.main"
        and not call.args
        and all(each.arg in _SAID_OF_TESTS for each in call.keywords)
    )


def _fails_unless(statement: ast.stmt, found: set[str]) -> bool:
    """Whether the program fails unless the tests have passed, or what is called so says it."""
    asked: ast.expr | None
    if isinstance(statement, ast.If):
        asked, exits = statement.test, ast.unparse(statement.body[0]) == "sys.exit(1)"
    else:
        call = statement.value if isinstance(statement, ast.Expr) else None
        exits = isinstance(call, ast.Call) and ast.unparse(call.func) == "sys.exit" and len(call.args) == 1
        asked = call.args[0] if exits and isinstance(call, ast.Call) else None
    return (
        exits
        and isinstance(asked, ast.UnaryOp)
        and isinstance(asked.op, ast.Not)
        and (_says_success(asked.operand) or ast.unparse(asked.operand) in found)
    )


def _says_success(asked: ast.expr) -> bool:
    return isinstance(asked, ast.Call) and ast.unparse(asked.func).endswith(".wasSuccessful")


def _has_tests(statement: ast.stmt) -> bool:
    inside = statement.body if isinstance(statement, ast.ClassDef) else []
    return any(isinstance(each, ast.FunctionDef) and each.name.startswith("test") for each in inside)
