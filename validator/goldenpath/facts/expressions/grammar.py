"""The grammar of expressions: text to tree."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from goldenpath.facts.expressions.known import NULL, Known, number_in
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_LENGTH: Final = 21_000
"""Characters in one expression; GitHub's own limit."""

MAX_DEPTH: Final = 50
"""Levels of nesting in one expression; GitHub's own limit."""


class MalformedExpression(ValueError):  # noqa: N818 - it names what is wrong, and reads so where raised
    """An expression that GitHub would refuse: where (an offset in its text), and a sentence that says why."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset = offset
        self.sentence = sentence


class Literal(Struct, frozen=True):
    """What is written as it is."""

    known: Known
    height: int = 1


class Name(Struct, frozen=True):
    """A context."""

    name: str
    height: int = 1


class Index(Struct, frozen=True):
    """`target.key`, `target[key]`, or `target.*` when the key is None."""

    target: Node
    key: Node | None
    height: int


class Call(Struct, frozen=True):
    """The call of a function."""

    name: str
    arguments: tuple[Node, ...]
    height: int


class Not(Struct, frozen=True):
    """A negation."""

    operand: Node
    height: int


class Compare(Struct, frozen=True):
    """A comparison."""

    operator: str
    left: Node
    right: Node
    height: int


class Logic(Struct, frozen=True):
    """`a && b && …` or `a || b || …`: flat, as GitHub keeps them, so that a long chain is not a deep tree."""

    operator: str
    operands: tuple[Node, ...]
    height: int


Node: TypeAlias = Literal | Name | Index | Call | Not | Compare | Logic


_TOKEN: Final = regex(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^']|'')*')
      | (?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|Infinity\b)(?![\w.-]))
      | (?P<name>[A-Za-z_][\w-]*)
      | (?P<operator>&&|\|\||[=!<>]=|[!<>()\[\].,*])
    """,
    re.VERBOSE | re.ASCII,
)
_BINDING: Final = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_NEGATION_BINDING: Final = 5
_KEYWORDS: Final[Mapping[str, Known]] = {
    "null": NULL,
    "true": True,
    "false": False,
    "NaN": math.nan,
    "Infinity": math.inf,
}
_UNBOUNDED: Final = 255
_ARITY: Final[Mapping[str, tuple[int, int]]] = {
    "always": (0, 0),
    "cancelled": (0, 0),
    "case": (3, _UNBOUNDED),
    "contains": (2, 2),
    "endswith": (2, 2),
    "failure": (0, _UNBOUNDED),
    "format": (1, _UNBOUNDED),
    "fromjson": (1, 1),
    "hashfiles": (1, _UNBOUNDED),
    "join": (1, 2),
    "startswith": (2, 2),
    "success": (0, _UNBOUNDED),
    "tojson": (1, 1),
}


class _Token(Struct, frozen=True):
    kind: str
    text: str
    offset: int


def _tokens(text: str) -> Iterator[_Token]:
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            what = "a string that is never closed" if text[offset] == "'" else f"{text[offset]!r}"
            raise MalformedExpression(offset, f"An expression cannot contain {what}.")
        if match.lastgroup != "space":
            yield _Token(str(match.lastgroup), match[0], offset)
        offset = match.end()
    yield _Token("end", "", len(text))


def height_of(*children: Node) -> int:
    """Return the levels of a tree with these children."""
    return 1 + max((child.height for child in children), default=0)


class _Parser:
    """A Pratt parser: what binds tighter is parsed by a call with a higher binding power."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def parse(self) -> Node:
        """Parse all of the text."""
        node = self._expression(0, 1)
        if self._peek.kind != "end":
            raise self._unexpected(self._peek)
        return node

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _accept(self, text: str) -> bool:
        found = self._peek.kind == "operator" and self._peek.text == text
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected(self._peek, f" where {text!r} was expected")

    @staticmethod
    def _unexpected(token: _Token, where: str = "") -> MalformedExpression:
        what = "ends too early" if token.kind == "end" else f"has an unexpected {token.text!r}"
        return MalformedExpression(token.offset, f"The expression {what}{where}.")

    def _bounded(self, node: Node) -> Node:
        if node.height > MAX_DEPTH:
            raise MalformedExpression(self._peek.offset, f"The expression nests deeper than {MAX_DEPTH} levels.")
        return node

    def _expression(self, binding: int, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise MalformedExpression(self._peek.offset, f"The expression nests deeper than {MAX_DEPTH} levels.")
        left = self._operand(depth)
        while self._peek.kind == "operator" and _BINDING.get(self._peek.text, 0) > binding:
            operator = self._next().text
            if operator in {"&&", "||"}:
                operands = [left, self._expression(_BINDING[operator], depth + 1)]
                while self._accept(operator):
                    operands.append(self._expression(_BINDING[operator], depth + 1))
                left = self._bounded(Logic(operator, tuple(operands), height_of(*operands)))
            else:
                right = self._expression(_BINDING[operator], depth + 1)
                left = self._bounded(Compare(operator, left, right, height_of(left, right)))
        return left

    def _operand(self, depth: int) -> Node:
        token = self._next()
        if token.kind == "operator" and token.text == "!":
            operand = self._expression(_NEGATION_BINDING, depth + 1)
            return self._bounded(Not(operand, height_of(operand)))
        node: Node
        if token.kind == "operator" and token.text == "(":
            node = self._expression(0, depth + 1)
            self._expect(")")
        elif token.kind == "string":
            node = Literal(value(token.text[1:-1].replace("''", "'")))
        elif token.kind == "number":
            node = Literal(number_in(token.text))
        elif token.kind == "name":
            node = self._named(token, depth)
        else:
            raise self._unexpected(token)
        return self._indexed(node, depth)

    def _named(self, token: _Token, depth: int) -> Node:
        if self._accept("("):
            return self._call(token, depth)
        if token.text in _KEYWORDS:
            return Literal(_KEYWORDS[token.text])
        return Name(token.text.lower())

    def _call(self, token: _Token, depth: int) -> Node:
        arguments: list[Node] = []
        while not self._accept(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._expression(0, depth + 1))
        fewest, most = _ARITY.get(token.text.lower(), (0, _UNBOUNDED))
        if not fewest <= len(arguments) <= most:
            raise MalformedExpression(token.offset, f"{token.text}() does not take {len(arguments)} arguments.")
        return self._bounded(Call(token.text.lower(), tuple(arguments), height_of(*arguments)))

    def _indexed(self, node: Node, depth: int) -> Node:
        while True:
            key: Node | None
            if self._accept("."):
                key = self._property()
            elif self._accept("["):
                key = None if self._accept("*") else self._expression(0, depth + 1)
                self._expect("]")
            else:
                return node
            node = self._bounded(Index(node, key, height_of(node, *(() if key is None else (key,)))))

    def _property(self) -> Node | None:
        if self._accept("*"):
            return None
        token = self._next()
        if token.kind != "name":
            raise self._unexpected(token, " where a property was expected")
        return Literal(value(token.text))


@lru_cache(maxsize=2048)
def parse(text: str) -> Node:
    """Read an expression; raises `MalformedExpression`."""
    if len(text) > MAX_LENGTH:
        raise MalformedExpression(MAX_LENGTH, f"An expression has at most {MAX_LENGTH} characters.")
    return _Parser(text).parse()
