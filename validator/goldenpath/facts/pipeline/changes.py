"""What the commands of a script may change among files that it has written, or that were left to it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import is_of_registry
from goldenpath.facts.pipeline.commands.clobbering import clobbered, is_within_any
from goldenpath.facts.pipeline.effects import fits, name_of
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.values import Value, display, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.shell import Command

_REST_OF_IMAGE = regex(r"^[\w./:@-]+")

READERS = frozenset({
    "cat", "echo", "printf", "test", "[", "[[", "grep", "cut", "head", "tail", "wc", "ls", "jq", "source", ".",
    "export", "stat", "chmod", "sha256sum", "diff", "touch", "mkdir", "tee",
})  # fmt: skip
"""Programs that leave the files as they are that they are told of; what `tee` writes is followed."""

REMOVERS = frozenset({"rm", "mv"})
"""Programs after which there is nothing in the folders that they are told of."""

MAX_PATTERNS = 100
"""Most patterns of files in the commands of a script that are compared with the files that it has written."""


class Changes:
    """What these commands may change: what they are told of, unless they only read, and what they print to."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self._changed: list[str] = []
        self._moved: set[str] = set()
        self._clobbered: set[str] = set()
        self._printed: set[str] = set()
        for command in commands:
            self._printed |= {_written(name_of(each)) for each in _printed_to(command)}
            if command.reachable:
                self._note(command)

    def _note(self, command: Command) -> None:
        words = unwrapped(command.words)
        program = program_name(words[0]) if words else None
        told = [_written(word) for word in words[_length_of_verb(words) :]]
        if program not in READERS:
            self._changed += told
        if program in REMOVERS:
            self._moved |= {each.removeprefix("./").strip("/") for each in told}
        self._clobbered.update(clobbered(program, words[1:]))

    def print_to(self, path: str) -> bool:
        """Whether one of them prints to a file of that name."""
        return path.rpartition("/")[2] in self._printed

    def may_touch(self, path: Value) -> bool:
        """Whether a command that does more than read is told of a file that the script has written, or of a folder."""
        name = display(name_of(path))
        if not self._moved.isdisjoint(_folders_of(display(path))):
            return True
        if len(self._clobbered) > MAX_PATTERNS or is_within_any(path, self._clobbered):
            return True
        patterns = {word.rpartition("/")[2] for word in self._changed if "*" in word}
        named = re.search(rf"(?<![\w.-])(?<!type=){re.escape(name)}(?![\w=-])", "\n".join(self._changed))
        return bool(named) or len(patterns) > MAX_PATTERNS or any(fits(name, pattern) for pattern in patterns)


def _printed_to(command: Command) -> Iterator[Value]:
    """The files that a command prints to."""
    yield from (each.target for each in command.redirects if each.operator.startswith(">"))
    yield from command.words[1:] if literal(command.words[0]) == "tee" else ()


def _written(word: Value) -> str:
    """What a word says by itself; the rest of the name of an image in the registry is no file's."""
    parts = ((part, before) for before, part in pairwise(("", *word)) if isinstance(part, str))
    return "".join(_REST_OF_IMAGE.sub("", part, 1) if is_of_registry(before) else part for part, before in parts)


def _length_of_verb(words: tuple[Value, ...]) -> int:
    """How many words of a command say what it does, before those that say of what."""
    return max(known_command([literal(word) or "" for word in words])[1], 1)


def _folders_of(path: str) -> Iterator[str]:
    """The folders in which a file lies, and the patterns that mean all that stands in them."""
    parts = path.split("/")[:-1]
    for length in range(1, len(parts) + 1):
        folder = "/".join(parts[:length])
        yield from (folder, f"{folder}/*", f"{folder}/.")
    if parts:
        yield from ("*", ".")
