"""Characters of a script, step by step: blanks, comments, names and reserved words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.syntax import MAX_DEPTH, SyntaxFault, Unfollowable

if TYPE_CHECKING:
    from goldenpath.facts.shell.syntax import Redirection


BLANK: Final = regex(r"(?:[ \t\r]|\\\n)+")
_COMMENT: Final = regex(r"#[^\n]*")
_NAME: Final = regex(r"[A-Za-z_]\w*", re.ASCII)
_RESERVED: Final = regex(
    r"(if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|time|coproc|\{|\}|!|\[\[)"
    r"(?=(?:\\\n)*(?:[\s;&|<>()]|$))"
)
_WORD_ENDS: Final = regex(r"(?:\\\n)*(?:[ \t\r\n;&|<>()]|\Z)")
"""Where a word surely ends: a line that goes on on the next one is none that ends (`then\\`)."""


class Reader:
    """A part of a text; `_at` is where it reads, `_end` where the part stops."""

    def __init__(self, text: str, at: int = 0, end: int | None = None, depth: int = 0, base: int = 0) -> None:
        self._text = text
        self._at = at
        self._end = len(text) if end is None else end
        self._depth = depth
        self._base = base
        self._waiting: list[tuple[Redirection, str, bool, bool]] = []

    @property
    def _here(self) -> int:
        return self._base + self._at

    def _peek(self, text: str) -> bool:
        return self._at + len(text) <= self._end and self._text.startswith(text, self._at)

    def _expect(self, text: str) -> None:
        self._skip_blanks()
        if not self._peek(text):
            raise self._fault(f"`{text}` is missing")
        self._at += len(text)

    def _reserved(self) -> str | None:
        match = _RESERVED.match(self._text, self._at, self._end)
        return None if match is None else match[1]

    def _accept_word(self, word: str) -> bool:
        after = self._at + len(word)
        found = self._peek(word) and _WORD_ENDS.match(self._text, after, self._end) is not None
        self._at = after if found else self._at
        return found

    def _keyword(self, word: str) -> None:
        if not self._accept_word(word):
            raise self._fault(f"`{word}` is missing")

    def _name(self) -> str:
        match = _NAME.match(self._text, self._at, self._end)
        if match is None:
            raise self._fault("a name is missing")
        self._at = match.end()
        return match[0]

    def _skip_blanks(self) -> None:
        match = BLANK.match(self._text, self._at, self._end)
        if match is not None:
            self._at = match.end()
        if self._peek("#"):
            comment = _COMMENT.match(self._text, self._at, self._end)
            self._at = self._at if comment is None else comment.end()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unfollowable(f"It nests deeper than {MAX_DEPTH} levels.")

    def _fault(self, sentence: str) -> SyntaxFault:
        return SyntaxFault(self._here, f"{sentence[0].upper()}{sentence[1:]}.")
