"""Alerts, recorded series, tests of rules and routing trees, as Prometheus and Alertmanager understand them."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from goldenpath.facts.findings import Finding  # noqa: TC001 - msgspec reads the annotations
from goldenpath.repository import Place

Texts: TypeAlias = dict[str, tuple[str, Place]]
"""Labels or annotations by name, each with its place."""


class Rule(Struct, frozen=True):
    """What alerts and records have in common.

    `problem` is why Prometheus would refuse the query, `doubt` what of the rule is decided elsewhere; `tree` is the
    query's syntax tree, None where it cannot be read.
    """

    name: str
    place: Place
    query: str
    query_place: Place
    labels: Texts
    tree: Any
    problem: Finding | None
    doubt: Finding | None


class Alert(Rule, frozen=True, kw_only=True):
    """An alert rule; `name` is its alert, `wait` how long its query has to hold before it fires, in seconds."""

    annotations: Texts
    wait: float = 0


class Record(Rule, frozen=True):
    """A recording rule; `name` is the series that it records."""


class RuleTest(Struct, frozen=True):
    """What promtool is told to expect of an alert: that it fires, or with `fires` False that it does not."""

    alert: str
    fires: bool
    place: Place
    rule_files: tuple[str, ...]


class Matcher(Struct, frozen=True):
    """A condition of a route: label, `=`, `!=`, `=~` or `!~`, and a value."""

    label: str
    operator: str
    value: str


class Route(Struct, frozen=True):
    """A node of the routing tree. `open_ended` is why an alert may not get further than here.

    `wait` is how long the first alert of a group waits for others, in seconds; 0 where that is not said.
    """

    receiver: str
    matchers: tuple[Matcher, ...]
    goes_on: bool
    routes: tuple[Route, ...]
    place: Place
    open_ended: str = ""
    wait: float = 0


Reach: TypeAlias = Literal["pages", "tells", "unseen", "drops"]
"""What a receiver does: wakes a person, tells somebody who may be asleep, what cannot be seen from here, or nothing."""


class Receiver(Struct, frozen=True):
    """A receiver, the product by which it pages (empty when it does not), and what it does."""

    name: str
    reach: Reach
    product: str
    text: str
    place: Place


class Inhibition(Struct, frozen=True):
    """An alert that matches `sources` mutes those that match `targets` and have the same values of the labels `equal`.

    Where both have no such label, they have the same.
    """

    sources: tuple[Matcher, ...]
    targets: tuple[Matcher, ...]
    equal: tuple[str, ...]
    place: Place


class Tree(Struct, frozen=True):
    """The routes and receivers of one Alertmanager configuration; `doubt` is what of it is decided elsewhere."""

    root: Route
    receivers: dict[str, Receiver]
    place: Place
    problems: tuple[Finding, ...]
    doubt: Finding | None
    inhibitions: tuple[Inhibition, ...] = ()
