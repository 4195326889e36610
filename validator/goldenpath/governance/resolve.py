"""A contract with all that it extends, as one file that extends nothing: what holds, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Settings
from goldenpath.contract import Scope, named
from goldenpath.facts.declared import Preset
from goldenpath.governance.yaml import block, flow, quoted, said, stated
from goldenpath.reports.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec import Struct

    from goldenpath.contract import Contract, Requirement
    from goldenpath.facts.declared import Knowledge


def resolve(name: str) -> str:
    """The contract of that name or path. Raises InputError."""
    return "\n".join(_lines(named(name, "NAME|FILE")))


def _lines(contract: Contract) -> Iterator[str]:
    yield f"# {printable(contract.lineage)}: all of it, by `goldenpath contract resolve`"
    about = flow({"name": contract.name, "version": contract.version, "owner": contract.owner})
    yield from ("apiVersion: goldenpath.dev/v1", "kind: PlatformContract", f"metadata: {about}", "spec:")
    yield f"  tiers: {quoted(list(contract.tiers))}"
    for check, why in contract.switched_off.items():
        yield f"  # {check} is switched off: {printable(why)}"
    yield "  checks:"
    width = max(map(len, contract.checks)) + 1
    for check, every in contract.checks.items():
        whose = contract.asked_by.get(check)
        steps = [_step(each) for each in every]
        rule = steps[0] if len(steps) == 1 else f"[{', '.join(steps)}]"
        yield f"    {f'{check}:'.ljust(width)} {rule}{f' # by {printable(whose)}' if whose else ''}"
    yield from block("scope", contract.scope, Scope())
    if contract.waivers:
        yield f"  waivers: {flow({'max_days': contract.waivers.max_days, 'approvers': contract.waivers.approvers})}"
    yield from block("settings", contract.settings, Settings())
    if contract.knowledge:
        yield from _knowledge(contract.knowledge)


def _step(asked: Requirement) -> str:
    return flow(said(asked) | ({"from": asked.since} if asked.since else {}))


def _knowledge(told: Knowledge) -> Iterator[str]:
    yield "  knowledge:"
    parts: dict[str, list[Struct]] = {
        "actions": [each.about for each in told.actions],
        "commands": [each.about for each in told.commands],
        "updates": [Preset(preset) for preset in told.presets],
    }
    for name, entries in parts.items():
        if entries:
            yield f"    {name}:"
        yield from (f"      - {flow(stated(each))}" for each in entries)
