"""Patterns for the names of images, and whether one surely fits a name of which only parts are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.values import Symbol, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.values import Value

MAX_LENGTH = 20_000
"""Most signs in the patterns of a repository. Real ones have some dozens each."""

_TAG = value(":", Symbol("tag", "deployed"))
_DIGEST = value("@sha256:", Symbol("digest", "deployed"))
_WITHOUT_SLASH = frozenset({"tag", "digest"})


class Pattern(Struct, frozen=True):
    """A pattern. `folders` says that `*` stays between slashes and only `**` does not, as in a file's path."""

    text: str
    folders: bool = False

    @property
    def tokens(self) -> list[str]:
        """Its signs: `**` is any text, `*` any without a slash, `?` any one sign."""
        if not self.folders:
            return ["**" if sign == "*" else sign for sign in re.findall(r"\*|.", re.sub(r"\*+", "*", self.text))]
        return [f"\\{sign}" if sign == "?" else sign for sign in re.findall(r"\*\*|.", self.text)]


def covers(patterns: Iterable[Pattern], name: Value) -> bool | None:
    """Whether an image of this name is meant, be it deployed by tag or by digest; None where that depends."""
    every = tuple(patterns)
    forms = {_fits_any(every, value(name, form)) for form in (_TAG, _DIGEST)}
    return forms.pop() if len(forms) == 1 else None


def _fits_any(patterns: tuple[Pattern, ...], reference: Value) -> bool | None:
    verdicts = [_fits(pattern, reference) for pattern in patterns]
    return True if True in verdicts else None if None in verdicts else False


def _fits(pattern: Pattern, reference: Value) -> bool | None:
    """Go through the reference with the places in the pattern that may be reached by now, and those that surely are."""
    tokens = pattern.tokens
    perhaps = surely = _onward({0}, tokens)
    for part in reference:
        if isinstance(part, str):
            for sign in part:
                perhaps, surely = _step(perhaps, sign, tokens), _step(surely, sign, tokens)
            continue
        slash = part.kind not in _WITHOUT_SLASH
        surely = _onward({at for at in surely if at < len(tokens) and _swallows(tokens[at], slash=slash)}, tokens)
        perhaps = _onward(set(range(min(perhaps), len(tokens) + 1)) if perhaps else set(), tokens)
    return True if len(tokens) in surely else None if len(tokens) in perhaps else False


def _swallows(sign: str, *, slash: bool) -> bool:
    return sign == "**" or (sign == "*" and not slash)


def _step(places: set[int], sign: str, tokens: list[str]) -> set[int]:
    """The places after one more sign."""
    reached = set()
    for at in places:
        token = tokens[at] if at < len(tokens) else ""
        if _swallows(token, slash=sign == "/"):
            reached.add(at)
        elif token in {sign, "?"}:
            reached.add(at + 1)
    return _onward(reached, tokens)


def _onward(places: set[int], tokens: list[str]) -> set[int]:
    """These places, and those behind the stars at them, which may stand for nothing."""
    reached = set(places)
    for at in range(min(places, default=0), len(tokens)):
        if at in reached and tokens[at] in {"*", "**"}:
            reached.add(at + 1)
    return reached
