"""Terraform and OpenTofu: providers and modules that the files of a folder ask for."""

from __future__ import annotations

from itertools import islice
from posixpath import normpath
from typing import TYPE_CHECKING

from goldenpath.facts.dependencies.files import join
from goldenpath.facts.dependencies.model import Project
from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

MAX_FILES = 1_000
"""Most files that are read: a folder may have many, of which one says what is asked for."""

_TEXT_OR_COMMENT = regex(r'(?s)("(?:[^"\\\n]|\\.)*"?)|/\*.*?(?:\*/|\Z)|(?:#|//)[^\n]*')
"""A text may hold what looks like a comment: `"arn:aws:s3:::shop/*"`."""
_PROVIDERS = regex(r"\brequired_providers\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_PROVIDER = regex(r"(?m)^[ \t]*[\w-]+\s*=")
_MODULE = regex(r'(?m)^[ \t]*module[ \t]+"[^"\n]*"\s*\{[^{}]*?\bsource\s*=\s*"([^"\n]*)"')


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each folder that asks for something; `within` are those that call it as their module."""
    asked: dict[str, tuple[str, int]] = {}
    callers: dict[str, list[str]] = {}
    for path in islice(paths, MAX_FILES):
        folder = path.rpartition("/")[0]
        requirements = 0
        for source in _sources(repository, path):
            if source.startswith(("./", "../")):
                callers.setdefault(normpath(join(folder, source)), []).append(folder)
            else:
                requirements += 1
        if requirements:
            first, before = asked.get(folder, (path, 0))
            asked[folder] = (first, before + requirements)
    for folder, (path, requirements) in asked.items():
        yield Project("terraform", path, requirements, within=tuple(callers.get(folder, ())))


def _sources(repository: Repository, path: str) -> Iterator[str]:
    """Where the modules of a file come from, and its providers by what is said of them."""
    try:
        text = _TEXT_OR_COMMENT.sub(lambda found: found[1] or " ", repository.text(path))
    except (Missing, Unreadable):
        return
    for block in _PROVIDERS.finditer(text):
        yield from (each[0] for each in _PROVIDER.finditer(block[1]))
    yield from (each[1] for each in _MODULE.finditer(text))
