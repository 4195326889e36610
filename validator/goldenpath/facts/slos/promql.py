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
WINDOW = regex(r"\{\{-?\s*\.window\s*-?\}\}")
"""Where Sloth puts the window of a query."""
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

CODES = frozenset(map(str, range(100, 600)))
"""HTTP's codes, all of them."""

_SUCCESSES, _FAILURES = frozenset(map(str, range(200, 300))), frozenset(map(str, range(500, 600)))


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
    """Whether two queries are the same, however they are spaced and their matchers ordered."""
    if "".join(one.split()) == "".join(other.split()):
        return True
    around = ["".join(_SELECTOR.sub("", _STRINGS.sub('""', text)).split()) for text in (one, other)]
    return around[0] == around[1] and selected(one) == selected(other) != ()


def refused(text: str) -> str | None:
    """Why Prometheus would refuse a query; None when it would not, or a template has yet to fill it in."""
    filled = WINDOW.sub("5m", text)
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
        return tuple(promql.selectors(promql.parse(WINDOW.sub("5m", text))))
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
    """What is wrong with good or bad events that are none of those among which they are counted, or all of them."""
    by_role = {query.role: query for query in queries}
    part, total = by_role.get("bad") or by_role.get("good"), by_role.get("total")
    if part is None or total is None or not (_is_one_selector(part.text) and _is_one_selector(total.text)):
        return
    counted, every = selected(part.text), selected(total.text)
    if len(counted) != 1 or len(every) != 1 or counted[0].metric != every[0].metric:
        return
    if everything := _everything(part, counted[0], every[0]):
        yield Finding(part.place, f"the query of {part.role} events leaves out none of the {everything}")
        return
    both = ((one, other) for one in counted[0].matchers[:_MOST] for other in every[0].matchers[:_MOST])
    for one, other in both:
        if _of_others(one, other):
            text = f'{other.label}="{other.value}", and the one of {part.role} events {one.label}="{one.value}"'
            yield Finding(total.place, f"the query of all events counts {text}")
            return
        if one.label == other.label in knowledge().outcome_labels and (lacking := _lacking(part, one, other)):
            text = f'{other.label}{other.operator}"{other.value}"'
            yield Finding(total.place, f"the query of all events has none of the {lacking}: {text}")
            return


def _everything(part: Query, counted: promql.Selector, every: promql.Selector) -> str:
    """Which side one of good or bad events has all of, as its codes of HTTP say and nothing else does; or nothing."""
    codes, side = (_FAILURES, "failures") if part.role == "good" else (_SUCCESSES, "good ones")
    own = {*counted.matchers} - {*every.matchers}
    if not own or any(each.label not in knowledge().outcome_labels for each in {*counted.matchers} ^ {*every.matchers}):
        return ""
    about = all(any(_matches(each.operator, each.value, code) for code in CODES) for each in own)
    passing = (codes_of(each.operator, each.value, codes) for each in own)
    return side if about and all(each == codes for each in passing) else ""


def _of_others(one: promql.Matcher, other: promql.Matcher) -> bool:
    """Whether two matchers want a service each, and not the same."""
    if one.label != other.label or one.label not in knowledge().service_selectors or one.value == other.value:
        return False
    filled_in = template().search(one.value + other.value) or "$" in one.value + other.value
    return one.operator == other.operator == "=" and not filled_in


def _lacking(part: Query, one: promql.Matcher, every: promql.Matcher) -> str:
    """Which side a matcher of all events leaves out, held against that of one side; empty where it has both."""
    if part.role == "bad":
        return "failures" if exclude(one, every) else ""
    passed, among = (codes_of(each.operator, each.value, CODES) for each in (one, every))
    if (one.operator == "=" and exclude(one, every)) or (passed and among and not passed & among):
        return "good ones"
    if (one.operator, one.value) == (every.operator, every.value):
        return ""  # of what ended well, something else tells which are good: how long it took, say
    if passed and among:
        return "failures" if ERRORS - passed and not (ERRORS - passed) & among else ""
    return "failures" if _selects_only_the_other("bad", every.operator, every.value) else ""


def failures(query: Query) -> dict[str, frozenset[str]]:
    """By each label of HTTP's codes, those that a query of good or bad events takes for failures."""
    found: dict[str, frozenset[str]] = {}
    for label, operator, value in selectors(query.text) if query.role in {"good", "bad"} else ():
        if label in knowledge().outcome_labels and (codes := codes_of(operator, value)):
            found[label] = codes if query.role == "bad" else ERRORS - codes
    return found


def codes_of(operator: str, value: str, of: frozenset[str] = ERRORS) -> frozenset[str]:
    """HTTP's codes, those of errors if not said otherwise, that a matcher lets pass; none if it is not simple."""
    found = [(code, _matches(operator, value, code)) for code in of]
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
