"""The objectives as Sloth reads them: what it makes of them means the same as the rules that the template writes.

Compared is what the expressions mean, not how they are written:

- the error ratio over each window, and the share of the budget that is left, as a fraction of sums of rates. In it
  `code!~"5.."` is everything without `code=~"5.."`, and recorded series stand for what they are recorded from. Over all
  of the period Sloth averages the ratios of five minutes unless it is told not to, as it is here;
- the objective;
- by severity, the pairs of an alert: over which two error ratios, and above which limit of each, it fires.

What differs is no part of the objective: names, labels and annotations, `for` (which Sloth does not use), and `or
vector(0)`, by which the template's ratio is 0 and not absent before the first error.
"""

from __future__ import annotations

import json
import subprocess
from itertools import cycle
from math import isclose
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import yaml
from msgspec.structs import replace

from goldenpath.facts import promql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolbox import Rendered, Tool

Rule: TypeAlias = dict[str, Any]
Sum: TypeAlias = dict[promql.Selector | None, float]
"""A linear combination of sums of rates; None stands for the number 1."""

RULES = "observability/alerts.yaml"
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")
OPTIMIZED = {"id": "sloth.dev/core/sli_rules/v1", "config": {"disableOptimized": True}}
LATENCIES = (5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)
AVAILABILITIES = (95, 97.25, 98, 99, 99.5, 99.95, 99.9, 99.99)
OPTIONS = tuple(zip(LATENCIES, cycle(AVAILABILITIES), strict=False))
CLOSE = 1e-9


def spec(service: Path) -> Rule:
    """The objectives of a service as a file of Sloth's."""
    documents = list(yaml.safe_load_all((service / "observability" / "slo.yaml").read_text(encoding="utf-8")))
    slos = [converted(each) for each in documents if each["kind"] == "SLO"]
    assert [each["name"] for each in slos] == ["availability", "latency"]
    return {"version": "prometheus/v1", "service": service.name, "slos": slos}


def converted(slo: Rule) -> Rule:
    """An OpenSLO objective in Sloth's own format, its ratio as Sloth itself writes that of OpenSLO's older version."""
    metrics = slo["spec"]["indicator"]["spec"]["ratioMetric"]
    assert metrics["counter"] is True
    good, total = (_rate(metrics[name]["metricSource"]["spec"]["query"]) for name in ("good", "total"))
    (window,) = slo["spec"]["timeWindow"]
    assert window == {"duration": "30d", "isRolling": True}  # what Sloth takes when it is not told otherwise
    (objective,) = slo["spec"]["objectives"]
    name = slo["metadata"]["name"].removeprefix(slo["spec"]["service"] + "-")
    return {
        "name": name,
        "objective": round(objective["target"] * 100, 6),
        "sli": {"raw": {"error_ratio_query": f"1 - (({good}) / ({total}))"}},
        "alerting": {"name": name, "labels": {"slo": name}},
    }


def _rate(query: str) -> str:
    """A sum of counters as the rate that they count with over Sloth's window."""
    assert query.startswith("sum(")
    assert query.endswith("})")
    return f"sum(rate({query[4:-1]}[{{{{.window}}}}]))"


def rules(text: str) -> list[Rule]:
    groups = yaml.safe_load(text)["groups"]
    return [rule for group in groups for rule in group["rules"]]


class Fraction:
    """What an expression is: one linear combination of sums of rates divided by another."""

    def __init__(self, above: Sum, below: Sum) -> None:
        self.above, self.below = above, below

    @property
    def is_number(self) -> bool:
        return self.above.keys() == self.below.keys() == {None}

    def times(self, factor: float) -> Fraction:
        return Fraction({each: number * factor for each, number in self.above.items()}, self.below)

    def __add__(self, other: Fraction) -> Fraction:
        if self.below != other.below:
            return self._plus_number(other) if other.is_number else other._plus_number(self)
        terms = self.above.keys() | other.above.keys()
        added = {each: self.above.get(each, 0) + other.above.get(each, 0) for each in terms}
        return Fraction({each: number for each, number in added.items() if number}, self.below)

    def _plus_number(self, number: Fraction) -> Fraction:
        assert number.is_number
        return self + Fraction({each: factor * number.above[None] for each, factor in self.below.items()}, self.below)

    def __truediv__(self, other: Fraction) -> Fraction:
        if other.is_number:
            return self.times(1 / other.above[None])
        assert self.below == other.below == {None: 1}
        return Fraction(self.above, other.above)

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Fraction)
        return _near(self.above, other.above) and _near(self.below, other.below)

    def __hash__(self) -> int:
        return hash((*self.below,))

    def __repr__(self) -> str:
        return f"{self.above} / {self.below}"


def _near(one: Sum, other: Sum) -> bool:
    return one.keys() == other.keys() and all(isclose(one[each], other[each], rel_tol=CLOSE) for each in one)


class Meaning:
    """Reads expressions, with the recorded series of one set of rules."""

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules

    def recorded(self, name: str, **labels: str) -> Fraction:
        (rule,) = [
            each for each in self._rules if each.get("record") == name and labels.items() <= each["labels"].items()
        ]
        return self.of(promql.parse(rule["expr"]))

    def pairs(self, **labels: str) -> set[frozenset[tuple[Fraction, float]]]:
        """What the alerts with these labels fire on: alternatives, each of conditions that must all be met."""
        alerts = [each for each in self._rules if "alert" in each and labels.items() <= each["labels"].items()]
        return {
            frozenset(map(self._condition, operands(alternative, "and")))
            for alert in alerts
            for alternative in operands(promql.parse(alert["expr"]), "or")
        }

    def _condition(self, expr: Any) -> tuple[Fraction, float]:
        if promql.kind(expr) == "AggregateExpr":  # of at most one series, so that it changes labels only
            assert str(expr.op) == "max"
            expr = promql.bare(expr.expr)
        assert str(expr.op) == ">"
        limit = promql.constant(expr.rhs)
        assert limit is not None
        return self.of(expr.lhs), round(limit, 9)

    def of(self, expr: Any) -> Fraction:
        node = promql.bare(expr)
        if (number := promql.constant(node)) is not None:
            return Fraction({None: number}, {None: 1})
        match promql.kind(node):
            case "VectorSelector":
                (selector,) = promql.selectors(node)
                return self.recorded(selector.metric, **{each.label: each.value for each in selector.matchers})
            case "AggregateExpr":
                assert str(node.op) == "sum"
                assert promql.kind(node.expr) == "Call"
                assert node.expr.func.name == "rate"
                (selector,) = promql.selectors(node)
                return Fraction(_positive(selector), {None: 1})
            case "BinaryExpr":
                return self._combined(str(node.op), node)
        raise AssertionError(node.prettify())

    def _combined(self, operator: str, node: Any) -> Fraction:
        left = self.of(node.lhs)
        if operator == "or":
            assert promql.constant(node.rhs) == 0
            return left
        right = self.of(node.rhs)
        return {"+": lambda: left + right, "-": lambda: left + right.times(-1), "/": lambda: left / right}[operator]()


def operands(expr: Any, operator: str) -> Iterator[Any]:
    node = promql.bare(expr)
    if promql.kind(node) == "BinaryExpr" and str(node.op) == operator:
        yield from operands(node.lhs, operator)
        yield from operands(node.rhs, operator)
    else:
        yield node


def _positive(selector: promql.Selector) -> Sum:
    """A sum without negated expressions: all series, without those that one selects."""
    for matcher in selector.matchers:
        if matcher.operator == "!~":
            rest = tuple(each for each in selector.matchers if each != matcher)
            opposite = tuple(sorted((*rest, replace(matcher, operator="=~"))))
            return _positive(replace(selector, matchers=rest)) | {
                each: -number for each, number in _positive(replace(selector, matchers=opposite)).items()
            }
    return {selector: 1}


@pytest.fixture(scope="module")
def generated(rendered: Rendered, tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """What Sloth makes of a service with each latency: one run, for its start is what takes long."""
    sloth = str(tool("sloth"))
    specs, made = tmp_path_factory.mktemp("specs"), tmp_path_factory.mktemp("made")
    for latency, availability in OPTIONS:
        service = rendered(slo_latency_ms=latency, slo_availability=availability)
        (specs / f"{latency}.yaml").write_text(yaml.safe_dump(spec(service)), encoding="utf-8")
    command = [sloth, "generate", "--slo-plugins", json.dumps(OPTIMIZED), "--input", str(specs), "--out", str(made)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return {latency: made / f"{latency}.yaml" for latency, _ in OPTIONS}


def compare(own: Meaning, sloth: Meaning, service: str) -> None:
    for slo in ("availability", "latency"):
        ours, theirs = {"service": service, "slo": slo}, {"sloth_service": service, "sloth_slo": slo}
        for window in WINDOWS:
            ratio = own.recorded(f"slo:error_ratio:rate{window}", **ours)
            assert ratio == sloth.recorded(f"slo:sli_error:ratio_rate{window}", **theirs)
        remaining = sloth.recorded("slo:period_error_budget_remaining:ratio", **theirs)
        assert own.recorded("slo:error_budget_remaining:ratio", **ours) == remaining
        assert own.recorded("slo:objective:ratio", **ours) == sloth.recorded("slo:objective:ratio", **theirs)
        for severity in ("page", "ticket"):
            pairs = own.pairs(severity=severity, slo=slo)
            assert len(pairs) == 2
            assert pairs == sloth.pairs(sloth_severity=severity, slo=slo)


@pytest.mark.parametrize(("latency", "availability"), OPTIONS)
def test_sloth_makes_rules_of_the_same_meaning(
    latency: int, availability: float, rendered: Rendered, generated: dict[int, Path]
) -> None:
    service = rendered(slo_latency_ms=latency, slo_availability=availability)
    own = rules((service / RULES).read_text("utf-8"))
    compare(Meaning(own), Meaning(rules(generated[latency].read_text("utf-8"))), service.name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('le="0.25"', 'le="0.5"'),
        ("(14.4 * 0.001)", "(14.4 * 0.002)"),
        ('=~"5.."}[1h]', '=~"4..|5.."}[1h]'),
        ('payments-api"}[6h]', 'payments-api"}[1h]'),
        ("> (3 * 0.001)\n          and", "> (3 * 0.001)\n          or"),
        ("vector(0.999)", "vector(0.99)"),
        ("severity: page", "severity: ticket"),
    ],
)
def test_another_meaning_would_be_noticed(old: str, new: str, rendered: Rendered, generated: dict[int, Path]) -> None:
    service = rendered(slo_latency_ms=250, slo_availability=99.9)
    own = (service / RULES).read_text("utf-8")
    assert old in own
    with pytest.raises(AssertionError):
        compare(Meaning(rules(own.replace(old, new))), Meaning(rules(generated[250].read_text("utf-8"))), service.name)
