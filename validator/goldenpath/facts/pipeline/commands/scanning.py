"""Commands that look for known vulnerabilities."""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.commands import sboms
from goldenpath.facts.pipeline.commands.handing import handed
from goldenpath.facts.pipeline.platforms import looked_at
from goldenpath.facts.pipeline.testing import XML_COMMENT, with_values
from goldenpath.facts.values import Value, head, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.pipeline.acts import Act, Content, Target
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.scanners import Audit, Scan
    from goldenpath.facts.pipeline.words import Words
    from goldenpath.facts.tree import Tree


def scan(effects: CommandEffects, scan: Scan) -> None:
    """Known vulnerabilities are looked for, and refused if something says from where on."""
    if scan.asks_for_others(effects.words.positionals):
        return
    refusing = [literal(each) for each in effects.words.of(scan.cutoff)[-1:]]  # of several the last one counts
    if not refusing and (named := effects.variable(scan.variable) or _set(effects, scan, [scan.setting])):
        refusing = [literal(named)]
    told = [next(iter(_told(effects, scan, each)), ()) for each in (scan.kinds, scan.severities, scan.formats)]
    omitted, unsure = _omits(effects, scan)
    problem = scan.overlooks(*told) or _spares(effects, scan) or omitted
    unsure = unsure or effects.in_doubt_about(_settings(effects, scan))
    if refusing[-1:] == [None]:
        unsure = unsure or f"refuses what only a run will say ({scan.cutoff.split()[0]})"
    reports = False
    nothing = {"0", "false"} if effects.words.lone & set(scan.cutoff.split()) else {"", "0", "false"}
    told_more = scan.of == "dependencies" and any(literal(each) is None for each in effects.words.positionals)
    if scan.cutoff and not refusing and told_more:  # which may be the cutoff
        unsure = unsure or f"is told what only a run will say, {scan.cutoff.split()[0]} perhaps"
    elif scan.cutoff and set(refusing) <= nothing:
        reports = problem is None and not (sboms.finds_in_sbom(effects) or sboms.form_in_doubt(effects))
        problem = f"only reports what it finds: nothing says from where on it fails ({scan.cutoff.split()[0]})"
    elif scan.is_told_to_report(with_values([literal(word) or "" for word in effects.all_words])):
        problem = "only reports what it finds"
    archives = sboms.named_archives(effects)
    subjects = archives or effects.words.positionals or [value(".")]
    subjects = subjects[:1] if scan.of != "dependencies" else [value(".")]
    for word in told_where(effects.words, scan, effects.moment.frame.shared.tree, effects.path) or subjects:
        act = _scanned(effects, scan, word, problem, unsure, is_file=bool(archives))
        for target in act.targets if reports else ():
            report(effects, target)


def audit(effects: CommandEffects, audit: Audit) -> None:
    """A program that looks for known vulnerabilities by the way may stop there; what it lets pass is not followed."""
    said = {literal(word) or "" for word in effects.all_words}
    if not said.isdisjoint(audit.skips.split()):
        return
    tree = effects.moment.frame.shared.tree
    files = islice(tree.fitting(re.compile(audit.files)), _MOST_FILES)
    texts = [XML_COMMENT.sub("", tree.text(path) or "") for path in files]
    if any(re.search(audit.unless, text) for text in texts):
        return
    if not said.isdisjoint(audit.words.split()) or any(re.search(audit.pattern, text) for text in texts):
        effects.act("scanned", effects.looked_into(effects.seen(value("."))), unsure=_BY_THE_WAY)


_BY_THE_WAY = "looks at what it restores, and stops at a warning: what it lets pass is not followed"
_MOST_FILES = 300
"""Most files of a program that are read for what it is told."""


def told_where(words: Words, scan: Scan, tree: Tree, path: Callable[[Value], Value]) -> list[Value]:
    """The folders of the files, or projects, that alone it is told to look at (`-L docs/go.mod`, `pip-audit -r`)."""
    found = []
    for word in words.of(scan.named):
        told = partition(word, ":")  # osv-scanner: as what it is to be read
        named = literal(path(told[1] if told and told[1] else word))
        is_file = named is not None and tree.is_file(named)
        found.append(word if named is None else value((posixpath.dirname(named) if is_file else named) or "."))
    return found


def report(effects: CommandEffects, of: Target | None) -> None:
    """What is found out fails nothing here; who reads it may decide by that."""
    from goldenpath.facts.pipeline.commands import reports

    reports.report(effects, of)


def _told(effects: CommandEffects, scan: Scan, options: str) -> list[Value]:
    """What options are given, else the variables that stand for them (`TRIVY_SEVERITY`), else a file of its own."""
    given = effects.words.of(options)
    given = given or [told for name in scan.variables_of(options) if (told := effects.variable(name))]
    return given or list(filter(None, [_set(effects, scan, scan.keys_of(options))]))


def _set(effects: CommandEffects, scan: Scan, keys: list[str]) -> Value:
    """What a file of its own sets by one of these keys."""
    from goldenpath.facts.pipeline.omissions import setting

    return setting(effects, _settings(effects, scan), keys)


def _settings(effects: CommandEffects, scan: Scan) -> list[str]:
    """The files that set a scanner: the one it is told, or its own where it runs, which no container finds itself."""
    if not scan.settings:
        return []
    told = effects.words.of("-c --config") or list(filter(None, [effects.variable(scan.config_variable)]))
    if not told and effects.container is not None and not effects.container.has("-w --workdir"):
        return []
    return [literal(effects.path(each)) or "" for each in told or map(value, scan.settings.split())]


def _spares(effects: CommandEffects, scan: Scan) -> str | None:
    """Why it would refuse nothing that could be mended."""
    from goldenpath.facts.pipeline.omissions import states_ignored

    if scan.packages and {literal(each) for each in _told(effects, scan, scan.packages)} == {"os"}:
        return f"looks at nothing that it depends on ({scan.packages.split()[0]}: os)"
    told = (literal(each) for each in _told(effects, scan, scan.unfixed_only)) if scan.unfixed_only else ()
    if effects.words.has(scan.unfixed_only) or "true" in told:
        return f"ignores what is fixed ({scan.unfixed_only})"
    if narrow := scan.narrows(_told(effects, scan, scan.relations) if scan.relations else ()):
        return narrow
    by_rules = states_ignored(effects.moment.frame.shared.tree, _settings(effects, scan))
    return scan.spares([*_told(effects, scan, scan.states), *by_rules])


def _omits(effects: CommandEffects, scan: Scan) -> tuple[str | None, str | None]:
    """Why it would look at nothing, or why that cannot be told: by its options, by variables, or by its own files."""
    from goldenpath.facts.pipeline.omissions import (
        everything,
        installed_left_out,
        manifest_left_out,
        policies_of_all,
        settled,
    )

    names = scan.variables_of(effects.about.leaves_out)
    tree = effects.moment.frame.shared.tree
    settings = settled(tree, _settings(effects, scan))
    patterns = [*effects.words.of(effects.about.leaves_out), *map(effects.variable, names), *settings]
    patterns += _overridden(effects, scan)
    policy, unsure = policies_of_all(effects, map(effects.path, _told(effects, scan, scan.policies)))
    found = everything(patterns) or policy
    unsure = unsure or (installed_left_out(patterns) if scan.of == "subject" else manifest_left_out(tree, patterns))
    return f"leaves out everything ({found})" if found else None, unsure or _of_no_kinds(effects, scan)


def _overridden(effects: CommandEffects, scan: Scan) -> list[Value]:
    """What is ignored by a file that is named, or by the one that stands beside what is looked at."""
    if not (scan.overrides and effects.state.has_files):
        return []
    from goldenpath.facts.pipeline.omissions import overrides

    named = [literal(effects.path(each)) or "" for each in effects.words.of("--config")]
    beside = [scan.overrides] if scan.of == "folder" and not named else []
    return [*overrides(effects.moment.frame.shared.tree, named, beside)]


def _of_no_kinds(effects: CommandEffects, scan: Scan) -> str | None:
    """Why it may look at no packages: by an option that names none of their kinds, or by a standard."""
    if effects.words.has(scan.standards):
        return f"judges by a standard ({scan.standards}), which says what it looks for"
    options = scan.packages or effects.about.parts
    told = effects.words.of(options)
    return f"is told no kinds of packages to look at ({options.split()[0]})" if told and not any(told) else None


def _scanned(
    effects: CommandEffects, scan: Scan, word: Value, problem: str | None, unsure: str | None, *, is_file: bool
) -> Act:
    start, given = head(word), None if effects.words.positionals else handed(effects)
    if scan.of == "report" or (given is not None and given.of is not None):
        read = [content for _, (content, _), _ in effects.pieces(effects.path(word))] if given is None else [given]
        read = [content for content in read if (content.kind == "report") is (scan.of == "report")]
        targets = [content.of for content in read if content.of is not None]
        unsure = unsure or _in_part(read)
        return effects.act("scanned", *(targets or [effects.seen(word)]), problem=problem, unsure=unsure)
    if scan.of == "sbom" or start.startswith("sbom:"):
        file = effects.seen(value(start.removeprefix("sbom:"), *word[1:]))
        described = [content.of for content, _ in file.pieces if content.of is not None]
        unseen = (
            _in_part([content for content, _ in file.pieces])
            if described
            else "scans a file of which nobody has seen that it is an SBOM"
        )
        return effects.act("scanned", *(described or [file]), problem=problem, unsure=unseen or unsure)
    if scan.of == "subject":
        of = sboms.subject_of(effects, word, is_file=is_file)
        platforms = looked_at(effects, next(iter(_told(effects, scan, "--platform")), ()))
        return effects.act("scanned", of, problem=problem, unsure=unsure, platforms=platforms)
    return effects.act("scanned", effects.looked_into(effects.seen(word)), problem=problem, unsure=unsure)


def _in_part(read: list[Content]) -> str | None:
    """Why what is read need not tell of all that there is."""
    picked = any(content.kind == "derived" or (content.kind == "report" and content.opaque) for content in read)
    return "scans what was made of an SBOM, or of a report, which is not followed" if picked else None
