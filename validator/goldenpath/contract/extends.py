"""A contract that builds on another: what it says counts, and what it does not say is as the other has it.

Mappings are laid over each other field by field, down to the fields of one check; lists and values replace. Checks that
a later version of the other brings come in by themselves, on the day that it announces.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from goldenpath.contract.conversion import convert
from goldenpath.contract.reading import FIELDS, contract_of, file_of, known, requirement, steps
from goldenpath.facts.declared import Knowledge
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, locate

if TYPE_CHECKING:
    from goldenpath.contract import Contract, Requirement
    from goldenpath.contract.reading import Base
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Place

_Checks: TypeAlias = "dict[str, tuple[Requirement, ...]]"


class Extends(Struct, frozen=True, forbid_unknown_fields=True):
    """What is built on: a name or a file, as it is or by the rules of a day.

    What begins after that day is held back: a check that is new is advisory, another stays what it was.
    """

    contract: str
    as_of: date | None = None


class _Off(Struct, frozen=True, forbid_unknown_fields=True):
    level: Literal["off"]
    reason: str


_FIELDS = sorted({*FIELDS, *Extends.__struct_encode_fields__, *_Off.__struct_encode_fields__})


def extended(root: Mapping, wished: Node, source: str, read_base: Base) -> Contract:
    """The contract of a file that extends another. Raises Malformed or InputError."""
    asked, place = _asked(wished)
    base = read_base(asked.contract, str(place))
    inherited = {name: getattr(base, name) for name in ("tiers", "scope", "settings", "waivers")}
    file = file_of(root, {"spec": to_builtins(inherited) | {"checks": {}}})
    checks, held_back = _held_back(base.checks, asked.as_of)
    stated = root.get("spec", "checks")
    own = stated if isinstance(stated, Mapping) else Mapping(root.place, {}, {})
    off = {key.text: _reason(key, node) for key, node in own.items() if _is_off(node)}
    for key, node in own.items():
        if key.text not in off:
            checks[key.text] = _restated(key, node, base, file.spec.tiers)
    checks = {name: every for name, every in checks.items() if name not in off}
    for name, every in checks.items():
        if lost := next((each.tier for each in every if each.tier not in file.spec.tiers), None):
            problem = f"{base.called} asks for {name} at {lost}; add that tier, or give {name} one of yours"
            raise Malformed(locate(root, "$.spec.tiers"), problem)
    contract = contract_of(root, file, source, checks)
    mine = {key.text for key, _ in own.items()}
    return replace(
        contract,
        knowledge=_joined(contract.knowledge, base.knowledge),
        base=base,
        asked_by={
            name: contract.called if name in mine else base.asked_by.get(name, base.called) for name in checks
        },
        switched_off={name: why for name, why in (base.switched_off | off).items() if name not in checks},
        held_back=tuple(name for name in held_back if name not in mine),
    )  # fmt: skip


def _asked(wished: Node) -> tuple[Extends, Place]:
    if isinstance(wished, Scalar) and wished.text:
        return Extends(wished.text), wished.place
    if not isinstance(wished, Mapping):
        problem = "extends names one contract, or a file beside this one; to build on several, let one extend the next"
        raise Malformed(wished.place, problem)
    return convert(wished, Extends, _FIELDS, {}), locate(wished, "$.contract")


def _held_back(checks: _Checks, as_of: date | None) -> tuple[_Checks, list[str]]:
    """What is asked by the rules of a day, and the checks of which later ones are held back."""
    if as_of is None:
        return dict(checks), []
    begun = {name: tuple(each for each in every if _start(each) <= as_of) for name, every in checks.items()}
    found = {
        name: begun[name] or tuple(replace(each, level="advisory") for each in every) for name, every in checks.items()
    }
    return found, [name for name, every in checks.items() if begun[name] != every]


def _is_off(node: Node) -> bool:
    level = node.get("level") if isinstance(node, Mapping) else None
    return isinstance(level, Scalar) and level.text == "off"


def _reason(name: Scalar, node: Node) -> str:
    known(name)
    off = convert(node, _Off, _FIELDS, {})
    if not off.reason.strip():
        raise Malformed(locate(node, "$.reason"), f"say why {name.text} is not asked for; every report names it")
    return off.reason


def _restated(name: Scalar, node: Node, base: Contract, tiers: tuple[str, ...]) -> tuple[Requirement, ...]:
    """What is asked of a check: by a list alone, by a mapping as far as it says it, and otherwise as the base has it.

    A `from` moves the beginning: what the base asks on that day begins then, and what it announces for later follows.
    """
    inherited = sorted(base.checks.get(name.text, ()), key=_start)
    if isinstance(node, Sequence) or not inherited:
        if isinstance(node, Mapping) and "tier" not in node.values:
            raise Malformed(name.place, f"{base.called} does not ask for {name.text}; give it a tier, or leave it out")
        return steps(name, node, tiers)
    found = [requirement(node, tiers, each) for each in inherited]
    if isinstance(node, Mapping) and "from" in node.values:
        begun = [number for number, each in enumerate(inherited) if _start(each) <= _start(found[0])]
        first = begun[-1] if begun else 0
        later = zip(found[first + 1 :], inherited[first + 1 :], strict=True)
        found = [found[first], *(replace(each, since=of_base.since) for each, of_base in later)]
    return tuple(
        each
        for number, each in enumerate(found)
        if number == 0 or _without_day(each) != _without_day(found[number - 1])
    )


def _start(asked: Requirement) -> date:
    return asked.since or date.min


def _without_day(asked: Requirement) -> Requirement:
    return replace(asked, since=None)


def _joined(own: Knowledge | None, base: Knowledge | None) -> Knowledge | None:
    """What both say; of several entries for one action the first counts, so the contract's own come first."""
    if own is None or base is None:
        return own or base
    return Knowledge(own.actions + base.actions, own.commands + base.commands, own.presets + base.presets)
