"""The libraries among the dependencies that measure latency, and the histograms that they export.

Known by the names of what is asked for at run time: what is for tests or tools measures nothing in production.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.search import is_ignored
from goldenpath.facts.tables import read_table
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.dependencies import Dependencies
    from goldenpath.facts.dependencies.model import Requirement
    from goldenpath.repository import Repository

MAX_SOURCES = 500
"""Most sources that are searched for buckets."""

_SOURCES = regex(r".*\.(py|go|[cm]?[jt]sx?|java|kt|properties|ya?ml)")
_SETTINGS = regex(
    r".*\.(py|go|[cm]?[jt]sx?|java|kt|properties|ya?ml|json|toml|sh|env|tf)|(.*/)?(Dockerfile[^/]*|\.env[^/]*|Makefile|Procfile)"
)
_VERSION = regex(r"\d{1,9}(\.\d{1,9})*")
_SPRING = "io.micrometer:micrometer-registry-prometheus"
_GO_VERSION = regex(r"/v\d+$")
_BUCKETS = (
    r"(?i)explicit_?bucket|bucket_?boundar|\bbuckets?\b\s*[:=(]|percentiles-histogram|serviceLevelObjectives"
    r"|\bdistribution(\.|\s*:[^#]{0,300}?\b)slo\b"
)
"""Words of code, and of Spring's settings; rules and labels of alerts speak of an `slo`, too."""


class Histogram(Struct, frozen=True):
    """A histogram that a library exports; `buckets` are its boundaries, empty where the configuration has them.

    `switch` is a word without which the version that is asked for does not export it.
    """

    metric: str
    buckets: tuple[float, ...]
    package: str
    place: Place
    switch: str = ""


class Instrumentation(Struct, frozen=True):
    """The histograms that dependencies export, and the first client with which the code may make its own."""

    histograms: tuple[Histogram, ...]
    client: str | None


class _Metric(Struct, frozen=True, forbid_unknown_fields=True):
    """A metric of a library: the name of its buckets, which versions have it, and what asks for it in the others.

    `unitless_by` is an exporter that leaves the unit out of the name, unless a view puts it in.
    """

    buckets: str
    since: str = ""
    before: str = ""
    switch: str = ""
    unitless_by: str = ""


class _Library(Struct, frozen=True, forbid_unknown_fields=True):
    packages: tuple[str, ...]
    metrics: dict[str, _Metric]


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    buckets: dict[str, tuple[float, ...]]
    libraries: tuple[_Library, ...]
    clients: tuple[str, ...]


@cache
def _table() -> _Table:
    return read_table("instrumentation", _Table)


def instrumentation(dependencies: Dependencies, repository: Repository) -> Instrumentation:
    """Look for known libraries among the dependencies."""
    asked: dict[str, Requirement] = {}
    for project in dependencies.projects:
        for each in project.runtime:
            asked.setdefault(_GO_VERSION.sub("", each.name), each)
    client = next((each for each in _table().clients if _found(each, asked)), None)
    return Instrumentation((*_histograms(asked), *_configured(asked, repository)), client)


def configures_buckets(repository: Repository) -> Place | None:
    """The first source that may configure buckets: enough to doubt what a library does by default."""
    return _first(repository, _SOURCES, _BUCKETS)


def switches_on(switch: str, repository: Repository) -> Place | None:
    """The first line of code, of an image or a manifest that has the word, and is no comment."""
    return _first(repository, _SETTINGS, rf"(?m)^(?![ \t]*(?:#|//|\*)).*?\b{re.escape(switch)}\b")


def _first(repository: Repository, files: re.Pattern[str], pattern: str) -> Place | None:
    paths = (path for path in repository.paths(files) if not is_ignored(path, repository))
    for path in islice(paths, MAX_SOURCES):
        try:
            line = repository.line(path, pattern)
        except (Missing, Unreadable):
            continue
        if line:
            return Place(path, line)
    return None


def _histograms(asked: dict[str, Requirement]) -> Iterator[Histogram]:
    for library in _table().libraries:
        for package in library.packages:
            if requirement := _found(package, asked):
                for name, metric in library.metrics.items():
                    by_default = _has(requirement.wanted, metric)
                    if by_default or metric.switch:
                        switch = "" if by_default else metric.switch
                        buckets = _table().buckets[metric.buckets]
                        if metric.unitless_by in asked:
                            yield Histogram(name.rpartition("_")[0], buckets, package, requirement.place, switch)
                            switch = switch or name.replace("_", ".")  # what a view has to call it
                        yield Histogram(name, buckets, package, requirement.place, switch)


def _configured(asked: dict[str, Requirement], repository: Repository) -> Iterator[Histogram]:
    """The histograms that a library makes of what Spring Boot's configuration names."""
    if _SPRING in asked:
        from goldenpath.facts.spring import request_timers

        for timer in request_timers(repository):
            yield Histogram(timer.metric, timer.buckets, _SPRING, timer.place, timer.switch)


def _has(wanted: str, metric: _Metric) -> bool:
    """Whether the lowest version that is wanted exports a metric on its own."""
    if not (metric.since or metric.before):
        return not metric.switch
    version = _numbers(wanted)
    early = bool(metric.since) and version < _numbers(metric.since)
    late = bool(metric.before) and version >= _numbers(metric.before)
    return bool(version) and not early and not late


def _numbers(version: str) -> tuple[int, ...]:
    match = _VERSION.search(version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _found(package: str, asked: dict[str, Requirement]) -> Requirement | None:
    """The requirement of a package; the name of a Go module begins those of its packages."""
    if package in asked or "." not in package.partition("/")[0]:
        return asked.get(package)
    return next((each for name, each in asked.items() if name.startswith(f"{package}/")), None)
