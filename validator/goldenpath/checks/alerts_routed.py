"""The alerts of the service reach whoever is on call.

## What

The repository has alert rules on the service's SLO, and

- Prometheus and Alertmanager load them: each query is PromQL, by a parser, and each label and annotation a template
  that Prometheus knows; no field is unknown, no group or receiver there twice, no time interval missing, nor the key or
  address of an integration;
- each carries a **severity**, an **owner** (`owner`, `team` …) and a **`runbook_url`** that leads to a document that
  is there, and to a heading of it;
- by Alertmanager's **routes**, walked as Alertmanager walks them (first match, `continue`, inherited receivers, old and
  new matchers), those of a severity that wakes people (`page`, `critical` …) reach a receiver that pages: PagerDuty,
  Grafana OnCall, incident.io, Opsgenie and others, and do not wait there for others of their group (`group_wait`) for
  an hour or more. None is dropped by a receiver without an integration.

Routes are read from this repository. Where they live in a central one, the contract says what that does with
`settings.alert_routes`: labels (`*` stands for any text) and the product that is paged.

It is `unknown` when the routes are out of sight, when whom a webhook reaches is a secret, when a route looks at a label
that nobody here can tell, or when Helm or a generator makes the rules.

## Why

An alert that nobody receives is found out by the users. Rules and routes are written by different people in different
files, and each looks right: a severity that no route knows, a team that was renamed, a receiver never filled in.

## Fix

Give each alert its labels and its link, and route by them. `amtool config routes test` shows the same on your machine.

## Before

```yaml
# observability/alertmanager.yaml
route:
  receiver: nobody
  routes:
    - receiver: pagerduty
      matchers: [severity = "critical"]
receivers:
  - name: nobody
  - name: pagerduty
    pagerduty_configs: [{routing_key_file: /etc/alertmanager/secrets/pagerduty}]
```

## After

```yaml
# observability/alertmanager.yaml
route:
  receiver: chat
  routes:
    - receiver: pagerduty
      matchers: [severity = "page"]
receivers:
  - name: chat
    slack_configs: [{api_url_file: /etc/alertmanager/secrets/slack, channel: "#payments"}]
  - name: pagerduty
    pagerduty_configs: [{routing_key_file: /etc/alertmanager/secrets/pagerduty}]
```
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from goldenpath.checks import Fix, evidence, failed, passed, unknown
from goldenpath.checks._alerts import ALERTS, about_slos, invalid, labelled, led, own, recorded_labels, without_alerts
from goldenpath.checks._catalog import MOST, named, no_component
from goldenpath.facts import promql
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.monitoring import routes
from goldenpath.facts.monitoring.knowledge import knowledge
from goldenpath.facts.placeholders import is_placeholder
from goldenpath.facts.slos.model import knowledge as slo_knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goldenpath.checks import AlertRoute, Evidence, Outcome, Settings
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.monitoring import Monitoring
    from goldenpath.facts.monitoring.model import Alert, Inhibition, Matcher, Tree
    from goldenpath.facts.slos import Slos
    from goldenpath.repository import Repository

    _Mutings: TypeAlias = list[tuple[Inhibition, list[Alert]]]

APPLIES = frozenset({"service"})
FIX = ALERTS

_LABEL = Fix("Give each alert the labels severity and owner, and the annotation runbook_url", "minutes")
_LEAD = Fix("Mend the alert's runbook_url, or write the heading that it leads to", "minutes")
_WAKE = Fix("Give an alert on the SLO a severity that pages, such as page or critical", "minutes")
_ROUTE = Fix("Route the alert to a receiver that pages, in Alertmanager's configuration", "minutes")
_SOON = Fix("Let what pages wait less for others of its group (group_wait: 30s)", "minutes")
_DECLARE = Fix("Keep the routes in this repository, or let the contract declare them (settings.alert_routes)", "hours")

_LATE = 3600
"""Seconds after which a page comes too late: the fastest alerts on an SLO look back over an hour."""

_SAY_NAMESPACE = Fix(
    "Give each alert the label namespace of the AlertmanagerConfig, or let the contract declare the route "
    "(settings.alert_routes)",
    "minutes",
)


class _Way(Struct, frozen=True):
    """How an alert gets to people: `ok`, `no` or `unclear`, why, where that is written, and what would tell."""

    state: str
    text: str
    proof: tuple[Evidence, ...]
    fix: Fix = _DECLARE


def check(
    repository: Repository,
    monitoring: Monitoring,
    slos: Slos,
    catalog: Catalog,
    component: Component | None,
    settings: Settings,
) -> Outcome:
    """Ask for the rules, then for what they carry, then walk the routes."""
    if component is None:
        return no_component(catalog)
    alerts = own(monitoring.alerts, component, catalog.components)
    if not alerts:
        elsewhere = None if monitoring.broken or monitoring.unseen else _made_elsewhere(slos)
        return elsewhere or without_alerts(monitoring)
    if problems := [*monitoring.broken, *(each.problem for each in alerts if each.problem)]:
        return invalid(problems)
    if lacking := _lacking(alerts, component, repository):
        return lacking
    slo_alerts = about_slos(alerts, monitoring, slos.found)
    if not slo_alerts:
        return _not_about_slos(alerts, monitoring, slos)
    return _routed(alerts, slo_alerts, monitoring, settings) or _unclear(alerts, component, repository)


def _made_elsewhere(slos: Slos) -> Outcome | None:
    """The outcome where a tool makes the alerts from the SLO, so that none need be here."""
    slo = next((each for each in slos.found if each.form != "openslo"), None)
    if slo is None and slos.unseen:
        what = "alerts may be made from an SLO that cannot be read"
        return unknown(what, slos.unseen[0].text, *named("unseen", slos.unseen))
    if slo is None:
        return None
    title = slo_knowledge().forms[slo.form].title
    reason = f"the rules that {title} makes are not in this repository"
    return unknown(f"{title} makes the alerts of {slo.name}", reason, evidence("declared", slo.place, title))


def _lacking(alerts: Sequence[Alert], component: Component, repository: Repository) -> Outcome | None:
    """The outcome where an alert does not say how urgent it is, whose it is, or where its runbook is."""
    for alert in alerts:
        for what, names in (("severity", knowledge().severity_labels), ("owner", knowledge().owner_labels)):
            found = labelled(alert, names)
            if found is None and alert.doubt:
                continue  # whoever decides on the rule may add labels, too
            if found is None:
                return failed(
                    f"{alert.name} has no label {what}", evidence("missing", alert.place, f"no {what}"), fix=_LABEL
                )
            if _is_unsaid(what, found[1]):
                proof = evidence("declared", found[2], f"{found[0]}: {shown(found[1])}")
                return failed(f"the {what} of {alert.name} is a placeholder", proof, fix=_LABEL)
        way = led(alert, component, repository)
        if way is None:
            return failed(
                f"{alert.name} has no runbook_url", evidence("missing", alert.place, "it leads nowhere"), fix=_LABEL
            )
        if way.state == "wrong":
            return failed(way.text, evidence("declared", way.place, way.text), fix=_LEAD)
    return None


def _is_unsaid(what: str, value: str) -> bool:
    """Whether a label says nothing; that an alert has no severity (`none`) is what is said of a watchdog."""
    if what == "severity" and value.strip().lower() == "none":
        return False
    return not value.strip() or (is_placeholder(value) and "${" not in value and "{{" not in value)


def _not_about_slos(alerts: Sequence[Alert], monitoring: Monitoring, slos: Slos) -> Outcome:
    if not slos.found and not slos.unseen:
        return failed("no alert is about an SLO, for there is none", fix=Fix("Write an SLO, and alerts on it", "hours"))
    doubts = [each.doubt for each in alerts if each.doubt] + [*monitoring.unseen, *slos.unseen]
    if doubts:
        return unknown(
            "whether an alert is about the SLO cannot be seen",
            doubts[0].text,
            evidence("unseen", doubts[0].place, doubts[0].text),
        )
    proof = [evidence("declared", each.place, f"{each.name} asks for something else") for each in alerts[:MOST]]
    return failed("no alert is about the SLO", *proof)


def _routed(
    alerts: Sequence[Alert], slo_alerts: Sequence[Alert], monitoring: Monitoring, settings: Settings
) -> Outcome | None:
    """Walk the routes; None where all is well."""
    if not monitoring.trees and settings.alert_routes is None:
        return unknown(
            "where the alerts go is out of sight", "the routes of Alertmanager are not in this repository", fix=_DECLARE
        )
    if problems := [problem for tree in monitoring.trees for problem in tree.problems]:
        return invalid(problems)
    mutings = [_mutings(tree, monitoring) for tree in monitoring.trees]
    ways = [(alert, _way(alert, monitoring, mutings, settings)) for alert in alerts]
    for state in ("no", "unclear"):
        for alert, way in ways:
            if way.state == state:
                proof = (*way.proof, evidence("declared", alert.place, f"alert {alert.name}"))
                if state == "no":
                    return failed(f"{alert.name} {way.text}", *proof, fix=way.fix if way.fix is _SOON else _ROUTE)
                return unknown(f"whether {alert.name} reaches anybody cannot be seen", way.text, *proof, fix=way.fix)
    if not any(_wakes(alert) for alert in slo_alerts):
        proof = tuple(evidence("declared", each.place, f"{each.name} wakes nobody") for each in slo_alerts[:MOST])
        return failed("no alert on the SLO is of a severity that pages", *proof, fix=_WAKE)
    return None


def _unclear(alerts: Sequence[Alert], component: Component, repository: Repository) -> Outcome:
    """What is left: all is routed, and some of it may yet be decided elsewhere."""
    doubts = [each.doubt for each in alerts if each.doubt]
    for alert in alerts:
        way = led(alert, component, repository)
        if way and way.state == "unclear":
            doubts.append(Finding(way.place, way.text))
    if doubts:
        proof = evidence("unseen", doubts[0].place, doubts[0].text)
        return unknown("the alerts are routed, but not all of them is here", doubts[0].text, proof)
    declared = (evidence("declared", each.place, f"alert {each.name}") for each in alerts[:MOST])
    return passed(f"{len(alerts)} alerts reach people, and those that page reach whoever is on call", *declared)


def _wakes(alert: Alert) -> bool:
    found = labelled(alert, knowledge().severity_labels)
    return found is not None and found[1].strip().lower() in knowledge().paging


def _way(alert: Alert, monitoring: Monitoring, mutings: Sequence[_Mutings], settings: Settings) -> _Way:
    """The best way that an alert has to people: what the contract declares, or a tree of this repository."""
    declared = settings.alert_routes or ()
    if any(_matches(route, alert) for route in declared):
        return _Way("ok", "", ())
    trees = zip(monitoring.trees, mutings, strict=True)
    ways = [_by_tree(alert, tree, monitoring, muting, settings) for tree, muting in trees]
    if declared and not ways:
        return _Way("no", "matches no route of the contract (settings.alert_routes)", ())
    return min(ways, key=lambda way: ("ok", "unclear", "no").index(way.state))


def _matches(route: AlertRoute, alert: Alert) -> bool:
    return all(
        label in alert.labels and fnmatchcase(alert.labels[label][0], value) for label, value in route.match.items()
    )


def _by_tree(alert: Alert, tree: Tree, monitoring: Monitoring, mutings: _Mutings, settings: Settings) -> _Way:
    """What one configuration does with an alert."""
    found = routes.reached(tree, lambda label: _value(alert, label, monitoring), now=_wakes(alert))
    proof = tuple(evidence("carried", each.route.place, f"route to {each.route.receiver}") for each in found[:MOST])
    pages = [
        each
        for each in found
        if each.receiver and each.receiver.reach == "pages" and _allowed(each.receiver.product, settings)
    ]
    if not _wakes(alert):
        pages += [each for each in found if each.receiver and each.receiver.reach == "tells"]
    late = [each for each in pages if _wakes(alert) and each.route.wait >= _LATE]
    pages = [each for each in pages if each not in late]
    if any(each.certain for each in pages) and tree.doubt is None:
        return (_wakes(alert) and _muted(alert, mutings, monitoring)) or _Way("ok", "", proof)
    if tree.doubt and pages:
        return _Way("unclear", tree.doubt.text, proof)
    if unsure := next(
        (each for each in found if not each.certain and each.receiver in [p.receiver for p in pages]), None
    ):
        reason = unsure.route.open_ended or "a route looks at a label that only a running system has"
        fix = _SAY_NAMESPACE if unsure.route.open_ended == routes.NAMESPACE else _DECLARE
        return _Way("unclear", f"{reason} ({unsure.route.place})", proof, fix)
    if hidden := next((each for each in found if each.receiver is None or each.receiver.reach == "unseen"), None):
        return _Way(
            "unclear",
            hidden.receiver.text if hidden.receiver else f"there is no receiver {hidden.route.receiver} here",
            proof,
        )
    if not found:
        return _Way("no", "matches no route", ())
    if late:
        hours = f"waits {late[0].route.wait / 3600:g} h for others of its group before anybody is paged"
        return _Way("no", hours, proof, _SOON)
    receiver = found[0].receiver
    said = f"goes to {receiver.name}: {receiver.text}" if receiver else "goes nowhere"
    return _Way("no", said, (evidence("carried", receiver.place, receiver.text), *proof) if receiver else proof)


def _mutings(tree: Tree, monitoring: Monitoring) -> _Mutings:
    """Each rule of inhibition, with the alerts that may mute others by it and wake nobody themselves."""
    quiet = [each for each in monitoring.alerts if not _wakes(each)] if tree.inhibitions else []
    quiet = [each for each in quiet if not _pages(each, tree, monitoring)]
    return [
        (rule, [each for each in quiet if _match(rule.sources, each, monitoring) is not False])
        for rule in tree.inhibitions
    ]


def _muted(alert: Alert, mutings: _Mutings, monitoring: Monitoring) -> _Way | None:
    """How an alert that pages is muted while another one fires that pages nobody; None where none mutes it."""
    for rule, others in mutings:
        if _match(rule.targets, alert, monitoring) is False:
            continue
        proof = (evidence("carried", rule.place, "a rule of inhibition"),)
        if rule.sources and not rule.equal and all(map(routes.is_anything, rule.sources)):
            return _Way("unclear", f"any other alert mutes it ({rule.place})", proof)
        for other in others:
            muted = _mutes(rule, other, alert, monitoring)
            if muted is not False:
                said = f"muted while {other.name} fires, which wakes nobody"
                both = (*proof, evidence("declared", other.place, f"alert {other.name}"))
                return _Way("no", f"is {said}", both) if muted else _Way("unclear", f"it may be {said}", both)
    return None


def _mutes(rule: Inhibition, other: Alert, alert: Alert, monitoring: Monitoring) -> bool | None:
    """Whether a rule, of whose kinds they may be, lets the other alert mute this one; None when nobody can tell."""
    if _match(rule.targets, other, monitoring) and _match(rule.sources, alert, monitoring):
        return False  # what is of both kinds is not muted by its like
    values = [(_value(other, label, monitoring), _value(alert, label, monitoring)) for label in rule.equal]
    if any(None not in pair and pair[0] != pair[1] for pair in values):
        return False
    sure = _match(rule.sources, other, monitoring) and _match(rule.targets, alert, monitoring)
    return True if sure and all(None not in pair for pair in values) else None


def _match(matchers: Sequence[Matcher], alert: Alert, monitoring: Monitoring) -> bool | None:
    """Whether an alert matches all of them; None when nobody can tell."""
    results = {routes.matches(each, _value(alert, each.label, monitoring)) for each in matchers}
    return False if False in results else None if None in results else True


def _pages(alert: Alert, tree: Tree, monitoring: Monitoring) -> bool:
    """Whether an alert may wake somebody, whatever its severity is called."""
    found = routes.reached(tree, lambda label: _value(alert, label, monitoring), now=False)
    return any(each.receiver is None or each.receiver.reach in {"pages", "unseen"} for each in found)


def _allowed(product: str, settings: Settings) -> bool:
    return settings.oncall is None or product in settings.oncall


def _value(alert: Alert, label: str, monitoring: Monitoring) -> str | None:
    """A label's value when the alert fires; empty when it has none, None when only a running system knows."""
    if label == "alertname":
        return alert.name
    if label in alert.labels:
        value = alert.labels[label][0]
        return None if "{{" in value or "${" in value else value
    if label in knowledge().external_labels or alert.tree is None or alert.doubt:
        return None
    possible = promql.labels(alert.tree, lambda selector: recorded_labels(selector, monitoring))
    if possible is not None and label not in possible:
        return ""
    values = {selector.value(label) for selector in promql.selectors(alert.tree)}
    return values.pop() if len(values) == 1 and None not in values else None
