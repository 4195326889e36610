"""`make`, as a command calls it: its options, variables and goals, and the Makefile that it finds."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from goldenpath.facts.make.expansion import Unclear, Variable, Variables
from goldenpath.facts.make.planning import plan
from goldenpath.facts.make.reading import Makefile
from goldenpath.facts.pipeline.called import TELL_MAKE
from goldenpath.facts.pipeline.tables import speaks_of_release
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import path_from
from goldenpath.facts.shell.script import Called, Lead, long_options
from goldenpath.facts.values import Symbol, Value, head, literal, partition, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.make.planning import Plan
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.shell.script import Surroundings

NAMES = ("GNUmakefile", "makefile", "Makefile")
"""What make reads where no file is named."""
_TAKES = (
    "-C", "--directory", "-f", "--file", "--makefile", "-I", "--include-dir", "-o", "--old-file", "-W", "--what-if",
    "-l", "--load-average",
)  # fmt: skip
_IDLE = frozenset({
    "-n", "--just-print", "--dry-run", "--recon", "-q", "--question", "-t", "--touch", "-v", "--version", "-h",
    "--help", "-p",
})  # fmt: skip
_HARMLESS = frozenset({
    "-C", "--directory", "-f", "--file", "--makefile", "-s", "--silent", "--quiet", "-w", "--print-directory",
    "--no-print-directory", "-r", "--no-builtin-rules", "-R", "--no-builtin-variables", "-B", "--always-make", "-S",
    "--warn-undefined-variables", "-l", "--load-average", "-O", "--output-sync", "--trace", "-j", "--jobs", "-i",
    "--ignore-errors", "-d", "--debug", "--no-keep-going", "-L",
})  # fmt: skip
_VARIABLE = regex(r"[\w.-]+(:{0,3}|\+|\?)=")
_SHELLS = regex(r"(\S*/)?(env )?(ba|da|a|z|k)?sh( .*)?")
GIVEN = "MAKEOVERRIDES"
"""How make tells the makes that it calls which variables were given to it: here by their names alone."""


def lead_of(checkout: Checkout, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
    """The recipes that `make …` runs. Raises Unclear; None for a make that runs nothing."""
    given = Words(_spread(words[1:]), _TAKES)
    if _IDLE & given.options.keys():
        return Lead()
    if odd := sorted(given.options.keys() - _HARMLESS):
        raise Unclear(f"make with {odd[0]} is not followed")
    folder = _folder(surroundings.folder, given)
    for name, harmless in TELL_MAKE.items():
        told = surroundings.environment(name)
        unset = not told or told == (Symbol("variable", name),)
        if not unset and not re.fullmatch(harmless, literal(told or ()) or "?"):
            raise Unclear(f"{name} changes what make does")
    made = surroundings.made | checkout.made
    variables = Variables(folder, surroundings.environment, _Folder(checkout, made, folder))
    variables.may_be_given = checkout.may_export
    goals = _goals(given, variables, surroundings)
    makefile = Makefile(variables, lambda path: _read(checkout, folder, path))
    names = [literal(name) for name in given.of("-f --file --makefile")]
    found = [makefile.include(name or "?") for name in names] if names else [any(map(makefile.include, NAMES))]
    if not all(found):
        raise Unclear(f"there is no {names[0] if names else posixpath.join(folder, 'Makefile')} here")
    planned = plan(makefile, goals, ignores="-i" in given.options or "--ignore-errors" in given.options)
    if {"-j", "--jobs"} & given.options.keys() and _races(planned):
        raise Unclear("make runs these targets at the same time (-j)")
    paths = frozenset(posixpath.normpath(posixpath.join(folder, path)) for path in planned.made)
    reads = frozenset(posixpath.normpath(posixpath.join(folder, path)) for path in makefile.files)
    return Lead(_scripts(planned, folder, variables), reads=reads, makes=paths, cost=makefile.characters)


def _spread(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """The words, with options that stand together (`-sk`) apart, and the number after `-j` taken off."""
    spread: list[Value] = []
    for at, word in enumerate(words):
        text = literal(word) or ""
        if re.fullmatch(r"-j\d*|--jobs(=.*)?", text):
            spread.append(value("-j"))
        elif text.isdigit() and at and literal(words[at - 1]) in {"-j", "--jobs"}:
            continue
        elif re.fullmatch(r"-[a-zA-Z]{2,}", text) and text[1] not in "CfIoWlj":
            spread += [value(f"-{letter}") for letter in text[1:]]
        elif "=" in text and text.startswith("--"):
            name, _, given = text.partition("=")
            spread += [value(name), value(given)] if name in _TAKES else [value(name)]
        else:
            spread.append(word)
    return tuple(spread)


def _folder(folder: Value, given: Words) -> str:
    for each in given.of("-C --directory"):
        folder = path_from(folder, each)
    known = literal(folder)
    if known is None or known.startswith(("/", "~", "..")):
        raise Unclear("where make runs is only known in a run")
    return known


def _goals(given: Words, variables: Variables, surroundings: Surroundings) -> list[str]:
    """The targets that are asked for; the variables that are given are set."""
    goals = []
    handed_on = (literal(surroundings.environment(GIVEN) or ()) or "").split()
    for name in handed_on:
        variables.defined[name] = Variable(surroundings.environment(name) or (), recursive=False, origin="command line")
    for word in given.positionals:
        start = head(word)
        named, split = _VARIABLE.match(start), partition(word, "=")
        if named is not None and split is not None:
            if named[1] in {"+", "?"}:
                raise Unclear(f"make with {shown(word)} is not followed")
            name = start.partition("=")[0].rstrip(":")
            text = split[1]
            recursive = "$" in (literal(text) or "")
            variables.defined[name] = Variable(text, recursive=recursive, origin="command line")
        elif (goal := literal(word)) is not None and "*" not in goal:
            goals.append(goal)
        else:
            raise Unclear("which target is made is only known in a run")
    variables.defined["MAKECMDGOALS"] = Variable(value(" ".join(goals)), recursive=False, origin="default")
    return goals


def _read(checkout: Checkout, folder: str, path: str) -> str | None:
    path = posixpath.normpath(posixpath.join(folder, path))
    if path.startswith(("/", "..")):
        return None
    text = checkout.read(path)
    if text is not None and (unseen := checkout.unseen(path)):
        raise Unclear(unseen)
    return text


class _Folder:
    """The folder in which make runs, with what has been made in it before."""

    def __init__(self, checkout: Checkout, made: frozenset[str], folder: str) -> None:
        self.system = checkout.system
        self._checkout = checkout
        self._made = made
        self._folder = folder

    def exists(self, path: str) -> bool | None:
        """Whether a path is there; None for one outside of the repository."""
        path = posixpath.normpath(posixpath.join(self._folder, path))
        return None if path.startswith(("/", "..")) else path in self._made or self._checkout.exists(path)

    def find(self, pattern: str) -> list[str]:
        """The paths of the repository that fit."""
        wanted = posixpath.normpath(posixpath.join(self._folder, pattern))
        start = self._folder or "."
        return [posixpath.relpath(path, start) for path in self._checkout.find(wanted)]


def _races(planned: Plan) -> bool:
    """Whether something of a release could happen while other targets are made."""
    return len(planned.lines) > 1 and any(speaks_of_release(shown(line.text)) for line in planned.lines)


def _scripts(planned: Plan, folder: str, variables: Variables) -> tuple[Called, ...]:
    if not _SHELLS.fullmatch(planned.shell):
        raise Unclear(f"its recipes are written for {planned.shell}")
    words = [*planned.shell.split()[1:], *planned.flags]
    options = frozenset(long_options(words)) - {"command"}
    given = " ".join(sorted(name for name, each in variables.defined.items() if each.origin == "command line"))
    environment = {**planned.exported, "MAKELEVEL": value("1"), GIVEN: value(given)}
    return tuple(
        Called(
            text=line.text,
            path=line.path if not folder else posixpath.normpath(posixpath.join(folder, line.path)),
            line=line.line - 1,
            options=options,
            variables=environment,
            folder=value(folder),
            condition=line.condition,
            ignored=line.ignored,
            filled=True,
        )
        for line in planned.lines
    )
