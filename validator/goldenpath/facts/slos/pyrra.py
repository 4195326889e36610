"""Pyrra's resource `ServiceLevelObjective`, after kubernetes/api/v1alpha1 of github.com/pyrra-dev/pyrra.

It has no field for the service: labels, what the queries select, or the SLO's name say whose it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.regexes import regex
from goldenpath.facts.slos import promql
from goldenpath.facts.slos.model import (
    Objective,
    Query,
    Slo,
    labels,
    place_of,
    target_problem,
    unfilled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.slos.model import Role

API = "pyrra.dev/v1alpha1"
KIND = "ServiceLevelObjective"

_DURATION = regex(r"([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?")
_NUMBER = regex(r"[0-9]{1,10}(\.[0-9]{1,20})?")
_BUCKET = regex(r"\ble\s*=~?\s*[\"'`]")
_CALCULATED = regex(r"[(\[]")
_INDICATORS: dict[str, dict[tuple[str, ...], Role]] = {
    "ratio": {("errors", "metric"): "bad", ("total", "metric"): "total"},
    "latency": {("success", "metric"): "good", ("total", "metric"): "total"},
    "latencyNative": {("total", "metric"): "total"},
    "bool_gauge": {("metric",): "value"},
}


def read(document: Mapping) -> tuple[tuple[Slo, ...], tuple[Finding, ...]]:
    """The SLO of a document, and what is wrong with it when it is none."""
    if document.text("kind") != KIND:
        return (), ()
    if document.text("apiVersion") != API:
        return (), (Finding(place_of(document, "apiVersion"), f"the version is not {API}"),)
    return (_slo(document),), ()


def _slo(document: Mapping) -> Slo:
    queries = tuple(_queries(document))
    target = _target(document)
    blank = unfilled(document)
    return Slo(
        form="pyrra",
        name=document.text("metadata", "name") or "",
        place=document.place,
        service=None,
        service_place=place_of(document, "metadata", "name"),
        hints=labels(document, "metadata", "labels"),
        window=document.text("spec", "window"),
        objectives=(Objective(round(target / 100, 9), place_of(document, "spec", "target")),)
        if target is not None
        else (),
        queries=queries,
        problems=() if blank else tuple(_problems(document, queries)),
        doubts=(blank,) if blank else (),
    )


def _target(document: Mapping) -> float | None:
    text = document.text("spec", "target")
    return float(text) if text and _NUMBER.fullmatch(text) else None


def _queries(document: Mapping) -> Iterator[Query]:
    for kind, queries in _INDICATORS.items():
        for path, role in queries.items():
            if isinstance(query := document.get("spec", "indicator", kind, *path), Scalar):
                yield Query(role, query.text, query.place, "prometheus")


def _problems(document: Mapping, queries: tuple[Query, ...]) -> Iterator[Finding]:
    if not document.text("metadata", "name"):
        yield Finding(place_of(document, "metadata"), "the SLO has no name")
    yield from _target_problems(document)
    yield from _window_problems(document)
    yield from _indicator_problems(document, queries)
    yield from promql.apart(queries)
    for query in queries:
        yield from [*promql.problems(query)] or _no_selector(query)


def _no_selector(query: Query) -> Iterator[Finding]:
    """Pyrra takes the name of a metric with its labels, and puts the range and the sum around it itself."""
    if _CALCULATED.search(promql.without_texts(query.text)):
        yield Finding(query.place, f"Pyrra takes a metric and its labels, and refuses {shown(query.text)}")


def _target_problems(document: Mapping) -> Iterator[Finding]:
    place, target = place_of(document, "spec", "target"), _target(document)
    if target is None:
        given = document.text("spec", "target")
        yield Finding(
            place, f"the target {shown(given)} is no number" if given else "no `target` says what is promised"
        )
    elif problem := target_problem(target, place):
        yield problem


def _window_problems(document: Mapping) -> Iterator[Finding]:
    window = document.text("spec", "window")
    if not window:
        yield Finding(place_of(document, "spec", "window"), "no `window` says over how long the target is kept")
    elif not _DURATION.fullmatch(window) or not re.search("[1-9]", window):
        yield Finding(
            place_of(document, "spec", "window"), f"the window {shown(window)} is no duration such as 4w or 30d"
        )


def _indicator_problems(document: Mapping, queries: tuple[Query, ...]) -> Iterator[Finding]:
    place = place_of(document, "spec", "indicator")
    kinds = [kind for kind in _INDICATORS if document.get("spec", "indicator", kind) is not None]
    if len(kinds) != 1:
        problem = (
            f"`indicator` has one of {', '.join(f'`{kind}`' for kind in _INDICATORS)}"
            if kinds
            else "no `indicator` says what is measured"
        )
        yield Finding(place, problem)
        return
    texts = {query.role: query.text for query in queries}
    wanted = _INDICATORS[kinds[0]]
    if set(texts) != set(wanted.values()):
        yield Finding(place, f"`{kinds[0]}` needs {' and '.join('`' + '.'.join(path) + '`' for path in wanted)}")
    elif len(texts) > 1 and promql.same(*texts.values()):
        yield Finding(place, "both queries are the same: the ratio is always 1")
    elif kinds == ["latency"] and not _BUCKET.search(texts["good"]):
        yield Finding(
            place_of(document, "spec", "indicator", "latency", "success"), "`success` selects no bucket (`le`)"
        )
    elif kinds == ["latencyNative"] and not document.text("spec", "indicator", "latencyNative", "latency"):
        yield Finding(place, "`latencyNative` names no `latency`")
