"""Sloth's own format, `version: prometheus/v1`, and its resource `PrometheusServiceLevel` for Kubernetes.

After pkg/prometheus/api/v1 and pkg/common/validation of github.com/slok/sloth. The window is no part of the format: it
is an option of the run that makes the rules, 30 days when it is not given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Mapping, Scalar, Sequence
from goldenpath.facts.regexes import regex
from goldenpath.facts.slos import promql
from goldenpath.facts.slos.model import (
    Objective,
    Query,
    Slo,
    knowledge,
    labels,
    number,
    place_of,
    target_problem,
    unfilled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.slos.model import Role

VERSION = "prometheus/v1"
API = "sloth.slok.dev/v1"
KIND = "PrometheusServiceLevel"

_NAME = regex(r"[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?")
_QUERIES: dict[tuple[str, str], Role] = {
    ("events", "error_query"): "bad",
    ("events", "total_query"): "total",
    ("raw", "error_ratio_query"): "ratio",
}
_QUERIES_OF_RESOURCE: dict[tuple[str, str], Role] = {
    ("events", "errorQuery"): "bad",
    ("events", "totalQuery"): "total",
    ("raw", "errorRatioQuery"): "ratio",
}


def read(document: Mapping) -> tuple[tuple[Slo, ...], tuple[Finding, ...]]:
    """The SLOs of a document, and what is wrong with it when it is none of Sloth's or holds no SLO."""
    if document.text("version") == VERSION:
        slos, problems = _group(document, document)
        return slos, (*problems, *_unseen_by_sloth(document))
    if document.text("apiVersion") == API and document.text("kind") == KIND:
        spec = document.get("spec")
        return _group(document, spec if isinstance(spec, Mapping) else document)
    return (), ()


_ALERTS = ("page_alert", "ticket_alert")
_ALERTS_OF_RESOURCE = ("pageAlert", "ticketAlert")


def _unseen_by_sloth(document: Mapping) -> Iterator[Finding]:
    """Why Sloth takes a file for none of its own: it looks for the version at the beginning of a line, without YAML."""
    key = document.keys["version"]
    if key.style or key.place.column != document.place.column:
        yield Finding(key.place, "Sloth reads a file only if `version: prometheus/v1` has a line for itself")


def _group(document: Mapping, spec: Mapping) -> tuple[tuple[Slo, ...], tuple[Finding, ...]]:
    slos = spec.get("slos")
    if not isinstance(slos, Sequence) or not slos.items:
        return (), (Finding(place_of(spec, "slos"), "`slos` holds no SLO"),)
    blank = unfilled(document)
    names = labels(spec, "labels") + labels(document, "metadata", "labels")
    return tuple(_slo(slo, spec, names, blank) for slo in slos.items), ()


def _slo(slo: Node, spec: Mapping, names: tuple[str, ...], blank: Finding | None) -> Slo:
    node = slo if isinstance(slo, Mapping) else Mapping(slo.place, {}, {})
    queries = tuple(_queries(node, _QUERIES if "version" in spec.values else _QUERIES_OF_RESOURCE))
    target = number(node.get("objective"))
    plugin = node.text("sli", "plugin", "id")
    doubt = (
        Finding(place_of(node, "sli", "plugin", "id"), f"what the plugin {shown(plugin)} asks is not in the file")
        if plugin
        else None
    )
    return Slo(
        form="sloth",
        name=node.text("name") or "",
        place=node.place,
        service=spec.text("service"),
        service_place=place_of(spec, "service"),
        hints=names,
        window=knowledge().forms["sloth"].window,
        objectives=(Objective(round(target / 100, 9), place_of(node, "objective")),) if target is not None else (),
        queries=queries,
        problems=() if blank else tuple(_problems(node, spec, queries)),
        doubts=tuple(filter(None, (blank, doubt))),
    )


def _queries(slo: Mapping, spelling: dict[tuple[str, str], Role]) -> Iterator[Query]:
    for (kind, key), role in spelling.items():
        if isinstance(query := slo.get("sli", kind, key), Scalar):
            yield Query(role, query.text, query.place, "prometheus")


def _problems(slo: Mapping, spec: Mapping, queries: tuple[Query, ...]) -> Iterator[Finding]:
    if not _NAME.fullmatch(spec.text("service") or ""):
        yield Finding(place_of(spec, "service"), "`service` names no service")
    if not _NAME.fullmatch(slo.text("name") or ""):
        yield Finding(place_of(slo, "name"), "the SLO has no `name`")
    yield from _target_problems(slo)
    yield from _indicator_problems(slo, queries)
    yield from promql.apart(queries)
    for query in queries:
        yield from promql.problems(query)
        if query.text.strip() and not promql.WINDOW.search(query.text):
            yield Finding(query.place, "the query has no `{{.window}}`, so it is the same for every window")
    kinds = _ALERTS if "version" in spec.values else _ALERTS_OF_RESOURCE
    if not slo.text("alerting", "name") and not all(slo.text("alerting", kind, "disable") == "true" for kind in kinds):
        yield Finding(place_of(slo, "alerting"), "`alerting` has no `name`, and Sloth makes nothing of it")


def _target_problems(slo: Mapping) -> Iterator[Finding]:
    place, target = place_of(slo, "objective"), number(slo.get("objective"))
    if target is None:
        yield Finding(
            place, "`objective` is no number" if slo.get("objective") else "no `objective` says what is promised"
        )
    elif problem := target_problem(target, place):
        yield problem


def _indicator_problems(slo: Mapping, queries: tuple[Query, ...]) -> Iterator[Finding]:
    place = place_of(slo, "sli")
    texts = {query.role: query.text for query in queries}
    kinds = [kind for kind in ("events", "raw", "plugin") if slo.get("sli", kind) is not None]
    if len(kinds) != 1:
        yield Finding(
            place, "`sli` has one of `events`, `raw` and `plugin`" if kinds else "no `sli` says what is measured"
        )
    elif kinds == ["events"] and set(texts) != {"bad", "total"}:
        yield Finding(place, "`events` has a query of errors and a query of everything")
    elif kinds == ["events"] and promql.same(texts["bad"], texts["total"]):
        yield Finding(place, "errors and total are the same query: everything is an error")
    elif kinds == ["raw"] and set(texts) != {"ratio"}:
        yield Finding(place, "`raw` has a query of the error ratio")
    elif kinds == ["plugin"] and not slo.text("sli", "plugin", "id"):
        yield Finding(place, "`plugin` names no plugin")
