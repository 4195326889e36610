"""What a contract that can be read says in vain, or against itself; each remark with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.checks import EVERY_TYPE, load
from goldenpath.contract import Requirement, is_path, named
from goldenpath.contract.waivers import read_approvals, too_long
from goldenpath.facts.nodes import Mapping, Sequence, locate, parse
from goldenpath.facts.references import parse_reference
from goldenpath.reports import json
from goldenpath.reports.terminal import printable
from goldenpath.repository import Place, read_outside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as Items

    from goldenpath.contract import Contract

LONG = 366
"""Days from which on a waiver is no exception any more."""


class Remark(Struct, frozen=True, order=True):
    """Something to mend, and where."""

    place: Place
    sentence: str


def lint(name: str) -> list[Remark]:
    """What is to be mended in a contract and its approvals. Raises InputError for what cannot be read at all."""
    contract = named(name, "NAME|FILE")
    linter = _Linter(contract, _nodes(name))
    return sorted([*linter.remarks(), *_of_approvals(contract)])


def render(remarks: Items[Remark], form: str) -> str:
    """The remarks in the format of that name."""
    if form == "json":
        return json.encode(remarks)
    return "\n".join(f"{each.place}: {printable(each.sentence)}" for each in remarks) or "Nothing to mend."


def _nodes(name: str) -> Mapping:
    """The contract's nodes, for where things stand; one that is no file has no lines."""
    documents = parse(name, read_outside(Path(name))) if is_path(name) else []
    root = documents[0] if documents else None
    return root if isinstance(root, Mapping) else Mapping(Place(name), {}, {})


class _Linter:
    """One contract being looked through."""

    def __init__(self, contract: Contract, root: Mapping) -> None:
        self._contract = contract
        self._root = root

    def remarks(self) -> Iterator[Remark]:
        yield from self._tiers()
        yield from self._extends()
        for check, requirements in self._contract.checks.items():
            if self._contract.base and not self._states(check):
                continue  # what is wrong with it is to be mended where it is stated
            yield from self._order(check, requirements)
            yield from self._reach(check, requirements)
            yield from self._page(check)
        yield from self._waivers()
        yield from self._routes()

    def _remark(self, path: str, sentence: str) -> Remark:
        return Remark(locate(self._root, path), sentence)

    def _tiers(self) -> Iterator[Remark]:
        for number, tier in enumerate(self._contract.tiers):
            if not self._contract.asks_for(tier):
                yield self._remark(f"$.spec.tiers[{number}]", f"no check is required for {tier}, so nobody reaches it")

    def _states(self, check: str) -> bool:
        """Whether the contract's own file says anything of a check."""
        return self._root.get("spec", "checks", check) is not None

    def _extends(self) -> Iterator[Remark]:
        """What an extended contract says already, asks for no longer, or asks for besides."""
        contract, base = self._contract, self._contract.base
        if base is None:
            return
        for check in contract.held_back:
            day = max(each.since for each in base.checks[check] if each.since)
            why = f"{base.called} asks more of it from {day} on, which as_of holds back"
            yield self._remark("$.spec.extends.as_of", f"{check}: {why}; state it with a day of yours, or move as_of")
        for check, every in contract.checks.items():
            if self._states(check) and base.checks.get(check) == every:
                yield self._remark(f"$.spec.checks.{check}", f"{check}: {base.called} says just that; leave it out")
        for check in contract.switched_off:
            if check not in base.checks and check not in base.switched_off:
                why = f"{base.called} does not ask for it"
                yield self._remark(f"$.spec.checks.{check}", f"{check}: {why}, so there is nothing to switch off")

    def _order(self, check: str, requirements: tuple[Requirement, ...]) -> Iterator[Remark]:
        """Dates in the wrong order, steps that change nothing, and floors that are lowered."""
        tiers = self._contract.tiers
        for number in range(1, len(requirements)):
            before, after, at = requirements[number - 1], requirements[number], f"$.spec.checks.{check}[{number}]"
            if after.since is None or (before.since is not None and after.since < before.since):
                then = after.since or "the beginning"
                yield self._remark(at, f"{check}: {then} stands after {before.since}; write the earliest first")
            elif (before.tier, before.level, before.applies) == (after.tier, after.level, after.applies):
                yield self._remark(at, f"{check}: nothing changes on {after.since}; leave it out")
            elif (before.level, after.level) == ("required", "advisory"):
                yield self._remark(at, f"{check}: what is required becomes advisory on {after.since}; is that meant?")
            elif tiers.index(after.tier) > tiers.index(before.tier):
                why = (
                    f"it moves from {before.tier} up to {after.tier} on {after.since}, which asks less of {before.tier}"
                )
                yield self._remark(at, f"{check}: {why}; is that meant?")

    def _reach(self, check: str, requirements: tuple[Requirement, ...]) -> Iterator[Remark]:
        """Requirements that are about nobody whom the contract judges."""
        scope, of_check = self._contract.scope, load(check).applies
        several = isinstance(self._root.get("spec", "checks", check), Sequence)
        for number, requirement in enumerate(requirements):
            applies, at = requirement.applies, f"$.spec.checks.{check}{f'[{number}]' if several else ''}"
            types = applies.types if applies and applies.types is not None else None
            about = None if types and "*" in types else types or (None if of_check is EVERY_TYPE else tuple(of_check))
            judged = None if scope.types is None or "*" in scope.types else scope.types
            if types == () or (about and judged and not set(about) & set(judged)):
                whom = ", ".join(about or ()) or "nobody"
                yield self._remark(at, f"{check} is asked of nobody: it is about {whom}, spec.scope.types about others")
            lifecycles = applies.lifecycles if applies else None
            if lifecycles is not None and (
                not lifecycles or (scope.lifecycles is not None and not set(lifecycles) & set(scope.lifecycles))
            ):
                yield self._remark(
                    at, f"{check} is asked of nobody: no lifecycle of its own is in spec.scope.lifecycles"
                )

    def _page(self, name: str) -> Iterator[Remark]:
        check = load(name)
        if not check.title or "## Fix" not in check.page or not check.fix.summary.strip():
            sentence = f"{name}, which another package brings, does not say how to meet it (a title, `## Fix`, FIX)"
            yield self._remark(f"$.spec.checks.{name}", sentence)

    def _waivers(self) -> Iterator[Remark]:
        policy = self._contract.waivers
        if policy and not policy.approvers:
            yield self._remark(
                "$.spec.waivers.approvers", "nobody may approve a waiver; name an approver, or leave it out"
            )
        if policy and policy.max_days > LONG:
            yield self._remark(
                "$.spec.waivers.max_days", f"{policy.max_days} days are no exception but a rule; lower it"
            )

    def _routes(self) -> Iterator[Remark]:
        """Routes that a route before has taken everything from."""
        routes = self._contract.settings.alert_routes or ()
        for number, route in enumerate(routes):
            taken = next((earlier for earlier in routes[:number] if _takes_all(earlier.match, route.match)), None)
            if taken:
                sentence = (
                    f"no alert comes this far: {_labels(taken.match)} takes all that {_labels(route.match)} would"
                )
                yield self._remark(f"$.spec.settings.alert_routes[{number}]", sentence)


def _takes_all(first: dict[str, str], second: dict[str, str]) -> bool:
    """Whether every alert that the second would match is matched by the first."""
    return all(label in second and text in {"*", second[label]} for label, text in first.items())


def _labels(match: dict[str, str]) -> str:
    return ", ".join(f"{label}={text}" for label, text in match.items())


def _of_approvals(contract: Contract) -> Iterator[Remark]:
    """Approvals that count for nothing, whoever asks."""
    seen: dict[str, Place] = {}
    policy = contract.waivers
    for approval in read_approvals(contract.home):
        granted, place = approval.granted, approval.place
        if policy is None:
            yield Remark(place, f"the contract {contract.name} has no spec.waivers, so this approves nothing")
            continue
        approvers = {str(parse_reference(each, "group")) for each in policy.approvers}
        if str(parse_reference(granted.approver, "group")) not in approvers:
            yield Remark(place, f"{granted.approver} is no approver of the contract {contract.name}")
        if longest := too_long(granted.approved, granted.expires, policy):
            yield Remark(place, longest)
        if granted.check not in contract.checks:
            yield Remark(place, f"the contract {contract.name} does not ask for {granted.check}")
        if granted.request in seen:
            yield Remark(place, f"{seen[granted.request]} approves the same request")
        seen.setdefault(granted.request, place)
