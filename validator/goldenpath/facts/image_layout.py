"""Where files of the repository stand in an image while it is built, as far as its COPY lines tell."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.image_builds import words_of_list
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import is_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.dockerfiles import Instruction
    from goldenpath.facts.tree import Tree

_UNKNOWN = "/?"
"""The folder in which a stage works until it says in which, below which nothing stands that others name."""
_ONLY_OWNS = frozenset({"chown", "chmod", "link"})
"""Flags of a COPY that change nothing of what stands where."""
MOST_STARS = 4
"""Most stars of a pattern of .dockerignore that is understood."""


class _Copied(NamedTuple):
    """Files that stand in a folder of the image: those of a name, or all below it where that is empty.

    `source` is the folder of the repository that they are from; None where they are not those of the repository.
    """

    at: str
    name: str
    source: str | None


class Layout(Struct, frozen=True):
    """What a stage has copied by now of the files around an image, and where it works."""

    context: str
    folder: str = _UNKNOWN
    copied: tuple[_Copied, ...] = ()

    def after(self, said: Instruction, tree: Tree) -> Layout:
        """The layout behind a WORKDIR, a COPY or an ADD."""
        if said.keyword == "WORKDIR":
            text = said.text.strip().strip("\"'")
            folder = posixpath.normpath(posixpath.join(self.folder, text))
            return replace(self, folder=_UNKNOWN if "$" in text else folder)
        return replace(self, copied=(*self.copied, *self._copies(said, tree)))

    def changed(self, paths: Iterable[str]) -> Layout:
        """The layout when files at these paths are not those of the repository any more."""
        at = [posixpath.normpath(posixpath.join(self.folder, path)) for path in paths]
        lost = [each for path in at for each in (_Copied(path, "", None), _Copied(*posixpath.split(path), None))]
        return replace(self, copied=(*self.copied, *lost)) if lost else self

    def _copies(self, said: Instruction, tree: Tree) -> Iterator[_Copied]:
        words = words_of_list(said.text) if said.text.startswith("[") else said.text.split()
        *sources, to = words or [""]
        at = posixpath.normpath(posixpath.join(self.folder, to))
        foreign = any(name not in _ONLY_OWNS for name, _ in said.flags) or said.text.startswith("<<")
        if "$" in to or not sources:
            yield _Copied("/", "", None)
        elif foreign:
            yield _Copied(at, "", None)
        into_folder = to.endswith(("/", ".")) or len(sources) > 1 or at == self.folder
        for source in () if foreign or "$" in to else sources:
            path = posixpath.normpath(posixpath.join("/", self.context, source.lstrip("/"))).lstrip("/")
            folder, name = posixpath.split(path)
            if not path or tree.is_folder(path):
                yield _Copied(at, "", path)
            elif into_folder and "$" not in source and said.keyword == "COPY":
                yield _Copied(at, name, folder)
            else:
                yield _Copied(at, "", None)
                yield _Copied(posixpath.dirname(at), posixpath.basename(at), None)

    @property
    def home(self) -> str | None:
        """The folder of the repository whose files stand where the stage works; None where that is not told."""
        for at, name, source in reversed(self.copied):
            if not name and is_within(self.folder, at.rstrip("/")):
                return None if source is None else _joined(source, self.folder[len(at) :])
            if name and at == self.folder and source is not None:
                return source
        return None

    def files(self, tree: Tree, dockerfile: str) -> Tree | None:
        """The files of the repository that stand where the stage works, and below; None where that is not told."""
        home, is_ignored = self.home, _ignored(tree, self.context, dockerfile)
        if home is None or is_ignored is None:
            return None

        def stands(path: str) -> bool:
            return is_within(path, home) and self._has(path, home) and not is_ignored(path)

        return tree.part(stands)

    def _has(self, path: str, home: str) -> bool:
        """Whether a file of the repository stands at its own place below the folder in which the stage works."""
        here = _joined(self.folder, path[len(home) :])
        folder, _, own_name = here.rpartition("/")
        for at, name, source in reversed(self.copied):
            if not name and is_within(here, at.rstrip("/")):
                found = None if source is None else _joined(source, here[len(at) :])
                if found is None or found == path:
                    return found == path
            elif name and at == folder and fnmatchcase(own_name, name):
                return source is not None and _joined(source, own_name) == path
        return False


def _joined(folder: str, below: str) -> str:
    below = below.strip("/")
    return f"{folder}/{below}" if folder and below else folder or below


def _ignored(tree: Tree, context: str, dockerfile: str) -> Callable[[str], bool] | None:
    """Tells which files a build leaves out by its .dockerignore, of which the last line about a file counts."""
    texts = (tree.text(path) for path in (f"{dockerfile}.dockerignore", _joined(context, ".dockerignore")))
    lines = [line.strip() for line in next(filter(None, texts), "").splitlines()]
    patterns = [(line.startswith("!"), line.lstrip("!").strip("/ ")) for line in lines if line and line[0] != "#"]
    if any(pattern.count("*") > MOST_STARS or not _UNDERSTOOD.fullmatch(pattern) for _, pattern in patterns):
        return None
    groups = [
        (again, re.compile(f"(?:{'|'.join(_as_regex(pattern) for _, pattern in group)})(?:/.*)?", re.DOTALL))
        for again, group in groupby(patterns, lambda each: each[0])
    ]
    start = len(context) + 1 if context else 0

    def is_ignored(path: str) -> bool:
        return not next((again for again, group in reversed(groups) if group.fullmatch(path, start)), True)

    return is_ignored


_UNDERSTOOD = regex(r"[^\[\]{}\\]*")
_FITS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _as_regex(pattern: str) -> str:
    parts = (each[0] for each in _PARTS.finditer(pattern.removeprefix("./")))
    return "".join(_FITS[each] if each in _FITS else re.escape(each) for each in parts)


_PARTS = regex(r"\*\*/|\*\*|\*|\?|[^*?]+")
