"""What an image that ko builds is made of: its base, by ko's configuration, and what is linked into its program.

ko dates its images by a constant, and builds without the paths of the machine, unless it is told otherwise.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, read_one, scalars
from goldenpath.facts.pipeline.tools.golang import module_of
from goldenpath.facts.pipeline.tools.ko import CHANGED, CONFIGURED, DEFAULT_BASE, OWN_BASE, SETTINGS
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.recipes import Flaw
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, display, literal
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Recipe
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.repository import Repository

_PINNED = regex(r".+@sha256:[0-9a-f]{64}")
_OF_TODAY = regex(r"\{\{-?\s*\.(Date|Timestamp)\b")
_OF_A_RUN = regex(r"\{\{-?[^}]*\.(Env|GoEnv|Git\.(IsDirty|IsClean|TreeState|Branch))\b")


class Base:
    """The images on which ko puts programs, by its configuration and its variables. Raises Malformed."""

    def __init__(self, repository: Repository, recipe: Recipe, place: Place) -> None:
        self.file = _file_of(repository, recipe, place)
        found = read_one(repository, self.file) if self.file else None
        values = found.values if found else {}
        self.settings: dict[str, Node] = {key.lower(): node for key, node in values.items()}
        self.place = place
        self.default = _named(recipe.input(DEFAULT_BASE), place) or self._default()
        overrides = self.settings.get("baseimageoverrides")
        named = overrides.values if isinstance(overrides, Mapping) else {}
        self.overrides = {
            key.lower(): (node.text, node.place) for key, node in named.items() if isinstance(node, Scalar)
        }

    def _default(self) -> tuple[str, Place]:
        node = self.settings.get("defaultbaseimage")
        return (node.text, node.place) if isinstance(node, Scalar) and node.text else (OWN_BASE, self.place)

    def of(self, package: str | None) -> list[tuple[str, Place]]:
        """The base of a program, or all that may be it where only a run knows which program that is."""
        if package is not None:
            return [self.overrides.get(package.lower(), self.default)]
        return [self.default, *self.overrides.values()]


def _file_of(repository: Repository, recipe: Recipe, place: Place) -> str | None:
    """The file that configures ko; None for none."""
    named, folder = recipe.input(CONFIGURED), literal(recipe.folder)
    told = literal(named)
    if folder is None or (named and told is None):
        raise Malformed(place, "which file configures ko is only known in a run")
    if changed := literal(recipe.input(CHANGED)):
        raise Malformed(Place(changed), "the job writes it itself")
    start = posixpath.normpath(posixpath.join(folder, told or "."))
    tried = [start, *(posixpath.normpath(posixpath.join(start, name)) for name in SETTINGS)]
    return next((path for path in tried if path in repository), None)


def _named(base: Value, place: Place) -> tuple[str, Place] | None:
    return (display(base), place) if base else None


def flaws(
    repository: Repository, recipe: Recipe, place: Place, about: CommandKnowledge | None
) -> Iterator[Flaw | Finding]:
    """Why an image of ko may be another one on another day, and what it is that is fixed."""
    try:
        base = Base(repository, recipe, place)
    except Malformed as error:
        yield Flaw(error.place, f"what ko builds on cannot be told: {error}", unsure=True)
        return
    given = Words(recipe.words[2:], about.takes.split() if about else ())
    builds = literal(recipe.words[1] if len(recipe.words) > 1 else ()) in {"build", "publish"}
    named = (given.positionals or [(".",)]) if builds else [()]
    for each in named:
        yield from _of_base(base.of(_package(repository, recipe, each)))
    yield from _of_settings(base)


def _of_base(found: list[tuple[str, Place]]) -> Iterator[Flaw | Finding]:
    """Whether the base of a program is pinned, or one that may be it is not."""
    pinned = [_PINNED.fullmatch(text) is not None for text, _ in found]
    for (text, place), fixed in zip(found, pinned, strict=True):
        if fixed:
            yield Finding(place, f"by its digest: {shown(text)}")
        else:
            why = f"ko builds on {shown(text)}, an image without its digest"
            yield Flaw(place, why, "Pin defaultBaseImage in .ko.yaml by its digest", unsure=any(pinned))


def _of_settings(base: Base) -> Iterator[Flaw]:
    """What is linked into a program, and whether it holds the paths of the machine."""
    for key in ("defaultldflags", "defaultflags", "builds"):
        node = base.settings.get(key)
        for each in scalars(node) if node is not None else ():
            if _OF_TODAY.search(each.text):
                text = "the time of the build is linked into the program"
                yield Flaw(each.place, text, "Link the commit's time ({{.Git.CommitDate}}), or none")
            elif _OF_A_RUN.search(each.text):
                yield Flaw(each.place, f"what {shown(each.text)} is, only a run knows", unsure=True)
    for flags in _flags(base):
        if not any("-trimpath" in each.text for each in scalars(flags)):
            text = "whether the program holds the paths of the machine (no -trimpath) cannot be told"
            yield Flaw(flags.place, text, unsure=True)


def _flags(base: Base) -> Iterator[Node]:
    """The options for `go build` that take the place of ko's own."""
    builds = base.settings.get("builds")
    each_build = builds.items if isinstance(builds, Sequence) else []
    named = [
        base.settings.get("defaultflags"),
        *(each.get("flags") for each in each_build if isinstance(each, Mapping)),
    ]
    yield from (node for node in named if node is not None)


def _package(repository: Repository, recipe: Recipe, path: Value) -> str | None:
    """The import path of a program; None where only a run knows it, or it means several."""
    text, folder = literal(path), literal(recipe.folder)
    if not text or folder is None or "..." in text:
        return None
    text = text.removeprefix("ko://")
    if not text.startswith(".") and "." in text.partition("/")[0]:
        return text
    try:
        module = module_of(repository.text(posixpath.normpath(posixpath.join(folder, "go.mod"))))
    except (Missing, Unreadable):
        return None
    return posixpath.normpath(posixpath.join(module, text)) if module else None
