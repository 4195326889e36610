"""What Alertmanager does not load: it knows every field, and what a configuration names has to be there.

After config/config.go of github.com/prometheus/alertmanager. The operator's object has a schema of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.monitoring.knowledge import knowledge
from goldenpath.facts.nodes import Mapping, Scalar, listed
from goldenpath.facts.promql import is_duration, seconds
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import template
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node

_ROOT = frozenset({
    "global", "templates", "route", "inhibit_rules", "receivers", "mute_time_intervals", "time_intervals", "tracing",
    "event_recorder",
})  # fmt: skip
_ROUTE = frozenset({
    "receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "continue", "routes", "matchers",
    "match", "match_re", "mute_time_intervals", "active_time_intervals", "labels",
})  # fmt: skip

_TIME = regex(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")


def refused(config: Mapping, *, whole: bool) -> Iterator[Finding]:
    """Why Alertmanager would not start with a configuration; `whole` where the document has nothing else.

    What is a part of another document, values of a chart say, may be completed from elsewhere: `global` above all.
    """
    if whole:
        yield from _unknown(config, _ROOT, "Alertmanager")
    for name in knowledge().fields.keys() & config.values.keys():
        yield from _strange(config.values[name], name)
    route = config.get("route")
    if isinstance(route, Mapping):
        yield from _first(route)
        yield from _routes(route, frozenset(_intervals(config)))
    yield from _times(config)
    yield from _receivers(config.get("receivers"), config.get("global") if whole else None, whole=whole)


def _unknown(node: Mapping, known: frozenset[str], whose: str) -> Iterator[Finding]:
    for name, key in node.keys.items():
        if name not in known and not template().search(name):
            yield Finding(key.place, f"{whose} has no field {shown(name)}, and refuses the whole file")


def _strange(node: Node, name: str, within: str = "") -> Iterator[Finding]:
    """The fields below a part of the configuration, `name`, that Alertmanager does not know."""
    fields = knowledge().fields
    known = fields.get(f"{within}.{name}", fields.get(name))
    for each in (node, *listed(node)) if known else ():
        if isinstance(each, Mapping):
            yield from _unknown(each, known or frozenset(), f"`{name}` of Alertmanager's")
            for below, value in each.values.items():
                yield from _strange(value, below, name)


def _first(route: Mapping) -> Iterator[Finding]:
    for name in ("matchers", "match", "match_re", "mute_time_intervals", "active_time_intervals"):
        if route.get(name) is not None:
            yield Finding(route.keys[name].place, f"the first route takes every alert, so it may have no `{name}`")
    if route.text("continue") in {"true", "True"}:
        yield Finding(route.keys["continue"].place, "the first route may have no `continue`")


def _routes(first: Mapping, intervals: frozenset[str]) -> Iterator[Finding]:
    stack = [first]
    while stack:
        route = stack.pop()
        yield from _unknown(route, _ROUTE, "a route of Alertmanager's")
        yield from _grouped(route)
        yield from _waits(route)
        for name in ("mute_time_intervals", "active_time_intervals"):
            for interval in texts(route.get(name)):
                if interval not in intervals and not template().search(interval):
                    yield Finding(route.keys[name].place, f"there is no time interval {shown(interval)}")
        stack.extend(reversed(listed(route.get("routes"))))


def _waits(route: Mapping) -> Iterator[Finding]:
    for name in ("group_wait", "group_interval", "repeat_interval"):
        node = route.get(name)
        if not isinstance(node, Scalar) or template().search(node.text):
            continue
        if node.text != "0" and not is_duration(node.text):
            yield Finding(node.place, f"`{name}` is no duration such as 5m: {shown(node.text)}")
        elif name != "group_wait" and not seconds(node.text):
            yield Finding(node.place, f"`{name}` is zero, and Alertmanager does not start")


def _times(config: Mapping) -> Iterator[Finding]:
    """Times of day that are none: two digits each, for hours as well."""
    for name in ("mute_time_intervals", "time_intervals"):
        for each in listed(config.get(name)):
            spans = [span for part in listed(each.get("time_intervals")) for span in listed(part.get("times"))]
            for node in (span.get(end) for span in spans for end in ("start_time", "end_time")):
                if isinstance(node, Scalar) and not _TIME.fullmatch(node.text) and not template().search(node.text):
                    yield Finding(node.place, f"{shown(node.text)} is no time of day, which is written as 09:00")


def _grouped(route: Mapping) -> Iterator[Finding]:
    names = texts(route.get("group_by"))
    if "..." in names and len(names) > 1:
        yield Finding(route.keys["group_by"].place, "`group_by` has `...`, which is every label, and more")
    if twice := next((name for name in names if names.count(name) > 1), None):
        yield Finding(route.keys["group_by"].place, f"`group_by` has {shown(twice)} twice")


def _intervals(config: Mapping) -> Iterator[str]:
    for name in ("mute_time_intervals", "time_intervals"):
        for each in listed(config.get(name)):
            yield each.text("name") or ""


def _receivers(receivers: Node | None, shared: Node | None, *, whole: bool) -> Iterator[Finding]:
    seen = set[str]()
    for receiver in listed(receivers):
        if not (name := receiver.text("name") or ""):
            yield Finding(receiver.place, "a receiver has no name")
        if name in seen:
            yield Finding(receiver.place, f"there are two receivers {shown(name)}")
        seen.add(name)
        for kind, need in knowledge().needs.items():
            if need.shared and (not whole or _has_one(shared, need.shared)):
                continue
            for each in listed(receiver.get(kind)):
                if not _has_one(each, need.own):
                    or_all = f", nor has `global` `{need.shared[0]}`" if need.shared else ""
                    yield Finding(
                        each.place, f"one of {kind} has no `{need.own[0]}`{or_all}: Alertmanager does not start"
                    )


def _has_one(node: Node | None, names: Iterable[str]) -> bool:
    return isinstance(node, Mapping) and any(_given(node.get(name)) for name in names)


def _given(node: Node | None) -> bool:
    return node is not None and not (isinstance(node, Scalar) and not node.text.strip())
