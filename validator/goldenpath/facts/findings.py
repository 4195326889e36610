"""Something about a file and where it stands: what facts hand on when a file is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from goldenpath.repository import Place

WIDTH = 60
"""Longest text that a sentence quotes."""


class Finding(Struct, frozen=True):
    """Something about a file, and where."""

    place: Place
    text: str


def shown(text: str) -> str:
    """A foreign text for a sentence: one line, marked as code, not too long."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= WIDTH else line[: WIDTH - 1] + '…'}`"
