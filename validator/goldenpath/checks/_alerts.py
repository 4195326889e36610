"""What the checks about alerts have in common: whose an alert is, and where its runbook's link leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.checks import Fix, failed, unknown
from goldenpath.checks._catalog import named
from goldenpath.facts import promql
from goldenpath.facts.addresses import wrong_with
from goldenpath.facts.catalog import home_of
from goldenpath.facts.destinations import destination
from goldenpath.facts.findings import shown
from goldenpath.facts.markdown import MARKDOWN, read_document
from goldenpath.facts.monitoring.knowledge import knowledge
from goldenpath.facts.placeholders import is_placeholder
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import template
from goldenpath.facts.slos.model import knowledge as slo_knowledge
from goldenpath.facts.slos.promql import selected
from goldenpath.repository import Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from goldenpath.checks import Outcome
    from goldenpath.facts.catalog import Component
    from goldenpath.facts.findings import Finding
    from goldenpath.facts.markdown import Document, Heading
    from goldenpath.facts.monitoring import Monitoring
    from goldenpath.facts.monitoring.model import Alert, Rule
    from goldenpath.facts.slos.model import Slo
    from goldenpath.repository import Repository

RULES = ("observability/slo.yaml", "observability/alerts.yaml", "docs/runbook.md")
ALERTS = Fix("Write alert rules for the SLO, with severity, owner and runbook_url", "hours", RULES)

_PROSE = regex(r"\w\s+\w")
_LABEL = regex(r"\{\{-?\s*\$labels\.(?P<label>\w+)\s*-?\}\}")


class Led(Struct, frozen=True):
    """Where the runbook link of an alert leads.

    `here` is a document of this repository, with the heading that the link reaches (None: the document as a whole).
    """

    state: Literal["here", "elsewhere", "wrong", "unclear"]
    text: str
    place: Place
    path: str = ""
    document: Document | None = None
    heading: Heading | None = None


def own(alerts: Iterable[Alert], component: Component | None, components: Sequence[Component]) -> list[Alert]:
    """The alerts of a component: all, but for those that name another one and not this, or lie in another's folder."""
    if component is None or len(components) < 2:
        return list(alerts)
    others = {each.ref.name.lower() for each in components} - {component.ref.name.lower()}
    return [
        alert
        for alert in alerts
        if component.ref.name.lower() in (names := set(_names(alert)))
        or (home_of(alert.place.path, components) in {"", component.home} and not names.intersection(others))
    ]


def _names(rule: Rule) -> Iterator[str]:
    yield from (value.lower() for value, _ in rule.labels.values())
    for selector in promql.selectors(rule.tree) if rule.tree else ():
        yield from (matcher.value.lower() for matcher in selector.matchers if matcher.operator == "=")


def about_slos(alerts: Iterable[Alert], monitoring: Monitoring, slos: Iterable[Slo]) -> list[Alert]:
    """The alerts whose queries ask for what an SLO measures, through recorded series as well."""
    measured: dict[str, list[Mapping[str, str]]] = {}
    for each in (each for slo in slos for query in slo.queries for each in selected(query.text)):
        measured.setdefault(bare_name(each.metric), []).append(_whose(each))
    return [
        alert
        for alert in alerts
        if any(
            _may_be_one(mine, theirs) for name, mine in _asked(alert, monitoring) for theirs in measured.get(name, ())
        )
    ]


def _whose(selector: promql.Selector) -> dict[str, str]:
    """The service that a query selects, by the labels that name one."""
    named = {label: selector.value(label) for label in slo_knowledge().service_selectors}
    return {label: text for label, text in named.items() if text and not template().search(text)}


def _may_be_one(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether nothing says that two queries of a metric are about different services."""
    return all(other.get(label, text) == text for label, text in one.items())


def bare_name(metric: str) -> str:
    """A metric without what tells the series of one histogram apart."""
    return re.sub(r"_(bucket|count|sum)$", "", metric)


def _asked(alert: Alert, monitoring: Monitoring) -> list[tuple[str, Mapping[str, str]]]:
    """The metrics that an alert asks for, and what those are recorded from, each with the service that is selected."""
    by_name: dict[str, list[Rule]] = {}
    for record in monitoring.records:
        by_name.setdefault(record.name, []).append(record)
    asked: list[tuple[str, Mapping[str, str]]] = []
    rules: list[tuple[Rule, Mapping[str, str]]] = [(alert, {})]
    while rules:
        rule, selects = rules.pop()
        for selector in promql.selectors(rule.tree) if rule.tree else ():
            found = (selector.metric, {**_whose(selector), **selects})
            if found not in asked:
                asked.append(found)
                rules += ((each, found[1]) for each in by_name.get(selector.metric, []))
    return [(bare_name(metric), selects) for metric, selects in asked]


def recorded_labels(selector: promql.Selector, monitoring: Monitoring) -> frozenset[str] | None:
    """The labels of a recorded series, as far as its rules say them."""
    records = [record for record in monitoring.records if record.name == selector.metric]
    found: set[str] = set()
    for record in records:
        own_labels = promql.labels(record.tree) if record.tree else None
        if own_labels is None:
            return None
        found |= own_labels | set(record.labels)
    return frozenset(found) if records else None


def without_alerts(monitoring: Monitoring) -> Outcome:
    """The outcome where no alert of the component is to be seen."""
    if monitoring.unseen:
        return unknown(
            "alerts may be here, but cannot be read", monitoring.unseen[0].text, *named("unseen", monitoring.unseen)
        )
    if monitoring.broken:
        return invalid(monitoring.broken)
    return failed("no alert rule is in this repository", fix=ALERTS)


def invalid(problems: Sequence[Finding]) -> Outcome:
    """The outcome where Prometheus or Alertmanager would refuse a file."""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    fix = Fix(f"Correct {problems[0].place}: {problems[0].text}", "minutes")
    return failed(f"{problems[0].text}{more}", *named("declared", problems), fix=fix)


def labelled(rule: Rule, names: Iterable[str]) -> tuple[str, str, Place] | None:
    """The first of these labels that a rule has: its name, value and place."""
    return next(((name, *rule.labels[name]) for name in names if name in rule.labels), None)


def led(alert: Alert, component: Component, repository: Repository) -> Led | None:
    """Follow the runbook link of an alert; None when it has none."""
    name = next((each for each in knowledge().runbook_annotations if each in alert.annotations), None)
    if name is None:
        return Led("unclear", alert.doubt.text, alert.doubt.place) if alert.doubt else None
    url, place = alert.annotations[name]
    url = _LABEL.sub(lambda match: _label(alert, match["label"]) or match[0], url.strip())
    if "{{" in url or template().search(url):
        return Led("unclear", f"the link {shown(url)} is filled in elsewhere", place)
    if not url or is_placeholder(url):
        return Led("wrong", f"the link {shown(url)} of {alert.name} is a placeholder", place)
    if _PROSE.search(url):
        return Led("wrong", f"what {alert.name} has for a link is prose: {shown(url)}", place)
    target = destination(url, component, repository)
    if target is None:
        problem = wrong_with(url)
        return Led("wrong" if problem else "elsewhere", f"the link {shown(url)} {problem or 'leads elsewhere'}", place)
    path = next((path for path in target.paths if path in repository), None)
    if path is None and not target.certain:
        return Led(
            "unclear", f"whether {shown(url)} stays in this repository; github.com/project-slug would say it", place
        )
    if path is None:
        wanted = target.paths[0] if target.paths else "no document"
        return Led("wrong", f"the link of {alert.name} leads to {wanted}, which is not there", place)
    return _inside(alert, path, target.anchor, place, repository)


def _inside(alert: Alert, path: str, anchor: str, place: Place, repository: Repository) -> Led:
    try:
        document = read_document(repository.text(path))
    except Unreadable as error:
        return Led("unclear", f"{path}: {error}", place)
    heading = document.reached(anchor) if anchor else None
    if anchor and heading is None and anchor not in document.anchors and MARKDOWN.fullmatch(path):
        return Led("wrong", f"{path} has no heading {shown('#' + anchor)}, to which {alert.name} leads", place)
    return Led("here", f"{path}{'#' if anchor else ''}{anchor}", place, path, document, heading)


def _label(alert: Alert, label: str) -> str:
    """The value of a label that a template refers to, as far as the rule says it."""
    value = alert.name if label == "alertname" else alert.labels.get(label, ("",))[0]
    return "" if "{{" in value else value
