"""What a contract's file says: its fields, and whether they are sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from goldenpath.checks import AlertRoute, Settings, Template, is_shipped
from goldenpath.contract import Contract, Requirement, Scope, WaiverPolicy, check
from goldenpath.contract.conversion import convert, nearest
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, locate, parse
from goldenpath.facts.references import parse_reference
from goldenpath.facts.tables import names_in
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.nodes import Node, Scalar

Base: TypeAlias = "Callable[[str, str], Contract]"
"""Reads what a contract extends: by its name or path, and by where that is said."""

Outside: TypeAlias = "tuple[tuple[str, str], ...] | None"
"""The files of this machine that a contract is read from, as the contract has them."""


class Metadata(Struct, frozen=True, forbid_unknown_fields=True):
    """What the contract is called, and whose it is."""

    name: str
    version: str
    owner: str


class Spec(Struct, frozen=True, forbid_unknown_fields=True):
    """What it says; `checks`, `extends` and `knowledge` are read by themselves."""

    tiers: tuple[str, ...]
    checks: dict[str, Any]
    extends: Any = None
    scope: Scope = Scope()
    settings: Settings = Settings()
    waivers: WaiverPolicy | None = None
    knowledge: Any = None


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    apiVersion: Literal["goldenpath.dev/v1"]  # noqa: N815 - the file's own spelling
    kind: Literal["PlatformContract"]
    metadata: Metadata
    spec: Spec


_MODELS = (Scope, Requirement, WaiverPolicy, Settings, AlertRoute, Template, Metadata, Spec, File)
FIELDS = sorted({field for model in _MODELS for field in model.__struct_encode_fields__})
CHOICES = {
    "level": "required or advisory; off is for a check that `extends` brings",
    "apiVersion": "goldenpath.dev/v1",
    "kind": "PlatformContract",
}


def read(path: str, text: str, source: str, base: Base, outside: Outside) -> Contract:
    """A contract from its text. Raises InputError with the line of what is wrong."""
    try:
        documents = parse(path, text)
        if len(documents) == 1 and isinstance(documents[0], Mapping):
            contract = _sound(documents[0], source, base)
            return replace(contract, outside=_joined(outside, contract.base))
    except Malformed as error:
        raise InputError(f"{error.place}: {error}") from None
    raise InputError(f"{path}: a contract is one YAML document, a mapping")


def _joined(outside: Outside, base: Contract | None) -> Outside:
    """The files that a contract is read from, with those of what it extends; None where either cannot be told."""
    if base is None:
        return outside
    return None if outside is None or base.outside is None else outside + base.outside


def _sound(root: Mapping, source: str, base: Base) -> Contract:
    if (wished := root.get("spec", "extends")) is not None:
        from goldenpath.contract.extends import extended  # only such a contract waits for it

        return extended(root, wished, source, base)
    file = file_of(root)
    checks = root.get("spec", "checks")
    stated = checks.items() if isinstance(checks, Mapping) else ()
    return contract_of(root, file, source, {key.text: steps(key, node, file.spec.tiers) for key, node in stated})


def file_of(root: Mapping, below: dict[str, Any] | None = None) -> File:
    """What the file says, but for its requirements, of what is `below` it. Raises Malformed where it is not sound."""
    file = convert(root, File, FIELDS, CHOICES, below)
    spec = file.spec
    if not spec.tiers or len(set(spec.tiers)) != len(spec.tiers):
        raise Malformed(locate(root, "$.spec.tiers"), "name each tier once, the lowest first, and at least one")
    if unclean := [tier for tier in spec.tiers if not tier.strip() or not tier.isprintable()]:
        raise Malformed(locate(root, "$.spec.tiers"), f"{unclean[0]!r} is no name of a tier; write it on one line")
    _reference(root, "$.metadata.owner", file.metadata.owner)
    for number, approver in enumerate(spec.waivers.approvers if spec.waivers else ()):
        _reference(root, f"$.spec.waivers.approvers[{number}]", approver)
    _known_names(root, spec.settings)
    if spec.settings.template:
        _template(root, spec.settings.template)
    return file


def contract_of(root: Mapping, file: File, source: str, requirements: dict[str, tuple[Requirement, ...]]) -> Contract:
    """The contract of a file with its requirements. Raises Malformed."""
    spec, about = file.spec, file.metadata
    if not requirements:
        raise Malformed(locate(root, "$.spec.checks"), "a contract asks for at least one check")
    knowledge = None
    if (told := root.get("spec", "knowledge")) is not None:
        from goldenpath.contract.knowledge import read_knowledge  # only such a contract waits for it

        knowledge = read_knowledge(told, f"the contract {about.name} {about.version}")
    return Contract(
        about.name,
        about.version,
        about.owner,
        source,
        spec.tiers,
        requirements,
        spec.scope,
        spec.settings,
        spec.waivers,
        knowledge=knowledge,
    )


def _known_names(root: Mapping, settings: Settings) -> None:
    """Refuse a misspelt product or form, which would fail everybody; one that no table has is left to the checks."""
    for field, table in (("oncall", "oncall"), ("chat", "chat"), ("slo_forms", "slos")):
        for number, name in enumerate(getattr(settings, field) or ()):
            known = names_in(table)
            if name not in known and (near := nearest(name.lower(), known)):
                place = locate(root, f"$.spec.settings.{field}[{number}]")
                raise Malformed(place, f"settings.{field} knows no {name!r}; did you mean {near[0]!r}?")
    for number, route in enumerate(settings.alert_routes or ()):
        at = f"$.spec.settings.alert_routes[{number}]"
        if not route.match:
            raise Malformed(locate(root, at), "an alert route matches by at least one label; `*` stands for any text")
        if route.receiver not in (known := names_in("oncall")):
            near = nearest(route.receiver.lower(), known)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            raise Malformed(locate(root, f"{at}.receiver"), f"{route.receiver!r} pages nobody that is known; {hint}")


def _template(root: Mapping, template: Template) -> None:
    from goldenpath.facts.sources import parse_source, parse_version  # only such a contract waits for them

    for field, read in (("source", parse_source), ("minimum", parse_version)):
        try:
            read(getattr(template, field))
        except ValueError as error:
            raise Malformed(locate(root, f"$.spec.settings.template.{field}"), f"template.{field}: {error}") from None


def _reference(root: Mapping, path: str, text: str) -> None:
    try:
        parse_reference(text, "group")
    except ValueError as error:
        raise Malformed(locate(root, path), str(error)) from None


def steps(name: Scalar, node: Node, tiers: tuple[str, ...]) -> tuple[Requirement, ...]:
    """What is asked of a check over time: one requirement, or a list of them. Raises Malformed."""
    known(name)
    found: list[Requirement] = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        asked = requirement(item, tiers)
        if asked.since in {each.since for each in found}:
            day = asked.since or "the beginning"
            raise Malformed(item.place, f"{name.text} has two requirements from {day} on; each needs a date of its own")
        found.append(asked)
    if not found:
        raise Malformed(name.place, f"{name.text} asks for nothing; give it a tier, or leave it out")
    return tuple(found)


def known(name: Scalar) -> None:
    """Make sure that there is a check of that name. Raises InputError."""
    if not is_shipped(name.text):
        check(name.text, name.place)


def requirement(node: Node, tiers: tuple[str, ...], below: Requirement | None = None) -> Requirement:
    """A requirement, of which what is not stated is as it is below. Raises Malformed."""
    asked = convert(node, Requirement, FIELDS, CHOICES, to_builtins(below) if below else None)
    if asked.tier not in tiers:
        known_tiers = ", ".join(tiers)
        raise Malformed(locate(node, "$.tier"), f"there is no tier {asked.tier!r}; spec.tiers has {known_tiers}")
    return asked
