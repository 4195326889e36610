"""When jobs start, and which others have succeeded by then: by their `if:`, and by steps that fail unless they have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.pipeline.contexts import (
    Result,
    is_false,
    of_jobs,
    runs_when,
    text_of,
    text_with,
    texts_by_name,
)
from goldenpath.facts.pipeline.jobs import environment_of, shell_of, system_of, with_env
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.values import display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.expressions import Condition
    from goldenpath.facts.pipeline.contexts import Look
    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.pipeline.state import Budget
    from goldenpath.facts.workflows import Job, Step, Workflow

_ALL_GREEN = "re-actors/alls-green"
"""An action that fails unless all jobs that it is told of have succeeded, or are spared: its own README."""
_OF_STEP = regex(r"\s*\$\{\{\s*steps\.([\w-]+)\.outputs\.[\w-]+\s*\}\}\s*")
_ALL_NEEDED = regex(r"\$\{\{\s*toJSON\(\s*needs\s*\)\s*\}\}", re.IGNORECASE)


class Gate(Struct, frozen=True):
    """When a job starts: its own condition, and the jobs that must have succeeded before.

    `vouched` have succeeded where this job has: those, and the ones without which a step of it fails. `skipped` is
    whether it is skipped when all goes well, `aftermath` whether it runs once something has failed.
    """

    runs: Condition
    awaited: tuple[Result, ...] = ()
    vouched: tuple[Result, ...] = ()
    skipped: bool = False
    aftermath: bool = False


def gate_of(
    workflow: Workflow,
    job: Job,
    needed: list[Result],
    contexts: dict[str, Look],
    look: Callable[[dict[str, Look]], Look],
    known: frozenset[str],
    budget: Budget,
) -> Gate:
    """Find out when a job starts, where these conditions are known to hold.

    Without a status function, `success()` goes without saying, and it is about all ancestors, however far away: none
    may have been skipped. `!failure()` lets that pass. With others, each job that it needs is supposed to have failed
    or to have been skipped, to see whether this one starts then, and whether it fails.
    """
    text = text_of(job.node.get("if"))
    usual = look(contexts)
    lineage = lineage_of(needed)
    runs = runs_when(text, usual, after_skip=any(result.skipped for result in lineage))

    def supposed(verdict: str, name: str) -> Look:
        return look({**contexts, "needs": of_jobs(needed, {name: verdict})})

    def starts(verdict: str, name: str) -> bool:
        found = runs_when(text, supposed(verdict, name))
        return found.after_failure if verdict != "skipped" else found.decided is not False

    if not runs.after_failure:
        rescues = bool(runs.status) and any(starts("failure", result.id) for result in needed)
        skipped = runs.decided is False
        if runs_when(text, usual, after_skip=True).decided is not False:
            asked = {result.id for result in needed if not starts("skipped", result.id)}
            lineage = _vouched(each for each in lineage if each.id in asked or each.conditions <= known | runs.atoms)
        if skipped and rescues:
            return Gate(runs, skipped=True, aftermath=True)
        return Gate(runs, lineage, lineage, skipped)

    steps = _Steps(workflow, job, budget)
    forgiven = not is_false(job.node.get("continue-on-error"), usual)  # then its result is `success` all the same

    def begins(verdict: str, name: str) -> bool:
        return starts(verdict, name) and steps.failing(supposed(verdict, name), verdict, name) != 0

    def succeeds(verdict: str, name: str) -> bool:
        fails = steps.failing(supposed(verdict, name), verdict, name) is not None and not forgiven
        return starts(verdict, name) and not fails

    awaited, vouched = (_vouched(_awaited(needed, goes_on)) for goes_on in (begins, succeeds))
    return Gate(runs, awaited, vouched, skipped=runs.decided is False, aftermath=True)


def steps_behind(job: Job, outcomes: dict[str, Moment]) -> dict[str, frozenset[str]]:
    """The steps without whose success an output of a job is empty: the one that sets it, and all before that one."""
    declared, found = job.node.get("outputs"), dict[str, frozenset[str]]()
    for name, node in declared.values.items() if isinstance(declared, Mapping) else ():
        said_by = _OF_STEP.fullmatch(node.text) if isinstance(node, Scalar) else None
        steps = [step.key for step in _until(said_by[1].lower(), outcomes) if step.fatal] if said_by else []
        if steps:
            found[name.lower()] = frozenset(steps)
    return found


def _until(name: str, outcomes: dict[str, Moment]) -> list[Moment]:
    """The steps up to one that runs only if none before it has failed; none, where it may run all the same."""
    last = outcomes.get(name)
    if last is None or last.runs.after_failure:
        return []
    names = list(outcomes)
    return [outcomes[each] for each in names[: names.index(name) + 1]]


def relied_on(
    job: Job,
    gate: Gate,
    needed: list[Result],
    contexts: dict[str, Look],
    look: Callable[[dict[str, Look]], Look],
) -> Iterator[frozenset[str]]:
    """The steps of other jobs without whose success a job does not start, whatever becomes of those: by their outputs.

    A job that runs `always()` if one of them has said something waits for all that came before it was said.
    """
    text = (text_of(job.node.get("if")) or "") if gate.runs.after_failure else ""
    for result in needed:
        for name, steps in result.behind.items():
            if name not in text.lower():
                continue
            silent = replace(result, outputs={**result.outputs, name: ()})
            others = [silent if each is result else each for each in needed]
            if runs_when(text, look({**contexts, "needs": of_jobs(others)})).decided is False:
                yield steps


def lineage_of(needed: Iterable[Result]) -> tuple[Result, ...]:
    """These results and those of all their ancestors, each once."""
    return tuple({each.id: each for result in needed for each in (*result.ancestors, result)}.values())


def _vouched(needed: Iterable[Result]) -> tuple[Result, ...]:
    """These results and all that have succeeded where these have, each once."""
    return tuple({each.id: each for result in needed for each in (*result.vouched, result)}.values())


def _awaited(needed: list[Result], goes_on: Callable[[str, str], bool]) -> list[Result]:
    """Those that stop a job unless they have succeeded, as `goes_on` says of a verdict on one of them."""
    stopped_by = {
        result.id for result in needed if not goes_on("failure", result.id) and not goes_on("cancelled", result.id)
    }
    return [
        result
        for result in needed
        if result.id in stopped_by
        and (
            not goes_on("skipped", result.id)
            or (result.unconditional and {each.id for each in result.ancestors} <= stopped_by)
        )
    ]


class _Steps:
    """The steps of a job that may fail by what they see of the jobs that it needs."""

    def __init__(self, workflow: Workflow, job: Job, budget: Budget) -> None:
        self._workflow, self._job, self._budget = workflow, job, budget
        self._known: dict[tuple[str, str], int | None] = {}
        by_variables = any(_asks(each.node.get("env")) for each in (workflow, job))
        self._asking = [
            (index, step)
            for index, step in enumerate(job.steps)
            if (by_variables and step.run) or any(_asks(step.node.get(key)) for key in ("run", "if", "env", "with"))
        ]

    def failing(self, look: Look, verdict: str, name: str) -> int | None:
        """The position of the first step that surely fails where one job has come to that verdict; None for none."""
        if self._asking and (verdict, name) not in self._known:
            self._known[verdict, name] = self._first(look, verdict, name)
        return self._known.get((verdict, name))

    def _first(self, look: Look, verdict: str, name: str) -> int | None:
        environment = environment_of(self._workflow, self._job, look)
        seen = with_env(look, environment)
        for index, step in self._asking:
            self._budget.spend()
            forgiven = not is_false(step.node.get("continue-on-error"), seen)
            if forgiven or runs_when(text_of(step.node.get("if")), seen).decided is not True:
                continue
            if self._is_red(step, seen, verdict, name) if step.uses else self._fails(step, seen):
                return index
        return None

    def _fails(self, step: Step, look: Look) -> bool:
        """Whether its script comes to a bad end in any run."""
        if step.run is None:
            return False
        environment = environment_of(self._workflow, self._job, look)
        environment |= texts_by_name(step.node.get("env"), with_env(look, environment))
        shell = step.node.text("shell") or shell_of(self._workflow, self._job, system_of(self._job, look))
        try:
            script = follow(text_with(step.run.text, with_env(look, environment)), environment, shell)
        except Unfollowable:
            return False
        self._budget.spend(len(script.commands))
        return script.fails

    def _is_red(self, step: Step, look: Look, verdict: str, name: str) -> bool:
        """Whether alls-green refuses the verdict on a job."""
        told = step.node.get("with")
        if step.uses is None or step.uses.repository.lower() != _ALL_GREEN or not isinstance(told, Mapping):
            return False
        given = texts_by_name(told, look)
        let = display(given.get("allowed-failures", ())), display(given.get("allowed-skips", ()))
        spared = let[0] if verdict != "skipped" else " ".join(let)
        return _ALL_NEEDED.fullmatch((told.text("jobs") or "").strip()) is not None and name not in re.findall(
            r"[\w-]+", spared
        )


def _asks(node: object) -> bool:
    """Whether something speaks of the jobs that are needed."""
    if isinstance(node, Mapping):
        return any(map(_asks, node.values.values()))
    return isinstance(node, Scalar) and "needs" in node.text
