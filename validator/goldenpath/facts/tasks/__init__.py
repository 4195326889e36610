"""Tools that run tasks by their names: tox, nox, just, Task … What a task runs is read from their files.

`task` says of a command which scripts it leads to; nothing of it is run. What the files leave open is said in words.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from goldenpath.facts.values import Symbol, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.tasks.model import Read, Task
    from goldenpath.facts.values import Value

TOOLS = {
    "tox": "tox", "nox": "nox", "just": "just", "task": "taskfile", "go-task": "taskfile", "composer": "composer",
    "deno": "deno", "rake": "rake", "mise": "mise",
}  # fmt: skip
"""The programs, and the module that reads their files."""

BY_VARIABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "tox": {"TOXENV": ("-e", "--env"), "TOX_SKIP_ENV": ("--skip-env",)},
    "nox": {"NOXSESSION": ("-s", "-e", "--session", "--sessions", "-t", "--tags", "-k", "--keywords")},
}
"""Variables that tell a program what the first of some options does, where none of those is given."""
SPOKEN_OF = frozenset(name for each in BY_VARIABLES.values() for name in each)


def task(words: tuple[Value, ...], read: Read, folder: str = "") -> Task | None:
    """The scripts that a command leads to, which runs in a folder of the repository; None when it leads to none.

    `read` gives the text of a file of the repository, None where there is none.
    """
    names = [literal(word) for word in words[:3]]
    if names[:1] in (["python"], ["python3"]) and names[1:2] == ["-m"]:
        words, names = words[2:], names[2:]
    module = TOOLS.get(names[0] or "") if names else None
    if module is None:
        return None
    lead: Task | None = import_module(f"{__name__}.{module}").lead(words[1:], read, folder)
    return lead


def told_by_variables(words: tuple[Value, ...], variable: Callable[[str], Value | None]) -> tuple[Value, ...]:
    """A command with the options that variables stand for; a list of names is written there with commas."""
    at = 2 if [literal(word) for word in words[1:2]] == ["-m"] else 0
    program = literal(words[at]) if len(words) > at else None
    given = {(literal(word) or "").partition("=")[0] for word in words}
    chosen: list[Value] = []
    for name, options in BY_VARIABLES.get(program or "", {}).items():
        said = variable(name) if given.isdisjoint(options) else None
        said = None if said == (Symbol("variable", name),) else said  # which nothing here sets
        known = literal(said or ())
        for each in [value(part) for part in known.split(",")] if known else [said] if said else []:
            chosen += [value(options[0]), each]
    return (*words[: at + 1], *chosen, *words[at + 1 :])
