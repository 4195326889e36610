"""Tests that run while an image is built: what fails in a RUN of its Dockerfile leaves no image to be released."""

from __future__ import annotations

import shlex
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dockerfiles import Problem
from goldenpath.facts.image_builds import ImageBuild, builds_image, has_no_dockerfile, script_of, words_of_list
from goldenpath.facts.pipeline.tables import MOST_NAMES, known_command
from goldenpath.facts.pipeline.testing import may_test, say_to_skip, settled_not_to, tests, told_to_skip
from goldenpath.facts.pipeline.words import Words, shortened
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.dockerfiles import Dockerfiles, Instruction, Stage
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.shell import Command
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value
    from goldenpath.facts.workflows import Workflows
    from goldenpath.repository import Place

_SHELL = "sh {0}"
"""What runs a RUN until a SHELL names another one: `/bin/sh -c`, which does not stop at errors."""


_NAMED = len(("npm", "run", "test"))
"""Words of a command that say what it does; what it is given after that may be called anything."""


class TestInBuild(Struct, frozen=True):
    """A command that tests, or may, in a line of a Dockerfile; `unsure` says why that, or its failure, is not told."""

    place: Place
    text: str
    unsure: str | None = None


class TestedBuilds:
    """Finds the tests in builds of images."""

    def __init__(self, dockerfiles: Dockerfiles, tree: Tree) -> None:
        self._dockerfiles = dockerfiles
        self._tree = tree
        self._found: dict[tuple[object, ...], list[TestInBuild]] = {}

    @property
    def dockerfiles(self) -> tuple[str, ...]:
        """The Dockerfiles of the repository: what is below the folder of one is a part of its own."""
        return self._dockerfiles.paths

    def within(self, act: Act) -> list[TestInBuild]:
        """The tests in the stages that the build of an image goes through; what is unsure comes last."""
        recipe = act.recipe
        if recipe is None or has_no_dockerfile(recipe) or not (act.kind == "tested" or builds_image(act, recipe)):
            return []
        build = ImageBuild(recipe)
        if build.unseen:
            return [TestInBuild(act.place, act.text, build.unseen)] if self._some_test else []
        key = build.context, build.file, build.target, *build.arguments.items()
        if key not in self._found:
            self._found[key] = sorted(self._by(build), key=lambda test: test.unsure is not None)
        return self._found[key]

    def _by(self, build: ImageBuild) -> Iterator[TestInBuild]:
        with suppress(Problem):
            stages = self._dockerfiles.read(build.file, build.arguments).needed(build.target)
            yield from self._of(stages, build.context)

    @cached_property
    def _some_test(self) -> bool:
        """Whether any Dockerfile here tests, in whatever stage."""
        for path in self._dockerfiles.paths:
            try:
                stages = self._dockerfiles.read(path).stages
            except Problem:
                continue
            if any(self._of(stages, "")):
                return True
        return False

    def _of(self, stages: Sequence[Stage], context: str) -> Iterator[TestInBuild]:
        set_ = [each for stage in stages for each in stage.instructions if each.keyword in {"ENV", "ARG"}]
        for stage in stages:
            shell = _SHELL
            for each in stage.instructions:
                if each.keyword == "SHELL":
                    shell = " ".join((*words_of_list(each.text)[:-1], "{0}"))
                elif each.keyword == "RUN":
                    for command in _commands(each, shell):
                        yield from self._of_command(command, each.place, context, set_)

    def _of_command(
        self, command: Command, place: Place, context: str, variables: list[Instruction]
    ) -> Iterator[TestInBuild]:
        words = unwrapped(command.words)
        about, rest = _innermost(words)
        text = shortened(" ".join(map(shown, words)))
        of_script = about is not None and about.tests is None and rest[:1] == (("test",),)  # `npm test`
        if about is None or not about.is_told or of_script:
            if of_script or may_test(words[:_NAMED]):
                yield TestInBuild(place, text, "it is not followed in the build of an image")
            return
        if not tests(about, [literal(word) or shown(word) for word in rest]):
            return
        if told_to_skip(about, lambda name: command.environment.get(name, ()), self._tree, value(context)):
            return
        yield TestInBuild(place, text, self._doubt(about, command, context, variables))

    def _doubt(
        self, about: CommandKnowledge, command: Command, context: str, variables: list[Instruction]
    ) -> str | None:
        """Why it cannot be told whether the tests run, and whether their failure fails the build."""
        if command.condition:
            return f"happens only if {' and '.join(sorted(command.condition))}"
        if command.unsure:
            return "what becomes of its failure is not followed"
        if any(_may_tell(about, name, each) for name in about.told_by if "." not in name for each in variables):
            return "a variable of the build may tell it to run none"
        return settled_not_to(about, self._tree, value(context))


def _may_tell(about: CommandKnowledge, name: str, set_: Instruction) -> bool:
    """Whether a variable that an instruction sets may tell a program to run no tests; a build may change any ARG."""
    if name not in set_.text:
        return False
    try:
        pairs = shlex.split(set_.text)
    except ValueError:
        return True
    if "=" not in pairs[0]:  # `ENV NAME all that follows`
        pairs = [f"{pairs[0]}={' '.join(pairs[1:])}"]
    said = [words for pair in pairs for key, _, words in (pair.partition("="),) if key == name]
    plain = set_.keyword == "ENV" and "$" not in set_.text and bool(said)
    return not plain or any(say_to_skip(about, words.split()) for words in said)


def _commands(run: Instruction, shell: str) -> list[Command]:
    """What a RUN would run, and whose failure could fail the build."""
    try:
        commands = follow(value(script_of(run)), {}, shell).commands
    except Unfollowable:
        return []
    return [each for each in commands if each.reachable and each.words and (each.fatal or each.unsure)]


def _innermost(words: tuple[Value, ...]) -> tuple[CommandKnowledge | None, tuple[Value, ...]]:
    """What the table says of the command that is run, be it by another one (`uv run`, `npx`), and its words."""
    while True:
        about, length = known_command([literal(word) or "" for word in words[:MOST_NAMES]])
        if about is None or about.does != "wrap":
            return about, words[1:]
        words = unwrapped(Words(words[length:], about.takes.split()).rest)
        if not words:
            return None, ()


def tested_builds(dockerfiles: Dockerfiles, workflows: Workflows) -> TestedBuilds:
    """The tests that run in builds of this repository's images."""
    return TestedBuilds(dockerfiles, workflows.tree)
