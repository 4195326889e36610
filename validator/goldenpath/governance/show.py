"""What a contract asks of the components of a repository: today, and from when what else."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.checks import load
from goldenpath.contract import choose
from goldenpath.judge import SERVICE, components_of
from goldenpath.reports import json
from goldenpath.reports.terminal import printable, standard_output, wrap
from goldenpath.repository import open_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.contract import Contract
    from goldenpath.facts.catalog import Component
    from goldenpath.reports.terminal import Surface

Level = Literal["required", "advisory"]


class Change(Struct, frozen=True):
    """What a check will be from a day on; `tier` is null where it is then no longer asked of the component."""

    since: date
    tier: str | None
    level: Level


class Rule(Struct, frozen=True):
    """What is asked of one component by one check; `tier` is null where it is not asked on that day.

    `asked_by` is the contract that states the rule, where the one that is shown extends another; else null.
    """

    check: str
    title: str
    tier: str | None
    level: Level
    changes: tuple[Change, ...]
    asked_by: str | None


class Asked(Struct, frozen=True):
    """All that a contract asks of one component; `ref` is null for a repository that declares none."""

    ref: str | None
    type: str
    lifecycle: str | None
    in_scope: bool
    rules: tuple[Rule, ...]


class Rules(Struct, frozen=True):
    """What a contract asks of a repository on a day; `digest` is that of records and attestations.

    `extends` are the contracts that it builds on, the nearest first; `switched_off` says of checks that those ask for
    and it does not, why not, and `held_back` has those of which they ask more from a day on than it does.
    """

    contract: str
    version: str
    digest: str
    owner: str
    as_of: date
    tiers: tuple[str, ...]
    components: tuple[Asked, ...]
    extends: tuple[str, ...]
    switched_off: dict[str, str]
    held_back: tuple[str, ...]


def rules(path: str, contract: str | None, day: date) -> Rules:
    """What holds for the components of a repository. Raises InputError."""
    with open_repository(Path(path)) as repository:
        chosen = choose(repository, contract)
        components = components_of(repository) or (None,)
    asked = tuple(_asked(chosen, component, day) for component in components)
    return Rules(
        chosen.name, chosen.version, chosen.digest(), chosen.owner, day, chosen.tiers, asked,
        tuple(base.called for base in chosen.bases), chosen.switched_off, chosen.held_back,
    )  # fmt: skip


def _asked(contract: Contract, component: Component | None, day: date) -> Asked:
    kind, lifecycle = (component.type, component.lifecycle) if component else (SERVICE, None)
    in_scope = component is None or contract.scope.covers(kind, lifecycle)
    found = tuple(_rule(contract, name, kind, lifecycle, day) for name in contract.checks)
    ref = str(component.ref) if component else None
    return Asked(ref, kind, lifecycle, in_scope, tuple(rule for rule in found if rule) if in_scope else ())


def _rule(contract: Contract, name: str, kind: str, lifecycle: str | None, day: date) -> Rule | None:
    """The rule of one check for one kind of component; None where it is never about it."""
    check = load(name)
    steps = sorted(contract.checks[name], key=lambda each: each.since.isoformat() if each.since else "")
    begun = [each for each in steps if each.since is None or each.since <= day]
    now = begun[-1] if begun and begun[-1].asks(check, kind, lifecycle) else None
    changes = [
        Change(each.since, each.tier if each.asks(check, kind, lifecycle) else None, each.level)
        for each in steps
        if each.since is not None and each.since > day and (now or each.asks(check, kind, lifecycle))
    ]
    if now is None and not changes:
        return None
    level: Level = now.level if now else "required"
    tier = now.tier if now else None
    return Rule(name, check.title, tier, level, tuple(changes), contract.asked_by.get(name))


def render(found: Rules, form: str) -> str:
    """The rules in the format of that name."""
    return json.encode(found) if form == "json" else "\n".join(_text(found, standard_output()))


def _text(found: Rules, surface: Surface) -> Iterator[str]:
    extends = "".join(f", which extends {base}" for base in found.extends)
    about = f"contract {found.contract} {found.version} of {found.owner}{extends}, as of {found.as_of}"
    yield from (surface.paint(line, "dim") for line in wrap(printable(about), surface.columns))
    for asked in found.components:
        yield ""
        name = (asked.ref or "a repository without a component").removeprefix("component:").removeprefix("default/")
        kind = ", ".join(filter(None, [asked.type, asked.lifecycle]))
        yield f"{surface.paint(printable(name), 'bold')}  {surface.paint(printable(kind), 'dim')}"
        if not asked.in_scope:
            yield "  is not judged: spec.scope is about others"
        for tier in found.tiers:
            of_tier = [rule for rule in asked.rules if rule.tier == tier]
            yield from _tier(tier, of_tier, found.extends[-1:], surface)
        for text in _coming(asked.rules):
            yield from (surface.paint(f"  {line}", "yellow") for line in wrap(text, surface.columns - 2))
    beside = [f"{found.contract} switches {name} off: {why}" for name, why in found.switched_off.items()]
    if found.held_back:
        beside.append(f"extends.as_of holds back what is asked later: {', '.join(found.held_back)}")
    yield from ["", *(line for text in beside for line in wrap(printable(text), surface.columns))] if beside else []
    yield ""
    yield from (surface.paint(line, "dim") for line in wrap(found.digest, surface.columns))


def _coming(rules: tuple[Rule, ...]) -> Iterator[str]:
    """What changes on which day, and for which checks."""
    alike: dict[tuple[date, str], list[str]] = {}
    for rule in rules:
        for change in rule.changes:
            then = f"{change.level} for {change.tier}" if change.tier else "no longer asked"
            alike.setdefault((change.since, then), []).append(rule.check)
    for (since, then), checks in sorted(alike.items(), key=lambda each: each[0][0]):
        yield f"From {since}: {', '.join(checks)} {'is' if len(checks) == 1 else 'are'} {then}"


def _tier(tier: str, of_tier: list[Rule], bases: tuple[str, ...], surface: Surface) -> Iterator[str]:
    if of_tier:
        yield "  " + surface.paint(printable(tier).capitalize(), "bold")
    ids = max((len(rule.check) for rule in of_tier), default=0) + 2
    for rule in of_tier:
        title = f"(advisory) {rule.title}" if rule.level == "advisory" else rule.title
        title += f" (by {rule.asked_by})" if rule.asked_by and rule.asked_by not in bases else ""
        first, *more = wrap(printable(title), surface.columns - ids - 4)
        yield f"    {rule.check.ljust(ids)}{first}"
        yield from (" " * (ids + 4) + line for line in more)
