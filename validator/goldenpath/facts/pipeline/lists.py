"""Words that stand for several: the tags of an image, a line each, and the files that an input of an action lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.text import braces
from goldenpath.facts.values import Symbol, Value, head, lines, split, value

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

_NAMED = regex(r"([^<>\s]+):<tags [^<>]*>\s*")

_LOOPED = regex(r"'<loop [^<>]*>' or '<loop [^<>]*><item <tags ([^<>]*)>>(?::[^<>@]*)?@<([\w-]+) (.+)> '")
"""How the shell says what a variable holds to which a loop has added `name@digest` for each tag."""

_WITHOUT_TAG = regex(r"<(item|line) ([\s\S]+)>%%?':\*'")
"""What the shell makes of `${tag%:*}`: what stands before the tag is a name of an image, unless that has a port."""

_LISTED = regex(r"<tags ([^<>]*)>")

_FIRST = regex(r"first of '<tags ([^<>]*)>'")
"""How the shell says that a line is the first of them: that of the first name."""


def several(word: Value, tag_lists: dict[str, list[Value]]) -> list[Value]:
    """A word, or all that it stands for when it has several lines, or comes from the tags of metadata-action."""
    if any(isinstance(part, str) and "\n" in part for part in word):
        return [each for line in lines(word) for each in several(line, tag_lists)]
    for index, part in enumerate(word):
        if not isinstance(part, Symbol):
            continue
        looped = _LOOPED.fullmatch(part.name) if part.kind == "unknown" and len(word) == 1 else None
        if looped:
            names = tag_lists.get(looped[1], [])
            return [value(name, "@", Symbol(looped[2], looped[3])) for name in names] or [word]
        rest = word[index + 1 :]
        if part.kind == "loop" and rest and isinstance(rest[0], Symbol):
            continue
        if part.kind in {"item", "line", "tags", "shell"} and (names := _names_in(part, tag_lists)):
            return [value(name, *rest) for name in names]
    return [word]


def _names_in(symbol: Symbol, tag_lists: dict[str, list[Value]]) -> list[Value]:
    if symbol.kind == "tags":
        return tag_lists.get(symbol.name, [])
    if symbol.kind == "shell":
        stripped = _WITHOUT_TAG.fullmatch(symbol.name)
        names = _names_in(Symbol(stripped[1], stripped[2]), tag_lists) if stripped else []
        return names if not any(":" in part for name in names for part in name if isinstance(part, str)) else []
    if first := _FIRST.fullmatch(symbol.name):
        return tag_lists.get(first[1], [])[:1]
    listed, named = _LISTED.search(symbol.name), _NAMED.fullmatch(symbol.name)
    if named:
        return [value(named[1])]
    return tag_lists.get(listed[1], []) if listed else []


_IN_BRACES = regex(r"\{[^{}\s]*\}")
_APART = "\0"


def paths(of: Value) -> list[Value]:
    """The paths, or patterns of them, that an input lists.

    White space, commas or semicolons stand between them, unless they are those of braces (`dist/*.{zip,tar.gz}`); or
    they are a list of JSON (`["dist/shop"]`).
    """
    start = head(of).lstrip()
    quotes = "[]\"'" if start.startswith(('["', "['")) else ""
    kept = [part if isinstance(part, Symbol) else _IN_BRACES.sub(_joined, part) for part in of]
    return [each for piece in split(value(*kept), f" \t\r\n,;{quotes}") for each in _spread(piece)]


def chosen(patterns: list[Value]) -> list[tuple[Value, tuple[Value, ...]]]:
    """Patterns that mean files, each with those behind it (`!dist/*.txt`) that leave some of them out again."""
    found: list[tuple[Value, tuple[Value, ...]]] = []
    without: tuple[Value, ...] = ()
    for each in reversed(patterns):
        plain = head(each).lstrip("!")
        marks = len(head(each)) - len(plain)
        pattern = value(plain, *each[1:]) if marks else each
        if marks % 2:
            without = (pattern, *without)
        elif not plain.startswith("#"):
            found.append((pattern, without))
    return found[::-1]


def _joined(braces: re.Match[str]) -> str:
    return braces[0].replace(",", _APART)


_MOST = 256
"""How many patterns braces may stand for; those that would make it more are left as they are written."""


def _spread(pattern: Value) -> list[Value]:
    """A pattern, or those that its braces stand for."""
    found: list[Value] = [()]
    for part in pattern:
        choices: Sequence[str | Symbol] = [part] if isinstance(part, Symbol) else braces(part.replace(_APART, ","))
        if len(found) * len(choices) > _MOST:
            choices = [part]
        found = [value(*each, choice) for each in found for choice in choices]
    return found
