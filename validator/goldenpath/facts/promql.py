"""PromQL, read by a parser: what a query selects, over which range, and what of it is a constant.

The parser is GreptimeTeam's (Rust, package promql-parser). It recurses and copies, so that what it is given is bounded
here; it is imported when the first query is read, for most repositories have none.
"""

from __future__ import annotations

import math
import operator
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from promql_parser import Expr, SubqueryExpr, VectorSelector

MAX_LENGTH = 10_000
"""Longest query that is parsed, in characters."""

MAX_TOKENS = 800
"""Most words and operators of a query: the parser's time grows with their square, and its stack with their depth."""

_STRING = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`'
_TOKEN = regex(rf"(?:{_STRING})|#[^\n]*|[\w.:]+|[^\w\s]")
# What Prometheus has learned since the parser's version: underscores in numbers, arithmetic in durations.
# Loki's rules have the same form, and filters and parsers behind pipes.
_LOGQL = regex(r"\}\s*(\|[=~>]|!=|!~|\|\s*\w)|\|\s*(json|logfmt|pattern|unpack|regexp|unwrap)\b")
_NEWER = regex(r"\d_\d|\[[^\]]*[-+*/][^\]]*\]")


class NoPromql(Exception):  # noqa: N818 - a finding about a query, not an error of the program
    """Prometheus would refuse the query; `str()` is why."""


class BeyondReading(Exception):  # noqa: N818 - see NoPromql
    """The query may be sound, but cannot be read here; `str()` is why."""


class Matcher(Struct, frozen=True, order=True):
    """One matcher of a selector, e.g. `Matcher("code", "=~", "5..")`."""

    label: str
    operator: str
    value: str


class Selector(Struct, frozen=True):
    """A selection of series: the metric's name (empty when only a pattern of it is given), and the range in seconds.

    `moved` says that it looks at another time (`offset`, `@`).
    """

    metric: str
    matchers: tuple[Matcher, ...]
    range: float | None = None
    moved: bool = False

    def value(self, label: str) -> str | None:
        """The value that a label must have."""
        return next((each.value for each in self.matchers if each.label == label and each.operator == "="), None)


_DURATION = regex(r"(?:\d{1,9}(?:ms|[smhdwy]))+")
_PART = regex(r"(\d+)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}


def is_duration(text: str) -> bool:
    """Whether Prometheus takes a text for a duration."""
    return _DURATION.fullmatch(text) is not None


def seconds(duration: str) -> float:
    """How long a duration of Prometheus is; nothing for what is none."""
    parts = _PART.findall(duration) if is_duration(duration) else []
    return sum(int(count) * _SECONDS[unit] for count, unit in parts)


@cache
def parse(text: str) -> Expr:
    """The syntax tree of a query. Raises NoPromql, or BeyondReading."""
    import promql_parser

    if len(text) > MAX_LENGTH or sum(1 for _ in _TOKEN.finditer(text)) > MAX_TOKENS:
        raise BeyondReading("the query is longer than any that a person writes")
    try:
        return promql_parser.parse(text)
    except ValueError as error:
        if _LOGQL.search(text):
            raise BeyondReading("it is LogQL, a query of Loki's, and goldenpath reads PromQL") from None
        if _NEWER.search(text):
            raise BeyondReading(f"goldenpath's parser does not know this syntax ({error})") from None
        raise NoPromql(str(error)) from None


def kind(expr: Expr) -> str:
    """What a node of the tree is, e.g. `BinaryExpr`."""
    return type(expr).__name__


def bare(expr: Any) -> Any:  # noqa: ANN401 - a node of the parser's union
    """The expression inside of any parentheses."""
    while kind(expr) == "ParenExpr":
        expr = expr.expr
    return expr


def children(expr: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """The expressions that a node is made from."""
    match kind(expr):
        case "BinaryExpr":
            return expr.lhs, expr.rhs
        case "Call":
            return tuple(expr.args)
        case "AggregateExpr":
            return (expr.expr,) if expr.param is None or isinstance(expr.param, str) else (expr.param, expr.expr)
        case "ParenExpr" | "UnaryExpr" | "SubqueryExpr":
            return (expr.expr,)
        case _:
            return ()


def nodes(expr: Expr) -> Iterator[Any]:
    """Every node of the tree, in the order of the text."""
    stack: list[Any] = [expr]
    while stack:
        yield (node := stack.pop())
        stack.extend(reversed(children(node)))


def selectors(expr: Expr) -> Iterator[Selector]:
    """Every selector of a query, those of a subquery with its range and at its time."""
    stack: list[tuple[Any, float | None, bool]] = [(expr, None, False)]
    while stack:
        node, span, moved = stack.pop()
        if kind(node) == "VectorSelector":
            yield _selector(node, span, moved=moved)
        elif kind(node) == "MatrixSelector":
            yield _selector(node.vector_selector, node.range.total_seconds(), moved=moved)
        else:
            if kind(node) == "SubqueryExpr":
                span = span if node.range is None else node.range.total_seconds()
                moved = moved or _is_moved(node)
            stack.extend((each, span, moved) for each in reversed(children(node)))


def _selector(node: VectorSelector, span: float | None, *, moved: bool = False) -> Selector:
    alternatives = node.matchers.or_matchers
    found = node.matchers.matchers if not alternatives else []  # `a="x" or b="y"` says nothing for certain
    matchers = [Matcher(each.name, _operator(each.op), each.value) for each in found]
    name = node.name or next((each.value for each in matchers if each.label == "__name__" and each.operator == "="), "")
    own = tuple(sorted(each for each in matchers if each.label != "__name__"))
    return Selector(name, own, span, moved or _is_moved(node))


def _is_moved(node: VectorSelector | SubqueryExpr) -> bool:
    return bool(node.offset) or node.at is not None


def _operator(operator: Any) -> str:  # noqa: ANN401 - an enumeration of the parser
    return {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}[str(operator).rpartition(".")[2]]


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "^": lambda a, b: a**b,
}


def constant(expr: Expr, lookup: Callable[[Selector], float | None] = lambda _: None) -> float | None:
    """The number that an expression always is; None when it depends on what is measured, or is none.

    `lookup` knows the series that are constants themselves.
    """
    node = bare(expr)
    match kind(node):
        case "NumberLiteral":
            return float(node.val)
        case "UnaryExpr":
            inner = constant(node.expr, lookup)
            return None if inner is None else -inner
        case "VectorSelector":
            return lookup(_selector(node, None))
        case "Call" if node.func.name in {"vector", "scalar"}:
            return constant(node.args[0], lookup)
        case "AggregateExpr" if str(node.op) in {"max", "min", "avg"}:
            return constant(node.expr, lookup)
        case "BinaryExpr" if str(node.op) in _ARITHMETIC:
            return _calculated(str(node.op), constant(node.lhs, lookup), constant(node.rhs, lookup))
        case _:
            return None


_COMPARES: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


def never(expr: Expr) -> bool:
    """Whether an expression has no result whatever is measured: it compares fixed numbers, or takes all away again."""
    node = bare(expr)
    if kind(node) != "BinaryExpr":
        return kind(node) == "AggregateExpr" and never(node.expr)
    how = str(node.op)
    match how:
        case "and":
            return never(node.lhs) or never(node.rhs)
        case "or":
            return never(node.lhs) and never(node.rhs)
        case "unless":
            return never(node.lhs) or str(bare(node.rhs)) in _filtered(node.lhs)
    left, right = _fixed(node.lhs), _fixed(node.rhs)
    answers = node.modifier is not None and node.modifier.return_bool
    if how not in _COMPARES or answers or left is None or right is None:
        return False
    return not _COMPARES[how](left, right)


def _filtered(expr: Expr) -> Iterator[str]:
    """An expression, and what is left of it where the comparisons are taken off that only pick some of its series."""
    node = bare(expr)
    yield str(node)
    while kind(node) == "BinaryExpr" and str(node.op) in _COMPARES:
        node = bare(node.lhs)
        yield str(node)


def _fixed(expr: Expr) -> float | None:
    """The number that an expression always is, be it that it is multiplied by zero."""
    node = bare(expr)
    if kind(node) == "BinaryExpr" and str(node.op) == "*" and 0.0 in (constant(node.lhs), constant(node.rhs)):
        return 0.0
    return constant(node)


def _calculated(operator: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    try:
        result = _ARITHMETIC[operator](left, right)
    except (ArithmeticError, ValueError):
        return None
    return float(result) if isinstance(result, int | float) and math.isfinite(result) else None


_KEEPS_LABELS = {"topk", "bottomk", "limitk", "limit_ratio"}


def labels(expr: Expr, lookup: Callable[[Selector], frozenset[str] | None] = lambda _: None) -> frozenset[str] | None:
    """The only labels that the result can have; None when any label of the series may be among them.

    `lookup` knows the labels of recorded series.
    """
    node = bare(expr)
    match kind(node):
        case "AggregateExpr" if str(node.op) not in _KEEPS_LABELS:
            if node.modifier is None:
                return frozenset()
            return frozenset(node.modifier.labels) if str(node.modifier.type).endswith("By") else None
        case "NumberLiteral":
            return frozenset()
        case "VectorSelector":
            return lookup(_selector(node, None))
        case "Call" if node.func.name in {"vector", "scalar", "time"}:
            return frozenset()
        case "Call" if node.func.name in {"absent", "absent_over_time"}:
            wanted = [matcher for each in selectors(node) for matcher in each.matchers if matcher.operator == "="]
            return frozenset(matcher.label for matcher in wanted)
        case "BinaryExpr":
            return _joined(node, labels(node.lhs, lookup), labels(node.rhs, lookup))
        case _:
            return None


def takes_away(label: str, expr: Expr) -> bool:
    """Whether an aggregation takes a label away by its name (`without`)."""
    aggregations = (node.modifier for node in nodes(expr) if kind(node) == "AggregateExpr" and node.modifier)
    return any(not str(each.type).endswith("By") and label in each.labels for each in aggregations)


def _joined(node: Any, left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:  # noqa: ANN401
    """The labels of a binary expression: those of its many side, or of either with `or`."""
    if str(node.op) in {"and", "unless"}:
        return left
    grouped = node.modifier is not None and bool(node.modifier.group_labels)
    if left is None or right is None or grouped:
        scalar = [side for side, node_ in ((right, node.lhs), (left, node.rhs)) if kind(bare(node_)) == "NumberLiteral"]
        return scalar[0] if scalar else None
    return left | right
