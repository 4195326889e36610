"""Programs of the repository in other languages: the files into which they write by paths that they put together.

Nobody runs them. A path is made of the texts that stand in it, of the folder of the program (`__dirname`), and of what
its variables hold, where that stands in the program, too. Any folder stands for what does not, unless it is called as
one in which something is made.
"""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLS = regex(
    r"\b(?:open|(?:write|append|output)(?:Text)?File(?:Sync)?|(?:truncate|rm|unlink)(?:Sync)?|os\.(?:remove|unlink)"
    r"|File\.(?:write|delete)|file_put_contents)\("
)
"""Calls whose first word is the file that they change, or remove; `open` only where it is told so."""
_METHODS = regex(r"(?:\b(\w+)|\(([^()\n]{1,200})\))\.(?:write_text|write_bytes|unlink|open)\(")
"""What is told to change itself: a variable, or a path that is put together in brackets."""
_TO_WRITE = regex(r"\s*,?\s*(?:mode\s*=\s*)?['\"][rbt+]*[wax+]")
_TOKENS = regex(
    r"(?P<quote>['\"`])(?P<text>[^'\"`\n]{0,200})(?P=quote)|(?P<up>\bdirname\(|\.parent\b)|\bcwd\(|(?P<deep>\brglob\()"
    r"|(?P<here>__dirname|__dir__|__file__|__filename|import\.meta\.\w+)|(?P<name>\b[A-Za-z_]\w*\b)(?!\s*[.(])"
)
_BINDINGS = regex(
    r"(?:\b([A-Za-z_]\w*)(?::[^=\n]{1,60})? {0,4}=(?![=>])"
    r"|\bfor \(?(?:const |let |var )?([A-Za-z_]\w*) (?:in|of)\b)([^\n]{1,300})"
)
"""Where a variable gets what it holds, by itself or in a loop."""
_HOLES = regex(r"\$?\{\s*(\w*)[^{}]*\}")
_MADE = regex(r"(?i)out|dist|build|target|te?mp|dest|cache|gen|site|doc|report|cover")
"""How variables are called that hold folders in which something is made."""
_LONGEST = 300
_DEEPEST = 4
_MOST = 200


def paths_written(text: str, path: str) -> Iterator[str]:
    """The files that a program changes, as patterns: from the root (`/src/a.go`), or from where it is run.

    `path` is its own; `**` stands for folders that nobody knows.
    """
    program = _Program(text, path)
    for expression in dict.fromkeys(_expressions(text)):
        if pattern := program.pattern(expression):
            yield pattern


def _expressions(text: str) -> Iterator[str]:
    """What stands in a program where it names a file that it changes."""
    for found in islice(_CALLS.finditer(text), _MOST):
        argument = _first_argument(text[found.end() : found.end() + _LONGEST])
        if found[0] != "open(" or _TO_WRITE.match(text, found.end() + len(argument)):
            yield argument
    for found in islice(_METHODS.finditer(text), _MOST):
        if not found[0].endswith("open(") or _TO_WRITE.match(text, found.end()):
            yield found[1] or found[2]


def _first_argument(text: str) -> str:
    """What stands in front of the first comma, or of the bracket that closes the call."""
    depth = 0
    for at, letter in enumerate(text):
        if depth == 0 and letter in ",)":
            return text[:at]
        depth += (letter in "([{") - (letter in ")]}")
    return text


class _Program:
    """A program, and the folder in which it stands."""

    def __init__(self, text: str, path: str) -> None:
        self._folder = posixpath.dirname(path)
        self._known: dict[str, str | None] = {}
        self._bound: dict[str, str] = {}
        for found in _BINDINGS.finditer(text):
            self._bound.setdefault(found[1] or found[2], found[3])

    def pattern(self, expression: str, depth: int = 0) -> str | None:
        """What an expression may stand for; None where something is made."""
        tokens = list(islice(_TOKENS.finditer(expression), _MOST))
        if not tokens:
            return None if _MADE.search(expression) else "**"
        parts = [self._part(token, depth) for token in tokens]
        return None if None in parts else _joined([self._anchor(tokens), *filter(None, parts)])

    def _part(self, token: re.Match[str], depth: int) -> str | None:
        """What a token adds to a path; None where something is made."""
        if token["deep"]:
            return "**"
        if token["text"] is not None:
            return self._filled(token["text"], depth)
        return self._held(token["name"], depth) if token["name"] else ""

    def _anchor(self, tokens: list[re.Match[str]]) -> str:
        """The folder of the program, or one above it, where a path begins there."""
        here = next((token["here"] for token in tokens if token["here"]), None)
        if here is None:
            return ""
        ups = sum(token["up"] is not None for token in tokens) - (0 if "_dir" in here else 1)
        return posixpath.join("/", self._folder, *[".."] * max(ups, 0))

    def _filled(self, text: str, depth: int) -> str | None:
        """A text with what its holes stand for (`${root}/main.go`)."""
        first, *others = _HOLES.split(text)
        for name, after in zip(others[::2], others[1::2], strict=True):
            held = self._held(name, depth) if name else "**"
            if held is None:
                return None
            first += (held if not first or first.endswith("/") else "*") + after
        return first

    def _held(self, name: str, depth: int) -> str | None:
        """What a variable holds, found out once."""
        if name not in self._known:
            self._known[name] = None if _MADE.search(name) else "**"  # where it is made of itself, or of nothing here
            if name in self._bound and depth < _DEEPEST:
                self._known[name] = self.pattern(self._bound[name], depth + 1)
        return self._known[name]


def _joined(parts: list[str]) -> str:
    """A path of its parts, in which folders that nobody knows hide all that stands before them."""
    path = "/".join(filter(None, parts))
    _, unknown, after = path.rpartition("**")
    if not unknown:
        return posixpath.normpath(re.sub("/+", "/", path))
    return posixpath.join("**", *(each for each in after.split("/") if each not in {"", ".", ".."}))
