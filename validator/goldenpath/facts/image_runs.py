"""What the RUN lines of a Dockerfile run, and the code that they remove from an image before its tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dependencies.files import join
from goldenpath.facts.image_builds import script_of, words_of_list
from goldenpath.facts.pipeline.overlays import code_removed_at
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import shortened
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.paths import is_within, path_from
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import head, literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.dockerfiles import Instruction, Stage
    from goldenpath.facts.shell import Command
    from goldenpath.facts.tree import Tree

_SHELL = "sh {0}"
"""What runs a RUN until a SHELL names another one: `/bin/sh -c`, which does not stop at errors."""


class Ran(Struct, frozen=True):
    """A command of a line of a Dockerfile, if it runs one, and why tests behind it see less than the repository has."""

    line: Instruction
    command: Command | None
    lost: str | None


def runs_of(stages: Sequence[Stage], tree: Tree, context: str) -> Iterator[Ran]:
    """What is run in these stages, and copied; what a COPY brings again is not lost any more."""
    homes, lost = _homes(stages), dict[str, str]()
    for stage in stages:
        shell = _SHELL
        for each in stage.instructions:
            if each.keyword == "SHELL":
                shell = " ".join((*words_of_list(each.text)[:-1], "{0}"))
            elif each.keyword in {"ADD", "COPY"} and each.flag("from") is None:
                brought = list(_sources(each, context))
                lost = {at: why for at, why in lost.items() if not any(_meet(at, source) for source in brought)}
                yield Ran(each, None, next(iter(lost.values()), None))
            elif each.keyword == "RUN":
                for command in _commands(each, shell):
                    lost |= dict.fromkeys(_removed(command, homes, tree, context), _why(command))
                    yield Ran(each, command, next(iter(lost.values()), None))


def _sources(copy: Instruction, context: str) -> Iterator[str]:
    """What a COPY takes of a repository: up to the first sign that stands for others."""
    words = words_of_list(copy.text) if copy.text.startswith("[") else copy.text.split()
    for word in words[:-1]:
        plain = re.split(r"[*?\[$]", word.lstrip("/"))[0]
        yield literal(path_from(value(context), value(plain))) or ""


def _meet(one: str, other: str) -> bool:
    return is_within(one, other) or is_within(other, one)


def _commands(run: Instruction, shell: str) -> list[Command]:
    """What a RUN would run."""
    try:
        commands = follow(value(script_of(run)), {}, shell).commands
    except Unfollowable:
        return []
    return [each for each in commands if each.reachable and each.words]


def said_of(command: Command) -> str:
    """A command as a report shows it."""
    return shortened(" ".join(map(shown, unwrapped(command.words))))


def _homes(stages: Sequence[Stage]) -> list[str]:
    """The folders in which these stages work, where they name them whole."""
    texts = (each.text.strip() for stage in stages for each in stage.instructions if each.keyword == "WORKDIR")
    return [text for text in texts if text.startswith("/") and text.strip("/")]


def _removed(command: Command, homes: list[str], tree: Tree, context: str) -> Iterator[str]:
    """The paths of the repository at which a command removes code from an image."""
    words = unwrapped(command.words)
    about, _ = known_command([literal(word) or "" for word in words[:1]])
    for word in words[1:] if about is not None and about.does == "remove-files" else ():
        at = literal(path_from(command.folder, word)) or "/"
        home = next((each for each in homes if is_within(at, each)), "")
        if head(word).startswith("-") or (at.startswith("/") and not home):
            continue
        path = join(context, at[len(home) :].lstrip("/"))
        if any(code_removed_at(tree, path)):
            yield path


def _why(command: Command) -> str:
    return f"may miss some tests, or what they test, for `{said_of(command)}` has removed it"
