"""The boundaries that Spring Boot's configuration gives Micrometer's timer of HTTP requests.

Micrometer's timers are summaries until `management.metrics.distribution.slo` names boundaries for them, by the meter's
name. That is `http.server.requests` (spring-web, DefaultServerRequestObservationConvention), another one by
`management.observations.http.server.requests.name`, or OpenTelemetry's, where the code chooses Spring's convention of
that name (OpenTelemetryServerRequestObservationConvention, since 7.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, read
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import is_ignored
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

CONVENTION = "OpenTelemetryServerRequestObservationConvention"

_FILES = regex(r"(.*/)?application(-[\w-]+)?\.(ya?ml|properties)")
_TESTS = regex(r"(.*/)?src/test/.*")
_BOUNDARIES = "management.metrics.distribution.slo."
_NAME = "management.observations.http.server.requests.name"
_BY_DEFAULT, _BY_CONVENTION = "http.server.requests", "http.server.request.duration"
_DURATION = regex(r"(\d+(?:\.\d+)?)(us|ms|s|m)?")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


class Timer(Struct, frozen=True):
    """A timer with boundaries in seconds: none where they cannot be told. `switch` is what the code has to name."""

    metric: str
    buckets: tuple[float, ...]
    place: Place
    switch: str = ""


class _Property(Struct, frozen=True):
    key: str
    values: tuple[str, ...]
    place: Place


def request_timers(repository: Repository) -> tuple[Timer, ...]:
    """The timers of requests that the configuration of a Spring Boot service gives boundaries."""
    found: dict[str, list[_Property]] = {}
    for path in repository.paths(_FILES):
        if not (_TESTS.fullmatch(path) or is_ignored(path, repository)):
            for each in _properties(repository, path):
                found.setdefault(each.key, []).append(each)
    renamed = {value for each in found.get(_NAME, []) for value in each.values}
    switches = dict.fromkeys((_BY_DEFAULT, *renamed), "") if len(renamed) < 2 else {}
    switches.setdefault(_BY_CONVENTION, CONVENTION)
    return tuple(
        Timer(f"{meter.replace('.', '_')}_seconds", _seconds(given), given[0].place, switch)
        for meter, switch in switches.items()
        if (given := found.get(f"{_BOUNDARIES}{meter}"))
    )


def _seconds(given: list[_Property]) -> tuple[float, ...]:
    """The boundaries, if one place names them all and each can be read."""
    texts = [text.strip() for value in given[0].values for text in value.split(",")]
    matches = [_DURATION.fullmatch(text) for text in texts]
    if len(given) > 1 or not all(matches):
        return ()
    return tuple(round(float(match[1]) * _SECONDS[match[2] or "ms"], 9) for match in matches if match)


def _properties(repository: Repository, path: str) -> Iterator[_Property]:
    try:
        if path.endswith(".properties"):
            yield from _of_lines(repository.text(path), path)
        else:
            for document in read(repository, path):
                yield from _flat(document, "")
    except (Malformed, Missing, Unreadable):
        return


def _of_lines(text: str, path: str) -> Iterator[_Property]:
    for number, line in enumerate(text.splitlines(), 1):
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith(("#", "!")):
            yield _Property(key.strip(), (value.strip(),), Place(path, number))


def _flat(node: Node, key: str) -> Iterator[_Property]:
    """YAML's nested keys, joined by dots as Spring reads them; brackets only say that a key has dots of its own."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _flat(value, f"{key}.{name.text.strip('[]')}".lstrip("."))
    elif isinstance(node, Scalar):
        yield _Property(key, (node.text,), node.place)
    elif isinstance(node, Sequence):
        texts = tuple(item.text if isinstance(item, Scalar) else "" for item in node.items)
        yield _Property(key, texts, node.place)
