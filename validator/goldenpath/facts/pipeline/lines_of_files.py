"""What stands in files of images that a shell reads line by line, or all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import reference_of
from goldenpath.facts.pipeline.effects import Effects, tidy
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Piece
    from goldenpath.facts.pipeline.moments import Moment

_EACH = regex(r"<glob ([^<>]+)>|([^<>]*\*[^<>]*)")
"""How the shell calls files that a pattern names, of which a loop reads one at a time, or `cat` all of them."""


def pattern_of(name: str) -> str:
    """The pattern of files that are called so; empty for one file."""
    each = _EACH.fullmatch(name)
    return (each[1] or each[2]) if each else ""


def each_image(moment: Moment, pattern: str) -> Value:
    """The images that the files of a pattern name, a line each; nothing where one names none, or runs into the next."""
    found = _standing(moment, pattern)
    named = [
        reference_of(piece[0].of)
        for piece, conditions in found
        if piece[0].kind == "reference" and not piece[1] and not conditions
    ]
    if not named or len(named) < len(found) or (len(found) > 1 and not _end(piece for piece, _ in found)):
        return ()
    return value(*(part for each in named for part in (each, "\n")))


def end_their_lines(moment: Moment, name: str) -> bool:
    """Whether files end with a break, as far as is known: `read` fails on a line that does not end."""
    return _end(piece for piece, _ in _standing(moment, pattern_of(name) or name))


def _standing(moment: Moment, pattern: str) -> list[tuple[Piece, frozenset[str]]]:
    effects = Effects(moment, moment.step.place, "")
    return [(piece, conditions) for _, piece, conditions in effects.pieces(tidy(value(pattern)))]


def _end(pieces: Iterable[Piece]) -> bool:
    last = (content.text[-1] for content, _ in pieces if content.text)
    return all(isinstance(part, str) and part.endswith("\n") for part in last)
