"""What people read text on: how wide it is, whether it shows colours, and what must never reach it."""

from __future__ import annotations

import os
import sys

from msgspec import Struct

NARROWEST, WIDEST, UNKNOWN = 40, 120, 100
"""Columns: what layouts count on, beyond what lines are hard to read, and where nobody says."""

_CODES = {
    "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36",
    "bronze": "1;7;38;5;173", "silver": "1;7;38;5;250", "gold": "1;7;38;5;220", "badge": "1;7",
}  # fmt: skip
"""Select Graphic Rendition, ECMA-48 8.3.117; colours beyond eight by xterm's palette."""


class Surface(Struct, frozen=True):
    """What a report is written on."""

    columns: int = UNKNOWN
    colours: bool = False
    unicode: bool = True

    def paint(self, text: str, *styles: str) -> str:
        """The text in these styles, where colours are shown."""
        if not self.colours or not text:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def sign(self, sign: str, ascii_sign: str) -> str:
        """A sign, or what stands for it where only ASCII can be written."""
        return sign if self.unicode else ascii_sign


def standard_output() -> Surface:
    """Standard output: colours where somebody looks, unless NO_COLOR says no; FORCE_COLOR says yes to a pipe too."""
    wanted = bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")
    return Surface(
        columns=max(NARROWEST, min(columns(), WIDEST)),
        colours=wanted and not os.environ.get("NO_COLOR"),
        unicode=(sys.stdout.encoding or "").lower().replace("-", "") == "utf8",
    )


def columns() -> int:
    """The terminal's columns, as COLUMNS or the terminal itself say."""
    if (said := os.environ.get("COLUMNS", "")).isdecimal():
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or UNKNOWN
    except (OSError, ValueError):
        return UNKNOWN


def printable(text: str) -> str:
    r"""Text on one line that cannot move the cursor, change colours or hide characters: those appear as `\xNN`.

    Whatever is scanned can hold escape sequences and directional overrides; a report must show them, not obey them.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else " " if character.isspace() else ascii(character)[1:-1]
        for character in text
    )


def width(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


def shorten(text: str, columns: int, surface: Surface) -> str:
    """A text that takes no more than so many columns, cut at a word where that loses little."""
    if width(text) <= columns:
        return text
    ellipsis = surface.sign("…", "...")
    head = _head(text, columns - len(ellipsis))
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > len(head) * 2 // 3 else head).rstrip(" ,;:.(") + ellipsis


def wrap(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words, and within one only where it must be."""
    columns = max(columns, 8)
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and width(line) + 1 + width(word) <= columns:
            line += " " + word
            continue
        if line:
            lines.append(line)
        rest = word
        while width(rest) > columns:
            head = _head(rest, columns)
            lines.append(head)
            rest = rest[len(head) :]
        line = rest
    return [*lines, line] if line or not lines else lines


def _head(text: str, columns: int) -> str:
    """As much of the beginning of a text as so many columns hold."""
    if text.isascii():
        return text[: max(columns, 0)]
    end, taken = 0, 0
    for character in text:
        taken += width(character)
        if taken > columns:
            break
        end += 1
    return text[:end]
