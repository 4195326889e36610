"""Dockerfiles, read as BuildKit reads them: directives, continued lines, here-documents, arguments and stages.

Nothing is guessed: a name that depends on an argument without a default is None.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dependencies import own
from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.repository import Repository

FILES = regex(r"(?:.*/)?(?:(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?|[\w.-]+\.(?:[Dd]ockerfile|Containerfile))")
NO_FILES = regex(r".*\.(?:dockerignore|md|jinja2?|j2|tmpl|tpl|template)")

MAX_INSTRUCTIONS = 2_000
"""Most instructions of a file; the longest public ones have some hundreds."""

_DIRECTIVE = regex(r"#\s*(\w+)\s*=\s*(\S.*?)\s*")
_INSTRUCTION = regex(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
_HEREDOC = regex(r"(?<![<\\])<<(-?)(['\"]?)([A-Za-z_]\w*)\2")
_VARIABLE = regex(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}]*))?\})")
_FLAG = regex(r"--([\w-]+)(?:=(\S+))?\s+")
_FROM = regex(r"(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*", re.IGNORECASE)
_ARGUMENT = regex(r"(\w+)(?:=(\"[^\"]*\"|'[^']*'|\S*))?")
_HIDDEN = regex(r"[$\\]")


class Instruction(Struct, frozen=True):
    """One instruction: its keyword in capitals, its flags, the rest of it, and the here-documents that belong to it."""

    keyword: str
    flags: tuple[tuple[str, str], ...]
    text: str
    place: Place
    documents: tuple[str, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of a flag."""
        return next((value for flag, value in self.flags if flag == name), None)


class Stage(Struct, frozen=True):
    """A stage: what it begins with (None where only a build knows), its name, and its instructions."""

    base: str | None
    written: str
    name: str
    place: Place
    instructions: tuple[Instruction, ...]


class Foreign(Struct, frozen=True):
    """An image from elsewhere that a build takes something from; `reference` is None where only a build knows it."""

    reference: str | None
    written: str
    place: Place


class Dockerfile(Struct, frozen=True):
    """A Dockerfile that could be read. `syntax` is the image of the frontend, if it names one."""

    path: str
    stages: tuple[Stage, ...]
    syntax: Foreign | None = None

    def needed(self, target: str = "") -> tuple[Stage, ...]:
        """The stages that a build of a target (empty: the last one) goes through; none when it is not there."""
        numbers = {stage.name: number for number, stage in enumerate(self.stages) if stage.name}
        start = len(self.stages) - 1 if not target else self._number(target, numbers, len(self.stages))
        waiting, found = ([start] if start is not None else []), set[int]()
        while waiting:
            number = waiting.pop()
            if number in found:
                continue
            found.add(number)
            stage = self.stages[number]
            for name in (stage.base, *(source for _, source, _ in _sources(stage))):
                other = self._number(name, numbers, number) if name else None
                waiting += [] if other is None else [other]
        return tuple(self.stages[number] for number in sorted(found))

    def laid_down(self, target: str = "") -> tuple[Stage, ...]:
        """The stages whose files are in the image: that of a target (empty: the last one), and those it begins with."""
        numbers = {stage.name: number for number, stage in enumerate(self.stages) if stage.name}
        number = len(self.stages) - 1 if not target else self._number(target, numbers, len(self.stages))
        found: list[Stage] = []
        while number is not None and number >= 0:
            found.append(self.stages[number])
            base = self.stages[number].base
            number = self._number(base, numbers, number, by_number=False) if base else None
        return tuple(found)

    def foreign(self, target: str = "") -> tuple[Foreign, ...]:
        """The images from elsewhere that a build of a target takes something from; `scratch` is none."""
        numbers = {stage.name: number for number, stage in enumerate(self.stages) if stage.name}
        needed = self.needed(target)
        found = [self.syntax] if self.syntax else []
        for stage in needed:
            number = self.stages.index(stage)
            uses = [(stage.written, stage.base, stage.place), *_sources(stage)]
            for index, (written, reference, place) in enumerate(uses):
                if reference == "scratch" and not index:
                    continue
                if reference is None or self._number(reference, numbers, number, by_number=bool(index)) is None:
                    found.append(Foreign(reference, written, place))
        return tuple(found)

    @staticmethod
    def _number(name: str, numbers: Mapping[str, int], before: int, *, by_number: bool = True) -> int | None:
        """The stage that a name means, of those before one."""
        if by_number and name.isdecimal() and int(name) < before:
            return int(name)
        number = numbers.get(name.lower())
        return number if number is not None and number < before else None


class Problem(Exception):  # noqa: N818 - a finding about a file
    """The file is no Dockerfile that can be built. `place` says where."""

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(problem)
        self.place = place


class Dockerfiles:
    """The Dockerfiles of a repository, each read when it is asked for."""

    def __init__(self, repository: Repository, paths: tuple[str, ...]) -> None:
        self.paths = paths
        self._repository = repository

    def read(self, path: str, arguments: Mapping[str, str | None] | None = None) -> Dockerfile:
        """The Dockerfile at a path, with the arguments of a build. Raises Problem."""
        try:
            return parse(path, self._repository.text(path), arguments or {})
        except Missing:
            raise Problem(Place(path), "there is no such file") from None
        except Unreadable as error:
            raise Problem(Place(path), str(error)) from None

    @cached_property
    def foreign(self) -> dict[str, tuple[Foreign, ...]]:
        """The images of elsewhere by the path of the file that uses them, of all files that can be read.

        Kept, for every component of a repository asks for them.
        """
        found = {}
        for path in self.paths:
            with suppress(Problem):
                found[path] = self.read(path).foreign()
        return found


def dockerfiles(repository: Repository) -> Dockerfiles:
    """The Dockerfiles that are this repository's own, by their names."""
    return Dockerfiles(repository, tuple(path for path in own(repository, FILES) if not NO_FILES.fullmatch(path)))


def parse(path: str, text: str, arguments: Mapping[str, str | None]) -> Dockerfile:
    """Read a Dockerfile. Raises Problem."""
    lines = text.replace("\r\n", "\n").split("\n")
    directives = dict(_directives(lines))
    escape = directives.get("escape", (0, "\\"))[1]
    syntax = None
    if "syntax" in directives:
        line, reference = directives["syntax"]
        syntax = Foreign(reference, reference, Place(path, line, 1))
    stages = _stages(_instructions(path, lines, escape), arguments)
    if not stages:
        raise Problem(Place(path), "it has no FROM")
    return Dockerfile(path, stages, syntax)


def _directives(lines: list[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    """The parser's directives: comments of a certain form before anything else."""
    for number, line in enumerate(lines, start=1):
        match = _DIRECTIVE.fullmatch(line)
        if match is None or match[1].lower() not in {"syntax", "escape", "check"}:
            return
        yield match[1].lower(), (number, match[2])


def _instructions(path: str, lines: list[str], escape: str) -> Iterator[Instruction]:
    number = count = 0
    while number < len(lines):
        start, parts = number, list[str]()
        while number < len(lines):
            line = lines[number]
            number += 1
            if not line.strip() or line.lstrip().startswith("#"):
                if not parts:
                    break
                continue
            stripped = line.rstrip()
            parts.append(stripped.removesuffix(escape))
            if not stripped.endswith(escape):
                break
        if not parts:
            continue
        match = _INSTRUCTION.fullmatch("".join(parts))
        count += 1
        if match is None or count > MAX_INSTRUCTIONS:
            raise Problem(Place(path, start + 1), "this is no instruction" if match is None else "it is too long")
        keyword = match[1].upper()
        documents, number = _documents(match[2], lines, number) if keyword in {"RUN", "COPY", "ADD"} else ((), number)
        flags, rest = _flags(match[2])
        yield Instruction(keyword, flags, rest, Place(path, start + 1, 1), documents)


def _documents(text: str, lines: list[str], number: int) -> tuple[tuple[str, ...], int]:
    """The here-documents that an instruction announces, and the number of the line after them."""
    documents = []
    for match in _HEREDOC.finditer(text):
        body: list[str] = []
        while number < len(lines):
            line = lines[number].lstrip("\t") if match[1] else lines[number]
            number += 1
            if line == match[3]:
                break
            body.append(line)
        documents.append("\n".join(body))
    return tuple(documents), number


def _flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags = []
    while match := _FLAG.match(text):
        flags.append((match[1], match[2] or ""))
        text = text[match.end() :]
    return tuple(flags), text


def _stages(instructions: Iterator[Instruction], arguments: Mapping[str, str | None]) -> tuple[Stage, ...]:
    known: dict[str, str | None] = {}
    begun: list[tuple[Instruction, str, str | None, str, list[Instruction]]] = []
    for each in instructions:
        if each.keyword == "FROM":
            match = _FROM.fullmatch(each.text)
            if match is None:
                raise Problem(each.place, "FROM names no image")
            begun.append((each, match["image"], expanded(match["image"], known), (match["name"] or "").lower(), []))
        elif begun:
            begun[-1][-1].append(each)
        elif each.keyword == "ARG":
            for name, default in _ARGUMENT.findall(each.text):
                known[name] = arguments.get(name, expanded(default.strip("\"'"), known) if default else None)
        else:
            raise Problem(each.place, f"{each.keyword} stands before FROM")
    return tuple(Stage(base, written, name, each.place, tuple(inside)) for each, written, base, name, inside in begun)


def expanded(text: str, known: Mapping[str, str | None]) -> str | None:
    """A text with its variables replaced; None where one has no value that is known."""
    hidden = False

    def replace(match: re.Match[str]) -> str:
        nonlocal hidden
        value = known.get(match[1] or match[2])
        operator, word = match[3] or "", match[4] or ""
        if operator.endswith("-"):
            value = value or word
        elif operator.endswith("+"):
            value = word if value else ""
        hidden |= value is None
        return value or ""

    result = _VARIABLE.sub(replace, text)
    return None if hidden or _HIDDEN.search(result) else result


def _sources(stage: Stage) -> Iterator[tuple[str, str | None, Place]]:
    """What a stage copies or mounts from: as written, as far as it is known, and where."""
    for each in stage.instructions:
        names = [each.flag("from")] if each.keyword == "COPY" else []
        if each.keyword == "RUN":
            mounts = (value.split(",") for flag, value in each.flags if flag == "mount")
            names += [part[5:] for mount in mounts for part in mount if part.startswith("from=")]
        for name in names:
            if name:
                yield name, None if _HIDDEN.search(name) else name, each.place
