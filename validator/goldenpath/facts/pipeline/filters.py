"""Filters by which programs run some tests alone: those that name none of the repository's let a run pass with none."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.tables import TestFilter
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

MAX_FILES = 300
"""Most files with tests that are searched for a name; among more it is not looked for."""

_NOTHING = regex(
    r"(?i)\^?\$|!\*+(/\*+)*|none\(\)|\W*(none|nothing|null|x{3,}|no_?such_?\w*|does_?not_?exist\w*|noop)\W*"
)
"""What nobody calls a test."""
_LEAVES_OUT = regex(r"!|^~|\bnot\b")
_KEY = regex(r"\w+ ?[=~] ?")
_NAME = regex(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
"""A name, perhaps in others: `Shop.Tests.Orders`."""


def names_none(filters: tuple[TestFilter, ...], words: tuple[Value, ...], tree: Tree, folder: Value) -> bool:
    """Whether a command is told to run alone what is none of the repository's tests, and is content with that."""
    said = {literal(word) for word in words}
    for each in filters:
        if each.content and said.isdisjoint(each.content.split()):
            continue
        given = _packages(words) if each.within == "packages" else _given(each, words)
        none = partial(_holds_none, folder=literal(folder)) if each.within else _is_of_none
        if given and all(text is not None and none(text, each, tree) for text in given):
            return True
    return False


def _packages(words: tuple[Value, ...]) -> list[str | None]:
    """The packages of Go that are named by their folders; None for those that are named in another way."""
    return [
        text if text is not None and text.startswith(("./", "../")) else None
        for text in map(literal, words)
        if text is None or ("/" in text and not text.startswith("-"))
    ]


def _holds_none(text: str, of: TestFilter, tree: Tree, folder: str | None) -> bool:
    """Whether a folder that is there has no file with tests, where others have."""
    below = of.within == "all" or text.endswith("...")
    root = posixpath.normpath(posixpath.join(folder or "", text.removesuffix("...")))
    there = root != "." and not root.startswith(("..", "/")) and (of.within == "all" or tree.exists(root))
    if folder is None or not there or "*" in text:
        return False
    folders = {posixpath.dirname(path) for path in tree.fitting(re.compile(of.files))}
    return bool(folders) and not any(each == root or (below and each.startswith(f"{root}/")) for each in folders)


def _given(of: TestFilter, words: tuple[Value, ...]) -> list[str | None]:
    """What the options of a filter are given, or the words that are one; None for what only a run knows."""
    by = set(of.by.split())
    given: list[str | None] = []
    for word, following in pairwise((*words, ())):
        option, equals, text = (literal(word) or "").partition("=")
        if option in by:
            given.append(text if equals else literal(following))
    if "WORD" in by:
        both = tuple(
            word for word in words if word != ("--",)
        )  # options of the program, and of the tests that it builds
        given += map(literal, Words(both, of.takes.split()).positionals)
    return given


def _is_of_none(text: str, of: TestFilter, tree: Tree) -> bool:
    """Whether no name of a filter stands in a file with tests, nor in its path; where there are none, who knows."""
    text = _KEY.sub("", text)
    names = _NAME.findall(text)
    if _NOTHING.fullmatch(text):
        return True
    if not names or _LEAVES_OUT.search(text):
        return False
    paths = list(islice(tree.fitting(re.compile(of.files)), MAX_FILES + 1))
    if not paths or len(paths) > MAX_FILES:
        return False
    wanted = [name.lower().split(".") for name in names]
    said = (f"{path}\n{tree.text(path) or ''}".lower() for path in paths)
    return not any(all(part in text for part in parts) for text in said for parts in wanted)
