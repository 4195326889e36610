"""The latency of the slowest twentieth is measured.

## What

The service has an objective or a query of its 95th percentile over a histogram of latency:

- an SLO of at least 95 % whose good events are those of one bucket (`…_bucket{le="0.25"}`), or
- a recording or alert rule with `histogram_quantile(0.95, …)` of the `rate` of its buckets, which count since the
  process began.

The threshold is a **boundary of the buckets** that the histogram has, and a library among the **dependencies** exports
that histogram: OpenTelemetry's instrumentations, prometheus-fastapi-instrumentator, django-prometheus, otelhttp,
go-grpc-prometheus, express-prom-bundle and others, read from the manifests. Micrometer has the boundaries that Spring
Boot's `management.metrics.distribution.slo` names for its timer of requests, and OpenTelemetry's name where the code
takes Spring's convention of that name.

It is `unknown` when no library is known to export the metric (the code may make it with a client library), when the
library exports it only on demand and nothing here demands it (`OTEL_SEMCONV_STABILITY_OPT_IN`,
`EnableHandlingTimeHistogram`), and when the code configures buckets of its own.

## Why

A mean hides the requests that people remember. A threshold between two boundaries measures nothing: there is no such
series, and an alert on it never fires. A boundary is a text, too: `le="0.250"` is none of `0.25`. Neither does one on a
metric that nothing exports.

## Fix

Install the instrumentation, and take a boundary as the threshold.

## Before

```yaml
# observability/slo.yaml
apiVersion: openslo/v1
kind: SLO
metadata:
  name: payments-api-latency
spec:
  service: payments-api
  indicator:
    metadata:
      name: payments-api-latency
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_latency_seconds_bucket{job="payments-api", le="0.3"})
        total:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_latency_seconds_count{job="payments-api"})
  timeWindow:
    - duration: 30d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.95
```

## After

```yaml
# observability/slo.yaml
apiVersion: openslo/v1
kind: SLO
metadata:
  name: payments-api-latency
spec:
  service: payments-api
  indicator:
    metadata:
      name: payments-api-latency
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_server_request_duration_seconds_bucket{job="payments-api", le="0.25"})
        total:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_server_request_duration_seconds_count{job="payments-api"})
  timeWindow:
    - duration: 30d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.95
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.checks import Fix, evidence, failed, passed, unknown
from goldenpath.checks._alerts import bare_name, own, recorded_labels
from goldenpath.checks._catalog import MOST, named, no_component
from goldenpath.facts import promql
from goldenpath.facts.findings import shown
from goldenpath.facts.instrumentation import configures_buckets, switches_on
from goldenpath.facts.slos.promql import selected
from goldenpath.facts.slos.service import relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.checks import Outcome
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.instrumentation import Histogram, Instrumentation
    from goldenpath.facts.monitoring import Monitoring
    from goldenpath.facts.monitoring.model import Rule
    from goldenpath.facts.slos import Slos
    from goldenpath.facts.slos.model import Slo
    from goldenpath.repository import Place, Repository

APPLIES = frozenset({"service"})
FIX = Fix(
    "Write an SLO of 95 % over a bucket of the latency histogram that the instrumentation exports",
    "hours",
    ("observability/slo.yaml",),
)

PERCENTILE = 0.95

_BOUNDARY = Fix("Take a boundary of the histogram's buckets as the threshold", "minutes")


class _Measured(Struct, frozen=True):
    """A percentile that is asked for: of which histogram, with which threshold if any, and where.

    `problem` is why the query finds no series at all.
    """

    metric: str
    threshold: float | None
    place: Place
    problem: str = ""


def check(
    repository: Repository,
    slos: Slos,
    monitoring: Monitoring,
    instrumentation: Instrumentation,
    catalog: Catalog,
    component: Component | None,
) -> Outcome:
    """Find what asks for the percentile, then whether there is such a bucket, then who exports it."""
    if component is None:
        return no_component(catalog)
    promised = (slo for slo in slos.found if relation(slo, component, catalog.components) != "foreign")
    rules = [*own(monitoring.alerts, component, catalog.components), *monitoring.records]
    asked = [*_of_slos(promised, monitoring), *_of_rules(rules, monitoring)]
    measured = [each for each in asked if not each.problem]
    if not measured:
        return _nothing(slos, monitoring) if not asked else _measures_nothing(asked)
    exported = {each.metric: each for each in instrumentation.histograms}
    known = [(each, exported[each.metric]) for each in measured if each.metric in exported]
    if proven := next(((each, by) for each, by in known if _is_boundary(each, by)), None):
        return _switched_off(*proven, repository) or _proven(*proven)
    if known:
        return _no_boundary(*known[0], repository)
    client = f"; with {instrumentation.client} the code makes its own" if instrumentation.client else ""
    reason = f"no dependency is known to export {measured[0].metric}{client}"
    proof = (evidence("described", each.place, f"asks for {each.metric}") for each in measured[:MOST])
    return unknown("whether the latency is exported cannot be seen", reason, *proof)


def _of_slos(slos: Iterable[Slo], monitoring: Monitoring) -> Iterator[_Measured]:
    for slo in slos:
        if slo.problems or not any(objective.target >= PERCENTILE for objective in slo.objectives):
            continue
        for query in slo.queries:
            for selector in selected(query.text):
                bound = selector.value("le")
                if selector.metric.endswith("_bucket") and bound and bound != "+Inf":
                    yield _Measured(bare_name(selector.metric), _number(bound), query.place, _misspelt(bound))
            yield from _quantiles(query.text, query.place, monitoring)


def _misspelt(bound: str) -> str:
    """Why no series has this boundary: `le` is a text, and exporters write the shortest one of a number."""
    number = _number(bound)
    if number is None or bound in {repr(number), repr(number).removesuffix(".0"), f"{number:g}"}:
        return ""
    return f'`le="{bound}"` selects no series: the label of that bucket is {shown(f"{number:g}")}'


def _of_rules(rules: Iterable[Rule], monitoring: Monitoring) -> Iterator[_Measured]:
    for rule in rules:
        if rule.tree is not None and rule.doubt is None:
            yield from _quantiles(rule.query, rule.query_place, monitoring)


def _quantiles(query: str, place: Place, monitoring: Monitoring) -> Iterator[_Measured]:
    """The percentiles that a query asks for, with the threshold that they are compared with."""
    try:
        tree = promql.parse(query)
    except (promql.NoPromql, promql.BeyondReading):
        return
    limits = [limit for node in promql.nodes(tree) if (limit := _compared(node))]
    for node in promql.nodes(tree):
        if promql.kind(node) != "Call" or node.func.name != "histogram_quantile":
            continue
        if promql.constant(node.args[0]) == PERCENTILE:
            threshold = limits[0] if len(limits) == 1 else None
            for metric in _sources(node.args[1], monitoring):
                yield _Measured(bare_name(metric), threshold, place, _no_histogram(metric, node.args[1], monitoring))


def _sources(tree: Any, monitoring: Monitoring) -> list[str]:  # noqa: ANN401 - a node of the parser's union
    """The metrics that an expression asks for, recorded series followed to what they are recorded from."""
    found, seen, stack = set[str](), set[str](), [tree]
    while stack:
        for selector in promql.selectors(stack.pop()):
            recorded = [rule.tree for rule in monitoring.records if rule.name == selector.metric and rule.tree]
            if not recorded:
                found.add(selector.metric)
            elif selector.metric not in seen:
                seen.add(selector.metric)
                stack += recorded
    return sorted(found)


def _no_histogram(metric: str, tree: Any, monitoring: Monitoring) -> str:  # noqa: ANN401
    """Why a percentile of this is none: it needs the buckets, and the label that tells them apart."""
    if metric.endswith(("_count", "_sum")):
        return f"{metric} has no buckets: a percentile is of {bare_name(metric)}_bucket"
    left = promql.labels(tree, lambda selector: recorded_labels(selector, monitoring))
    if metric.endswith("_bucket") and (promql.takes_away("le", tree) or (left is not None and "le" not in left)):
        return "no label `le` is left for histogram_quantile: aggregate `by (le)`"
    if metric.endswith("_bucket") and not _over_time(metric, tree, monitoring):
        return f"{metric} counts since the process began: a percentile of now is of its `rate`"
    if bare_name(metric).endswith("_bytes"):
        return f"{metric} counts bytes, not time"
    return ""


def _over_time(metric: str, tree: Any, monitoring: Monitoring) -> bool:  # noqa: ANN401
    """Whether a query looks at what became of a counter in some time, recorded series followed; never at its value."""
    seen, stack = set[str](), [tree]
    while stack:
        for selector in promql.selectors(stack.pop()):
            if selector.metric == metric and selector.range is None:
                return False
            if selector.metric not in seen and selector.range is None:
                seen.add(selector.metric)
                stack += [rule.tree for rule in monitoring.records if rule.name == selector.metric and rule.tree]
    return True


def _compared(node: Any) -> float | None:  # noqa: ANN401 - a node of the parser's union
    if promql.kind(node) != "BinaryExpr" or str(node.op) not in {">", ">=", "<", "<="}:
        return None
    return promql.constant(node.rhs) or promql.constant(node.lhs)


def _is_boundary(measured: _Measured, histogram: Histogram) -> bool:
    return bool(histogram.buckets) and (measured.threshold is None or measured.threshold in histogram.buckets)


def _switched_off(measured: _Measured, histogram: Histogram, repository: Repository) -> Outcome | None:
    """The outcome where the library exports the metric only on demand, and nothing here is seen to demand it."""
    if not histogram.switch or switches_on(histogram.switch, repository):
        return None
    return unknown(
        f"whether {measured.metric} is exported cannot be seen",
        f"{histogram.package} exports it only with {histogram.switch}, which nothing in this repository sets",
        evidence("described", measured.place, f"asks for {measured.metric}"),
        evidence("unseen", histogram.place, f"{histogram.package} may export it"),
    )


def _proven(measured: _Measured, histogram: Histogram) -> Outcome:
    threshold = "" if measured.threshold is None else f", against its bucket of {measured.threshold:g}"
    return passed(
        f"the 95th percentile of {measured.metric} is measured{threshold}",
        evidence("described", measured.place, f"asks for {measured.metric}{threshold}"),
        evidence("declared", histogram.place, f"{histogram.package} exports it"),
    )


def _no_boundary(measured: _Measured, histogram: Histogram, repository: Repository) -> Outcome:
    proof = (
        evidence("described", measured.place, f"asks for {measured.metric}"),
        evidence("declared", histogram.place, f"{histogram.package} exports it"),
    )
    if measured.threshold is None or not histogram.buckets:
        reason = f"which buckets {histogram.package} makes depends on the configuration of the running service"
        return unknown("whether the threshold is a bucket cannot be seen", reason, *proof)
    if place := configures_buckets(repository):
        reason = f"{measured.threshold:g} is no bucket by default, and {place} may configure others"
        return unknown("whether the threshold is a bucket cannot be seen", reason, *proof)
    nearest = sorted(histogram.buckets, key=lambda bound: abs(bound - (measured.threshold or 0)))[:2]
    near = " and ".join(f"{each:g}" for each in sorted(nearest))
    return failed(f"{measured.threshold:g} is no bucket of {measured.metric}; near are {near}", *proof, fix=_BOUNDARY)


def _measures_nothing(asked: list[_Measured]) -> Outcome:
    proof = [evidence("described", each.place, each.problem) for each in asked[:MOST]]
    return failed(asked[0].problem, *proof, fix=Fix(f"Correct {asked[0].place}: {asked[0].problem}", "minutes"))


def _nothing(slos: Slos, monitoring: Monitoring) -> Outcome:
    if hidden := [*slos.unseen, *monitoring.unseen, *(each.doubt for each in monitoring.alerts if each.doubt)]:
        return unknown("a percentile may be asked for, but cannot be read", hidden[0].text, *named("unseen", hidden))
    proof = [evidence("declared", slo.place, f"{slo.name} promises no latency") for slo in slos.found[:MOST]]
    return failed("no objective or query asks for the 95th percentile of a latency histogram", *proof)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
