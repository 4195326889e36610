"""The libraries among the dependencies that measure latency, and the histograms that they export.

Read from what manifests ask for at run time, by name only: pyproject.toml, requirements, Pipfile, go.mod, package.json,
pom.xml, Gradle. What is for tests or development measures nothing in production.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.search import is_ignored
from goldenpath.facts.tables import read_table
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.repository import Repository

MAX_MANIFESTS = 200
"""Most manifests that are read."""

MAX_SOURCES = 500
"""Most sources that are searched for buckets."""

_SOURCES = regex(r".*\.(py|go|[cm]?[jt]sx?|java|kt|properties|ya?ml)")
_BUCKETS = regex(
    r"explicit_?bucket|bucket_?boundar|\bbuckets?\b\s*[:=(]|percentiles-histogram|\bslo\s*:", re.IGNORECASE
)
_MANIFEST = regex(
    r"(.*/)?(pyproject\.toml|Pipfile|(?!.*(dev|test|lint|docs|build))[^/]*requirements[^/]*\.(txt|in)|go\.mod|package\.json"
    r"|pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml)"
)
_REQUIREMENT = regex(r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)", re.MULTILINE)
_GO = regex(r"^\s*(?:require\s+)?(?P<name>[\w.-]+\.[\w-]+/\S+)\s+v\d", re.MULTILINE)
_MAVEN = regex(r"<groupId>\s*([\w.-]+)\s*</groupId>\s*<artifactId>\s*([\w.-]+)\s*</artifactId>")
_GRADLE = regex(r"[\"']([\w.-]+):([\w.-]+)(?::[^\"']*)?[\"']")
_COMMENTS = regex(r"<!--.*?-->|^\s*(?://|#).*$", re.DOTALL | re.MULTILINE)


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


def instrumentation(repository: Repository) -> Instrumentation:
    """Look for known libraries in the manifests."""
    asked: dict[str, Place] = {}
    for path in islice(repository.paths(_MANIFEST), MAX_MANIFESTS):
        if is_ignored(path, repository):
            continue
        try:
            text = repository.text(path)
        except (Missing, Unreadable):
            continue
        for name in _names(path, text):
            asked.setdefault(name, Place(path, text.count("\n", 0, max(_where(text, name), 0)) + 1))
    return Instrumentation(
        tuple(_histograms(asked)), next((each for each in _table().clients if _found(each, asked)), None)
    )


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
    """Where a package is asked for; a Go module holds packages, and its path may end in a version."""
    if package in asked or "." not in package.partition("/")[0]:
        return asked.get(package)
    modules = (name for name in asked if re.sub(r"/v\d+$", "", name) == package or name.startswith(f"{package}/"))
    return next((asked[name] for name in modules), None)


def _where(text: str, name: str) -> int:
    return text.find(name.rpartition(":")[2])


def _names(path: str, text: str) -> Iterator[str]:
    """The names that a manifest asks for."""
    name = path.rpartition("/")[2]
    if name.endswith(".toml") or name == "Pipfile":
        yield from _of_toml(text)
    elif name == "go.mod":
        yield from (match["name"] for match in _GO.finditer(_COMMENTS.sub("", text)))
    elif name == "package.json":
        yield from _of_package_json(text)
    elif name == "pom.xml":
        yield from (f"{group}:{artifact}" for group, artifact in _MAVEN.findall(_COMMENTS.sub("", text)))
    elif "gradle" in name:
        yield from (f"{group}:{artifact}" for group, artifact in _GRADLE.findall(_COMMENTS.sub("", text)))
    else:
        yield from (_normal(match["name"]) for match in _REQUIREMENT.finditer(text))


def _of_toml(text: str) -> Iterator[str]:
    import tomllib  # the one format here that needs a parser of its own

    try:
        root = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    requirements = _at(root, "project", "dependencies") or []
    yield from (
        _normal(m["name"]) for each in requirements if isinstance(each, str) and (m := _REQUIREMENT.match(each))
    )
    for table in (_at(root, "tool", "poetry", "dependencies"), _at(root, "packages")):
        yield from (_normal(name) for name in table or () if isinstance(table, dict))
    libraries = _at(root, "libraries")
    for each in libraries.values() if isinstance(libraries, dict) else ():
        if isinstance(each, dict) and isinstance(each.get("module"), str):
            yield each["module"]


def _of_package_json(text: str) -> Iterator[str]:
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        return
    dependencies = root.get("dependencies") if isinstance(root, dict) else None
    yield from dependencies if isinstance(dependencies, dict) else ()


def _at(root: Any, *path: str) -> Any:  # noqa: ANN401 - what TOML holds
    for key in path:
        root = root.get(key) if isinstance(root, dict) else None
    return root


def _normal(name: str) -> str:
    """A Python package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
