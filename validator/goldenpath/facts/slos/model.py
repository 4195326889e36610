"""What an SLO says, whatever form it is written in, and what is known about SLOs."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Mapping, Scalar, Sequence, scalars
from goldenpath.facts.search import Mark, template
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Place

Role: TypeAlias = Literal["good", "bad", "total", "ratio", "value"]
"""What a query counts or measures. `ratio` is worked out by somebody else, `value` has a threshold."""


class Query(Struct, frozen=True):
    """A query of an indicator; `language` is the metric source's type in lower case, empty when nobody says."""

    role: Role
    text: str
    place: Place
    language: str = ""


class Objective(Struct, frozen=True):
    """One promise: the share of what is good, between 0 and 1."""

    target: float
    place: Place


class Slo(Struct, frozen=True):
    """One SLO. `problems` are certain and make it invalid; `doubts` are what this repository cannot tell.

    `service` is the service it says it is of, `hints` are other names that labels and queries give; `window` is the
    duration as written, or the form's default.
    """

    form: str
    name: str
    place: Place
    service: str | None
    service_place: Place
    hints: tuple[str, ...]
    window: str | None
    objectives: tuple[Objective, ...]
    queries: tuple[Query, ...]
    problems: tuple[Finding, ...]
    doubts: tuple[Finding, ...]


class Form(Struct, frozen=True):
    """A form of writing SLOs: its name for people, what its text must hold, its window when it names none."""

    title: str
    marks: tuple[str, ...]
    window: str | None = None


class Outcomes(Struct, frozen=True):
    """How requests end, in the words of one protocol."""

    good: tuple[str, ...]
    bad: tuple[str, ...]


class Knowledge(Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """The table beside this module."""

    forms: dict[str, Form]
    placeholders: tuple[str, ...]
    query_keys: tuple[str, ...]
    service_labels: tuple[str, ...]
    service_selectors: frozenset[str]
    component_names: tuple[str, ...]
    affixes: tuple[str, ...]
    outcome_labels: frozenset[str]
    outcomes: tuple[Outcomes, ...]

    @cached_property
    def placeholder(self) -> re.Pattern[str]:
        """Text that a person has yet to fill in."""
        return re.compile("|".join(self.placeholders), re.IGNORECASE)

    @cached_property
    def mark(self) -> Mark:
        """What the bytes of a file hold when it may be an SLO."""
        return Mark(tuple(mark.encode() for form in self.forms.values() for mark in form.marks))


@cache
def knowledge() -> Knowledge:
    """The table, read once."""
    return read_table("slos", Knowledge)


def place_of(root: Node, *path: str) -> Place:
    """Where the value below a path of keys stands, or the nearest thing above it that is there."""
    node = root
    for key in path:
        if not isinstance(node, Mapping) or key not in node.values:
            break
        node = node.values[key]
    return node.place


def number(node: Node | None) -> float | None:
    """The value of a scalar that is a number as YAML understands it."""
    value = node.resolved() if isinstance(node, Scalar) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def unfilled(document: Mapping) -> Finding | None:
    """The first value of a document that a generator has yet to fill in."""
    for scalar in scalars(document):
        if template().search(scalar.text):
            return Finding(scalar.place, f"{shown(scalar.text)} is filled in elsewhere")
    return None


def labels(document: Mapping, *path: str) -> tuple[str, ...]:
    """The names of services in the labels below a path; a label may have several values."""
    found: list[str] = []
    for label in knowledge().service_labels:
        value = document.get(*path, label)
        items = value.items if isinstance(value, Sequence) else [value]
        found += [item.text for item in items if isinstance(item, Scalar) and item.text]
    return tuple(found)


def target_problem(percent: float, place: Place) -> Finding | None:
    """What is wrong with a target in per cent: it must promise something, and leave an error budget."""
    if not percent > 0:  # `.nan` is a number that is above nothing
        return Finding(place, "a target of 0 promises nothing")
    if percent >= 100:
        return Finding(place, "a target of 100 % leaves no error budget, so it is no objective but a wish")
    if percent < 1:
        return Finding(place, f"the target is in per cent, and {percent:g} % is surely {percent * 100:g} %")
    return None
