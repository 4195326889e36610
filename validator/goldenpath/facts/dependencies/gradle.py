"""Gradle: its lockfiles; a build script is a program, and what it asks for only Gradle knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.dependencies.files import ancestors, join, text_of
from goldenpath.facts.dependencies.model import Differences, Project
from goldenpath.facts.findings import shown
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_DYNAMIC = regex(r"""["'][^"':\n]+:[^"':\n]+:(?:[\d.]*\+|latest\.(?:release|integration)|[^"':\n]*-SNAPSHOT)["']""")


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each build script; what it asks for is only known by running it, so a lockfile has to say it."""
    for path in paths:
        differences = Differences()
        folder = path.rpartition("/")[0]
        locks = [each for each in (join(folder, "gradle.lockfile"),) if each in repository]
        verified = (join(above, "gradle/verification-metadata.xml") for above in ancestors(folder))
        locks += [each for each in verified if each in repository]
        try:
            text = text_of(repository, path)
            asks = re.search(r"^\s*dependencies\s*(\{|\()", text, re.MULTILINE)
            if asks and not locks:
                _judge(path, text, asks, differences)
        except Malformed as error:
            asks = None
            differences.unsure(error.place, str(error))
        yield differences.project("gradle", path, 1 if asks else 0, locks)


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
