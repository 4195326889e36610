"""Text of outsiders that a tool puts into the recipes that it hands to a shell (just, Task, mise), as `${{ }}` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks import task
from goldenpath.facts.values import Symbol, replaced, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

_ASKED = regex(
    r"just .*\benv(?:_var)?(?:_or_default)?\(\s*[\"'](\w+)[\"']|task \{\{-?\s*\.(\w+)\s*-?\}\}|mise .*\benv\.(\w+)"
)
"""How a template asks the environment for a variable, as what it leaves open is called."""


def filled_in(
    words: tuple[Value, ...],
    is_theirs: Callable[[Symbol], bool],
    environment: Mapping[str, Value],
    read: Read,
    folder: str,
) -> Iterator[tuple[Value, str, int]]:
    """What stands in the recipes that a command leads to of its words, or of a variable: with the file and the line."""
    told = words if words[:1] != (("mise",),) else ()  # which quotes what it is told
    theirs = [part for word in told for part in word if isinstance(part, Symbol) and is_theirs(part)]
    marks = {part: value(Symbol("matrix", f"word {at}")) for at, part in enumerate(dict.fromkeys(theirs))}
    meant = {mark[0]: value(part) for part, mark in marks.items()}
    found = task(tuple(replaced(word, marks) for word in words), read, folder)
    for script in found.scripts if found is not None else ():
        for part in script.text:
            if part in meant:
                yield meant[part], script.path, script.line
            elif isinstance(part, Symbol) and (asked := _ASKED.match(part.name)):
                yield environment.get(next(filter(None, asked.groups())), ()), script.path, script.line
