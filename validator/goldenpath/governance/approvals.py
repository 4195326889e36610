"""An approval of a request, written beside the contract."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.contract import SERVICE_FILE, choose
from goldenpath.contract.waivers import Granted, approves_itself, standings
from goldenpath.facts.references import parse_reference
from goldenpath.governance.yaml import quoted
from goldenpath.judge import components_of
from goldenpath.reports import write
from goldenpath.repository import InputError, open_repository

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.contract import WaiverPolicy
    from goldenpath.contract.waivers import Request, Standing

    Pending = tuple[Request, tuple[str, ...], Standing]


class Grant(Struct, frozen=True):
    """What an approver says; `expires` is None for as long as was asked and the contract allows."""

    approver: str
    by: str
    risk: str
    day: date
    expires: date | None = None


class Wish(Struct, frozen=True):
    """Which request is meant, where a service asks for several."""

    check: str | None = None
    line: int | None = None


def approve(service: Path, contract: str, wish: Wish, grant: Grant) -> str:
    """Write the approval of a service's request beside the contract, and say where.

    Raises InputError where there is no such request, or where the approval would not count.
    """
    with open_repository(service) as repository:
        rules = choose(repository, contract)
        found = list(standings(rules, components_of(repository), grant.day))
    if rules.waivers is not None and rules.home is None:
        raise InputError(f"--contract {contract}: it is in the service's own repository, which grants nothing")
    if rules.waivers is None or rules.home is None:
        raise InputError(f"--contract {contract}: it grants no waivers; give it spec.waivers, with approvers")
    request, components, standing = _the_one(found, wish, grant.day, service)
    if standing.state == "granted" and standing.approval:
        raise InputError(
            f"{standing.approval.place}: it is approved already, until {standing.approval.granted.expires}"
        )
    if not components:
        raise InputError(f"{service}: {request.place}: {standing.why}")
    granted = _granted(request, components, rules.waivers, grant)
    name = components[0].rpartition("/")[2]
    file = rules.home / f"{name}-{granted.check}-{granted.request.removeprefix('sha256:')[:8]}.yaml"
    if file.exists():
        raise InputError(f"{file}: there is an approval of this request; remove it first where it is wrong")
    rules.home.mkdir(exist_ok=True)
    write((_written(granted), str(file)), option="")
    try:
        _judge(service, contract, request, grant.day)
    except InputError:
        file.unlink()
        raise
    return (
        f"{file}: {granted.check} of {', '.join(components)} is waived until {granted.expires}.\nNext: commit it, and "
        "have it reviewed"
    )


def _the_one(found: list[Pending], wish: Wish, day: date, service: Path) -> Pending:
    """The request that is meant: of those of that check and line the only one that waits, its time not over."""
    lines = [request.place.line for request, _, _ in found]
    if wish.line not in {None, *lines}:
        begins = f"some do in {', '.join(map(str, lines))}" if lines else "none does"
        raise InputError(f"{service}: in line {wish.line} of {SERVICE_FILE} begins no request; {begins}")
    wanted = [each for each in found if wish.check in {None, each[0].asked.check}]
    wanted = [each for each in wanted if wish.line in {None, each[0].place.line}]
    waiting = [each for each in wanted if each[2].state != "granted"]
    in_time = [each for each in waiting if each[0].asked.expires > day]
    # What is asked for twice in the same words has one digest: its approval is of both.
    distinct = list({each[0].asked: each for each in in_time or waiting or wanted}.values())
    if not distinct:
        raise InputError(f"{service}: it asks for no waiver{f' of {wish.check}' if wish.check else ''}")
    if len(distinct) > 1:
        checks = list(dict.fromkeys(request.asked.check for request, _, _ in distinct))
        places = ", ".join(str(request.place.line) for request, _, _ in distinct)
        these, option = (
            (", ".join(checks), "--check") if len(checks) > 1 else (f"{checks[0]}, lines {places}", "--line")
        )
        raise InputError(f"{service}: it asks for {len(distinct)} waivers ({these}); name one with {option}")
    return distinct[0]


def _granted(request: Request, components: tuple[str, ...], policy: WaiverPolicy, grant: Grant) -> Granted:
    asked = request.asked
    approvers = [str(parse_reference(each, "group")) for each in policy.approvers]
    try:
        approver = str(parse_reference(grant.approver, "group"))
    except ValueError as error:
        raise InputError(f"--approver: {error}") from None
    if approver not in approvers:
        raise InputError(f"--approver {grant.approver}: the contract's approvers are {', '.join(approvers)}")
    try:
        self_approved = approves_itself(asked, approver, grant.by)
    except ValueError as error:
        raise InputError(f"--by: {error}") from None
    if self_approved:
        raise InputError(f"{request.place}: {self_approved}")
    if not grant.risk.strip():
        raise InputError("--risk: say what is accepted, and what limits it")
    latest = grant.day + timedelta(days=min(policy.max_days, (asked.expires - grant.day).days))
    if grant.expires and grant.expires > latest:
        raise InputError(f"--expires {grant.expires}: at the latest {latest} can be approved")
    expires = grant.expires or latest
    if expires <= grant.day:
        raise InputError(f"{request.place}: its time is over ({asked.expires}); ask for a new one")
    digest = request.digest(components)
    return Granted(digest, asked.check, components, approver, grant.day, expires, grant.risk, grant.by)


def _judge(service: Path, contract: str, request: Request, day: date) -> None:
    """Read what has been written. Raises InputError where it does not count."""
    with open_repository(service) as repository:
        found = standings(choose(repository, contract), components_of(repository), day)
        standing = next(standing for each, _, standing in found if each == request)
    if standing.state != "granted":
        raise InputError(standing.why)


def _written(granted: Granted) -> str:
    lines = [
        "apiVersion: goldenpath.dev/v1",
        "kind: WaiverApproval",
        "spec:",
        f"  request: {granted.request}",
        f"  check: {granted.check}",
        f"  components: {quoted(list(granted.components))}",
        f"  approver: {granted.approver}",
        *([f"  approved_by: {quoted(granted.approved_by)}"] if granted.approved_by else []),
        f"  approved: {granted.approved}",
        f"  expires: {granted.expires}",
        f"  risk: {quoted(granted.risk)}",
    ]
    return "\n".join(lines)
