"""Versions that are put into files: whoever does that is in nobody's way, for no test would say another thing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.contexts import is_secret
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.values import Value

STAMP = regex(
    r"\d\.\d|(?i:(?<!con)(?<!in)(?<!di)(?<!per)version|revision)|(?<![A-Za-z])(?:release|commit|build|date)(?![a-z])"
    r"|(?:Release|Commit|Build|Date)(?![a-z])|RELEASE|COMMIT|BUILD|DATE"
)
"""What speaks of a version, as a word or as a part of a name (`buildDate`); `validate` and `conversion` do not."""
_NAMES = regex(
    r"(?i)(?<!con)(?<!in)(?<!di)(?<!per)version|revision|commit|release|describe|rev-parse|semver|stamp|(?:tag|sha\d*|number)s?(?![a-z])"
    r"|(?<![a-z])(?:v|ver|rev|ref|ref_name|date|time|now|build|branch|year|epoch|hash|hex|run_id)(?![a-z])"
)
"""How variables, files and commands are called of which a version is read, or what tells one run from another."""


def stamps(effects: Effects, said: Value) -> bool:
    """Whether a text speaks of a version, or puts one in."""
    return speaks_of_version(said) or puts_in(effects, said)


def speaks_of_version(said: Value) -> bool:
    """Whether a text does so itself; that of a secret says nothing, whatever it is called."""
    return STAMP.search(display(value(*(part for part in said if not is_secret(part))))) is not None


def puts_in(effects: Effects, said: Value) -> bool:
    """Whether a text holds a version that only a run knows: what is called so, or is what a variable holds that is."""
    symbols = {part for part in said if isinstance(part, Symbol) and not is_secret(part)}
    if any(_NAMES.search(f"{symbol.kind} {symbol.name}") for symbol in symbols):
        return True
    return bool(symbols) and any(not symbols.isdisjoint(text) for text in _held_by_versions(effects))


def _held_by_versions(effects: Effects) -> Iterator[Value]:
    """What the variables hold that are called by a version: those of the step, and of its script."""
    script = getattr(effects, "script", None)
    variables = script.script.variables if script is not None else {}
    yield from (text for name, text in (*effects.moment.environment.items(), *variables.items()) if _NAMES.search(name))
