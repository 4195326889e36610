"""Runs that the end of another run starts: what they ship was built, and perhaps proven, by that one.

A run of `workflow_run` that builds nothing of its own is walked through once more, after the run that has built, and
after those whose end has started that one. All its jobs wait for those of that run; only where its failure keeps this
one from releasing, for their success, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.nodes import Mapping
from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.pipeline.artifacts import RUN_BEFORE
from goldenpath.facts.pipeline.contexts import proposal
from goldenpath.facts.pipeline.effects import fits
from goldenpath.facts.pipeline.runs import BY_HAND, LATER_COMMIT, Before, walk
from goldenpath.facts.values import Symbol, head, literal, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.contexts import Event
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.pipeline.state import Budget
    from goldenpath.facts.workflows import Workflows

_OF_PROPOSALS = ("pull_request", "pull_request_target")
_MOST_RUNS = 4
"""Most runs of which each starts the next one that are followed together."""


def with_their_beginnings(
    workflows: Workflows, releasing: list[Run], walked: list[Run], after_success: frozenset[str], budget: Budget
) -> Iterator[Run]:
    """The runs that release; those that go on with what another one has built take its place, and begin with it."""
    found: dict[int, list[Run]] = {}
    gone_on_with: dict[int, list[Run]] = {}
    for run in releasing:
        firsts = _firsts(workflows, run, walked)
        wholes = list(_wholes(workflows, firsts, run, walked, after_success, budget))
        found[id(run)] = [whole for _, whole in wholes]
        for first in firsts if wholes else ():
            gone_on_with.setdefault(id(first), []).extend(whole for each, whole in wholes if each is first)
    for run in releasing:
        if found[id(run)]:
            yield from found[id(run)]
        elif id(run) not in gone_on_with:
            yield run
        elif _ships(first := _without_drafts(run, gone_on_with[id(run)])):
            yield replace(first, gone_on_with_by=tuple(gone_on_with[id(run)]))


def _ships(run: Run) -> bool:
    return bool(run.of_kind("shipped")) or any("ship" in act.may for act in run.acts)


def _without_drafts(run: Run, wholes: list[Run]) -> Run:
    """The run without what somebody's hand would publish, where each run that goes on with it publishes its drafts."""
    if any(act.guard.job == BY_HAND for whole in wholes for act in whole.of_kind("shipped")):
        return run
    return replace(run, acts=tuple(act for act in run.acts if act.guard.job != BY_HAND))


def _firsts(workflows: Workflows, run: Run, walked: list[Run]) -> list[Run]:
    """The runs of which each may have built what a run ships, if it names one workflow, and builds nothing itself."""
    if run.of_kind("built") or not run.of_kind("shipped"):
        return []
    return [each for each in _starting(workflows, run, walked) if each.of_kind("built")]


def _starting(workflows: Workflows, run: Run, walked: list[Run]) -> list[Run]:
    """The runs of which each may start a run by its end, if that one names one workflow."""
    own = workflows.by_path(run.workflow) if run.event.name == "workflow_run" else None
    trigger = own.triggers["workflow_run"] if own is not None else None
    if not isinstance(trigger, Mapping):
        return []
    names, branches, ignored = (texts(trigger.get(key)) for key in ("workflows", "branches", "branches-ignore"))
    if len(names) != 1 or "requested" in texts(trigger.get("types")):
        return []
    firsts = [each for each in walked if each.name == names[0] and each.event.name not in _OF_PROPOSALS]
    return [each for each in firsts if _is_of(each.event, branches, ignored)]


def _is_of(event: Event, branches: tuple[str, ...], ignored: tuple[str, ...]) -> bool:
    """Whether a run is on one of these branches, or any if none is named, and surely on none that is ignored."""
    known = literal(event.ref)
    name = (known or "").removeprefix("refs/heads/")
    if known is None and any("*" in pattern for pattern in ignored):
        return False
    left_out = any(fits(name, pattern) for pattern in ignored)
    return not left_out and (not branches or any(fits(name, pattern) for pattern in branches))


def _wholes(
    workflows: Workflows, firsts: list[Run], run: Run, walked: list[Run], after_success: frozenset[str], budget: Budget
) -> Iterator[tuple[Run, Run]]:
    """The run, walked through with each of those before it, where it ships something then; each with that one."""
    own = workflows.by_path(run.workflow)
    if own is None:  # a pipeline of GitLab may have the name as well
        return
    for first, before, proposed in _befores(workflows, run, firsts, walked, after_success):
        event = _after(run.event, before)
        whole = walk(workflows, own, event, budget, before)
        if _ships_what_it_has_built(whole) if proposed else whole.of_kind("shipped"):
            yield first, whole


def _befores(
    workflows: Workflows, run: Run, firsts: list[Run], walked: list[Run], after_success: frozenset[str], depth: int = 1
) -> Iterator[tuple[Run, Before, bool]]:
    """The runs that may start a run by their end, with those that have started them; and whether a proposal has."""
    own = workflows.by_path(run.workflow)
    trigger = own.triggers["workflow_run"] if firsts and own is not None else None
    any_branch = isinstance(trigger, Mapping) and trigger.get("branches") is None
    for first in firsts:
        of = workflows.by_path(first.workflow)
        if of is None:
            continue
        before = Before(of, first.event, run.workflow in after_success)
        if first.event.name == "workflow_run":
            earlier = _starting(workflows, first, walked) if depth < _MOST_RUNS else []
            for _, each, proposed in _befores(workflows, first, earlier, walked, after_success, depth + 1):
                yield first, replace(before, event=_after(first.event, each), before=each), proposed
            continue
        yield first, before, False
        if first is firsts[0] and any_branch and "pull_request" in of.triggers:
            yield first, replace(before, event=proposal()), True


def _after(event: Event, before: Before) -> Event:
    """The event of a run that the end of another one starts: what it says of that one."""
    ref = before.event.ref
    start = head(ref)
    name = start.removeprefix("refs/heads/").removeprefix("refs/tags/")
    about = {
        ("workflow_run", "id"): RUN_BEFORE,
        ("workflow_run", "event"): value(before.event.name),
        ("workflow_run", "name"): value(before.workflow.node.text("name") or before.workflow.path),
        ("workflow_run", "head_branch"): value(name, *ref[1:]),
        ("workflow_run", "head_sha"): LATER_COMMIT if before.before else value(Symbol("github", "sha")),
    }
    return replace(event, payload={**event.payload, **about})


def _ships_what_it_has_built(run: Run) -> bool:
    """Whether an image that is built in a run is for certain among what it ships."""
    built = {act.digest for act in run.of_kind("built")}
    images = (target for act in run.of_kind("shipped") for target in act.targets if isinstance(target, Image))
    return any(part in built for image in images for part in image.digest)
