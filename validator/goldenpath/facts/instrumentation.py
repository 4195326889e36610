"""The libraries among the dependencies that measure latency, and the histograms that they export.

Known by the names of what is asked for at run time: what is for tests or tools measures nothing in production.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.tables import read_table
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.dependencies import Dependencies
    from goldenpath.repository import Repository

MAX_SOURCES = 500
"""Most sources that are searched for buckets."""

_SOURCES = re.compile(r".*\.(py|go|[cm]?[jt]sx?|java|kt|properties|ya?ml)")
_GO_VERSION = re.compile(r"/v\d+$")
_BUCKETS = re.compile(
    r"explicit_?bucket|bucket_?boundar|\bbuckets?\b\s*[:=(]|percentiles-histogram|\bslo\s*:", re.IGNORECASE
)


class Histogram(Struct, frozen=True):
    """A histogram that a library exports; `buckets` are its boundaries, empty where the configuration has them."""

    metric: str
    buckets: tuple[float, ...]
    package: str
    place: Place


class Instrumentation(Struct, frozen=True):
    """The histograms that dependencies export, and the first client with which the code may make its own."""

    histograms: tuple[Histogram, ...]
    client: str | None


class _Library(Struct, frozen=True, forbid_unknown_fields=True):
    packages: tuple[str, ...]
    metrics: dict[str, str]


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    buckets: dict[str, tuple[float, ...]]
    libraries: tuple[_Library, ...]
    clients: tuple[str, ...]


@cache
def _table() -> _Table:
    return read_table("instrumentation", _Table)


def instrumentation(dependencies: Dependencies) -> Instrumentation:
    """Look for known libraries among the dependencies."""
    asked: dict[str, Place] = {}
    for project in dependencies.projects:
        for each in project.runtime:
            asked.setdefault(_GO_VERSION.sub("", each.name), each.place)
    client = next((each for each in _table().clients if _found(each, asked)), None)
    return Instrumentation(tuple(_histograms(asked)), client)


def configures_buckets(repository: Repository) -> Place | None:
    """The first source that may configure buckets: enough to doubt what a library does by default."""
    for path in islice(repository.paths(_SOURCES), MAX_SOURCES):
        try:
            text = repository.text(path)
        except (Missing, Unreadable):
            continue
        if match := _BUCKETS.search(text):
            return Place(path, text.count("\n", 0, match.start()) + 1)
    return None


def _histograms(asked: dict[str, Place]) -> Iterator[Histogram]:
    for library in _table().libraries:
        for package in library.packages:
            if place := _found(package, asked):
                for metric, buckets in library.metrics.items():
                    yield Histogram(metric, _table().buckets[buckets], package, place)


def _found(package: str, asked: dict[str, Place]) -> Place | None:
    """Where a package is asked for; the name of a Go module begins those of its packages."""
    if package in asked or "." not in package.partition("/")[0]:
        return asked.get(package)
    return next((place for name, place in asked.items() if name.startswith(f"{package}/")), None)
