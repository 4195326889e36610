"""Variables that a step sets for those after it (`$GITHUB_ENV`) by names that only a run knows.

What nobody follows may set those that it names. Any variable may be another one after a program that puts a name
together, or writes what it has read somewhere else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.shell import Script

_EXPORTS = regex(r"GITHUB_[\W_]{0,8}ENV\b|\bexportVariable\b")
"""How a program names the file of the runner, or what writes into it."""
_NAME = regex(r"[\"'`](?:\\[nr])*([A-Za-z_]\w*)(?:=(?!=)|<<)|\bexportVariable\(\s*[\"'`](\w+)[\"'`]")
_PUT_TOGETHER = regex(
    r"(?:\}|%[sv@]|\\\([^()\n]{0,200}\))(?:=(?![=>~])|<<)|[\"'`](?:=(?!=)|<<)|\+\s{0,9}[\"'`]\w*(?:=(?!=)|<<)"
    r"|\bexportVariable\(\s*[^\s\"'`]"
)
"""How the name of a variable is written where it is no text that stands there."""
_LINE = regex(r"([^=\s#<]+)=(.*)")
_FOUND_BY = "PATH"
"""By what programs are found: of that a job hears only by another file."""


def export_by_program(moment: Moment, texts: Iterable[str], said: str) -> None:
    """A program that nobody follows may set variables, where it says so in one of its texts."""
    for text in texts:
        if _exports(text):
            _may_set(moment, _names_in(text), said)


def export_by_script(moment: Moment, script: Script) -> None:
    """A script writes lines for later steps that it has from elsewhere: those of a file of the repository are known."""
    for line in script.exports:
        known = _lines_of_file(moment, line, script.changed)
        if known is None:
            _may_set(moment, _names_in(display(line)), display(line))
        for name, said in (known or {}).items():
            moment.state.variables.write(name, value(said), moment.conditions)


@lru_cache(maxsize=256)
def _exports(text: str) -> bool:
    """Whether a program names that file: asked again on each event on which it runs."""
    return _EXPORTS.search(text) is not None


@lru_cache(maxsize=256)
def _names_in(text: str) -> frozenset[str] | None:
    """The variables that a program sets by their names; None where it may set any."""
    names = frozenset(found[1] or found[2] for found in _NAME.finditer(text))
    return None if not names or _PUT_TOGETHER.search(text) else names


def _may_set(moment: Moment, names: frozenset[str] | None, said: str) -> None:
    """Nobody knows any more what these variables hold, or any of those that there are."""
    if moment.dead:
        return
    variables = moment.state.variables
    there = (moment.state.environment.keys() | variables.latest.keys()) - {_FOUND_BY}
    for name in sorted(there if names is None else names):
        unknown = value(Symbol("unknown", f"{name} as {moment.key} sets it"))
        variables.write(name, unknown, moment.conditions | {f"{said} sets {name}"})


def _lines_of_file(moment: Moment, line: Value, changed: frozenset[str]) -> dict[str, str] | None:
    """What stands in a file of the repository, where that is all that is written, and each line sets a variable."""
    symbol, tree, state = line[0] if len(line) == 1 else "", moment.frame.shared.tree, moment.state
    if not isinstance(symbol, Symbol) or symbol.kind != "file" or state.has_foreign_files or state.commit:
        return None
    path = symbol.name.removeprefix("./")
    text = tree.text(path) if path not in state.replaced | changed | state.made else None
    lines = [each for each in (text or "").splitlines() if each.strip()]
    found = [_LINE.fullmatch(each) for each in lines]
    return {each[1]: each[2] for each in found if each} if lines and all(found) else None
