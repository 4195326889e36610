"""What changes from one contract to another, and what that does to the repositories that they judge."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import asdict

from goldenpath.contract import choose, named
from goldenpath.governance.fleet import one_of_many
from goldenpath.reports import json
from goldenpath.reports.terminal import printable, standard_output, wrap
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.contract import Contract, Requirement
    from goldenpath.reports.terminal import Surface
    from goldenpath.repository import Repository
    from goldenpath.scorecard import ComponentScore


class Change(Struct, frozen=True):
    """One thing that is not the same: what, and how it is in either contract (empty where it is not there)."""

    what: str
    old: str
    new: str


class Move(Struct, frozen=True):
    """A component that has another tier from a day on; `checks` are those of the lost tiers that are not met."""

    repository: str
    component: str | None
    since: date
    old: str | None
    new: str | None
    checks: tuple[str, ...]
    falls: bool


class Difference(Struct, frozen=True):
    """All that changes; `judged` counts the components that were judged by both."""

    old: str
    new: str
    changes: tuple[Change, ...]
    judged: int
    moves: tuple[Move, ...]

    @property
    def falls(self) -> tuple[Move, ...]:
        """The components that lose a tier."""
        return tuple(move for move in self.moves if move.falls)


def compare(old: str, new: str, over: Sequence[str], day: date) -> Difference:
    """Compare two contracts, and their verdicts over some repositories from a day on. Raises InputError."""
    before, after = named(old, "OLD"), named(new, "NEW")
    judged, moves = 0, []
    for path in over:
        with one_of_many(path) as repository:
            count, found = _moves(
                repository, _asked_of(repository, before, old), _asked_of(repository, after, new), day
            )
        judged += count
        moves += found
    called = [f"{each.name} {each.version}" for each in (before, after)]
    return Difference(called[0], called[1], tuple(_changes(before, after)), judged, tuple(moves))


def _asked_of(repository: Repository, contract: Contract, name: str) -> Contract:
    """The contract with the waivers that the repository asks of it."""
    return choose(repository, name) if contract.waivers else contract


# --- what they say


def _changes(old: Contract, new: Contract) -> Iterator[Change]:
    yield from _compared("tiers", ", ".join(old.tiers), ", ".join(new.tiers))
    for check in dict.fromkeys([*old.checks, *new.checks]):
        yield from _compared(check, _steps(old.checks.get(check, ())), _steps(new.checks.get(check, ())))
    for name in "scope", "waivers":
        yield from _compared(f"spec.{name}", _said(getattr(old, name)), _said(getattr(new, name)))
    settings = asdict(old.settings), asdict(new.settings)
    for name in settings[0]:
        yield from _compared(f"settings.{name}", _said(settings[0][name]), _said(settings[1][name]))
    yield from _compared("owner", old.owner, new.owner)
    yield from _compared("extends", *(", ".join(base.called for base in each.bases) for each in (old, new)))


def _compared(what: str, old: str, new: str) -> Iterator[Change]:
    if old != new:
        yield Change(what, old, new)


def _steps(requirements: tuple[Requirement, ...]) -> str:
    """What is asked of a check over time, in words."""
    steps = sorted(requirements, key=lambda each: each.since.isoformat() if each.since else "")
    return ", then ".join(_step(each) for each in steps)


def _step(requirement: Requirement) -> str:
    words = [requirement.tier, requirement.level]
    words += [f"from {requirement.since}"] if requirement.since else []
    words += [f"of {_said(requirement.applies)}"] if requirement.applies else []
    return " ".join(words)


def _said(value: object) -> str:
    """A part of a contract on one line; nothing where it says nothing."""
    if value is None:
        return ""
    if isinstance(value, Struct):
        return "; ".join(f"{name} {_said(each)}" for name, each in asdict(value).items() if each not in (None, ()))
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    return ", ".join(map(_said, value)) if isinstance(value, tuple) else str(value)


# --- what they do


def _moves(repository: Repository, old: Contract, new: Contract, day: date) -> tuple[int, list[Move]]:
    """The components whose tier changes: today, or on a day on which either contract changes; each move told once."""
    days = {each.since for one in (old, new) for every in one.checks.values() for each in every if each.since}
    moves: list[Move] = []
    told: dict[str | None, tuple[str | None, str | None]] = {}
    judged = 0
    for when in sorted({day, *(each for each in days if each > day)}):
        pairs = list(zip(*(evaluate(repository, one, when).components for one in (old, new)), strict=True))
        judged = len(pairs)
        for before, after in pairs:
            tiers = (before.tier, after.tier)
            if tiers[0] != tiers[1] and told.get(after.ref) != tiers:
                moves.append(_move(repository.location, before, after, (old, new), when))
            told[after.ref] = tiers
    return judged, moves


def _move(
    location: str, before: ComponentScore, after: ComponentScore, contracts: tuple[Contract, Contract], when: date
) -> Move:
    old, new = ({tier: rank for rank, tier in enumerate(each.tiers)} for each in contracts)
    ranks = {**old, **new}  # a tier that has another name now counts by its place
    had, has = ranks.get(before.tier or "", -1), ranks.get(after.tier or "", -1)
    lacking = tuple(each.id for each in after.checks if not each.met and has < ranks[each.tier] <= max(had, has + 1))
    return Move(location, after.ref, when, before.tier, after.tier, lacking if has < had else (), has < had)


def render(found: Difference, form: str) -> str:
    """The difference in the format of that name."""
    return json.encode(found) if form == "json" else "\n".join(_text(found, standard_output()))


def _text(found: Difference, surface: Surface) -> Iterator[str]:
    yield surface.paint(
        printable(f"{found.old} → {found.new}" if surface.unicode else f"{found.old} -> {found.new}"), "bold"
    )
    if not found.changes:
        yield "  They ask for the same."
    for change in found.changes:
        yield f"  {surface.paint(change.what, 'bold')}"
        for sign, text, style in (("-", change.old, "red"), ("+", change.new, "green")):
            for line in wrap(printable(text), surface.columns - 6) if text else ():
                yield "    " + surface.paint(f"{sign} {line}", style)
    if found.judged:
        yield ""
        components = "1 component" if found.judged == 1 else f"{found.judged} components"
        yield f"Of {components}, {len(found.falls)} would fall and {len(found.moves) - len(found.falls)} would rise."
    for move in sorted(found.moves, key=lambda each: (each.since, not each.falls, each.repository)):
        name = (move.component or move.repository).removeprefix("component:").removeprefix("default/")
        tiers = f"{move.old or 'no tier'} to {move.new or 'no tier'}"
        yield surface.paint(printable(f"  {move.since}  {name}: {tiers}"), "red" if move.falls else "green")
        for line in wrap(f"not met: {', '.join(move.checks)}", surface.columns - 14) if move.checks else ():
            yield " " * 14 + surface.paint(line, "dim")
