"""Builds of images by a Dockerfile: what they are given, and what each instruction runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.dependencies.files import join
from goldenpath.facts.pipeline.effects import tidy
from goldenpath.facts.pipeline.tables import MOST_NAMES, known_command
from goldenpath.facts.pipeline.words import Words, subcommand_first
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import path_from
from goldenpath.facts.values import Symbol, Value, display, head, lines, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.dockerfiles import Instruction
    from goldenpath.facts.pipeline.acts import Act, Recipe

_IMAGE_TOOLS = ("docker", "podman", "nerdctl", "depot")
_WITHOUT_DOCKERFILE = ("pack", "gradle", "gradlew", "./gradlew", "mvn", "mvnw", "./mvnw")
"""What builds images in a way of its own, and dates them by a constant."""
_DEFAULT_CONTEXT = regex(r"\{\{\s*defaultContext\s*\}\}:?")


def builds_image(act: Act, recipe: Recipe) -> bool:
    """Whether an act builds an image."""
    return act.digest is not None or recipe.tool.split()[0] in _IMAGE_TOOLS


def has_no_dockerfile(recipe: Recipe) -> bool:
    """Whether an image is built in another way than by a Dockerfile."""
    return recipe.tool.split()[0] in _WITHOUT_DOCKERFILE or recipe.tool == "goreleaser kos"


def takes_the_folder(recipe: Recipe) -> bool:
    """Whether an image is built of the files that the job has, rather than of the commit, as it is fetched for it."""
    fetched = head(recipe.input("context") or value("{{")).startswith("{{")
    return not (recipe.tool.startswith("docker/build-push-action") and fetched)


def built_from(act: Act) -> Value | None:
    """The folder whose files an act builds something from, empty for the whole repository; None if it is not told.

    Each leg of a matrix may have a folder of its own, which begins alike.
    """
    recipe = act.recipe
    if recipe is None:
        return None
    if not builds_image(act, recipe) or has_no_dockerfile(recipe):
        folder = None if recipe.inputs else path_from((), recipe.folder)
        return folder if folder is not None and literal(folder) is not None else None
    build = ImageBuild(recipe)
    if not build.unseen:
        return value(build.context)
    of_legs = literal(build.told) is None and all(map(_is_known_in_leg, build.told))
    return build.told if of_legs else None


def _is_known_in_leg(part: str | Symbol) -> bool:
    return isinstance(part, str) or part.kind == "matrix"


class ImageBuild:
    """What a build of an image is given: context, Dockerfile, arguments and target, as far as they are known.

    `told` is the context as it is told, which may differ from leg to leg of a matrix.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.unseen = ""
        if recipe.inputs:
            context, file = recipe.input("context") or value("."), recipe.input("file")
            given, target = lines(recipe.input("build-args")), recipe.input("target")
            extra = recipe.input("build-contexts")
        else:
            words = words_given(recipe)
            by_kaniko = recipe.tool.startswith(("executor", "kaniko"))
            context = words.first("--context") if by_kaniko else next(reversed(words.positionals), ())
            context = context or value(".")
            file, target = words.first("-f --file --dockerfile"), words.first("--target")
            given, extra = words.of("--build-arg"), words.first("--build-context")
        home: Value = () if recipe.inputs else recipe.folder
        self.told = tidy(path_from(home, context))
        folder = _plain(home)
        texts_ = [_plain(each) for each in (context, file, target)]
        if folder is None or None in texts_ or extra:
            self.unseen = "which Dockerfile it builds, and from what, is only known in a run"
            return
        if recipe.tool.startswith("buildctl"):
            self.unseen = "which Dockerfile buildctl builds is not followed yet"
            return
        self.context, named, self.target = (each or "" for each in texts_)
        if "://" in self.context or self.context == "-":
            self.unseen = "it is built from sources elsewhere"
        self.context = join(folder, self.context).strip("/")
        self.file = join(folder, named) if named else join(self.context, "Dockerfile")
        self.arguments: dict[str, str | None] = {}
        for each in given:
            name, _, rest = display(each).partition("=")
            self.arguments[name] = rest if literal(each) is not None else None


def are_alike(one: Recipe | None, other: Recipe | None) -> bool:
    """Whether one tool builds two images of the same, by the same Dockerfile and up to the same stage."""
    if one is None or other is None or one.words[:1] != other.words[:1] or bool(one.inputs) is not bool(other.inputs):
        return False
    builds = ImageBuild(one), ImageBuild(other)
    if any(each.unseen for each in builds):
        return False
    mine, theirs = ((each.context, each.file, each.target, each.arguments) for each in builds)
    return mine == theirs


def words_given(recipe: Recipe) -> Words:
    """The options and arguments of a command that builds an image."""
    words = subcommand_first(recipe.words)
    about, _ = known_command([literal(word) or "" for word in words[:MOST_NAMES]])
    return Words(words[1:], about.takes.split() if about else ())


def _plain(of: Value) -> str | None:
    """A path as text from the root of the repository; None where only a run knows it."""
    text = literal(tidy(of))
    if text is None:
        return None
    text = _DEFAULT_CONTEXT.sub("", text)
    return "" if text == "." else text


def words_of_list(text: str) -> list[str]:
    """The words of a list in JSON, as RUN and SHELL take one."""
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text)


def script_of(run: Instruction) -> str:
    """What a RUN runs, as a shell has it: its here-document, a line, or a list of words."""
    if run.text.startswith("<<") and run.documents:
        return run.documents[0]
    return " ".join(f"'{word}'" for word in words_of_list(run.text)) if run.text.startswith("[") else run.text
