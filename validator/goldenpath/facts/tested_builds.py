"""Tests that run while an image is built: what fails in a RUN of its Dockerfile leaves no image to be released."""

from __future__ import annotations

import shlex
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dockerfiles import Problem
from goldenpath.facts.image_builds import ImageBuild, builds_image, has_no_dockerfile, script_of, words_of_list
from goldenpath.facts.pipeline.testing import say_to_skip, test_of
from goldenpath.facts.pipeline.words import shortened
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import shown, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.dockerfiles import Dockerfiles, Instruction, Stage
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.shell import Command
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.workflows import Workflows
    from goldenpath.repository import Place

_SHELL = "sh {0}"
"""What runs a RUN until a SHELL names another one: `/bin/sh -c`, which does not stop at errors."""


_UNSEEN = "it is not followed in the build of an image"


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

        def may_tell(about: CommandKnowledge, name: str) -> bool:
            return any(_may_tell(about, name, each) for each in set_)

        for stage in stages:
            shell = _SHELL
            for each in stage.instructions:
                if each.keyword == "SHELL":
                    shell = " ".join((*words_of_list(each.text)[:-1], "{0}"))
                elif each.keyword == "RUN":
                    for command in _commands(each, shell):
                        unsure = test_of(command, self._tree, value(context), may_tell, _UNSEEN)
                        if unsure is not None:
                            text = shortened(" ".join(map(shown, unwrapped(command.words))))
                            yield TestInBuild(each.place, text, unsure or None)


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


def tested_builds(dockerfiles: Dockerfiles, workflows: Workflows) -> TestedBuilds:
    """The tests that run in builds of this repository's images."""
    return TestedBuilds(dockerfiles, workflows.tree)
