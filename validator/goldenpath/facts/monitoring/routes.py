"""Alertmanager's configuration: the routing tree, walked as Alertmanager walks it, and what its receivers do.

After dispatch/route.go and config/config.go of github.com/prometheus/alertmanager, and the AlertmanagerConfig object
of its operator, which is the same in another spelling.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.monitoring import templates
from goldenpath.facts.monitoring.knowledge import knowledge
from goldenpath.facts.monitoring.model import Inhibition, Matcher, Receiver, Route, Tree
from goldenpath.facts.monitoring.refused import refused
from goldenpath.facts.nodes import Mapping, Scalar, Sequence, listed, scalars
from goldenpath.facts.oncall import products
from goldenpath.facts.placeholders import is_placeholder
from goldenpath.facts.promql import seconds
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import template
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.facts.nodes import Node

OBJECT = "AlertmanagerConfig"

_MATCHER = regex(
    r"\s*\"?(?P<label>[^\s=!~\",{}]+)\"?\s*(?P<operator>=~|!~|!=|=)\s*(?P<value>\"(?:[^\"\\]|\\.)*\"|[^,{}\"]*)\s*(?:,|$)"
)
_NAME = regex(r"[A-Z]")
_KEY = regex(r"(routing|service|api)_key")
NAMESPACE = "the operator hands these routes the alerts of their own namespace, and none is on the alert"
_ANYTHING = frozenset({".*", ".+"})
_TOO_FREE = regex(r"[*+}][^|]*[*+{][^|]*[*+{]|\([^)]*[*+][^)]*\)[*+{]")
"""Expressions whose matching can be made to take long in Python; Alertmanager's take linear time."""


class Reached(Struct, frozen=True):
    """A receiver that an alert gets to, for certain or only if what cannot be seen is so."""

    receiver: Receiver | None
    route: Route
    certain: bool


def read(mapping: Mapping, document: Mapping, doubt: Finding | None) -> Tree | None:
    """The tree of a mapping that is an Alertmanager configuration; None when it is none."""
    route, receivers = mapping.get("route"), mapping.get("receivers")
    if not isinstance(route, Mapping) or not isinstance(receivers, Sequence) or not route.text("receiver"):
        return None
    problems: list[Finding] = []
    known = {each.name: each for each in map(_receiver, listed(receivers)) if each.name}
    of_operator = document.text("kind") == OBJECT
    own = _only_in_namespace(document) if of_operator else ()
    root = _route(route, "", problems)
    root = replace(root, matchers=own, goes_on=True, open_ended="")
    strange = [each for each in _all(root) if each.receiver not in known and not template().search(each.receiver)]
    problems += [Finding(each.place, f"there is no receiver {shown(each.receiver)}") for each in strange]
    problems += () if of_operator else refused(mapping, whole=mapping is document)
    inhibitions = tuple(_inhibition(rule, problems) for rule in listed(mapping.get("inhibit_rules")))
    return Tree(root, known, mapping.place, tuple(problems), doubt, inhibitions)


def _inhibition(rule: Mapping, problems: list[Finding]) -> Inhibition:
    sources, targets = (tuple(_matchers(rule, problems, prefix)) for prefix in ("source_", "target_"))
    return Inhibition(sources, targets, texts(rule.get("equal")), rule.place)


def is_anything(matcher: Matcher) -> bool:
    """Whether a matcher lets every value of its label pass."""
    return matcher.operator == "=~" and matcher.value in _ANYTHING


def reached(tree: Tree, value: Callable[[str], str | None], *, now: bool = True) -> list[Reached]:
    """The receivers of an alert. `value` gives a label's value, empty when it has none, None when nobody can tell.

    What is muted at times is certain where the alert need not get there `now`.
    """
    certain = _matched(tree.root, value) is True
    found = [(route, sure and not (now and route.open_ended)) for route, sure in _walk(tree.root, value)]
    if not certain:
        found = [(replace(route, open_ended=route.open_ended or NAMESPACE), False) for route, _ in found]
    return [Reached(tree.receivers.get(route.receiver), route, certain and sure) for route, sure in found]


def _walk(route: Route, value: Callable[[str], str | None]) -> list[tuple[Route, bool]]:
    """The nodes that take an alert which this one has matched, and whether that is certain."""
    found: list[tuple[Route, bool]] = []
    certain, taken = True, False
    for child in route.routes:
        matched = _matched(child, value)
        if matched is False:
            continue
        sure = certain and matched is True
        found += [(each, sure and own) for each, own in _walk(child, value)]
        taken = taken or matched is True
        if matched and not child.goes_on:
            return found
        certain = certain and (matched is True or child.goes_on)
    return found if taken else [*found, (route, certain and not any(_matched(c, value) is None for c in route.routes))]


def _matched(route: Route, value: Callable[[str], str | None]) -> bool | None:
    """Whether all matchers of a route match; None when nobody can tell."""
    results = [matches(matcher, value(matcher.label)) for matcher in route.matchers]
    if False in results:
        return False
    return None if None in results else True


def matches(matcher: Matcher, value: str | None) -> bool | None:
    """Whether a matcher matches a label's value."""
    if value is None or template().search(matcher.value):
        return None
    if not matcher.operator.endswith("~"):
        return (value == matcher.value) == (matcher.operator == "=")
    if len(matcher.value) > 500 or _TOO_FREE.search(matcher.value):
        return None
    try:
        return (re.fullmatch(matcher.value, value) is not None) == (matcher.operator == "=~")
    except re.error:
        return None


def _route(node: Mapping, above: str, problems: list[Finding], wait: float = 0) -> Route:
    said = node.text("group_wait") or node.text("groupWait")
    wait = seconds(said) if said else wait
    receiver = (node.text("receiver") or above).strip()
    muted = any(
        node.get(name)
        for name in ("mute_time_intervals", "active_time_intervals", "muteTimeIntervals", "activeTimeIntervals")
    )
    return Route(
        receiver,
        tuple(_matchers(node, problems)),
        goes_on=node.text("continue") in {"true", "True"},
        routes=tuple(_route(child, receiver, problems, wait) for child in listed(node.get("routes"))),
        place=node.place,
        open_ended="it is muted at times" if muted else "",
        wait=wait,
    )


def _matchers(node: Mapping, problems: list[Finding], prefix: str = "") -> Iterator[Matcher]:
    """The matchers of a route, in the old style (`match`, `match_re`), the new one, and the operator's."""
    for name, operator in (("match", "="), ("match_re", "=~")):
        old = node.get(prefix + name)
        for label, value in old.values.items() if isinstance(old, Mapping) else ():
            yield Matcher(label, operator, value.text if isinstance(value, Scalar) else "")
    new = node.get(prefix + "matchers")
    for item in new.items if isinstance(new, Sequence) else ():
        if isinstance(item, Mapping):
            operator = item.text("matchType") or ("=~" if item.text("regex") == "true" else "=")
            yield Matcher(item.text("name") or "", operator, item.text("value") or "")
        elif isinstance(item, Scalar):
            found = list(parse_matchers(item.text))
            if not found:
                problems.append(Finding(item.place, f"{shown(item.text)} is no matcher"))
            yield from found


def parse_matchers(text: str) -> Iterator[Matcher]:
    """The matchers of a text such as `severity = "page"` or `{team="a", env!="test"}`; none when it is no such text."""
    inner = text.strip()
    inner = inner[1:-1] if inner.startswith("{") and inner.endswith("}") else inner
    position, found = 0, []
    while position < len(inner):
        match = _MATCHER.match(inner, position)
        if match is None:
            return
        value = match["value"].strip()
        found.append(Matcher(match["label"], match["operator"], _unquoted(value)))
        position = match.end()
    yield from found


def _unquoted(value: str) -> str:
    return (
        re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1] if m[1] in '"\\' else m[0], value[1:-1])
        if value.startswith('"')
        else value
    )


def _receiver(node: Mapping) -> Receiver:
    """What a receiver does: the most certain of what its integrations do."""
    name = node.text("name") or ""
    found = [each for kind, value in node.values.items() for each in _integrations(name, _snake(kind), value)]
    order = ("pages", "unseen", "tells", "drops")
    nothing = Receiver(name, "drops", "", "it has no integration: what it is given is dropped", node.place)
    return min(found, key=lambda each: order.index(each.reach), default=nothing)


def _integrations(name: str, kind: str, value: Node) -> Iterator[Receiver]:
    if isinstance(value, Scalar) and template().search(value.text):
        yield Receiver(name, "unseen", "", f"{kind} is filled in elsewhere", value.place)
    for each in listed(value):
        if problem := _unspoken(each):
            yield Receiver(name, "drops", "", f"{kind} sends nothing: {problem.text}", problem.place)
            continue
        for product, about in products().items():
            if kind in about.receivers:
                reach = f"{kind} reaches {about.title}"
                if key := _waiting(each):
                    yield Receiver(name, "drops", "", f"the key {shown(key.text)} is a placeholder", key.place)
                else:
                    yield Receiver(name, "pages", product, reach, each.place)
        if kind in knowledge().telling:
            yield Receiver(name, "tells", "", f"{kind} tells people, and wakes nobody", each.place)
        elif kind in knowledge().unseen:
            yield _webhook(name, kind, each)


def _unspoken(node: Mapping) -> Finding | None:
    """Why nothing comes of the texts of an integration, which Alertmanager parses when it has something to say."""
    for text in scalars(node):
        if problem := templates.wrong_with(text.text, knowledge().notification_functions, frozenset()):
            return Finding(text.place, problem)
    return None


def _waiting(node: Mapping) -> Scalar | None:
    """The key of an integration where somebody was meant to write one."""
    keys = (value for key, value in node.values.items() if _KEY.fullmatch(_snake(key)) and isinstance(value, Scalar))
    return next((key for key in keys if not template().search(key.text) and is_placeholder(key.text)), None)


def _webhook(name: str, kind: str, node: Mapping) -> Receiver:
    """Whom a webhook reaches, by its address or by the file of the secret that has it."""
    address = node.text("url") or node.text("url_file") or ""
    for product, about in products().items():
        if any(re.fullmatch(pattern, address) for pattern in about.webhooks):
            return Receiver(name, "pages", product, f"{kind} reaches {about.title}", node.place)
    if (
        re.match(r"https?://[^/]*(slack|chat\.google|office|discord|telegram|webex)\.", address)
        or "google-chat" in address
    ):
        return Receiver(name, "tells", "", f"{kind} tells people, and wakes nobody", node.place)
    return Receiver(
        name, "unseen", "", f"whom {kind} reaches by {shown(address) if address else 'its secret'}", node.place
    )


def _only_in_namespace(document: Mapping) -> tuple[Matcher, ...]:
    """What the operator adds to an AlertmanagerConfig: alerts of its own namespace only."""
    return (Matcher("namespace", "=", document.text("metadata", "namespace") or "${namespace}"),)


def _snake(name: str) -> str:
    return _NAME.sub(lambda match: f"_{match[0].lower()}", name)


def _all(root: Route) -> Iterator[Route]:
    stack = [root]
    while stack:
        yield (route := stack.pop())
        stack.extend(route.routes)
