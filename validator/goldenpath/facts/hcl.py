"""HashiCorp's configuration language, as far as it is plain: blocks, attributes, strings, lists and maps.

What is no literal (calls, conditions, operators) is kept as one unknown part, so that it makes nothing else unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, value

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 32
"""Deepest nesting that is read."""

_TOKEN = regex(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*|//[^\n]*)|(?P<line>\n)|(?P<text>"(?:\$\{[^}]*\}|\$(?!\{)|[^"\\\n$]|\\.)*")"""
    r"""|(?P<name>[A-Za-z_][\w-]*)|(?P<number>\d[\d.]*)|(?P<sign><<|[][{}(),=:?.*+!<>&|/%-])"""
)
_PART = regex(r"\$\{\s*([^}]*?)\s*\}")
_NAME = regex(r"[A-Za-z_][\w-]*")
_ESCAPES = {r"\"": '"', r"\\": "\\", r"\n": "\n", r"\t": "\t"}

Plain: TypeAlias = "Value | bool | list[Plain] | dict[str, Plain] | None"


class NotPlain(Exception):  # noqa: N818 - a limit of what is read
    """The text is not of the form that is read here."""


class Block(Struct, frozen=True):
    """A block: what it is (`target`), its labels, its attributes, and the line where it begins (from 1)."""

    kind: str
    labels: tuple[str, ...]
    attributes: dict[str, Plain]
    line: int


def read(text: str, variable: Callable[[str], Value | None]) -> list[Block]:
    """Read the blocks of a file; `variable` says what a name stands for. Raises NotPlain."""
    return _Reader(text, variable).blocks()


class _Reader:
    def __init__(self, text: str, variable: Callable[[str], Value | None]) -> None:
        self._variable = variable
        self._tokens: list[tuple[str, str, int]] = []
        at, line = 0, 1
        while at < len(text):
            if text.startswith("/*", at):
                end = text.find("*/", at)
                if end < 0:
                    raise NotPlain(f"line {line} begins a comment without an end")
                line += text.count("\n", at, end)
                at = end + 2
                continue
            found = _TOKEN.match(text, at)
            if found is None or found[0] == "<<":
                raise NotPlain(f"line {line} is not plain")
            kind = found.lastgroup or ""
            if kind != "skip":
                self._tokens.append((kind, found[0], line))
            line += found[0].count("\n")
            at = found.end()
        self._tokens.append(("end", "", line))
        self._at = 0

    def blocks(self) -> list[Block]:
        found = []
        while self._next_but_lines()[0] != "end":
            line = self._peek()[2]
            kind = self._take("name")
            if self._peek()[1] == "=":
                self._attribute(0)
                continue
            labels = []
            while self._peek()[0] in {"text", "name"}:
                labels.append(self._tokens[self._at][1].strip('"'))
                self._at += 1
            found.append(Block(kind, tuple(labels), self._map(1), line))
        return found

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._at]

    def _next_but_lines(self) -> tuple[str, str, int]:
        while self._peek()[0] == "line" or self._peek()[1] == ",":
            self._at += 1
        return self._peek()

    def _take(self, kind: str, text: str = "") -> str:
        found, said, line = self._peek()
        if found != kind or (text and said != text):
            raise NotPlain(f"line {line} is not plain")
        self._at += 1
        return said

    def _attribute(self, depth: int) -> Plain:
        if self._peek()[1] not in {"=", ":"}:
            raise NotPlain(f"line {self._peek()[2]} is not plain")
        self._at += 1
        return self._value(depth)

    def _map(self, depth: int) -> dict[str, Plain]:
        if depth > MAX_DEPTH:
            raise NotPlain("it is nested too deeply")
        self._take("sign", "{")
        members: dict[str, Plain] = {}
        while self._next_but_lines()[1] != "}":
            kind, name, line = self._peek()
            if kind not in {"name", "text"}:
                raise NotPlain(f"line {line} is not plain")
            self._at += 1
            if self._peek()[1] in {"=", ":"}:
                members[name.strip('"')] = self._attribute(depth)
            else:  # a block in the block (`variable "x" { validation { … } }`)
                while self._peek()[0] == "text":
                    self._at += 1
                self._map(depth + 1)
        self._at += 1
        return members

    def _value(self, depth: int) -> Plain:
        """A literal; anything else up to the end of the line, or of the list that it is in, is unknown."""
        start = self._at
        kind, text, _ = self._peek()
        if text == "{":
            return self._or_unknown(self._map(depth + 1), start)
        if text == "[":
            return self._or_unknown(self._list(depth + 1), start)
        self._at += 1
        if kind == "text":
            return self._or_unknown(self._text(text), start)
        if kind == "name":
            plain = {"true": True, "false": False, "null": None}
            known = plain[text] if text in plain else self._variable(text) or value(Symbol("template", text))
            return self._or_unknown(known, start)
        return self._or_unknown(value(text), start)

    def _list(self, depth: int) -> list[Plain]:
        if depth > MAX_DEPTH:
            raise NotPlain("it is nested too deeply")
        self._take("sign", "[")
        items = []
        while self._next_but_lines()[1] != "]":
            if self._peek()[0] == "end":
                raise NotPlain("a list has no end")
            items.append(self._value(depth))
        self._at += 1
        return items

    def _or_unknown(self, known: Plain, start: int) -> Plain:
        """The literal, if it ends there; both where a condition chooses between two; else all of it is unknown."""
        if self._peek()[0] in {"line", "end"} or self._peek()[1] in {",", "}", "]"}:
            return known
        depth = 0
        while not (depth == 0 and (self._peek()[0] in {"line", "end"} or self._peek()[1] in {",", "}", "]"})):
            kind, text, _ = self._peek()
            if kind == "end":
                break
            depth += (text in {"(", "[", "{"}) - (text in {")", "]", "}"})
            self._at += 1
        tokens = self._tokens[start : self._at]
        if [text if kind == "sign" else kind for kind, text, _ in tokens[-4:]] == ["?", "text", ":", "text"]:
            return [self._text(tokens[-3][1]), self._text(tokens[-1][1])]
        return value(Symbol("template", " ".join(text for _, text, _ in tokens)))

    def _text(self, text: str) -> Value:
        parts: list[str | Symbol | Value] = []
        for index, part in enumerate(_PART.split(text[1:-1])):
            if index % 2 == 0:
                parts.append(re.sub(r'\\["\\nt]', lambda found: _ESCAPES[found[0]], part))
            else:
                known = self._variable(part) if _NAME.fullmatch(part) else None
                parts.append(value(Symbol("template", part)) if known is None else known)
        return value(*parts)
