"""`test`, `[ … ]` and `[[ … ]]`: decided where all possible values agree, else an atom."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from goldenpath.facts.expressions import not_empty, rendered, same_text
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.status import FAILURE, SUCCESS, Status, asked, both, either
from goldenpath.facts.shell.text import bounded, has_glob, matches, plain
from goldenpath.facts.values import Value, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.values import Symbol

_INTEGER: Final = regex(r"\s*[-+]?\d{1,18}\s*")
_NUMERIC: Final[dict[str, Callable[[int, int], bool]]] = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}
_BINARY: Final = frozenset({"=", "==", "!=", "=~", "<", ">", "-nt", "-ot", "-ef", *_NUMERIC})
_UNARY: Final = regex(r"-[a-hknoprstuvwxzGLNORS]")
_MAX_DEPTH: Final = 40
_MAX_EXPRESSION: Final = 60
_ONE: Final = r"(?:[\w .:,-]|\[\^?[A-Za-z0-9-]+\]|\((?:[\w:,-]+\|)*[\w:,-]+\))"
_EXPRESSION: Final = regex(rf"\^?(?:{_ONE}+(?:[+*?]{_ONE}+){{0,2}}[+*?]?)?\$?")
"""Regular expressions that mean the same to everybody, and are tried in no time."""


class Token(Struct, frozen=True):
    """A word of a test: what it is worth, and the operator that it may be."""

    text: Value
    operator: str | None
    pattern: Value


class _Test:
    """Recursive descent, in which `-o`/`||` binds less than `-a`/`&&`."""

    def __init__(self, tokens: list[Token], told: Callable[[list[Token]], Status | None] | None) -> None:
        self._tokens = tokens
        self._told = told
        self._at = 0
        self._depth = 0

    def status(self) -> Status:
        """Decide the whole test; what is no test is a question like any other."""
        if not self._tokens:
            return FAILURE
        outcome = self._any()
        if self._at < len(self._tokens):
            return asked(bounded(" ".join(rendered(token.text) for token in self._tokens)))
        return outcome

    def _operator(self, ahead: int = 0) -> str | None:
        at = self._at + ahead
        return self._tokens[at].operator if at < len(self._tokens) else None

    def _any(self) -> Status:
        outcome = self._all()
        while self._operator() in {"-o", "||"}:
            self._at += 1
            outcome = either(outcome, self._all())
        return outcome

    def _all(self) -> Status:
        outcome = self._one()
        while self._operator() in {"-a", "&&"}:
            self._at += 1
            outcome = both(outcome, self._one())
        return outcome

    def _one(self) -> Status:
        negated = False
        while self._operator() == "!" and self._operator(1) not in _BINARY and self._at + 1 < len(self._tokens):
            self._at += 1
            negated = not negated
        outcome = self._primary()
        return outcome.negated() if negated else outcome

    def _primary(self) -> Status:
        left = len(self._tokens) - self._at
        if left <= 0:
            return FAILURE
        if self._operator(1) in _BINARY and left > 2:
            return self._decided(3)
        if self._operator() == "(" and self._depth < _MAX_DEPTH:
            return self._parenthesised()
        unary = self._operator() or ""
        if left > 1 and _UNARY.fullmatch(unary):
            return self._decided(2)
        return self._decided(1)

    def _decided(self, length: int) -> Status:
        """Decide the next words, which are one comparison or check."""
        self._at += length
        tokens = self._tokens[self._at - length : self._at]
        told = self._told(tokens) if self._told else None
        if told is not None:
            return told
        if length > 2:
            return _compared(*tokens)
        return _checked((length > 1 and tokens[0].operator) or "-n", tokens[-1].text)

    def _parenthesised(self) -> Status:
        self._at += 1
        self._depth += 1
        outcome = self._any()
        self._depth -= 1
        self._at += self._operator() == ")"
        return outcome


def tested(tokens: list[Token], told: Callable[[list[Token]], Status | None] | None = None) -> Status:  # noqa: PT028
    """Decide a test, given its words without brackets, and who may know better what a part of it tells."""
    return _Test(tokens, told).status()


def _decided(outcome: bool | None, text: str) -> Status:  # noqa: FBT001 - the outcome is what it is about
    if outcome is None:
        return asked(bounded(text))
    return Status(known=outcome, question=True)


def _checked(unary: str, text: Value) -> Status:
    if unary in {"-n", "-z"}:
        status = _decided(not_empty(text), f"{rendered(text)} != ''")
        return status if unary == "-n" else status.negated()
    return asked(bounded(f"{unary} {rendered(text)}"))


def _compared(left: Token, middle: Token, right: Token) -> Status:
    symbol = middle.operator or ""
    if symbol in {"=", "==", "!="}:
        return compared(left.text, right.pattern) if symbol != "!=" else compared(left.text, right.pattern).negated()
    one, other = literal(left.text), literal(right.text)
    if one is not None and other is not None:
        if symbol == "=~" and right.pattern == right.text and (found := has_match(one, other)) is not None:
            return _decided(found, "")
        if (found := _ordered(one, symbol, other)) is not None:
            return SUCCESS if found else FAILURE
        if symbol in {"<", ">"}:
            return SUCCESS if (one < other if symbol == "<" else one > other) else FAILURE
    return asked(bounded(f"{rendered(left.text)} {symbol} {rendered(right.text)}"))


def _ordered(one: str, symbol: str, other: str) -> bool | None:
    """What a comparison of two numbers says; None where it is none."""
    if symbol in _NUMERIC and _INTEGER.fullmatch(one) and _INTEGER.fullmatch(other):
        return _NUMERIC[symbol](int(one), int(other))
    return None


def with_number(tokens: list[Token], symbol: Symbol) -> Callable[[Value], bool | None] | None:
    """What a comparison with a number says given what a symbol is; None where it asks something else."""
    number = literal(tokens[-1].text)
    asks = len(tokens) == 3 and tokens[0].text == (symbol,) and tokens[1].operator in _NUMERIC
    if not asks or number is None or not _INTEGER.fullmatch(number):
        return None
    operator_ = tokens[1].operator or ""
    return lambda meaning: _ordered(literal(meaning) or "", operator_, number)


def has_match(text: str, pattern: str) -> bool | None:
    """Whether a text of one line has what a simple regular expression says; None for others."""
    if len(pattern) > _MAX_EXPRESSION or len(text) > _MAX_EXPRESSION or not _EXPRESSION.fullmatch(pattern):
        return None
    return re.search(pattern, text.removesuffix("\n")) is not None


def compared(text: Value, pattern: Value) -> Status:
    """Decide whether a text fits a glob, as `case` and `[[ x == y* ]]` ask."""
    outcome = matches(text, pattern)
    if has_glob(pattern):
        return _decided(outcome, f"{rendered(text)} like {rendered(pattern)}")
    wanted = plain(pattern)
    return _decided(same_text(text, wanted), f"{rendered(text)} == {rendered(wanted)}")
