"""All waivers of some services: what is asked, how it stands, whether it is needed, and until when it runs."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.contract import choose
from goldenpath.contract.waivers import STATES, State, standings
from goldenpath.governance.fleet import one_of_many
from goldenpath.judge import components_of
from goldenpath.reports import json
from goldenpath.reports.terminal import printable, shorten, standard_output, wrap
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.reports.terminal import Surface


class Entry(Struct, frozen=True):
    """One request of one service. `needed` is false where the check is met without it, or not asked at all."""

    service: str
    components: tuple[str, ...]
    check: str
    state: State
    needed: bool
    why: str
    reason: str
    requested_by: str
    requested: date
    expires: date
    request: str
    digest: str
    approver: str | None
    approved: date | None
    risk: str | None
    approval: str | None

    def ends_within(self, days: int, day: date) -> bool:
        """Whether it has been granted, and its last day comes within so many days of this one, or has come."""
        return self.approver is not None and self.state in {"granted", "expired"} and (self.expires - day).days <= days


def register(services: Sequence[str], contract: str | None, day: date) -> list[Entry]:
    """Every request of these services, those that end first at the top. Raises InputError."""
    entries = [entry for service in services for entry in _entries(service, contract, day)]
    return sorted(entries, key=lambda each: (STATES.index(each.state), each.expires, each.service, each.check))


def _entries(service: str, contract: str | None, day: date) -> Iterator[Entry]:
    with one_of_many(service) as repository:
        rules = choose(repository, contract)
        if not rules.requests:
            return
        asked = {request.asked.check for request in rules.requests}
        about = replace(rules, checks={name: each for name, each in rules.checks.items() if name in asked})
        scores = evaluate(repository, about, day).components if about.checks else ()
        unproven = {(each.ref, check.id) for each in scores for check in each.checks if check.waiver}
        for request, covered, standing in standings(rules, components_of(repository), day):
            wish, approval = request.asked, standing.approval
            granted = approval.granted if approval else None
            yield Entry(
                service=repository.location,
                components=covered,
                check=wish.check,
                state=standing.state,
                needed=any((ref, wish.check) in unproven for ref in covered),
                why=standing.why,
                reason=wish.reason,
                requested_by=wish.requested_by,
                requested=wish.requested,
                expires=granted.expires if granted else wish.expires,
                request=str(request.place),
                digest=request.digest(covered),
                approver=granted.approver if granted else None,
                approved=granted.approved if granted else None,
                risk=granted.risk if granted else None,
                approval=str(approval.place) if approval else None,
            )


def render(entries: Sequence[Entry], form: str, nothing: str) -> str:
    """The entries in the format of that name; in words what it means that there are none."""
    if form == "json":
        return json.encode(entries)
    return "\n".join(_text(entries, standard_output())) if entries else nothing


_STYLES = {"granted": "green", "requested": "yellow", "refused": "red", "expired": "red"}


def _text(entries: Sequence[Entry], surface: Surface) -> Iterator[str]:
    checks = max(len(entry.check) for entry in entries)
    for entry in entries:
        whose = ", ".join(ref.removeprefix("component:").removeprefix("default/") for ref in entry.components)
        whose = printable(whose or entry.service.rpartition("/")[2])
        until = f"until {entry.expires}"
        yield (
            f"{surface.paint(entry.state.ljust(len('requested')), _STYLES[entry.state])}  {until}  "
            f"{entry.check.ljust(checks)}  {shorten(whose, max(surface.columns - checks - 30, 20), surface)}"
        )
        notes = [entry.reason, f"asked for by {entry.requested_by}"]
        if entry.approver:
            notes.append(f"{entry.approver} accepted on {entry.approved}: {entry.risk}")
        notes += [entry.why] if entry.why else []
        notes += [] if entry.needed else ["not needed: the check is met without it, or is not asked"]
        notes.append(f"{entry.request}, {entry.digest}" if entry.state == "requested" else entry.request)
        for line in (line for note in notes for line in wrap(printable(note), surface.columns - 11)):
            yield " " * 11 + surface.paint(line, "dim")
