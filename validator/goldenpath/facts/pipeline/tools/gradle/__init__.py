"""Gradle, which builds, pushes and publishes by the tasks that plugins bring and scripts tie together.

What the scripts say is read, never run (facts/gradle). Where they may say more than is understood, it is known at least
what they do not speak of (spoken.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.testing import tests
from goldenpath.facts.pipeline.tools.gradle import images, publishing, reports
from goldenpath.facts.pipeline.tools.gradle.call import Call, Told, UnknownBuild
from goldenpath.facts.pipeline.tools.gradle.plan import TESTERS, publishes, runs
from goldenpath.facts.shell.paths import path_from
from goldenpath.facts.values import literal, shown

if TYPE_CHECKING:
    from goldenpath.facts.gradle.model import Build
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.tools.gradle.plan import Run
    from goldenpath.facts.pipeline.words import Words
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value


def perform(effects: CommandEffects) -> None:
    """Write down what `gradle` does, by its tasks and the scripts of the build."""
    call = Call(effects)
    try:
        call.ask()
        _perform(call, runs(call))
    except UnknownBuild as unknown:
        from goldenpath.facts.pipeline.spoken import powers_of_gradle

        settings = effects.state.settings.get("gradle")
        script = settings if settings and settings.scripts else None
        if tests(effects.about, [literal(word) or shown(word) for word in effects.all_words[1:]]):
            effects.test(doubt=f"may run none, by {script.where}, which the job has written" if script else None)
        said = f"{effects.said()} {script.text or '' if script else ''}"
        may = powers_of_gradle(effects.moment.frame.shared.tree, said)
        may = ANYTHING if script and script.text is None else may
        effects.not_followed(f"what Gradle does here is not known: {unknown}", may)


def _perform(call: Call, tasks: list[Run]) -> None:
    names = {run.name for run in tasks}
    planned = [image for run in tasks if run.name in images.TASKS for image in images.planned(call, run)]
    packages = [publishing.planned(call, run) for run in tasks if publishes(run.name)]
    if any(name in names for name in reports.TASKS):
        reports.ask(call, names)
    for package in packages:
        if package.tested is False:  # whatever the tests say that run after it, or beside it
            publishing.publish(call, package)
    if names & TESTERS:
        order = "may come after what is published" if any(each.tested is None for each in packages) else None
        _test(call, names & TESTERS, order)
    if names & call.builds:
        for project in call.build.projects.values():
            call.effects.made(call.below(project, "build"))
    reports.perform(call, names)
    for image in planned:
        images.build(call, image)
    for package in packages:
        if package.tested is not False:
            publishing.publish(call, package)


def _test(call: Call, names: set[str], order: str | None) -> None:
    """The tests of a build: where it has several projects, it is not told of which of them a script speaks."""
    if (said := _said_of_tests(call.build, names)) is not None:
        call.effects.test(doubt=said.doubt or order, is_read=True, is_heeded=not said.forgiven)


class _Said(NamedTuple):
    """What the scripts of a build say of its tests, which run: why that is not sure, and whether it is `forgiven`."""

    doubt: str | None
    forgiven: bool


def _said_of_tests(build: Build, names: set[str]) -> _Said | None:
    """What the scripts say of the tests; None where they turn them off."""
    rules = [rule for name in sorted(TESTERS) for rule in build.rules.get(name, [])]
    if any(rule.off is True for rule in rules):
        return None
    forgiven = len(build.projects) == 1 and all(
        any(rule.forgives for rule in build.rules.get(name, [])) for name in names
    )
    doubt = next((rule.place for rule in rules if rule.off is None or rule.forgives is not False), None)
    return _Said(f"may run none, or ignore that they fail: {doubt}" if doubt and not forgiven else None, forgiven)


def why_unsure(words: Words, tree: Tree, folder: Value, *, asked: bool) -> str | None:
    """Why it is not known that Gradle tests in a folder, by its scripts there; empty where it does, None where not.

    Where scripts say more than is understood, it tests if it is `asked` to, as in a job.
    """
    told = Told(words, tree, path_from(folder, words.first("-p --project-dir") or ()))
    try:
        told.ask()
        names = {run.name for run in runs(told)} & TESTERS
    except UnknownBuild as unknown:
        return None if not asked else "" if told.is_there else f"what Gradle does here is not known: {unknown}"
    said = _said_of_tests(told.build, names) if names else None
    return None if said is None or said.forgiven else said.doubt or ""
