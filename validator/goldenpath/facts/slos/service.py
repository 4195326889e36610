"""Whose an SLO is: the catalog's component by another spelling, another component, or nobody knows.

Names of one service differ from tool to tool (`Payments/checkout`, `checkout-service`, `checkout_svc`). Equal up to
spelling is equal; a name that shares nothing with the component's is another service; in between nobody can tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from goldenpath.facts.catalog import home_of
from goldenpath.facts.search import template
from goldenpath.facts.slos import promql
from goldenpath.facts.slos.model import knowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.catalog import Component
    from goldenpath.facts.slos.model import Slo

Relation: TypeAlias = Literal["own", "foreign", "unclear"]


def relation(slo: Slo, component: Component | None, components: Sequence[Component]) -> Relation:
    """Whether an SLO is of a component. Where no component is declared there is nothing to contradict: it is own."""
    if component is None:
        return "own"
    if slo.service and template().search(slo.service):
        return "unclear"
    rest = {name for other in components if other.ref != component.ref for name in _names(other)}
    own = {_normal(component.ref.name)} | (set(_names(component)) - rest)
    named = {_normal(slo.service)} if slo.service else set()
    if named & own:
        return "own"
    if named & rest:
        return "foreign"
    hints = {_normal(hint) for hint in slo.hints}
    if not named:
        hints |= set(_selected(slo)) | {name for name in own | rest if f"{_normal(slo.name)}-".startswith(f"{name}-")}
    if hints & own:
        return "own"
    if hints & rest:
        return "foreign"
    if (home := home_of(slo.place.path, components)) and len({each.home for each in components}) > 1:
        return "own" if home == component.home else "foreign"
    return _by_likeness(named, own, rest)


def _by_likeness(named: set[str], own: set[str], rest: set[str]) -> Relation:
    bare, bare_own = {_bare(name) for name in named}, {_bare(name) for name in own}
    if bare & bare_own and not bare & {_bare(name) for name in rest}:
        return "own"
    words = {word for name in bare for word in name.split("-")}
    return "unclear" if not named or words & {word for name in bare_own for word in name.split("-")} else "foreign"


def _names(component: Component) -> Iterator[str]:
    """What a component is called: its name, its title, and the names that other tools know it by."""
    yield _normal(component.ref.name)
    if title := component.entity.text("metadata", "title"):
        yield _normal(title)
    for annotation in knowledge().component_names:
        if value := component.entity.text("metadata", "annotations", annotation):
            yield _normal(value.split(",", 1)[0])


def _selected(slo: Slo) -> Iterator[str]:
    """The services that the queries select."""
    for query in slo.queries:
        for label, operator, value in promql.selectors(query.text):
            if label in knowledge().service_selectors and operator == "=":
                yield _normal(value)


def _normal(name: str) -> str:
    """A name without its path or namespace, in lower case, its words joined by hyphens."""
    return re.sub(r"[\s_.-]+", "-", re.split(r"[/:=]", name.strip("/"))[-1]).strip("-").lower()


def _bare(name: str) -> str:
    """A name without the ending that says what kind of thing it is."""
    for affix in knowledge().affixes:
        if name.endswith(affix) and name != affix:
            return name.removesuffix(affix)
    return name
