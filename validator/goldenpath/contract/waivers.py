"""Waivers: what a service asks to be excused from, and what an approver of the contract has granted.

A service asks, in its own `.goldenpath.yaml`; it never grants. An approval is a file in the folder `approvals` beside
the contract. It names the digest of the request and of what that covers, so that whatever changes afterwards is no
longer approved.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, json

from goldenpath.contract import check
from goldenpath.contract.conversion import convert
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, locate, parse
from goldenpath.facts.references import parse_reference
from goldenpath.repository import InputError, Place, Unreadable, read_outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from goldenpath.contract import Contract, WaiverPolicy
    from goldenpath.facts.catalog import Component
    from goldenpath.facts.nodes import Node

State: TypeAlias = Literal["granted", "requested", "refused", "expired"]

STATES: tuple[State, ...] = ("granted", "requested", "expired", "refused")
"""Of two waivers of one check the one that comes first here counts."""


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """A request as it is written.

    `scope` has references of components, or patterns of folders: what is declared there or further down (`*` stays in a
    folder, `**` does not). Without it the request is about every component of the repository.
    """

    check: str
    reason: str
    requested_by: str
    requested: date
    expires: date
    scope: tuple[str, ...] = ()


class Request(Struct, frozen=True):
    """A request that has been found sound, and where it stands."""

    asked: Asked
    place: Place

    def covers(self, component: Component) -> bool:
        """Whether it is about this component."""
        return not self.asked.scope or any(_means(entry, component) for entry in self.asked.scope)

    def digest(self, components: tuple[str, ...]) -> str:
        """What an approval names: of every word of the request, and of the components that it covers."""
        whole = {"request": self.asked, "components": sorted(components)}
        return f"sha256:{sha256(json.encode(whole, order='sorted')).hexdigest()}"


class Granted(Struct, frozen=True, forbid_unknown_fields=True):
    """An approval as it is written.

    `request` is the digest; `check` and `components` say for people what that stands for. `approver` is one of the
    contract's, `approved_by` the person who spoke for a group, `risk` what is accepted with it and what limits it.
    """

    request: str
    check: str
    components: tuple[str, ...]
    approver: str
    approved: date
    expires: date
    risk: str
    approved_by: str = ""


class Approval(Struct, frozen=True):
    """An approval that has been read, and where it stands."""

    granted: Granted
    place: Place


class Standing(Struct, frozen=True):
    """How it stands with a request on a day; `why` says of one that does not count what is missing."""

    state: State
    why: str = ""
    approval: Approval | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    apiVersion: Literal["goldenpath.dev/v1"]  # noqa: N815 - the file's own spelling
    kind: Literal["WaiverApproval"]
    spec: Granted


_FIELDS = sorted({name for model in (Asked, Granted, _File) for name in model.__struct_encode_fields__})
_CHOICES = {"apiVersion": "goldenpath.dev/v1", "kind": "WaiverApproval"}

MAX_REQUESTS = 200
"""Most waivers that a service may ask for; each is weighed for every component."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


# --- requests


def read_requests(node: Node, contract: Contract) -> tuple[Request, ...]:
    """The requests of a service. Raises Malformed with the place of the first that nobody could approve."""
    items = node.items if isinstance(node, Sequence) else []
    if len(items) > MAX_REQUESTS:
        raise Malformed(items[MAX_REQUESTS].place, f"more than {MAX_REQUESTS} waivers are no exceptions; ask for less")
    return tuple(_request(item, contract) for item in items)


def _request(item: Node, contract: Contract) -> Request:
    asked = convert(item, Asked, _FIELDS, _CHOICES)
    check(asked.check, locate(item, "$.check"))
    if not asked.reason.strip():
        raise Malformed(locate(item, "$.reason"), "a waiver needs a reason; say why the check cannot be met yet")
    _reference(item, "requested_by", asked.requested_by, "user")
    for number, entry in enumerate(asked.scope):
        if entry.startswith("component:"):
            _reference(item, f"scope[{number}]", entry, "component")
    _in_order(item, "requested", asked.requested, asked.expires)
    if contract.waivers and (longest := too_long(asked.requested, asked.expires, contract.waivers)):
        raise Malformed(locate(item, "$.expires"), f"{longest} of the contract {contract.name}")
    return Request(asked, item.place)


def too_long(begin: date, end: date, policy: WaiverPolicy) -> str:
    """What is wrong with a waiver from one day to another; nothing where the contract allows that many days."""
    if (end - begin).days <= policy.max_days:
        return ""
    last = begin + timedelta(days=policy.max_days)
    return f"{end} is later than {last}, the {policy.max_days} days (spec.waivers.max_days)"


def approves_itself(asked: Asked, approver: str, approved_by: str) -> str:
    """What is wrong with an approval by whoever asks for it; nothing where somebody else gives it."""
    requester = str(parse_reference(asked.requested_by, "user"))
    people = [parse_reference(approver, "group"), *([parse_reference(approved_by, "user")] if approved_by else [])]
    if requester in map(str, people):
        return f"{requester} asks for this waiver, and cannot be the one who approves it"
    return ""


def _in_order(item: Node, field: str, begin: date, end: date) -> None:
    if end <= begin:
        raise Malformed(locate(item, "$.expires"), f"expires ({end}) must come after {field} ({begin})")


def _reference(item: Node, field: str, text: str, kind: str) -> None:
    try:
        parse_reference(text, kind)
    except ValueError as error:
        raise Malformed(locate(item, f"$.{field}"), f"{field.partition('[')[0]}: {error}") from None


def _means(entry: str, component: Component) -> bool:
    if entry.startswith("component:"):
        return str(parse_reference(entry, "component")) == str(component.ref)
    return _matches(entry, component.entity.place.path.rpartition("/")[0])


def _matches(glob: str, folder: str) -> bool:
    """Whether a pattern means a folder or one above it. Step by step: no pattern takes long."""
    parts = [part for part in glob.split("/") if part not in {"", "."}]
    reached = _onward({0}, parts) if glob else set[int]()
    for name in filter(None, folder.split("/")):
        if len(parts) in reached:
            break
        stayed = {at for at in reached if parts[at] == "**"}
        gone = {at + 1 for at in reached if fnmatchcase(name, parts[at].replace("[", "[[]"))}
        reached = _onward(stayed | gone, parts)
    return len(parts) in reached


def _onward(reached: set[int], parts: list[str]) -> set[int]:
    """The places in a pattern, and those after each `**`, which may stand for no folder at all."""
    for at, part in enumerate(parts):
        if at in reached and part == "**":
            reached.add(at + 1)
    return reached


# --- approvals


def read_approvals(folder: Path | None) -> tuple[Approval, ...]:
    """Every approval beside a contract. Raises InputError with the line of one that cannot be read."""
    if folder is None or not folder.is_dir():
        return ()
    return tuple(map(_approval, sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})))


def _approval(path: Path) -> Approval:
    try:
        documents = parse(str(path), read_outside(path))
        if len(documents) != 1 or not isinstance(documents[0], Mapping):
            raise InputError(f"{path}: an approval is one YAML document, a mapping")
        return _sound(documents[0])
    except Malformed as error:
        raise InputError(f"{error.place}: {error}") from None
    except Unreadable as error:
        raise InputError(f"{path}: {error}") from None


def _sound(root: Mapping) -> Approval:
    granted = convert(root, _File, _FIELDS, _CHOICES).spec
    if not _DIGEST.fullmatch(granted.request):
        raise Malformed(locate(root, "$.spec.request"), "request is the digest that `goldenpath waiver list` shows")
    if not granted.risk.strip():
        raise Malformed(locate(root, "$.spec.risk"), "an approval names the risk that is accepted, and what limits it")
    spec = root.get("spec") or root
    _reference(spec, "approver", granted.approver, "group")
    if granted.approved_by:
        _reference(spec, "approved_by", granted.approved_by, "user")
    _in_order(spec, "approved", granted.approved, granted.expires)
    return Approval(granted, locate(root, "$.spec.request"))


# --- both together


def standings(
    contract: Contract, components: Iterable[Component | None], day: date
) -> Iterator[tuple[Request, tuple[str, ...], Standing]]:
    """Every request with the components of the repository that it covers, and how it stands on a day."""
    declared = [component for component in components if component is not None]
    for request in contract.requests:
        outside = {str(component.ref) for component in declared if not request.covers(component)}
        every = dict.fromkeys(str(component.ref) for component in declared)
        covered = tuple(ref for ref in every if ref not in outside)  # one that is declared twice is in it twice, or not
        yield request, covered, _decide(request, covered, contract, day)


def _decide(request: Request, components: tuple[str, ...], contract: Contract, day: date) -> Standing:
    if not components:
        return Standing("refused", "it covers no component that this repository declares")
    if not contract.waivers:
        return Standing("refused", f"the contract {contract.name} grants no waivers (it has no spec.waivers)")
    digest = request.digest(components)
    standings = [
        _standing(request, components, approval, contract, contract.waivers, day)
        for approval in contract.approvals
        if approval.granted.request == digest
    ]
    if standings:
        return min(standings, key=_weight)
    changed = next((each for each in contract.approvals if _once_meant(each.granted, request, components)), None)
    if changed:
        return Standing("refused", f"it is not what {changed.place} approves: something in it has changed since")
    if day > request.asked.expires:
        return Standing("expired", "nobody has approved it, and its time is over")
    return Standing("requested", f"nobody has approved it yet ({contract.home})" if contract.home else _SELF_MADE)


_SELF_MADE = "a contract in the service's own repository grants nothing; name the platform's with --contract"


def _weight(standing: Standing) -> tuple[int, date]:
    """What counts most comes first; of what counts the same, what ends last."""
    ends = standing.approval.granted.expires if standing.approval else date.min
    return STATES.index(standing.state), date.min + (date.max - ends)


def _once_meant(granted: Granted, request: Request, components: tuple[str, ...]) -> bool:
    return granted.check == request.asked.check and bool(set(granted.components) & set(components))


def _standing(
    request: Request, components: tuple[str, ...], approval: Approval, contract: Contract, policy: WaiverPolicy,
    day: date,
) -> Standing:  # fmt: skip
    """What an approval of this very request is worth on a day."""
    granted, at, name = approval.granted, approval.place, contract.name
    if granted.check != request.asked.check or set(granted.components) != set(components):
        words, meant = (
            f"{check} of {', '.join(sorted(of))}"
            for check, of in ((granted.check, granted.components), (request.asked.check, components))
        )
        return Standing("refused", f"{at}: it speaks of {words}, but its digest is of {meant}", approval)
    approvers = {str(parse_reference(each, "group")) for each in policy.approvers}
    if str(parse_reference(granted.approver, "group")) not in approvers:
        why = f"{at}: {granted.approver} is no approver of the contract {name} ({', '.join(policy.approvers)})"
        return Standing("refused", why, approval)
    if self_approved := approves_itself(request.asked, granted.approver, granted.approved_by):
        return Standing("refused", f"{at}: {self_approved}", approval)
    if granted.expires > request.asked.expires:
        return Standing("refused", f"{at}: it approves more than was asked, {request.asked.expires}", approval)
    if longest := too_long(granted.approved, granted.expires, policy):
        return Standing("refused", f"{at}: {longest} of the contract {name}", approval)
    if day < granted.approved:
        return Standing("requested", f"it is approved from {granted.approved} on", approval)
    if day > granted.expires:
        return Standing("expired", f"it expired on {granted.expires}", approval)
    return Standing("granted", approval=approval)
