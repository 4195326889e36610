"""The runs by which this repository releases, out of all that its workflows can do.

A run releases when it builds an image, ships something, or hands the work to what is out of sight, on an event that
stands for a release: a tag or a published release; where no workflow has one, a push to the default branch, a schedule
or somebody's hand. Runs that ship count on every event, and on each branch that a filter or a condition names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.codeowners import forge_of
from goldenpath.facts.expressions import NULL, TICKED
from goldenpath.facts.gitlab import is_home
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.pipeline.actions.image_tags import is_a_tool, is_for_trial, is_for_users
from goldenpath.facts.pipeline.acts import Image, folded
from goldenpath.facts.pipeline.beginnings import with_their_beginnings
from goldenpath.facts.pipeline.contexts import Event
from goldenpath.facts.pipeline.effects import fits
from goldenpath.facts.pipeline.named_branches import named_branches
from goldenpath.facts.pipeline.runs import walk
from goldenpath.facts.pipeline.state import Budget
from goldenpath.facts.pipeline.tables import COPIES_SOURCES, STARTED_ELSEWHERE, speaks_of_delivery, speaks_of_release
from goldenpath.facts.pipeline.walks import walk_all
from goldenpath.facts.regexes import regex
from goldenpath.facts.services import other_pipelines
from goldenpath.facts.values import Symbol, display, literal, partition, shown, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Mapping as Dict

    from goldenpath.facts import Both
    from goldenpath.facts.expressions import Known
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.services import OtherPipeline
    from goldenpath.facts.values import Value
    from goldenpath.facts.workflows import Problem, Workflow, Workflows
    from goldenpath.repository import Repository

_Payload: TypeAlias = "dict[tuple[str, ...], Known]"

DEFAULT_BRANCHES = ("main", "master", "trunk", "develop")
RELEASE_TYPES = ("published", "released", "created", "prereleased", "edited")

MAX_STEPS = 20_000
"""Most steps that are walked through in all runs together."""

MAX_BRANCHES = 6
"""Most branches of one workflow that are told apart."""

MAX_PATTERNS = 200
"""Most patterns of a filter that are compared with each other; of more, none is taken back."""

OTHER_EVENTS = {
    "workflow_dispatch": "a run by hand",
    "schedule": "a schedule",
    "workflow_run": "the end of another workflow",
    "repository_dispatch": "a call from elsewhere",
    "deployment": "a deployment",
    "deployment_status": "a deployment's status",
    "registry_package": "a package in the registry",
    "issue_comment": "a comment",
    "issues": "an issue",
    "check_run": "the end of a check",
    "check_suite": "the end of all checks",
    "delete": "a deleted branch or tag",
    "discussion": "a discussion",
    "discussion_comment": "a comment in a discussion",
    "label": "a change of a label",
    "page_build": "a build of pages",
    "watch": "a star",
    "status": "a commit's status",
    "milestone": "a milestone",
}
"""Events on which some repositories release, and how to say them."""


class Releases(Struct, frozen=True):
    """The runs that release; pipelines of other services; workflows not read.

    `walked` has every run that was looked at, those that release among them; `after_success` the workflows that release
    after the end of another one only if that has succeeded. `on_gitlab` says that the repository lives there, so that
    a release of its own would be a pipeline of GitLab, `nobodys` that nothing tells of which component these are.
    """

    runs: tuple[Run, ...]
    walked: tuple[Run, ...]
    after_success: frozenset[str]
    elsewhere: tuple[OtherPipeline, ...]
    problems: tuple[Problem, ...]
    too_many: int
    on_gitlab: bool = False
    nobodys: bool = False


def releases(repository: Repository, workflows: Workflows, gitlab: Pipeline | None, both: Both) -> Releases:
    """Walk through every run that could release, and keep those that do."""
    budget = Budget(MAX_STEPS)
    branches = _default_branches(workflows)
    events = [
        (workflow, event)
        for workflow in workflows.files
        for event in _events(workflow, branches, _named(workflows, workflow, branches))
    ]
    runs = walk_all(workflows, events, budget, both)
    releasing = _releasing(runs)
    others = [run for run in releasing if not run.event.is_tag]
    after_success = _after_success(workflows, others, branches, budget)
    releasing = list(with_their_beginnings(workflows, releasing, runs, after_success, budget))
    pipelines = gitlab.runs(budget) if gitlab else []
    on_gitlab_too = _releasing(pipelines)
    if not (releasing or on_gitlab_too):  # then what is included from elsewhere is what releases, if anything does
        on_gitlab_too = [run for run in pipelines if any(map(_is_include, run.acts))][:1]
    unread = [gitlab.problem] if gitlab and gitlab.problem else []
    return Releases(
        (*releasing, *on_gitlab_too),
        (*runs, *pipelines),
        after_success,
        tuple(other_pipelines(repository)),
        (*workflows.problems, *unread),
        workflows.too_many,
        is_home(gitlab, workflows) or forge_of(repository) == "gitlab",
    )


def _releasing(runs: list[Run]) -> list[Run]:
    """The runs of one service that release: those on a tag, and of the others those that ship, or all without a tag.

    Whatever builds an image under the tag by which users get it, ships, too: what a tag releases once more, or another.
    So does whatever pushes an image that no tag releases, by any tag: there is no other way to it. Where only a run
    knows whether a tag releases it, that is what is doubted.
    """
    tagged = [run for run in runs if run.event.is_tag and _works(run, speaks_of_release)]
    others = [run for run in runs if not run.event.is_tag]
    if not tagged:
        return [run for run in others if _works(run, speaks_of_release)]
    handed_out = (act for run in tagged for act in run.acts if act.kind in {"built", "shipped", "unseen"})
    released = {folded(each.name) for each in _targets(handed_out)}
    shipping = (
        run if _ships(run, speaks_of_delivery) or _is_for_users(run, released) else _of_another_image(run, released)
        for run in others
    )
    return [*tagged, *filter(None, shipping)]


def _targets(acts: Iterable[Act]) -> Iterator[Image]:
    return (each for act in acts for each in act.targets if isinstance(each, Image))


def _is_for_users(run: Run, released: set[Value]) -> bool:
    """Whether a run gives a tag by which users get it to an image that is released, or that is no tool of pipelines.

    Of what is made unseen, an index of parts, the name is known all the same.
    """
    images = (each for each in _targets(run.of_kind("built", "unseen")) if is_for_users(each.tag, run.event))
    return any(folded(each.name) in released or not is_a_tool(each.name) for each in images)


def _of_another_image(run: Run, released: set[Value]) -> Run | None:
    """A run that pushes an image which no tag releases, and nobody only tries; None for any other.

    Of two names that a run decides none is the other where one goes on where the other ends.
    """
    pushed = (folded(each.name) for each in _targets(act for act in run.of_kind("built") if act.digest is not None))
    lasts = set(map(_last, released))
    names = [name for name in dict.fromkeys(pushed) if _last(name) not in lasts and not is_for_trial(name)]
    every = [display(other) for other in released]
    dark = [display(other) for other in released if not literal(_last(other))]
    doubted = ""
    for name in names:
        text = display(name)
        others = dark if literal(_last(name)) is not None else every
        if all(other and (text.startswith(other) or other.startswith(text)) for other in others):
            return run
        doubted = doubted or shown(name)
    return replace(run, doubt=f"whether a tag releases {doubted}, too, is only known in a run") if doubted else None


def _last(name: Value) -> Value:
    """The last part of a name, by which an image is called in whatever registry."""
    return (partition(name, "/", last=True) or ((), name))[1]


def _works(run: Run, speaks: Callable[[str], bool]) -> bool:
    return _ships(run, speaks) or any(act.kind == "built" and act.digest is not None for act in run.acts)


def _ships(run: Run, speaks: Callable[[str], bool]) -> bool:
    """Whether the run ships something, or leaves to something unseen what by its name or by the event is a release."""
    return any(
        (act.kind == "shipped" and not act.for_trial)
        or (act.kind == "unseen" and "ship" in act.may and (run.event.deliberate or _speaks(run, act, speaks)))
        for act in run.acts
    )


def _speaks(run: Run, act: Act, speaks: Callable[[str], bool]) -> bool:
    job = act.guard.job
    said = (run.workflow.rpartition("/")[2], run.name, job, run.called.get(job, ""), act.text)
    return act.problem in {STARTED_ELSEWHERE, COPIES_SOURCES} or any(speaks(text) for text in said)


def _is_include(act: Act) -> bool:
    """Whether an act stands for what a pipeline, or one that it starts, includes from elsewhere."""
    return act.kind == "unseen" and act.guard.job.rpartition("/")[2] == "include"


def _after_success(workflows: Workflows, runs: list[Run], branches: tuple[str, ...], budget: Budget) -> frozenset[str]:
    """The workflows that do nothing of a release when the workflow before them has failed, or was cancelled."""
    ends: list[_Payload] = [{("workflow_run", "conclusion"): value(end)} for end in ("failure", "cancelled")]
    events = [_on_branch("workflow_run", branches[0], "the failure of another workflow", end) for end in ends]
    found = set()
    for run in runs:
        workflow = workflows.by_path(run.workflow) if run.event.name == "workflow_run" else None
        if workflow is not None:
            acts = [act for event in events for act in walk(workflows, workflow, event, budget).acts]
            found |= set() if any(act.kind in {"shipped", "built", "unseen"} for act in acts) else {run.workflow}
    return frozenset(found)


# --- events


def _default_branches(workflows: Workflows) -> tuple[str, ...]:
    """What the default branch may be called, by what the workflows themselves call it."""
    named: set[str] = set()
    for workflow in workflows.files:
        for event in ("push", "pull_request", "pull_request_target"):
            trigger = workflow.triggers.get(event)
            named |= set(texts(trigger.get("branches"))) if isinstance(trigger, Mapping) else set()
        named |= {name for condition in _conditions(workflow) for name in re.findall(r"[\w-]+", condition)}
    return tuple(name for name in DEFAULT_BRANCHES if name in named) or DEFAULT_BRANCHES[:1]


def _named(workflows: Workflows, workflow: Workflow, branches: tuple[str, ...]) -> list[str]:
    """The other branches on which a workflow says that it does something, where a run may be on any."""
    if not workflow.triggers.keys() & {"push", "workflow_dispatch"}:
        return []
    names = dict.fromkeys(named_branches(workflows.tree, workflow.path))
    return [name for name in names if name not in branches][:MAX_BRANCHES]


def _events(workflow: Workflow, branches: tuple[str, ...], named: Iterable[str]) -> Iterator[Event]:
    """The events of a workflow that can release; `named` are other branches than the default ones."""
    triggers = workflow.triggers
    about: _Payload
    if "push" in triggers:
        yield from _pushes(triggers["push"], branches, named)
    if "create" in triggers:
        yield _tagged("create", "a new tag")
    if "release" in triggers:
        types = texts(triggers["release"].get("types")) if isinstance(triggers["release"], Mapping) else ()
        actions = [each for each in types or RELEASE_TYPES if each in RELEASE_TYPES]
        told_apart = len(actions) > 1 and any("event.action" in each for each in _conditions(workflow))
        for action in actions if told_apart else actions[:1]:
            about = {("action",): value(action), ("release", "tag_name"): _TAG, ("release", "draft"): False}
            label = f"a {action} release" if told_apart else "a published release"
            label = "an edited release" if action == "edited" else label
            yield _tagged("release", label, deliberate=True, about=about)
    for name in ("pull_request", "pull_request_target"):
        trigger = triggers.get(name)
        if isinstance(trigger, Mapping) and "closed" in texts(trigger.get("types")):
            about = {("action",): value("closed"), ("pull_request", "merged"): True}
            yield _on_branch(name, branches[0], "a merged pull request", about)
    yield from _other_events(workflow, branches[0], named)


def _other_events(workflow: Workflow, default: str, named: Iterable[str]) -> Iterator[Event]:
    """Those that know no branch of their own: they are on the default one, unless somebody starts a run by hand."""
    triggers = workflow.triggers
    for name, label in OTHER_EVENTS.items():
        if name in triggers:
            about: _Payload = {("workflow_run", "conclusion"): value("success")} if name == "workflow_run" else {}
            about |= _ticked(triggers[name])
            by_schedule = "schedule" in triggers and name in {"schedule", "workflow_dispatch"}
            yield _on_branch(name, default, label, about, by_schedule=by_schedule)
            if name == "workflow_run" and any(map(_ASKS_FOR_FAILURE.search, _conditions(workflow))):
                failed = {("workflow_run", "conclusion"): value("failure")}
                yield _on_branch(name, default, "the failure of another workflow", about | failed)
            for branch in named if name == "workflow_dispatch" else ():
                yield _on_another(name, branch, f"{label} on {branch}", default, about)
            if name == "workflow_dispatch" and _asks_for_a_tag(workflow):
                yield _tagged(name, f"{label} on a tag", about=about)


def _asks_for_a_tag(workflow: Workflow) -> bool:
    """Whether a workflow does something on tags alone, and something that a run by hand may do in another way."""
    asked = " ".join(_conditions(workflow))
    return ("refs/tags" in asked or "ref_type" in asked) and ("inputs." in asked or "event_name" in asked)


def _conditions(workflow: Workflow) -> Iterator[str]:
    for job in workflow.jobs.values():
        nodes = (job.node.get("if"), *(step.node.get("if") for step in job.steps))
        yield from (node.text for node in nodes if isinstance(node, Scalar))


def _ticked(trigger: Node | None) -> _Payload:
    """The boolean inputs of a run by hand as the event has them, as one of two texts; in `inputs` they are booleans."""
    declared = trigger.get("inputs") if isinstance(trigger, Mapping) else None
    named = declared.values.items() if isinstance(declared, Mapping) else ()
    boxes = (name for name, about in named if isinstance(about, Mapping) and about.text("type") == "boolean")
    return {("inputs", name.lower()): value(Symbol(TICKED, f"github.event.inputs.{name.lower()}")) for name in boxes}


_ASKS_FOR_FAILURE = regex(
    r"workflow_run\.conclusion\s{0,20}(==\s{0,20}'failure'|!=)|'failure'\s{0,20}==\s{0,20}github\.event\.workflow_run"
)
_TAG = value(Symbol("github", "tag"))


def _pushes(push: Node | None, branches: tuple[str, ...], named: Iterable[str]) -> Iterator[Event]:
    filters = push.values if isinstance(push, Mapping) else {}
    tags, wanted = texts(filters.get("tags")), texts(filters.get("branches"))
    if left := _left(tags):
        yield _tagged("push", "a pushed tag", prefix=_common_prefix([_fixed(tag) for tag in left]), deliberate=True)
    elif not tags and _takes(filters, "tags", "branches"):
        yield _tagged("push", "a pushed tag")
    if wanted:
        for name in _in_order_of_interest(wanted, branches, named)[:MAX_BRANCHES]:
            yield _pushed_to(name, branches, named)
    elif _takes(filters, "branches", "tags"):
        ignored = texts(filters.get("branches-ignore"))
        for name in (*branches, *named):
            if not any(_covers(pattern, name) for pattern in ignored):
                yield _pushed_to(name, branches, named)


def _pushed_to(branch: str, branches: tuple[str, ...], named: Iterable[str]) -> Event:
    label = f"a push to {branch}"
    return _on_another("push", branch, label, branches[0]) if branch in named else _on_branch("push", branch, label)


def _takes(filters: Dict[str, Node], kind: str, other: str) -> bool:
    """Whether pushes of a kind that no filter names start it; who names the other kind alone does not mean this one."""
    ignored = filters.get(f"{kind}-ignore")
    if ignored is not None:
        return "**" not in texts(ignored)
    return not filters.keys() & {other, f"{other}-ignore"}


def _in_order_of_interest(wanted: tuple[str, ...], branches: tuple[str, ...], named: Iterable[str]) -> list[str]:
    """The branches that a filter names: the default one first, one of each pattern; of any, those that are `named`."""
    known = [name for each in wanted for name in ((*branches, *named, each) if each in {"*", "**"} else (each,))]
    return sorted(
        dict.fromkeys(name for name in _left(known) if name not in {"*", "**"}), key=lambda name: name not in branches
    )


def _left(patterns: Iterable[str]) -> list[str]:
    """What a filter lets through: the last pattern that matches decides, and `!` before it says no."""
    left: list[str] = []
    for pattern in patterns:
        if not pattern.startswith("!"):
            left.append(pattern)
        elif len(left) <= MAX_PATTERNS:
            left = [each for each in left if not _covers(pattern[1:], each)]
    return left


def _covers(pattern: str, other: str) -> bool:
    """Whether a pattern of a filter surely matches all that another one, or a name, does."""
    if pattern in {other, "**"}:
        return True
    deeper = "**" in other and "**" not in pattern  # a star alone ends at a slash
    return not deeper and not set("?+[") & set(pattern) and fits(other, pattern)


def _tagged(
    name: str,
    label: str,
    prefix: str = "",
    *,
    deliberate: bool = False,
    about: _Payload | None = None,
) -> Event:
    ref = value(f"refs/tags/{prefix}", *_TAG)
    return Event(name, ref, label, {**_COMMON, **(about or {}), **_of_event(name, ref)}, deliberate)


def _on_branch(
    name: str, branch: str, label: str, about: _Payload | None = None, *, by_schedule: bool = False
) -> Event:
    known = _fixed(branch)
    ref: Value = value(f"refs/heads/{known}", *([Symbol("github", "branch")] if known != branch else []))
    default = value(branch) if branch in DEFAULT_BRANCHES else value(Symbol("github", "default_branch"))
    payload = {**_COMMON, ("repository", "default_branch"): default, **(about or {}), **_of_event(name, ref)}
    return Event(name, ref, label, payload, by_schedule=by_schedule)


def _on_another(name: str, branch: str, label: str, default: str, about: _Payload | None = None) -> Event:
    """The same on a branch that is not the default one."""
    return _on_branch(name, branch, label, {**(about or {}), ("repository", "default_branch"): value(default)})


def _of_event(name: str, ref: Value) -> _Payload:
    """What the payload of an event has, and what those of others alone have."""
    absent = [member for member, events in _MEMBERS.items() if name not in events]
    found: _Payload = {(member,): NULL for member in absent}
    if name == "push":
        found |= {("ref",): ref, ("action",): NULL}
    return found


_MEMBERS = {
    "release": {"release"},
    "workflow_run": {"workflow_run"},
    "pull_request": {"pull_request", "pull_request_target"},
}
"""Members of payloads, and the events that have them."""


_COMMON: _Payload = {("repository", "fork"): False, ("repository", "default_branch"): value("main")}


def _fixed(pattern: str) -> str:
    """What stands before the first sign of a pattern."""
    return re.split(r"[*?+\[!$]", pattern)[0]


def _common_prefix(texts_: list[str]) -> str:
    shortest = min(texts_, key=len, default="")
    return next(
        (
            shortest[:length]
            for length in range(len(shortest), 0, -1)
            if all(text.startswith(shortest[:length]) for text in texts_)
        ),
        "",
    )
