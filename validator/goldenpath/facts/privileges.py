"""What the tokens of all jobs may write, what is there to do so, and where outsiders have a hand in it.

Every workflow is walked through on every event that starts it. Runs that release are walked through already; the others
are those of pull requests, and those that outsiders can cause although they have the rights of insiders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Mapping
from goldenpath.facts.pipeline.contexts import Event, proposal
from goldenpath.facts.pipeline.permissions import SCOPES, permissions_of
from goldenpath.facts.pipeline.state import Budget
from goldenpath.facts.pipeline.untrusted.caches import leaves_cache, takes_cache
from goldenpath.facts.pipeline.untrusted.outsiders import keeps_outsiders_out, may_be_brought_about
from goldenpath.facts.pipeline.walks import walk_all
from goldenpath.facts.values import Symbol, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts import Both
    from goldenpath.facts.expressions import Known
    from goldenpath.facts.gitlab.identities import Identity
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.pipeline.acts import Exposure, Use
    from goldenpath.facts.pipeline.runs import Entered, Run
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.workflows import Job, Workflow, Workflows
    from goldenpath.repository import Place, Repository

MAX_STEPS = 20_000
"""Most steps that are walked through, besides those of runs that could release."""

BY_OUTSIDERS = (
    "pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment", "gollum",
)  # fmt: skip
"""Events that anybody can cause, and whose runs have the repository's own token and secrets all the same."""

BY_INSIDERS = {
    "create", "delete", "deployment", "deployment_status", "merge_group", "milestone", "page_build", "push", "release",
    "repository_dispatch", "schedule", "workflow_call", "workflow_dispatch",
}  # fmt: skip
"""Events that only those can cause who may write here."""

_STRANGER: dict[tuple[str, ...], Known] = {
    ("workflow_run", "event"): value("pull_request"),
    ("workflow_run", "head_repository", "fork"): True,
    ("pull_request", "head", "repo", "fork"): True,
    ("repository", "fork"): False,
    ("repository", "default_branch"): value("main"),
    **{
        (subject, "author_association"): value(Symbol("outsider-standing", "author_association"))
        for subject in ("pull_request", "comment", "issue", "discussion")
    },
}
"""What an event says when somebody who has no rights has caused it."""


class Grant(Struct, frozen=True):
    """What a job's token may write (`stated` is None where nothing says so), and what uses it there or below."""

    workflow: str
    job: Job
    stated: dict[str, Place] | None
    inherits: bool
    entered: bool
    uses: tuple[Use, ...]


class Danger(Struct, frozen=True):
    """An exposure in a run, with what outsiders reach by it; `guarded` names what may keep them out after all."""

    exposure: Exposure
    event: Event
    reaches: str
    guarded: str


class Privileges(Struct, frozen=True):
    """What all jobs are granted, what endangers it, and the workflows that are too long to be followed.

    Jobs of GitLab state no permissions; `identities` are the tokens for others that they are given.
    """

    grants: tuple[Grant, ...]
    dangers: tuple[Danger, ...]
    unfollowed: tuple[str, ...]
    identities: tuple[Identity, ...] = ()


def privileges(
    workflows: Workflows, releases: Releases, gitlab: Pipeline | None, both: Both, repository: Repository
) -> Privileges:
    """Walk through the runs that are not walked through yet, and gather what all of them show."""
    budget = Budget(MAX_STEPS)
    events = [(workflow, event) for workflow in workflows.files for event in _events(workflow, workflows)]
    more = walk_all(workflows, events, budget, both)
    runs = (*(run for run in releases.walked if run.jobs), *more)  # those of GitLab have no permissions to state
    by_outsiders = any(each.kind in _BY_OUTSIDERS for run in runs for each in run.exposures)
    jobs = (job.job for run in releases.walked for job in run.jobs.values()) if by_outsiders else ()
    is_cached = any(takes_cache(job, workflows) for job in jobs)
    return Privileges(
        tuple(_grants(workflows, runs)),
        tuple(danger for run in runs for danger in _dangers(run, workflows if is_cached else None)),
        tuple(dict.fromkeys(run.workflow for run in runs if any(not act.guard.job for act in run.acts))),
        _identities(gitlab, releases, budget, repository) if gitlab else (),
    )


def _identities(gitlab: Pipeline, releases: Releases, budget: Budget, repository: Repository) -> tuple[Identity, ...]:
    """The tokens for others that jobs of GitLab are given."""
    from goldenpath.facts.gitlab.identities import identities

    runs = [run for run in (*releases.walked, gitlab.on_merge_request(budget)) if run and run.workflow == gitlab.path]
    return identities(gitlab.parts(), runs, repository)


def _events(workflow: Workflow, workflows: Workflows) -> Iterator[Event]:
    """The events on which a workflow has not been walked through yet; one stands for all that are alike."""
    branch = value("refs/heads/main")
    if workflow.triggers.keys() & {"pull_request", "pull_request_review", "pull_request_review_comment", "merge_group"}:
        yield proposal()
    if "workflow_call" in workflow.triggers:
        yield Event("workflow_call", branch, "a call", {})
    for name in BY_OUTSIDERS:
        if name in workflow.triggers and not (name == "workflow_run" and _follows_insiders(workflow, workflows)):
            yield Event(name, branch, f"`{name}`, which anybody can cause", _STRANGER, by_outsider=True)


def _follows_insiders(workflow: Workflow, workflows: Workflows) -> bool:
    """Whether a workflow runs after others only that nobody without rights can start."""
    trigger = workflow.triggers["workflow_run"]
    names = texts(trigger.get("workflows")) if isinstance(trigger, Mapping) else ()
    before = [each for each in workflows.files if (each.node.text("name") or each.path) in names]
    named = {each.node.text("name") or each.path for each in before}
    return set(names) == named and all(each.triggers.keys() <= BY_INSIDERS for each in before)


# --- what is granted


def _grants(workflows: Workflows, runs: tuple[Run, ...]) -> Iterator[Grant]:
    used: dict[tuple[str, str], dict[Use, None]] = {}
    reached: dict[tuple[str, str], set[str]] = {}
    for run in runs:
        for caller, entered in _callers(run):
            reached.setdefault(caller, set()).update(entered.permissions.written)
        for key, entered in run.jobs.items():
            if entered.workflow.node.place.source:
                continue  # what it uses counts for the job that calls it
            own = used.setdefault((entered.workflow.path, entered.job.id), {})
            own.update((use, None) for use in run.uses if use.job == key or use.job.startswith(f"{key}/"))
    for workflow in workflows.files:
        only_called = workflow.triggers.keys() == {"workflow_call"}
        for job in workflow.jobs.values():
            uses = used.get((workflow.path, job.id))
            stated = _stated(workflow, job)
            handed_on = reached.get((workflow.path, job.id))
            if stated and handed_on is not None and "*" not in stated:
                stated = {scope: place for scope, place in stated.items() if scope in handed_on}
            yield Grant(workflow.path, job, stated, only_called, uses is not None, tuple(uses or ()))


def _callers(run: Run) -> Iterator[tuple[tuple[str, str], Entered]]:
    """Each job that calls a workflow, with every job there: what those do not ask for, no token of them can do."""
    for key, entered in run.jobs.items():
        while key := key.rpartition("/")[0]:
            if (caller := run.jobs.get(key)) is not None:
                yield (caller.workflow.path, caller.job.id), entered


def _stated(workflow: Workflow, job: Job) -> dict[str, Place] | None:
    """The scopes that may be written, each with the place that says so; None where nothing is said."""
    for node in (job.node.get("permissions"), workflow.node.get("permissions")):
        permissions = permissions_of(node)
        if node is None or permissions is None:
            continue
        if permissions.may_write("*"):
            return {"*": node.place}
        places = {name: level.place for name, level in node.values.items()} if isinstance(node, Mapping) else {}
        return {scope: places.get(scope, node.place) for scope in SCOPES if permissions.may_write(scope)}
    return None


# --- what is exposed


_BY_OUTSIDERS = frozenset({"files", "artifact"})
"""Kinds of exposure by which the code of outsiders runs, and may leave something in a cache."""


def _dangers(run: Run, cached: Workflows | None) -> Iterator[Danger]:
    """What outsiders reach in a run; `cached` are the workflows where runs that may release take what others leave."""
    for exposure in run.exposures:
        conditions = exposure.guard.all_conditions
        if any(keeps_outsiders_out(condition, exposure.what) for condition in conditions):
            continue
        entered = run.jobs[exposure.guard.job]
        reaches = _reached(entered)
        if not reaches and exposure.kind in _BY_OUTSIDERS and cached and leaves_cache(entered.job, cached):
            reaches = "a cache that other runs take what they need from"
        if reaches or exposure.kind not in {"files", "artifact", "proposal"}:
            behind = [exposure.guard.job, *run.waits.get(exposure.guard.job, ())]
            reviewed = any(run.jobs[key].job.node.get("environment") for key in behind if key in run.jobs)
            undecided = sorted(each for each in conditions if not may_be_brought_about(each))
            guarded = "the reviewers of its environment" if reviewed else " and ".join(undecided)
            if exposure.kind == "proposal" and guarded:
                continue  # somebody, or something, else has a say in it
            yield Danger(exposure, run.event, reaches, guarded)


def _reached(entered: Entered) -> str:
    """What outsiders get hold of, in words: the job's right to write, or its secrets."""
    scopes = sorted(entered.permissions.written)
    if entered.permissions.stated is None:
        return "a token of which nothing says what it may write"
    return f"a token with `{scopes[0]}: write`" if scopes else "secrets" if entered.holds_secrets else ""
