"""`goldenpath authoring gate`: whether templates may be published.

Every combination of options is made, judged and updated from older versions, as those who use the suite would; what is
tried is read from the questionnaire (options.py), and what must hold is in trial.py.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.arguments import wanted
from goldenpath.authoring.options import Answer, Combination, combinations, offered
from goldenpath.authoring.trial import Bench, Problem, Trial, Tried, alone, tried
from goldenpath.authoring.versions import NEXT, git, questionnaire, releases, snapshot
from goldenpath.contract import named
from goldenpath.questionnaire import SOURCE
from goldenpath.reports import json
from goldenpath.reports.terminal import printable, standard_output, wrap
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.reports.terminal import Surface


class Refused(Struct, frozen=True):
    """What cannot be chosen together, in the questionnaire's own words."""

    template: str
    name: str
    options: dict[str, Answer]
    why: str


class Gate(Struct, frozen=True):
    """What was tried by which contract, and what came out; `versions` are those that services were updated from."""

    apiVersion: Literal["goldenpath.dev/gate/v1"]  # noqa: N815 - the field's spelling, as in the report
    suite: str
    contract: str
    tier: str
    versions: tuple[str, ...]
    passed: bool
    tried: tuple[Tried, ...]
    refused: tuple[Refused, ...]


class Asked(Struct, frozen=True):
    """What to try; without `templates` all, without `versions` every release."""

    contract: str | None = None
    tier: str | None = None
    templates: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    workers: int = 1


def gate(root: Path, asked: Asked) -> Gate:
    """Try every combination of the suite in a folder. Raises InputError where that cannot be done."""
    if not (root / SOURCE).is_file():
        raise InputError(f"{root}: there is no {SOURCE}, so it is no suite of templates")
    if not find_spec("copier") or not find_spec("cookiecutter"):
        raise InputError("the gate needs both engines: install goldenpath[templates]")
    contract = named(asked.contract)
    tier = contract.tiers[-1] if asked.tier is None else wanted(asked.tier, contract)
    versions = _versions(root, asked.versions)
    with TemporaryDirectory(prefix="goldenpath-gate-") as temporary:
        folder = Path(temporary).resolve()
        suite = snapshot(root, versions, folder)
        bench = Bench(folder, suite, folder / "tree", asked.contract or contract.name, tier)
        git(folder, "clone", "--quiet", "--shared", str(suite), str(bench.tree))
        trials, refused = _trials(bench, versions, asked.templates)
        results = sorted(_tried(bench, trials, asked.workers), key=lambda each: each[0])
    found = tuple(result for _, result in results)
    return Gate(
        apiVersion="goldenpath.dev/gate/v1",
        suite=str(root.resolve()),
        contract=f"{contract.name} {contract.version}",
        tier=tier,
        versions=tuple(versions),
        passed=not any(each.problems for each in found),
        tried=found,
        refused=tuple(Refused(each.template, each.name, each.options, each.refused) for each in refused),
    )


def _versions(root: Path, asked: Sequence[str]) -> list[str]:
    known = releases(root)
    for version in asked:
        if version not in known:
            raise InputError(f"--from {version}: there is no such release here, which has {', '.join(known) or 'none'}")
    return [version for version in known if not asked or version in asked]


def _trials(bench: Bench, versions: Sequence[str], wanted: Sequence[str]) -> tuple[list[Trial], list[Combination]]:
    """What is to be tried, and what the questionnaire refuses. Raises InputError where a template has nothing."""
    now = questionnaire(bench.suite, NEXT, bench.folder / NEXT)
    then = {version: questionnaire(bench.suite, version, bench.folder / version) for version in versions}
    for template in wanted:
        if template not in now.services:
            known = ", ".join(now.services)
            raise InputError(f"--template {template}: there is no such template here, which has {known}")
    trials: list[Trial] = []
    refused: list[Combination] = []
    for template in wanted or now.services:
        found = combinations(bench.tree, now, template)
        usual = found[0]
        refused += [each for each in found if each.refused]
        if all(each.refused for each in found):
            raise InputError(f"{template}: the questionnaire refuses every combination: {found[0].refused}")
        for each in found:
            if not each.refused:
                told = {version: offered(each, usual, asked) for version, asked in then.items()}
                born = {version: answers for version, answers in told.items() if answers is not None}
                trials.append(Trial(len(trials), each, born))
    return trials, refused


def _tried(bench: Bench, trials: Sequence[Trial], workers: int) -> Iterator[tuple[int, Tried]]:
    """The results as they come, each with its trial's number."""
    context = get_context("spawn")  # nothing of this process is carried over
    with ProcessPoolExecutor(min(workers, len(trials)), context, alone, (bench.folder,)) as pool:
        running = {pool.submit(tried, bench, trial): trial.number for trial in trials}
        try:
            for done, result in enumerate(as_completed(running), 1):
                _progress(done, len(trials))
                yield running[result], result.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _progress(done: int, of: int) -> None:
    """How far it is, where somebody looks."""
    if sys.stderr.isatty():
        end = "\n" if done == of else ""
        print(f"\r{done} of {of} combinations tried", end=end, file=sys.stderr, flush=True)


# --- what it looks like


def render(found: Gate, form: str) -> str:
    """The result in the format of that name."""
    return json.encode(found) if form == "json" else "\n".join(_text(found, standard_output()))


_TITLES = {
    "renders": "is not made",
    "whole": "is left unrendered",
    "engines": "differs between the engines",
    "tier": "misses its tier",
    "update": "does not update",
}


def _text(found: Gate, surface: Surface) -> Iterator[str]:
    about = f"Every combination of {found.suite}, by the contract {found.contract}"
    yield from (surface.paint(line, "dim") for line in wrap(printable(about), surface.columns))
    yield ""
    templates = dict.fromkeys(each.template for each in found.tried)
    for template in templates:
        yield from _template(found, template, surface)
    yield ""
    failing = [each for each in found.tried if each.problems]
    for each in failing:
        yield surface.paint(printable(f"{each.template}: {each.name}"), "bold")
        for problem in each.problems:
            yield from _problem(problem, surface)
        yield ""
    verdict = f"{len(failing)} of {len(found.tried)} combinations fail" if failing else "It may be published"
    yield surface.paint(verdict, "red" if failing else "green")


def _template(found: Gate, template: str, surface: Surface) -> Iterator[str]:
    tries = [each for each in found.tried if each.template == template]
    failing = sum(bool(each.problems) for each in tries)
    sign = surface.paint(surface.sign("✗", "x"), "red") if failing else surface.paint(surface.sign("✓", "ok"), "green")
    combinations = f"{len(tries)} combination{'' if len(tries) == 1 else 's'}"
    yield f"{sign} {printable(template)}: {combinations}, {failing or 'none'} failing"
    reached = {tier: sum(each.tier == tier for each in tries) for tier in dict.fromkeys(each.tier for each in tries)}
    told = [f"{count} {tier}" for tier, count in reached.items() if tier]
    unjudged = sum(not each.judged for each in tries)
    told += [f"{unjudged} that the contract does not judge"] if unjudged else []
    updates = {version: sum(version in each.updated for each in tries) for version in found.versions}
    told += [f"{count} updated from {version}" for version, count in updates.items() if count]
    told += [] if any(updates.values()) else ["no release of it to update from"]
    refused = sum(each.template == template for each in found.refused)
    told += [f"{refused} that the questionnaire refuses"] if refused else []
    yield from ("    " + surface.paint(line, "dim") for line in wrap(printable(", ".join(told)), surface.columns - 4))


def _problem(problem: Problem, surface: Surface) -> Iterator[str]:
    since = f" from {problem.version}" if problem.version else ""
    yield "  " + surface.paint(f"{_TITLES[problem.what]}{since}", "red")
    for detail in problem.details:
        yield from ("    " + line for line in wrap(printable(detail), surface.columns - 4))
