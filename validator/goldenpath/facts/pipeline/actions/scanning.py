"""Actions that look for known vulnerabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content, Image
from goldenpath.facts.pipeline.effects import tidy
from goldenpath.facts.pipeline.omissions import (
    everything,
    installed_left_out,
    manifest_left_out,
    policies_of_all,
    setting,
    settled,
    states_ignored,
)
from goldenpath.facts.pipeline.platforms import looked_at
from goldenpath.facts.pipeline.scanners import SBOM_FORMATS
from goldenpath.facts.values import Symbol, Value, display, fields, literal, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.scanners import Scan


_REPORTS = "only reports what it finds"


def scan(effects: ActionEffects, scan: Scan) -> None:
    """Write down what an action looks into, and whether it refuses anything."""
    if any(literal(effects.input(name)) in others for name, others in scan.unless.items()):
        return
    if scan.asks_for_others(asked := fields(effects.input(scan.asked))):
        return
    settings = _settings(effects, scan)
    own = setting(effects, settings, [scan.setting]) if scan.setting else ()
    gate = effects.input(scan.gate) or effects.variable(scan.variable) or own or value(scan.default)
    refuses = literal(gate) if scan.gate else "true"
    off = refuses is not None and refuses.lower() in {"false", "0", ""}
    problem = _REPORTS if off or scan.is_told_to_report(map(literal, asked)) else None
    kinds, severities, format_ = (_told(effects, scan, each) for each in (scan.kinds, scan.severities, scan.formats))
    problem = problem or scan.overlooks(kinds, severities, format_) or _spares(effects, scan, settings)
    left_out = [
        *map(effects.input, scan.leaves_out.split()),
        *map(effects.variable, scan.variables_of(scan.leaves_out)),
    ]
    patterns = (*left_out, *settled(effects.moment.frame.shared.tree, settings))
    policy, in_doubt = policies_of_all(effects, [_told(effects, scan, scan.policies)] if scan.policies else [])
    if omitted := everything(patterns) or policy:
        problem = f"leaves out everything ({omitted})"
    reads_sbom = any(literal(effects.input(name)) in modes for name, modes in scan.sbom_if.items())
    reference, archive = image_of(effects, scan)
    sbom = archive or effects.input(scan.folder if reads_sbom else scan.sbom)
    described = [piece[0].of for _, piece, _ in effects.pieces(tidy(sbom)) if piece[0].of] if sbom else []
    if scan.image and not (sbom or scan.folder):
        reference = reference or value(Symbol("unknown", "the image that was built last"))
    files = sbom or effects.input(scan.folder, ".")
    targets = [effects.own_image(reference)] if reference else described or [effects.looked_into(effects.files(files))]
    if archive and not described:
        targets.insert(0, in_archive(effects, archive))
    unsure = None if refuses is not None else f"depends on {shown(effects.input(scan.gate))}"
    unsure = unsure or effects.in_doubt_by_inputs((*scan.unless, *(scan.asked.split() if scan.wanted else ())))
    unsure = unsure or _in_doubt_by_words(scan, asked)
    unsure = unsure or effects.in_doubt_about(settings) or in_doubt
    missing = (
        installed_left_out(patterns) if reference else manifest_left_out(effects.moment.frame.shared.tree, patterns)
    )
    unsure = unsure or missing
    platforms = looked_at(effects, _told(effects, scan, "platform"))
    effects.act("scanned", *targets, problem=problem, unsure=unsure, platforms=platforms)
    in_report = literal(format_) not in {None, *SBOM_FORMATS}  # else the file is an SBOM, or may be one
    if off and problem == _REPORTS and in_report and (file := effects.input(scan.report)):
        path = tidy(file)
        effects.put(path, Content("report", effects.origin(path), targets[0]))
        effects.moment.frame.shared.has_reports = True


def image_of(effects: ActionEffects, scan: Scan) -> tuple[Value, Value]:
    """The image that is looked at, by its name or in a file: neither where files are."""
    told = [(literal(effects.input(name)), modes) for name, modes in scan.image_if.items()]
    if not all(word in (None, *modes) for word, modes in told):
        return (), ()
    archive = _told(effects, scan, scan.archive) if scan.archive else ()
    names = scan.image.split() if all(word is not None for word, _ in told) else scan.image.split()[:1]
    return () if archive else next(filter(None, map(effects.input, names)), ()), archive


def in_archive(effects: ActionEffects, file: Value) -> Image:
    """The image that a build has left in a file; else only a run knows which one that is."""
    path = tidy(file)
    built = [piece[0].digest for each, piece, conditions in effects.pieces(path) if path == each and not conditions]
    return Image((), digest=value(built[0] if len(built) == 1 and built[0] else Symbol("unknown", display(file))))


def _told(effects: ActionEffects, scan: Scan, name: str) -> Value:
    """What an input is given, else the variable that stands for it, else the scanner's own file."""
    variables = (effects.variable(each) for each in scan.variables_of(name))
    return (
        effects.input(name)
        or next(filter(None, variables), ())
        or setting(effects, _settings(effects, scan), scan.keys_of(name))
    )


def _spares(effects: ActionEffects, scan: Scan, settings: list[str]) -> str | None:
    """Why it would refuse nothing that could be mended, or look at nothing but the module itself."""
    if scan.unfixed_only and literal(_told(effects, scan, scan.unfixed_only)) == "true":
        return f"ignores what is fixed ({scan.unfixed_only})"
    ignored = [_told(effects, scan, scan.states)] if scan.states else []
    by_rules = states_ignored(effects.moment.frame.shared.tree, settings)
    related = _told(effects, scan, scan.relations) if scan.relations else ()
    return scan.narrows(filter(None, [related])) or scan.spares([*ignored, *by_rules])


def _settings(effects: ActionEffects, scan: Scan) -> list[str]:
    """The files that set a scanner: one that it is told, or its own."""
    given = (effects.input(scan.config) if scan.config else ()) or effects.variable(scan.config_variable)
    named = literal(tidy(given))
    return [named] if named else scan.settings.split()


def _in_doubt_by_words(scan: Scan, asked: list[Value]) -> str | None:
    """Why only the run knows whether it is told to report, where one of its words says so with a variable."""
    options = tuple(f"{each.partition('=')[0]}=" for each in scan.reports.split())
    word = next((each for each in asked if literal(each) is None and display(each).startswith(options)), None)
    return f"depends on {shown(word)}" if word and options else None
