"""Gradle: its lockfiles; a build script is a program, and what it asks for only Gradle knows."""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING

from goldenpath.facts.comments import without_comments
from goldenpath.facts.dependencies.files import ancestors, join, table, text_of, toml
from goldenpath.facts.dependencies.model import Differences, Project, Requirement
from goldenpath.facts.findings import shown
from goldenpath.facts.gradle.settings import NAMES as SETTINGS
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_ASKED = regex(
    r"""^[ \t]*(?P<configuration>\w+)[ \t(]+(?:(?:enforcedP|p)latform[ \t(]+)?"""
    r"""(?:["'](?P<name>[\w.-]+:[\w.-]+)(?::[^"'\n]*)?["']|libs\.(?P<alias>\w+(?:\.\w+)*))""",
    re.MULTILINE,
)
_DYNAMIC = regex(r"""["'][^"':\n]+:[^"':\n]+:(?:[\d.]*\+|latest\.(?:release|integration)|[^"':\n]*-SNAPSHOT)["']""")


_INCLUDE = regex(
    r"""(?<![\w.])(?P<word>include|includeBuild)[ \t]*(?:\(|[ \t])"""
    r"""(?P<names>\s*["'][^"'\n]+["'](?:\s*,\s*["'][^"'\n]+["'])*)"""
)
_STRING = regex(r"""["']([^"'\n]+)["']""")
_MOVED = regex(
    r"""project\(\s*["'](?P<name>[^"'\n]+)["']\s*\)\.projectDir\s*=\s*"""
    r"""(?:(?:file\(|(?:new\s+)?File\((?:\s*(?:settingsDir|rootDir)\s*,)?)\s*["'](?P<folder>[^"'$\n]+)["']\s*\))?"""
)


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each build script; what it asks for is only known by running it, so a lockfile has to say it."""
    builds = _Builds(repository)
    for path in paths:
        differences = Differences()
        folder = path.rpartition("/")[0]
        asked: list[Requirement] = []
        locks = [each for each in (join(folder, "gradle.lockfile"),) if each in repository]
        verified = (join(above, "gradle/verification-metadata.xml") for above in ancestors(folder))
        locks += [each for each in verified if each in repository]
        try:
            text = text_of(repository, path)
            asks = re.search(r"^[ \t]*dependencies\s*(\{|\()", text, re.MULTILINE)
            asked = list(_asked(repository, path, text))
            if asks and not locks:
                _judge(path, text, asks, differences)
        except Malformed as error:
            asks = None
            differences.unsure(error.place, str(error))
        yield differences.project("gradle", path, 1 if asks else 0, locks, asked, builds.of(folder))


class _Builds:
    """The folders of each build: what its settings include, builds included; and buildSrc, which needs no word."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._read: dict[str, frozenset[str]] = {}

    def of(self, folder: str) -> Iterator[str]:
        """The folders above whose build has this one."""
        return (above for above in ancestors(folder)[1:] if folder in self._folders(above))

    def _folders(self, root: str) -> frozenset[str]:
        if root not in self._read:
            found, left = set[str](), [root]
            while left:
                included, builds = self._included(left.pop())
                left += builds - found
                found |= included | builds
            self._read[root] = frozenset(found)
        return self._read[root]

    def _included(self, root: str) -> tuple[set[str], set[str]]:
        """The folders of subprojects, and those of whole builds."""
        source = join(root, "buildSrc")
        projects, builds = dict[str, str](), {source} if self._repository.is_folder(source) else set()
        path = next((path for name in SETTINGS if (path := join(root, name)) in self._repository), None)
        try:
            text = without_comments(text_of(self._repository, path)) if path else ""
        except Malformed:
            text = ""
        for match in _INCLUDE.finditer(text):
            names = _STRING.findall(match["names"])
            if match["word"] == "includeBuild":
                builds |= {normpath(join(root, names[0]))}
            else:
                projects |= {name.strip(":"): name.strip(":").replace(":", "/") for name in names}
        for match in _MOVED.finditer(text):
            projects.pop(match["name"].strip(":"), None)
            if match["folder"]:
                projects[match["name"].strip(":")] = match["folder"]
        return {normpath(join(root, folder)) for folder in projects.values()}, builds


def _asked(repository: Repository, path: str, text: str) -> Iterator[Requirement]:
    """What a build script asks for in so many words; by an alias of its version catalog as well."""
    catalog: dict[str, str] | None = None
    for match in _ASKED.finditer(text):
        name = match["name"]
        if match["alias"]:
            catalog = _catalog(repository, path) if catalog is None else catalog
            name = catalog.get(match["alias"])
        if name:
            place = Place(path, text.count("\n", 0, match.start("configuration")) + 1)
            yield Requirement(name, "", place, runtime="test" not in match["configuration"].lower())


def _catalog(repository: Repository, path: str) -> dict[str, str]:
    """The modules of the nearest version catalog, by the aliases that scripts use for them."""
    files = (join(folder, "gradle/libs.versions.toml") for folder in ancestors(path.rpartition("/")[0]))
    file = next((each for each in files if each in repository), None)
    data = toml(repository, file)[0] if file else {}
    return {
        re.sub("[-_]", ".", alias): name
        for alias, about in table(data, "libraries").items()
        if (name := _module(about))
    }


def _module(about: object) -> str | None:
    """The module of an entry, which is written as one text, or as a table in one of two ways."""
    if isinstance(about, str):
        return ":".join(about.split(":")[:2])
    module = table(about).get("module") or ":".join(str(table(about).get(key, "")) for key in ("group", "name"))
    return module if isinstance(module, str) else None


def _judge(path: str, text: str, asks: re.Match[str], differences: Differences) -> None:
    dynamic = next((match for match in _DYNAMIC.finditer(text) if not _is_comment(text, match.start())), None)
    offset = dynamic.start() if dynamic else asks.start(1)
    place = Place(path, text.count("\n", 0, offset) + 1)
    if dynamic:
        differences.gap(place, f"{shown(dynamic[0])} is another version tomorrow, and there is no gradle.lockfile")
    else:
        differences.unsure(place, "without a gradle.lockfile only Gradle knows which versions it takes")


def _is_comment(text: str, offset: int) -> bool:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return "//" in line or line.lstrip().startswith("*")
