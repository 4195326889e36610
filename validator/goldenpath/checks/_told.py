"""What jobs tell each other of how they went, where nobody follows what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.nodes import scalars
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.facts import nodes
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.workflows import Job, Step

_OUTPUT = regex(r"\bneeds\.([\w-]+)\.outputs\b")
_NEEDS = regex(r"\bneeds\b")


def told(run: Run, act: Act, anchor: Act) -> str:
    """Why what ships may wait for the success of an act all the same; empty where nothing is told.

    A job may say by an output how that went, of itself or of one that it needs, and another one ask for it; or hand it
    to an action or a workflow, which may fail by it.
    """
    prefix = anchor.guard.job[: anchor.guard.job.rfind("/") + 1]
    if not act.guard.job.startswith(prefix) or act.guard.job == anchor.guard.job:
        return ""
    name = act.guard.job.removeprefix(prefix).partition("/")[0]
    jobs = {each.job.id: each.job for key, each in run.jobs.items() if key == f"{prefix}{each.job.id}"}
    undecided = anchor.guard.all_conditions - act.guard.all_conditions
    waits = {each.removeprefix(prefix).partition("/")[0] for each in run.waits.get(anchor.guard.job, ())}
    for job in _lineage(jobs, anchor.guard.job.removeprefix(prefix)):
        if job.id not in waits and f"{prefix}{job.id}" != anchor.guard.job:
            continue
        for asked in _OUTPUT.findall(job.node.text("if") or ""):
            says = undecided if asked == name else asked in jobs and _tells(jobs, jobs[asked], name)
            if says:
                return f"may say by an output of {asked!r} how it went, for which {job.id!r} asks"
        if name in job.needs and any(_speaks(node, "with") for node in _local(job)):
            return f"may fail {job.id!r}, which hands on how it went to what is not followed"
    return ""


def _lineage(jobs: Mapping[str, Job], name: str) -> Iterator[Job]:
    """A job and all that it needs, however far away, each once."""
    waiting, seen = [name], {name}
    while waiting:
        job = jobs.get(waiting.pop())
        if job is not None:
            yield job
            waiting += (each for each in job.needs if each not in seen)
            seen.update(job.needs)


def _tells(jobs: Mapping[str, Job], job: Job, name: str) -> bool:
    """Whether a job that waits for another one speaks of how those went that it needs."""
    waits = any(each.id == name for each in _lineage(jobs, job.id))
    return waits and any(_speaks(job.node, key) for key in ("outputs", "env", "steps", "with"))


def _local(job: Job) -> Iterator[nodes.Mapping]:
    """What of this repository a job uses."""
    users: tuple[Job | Step, ...] = (job, *job.steps)
    yield from (each.node for each in users if each.uses is not None and each.uses.is_local)


def _speaks(node: nodes.Mapping, key: str) -> bool:
    below = node.get(key)
    return below is not None and any(_NEEDS.search(each.text) for each in scalars(below))
