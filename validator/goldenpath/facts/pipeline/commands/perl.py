"""`perl`: a program of a file, or one in its words, which changes files line by line, or does whatever it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.commands import files, powers
from goldenpath.facts.pipeline.commands.editing import edit_by_words
from goldenpath.facts.pipeline.spoken import powers_of_words
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

_BUNDLE = regex(r"-(?:[acnpsStTuUwWX]|[0l][0-7]*|0x[0-9a-fA-F]+)*[eE].*")
"""Options in one word, of which the last one is followed by a program."""
_BY_LINE = regex(r"-(?:[acsStTuUwWX]|[0l][0-7]*|0x[0-9a-fA-F]+)*[npi].*")
"""Options by which it goes through lines."""
_ASKS = regex(r"-(?:[vV].*|[wW]?c)")
"""Options by which it says something of itself, or reads a program and runs nothing."""
_MAKES_A_MAKEFILE = frozenset({"Makefile.PL", "Build.PL"})
_RUNS_OTHERS = regex(r"\b(?:system|exec|qx|popen|fork|eval|do|require)\b|`|['\"]-?\||\|-?['\"]")


def run(effects: CommandEffects) -> None:
    """Write down what a program does, or that it is not followed."""
    options = effects.words.options
    if any(map(_ASKS.fullmatch, options)):
        return
    if any(map(_BUNDLE.fullmatch, options)):
        _run_text(effects)
    elif effects.words.positionals and literal(effects.words.positionals[0]) not in _MAKES_A_MAKEFILE:
        powers.program(effects)


def _run_text(effects: CommandEffects) -> None:
    """A program in the words: one that runs no others does but what it speaks of, or nothing but to change lines."""
    said = " ".join(map(display, effects.all_words[1:]))
    by_line = any(map(_BY_LINE.fullmatch, effects.words.options))
    if not by_line:
        edit_by_words(effects)
    if _RUNS_OTHERS.search(said):
        may = effects.moment.spoken(effects.said(), name="inline") | {"build", "ship"}
    else:
        may = frozenset() if by_line else powers_of_words([said]) - {"build", "ship"}
    if may:
        effects.not_followed(effects.about.why, may)
    else:
        files.change_files(effects)
