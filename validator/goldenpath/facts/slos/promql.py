"""What can be told of a query: that it is empty, no PromQL, unfinished, or counts the wrong side.

A query is only ever found wrong when no other reading is left: one selector, no arithmetic, and a label that says how
requests ended, which selects outcomes of the other side and none of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts import promql
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import template
from goldenpath.facts.slos.model import knowledge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.slos.model import Query

_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`'
_STRINGS = regex(_STRING)
_SELECTOR = regex(r"\{[^{}]*\}")
_TEMPLATE = regex(r"\{\{[^{}]*\}\}")
_DEFAULT = regex(r"\bor\s+(on\s*\(\s*\)\s*)?vector\s*\(\s*0\s*\)", re.IGNORECASE)
_ARITHMETIC = regex(r"[-+*/%^<>=!]|\b(or|and|unless)\b", re.IGNORECASE)
_WINDOW = regex(r"\{\{-?\s*\.window\s*-?\}\}")
_SIMPLE = regex(r"[\w.|()\[\]^$?*+ -]{1,80}")
_REPEAT = regex(r"[*+?]")
_COMMENT = regex(r"^\s*#.*$", re.MULTILINE)
_FAST = regex(r"_bucket\s*\{[^{}]*\ble\s*=\s*[\"'`][0-9.]")
_MOST = 10
"""Most matchers of a query that are held against those of another."""
_STARS = 3
"""Repetitions that a foreign expression may have; with more, backtracking could be made to take long."""


ERRORS = frozenset(map(str, range(400, 600)))
"""HTTP's codes of errors, the client's and the server's."""


def problems(query: Query) -> Iterator[Finding]:
    """What is certainly wrong with one query."""
    text = query.text.strip()
    if not text:
        yield Finding(query.place, "the query is empty")
    elif knowledge().placeholder.search(_STRINGS.sub("", text)) or knowledge().placeholder.fullmatch(text):
        yield Finding(query.place, f"the query {shown(text)} is a placeholder")
    elif query.language.startswith("prom") and (why := refused(text)):
        yield Finding(query.place, f"the query {shown(text)} is no PromQL: {why}")
    elif (wrong := counts_the_other_side(query)) is not None:
        yield Finding(query.place, wrong)


def without_texts(text: str) -> str:
    """A query with what stands in quotation marks taken out."""
    return _STRINGS.sub("", text)


def same(one: str, other: str) -> bool:
    """Whether two queries are the same but for white space."""
    return "".join(one.split()) == "".join(other.split())


def refused(text: str) -> str | None:
    """Why Prometheus would refuse a query; None when it would not, or a template has yet to fill it in."""
    filled = _WINDOW.sub("5m", text)
    if template().search(filled) or "{{" in filled or "$" in _STRINGS.sub("", filled):
        return None
    try:
        promql.parse(filled)
    except promql.NoPromql as error:
        return str(error)
    except promql.BeyondReading:
        return None
    return None


def selected(text: str) -> tuple[promql.Selector, ...]:
    """What a query selects, as far as it can be read."""
    try:
        return tuple(promql.selectors(promql.parse(_WINDOW.sub("5m", text))))
    except (promql.NoPromql, promql.BeyondReading):
        return ()


def selectors(text: str) -> Iterator[tuple[str, str, str]]:
    """Label, operator and value of every matcher of a query."""
    yield from ((each.label, each.operator, each.value) for selector in selected(text) for each in selector.matchers)


def counts_the_other_side(query: Query) -> str | None:
    """The sentence that says so when a query of good events certainly counts bad ones, or the reverse."""
    if query.role not in {"good", "bad"} or not _is_one_selector(query.text):
        return None
    if query.role == "bad" and _FAST.search(query.text):
        return (
            "the query of bad events counts those that were fast enough (`le` is a bucket of what is at most as slow)"
        )
    meant, counted = ("good", "errors") if query.role == "good" else ("bad", "successes")
    for label, operator, value in selectors(query.text):
        if label in knowledge().outcome_labels and _selects_only_the_other(query.role, operator, value):
            return f'the query of {meant} events counts {counted}: {label}{operator}"{value}"'
    return None


def apart(queries: Iterable[Query]) -> Iterator[Finding]:
    """What is wrong with queries whose failures are none of the events among which they are counted."""
    by_role = {query.role: query for query in queries}
    bad, total = by_role.get("bad"), by_role.get("total")
    if bad is None or total is None or not (_is_one_selector(bad.text) and _is_one_selector(total.text)):
        return
    failed, every = selected(bad.text), selected(total.text)
    if len(failed) != 1 or len(every) != 1 or failed[0].metric != every[0].metric:
        return
    both = ((one, other) for one in failed[0].matchers[:_MOST] for other in every[0].matchers[:_MOST])
    outcomes = ((one, other) for one, other in both if one.label == other.label in knowledge().outcome_labels)
    if excluded := next((other for one, other in outcomes if exclude(one, other)), None):
        text = f'{excluded.label}{excluded.operator}"{excluded.value}"'
        yield Finding(total.place, f"the query of all events has none of the failures: {text}")


def failures(query: Query) -> dict[str, frozenset[str]]:
    """By each label of HTTP's codes, those that a query of good or bad events takes for failures."""
    found: dict[str, frozenset[str]] = {}
    for label, operator, value in selectors(query.text) if query.role in {"good", "bad"} else ():
        if label in knowledge().outcome_labels and (codes := codes_of(operator, value)):
            found[label] = codes if query.role == "bad" else ERRORS - codes
    return found


def codes_of(operator: str, value: str) -> frozenset[str]:
    """HTTP's codes of errors that a matcher lets pass; none for an expression that is not simple."""
    found = [(code, _matches(operator, value, code)) for code in ERRORS]
    negated = operator.startswith("!")
    return frozenset(code for code, matched in found if matched is not None and matched != negated)


def exclude(one: promql.Matcher, other: promql.Matcher) -> bool:
    """Whether two matchers of one label, by which outcomes are told apart, certainly let nothing pass both."""
    if one.operator == "=":
        matched = _matches(other.operator, other.value, one.value)
        return matched is not None and matched == other.operator.startswith("!")
    codes = codes_of(one.operator, one.value)
    known = _matches(other.operator, other.value, "200") is not None
    return bool(codes) and known and not codes & codes_of(other.operator, other.value)


def _selects_only_the_other(role: str, operator: str, value: str) -> bool:
    """Whether a matcher lets the other side pass and nothing of its own, in the vocabularies that its value is of."""
    own = other = False
    for words in knowledge().outcomes:
        if any(_matches(operator, value, word) for word in (*words.good, *words.bad)):
            sides = (words.good, words.bad) if role == "good" else (words.bad, words.good)
            negated = operator.startswith("!")
            of_own, of_other = (any(_matches(operator, value, word) != negated for word in side) for side in sides)
            own, other = own or of_own, other or of_other
    return other and not own


def _is_one_selector(text: str) -> bool:
    """Whether nothing is added, subtracted or compared, so that the one selector decides what is counted."""
    bare = _STRINGS.sub('""', _TEMPLATE.sub("", _COMMENT.sub("", text)))
    if len(_SELECTOR.findall(bare)) != 1:
        return False
    bare = re.sub(r"\[[^\[\]]*\]", "", _SELECTOR.sub("", bare))
    return not _ARITHMETIC.search(_DEFAULT.sub("", bare))


def _matches(operator: str, value: str, word: str) -> bool | None:
    """Whether a value is or matches a word; None, which is neither, for an expression that is not simple."""
    if not operator.endswith("~"):
        return value == word
    if not _SIMPLE.fullmatch(value) or len(_REPEAT.findall(value)) > _STARS or re.search(r"\)[*+?]", value):
        return None
    try:
        return re.fullmatch(value, word) is not None
    except re.error:
        return None
