"""Gradle's build scripts, as far as they are plain: statements of words, texts and groups in brackets.

Both languages, Groovy and Kotlin, are programs; nothing of them is run. What is read here is their form alone: which
statement stands in which block. What it means, and which ones mean nothing that matters, build.py says.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 200_000
"""Most characters of a script that is read."""

MAX_DEPTH = 40
"""Deepest nesting of brackets that is read."""

_TOKEN = regex(
    r"(?P<skip>[ \t\r\f]+|//[^\n]*|\\\r?\n|\A#![^\n]*)|(?P<line>\n)|(?P<long>\"\"\"|''')|(?P<begin>/\*)"
    r"|(?P<text>\"(?:[^\"\\\n$]|\\.|\$(?!\{)|\$\{(?:[^{}\"'\n]|\"[^\"$\n]*\"|'[^'\n]*')*\})*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<name>`[^`\n]+`|[A-Za-z_@$][\w$]*)|(?P<number>\d[\w.]*)"
    r"|(?P<sign>\?\.|\?:|->|::|==|!=|<=|>=|&&|\|\||=~|\+=|-=|\.\.|[][{}(),;=:?.*+!<>&|/%~^-])"
)
_PATTERN = regex(r"/(?![/*])([^/\n\\]+)/")
"""A text between slashes, as Groovy has it, where no division can stand."""
_BEFORE_PATTERN = frozenset({"=", "(", ",", "=~", "==", "~"})
_OPEN = {"(": ")", "[": "]", "{": "}"}
_GOES_ON = frozenset({"=", ",", ".", "?.", "?:", "+", "+=", "&&", "||", ":", "==", "!=", "<", "-", "->", "::"})
"""Signs after which a statement goes on in the next line."""
_CONTINUES = frozenset({".", "?.", "?:", "&&", "||", "else", "catch", "finally"})
"""What goes on with the statement of the line before."""


class NotPlain(Exception):  # noqa: N818 - a limit of what is read
    """The script is not of the form that is read here; the line, from 1, and what stands there."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


class Word(Struct, frozen=True):
    """A name, number or sign, or a text; `raw` says of a text that no `$` in it means anything."""

    kind: str
    text: str
    line: int
    raw: bool = False


class Group(Struct, frozen=True):
    """What stands in brackets: statements, in round and square ones the parts between commas."""

    opened: str
    statements: tuple[Statement, ...]
    line: int


Node: TypeAlias = "Word | Group"
Statement: TypeAlias = "tuple[Word | Group, ...]"


@lru_cache(maxsize=64)
def read(text: str) -> tuple[Statement, ...]:
    """The statements of a script; raises NotPlain."""
    if len(text) > MAX_CHARACTERS:
        raise NotPlain(1, "it is larger than what is read")
    return _Reader(text).script()


def words_in(nodes: Statement) -> Iterator[Word]:
    """All words of a statement, those in its groups as well."""
    waiting: list[Node] = [*reversed(nodes)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Word):
            yield node
        else:
            waiting += [each for statement in reversed(node.statements) for each in reversed(statement)]


def line_of(nodes: Statement) -> int:
    """The line in which a statement begins."""
    return nodes[0].line if nodes else 0


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def script(self) -> tuple[Statement, ...]:
        """All statements."""
        return self._statements("", 0)

    def _statements(self, until: str, depth: int) -> tuple[Statement, ...]:
        """The statements up to a closing bracket, or to the end."""
        found: list[Statement] = []
        statement: list[Node] = []
        parts = until in {")", "]"}
        while self._at < len(self._tokens):
            word = self._tokens[self._at]
            self._at += 1
            if word.kind == "sign" and word.text in _OPEN:
                if depth >= MAX_DEPTH:
                    raise NotPlain(word.line, "it is nested deeper than what is read")
                inner = self._statements(_OPEN[word.text], depth + 1)
                statement.append(Group(word.text, inner, word.line))
            elif word.kind == "sign" and word.text in _OPEN.values():
                if word.text != until:
                    raise NotPlain(word.line, f"`{word.text}` closes nothing")
                return (*found, *([tuple(statement)] if statement else []))
            elif self._ends(word, statement, parts=parts):
                found += [tuple(statement)] if statement else []
                statement = []
            elif word.kind != "line":
                statement.append(word)
        if until:
            raise NotPlain(self._tokens[-1].line if self._tokens else 1, f"`{until}` is missing")
        return (*found, *([tuple(statement)] if statement else []))

    def _ends(self, word: Word, statement: list[Node], *, parts: bool) -> bool:
        """Whether a statement is over with this word, or a part of a list."""
        if parts:
            return word.kind == "sign" and word.text == ","
        if word.kind == "line":
            last = statement[-1] if statement else None
            goes_on = isinstance(last, Word) and last.kind == "sign" and last.text in _GOES_ON
            following = self._tokens[self._at] if self._at < len(self._tokens) else None
            return not goes_on and not (following and following.kind != "text" and following.text in _CONTINUES)
        return word.kind == "sign" and word.text == ";"


def _tokens(text: str) -> Iterator[Word]:
    """The words of a script. A text between slashes, as Groovy has it, is not plain: it may hide any other sign."""
    at, line = 0, 1
    before = ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotPlain(line, f"{text[at : at + 20].split(chr(10), maxsplit=1)[0]!r} is not read")
        kind, found = match.lastgroup or "", match[0]
        at = match.end()
        if kind in {"long", "begin"}:
            end = text.find("*/" if kind == "begin" else found, at)
            if end < 0 or (kind == "begin" and "/*" in text[at:end]):  # Kotlin's comments have comments in them
                raise NotPlain(line, f"{found} has no end that is read")
            if kind == "long":
                yield Word("text", text[at:end], line, raw=found == "'''")
            line += text.count("\n", at, end)
            at = end + (2 if kind == "begin" else 3)
        elif kind == "text":
            yield Word("text", found[1:-1], line, raw=found[0] == "'" and "\\" not in found)
        elif kind != "skip" and not (kind == "line" and before == ""):
            pattern = _PATTERN.match(text, match.start()) if found == "/" and before in _BEFORE_PATTERN else None
            if pattern:
                kind, found, at = "text", pattern[1], pattern.end()
            elif found == "/" and not (before == ")" or before.isdecimal()):
                raise NotPlain(line, "a pattern between slashes is not read")
            yield Word(kind, found.strip("`"), line)
        line += found.count("\n")
        before = before if kind == "skip" else "" if kind == "line" else found
