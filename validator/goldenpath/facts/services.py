"""Pipelines of services that are not followed, by the files in which they stand (knowledge/services.yaml)."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.pipeline.tables import speaks_of_delivery
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of, read_table
from goldenpath.repository import Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.repository import Repository

MAX_FILES = 200
"""Most files that are looked at."""

_SENDS = regex(r"\b(push|upload)\b")


class OtherPipeline(Struct, frozen=True):
    """A pipeline that is not followed. `delivers` says that it may release: it speaks of that, or cannot be read."""

    path: str
    service: str
    delivers: bool


class _Service(Struct, frozen=True, forbid_unknown_fields=True):
    files: str = ""
    folders: str = ""
    begins: str = ""
    named: tuple[str, ...] = ()
    perhaps: str = ""
    holds: tuple[str, ...] = ()
    unless: str = ""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    endings: str
    services: dict[str, _Service]


class _Knowledge:
    """The table, ready for use.

    Its words are looked up: compiled into one pattern they would take a hundredth of a cold start.
    """

    def __init__(self, table: _Table) -> None:
        services = table.services.items()
        self._files = {path: name for name, each in services for path in each.files.split()}
        self._folders = {folder: name for name, each in services for folder in each.folders.split()}
        self._begins = {start: name for name, each in services for start in each.begins.split()}
        self._named = {pattern: name for name, each in services for pattern in each.named}
        self._perhaps = [(set(each.perhaps.split()), each.holds, name) for name, each in services if each.perhaps]
        folders = (*self._folders, *(folder for some, _, _ in self._perhaps for folder in some))
        self._below = tuple(f"{folder}/" for folder in dict.fromkeys(folders))
        self.instead = {name: each.unless for name, each in services if each.unless}
        """Services that read a file by another name only where one is not there."""
        self._endings = tuple(table.endings.split())
        self._first = tuple(self._begins)
        self._matched = one_of(self._named)

    def may_be(self, path: str) -> bool:
        """Whether a path is that of a pipeline, as far as paths tell."""
        return (
            path in self._files
            or (path.startswith(self._below) and path.endswith(self._endings))
            or path.rpartition("/")[2].startswith(self._first)
            or self._matched.fullmatch(path) is not None
        )

    def services_of(self, path: str, text: str) -> Iterator[str]:
        """The services whose pipeline a file may be, the surest first."""
        top, name = path.partition("/")[0], path.rpartition("/")[2]
        if path in self._files:
            yield self._files[path]
        yield from (service for start, service in self._begins.items() if name.startswith(start))
        yield from (service for pattern, service in self._named.items() if re.fullmatch(pattern, path))
        yield from (service for folder, service in self._folders.items() if path.startswith(f"{folder}/"))
        for folders, holds, service in self._perhaps:
            if top in folders and all(re.search(pattern, text) for pattern in holds):
                yield service


@cache
def _knowledge() -> _Knowledge:
    return _Knowledge(read_table("services", _Table))


def other_pipelines(repository: Repository) -> Iterator[OtherPipeline]:
    """The pipelines of other services, in the order of their paths."""
    known = _knowledge()
    for path in islice(repository.paths_where(known.may_be), MAX_FILES):
        try:
            text = repository.text(path)
        except (Missing, Unreadable):
            text = None
        services = known.services_of(path, text or "")
        service = next((each for each in services if known.instead.get(each) not in repository.entries), None)
        if service is not None:
            delivers = text is None or speaks_of_delivery(text) or _SENDS.search(text) is not None
            yield OtherPipeline(path, service, delivers)
