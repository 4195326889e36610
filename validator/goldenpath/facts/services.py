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
    from collections.abc import Iterable, Iterator

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


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    endings: str
    services: dict[str, _Service]


class _Knowledge:
    """The table, ready for use. `any` matches the path of whatever may be a pipeline."""

    def __init__(self, table: _Table) -> None:
        services = table.services.items()
        self._files = {path: name for name, each in services for path in each.files.split()}
        self._folders = {folder: name for name, each in services for folder in each.folders.split()}
        self._begins = {start: name for name, each in services for start in each.begins.split()}
        self._named = {pattern: name for name, each in services for pattern in each.named}
        self._perhaps = [(set(each.perhaps.split()), each.holds, name) for name, each in services if each.perhaps]
        folders = dict.fromkeys((*self._folders, *(folder for some, _, _ in self._perhaps for folder in some)))
        self.any = one_of(
            (
                f"(?:{_words(folders)})/.+(?:{_words(table.endings.split())})",
                _words(self._files),
                *self._named,
                f"(?:.*/)?(?:{_words(self._begins)})[^/]*",
            )
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


def _words(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


@cache
def _knowledge() -> _Knowledge:
    return _Knowledge(read_table("services", _Table))


def other_pipelines(repository: Repository) -> Iterator[OtherPipeline]:
    """The pipelines of other services, in the order of their paths."""
    known = _knowledge()
    for path in islice(repository.paths(known.any), MAX_FILES):
        try:
            text = repository.text(path)
        except (Missing, Unreadable):
            text = None
        service = next(known.services_of(path, text or ""), None)
        if service is not None:
            delivers = text is None or speaks_of_delivery(text) or _SENDS.search(text) is not None
            yield OtherPipeline(path, service, delivers)
