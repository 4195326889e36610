"""What `$(( … ))` and `(( … ))` come to where they only ask: nothing is assigned in them."""

from __future__ import annotations

import operator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_LENGTH: Final = 200
_MAX_DEPTH: Final = 20
_TOKEN: Final = regex(r"\s*(?:(0|[1-9]\d{0,8})\b|([A-Za-z_]\w*)|(\|\||&&|[=!<>]=|[-+*<>!()?:&|^]))")
_UNARY: Final[dict[str, Callable[[int], int]]] = {"!": operator.not_, "-": operator.neg, "+": operator.pos}
_BINARY: Final[dict[str, tuple[int, Callable[[int, int], int]]]] = {
    "||": (1, lambda one, other: one != 0 or other != 0), "&&": (2, lambda one, other: one != 0 and other != 0),
    "|": (3, operator.or_), "^": (4, operator.xor), "&": (5, operator.and_),
    "==": (6, operator.eq), "!=": (6, operator.ne),
    "<": (7, operator.lt), "<=": (7, operator.le), ">": (7, operator.gt), ">=": (7, operator.ge),
    "+": (8, operator.add), "-": (8, operator.sub), "*": (9, operator.mul),
}  # fmt: skip
"""How strongly each binds, and what it does."""


class _NoSum(Exception):  # noqa: N818 - it is an answer
    """The text is no such sum, or only a run knows what it comes to."""


class _Sum:
    """Recursive descent by strength."""

    def __init__(self, tokens: tuple[str, ...], value_of: Callable[[str], int | None]) -> None:
        self._tokens = tokens
        self._value_of = value_of
        self._at = self._depth = 0

    def result(self) -> int:
        found = self._choice()
        if self._tokens[self._at]:
            raise _NoSum
        return found

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, wanted: str) -> None:
        if self._next() != wanted:
            raise _NoSum

    def _choice(self) -> int:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _NoSum
        found = self._joined(1)
        if self._tokens[self._at] == "?":
            self._at += 1
            one = self._choice()
            self._expect(":")
            other = self._choice()
            found = one if found else other
        self._depth -= 1
        return found

    def _joined(self, strength: int) -> int:
        found = self._one()
        while (known := _BINARY.get(self._tokens[self._at])) and known[0] >= strength:
            self._at += 1
            found = int(known[1](found, self._joined(known[0] + 1)))
        return found

    def _one(self) -> int:
        signs: list[str] = []
        while (said := self._next()) in _UNARY:
            signs.append(said)
        if said == "(":
            found: int | None = self._choice()
            self._expect(")")
        elif said.isdigit():
            found = int(said)
        else:
            found = self._value_of(said) if said.isidentifier() else None
        if found is None:
            raise _NoSum
        for sign in reversed(signs):
            found = int(_UNARY[sign](found))
        return found


def summed(text: str, value_of: Callable[[str], int | None]) -> int | None:
    """What a sum comes to, given what its variables are; None where it does more than ask, or nobody knows."""
    tokens = _tokens(text)
    if tokens is None:
        return None
    try:
        return _Sum(tokens, value_of).result()
    except _NoSum:
        return None


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[str, ...] | None:
    """The tokens of a sum, and an empty one at its end; None where it is none that only asks.

    It is asked again for each code with which a command may have ended.
    """
    text, tokens, at = text.strip(), list[str](), 0
    while at < len(text) <= _MAX_LENGTH and (match := _TOKEN.match(text, at)):
        tokens.append(match[1] or match[2] or match[3])
        at = match.end()
    counts = any(one == other and one in {"+", "-"} for one, other in pairwise(tokens))
    return None if at < len(text) or counts else (*tokens, "")  # `n++` assigns
