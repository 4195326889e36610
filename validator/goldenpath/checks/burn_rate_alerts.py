"""The alerts fire when the error budget burns too fast.

## What

Each SLO of the service has multiwindow, multi-burn-rate alerts as the SRE Workbook has them:

| windows | factor (30 days) |
| --- | --- |
| 1h and 5m | 14.4 |
| 6h and 30m | 6 |
| 1d and 2h | 3 |
| 3d and 6h | 1 |

At least two pairs of them, the fastest among them. An alert fires when **both** windows are above
`factor * (1 - target)`, by the target of the SLO in this repository: `14.4 * 0.001`, `0.0144`, `14.4 * (1 - 0.999)`, a
share of successes below `1 - 14.4 * 0.001`, a ratio divided by the budget and a recorded series are all the same. Of
another period than 30 days the factor is proportionate, or that of 30 days; an SLO of Pyrra's may have the pairs that
Pyrra makes (14, 7, 2 and 1 times, over windows that follow the period). Recording rules are followed to what they
count.

And each of these alerts has **unit tests** for `promtool test rules`: one that it fires, and one that it stays silent.

It is `unknown` when the rules are made elsewhere (by Sloth, by Pyrra, by Helm), when a series is recorded elsewhere,
and when the windows are no pair of the workbook.

## Why

A fixed threshold pages for a hiccup, or sleeps through a month of small failures. The long window says that it matters,
the short one that it still does; the factor says how soon the budget is gone. A target that was changed in the SLO and
not in the rules is the mistake that nobody sees.

## Fix

Write the pairs from the target, and a test for each.

## Before

```yaml
# observability/alerts.yaml
groups:
  - name: payments-api
    rules:
      - alert: AvailabilityBudgetBurnsFast
        expr: |
          sum(rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[5m]))
            / sum(rate(http_server_request_duration_seconds_count[5m])) > 0.05
```

## After

```yaml
# observability/slo.yaml
apiVersion: openslo/v1
kind: SLO
metadata:
  name: payments-api-availability
spec:
  service: payments-api
  indicator:
    metadata:
      name: payments-api-availability
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_requests_total{job="payments-api", code!~"5.."})
        total:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_requests_total{job="payments-api"})
  timeWindow:
    - duration: 30d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.999
```

```yaml
# observability/alerts.yaml
groups:
  - name: payments-api
    rules:
      - record: errors:ratio5m
        expr: |
          sum(rate(http_requests_total{job="payments-api", code=~"5.."}[5m]))
            / sum(rate(http_requests_total{job="payments-api"}[5m]))
      - record: errors:ratio30m
        expr: |
          sum(rate(http_requests_total{job="payments-api", code=~"5.."}[30m]))
            / sum(rate(http_requests_total{job="payments-api"}[30m]))
      - record: errors:ratio1h
        expr: |
          sum(rate(http_requests_total{job="payments-api", code=~"5.."}[1h]))
            / sum(rate(http_requests_total{job="payments-api"}[1h]))
      - record: errors:ratio6h
        expr: |
          sum(rate(http_requests_total{job="payments-api", code=~"5.."}[6h]))
            / sum(rate(http_requests_total{job="payments-api"}[6h]))
      - alert: BudgetBurns
        expr: errors:ratio1h > 14.4 * 0.001 and errors:ratio5m > 14.4 * 0.001
      - alert: BudgetBurns
        expr: errors:ratio6h > 6 * 0.001 and errors:ratio30m > 6 * 0.001
```

```yaml
# observability/alerts_test.yaml
rule_files: [alerts.yaml]
tests:
  - interval: 1m
    input_series:
      - {series: 'http_requests_total{job="payments-api", code="200"}', values: 0+60x60}
      - {series: 'http_requests_total{job="payments-api", code="500"}', values: 0+60x60}
    alert_rule_test:
      - {eval_time: 0m, alertname: BudgetBurns, exp_alerts: []}
      - {eval_time: 60m, alertname: BudgetBurns, exp_alerts: [{}, {}]}
```
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.checks import Fix, evidence, failed, passed, unknown
from goldenpath.checks._alerts import about_slos, invalid, own
from goldenpath.checks._catalog import MOST, named, no_component
from goldenpath.facts.findings import Finding
from goldenpath.facts.monitoring.burn import Reader
from goldenpath.facts.slos.model import knowledge as slo_knowledge
from goldenpath.facts.slos.promql import codes_of, failures, selected
from goldenpath.facts.slos.service import relation
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from goldenpath.checks import Evidence, Outcome
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.monitoring import Monitoring
    from goldenpath.facts.monitoring.burn import Condition, Pair
    from goldenpath.facts.monitoring.model import Alert
    from goldenpath.facts.promql import Selector
    from goldenpath.facts.slos import Slos
    from goldenpath.facts.slos.model import Objective, Slo

APPLIES = frozenset({"service"})
FIX = Fix(
    "Write burn-rate alerts from the SLO's target, as the SRE Workbook has them, with promtool tests",
    "hours",
    ("observability/slo.yaml", "observability/alerts.yaml", "observability/alerts_test.yaml"),
)

TOLERANCE = 1e-3
"""How far a factor may be off, of itself: people round (0.933 for 28 days)."""

FEWEST = 2
"""Pairs of windows: one is no multi-burn-rate."""

_TEST = Fix("Write tests for promtool: the alert fires, and stays silent", "hours")
_UNITS = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "M": 30, "Q": 90, "Y": 365, "y": 365}


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    """A pair of windows, in seconds, and by which factor the budget burns."""

    long: float
    short: float
    factor: float


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    pairs: tuple[_Row, ...]
    pyrra: tuple[_Row, ...]


class _Wanted(Struct, frozen=True):
    """A pair of windows that an SLO may have alerts on, with the factors that are right for it, the usual one first."""

    long: float
    short: float
    factors: tuple[float, ...]


@cache
def _table() -> _Table:
    return read_table("burning", _Table)


class _Judged(Struct, frozen=True):
    """A pair of an alert held against an SLO: the pair that it is meant to be, or what is wrong with it."""

    pair: Pair
    fits: _Wanted | None
    problem: str
    certain: bool = True


def check(monitoring: Monitoring, slos: Slos, catalog: Catalog, component: Component | None) -> Outcome:
    """Take each alert apart and hold it against each SLO; then ask for the tests."""
    if component is None:
        return no_component(catalog)
    promised = [
        slo for slo in slos.found if not slo.problems and relation(slo, component, catalog.components) != "foreign"
    ]
    if not promised:
        if slos.unseen:
            return unknown("an SLO may be here, but cannot be read", slos.unseen[0].text, *named("unseen", slos.unseen))
        return failed("there is no SLO whose budget could burn", *named("declared", slos.broken))
    alerts = own(monitoring.alerts, component, catalog.components)
    if problems := [*monitoring.broken, *(each.problem for each in alerts if each.problem)]:
        return invalid(problems)
    reader = Reader(monitoring.records)
    pairs = [pair for alert in alerts if alert.tree for pair in reader.pairs(alert)]
    recorded = {record.name for record in monitoring.records}
    hidden = [_recorded_elsewhere(pair) for pair in pairs if _missing(pair, recorded)]
    burning: dict[str, Pair] = {}
    for slo in promised:
        for objective in slo.objectives:
            judged = [_judge(pair, slo, objective) for pair in pairs if _is_about(pair, slo)]
            if outcome := _wanting(judged, slo, alerts, monitoring, hidden):
                return outcome
            burning |= {each.pair.alert.name: each.pair for each in judged if each.fits}
    return _tested(burning, promised, monitoring)


def _is_about(pair: Pair, slo: Slo) -> bool:
    """Whether a pair counts what an SLO counts: the same metrics, and by no label those of something else."""
    counted = pair.long.selectors + pair.short.selectors
    promised = [selector for query in slo.queries for selector in selected(query.text)]
    if {selector.metric for selector in counted} != {selector.metric for selector in promised}:
        return False
    own, other = _wanted(counted), _wanted(promised)
    return all(own[label] & other[label] for label in own.keys() & other.keys())


def _told_otherwise(pair: Pair, slo: Slo) -> str:
    """The label by which a pair tells how requests ended in other words than its SLO; empty where there is none.

    Words that are codes of HTTP are compared as such (`_of_something_else`).
    """
    own, promised = (
        _outcomes(pair.long.selectors),
        _outcomes(each for query in slo.queries for each in selected(query.text)),
    )
    apart = (label for label in sorted(own.keys() & promised.keys()) if not own[label] & promised[label])
    return next((label for label in apart if not all(codes_of("=~", value) for value in own[label])), "")


def _outcomes(selectors: Iterable[Selector]) -> dict[str, set[str]]:
    """What selectors say of how requests ended, by the labels."""
    found: dict[str, set[str]] = {}
    for matcher in (each for selector in selectors for each in selector.matchers):
        if matcher.label in slo_knowledge().outcome_labels:
            found.setdefault(matcher.label, set()).add(matcher.value)
    return found


def _of_something_else(condition: Condition, slo: Slo) -> str | None:
    """Where one window counts what the SLO does not: the series of another job, or errors that it takes for good."""
    failing = {label: codes for query in slo.queries for label, codes in failures(query).items()}
    promised = _wanted(selector for query in slo.queries for selector in selected(query.text))
    for selector in condition.selectors:
        for label, operator, value in sorted((each.label, each.operator, each.value) for each in selector.matchers):
            counted = codes_of(operator, value) if label in failing and operator in {"=", "=~"} else frozenset()
            if counted and not counted & failing[label]:
                return f'it counts {label}{operator}"{value}", which {slo.name} takes for good'
            wanted = promised.get(label, set())
            if wanted and operator == "=" and (operator, value) not in wanted and all(op == "=" for op, _ in wanted):
                text = " or ".join(sorted(f'{label}="{each}"' for _, each in wanted))
                return f'it counts {label}="{value}", and {slo.name} {text}'
    return None


def _wanted(selectors: Iterable[Selector]) -> dict[str, set[tuple[str, str]]]:
    """What selectors want of each label; but for how requests ended, which tells good from bad."""
    found: dict[str, set[tuple[str, str]]] = {}
    for selector in selectors:
        for matcher in selector.matchers:
            if not matcher.operator.startswith("!") and matcher.label not in slo_knowledge().outcome_labels:
                found.setdefault(matcher.label, set()).add((matcher.operator, matcher.value))
    return found


def _missing(pair: Pair, recorded: Collection[str]) -> bool:
    """Whether a pair asks for a recorded series, as its colon says, that no rule here records."""
    return any(":" in metric and metric not in recorded for metric in pair.long.metrics | pair.short.metrics)


def _recorded_elsewhere(pair: Pair) -> Finding:
    return Finding(pair.alert.query_place, f"a series that {pair.alert.name} asks for is recorded elsewhere")


def _judge(pair: Pair, slo: Slo, objective: Objective) -> _Judged:
    name = pair.alert.name
    for condition in (pair.long, pair.short):
        if problem := condition.problem or _of_something_else(condition, slo):
            return _Judged(pair, None, f"{name}: {problem}")
    if pair.long.window is None or pair.short.window is None:
        return _Judged(pair, None, f"over which windows {name} looks is not in this repository", certain=False)
    if label := _told_otherwise(pair, slo):
        return _Judged(pair, None, f"{name} tells failures by `{label}` otherwise than {slo.name}", certain=False)
    if pair.long.counted != pair.short.counted:
        apart = f"{_span(pair.long.window)} than over {_span(pair.short.window)}"
        return _Judged(pair, None, f"{name} counts other series over {apart}", certain=False)
    if pair.alert.wait >= pair.long.window:
        looks = f"longer than the {_span(pair.long.window)} that it looks at"
        return _Judged(pair, None, f"{name} waits for {_span(pair.alert.wait)} (`for`), {looks}")
    windows = f"{_span(pair.long.window)} and {_span(pair.short.window)}"
    budget = 1 - objective.target
    factors = [condition.limit / budget for condition in (pair.long, pair.short)]
    wanted = [each for each in _wanted_pairs(slo) if (each.long, each.short) == (pair.long.window, pair.short.window)]
    if not wanted:
        return _Judged(
            pair,
            None,
            f"{windows} of {name} are no pair of the SRE Workbook",
            certain=pair.long.window == pair.short.window,
        )
    usual = wanted[0].factors[0]
    for factor, condition in zip(factors, (pair.long, pair.short), strict=True):
        wanted = [each for each in wanted if any(abs(factor - right) <= TOLERANCE * right for right in each.factors)]
        if not wanted:
            target = f"{objective.target * 100:g} %"
            burnt = f"{factor:.4g} times the budget of {target}; {windows} are {usual:g} times"
            return _Judged(pair, None, f"{name} fires above {condition.limit:.6g}, which is {burnt}")
    return _Judged(pair, wanted[0], "")


def _wanted_pairs(slo: Slo) -> list[_Wanted]:
    """The pairs that alerts on an SLO may have: the workbook's, and for Pyrra those that it makes of the period."""
    days = _days(slo.window) or 30
    found = [_Wanted(each.long, each.short, (each.factor, each.factor * days / 30)) for each in _table().pairs]
    if slo.form == "pyrra":
        scale = days / 28 / 60
        minutes = [
            (int(each.long * scale + 0.5), int(each.short * scale + 0.5), each.factor) for each in _table().pyrra
        ]
        found += [_Wanted(long * 60, short * 60, (factor,)) for long, short, factor in minutes]
    return found


def _wanting(
    judged: Sequence[_Judged], slo: Slo, alerts: Sequence[Alert], monitoring: Monitoring, hidden: Sequence[Finding]
) -> Outcome | None:
    """What an SLO's alerts lack; None when they are as they should be."""
    if wrong := next((each for each in judged if each.problem and each.certain), None):
        return failed(
            wrong.problem,
            *_proof(wrong.pair, slo),
            fix=Fix("Write the condition anew: the ratio over both windows above factor * (1 - target)", "minutes"),
        )
    if unsure := next((each for each in judged if each.problem), None):
        return unknown(
            f"whether {unsure.pair.alert.name} is as the SRE Workbook has it", unsure.problem, *_proof(unsure.pair, slo)
        )
    fitting = {each.fits.long for each in judged if each.fits}
    fastest = {rows[0].factor for rows in (_table().pairs, _table().pyrra)}
    if len(fitting) >= FEWEST and any(each.fits and each.fits.factors[0] in fastest for each in judged):
        doubted = next((each.pair.alert for each in judged if each.pair.alert.doubt), None)
        if doubted and doubted.doubt:
            return unknown(
                "whether the alerts are there is decided elsewhere",
                doubted.doubt.text,
                evidence("unseen", doubted.doubt.place, doubted.doubt.text),
            )
        return None
    return _too_few(len(fitting), slo, alerts, monitoring, hidden)


def _too_few(
    found: int, slo: Slo, alerts: Sequence[Alert], monitoring: Monitoring, elsewhere: Sequence[Finding]
) -> Outcome:
    hidden = [*elsewhere, *monitoring.unseen, *(each.doubt for each in alerts if each.doubt and each.tree is None)]
    title = slo_knowledge().forms[slo.form].title
    declared = evidence("declared", slo.place, f"{title}: {slo.name}")
    if hidden:
        return unknown(
            f"whether alerts watch the budget of {slo.name} cannot be seen",
            hidden[0].text,
            declared,
            *named("unseen", hidden),
        )
    about = about_slos(alerts, monitoring, [slo])
    if slo.form != "openslo" and not about:
        return unknown(
            f"{title} makes the alerts of {slo.name}",
            f"the rules that {title} makes are not in this repository, nor are tests of them",
            declared,
        )
    if doubt := next((each for each in slo.doubts), None):
        return unknown(f"what {slo.name} measures cannot be seen", doubt.text, declared)
    others = [evidence("declared", each.place, f"{each.name} is no pair of windows") for each in about[:MOST]]
    what = (
        "no burn-rate alert"
        if not found
        else f"only {found} of the pairs of the SRE Workbook, without the fastest or without a slower one,"
    )
    return failed(f"{what} watches the budget of {slo.name}", *others, declared)


def _tested(burning: dict[str, Pair], slos: Sequence[Slo], monitoring: Monitoring) -> Outcome:
    for name, pair in burning.items():
        tests = [test for test in monitoring.tests if test.alert == name and pair.alert.place.path in test.rule_files]
        for fires, what in ((True, "fires"), (False, "stays silent")):
            if not any(test.fires is fires for test in tests):
                proof = [evidence("missing", pair.alert.place, f"no test of {name} for promtool")]
                proof += [evidence("verified", test.place, f"a test of {name}") for test in tests[:1]]
                if monitoring.unseen:
                    hidden = monitoring.unseen[0]
                    shown = (*proof, *named("unseen", monitoring.unseen))
                    return unknown(f"no unit test that is read shows that {name} {what}", str(hidden.text), *shown)
                return failed(f"no unit test shows that {name} {what}", *proof, fix=_TEST)
    proof = [each for pair in list(burning.values())[:MOST] for each in _proof(pair, slos[0])[:1]]
    return passed(
        f"{len(burning)} burn-rate alerts, tested, watch the budget of {', '.join(slo.name for slo in slos[:MOST])}",
        *proof,
    )


def _proof(pair: Pair, slo: Slo) -> list[Evidence]:
    limits = " and ".join(f"{each.limit:.6g} over {_span(each.window)}" for each in (pair.long, pair.short))
    text = f"{pair.alert.name}: above {limits}"
    return [
        evidence("declared", pair.alert.query_place, text),
        *(evidence("described", each.place, f"target: {each.target * 100:g} %") for each in slo.objectives[:1]),
    ]


def _span(seconds: float | None) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return "a window out of sight" if seconds is None else f"{seconds:g}s"


def _days(window: str | None) -> float | None:
    """The length of an SLO's window in days."""
    parts = re.findall(r"(\d{1,6})([mhdwMQYy])", window or "")
    return sum(int(count) * _UNITS[unit] for count, unit in parts) or None
