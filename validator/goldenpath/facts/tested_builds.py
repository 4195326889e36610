"""What a Dockerfile says of tests: those that run in a build, and the sources that it changes after others.

What fails in a RUN leaves no image to be released.
"""

from __future__ import annotations

import posixpath
import shlex
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dockerfiles import Problem
from goldenpath.facts.image_builds import ImageBuild, builds_image, has_no_dockerfile
from goldenpath.facts.image_runs import runs_of, said_of
from goldenpath.facts.pipeline.commands.stamps import STAMP
from goldenpath.facts.pipeline.overlays import CODE
from goldenpath.facts.pipeline.testing import say_to_skip, test_of
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import Symbol, display, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.dockerfiles import Dockerfiles, Instruction, Stage
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.shell import Command
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.workflows import Workflows
    from goldenpath.repository import Place

_UNSEEN = "it is not followed in the build of an image"
_EDITING = frozenset({"sed", "gsed", "perl"})
_FETCHING = frozenset({"curl", "tar", "unzip", "wget"})
_CLONE = (("git",), ("clone",))
_IN_PLACE = regex(r"-\w*i.*|--in-place.*")


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
        self._changed: dict[tuple[object, ...], str | None] = {}

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
        key = _key(build)
        if key not in self._found:
            self._found[key] = sorted(
                self._of(self._stages(build), build.context, build.file), key=lambda test: test.unsure is not None
            )
        return self._found[key]

    def changed(self, act: Act) -> str | None:
        """What a RUN does to sources of the repository that go into an image, as a text; None for nothing."""
        recipe = act.recipe
        if recipe is None or has_no_dockerfile(recipe) or not builds_image(act, recipe):
            return None
        build = ImageBuild(recipe)
        if build.unseen:
            return None
        key = _key(build)
        if key not in self._changed:
            ran = runs_of(self._stages(build), self._tree, build.context)
            runs = [each.command for each in ran if each.command is not None]
            fetches = any(each.program in _FETCHING or each.words[:2] == _CLONE for each in runs)
            changes = (said_of(each) for each in runs if not each.folder and self._changes(each, fetches=fetches))
            self._changed[key] = next(changes, None)
        return self._changed[key]

    def _changes(self, command: Command, *, fetches: bool) -> bool:
        """Whether a command changes sources, but by a version; patches may be for what the build `fetches`."""
        words = unwrapped(command.words)
        said = [display(word) for word in words]
        if STAMP.search(" ".join(said)):
            return False
        if said[:2] in (["git", "apply"], ["git", "am"]) or said[0] == "patch":
            return not fetches and "--dry-run" not in said and "--check" not in said
        edits = said[0] in _EDITING and any(map(_IN_PLACE.fullmatch, said[1:]))
        named = (word for word in said[1:] if CODE.fullmatch(word) and not word.startswith("/"))
        return edits and any(self._tree.named(posixpath.basename(word)) for word in named)

    def _stages(self, build: ImageBuild) -> Sequence[Stage]:
        with suppress(Problem):
            return self._dockerfiles.read(build.file, build.arguments).needed(build.target)
        return ()

    @cached_property
    def _some_test(self) -> bool:
        """Whether any Dockerfile here tests, in whatever stage."""
        for path in self._dockerfiles.paths:
            try:
                stages = self._dockerfiles.read(path).stages
            except Problem:
                continue
            if any(self._of(stages, "", path)):
                return True
        return False

    def _of(self, stages: Sequence[Stage], context: str, file: str) -> Iterator[TestInBuild]:
        set_ = [each for stage in stages for each in stage.instructions if each.keyword in {"ENV", "ARG"}]

        def may_tell(about: CommandKnowledge, name: str) -> bool:
            return any(_may_tell(about, name, each) for each in set_)

        variables = {name: value(Symbol("unknown", name)) for each in set_ for name, _ in _pairs(each) or ()}
        line: Instruction | None = None
        for each in runs_of(stages, self._tree, context):
            if each.command is None:
                continue
            if each.line is not line:
                line, files = each.line, each.layout.files(self._tree, file)
                followed = each.followed(files, variables)
            for command in each.led_to(followed, context if files is None else each.layout.home or ""):
                is_heeded = command.fatal or command.unsure
                unsure = test_of(command, files or self._tree, command.folder, may_tell, _UNSEEN)
                if is_heeded and unsure is not None:
                    yield TestInBuild(each.line.place, said_of(command), unsure or each.lost)


def _key(build: ImageBuild) -> tuple[object, ...]:
    """What a build differs by from others of its Dockerfile."""
    return build.context, build.file, build.target, *build.arguments.items()


def _pairs(set_: Instruction) -> list[tuple[str, str]] | None:
    """The variables that an ENV or ARG sets, and to what; None where that cannot be read."""
    try:
        words = shlex.split(set_.text)
    except ValueError:
        return None
    if "=" not in words[0]:  # `ENV NAME all that follows`
        words = [f"{words[0]}={' '.join(words[1:])}"]
    return [(name, said) for name, _, said in (word.partition("=") for word in words)]


def _may_tell(about: CommandKnowledge, name: str, set_: Instruction) -> bool:
    """Whether a variable that an instruction sets may tell a program to run no tests; a build may change any ARG."""
    if name not in set_.text:
        return False
    pairs = _pairs(set_)
    if pairs is None:
        return True
    said = [text for key, text in pairs if key == name]
    plain = set_.keyword == "ENV" and "$" not in set_.text and bool(said)
    return not plain or any(say_to_skip(about, words.split()) for words in said)


def tested_builds(dockerfiles: Dockerfiles, workflows: Workflows) -> TestedBuilds:
    """The tests that run in builds of this repository's images."""
    return TestedBuilds(dockerfiles, workflows.tree)
