"""The search for YAML documents of a kind that may stand in any file: SLOs, alert rules, routes.

Only files whose text holds a mark of the kind are parsed, those with a telling path first. Folders of dependencies,
samples, tests and skeletons are left out (knowledge/searches.yaml): what lies there is no part of this service.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, parse
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of, read_table
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.repository import Repository

MAX_FILES = 2_000
"""Most YAML files that are searched."""

MAX_TOTAL = 32 << 20
"""Most bytes that are read in a search."""

_YAML = regex(r".*\.ya?ml", re.IGNORECASE)


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    ignored_folders: frozenset[str]
    test_folders: frozenset[str]
    templating: tuple[str, ...]


@cache
def _table() -> _Table:
    return read_table("searches", _Table)


@cache
def template() -> re.Pattern[str]:
    """Text that something else has yet to fill in."""
    return one_of(_table().templating)


class Search:
    """The walk over the files that may hold documents of a kind, and what it met.

    `broken` is what should be such a document and is no YAML; `unseen` is what this repository cannot tell.
    """

    def __init__(
        self,
        repository: Repository,
        likely: re.Pattern[str],
        mark: re.Pattern[bytes],
        *,
        outside: re.Pattern[bytes] | None = None,
        fill: Callable[[str, str], str] | None = None,
    ) -> None:
        """Prepare. Files that hold `outside` count wherever they lie; `fill` makes YAML of what Helm has to render."""
        self._repository = repository
        self._likely = likely
        self._mark = mark
        self._outside = outside
        self._fill = fill
        self.documents: list[Mapping] = []
        self.broken: list[Finding] = []
        self.unseen: list[Finding] = []

    def run(self) -> None:
        """Go through all files, as far as the limits allow."""
        total = 0
        for count, path in enumerate(self._candidates(), start=1):
            if count > MAX_FILES or total > MAX_TOTAL:
                limit = f"{MAX_FILES:,} files and {MAX_TOTAL >> 20} MB of YAML"
                self.unseen.append(Finding(Place(path), f"goldenpath searches {limit}; from here on nothing was read"))
                return
            total += self._take(path)

    def _candidates(self) -> Iterator[str]:
        likely = [path for path in self._repository.paths(self._likely) if self._counts(path)]
        yield from likely
        first = set(likely)
        yield from (path for path in self._repository.paths(_YAML) if path not in first and self._counts(path))

    def _counts(self, path: str) -> bool:
        return not is_ignored(path, self._repository) or (self._outside is not None and is_test(path))

    def _take(self, path: str) -> int:
        """Read one file; its size in bytes."""
        try:
            raw = self._repository.bytes(path)
            mark = self._outside if is_ignored(path, self._repository) and self._outside else self._mark
            if mark.search(raw):
                self._parse(path, self._repository.text(path))
        except Missing:
            return 0
        except Unreadable as error:
            if self._likely.fullmatch(path):
                self.unseen.append(Finding(Place(path), str(error)))
            return 0
        return len(raw)

    def _parse(self, path: str, text: str) -> None:
        chart = chart_of(path, self._repository)
        if chart and "{{" in text:
            if self._fill is None:
                self.unseen.append(_rendered(path, chart))
                return
            text = self._fill(path, text)
        try:
            documents = parse(path, text)
        except Malformed as error:
            rendered = chart or template().search(text)
            target = self.unseen if rendered else self.broken
            target.append(Finding(error.place, f"it is a template, no YAML ({error})" if rendered else str(error)))
            return
        for document in documents:
            items = document.items if isinstance(document, Sequence) else [document]
            self.documents += [item for item in items if isinstance(item, Mapping)]


def _rendered(path: str, chart: str) -> Finding:
    return Finding(Place(path), f"it is rendered by Helm ({chart}), so what it says is not to be read here")


def is_ignored(path: str, repository: Repository) -> bool:
    """Whether a file lies where it is somebody else's: in a folder of the table, or one that is a template's."""
    if template().search(path):
        return True
    named = _ignored_folders(path)
    return bool(named) and not (named == {"templates"} and chart_of(path, repository))


def is_test(path: str) -> bool:
    """Whether a file is left out for no other reason than that it lies in a folder of tests."""
    return not template().search(path) and _ignored_folders(path) <= _table().test_folders


def _ignored_folders(path: str) -> set[str]:
    return {folder.lower() for folder in path.split("/")[:-1]} & _table().ignored_folders


def chart_of(path: str, repository: Repository) -> str | None:
    """The Helm chart whose template a file is."""
    folders = path.split("/")[:-1]
    for depth, folder in enumerate(folders):
        chart = "/".join([*folders[:depth], "Chart.yaml"])
        if folder == "templates" and chart in repository.entries:
            return chart
    return None
