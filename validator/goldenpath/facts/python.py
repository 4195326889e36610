"""Python's own syntax, as a tree: it is parsed and never run."""

from __future__ import annotations

import ast
import warnings

MAX_LENGTH = 50_000
"""Longest file that is parsed, in characters: a tree of Python takes a hundred times its text."""

MAX_NESTING = 100
"""Most brackets that stand in each other; Python's parser is asked for no more."""


def parsed(text: str) -> ast.Module | None:
    """The tree of a file; None where it is no Python, or more than anybody writes by hand."""
    if len(text) > MAX_LENGTH or _deep(text):
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
