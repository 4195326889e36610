"""Actions that look for known vulnerabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import tidy
from goldenpath.facts.pipeline.omissions import everything, setting, settled
from goldenpath.facts.values import Value, literal, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.tables import Scan


def scan(effects: ActionEffects, scan: Scan) -> None:
    """Known vulnerabilities are looked for, and refused if an input says so."""
    if any(literal(effects.input(name)) in others for name, others in scan.unless.items()):
        return
    gate = (
        effects.input(scan.gate)
        or effects.variable(scan.variable)
        or _set(effects, scan, [scan.setting])
        or value(scan.default)
    )
    refuses = literal(gate) if scan.gate else "true"
    told = [_told(effects, scan, each) for each in (scan.kinds, scan.severities, scan.form)]
    problem, unsure = _commanded(effects, scan)
    if refuses is not None and refuses.lower() in {"false", "0", ""}:
        problem = "only reports what it finds"
    problem = problem or scan.overlooks(*told)
    settings = _settings(effects, scan)
    patterns = (*map(effects.input, scan.leaves_out.split()), *settled(effects.moment.frame.shared.tree, settings))
    if omitted := everything(patterns):
        problem = f"leaves out everything ({omitted})"
    reference, sbom = effects.input(scan.image), effects.input(scan.sbom)
    described = [piece[0].of for _, piece, _ in effects.pieces(tidy(sbom)) if piece[0].of] if sbom else []
    files = sbom or effects.input(scan.folder, ".")
    targets = [effects.own_image(reference)] if reference else described or [effects.looked_into(effects.files(files))]
    unsure = unsure or (None if refuses is not None else f"depends on {shown(effects.input(scan.gate))}")
    unsure = unsure or effects.in_doubt_by_inputs(scan.unless)
    unsure = unsure or effects.in_doubt_about(settings)
    effects.act("scanned", *targets, problem=problem, unsure=unsure)


def _commanded(effects: ActionEffects, scan: Scan) -> tuple[str | None, str | None]:
    """Why none of the commands that it is given refuses what it finds, or why that is not known."""
    if not scan.command:
        return None, None
    given = literal(effects.input(scan.command))
    commands = {each.strip() for each in (given or "").split(",")}
    if given is None:
        return None, f"depends on {shown(effects.input(scan.command))}"
    if not commands.isdisjoint(scan.refusing.split()):
        return None, None
    if not commands.isdisjoint(scan.comparing.split()):
        return None, "refuses what has come since another image, of which nobody knows what it holds"
    return f"does not refuse what it finds ({scan.command}: {given})", None


def _told(effects: ActionEffects, scan: Scan, name: str) -> Value:
    """What an input is given, else the variable that stands for it, else a file of the scanner's own."""
    variables = (effects.variable(each) for each in scan.variables_of(name))
    return effects.input(name) or next(filter(None, variables), ()) or _set(effects, scan, scan.keys_of(name))


def _set(effects: ActionEffects, scan: Scan, keys: list[str]) -> Value:
    """What a file of the scanner's own sets by one of these keys."""
    return setting(effects, _settings(effects, scan), keys)


def _settings(effects: ActionEffects, scan: Scan) -> list[str]:
    """The files that set a scanner: one that it is told, or its own."""
    named = literal(effects.input(scan.config)) if scan.config else None
    return [named.removeprefix("./")] if named else scan.settings.split()
