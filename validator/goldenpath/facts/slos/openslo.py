"""OpenSLO v1, after the specification (github.com/OpenSLO/OpenSLO) and the validations of its SDK.

The published JSON schema is older than the specification: it refuses `targetPercent` and lets misspelled keys pass.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Mapping, Scalar, Sequence, locate, plain
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
    from collections.abc import Sequence as Several

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.slos.model import Role
    from goldenpath.repository import Place

VERSION = "openslo/v1"
KINDS = {"Service", "SLI", "SLO", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "DataSource"}

Description: TypeAlias = Annotated[str, Meta(max_length=1050)]
_DURATIONS = ("duration", "Window")
Duration: TypeAlias = Annotated[str, Meta(pattern="^[1-9][0-9]*[mhdwMQY]$")]
Text: TypeAlias = Annotated[str, Meta(min_length=1)]
T = TypeVar("T")


class Metadata(Struct, frozen=True):
    """A name; what else stands here is for people and for other tools."""

    name: Text


class MetricSource(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a metric comes from; `spec` is the source's own."""

    spec: Annotated[dict[str, Any], Meta(min_length=1)]
    metricSourceRef: str = ""  # noqa: N815 - the specification's spelling, here and below
    type: str = ""


class Metric(Struct, frozen=True, forbid_unknown_fields=True):
    """A metric of an indicator."""

    metricSource: MetricSource  # noqa: N815


class RatioMetric(Struct, frozen=True, forbid_unknown_fields=True):
    """Good or bad events of all events, or a ratio that somebody else has worked out."""

    counter: bool = False
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    rawType: Literal["success", "failure"] | None = None  # noqa: N815
    raw: Metric | None = None


class SliSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """What is measured."""

    description: Description = ""
    thresholdMetric: Metric | None = None  # noqa: N815
    ratioMetric: RatioMetric | None = None  # noqa: N815


class Indicator(Struct, frozen=True):
    """An SLI written inside an SLO."""

    spec: SliSpec


class Calendar(Struct, frozen=True, forbid_unknown_fields=True):
    """When a calendar-aligned window begins."""

    startTime: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$")]  # noqa: N815
    timeZone: Text  # noqa: N815


class TimeWindow(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a budget lasts: rolling, or aligned to a calendar."""

    duration: Duration
    isRolling: bool = False  # noqa: N815
    calendar: Calendar | None = None


class SloObjective(Struct, frozen=True, forbid_unknown_fields=True):
    """One promise; in a composite SLO it brings its own indicator."""

    displayName: str = ""  # noqa: N815
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | None = None
    target: float | None = None
    targetPercent: float | None = None  # noqa: N815
    timeSliceTarget: float | None = None  # noqa: N815
    timeSliceWindow: Duration | Annotated[int, Meta(gt=0)] | None = None  # noqa: N815
    indicator: Indicator | None = None
    indicatorRef: Text | None = None  # noqa: N815
    compositeWeight: Annotated[float, Meta(gt=0)] | None = None  # noqa: N815


class SloSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """What is promised."""

    service: Text
    budgetingMethod: Literal["Occurrences", "Timeslices", "RatioTimeslices"]  # noqa: N815
    objectives: Annotated[tuple[SloObjective, ...], Meta(min_length=1)]
    timeWindow: Annotated[tuple[TimeWindow, ...], Meta(max_length=1)] = ()  # noqa: N815
    description: Description = ""
    indicator: Indicator | None = None
    indicatorRef: Text | None = None  # noqa: N815
    alertPolicies: tuple[dict[str, Any], ...] = ()  # noqa: N815


class SloDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """A document of kind SLO."""

    apiVersion: str  # noqa: N815
    kind: str
    metadata: Metadata
    spec: SloSpec


def read(documents: Several[Mapping]) -> tuple[tuple[Slo, ...], tuple[Finding, ...]]:
    """The SLOs among the OpenSLO documents of a repository, and what is wrong with documents that are none."""
    slos, strays = [], []
    for document in documents:
        kind = document.text("kind")
        if document.text("apiVersion") != VERSION:
            strays.append(Finding(place_of(document, "apiVersion"), f"the version is not {VERSION}"))
        elif kind == "SLO":
            slos.append(_slo(document, documents))
        elif kind not in KINDS:
            strays.append(Finding(place_of(document, "kind"), f"OpenSLO has no kind {shown(kind or '')}"))
    return tuple(slos), tuple(strays)


def _slo(document: Mapping, documents: Several[Mapping]) -> Slo:
    indicators, doubts = _indicators(document, documents)
    queries = tuple(query for indicator in indicators for query in _queries(indicator))
    service = document.text("spec", "service")
    blank = unfilled(document)
    window = document.get("spec", "timeWindow")
    first = window.items[0] if isinstance(window, Sequence) and window.items else None
    return Slo(
        form="openslo",
        name=document.text("metadata", "name") or "",
        place=document.place,
        service=service,
        service_place=place_of(document, "spec", "service"),
        hints=tuple(_other_names(document, documents, service)),
        window=first.text("duration") if isinstance(first, Mapping) else None,
        objectives=tuple(_targets(document)),
        queries=queries,
        problems=() if blank else tuple(_problems(document, indicators, queries)),
        doubts=((blank,) if blank else ()) + doubts,
    )


def _other_names(document: Mapping, documents: Several[Mapping], service: str | None) -> Iterator[str]:
    """Labels of the SLO, and what a Service document of that name calls itself."""
    yield from labels(document, "metadata", "labels")
    for other in documents:
        if service and other.text("kind") == "Service" and other.text("metadata", "name") == service:
            yield other.text("metadata", "displayName") or service
            yield from labels(other, "metadata", "labels")


def _indicators(document: Mapping, documents: Several[Mapping]) -> tuple[tuple[Mapping, ...], tuple[Finding, ...]]:
    """The specs of the SLO's indicators, and what cannot be found of them here."""
    found, missing = [], []
    for owner in (document.get("spec"), *_items(document.get("spec", "objectives"))):
        if not isinstance(owner, Mapping):
            continue
        if isinstance(inline := owner.get("indicator", "spec"), Mapping):
            found.append(inline)
        if name := owner.text("indicatorRef"):
            spec = _sli(name, documents)
            if spec is None:
                missing.append(
                    Finding(place_of(owner, "indicatorRef"), f"the SLI {shown(name)} is not in this repository")
                )
            else:
                found.append(spec)
    return tuple(found), tuple(missing)


def _sli(name: str, documents: Several[Mapping]) -> Mapping | None:
    for document in documents:
        if document.text("kind") == "SLI" and document.text("metadata", "name") == name:
            spec = document.get("spec")
            return spec if isinstance(spec, Mapping) else None
    return None


def _queries(spec: Mapping) -> Iterator[Query]:
    """The queries of an indicator; a source without a key that is known to hold one gives the text of all of it."""
    roles: dict[tuple[str, ...], Role] = {
        ("thresholdMetric",): "value",
        ("ratioMetric", "good"): "good",
        ("ratioMetric", "bad"): "bad",
        ("ratioMetric", "total"): "total",
        ("ratioMetric", "raw"): "ratio",
    }
    for path, role in roles.items():
        source = spec.get(*path, "metricSource")
        if not isinstance(source, Mapping) or not isinstance(of := source.get("spec"), Mapping):
            continue
        for key in knowledge().query_keys:
            if isinstance(value := of.get(key), Scalar):
                yield Query(role, value.text, value.place, (source.text("type") or "").lower())
                break
        else:
            yield Query(role, repr(plain(of)), of.place)


def _targets(document: Mapping) -> Iterator[Objective]:
    for objective in _items(document.get("spec", "objectives")):
        if not isinstance(objective, Mapping):
            continue
        for key, scale in (("target", 1), ("targetPercent", 100)):
            if (target := number(objective.get(key))) is not None:
                yield Objective(round(target / scale, 9), place_of(objective, key))


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []


def _problems(document: Mapping, indicators: tuple[Mapping, ...], queries: tuple[Query, ...]) -> Iterator[Finding]:
    """What makes it no valid SLO: its shape first, then what a shape cannot say."""
    slo = _convert(document, SloDocument)
    if isinstance(slo, Finding):
        yield slo
        return
    yield from _window_problems(document, slo.spec)
    yield from _indicator_problems(document, slo.spec)
    for spec in indicators:
        shape = _convert(spec, SliSpec)  # an SLI that is referred to has not been looked at yet
        if isinstance(shape, Finding):
            yield shape
        yield from _sli_problems(spec)
    threshold = any(spec.get("thresholdMetric") is not None for spec in indicators)
    for objective, node in zip(slo.spec.objectives, _items(document.get("spec", "objectives")), strict=True):
        yield from _objective_problems(objective, node, slo.spec, threshold=threshold)
    yield from promql.apart(queries) if len(indicators) == 1 else ()
    for query in queries:
        yield from promql.problems(query)


def _convert(document: Mapping, kind: type[T]) -> T | Finding:
    """The document as a struct, or the sentence and place that say why it is none."""
    try:
        return msgspec.convert(_given(plain(document)), kind)
    except msgspec.ValidationError as error:
        return _explain(document, str(error))


def _given(value: Any) -> Any:  # noqa: ANN401 - see nodes.plain
    """The value without keys that have none: `alertPolicies:` with nothing behind it is as good as absent."""
    if isinstance(value, dict):
        return {key: _given(each) for key, each in value.items() if each is not None}
    return [_given(each) for each in value] if isinstance(value, list) else value


def _explain(document: Mapping, message: str) -> Finding:
    what, _, path = message.partition(" - at ")
    path = path.strip("`") or "$"
    place, owner = locate(document, path), path.removeprefix("$").lstrip(".")
    if match := re.search(r"missing required field `(.+)`", what):
        return Finding(place, f"`{'.'.join(filter(None, (owner, match[1])))}` is missing")
    if match := re.search(r"unknown field `(.+)`", what):
        return Finding(
            _key_place(document, path, match[1]), f"OpenSLO v1 has no `{'.'.join(filter(None, (owner, match[1])))}`"
        )
    if "matching regex" in what and owner.endswith(_DURATIONS):
        return Finding(place, f"`{owner}` is no duration such as 30d, 4w or 1M")
    if "length >= 1" in what:
        return Finding(place, f"`{owner}` is empty")
    return Finding(place, f"`{owner}`: {what[:1].lower()}{what[1:]}")


def _key_place(document: Mapping, path: str, key: str) -> Place:
    """Where a key of the mapping at a path stands."""
    node: Node = document
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        if name and isinstance(node, Mapping) and name in node.values:
            node = node.values[name]
        elif index and isinstance(node, Sequence) and int(index) < len(node.items):
            node = node.items[int(index)]
    return node.keys[key].place if isinstance(node, Mapping) and key in node.keys else node.place


def _window_problems(document: Mapping, spec: SloSpec) -> Iterator[Finding]:
    place = place_of(document, "spec", "timeWindow")
    if not spec.timeWindow:
        yield Finding(place, "no `timeWindow` says over how long the target is kept")
    for window in spec.timeWindow:
        if window.isRolling and window.calendar:
            yield Finding(place, "a rolling window has no `calendar`")
        if not window.isRolling and not window.calendar:
            yield Finding(place, "the window is neither rolling (`isRolling: true`) nor aligned to a `calendar`")


def _indicator_problems(document: Mapping, spec: SloSpec) -> Iterator[Finding]:
    """An SLO has one indicator, or every objective of a composite one has its own."""
    place = place_of(document, "spec", "indicator")
    own = (spec.indicator is not None) + (spec.indicatorRef is not None)
    each = [(o.indicator is not None) + (o.indicatorRef is not None) for o in spec.objectives]
    if own == 0 and not any(each):
        yield Finding(place, "no `indicator` says what is measured")
    elif own > 1 or any(count > 1 for count in each):
        yield Finding(place, "`indicator` and `indicatorRef` exclude each other")
    elif own and any(each):
        yield Finding(
            place,
            "an indicator stands at the SLO and at its objectives; a composite SLO has them at the objectives only",
        )
    elif not own and not all(each):
        yield Finding(place_of(document, "spec", "objectives"), "an objective of the composite SLO has no indicator")


def _sli_problems(spec: Mapping) -> Iterator[Finding]:
    ratio, threshold = spec.get("ratioMetric"), spec.get("thresholdMetric")
    if (ratio is None) == (threshold is None):
        yield Finding(spec.place, "an indicator has either a `ratioMetric` or a `thresholdMetric`")
    elif isinstance(ratio, Mapping):
        yield from _ratio_problems(ratio)


def _ratio_problems(ratio: Mapping) -> Iterator[Finding]:
    given = {key for key in ("good", "bad", "total", "raw") if ratio.get(key) is not None}
    if "raw" in given:
        if given != {"raw"}:
            yield Finding(ratio.place, "`raw` is a ratio already: `good`, `bad` and `total` exclude it")
        if ratio.get("rawType") is None:
            yield Finding(ratio.place, "`rawType` must say whether the ratio is of successes or failures")
    elif given not in ({"good", "total"}, {"bad", "total"}):
        yield Finding(ratio.place, "a ratio has `total` and either `good` or `bad`")
    else:
        part = "good" if "good" in given else "bad"
        if plain(ratio.get(part)) == plain(ratio.get("total")) or _same_query(ratio, part):
            yield Finding(place_of(ratio, part), f"`{part}` and `total` are the same query: the ratio is always 1")


def _same_query(ratio: Mapping, part: str) -> bool:
    one, other = (
        next((text for key in knowledge().query_keys if (text := ratio.text(side, "metricSource", "spec", key))), "")
        for side in (part, "total")
    )
    return bool(one) and promql.same(one, other)


def _objective_problems(objective: SloObjective, node: Node, spec: SloSpec, *, threshold: bool) -> Iterator[Finding]:
    yield from _target_problems(objective, node)
    if threshold and (objective.op is None or objective.value is None) and objective.indicator is None:
        yield Finding(node.place, "a threshold metric needs `op` and `value` in each objective")
    if spec.budgetingMethod != "Occurrences" and objective.timeSliceWindow is None:
        yield Finding(node.place, f"budgeting by {spec.budgetingMethod} needs `timeSliceWindow`")
    if spec.budgetingMethod == "Timeslices" and not 0 < (objective.timeSliceTarget or 0) <= 1:
        yield Finding(node.place, "budgeting by Timeslices needs a `timeSliceTarget` above 0 and up to 1")


def _target_problems(objective: SloObjective, node: Node) -> Iterator[Finding]:
    if (objective.target is None) == (objective.targetPercent is None):
        yield Finding(node.place, "an objective has either a `target` or a `targetPercent`")
    elif objective.target is not None:
        place = place_of(node, "target")
        if 1 < objective.target < 100:
            yield Finding(
                place, f"`target` is a share between 0 and 1: write {objective.target / 100:g}, or use `targetPercent`"
            )
        elif problem := target_problem(_percent(objective.target), place):
            yield problem
    elif objective.targetPercent is not None and (
        problem := target_problem(objective.targetPercent, place_of(node, "targetPercent"))
    ):
        yield problem


def _percent(target: float) -> float:
    """A share in per cent; small ones are taken as they are, since in shares they are no slip of the unit."""
    return max(target * 100, 1) if target > 0 else 0
