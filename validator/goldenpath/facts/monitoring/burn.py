"""Burn-rate alerts, taken apart: over which windows, and above which share of failures, an alert fires.

`ratio1h > 14.4 * 0.001 and ratio5m > 14.4 * 0.001` is written in many ways: turned around, as a share of successes,
divided by the budget, by recorded series. Each comparison is brought to one form, *ratio above limit*.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts import promql
from goldenpath.facts.slos.model import Query, knowledge
from goldenpath.facts.slos.promql import counts_the_other_side, exclude
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.monitoring.model import Alert, Record
    from goldenpath.facts.slos.model import Role

MAX_STEPS = 40
"""How far recorded series are followed into what they are recorded from."""

MAX_SELECTORS = 500
"""Most selectors that a ratio is made from: series recorded from each other could make more than there is room for."""

MAX_OUTCOMES = 20
"""Most pairs of matchers of one label that are held against each other; each takes as long as there are codes."""

_NO_SHARES = frozenset({"count", "count_values", "group"})
"""Aggregations that make no share of failures of anything."""

_OF_SHARES = frozenset({
    "avg_over_time", "clamp", "clamp_max", "clamp_min", "histogram_fraction", "increase", "irate", "label_join",
    "label_replace", "last_over_time", "max_over_time", "min_over_time", "quantile_over_time", "rate", "round",
    "scalar", "sort", "sort_desc", "sum_over_time", "vector",
})  # fmt: skip
"""Functions that may make one."""

_RATES = frozenset({"increase", "irate", "rate"})

_NOWHERE = Place("")
_FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


class Linear(Struct, frozen=True):
    """`factor` times the term plus `offset`; the term is what is measured."""

    factor: float
    offset: float
    term: Any


class Condition(Struct, frozen=True):
    """The share of failures over a window (in seconds; None when that cannot be seen) above which it is met.

    `metrics` are the series that are counted, `problem` says why it is no condition of that kind: when successes are
    taken for failures, say.
    """

    window: float | None
    limit: float
    metrics: frozenset[str]
    selectors: tuple[promql.Selector, ...]
    problem: str | None

    @property
    def counted(self) -> list[tuple[str, tuple[promql.Matcher, ...]]]:
        """The series that are counted, whatever the window."""
        return sorted((each.metric, each.matchers) for each in self.selectors)


class Pair(Struct, frozen=True):
    """Two conditions that must both be met: over the long and the short window."""

    alert: Alert
    long: Condition
    short: Condition


class Reader:
    """Takes alerts apart, with the recorded series of the repository."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records: dict[str, list[Record]] = {}
        for record in records:
            self._records.setdefault(record.name, []).append(record)

    def pairs(self, alert: Alert) -> Iterator[Pair]:
        """The pairs of windows of an alert; alternatives (`or`) may each be one."""
        for side in _split(alert.tree, "or"):
            conditions = [self._condition(each) for each in _split(side, "and")]
            if len(conditions) == 2 and all(conditions):
                found = sorted(filter(None, conditions), key=lambda each: -(each.window or 0))
                apart = self._never_meet(promql.bare(side))
                yield Pair(alert, replace(found[0], problem=found[0].problem or apart), found[1])

    def _never_meet(self, node: Any) -> str | None:  # noqa: ANN401
        """Why the sides of an operator never find each other: unless told otherwise, all labels have to be the same."""
        if node.modifier is not None and node.modifier.matching is not None:
            return None
        left, right = (promql.labels(each, self._recorded_labels) for each in (node.lhs, node.rhs))
        if left is None or right is None or left == right or _is_number(node.lhs) or _is_number(node.rhs):
            return None
        said = " and ".join(f"by ({', '.join(sorted(each))})" for each in (left, right))
        return f"the sides of its `{node.op}` never match, for they are told apart {said}"

    def _recorded_labels(self, selector: promql.Selector) -> frozenset[str] | None:
        """The labels of a recorded series, where one rule records it and says them all."""
        records = self._recorded(selector)
        known = promql.labels(records[0].tree) if len(records) == 1 and records[0].tree is not None else None
        return None if known is None else known | frozenset(records[0].labels)

    def _condition(self, expr: Any) -> Condition | None:  # noqa: ANN401 - a node of the parser's union
        node = promql.bare(expr)
        if promql.kind(node) == "AggregateExpr":  # `max(ratio > limit) without (…)` changes labels: it is there or not
            node = promql.bare(node.expr)
        if promql.kind(node) != "BinaryExpr" or str(node.op) not in _FLIPPED:
            return None
        left, right, operator = self._linear(node.lhs, 0), self._linear(node.rhs, 0), str(node.op)
        if left is None or right is None:
            return None
        if left.term is None:
            left, right, operator = right, left, _FLIPPED[operator]
        if left.term is None or right.term is not None or left.factor == 0:
            return None
        limit = (right.offset - left.offset) / left.factor
        above = (operator in {">", ">="}) == (left.factor > 0)
        found = self._of_ratio(left.term, limit, above=above)
        answers = node.modifier is not None and node.modifier.return_bool
        return replace(found, problem="it always answers, with 0 or 1 (`bool`)") if answers else found

    def _of_ratio(self, term: Any, limit: float, *, above: bool) -> Condition:  # noqa: ANN401
        found = tuple(islice(self._measured(term, 0), MAX_SELECTORS))
        windows = {each.range for each in found}
        role: Role = "bad" if above else "good"
        counted = promql.bare(term.lhs) if promql.kind(term) == "BinaryExpr" else term
        problem = counts_the_other_side(Query(role, self._written(counted), _NOWHERE, "prometheus"))
        problem = problem or self._is_no_share(promql.bare(term))
        if len(windows) > 1 and None not in windows:
            problem = problem or "it divides what happened in one window by what happened in another"
        if any(each.moved for each in found):
            problem = "it looks at another time (`offset`)"
        return Condition(
            windows.pop() if len(windows) == 1 else None,
            limit if above else 1 - limit,
            frozenset(each.metric for each in found),
            found,
            problem,
        )

    def _is_no_share(self, term: Any) -> str | None:  # noqa: ANN401
        """Why what is measured is no share of all events: it is a rate, or what is divided is no part of it."""
        if promql.kind(term) != "BinaryExpr":
            called = {node.func.name for node in promql.nodes(term) if promql.kind(node) == "Call"}
            divides = any(promql.kind(node) == "BinaryExpr" for node in promql.nodes(term))
            rate = not divides and called & _RATES and "histogram_fraction" not in called
            return "it is a rate and no share: nothing is divided" if rate else None
        some, every = (
            {(each.metric, each.matchers) for each in islice(self._measured(side, 0), MAX_SELECTORS)}
            for side in (term.lhs, term.rhs)
        )
        if some and some == every:
            return "it divides series by themselves"
        if str(term.op) == "/" and (apart := self._never_meet(term)):
            return apart
        if len(some) != 1 or len(every) != 1:
            return None
        (metric, part), (other, whole) = *some, *every
        if metric != other:
            return None
        narrower = {each.label for each in {*part} - {*whole}} - knowledge().outcome_labels
        outcomes = [(a, b) for a in part for b in whole if a.label == b.label and a.label in knowledge().outcome_labels]
        if any(exclude(*each) for each in outcomes[:MAX_OUTCOMES]):
            return "it divides failures by events that are none of them: a share is one of all events"
        if {*part} < {*whole}:
            return "it divides all events by a part of them"
        return (
            f"it counts a part of the failures ({', '.join(sorted(narrower))}) among all events" if narrower else None
        )

    def _written(self, counted: Any) -> str:  # noqa: ANN401
        """What is counted, as text, with the counter itself where it is recorded under another name."""
        text: str = counted.prettify()
        named = list(promql.selectors(counted))
        counter = self._counter(named[0]) if len(named) == 1 else None
        if (
            counter is None
            or counter == named[0]
            or any(promql.kind(each) == "BinaryExpr" for each in promql.nodes(counted))
        ):
            return text
        values = [msgspec.json.encode(each.value).decode() for each in counter.matchers]
        matchers = ", ".join(
            f"{each.label}{each.operator}{value}" for each, value in zip(counter.matchers, values, strict=True)
        )
        return f"{counter.metric}{{{matchers}}}"

    def _measured(self, term: Any, depth: int) -> Iterator[promql.Selector]:  # noqa: ANN401
        """The selectors of a term, recorded series replaced by what they are recorded from."""
        for selector in promql.selectors(term):
            records = self._recorded(selector) if depth < MAX_STEPS else []
            tree = promql.bare(records[0].tree) if records and records[0].tree is not None else None
            if tree is not None and selector.range is None:
                found = self._measured(tree, depth + 1)
                yield from (replace(each, moved=True) for each in found) if selector.moved else found
            elif tree is not None and promql.kind(tree) == "VectorSelector":
                yield self._counter(selector)
            else:
                yield selector

    def _counter(self, selector: promql.Selector) -> promql.Selector:
        """The counter that a selector means, which may be recorded under another name."""
        for _ in range(MAX_STEPS):
            records = self._recorded(selector)
            tree = promql.bare(records[0].tree) if records and records[0].tree is not None else None
            if tree is None or promql.kind(tree) != "VectorSelector":
                break
            inner = next(promql.selectors(tree))
            outer = (each for each in selector.matchers if each.label not in records[0].labels)
            moved = inner.moved or selector.moved
            matchers = tuple(sorted({*inner.matchers, *outer}))
            selector = replace(inner, matchers=matchers, range=selector.range, moved=moved)
        return selector

    def _recorded(self, selector: promql.Selector) -> list[Record]:
        """The rules that record a series, by its name and the labels that they give it."""
        return [
            record
            for record in self._records.get(selector.metric, [])
            if all(
                record.labels.get(each.label, (each.value,))[0] == each.value
                for each in selector.matchers
                if each.operator == "="
            )
        ]

    def _constant(self, selector: promql.Selector) -> float | None:
        values = {promql.constant(record.tree) for record in self._recorded(selector) if record.tree is not None}
        return values.pop() if len(values) == 1 else None

    def _linear(self, expr: Any, depth: int) -> Linear | None:  # noqa: ANN401
        """An expression as factor, term and offset; None when it is more than that."""
        node = promql.bare(expr)
        if (number := promql.constant(node, self._constant)) is not None:
            return Linear(0, number, None)
        if depth > MAX_STEPS:
            return None
        match promql.kind(node):
            case "UnaryExpr":
                inner = self._linear(node.expr, depth + 1)
                return inner and Linear(-inner.factor, -inner.offset, inner.term)
            case "BinaryExpr" if str(node.op) in {"+", "-", "*", "/"}:
                return self._combined(node, depth)
            case "VectorSelector":
                selector = next(promql.selectors(node))
                records = self._recorded(selector)
                follows = records and records[0].tree and not selector.moved
                return self._linear(records[0].tree, depth + 1) if follows else Linear(1, 0, node)
            case "AggregateExpr" if (
                str(node.op) in {"sum", "max", "min", "avg"} and promql.kind(promql.bare(node.expr)) == "VectorSelector"
            ):
                return self._linear(node.expr, depth + 1)
            case "AggregateExpr" if str(node.op) in _NO_SHARES:
                return None
            case "AggregateExpr":
                return Linear(1, 0, node)
            case "Call" if node.func.name in _OF_SHARES:
                return Linear(1, 0, node)
            case _:
                return None

    def _combined(self, node: Any, depth: int) -> Linear | None:  # noqa: ANN401
        left, right, operator = self._linear(node.lhs, depth + 1), self._linear(node.rhs, depth + 1), str(node.op)
        if left is not None and right is not None:
            if operator in {"+", "-"} and (left.term is None or right.term is None):
                sign = 1 if operator == "+" else -1
                return Linear(
                    left.factor + sign * right.factor, left.offset + sign * right.offset, left.term or right.term
                )
            if right.term is None and right.offset and operator in {"*", "/"}:
                by = right.offset if operator == "*" else 1 / right.offset
                return Linear(left.factor * by, left.offset * by, left.term)
            if left.term is None and operator == "*":
                return Linear(right.factor * left.offset, right.offset * left.offset, right.term)
        return Linear(1, 0, node) if operator == "/" else None


def _is_number(expr: Any) -> bool:  # noqa: ANN401
    """Whether an expression is a plain number, which meets every series."""
    return promql.constant(expr) is not None and not any(promql.kind(each) == "Call" for each in promql.nodes(expr))


def _split(expr: Any, operator: str) -> Iterator[Any]:  # noqa: ANN401
    """The operands of a chain of `and` or `or`."""
    node = promql.bare(expr)
    if promql.kind(node) == "BinaryExpr" and str(node.op) == operator:
        yield from _split(node.lhs, operator)
        yield from _split(node.rhs, operator)
    elif node is not None:
        yield node
