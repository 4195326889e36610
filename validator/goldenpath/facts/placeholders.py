"""Values that somebody was meant to replace, and did not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of, read_table

if TYPE_CHECKING:
    import re

_ORNAMENT = regex(r"^[^\w<\[{(]+")
"""What some put before a line: a sign of works, a cross."""
MAX_LENGTH = 500
"""Longest text that is looked at; no placeholder is as long."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    unfilled: tuple[str, ...]
    names: tuple[str, ...]
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    lines: tuple[str, ...]


@cache
def _table() -> _Table:
    return read_table("placeholders", _Table)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return one_of(getattr(_table(), name))


def is_unfilled(text: str) -> bool:
    """Whether a template engine was meant to fill it in, as in `${{ values.owner }}` or `{= owner =}`."""
    return _pattern("unfilled").search(text[:MAX_LENGTH]) is not None


def is_placeholder(text: str) -> bool:
    """Whether a name or an id stands for one that nobody has put in. Names that contain such a word are names."""
    return _matches("names", text.strip()) or is_unfilled(text)


def is_placeholder_host(host: str) -> bool:
    """Whether a host exists in documentation only, or only on one's own machine."""
    return _matches("hosts", host)


def is_placeholder_path(path: str) -> bool:
    """Whether the part of an address after its host leads nowhere in particular."""
    return _matches("paths", path) or is_unfilled(path)


def is_filler(line: str) -> bool:
    """Whether a line of a document says nothing, or asks its author to say something."""
    bare = _ORNAMENT.sub("", line[:MAX_LENGTH])
    return not line or _matches("lines", line[:MAX_LENGTH]) or _matches("lines", bare) or is_unfilled(line)


def _matches(name: str, text: str) -> bool:
    """Whether a text is one of the table's; they are in lower case, for that compiles faster than ignoring it."""
    return len(text) <= MAX_LENGTH and _pattern(name).fullmatch(text.lower()) is not None
