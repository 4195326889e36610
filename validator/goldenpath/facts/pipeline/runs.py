"""One run of a workflow on one event, walked through without running it.

Jobs are taken in the order of their needs, steps in the order of the file. Values are symbolic (values.py), conditions
have three values (expressions.py), scripts are read command by command (shell). Local composite actions and local
reusable workflows are walked into; what leads elsewhere is left as an `unseen` act that says what it could do.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Act, Exposure, Files, Guard, Use
from goldenpath.facts.pipeline.carriers import carriers
from goldenpath.facts.pipeline.contexts import (
    Event,
    Result,
    context,
    for_others,
    hold_secret,
    however_called,
    however_started,
    however_used,
    in_lower_case,
    inputs_of_action,
    inputs_of_workflow,
    is_false,
    may_be_own_token,
    nothing_known,
    of_jobs,
    of_run,
    outputs_of,
    text_of,
    text_with,
    texts_by_name,
)
from goldenpath.facts.pipeline.gates import gate_of, lineage_of, relied_on, steps_behind
from goldenpath.facts.pipeline.jobs import default_of, environment_of, shell_of, system_of, with_runner
from goldenpath.facts.pipeline.matrices import is_false_in_some, legs_of, of_matrix, told_in_legs
from goldenpath.facts.pipeline.moments import heed, moment_of
from goldenpath.facts.pipeline.permissions import Permissions, permissions_of, powers_of
from goldenpath.facts.pipeline.state import Budget, Frame, JobRun, Shared, TooLong
from goldenpath.facts.pipeline.subjects import Subjects
from goldenpath.facts.pipeline.tables import is_well_known, known_action
from goldenpath.facts.shell.paths import is_within_any, path_from
from goldenpath.facts.values import Symbol, Value, replaced, value
from goldenpath.facts.workflows import EVERY_STEP, Action, Problem, Workflow, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.facts.declared import ToldAction
    from goldenpath.facts.expressions import Known
    from goldenpath.facts.pipeline.acts import Content, Kind, Recipe
    from goldenpath.facts.pipeline.contexts import Look
    from goldenpath.facts.pipeline.matrices import Leg
    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.workflows import Job, Step, Uses, Workflows
    from goldenpath.repository import Place

MAX_STEPS = 2_000
"""Most steps that are walked through in one run, everything that it calls included."""

MAX_EFFECTS = 10_000
"""Most commands that are looked at, and files that are handed over, likewise."""

MAX_JOBS = 500
"""Most jobs, likewise."""

MAX_CALLS = 10
"""Deepest chain of reusable workflows and composite actions; GitHub's own limit for both is 10."""

ANYTHING = frozenset({"build", "sign", "describe", "ship", "verify", "scan", "test"})
"""What something may do that is not followed."""

UNREAD = "a release, for all that is seen"
"""What the rest of a run is called that is too long to be walked through."""

BY_HAND = "(by hand)"
"""The job that stands for somebody who publishes a draft once the run has ended."""


class Entered(Struct):
    """A job of a run, with what its token is allowed in it; `holds_secrets` says that others are in its reach."""

    workflow: Workflow
    job: Job
    permissions: Permissions
    holds_secrets: bool = False


class Run(Struct, frozen=True, dict=True):
    """What one run does, in order. `waits` has, for each job, the jobs without whose success it does not start.

    `images` has the image that a job runs in, as it is written and where, for those of which that is known; `called`
    has what besides its name says what a job is for. `continues` says that it begins with all that the run has done
    whose end has started it, and `gone_on_with_by` has the runs that begin with this one. `over` has the place in the
    order of acts at which a step in the background is over. `legs` has what symbols of a
    matrix are in its legs, and `scripts` what jobs of GitLab run. `doubt` is why nobody knows whether it releases
    anything that others do not.
    """

    workflow: str
    name: str
    event: Event
    acts: tuple[Act, ...]
    waits: dict[str, frozenset[str]]
    jobs: dict[str, Entered]
    uses: tuple[Use, ...]
    exposures: tuple[Exposure, ...]
    checkouts: tuple[Value, ...]
    images: dict[str, tuple[Value, Place]] = {}
    called: dict[str, str] = {}
    continues: bool = False
    gone_on_with_by: tuple[Run, ...] = ()
    legs: dict[str, list[str]] = {}
    scripts: tuple[str, ...] = ()
    over: dict[str, int] = {}
    doubt: str = ""

    @cached_property
    def _by_kind(self) -> dict[str, list[Act]]:
        found: dict[str, list[Act]] = {}
        for act in self.acts:
            found.setdefault(act.kind, []).append(act)
        return found

    def of_kind(self, *kinds: str) -> list[Act]:
        """The acts of these kinds."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [act for act in self.acts if act.kind in kinds]

    def in_each_leg(self, path: Value) -> list[Value]:
        """What a path is in the legs of the matrix that names it; itself where only a run knows them."""
        symbols = [part for part in path if isinstance(part, Symbol) and part.kind == "matrix"]
        legs = self.legs.get(symbols[0].name, []) if len(symbols) == 1 else []
        if not legs or any("$" in leg for leg in legs):
            return [path]
        return [path_from((), replaced(path, {symbols[0]: value(leg)})) for leg in dict.fromkeys(legs)]

    def recipes_of(self, recipe: Recipe) -> list[Recipe]:
        """How something is built in each leg of a matrix, one after the other; by itself where they do not differ."""
        told = (recipe.folder, *recipe.words, *(given for _, given in recipe.inputs))
        symbols = {part for word in told for part in word if isinstance(part, Symbol) and part.kind == "matrix"}
        legs = {symbol: self.legs[symbol.name] for symbol in symbols if symbol.name in self.legs}
        if len({len(texts) for texts in legs.values()}) != 1 or any(
            "$" in text for leg in legs.values() for text in leg
        ):
            return [recipe]
        each = zip(*([(symbol, value(text)) for text in texts] for symbol, texts in legs.items()), strict=True)
        return list(dict.fromkeys(recipe.where(dict(leg)) for leg in each))

    @cached_property
    def handing_over(self) -> frozenset[str]:
        """The jobs that hand something on, to other jobs or to users."""
        return frozenset(act.guard.job for act in self.of_kind("stored", "attested", "shipped"))

    @cached_property
    def _about(self) -> dict[str, Subjects[Act]]:
        return {}

    def about(self, kind: Kind) -> Subjects[Act]:
        """The acts of a kind by what they are about: those that make an SBOM by what they describe."""
        if kind not in self._about:
            acts = self.of_kind(kind)
            described = ((act, act.of) for act in acts if act.of is not None)
            done = ((act, target) for act in acts for target in act.targets)
            self._about[kind] = Subjects(described if kind == "described" else done)
        return self._about[kind]

    @cached_property
    def shipped_sboms(self) -> Subjects[tuple[Act, Content]]:
        """The SBOMs among what is shipped, by what they describe."""
        shipped = ((act, target) for act in self.of_kind("shipped") for target in act.targets)
        files = ((act, content) for act, target in shipped if isinstance(target, Files) for content, _ in target.pieces)
        pieces = ((act, each) for act, content in files for each in (content.holds or (content,)))
        sboms = ((act, content) for act, content in pieces if content.kind in {"sbom", "derived"})
        return Subjects(((act, content), content.of) for act, content in sboms if content.of is not None)

    def surely_before(self, earlier: Act, later: Act) -> bool:
        """Whether the later act cannot happen unless the earlier one has succeeded, if it happens at all."""
        one, other = earlier.guard, later.guard
        if one.step and one.step in other.relies_on and (one.fatal or one.forgiven):
            return True
        if earlier.place in other.behind and one.job == other.job:
            return True
        if not one.fatal:
            return False
        if one.job == other.job:
            return self._is_over(one, other) and not other.despite_failure
        return one.job_fatal and one.job in self.waits.get(other.job, frozenset())

    def precedes(self, earlier: Act, later: Act) -> bool:
        """Whether an act is over when the other one happens, however it went; jobs that nobody sees may go on."""
        one, other = earlier.guard, later.guard
        if one.job == other.job:
            return self._is_over(one, other)
        return one.job in self.waits and one.job in self.waits.get(other.job, frozenset())

    def _is_over(self, one: Guard, other: Guard) -> bool:
        """Whether what happens in a job is over before something else: in the background, where it is awaited."""
        if one.aside and one.aside != other.aside:
            return one.aside in self.over and self.over[one.aside] <= other.order
        return one.order < other.order


LATER_COMMIT = value(Symbol("github", "sha of the default branch before"))
"""The commit of a run that another one's end has started: what the default branch holds by then."""


class Before(Struct, frozen=True):
    """The run whose end starts another one; `counts` says that its failure keeps the other one from releasing.

    One that the end of a run has started itself has that one `before` it.
    """

    workflow: Workflow
    event: Event
    counts: bool
    before: Before | None = None


class _Call(Struct, frozen=True):
    """How a workflow came to be walked: as the run itself, or called by a job.

    `home` is the repository in which it stands, `called` where the one that is judged leads to another one. `secrets`
    are those that a caller hands over, None where there is no caller, or it hands over all that it has. `always` is
    what is known of inputs on every event. It runs only where the steps that it `relies_on` have succeeded.
    """

    prefix: str
    inputs: dict[str, Known] | None
    permissions: Permissions
    home: Workflows
    called: Uses | None = None
    secrets: dict[str, Known] | None = None
    always: Look = nothing_known
    waits: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    fatal: bool = True
    fatal_in_leg: bool = True
    aftermath: bool = False
    depth: int = 0
    relies_on: frozenset[str] = frozenset()


def walk(
    workflows: Workflows,
    workflow: Workflow,
    event: Event,
    budget: Budget | None = None,
    before: Before | None = None,
) -> Run:
    """Walk through one run, with the one `before` it whose end starts it, if that is given.

    What is too long to be walked ends in one unseen act that may do anything.
    """
    walker = _Walker(workflows, workflow, event, budget or Budget(MAX_STEPS))
    inputs = None if event.name == "workflow_dispatch" else dict[str, "Known"]()
    always = however_started(workflow.triggers, event)
    call = _Call("", inputs, Permissions(), workflows, always=always)
    try:
        waits = walker.begin_with(before, workflows) if before else call.waits
        walker.workflow(workflow, replace(call, waits=waits))
    except TooLong:
        walker.give_up(workflow)
    walker.publish_drafts()
    return replace(walker.run(workflow), continues=before is not None)


class _Walker:
    """The state of one walk."""

    def __init__(self, workflows: Workflows, workflow: Workflow, event: Event, budget: Budget) -> None:
        self.workflows = workflows
        self.event = event
        self.shared = Shared(event, Budget(MAX_EFFECTS), workflows.tree)
        self.acts = self.shared.acts
        self.waits: dict[str, frozenset[str]] = {}
        self.jobs: dict[str, Entered] = {}
        self.legs: dict[str, list[str]] = {}
        self.over: dict[str, int] = {}
        self._running: dict[str, int] = {}
        self.name = workflow.node.text("name") or workflow.path
        self._images: dict[str, tuple[Value, Place]] = {}
        self._called: dict[str, str] = {}
        self._elsewhere: set[str] = set()
        self._behind: dict[str, dict[str, frozenset[str]]] = {}
        self._budget = budget
        self._steps_left, self._jobs_left = Budget(MAX_STEPS), Budget(MAX_JOBS)
        self._github = _github(event, self.name)

    def run(self, workflow: Workflow) -> Run:
        """What has been found out."""
        for key in self.shared.holding_secrets & self.jobs.keys():
            self.jobs[key].holds_secrets = True
        shared = self.shared
        return Run(
            workflow.path, self.name, self.event, tuple(self.acts), self.waits, self.jobs, tuple(shared.uses),
            tuple(shared.exposures), tuple(shared.checkouts), self._images, self._called, legs=self.legs,
            over=self.over,
        )  # fmt: skip

    def _spend(self, own: Budget) -> None:
        own.spend()
        self._budget.spend()

    def give_up(self, workflow: Workflow) -> None:
        """Leave the rest of the run as one act that may do anything: release, too, whatever the workflow is called."""
        reason = f"it has more than {MAX_STEPS:,} steps, or all workflows together have too many to be followed"
        act = Act(
            "unseen", workflow.node.place, f"the workflow {self.name}", Guard("", 0), problem=reason, may=ANYTHING
        )
        self.acts.append(act)
        self._called[act.guard.job] = UNREAD

    def publish_drafts(self) -> None:
        """A draft that the run leaves behind is published by somebody's hand, who sees the whole run before."""
        jobs = frozenset(self.waits)
        for draft in self.shared.drafts:
            guard = Guard(BY_HAND, len(self.acts), job_conditions=draft.act.guard.all_conditions)
            self.waits[BY_HAND] = jobs
            self.acts.append(Act("shipped", draft.act.place, draft.act.text, guard, tuple(draft.files)))

    def begin_with(self, before: Before, home: Workflows) -> frozenset[str]:
        """Walk through the run whose end starts this one; returns its jobs, for which all jobs of this one wait."""
        first, waits = before.before, frozenset[str]()
        if first:  # whose failure is no obstacle where that of this one is none
            waits = self.begin_with(replace(first, counts=first.counts and before.counts), home)
        event, github = self.event, self._github
        self.event, self._github = before.event, _github(before.event, before.workflow.node.text("name") or "")
        self.shared.event = before.event
        if first:
            self._github["sha"] = self.shared.commit = LATER_COMMIT
        inputs = None if before.event.name == "workflow_dispatch" else dict[str, "Known"]()
        self.workflow(
            before.workflow,
            _Call(
                f"{before.workflow.path.rpartition('/')[2]}/",
                inputs,
                Permissions(),
                home,
                waits=waits,
                fatal=before.counts,
                fatal_in_leg=before.counts,
            ),
        )
        self.event, self._github, self.shared.event, self.shared.commit = event, github, event, ()
        self._github["sha"] = value(Symbol("github", "sha of the default branch"))
        self.shared.end_run()
        return frozenset(self.waits)

    # --- workflows and jobs

    def workflow(self, workflow: Workflow, call: _Call) -> dict[str, Value]:
        """Walk through every job; returns the outputs that a reusable workflow declares."""
        results: dict[str, Result] = {}
        for job in _in_order(workflow.jobs):
            self._spend(self._jobs_left)
            results[job.id] = self._job(workflow, job, call, results)
        look = self._look({"jobs": of_jobs(results.values()), "inputs": context(call.inputs)})
        return outputs_of(workflow.node.get("on", "workflow_call", "outputs"), look, key="value")

    def _look(self, contexts: dict[str, Look]) -> Look:
        return of_run(self._github, self.event, contexts)

    def _job(self, workflow: Workflow, job: Job, call: _Call, results: dict[str, Result]) -> Result:
        needed = [results[name] for name in dict.fromkeys(job.needs) if name in results]
        contexts = {"needs": of_jobs(needed), "inputs": context(call.inputs)}
        if call.secrets is not None and job.node.get("environment") is None:  # which may have secrets of its own
            contexts["secrets"] = context(call.secrets)
        gate = gate_of(workflow, job, needed, contexts, self._look, call.conditions, self.shared.budget)
        ancestors = lineage_of(needed)
        if gate.skipped and not gate.aftermath:
            return Result(job.id, skipped=True, ancestors=ancestors)
        key = f"{call.prefix}{job.id}"
        legs = legs_of(job.node.get("strategy", "matrix"), self._look(contexts))
        shared_legs = self.shared.matrices.keys(legs, key)
        contexts["matrix"] = of_matrix(legs, key, shared_legs)
        self.legs |= told_in_legs(legs, key, shared_legs)
        look = self._look(contexts)
        forgiven = job.node.get("continue-on-error")
        inner = _Call(
            prefix=f"{key}/",
            inputs={},
            permissions=_permissions(workflow, job, call),
            home=call.home,
            called=call.called,
            secrets=call.secrets,
            always=call.always,
            waits=call.waits.union(*(result.keys for result in gate.awaited)),
            conditions=call.conditions.union(gate.runs.atoms, *(result.conditions for result in gate.awaited)),
            fatal=call.fatal and is_false(forgiven, look),
            fatal_in_leg=call.fatal and is_false_in_some(forgiven, look, legs),
            aftermath=call.aftermath or gate.skipped,
            depth=call.depth + 1,
            relies_on=call.relies_on.union(*relied_on(job, gate, needed, contexts, self._look)),
        )
        before = len(self.waits)
        self.jobs[key] = Entered(workflow, job, inner.permissions)
        outputs = (
            self._calls(job, inner, look) if job.uses else self._runs(workflow, job, inner, look, (legs, shared_legs))
        )
        keys = frozenset(list(self.waits)[before:])
        if gate.skipped:
            return Result(job.id, skipped=True, ancestors=ancestors)
        if legs is None or len(legs) > 1:
            outputs = {name: for_others(output, key, name) for name, output in outputs.items()}
        unconditional = not gate.runs.atoms and not gate.runs.after_failure
        behind = self._behind.pop(key, {}) if legs is not None and len(legs) == 1 else {}
        return Result(
            job.id, keys, inner.conditions, outputs, unconditional=unconditional, ancestors=ancestors,
            vouched=gate.vouched, elsewhere=key in self._elsewhere, behind=behind,
        )  # fmt: skip

    def _runs(
        self, workflow: Workflow, job: Job, call: _Call, look: Look, matrix: tuple[list[Leg] | None, dict[str, str]]
    ) -> dict[str, Value]:
        """Walk through the steps of a job; returns its outputs."""
        legs, shared_legs = matrix
        key = call.prefix.rstrip("/")
        environment = environment_of(workflow, job, look)
        system, runs_on = system_of(job, look), job.node.get("runs-on")
        state = JobRun(
            key=key,
            permissions=call.permissions,
            conditions=call.conditions,
            fatal=call.fatal,
            fatal_in_leg=call.fatal_in_leg,
            lookup=with_runner(look, runs_on, legs),
            environment=environment,
            shell=shell_of(workflow, job, system),
            system=system,
            folder=text_with(default_of(workflow, job, "working-directory") or "", look),
            aftermath=call.aftermath,
            legs=legs,
            shared_legs=shared_legs,
            runs_on=runs_on,
            waits=call.waits,
            commit=self.shared.commit,
            has_secrets=hold_secret(environment.values()),
        )
        self.waits[key] = call.waits
        if container := job.node.text("container", "image") or job.node.text("container"):
            self._images[key] = (text_with(container, look), job.node.place)
        for node in (workflow.node.get("env"), job.node.get("env")):
            self.shared.carry(carriers(node, environment, ""))
        frame = Frame(
            self.shared, state, state.outputs, call.home, call.called, relies_on=call.relies_on, always=call.always
        )
        self._running = {}
        self._steps(job.steps, frame)
        self._behind[key] = steps_behind(job, frame.outcomes)
        outputs = outputs_of(job.node.get("outputs"), frame.look(frame.variables(state.conditions)))
        self.shared.carry(carriers(job.node.get("outputs"), outputs, job.id))
        return outputs

    def _calls(self, job: Job, call: _Call, look: Look) -> dict[str, Value]:
        """Walk through a reusable workflow; returns its outputs."""
        assert job.uses is not None  # noqa: S101 - asked by the caller
        given = texts_by_name(job.node.get("with"), look)
        key = call.prefix.rstrip("/")
        guard = Guard(key, len(self.acts), job_conditions=call.conditions, job_fatal=call.fatal, called=call.called)
        if text_of(job.node.get("secrets")) == "inherit" and not job.uses.is_local:
            self.shared.exposures.append(Exposure("secrets", job.uses.place, job.uses.label, guard))
        self._elsewhere.add(key)
        if told := _told(job.uses, call.home, lambda: in_lower_case(given)):
            return self._as_told(told, job.uses, call, guard, in_lower_case(given))
        home = _home(job.uses, call.home)
        called = home.called(job.uses.path) if home else None
        if home and isinstance(called, Workflow) and "workflow_call" in called.triggers and call.depth <= MAX_CALLS:
            self._elsewhere.remove(key)
            trigger = called.triggers.get("workflow_call")
            inputs = inputs_of_workflow(trigger, given, look)
            call = replace(call, always=however_called(trigger, call.always))
            self.shared.carry(carriers(job.node.get("with"), given, "inputs"))
            handed = _handed_over(job, call, look)
            outputs = self.workflow(called, replace(_into(call, home, job.uses, inputs), secrets=handed))
            self.shared.carry(carriers(called.node.get("on", "workflow_call", "outputs"), outputs, job.id, key="value"))
            return outputs
        from goldenpath.facts.pipeline.actions import call_elsewhere, use_of

        self.waits[key] = call.waits
        outputs = {}
        secrets = texts_by_name(job.node.get("secrets"), look)
        self._called[key] = " ".join(secrets)  # whose names tell what it is there for
        secret = hold_secret((*given.values(), *secrets.values()))
        if not call.aftermath:
            why = _why_not_called(called, job.uses, call.home)
            # What is called gets no secret but those that are handed to it, whichever environment it names. Where it
            # stands here and cannot be called, GitHub runs no job of the workflow that calls it.
            inherits = text_of(job.node.get("secrets")) == "inherit"
            may = ANYTHING if home else powers_of(call.permissions, secrets=secret or inherits)
            outputs = call_elsewhere(job.uses, given, call.permissions, guard, self.shared, why, may)
        self.shared.uses.append(use_of(job.uses, key))
        if secret:
            self.shared.holding_secrets.add(key)
        return outputs

    def _as_told(
        self, told: ToldAction | str, uses: Uses, call: _Call, guard: Guard, given: dict[str, Value]
    ) -> dict[str, Value]:
        """Write down what a contract says of a reusable workflow; returns its outputs."""
        from goldenpath.facts.pipeline.told import Performance

        self.waits[guard.job] = call.waits
        if isinstance(told, str):
            self.shared.uses.append(Use(guard.job, uses.place, uses.label, frozenset({"*"}), told))
            if not call.aftermath:
                self.acts.append(Act("unseen", uses.place, uses.label, guard, problem=told, may=ANYTHING))
            return {}
        performance = Performance(told, uses.place, uses.label, given, guard.job)
        self.shared.uses.append(performance.use(guard.job))
        for act in performance.acts(call.permissions, guard) if not call.aftermath else ():
            self.acts.append(replace(act, guard=replace(guard, order=len(self.acts))))
        return performance.outputs()

    # --- steps

    def _steps(self, steps: Iterable[Step], frame: Frame) -> None:
        here = frame.home or self.workflows
        for written in steps:
            self._spend(self._steps_left)
            step = _where_it_stands(written, frame.state.beside)
            moment = moment_of(frame, step)
            frame.outcomes[step.key.lower()] = moment
            if step.aside and not frame.aside:
                self._running[moment.key] = len(self.acts)
            if step.waits or "cancel" in step.node.values:
                self._await(moment)
            if not moment.dead and moment.holds_secret():
                self.shared.holding_secrets.add(frame.state.key)
            scripted = moment.scripted_secrets()
            frame.state.has_scripted_secrets |= not moment.dead and bool(scripted)
            if may_be_own_token(scripted, self.shared.event.name):
                frame.state.git_has_own_token = True
            if step.uses and (told := _told(step.uses, here, moment.given)):
                self._step_as_told(moment, step.uses, told)
                continue
            home = self.workflows if step.uses and step.uses.in_workspace else _home(step.uses, here)
            if not step.uses or not home or not self._follows_action(moment, step.uses, home):
                from goldenpath.facts.pipeline.actions import perform

                perform(moment)
                if moment.fails:
                    heed(moment)

    def _await(self, moment: Moment) -> None:
        """Steps in the background are over here, and fail this one if they fail; or they are ended, for nothing."""
        step, outcomes = moment.step, moment.frame.outcomes
        ended = [name.lower() for name in texts(step.node.get("cancel"))]
        named = (outcomes[name].key for each in (*step.waits, *ended) if (name := each.lower()) in outcomes)
        for aside in [*(self._running if EVERY_STEP in step.waits else named)]:
            at = self._running.pop(aside, len(self.acts))
            while (ended or not moment.fatal) and at < len(self.acts) and self.acts[at].guard.aside == aside:
                self.acts[at] = replace(self.acts[at], guard=replace(self.acts[at].guard, fatal=False))
                at += 1
            self.over.setdefault(aside, len(self.acts))

    def _step_as_told(self, moment: Moment, uses: Uses, told: ToldAction | str) -> None:
        """Write down what a contract says of an action."""
        from goldenpath.facts.pipeline.told import Performance

        moment.say({})
        if isinstance(told, str):
            moment.unseen(uses.place, uses.label, told, moment.guard(), ANYTHING)
            return
        performance = Performance(told, uses.place, uses.label, moment.given(), moment.key)
        self.shared.uses.append(performance.use(moment.state.key))
        moment.say(performance.outputs())
        for act in performance.acts(moment.state.permissions, moment.guard()):
            moment.act(replace(act, guard=moment.guard()))

    def _follows_action(self, moment: Moment, uses: Uses, home: Workflows) -> bool:
        """Walk through the steps of an action; whether there is nothing else to be said of it."""
        action = home.action(uses.path)
        reason = _why_not_followed(action, uses, moment.frame)
        if isinstance(action, Action) and not reason:
            self._action(moment, action, uses, home)
            return True
        if not uses.is_local and known_action(uses) is not None:
            return False
        moment.say({})
        moment.unseen(uses.place, uses.label, reason, moment.guard(), ANYTHING)
        return True

    def _action(self, moment: Moment, action: Action, uses: Uses, home: Workflows) -> None:
        frame, look = moment.frame, moment.look
        self.shared.carry(carriers(moment.step.node.get("with"), moment.given(), "inputs"))
        inner = Frame(
            shared=self.shared,
            state=frame.state,
            outputs={},
            home=home,
            called=_leads_on(frame.called, frame.home or self.workflows, uses, home),
            inputs=inputs_of_action(action, moment.given(), look),
            environment={**frame.environment, **texts_by_name(moment.step.node.get("env"), look)},
            conditions=frame.conditions | moment.runs.atoms,
            fatal=moment.fatal,
            despite_failure=frame.despite_failure or moment.runs.after_failure,
            relies_on=moment.relies_on,
            depth=frame.depth + 1,
            dead=moment.dead,
            prefix=f"{frame.prefix}{moment.step.key}/",
            folder=action.path.rpartition("/")[0] if home is self.workflows else "",
            aside=moment.aside,
            always=however_used(action, moment.step.node.get("with"), frame.always),
            never=moment.never,
        )
        self._steps(action.steps or (), inner)
        outputs = outputs_of(action.node.get("outputs"), inner.look(inner.variables(inner.known())), key="value")
        moment.say(outputs, complete=True)
        self.shared.carry(carriers(action.node.get("outputs"), outputs, moment.step.key, key="value"))


def _home(uses: Uses | None, here: Workflows) -> Workflows | None:
    """The repository in which something stands that is used here; None where it is not to be seen, or need not be."""
    if uses is None or uses.image:
        return None
    if uses.is_local:
        return here
    home = here.elsewhere.get(uses, here)
    return None if home is None or is_well_known(uses) else home


def _told(uses: Uses, here: Workflows, given: Callable[[], dict[str, Value]]) -> ToldAction | str | None:
    """What the contract says of something that is used with these inputs, or why that is not to be told."""
    told = here.knowledge.of(uses) if here.knowledge else ()
    if not told:
        return None
    from goldenpath.facts.pipeline.told import told_of

    return told_of(told, given())


def _where_it_stands(step: Step, beside: dict[str, tuple[str, str]]) -> Step:
    """The step; an action in a folder in which another repository is checked out is that one's."""
    uses = step.uses
    if uses is None or not uses.in_workspace or not beside:
        return step
    for folder, (repository, ref) in beside.items():
        if uses.path == folder or uses.path.startswith(f"{folder}/"):
            path = uses.path[len(folder) + 1 :]
            return replace(step, uses=replace(uses, repository=repository, ref=ref, path=path))
    return step


def _leads_on(called: Uses | None, here: Workflows, uses: Uses, home: Workflows) -> Uses | None:
    """Where the repository that is judged leads to another one: what comes further on does not count."""
    return called or (uses if home is not here else None)


def _why_not_called(called: Workflow | Problem | None, uses: Uses, here: Workflows) -> str:
    """Why a reusable workflow is not followed."""
    if isinstance(called, Problem):
        return called.sentence
    if called is not None and "workflow_call" not in called.triggers:
        return "it cannot be called: it has no `workflow_call`"
    if called is not None:
        return f"it is called by more than {MAX_CALLS} workflows in a chain"
    said = f"what the workflow {uses.path.rpartition('/')[2]} of {uses.repository} does is said there"
    return "; ".join(filter(None, [said, here.elsewhere.at_other_refs(uses)]))


def _why_not_followed(action: Action | Problem, uses: Uses, frame: Frame) -> str:
    if isinstance(action, Problem):
        return action.sentence
    if action.steps is None:
        whose = "an action of this repository" if uses.is_local else "an action"
        return f"{whose} that is no composite is not followed"
    return _why_changed(action, uses, frame) or (
        f"it is called by more than {MAX_CALLS} actions in a chain" if frame.depth >= MAX_CALLS else ""
    )


def _why_changed(action: Action, uses: Uses, frame: Frame) -> str:
    """Why an action in the files of the job is not what the repository says it is; empty where it is that."""
    state = frame.state
    if not (uses.in_workspace and (state.has_foreign_files or state.commit or state.replaced)):
        return ""
    from goldenpath.facts.pipeline.called import REWRITTEN, why_foreign

    changed = is_within_any(action.path, state.replaced)
    return why_foreign(state, frame.shared.event.ref) or (REWRITTEN if changed else "")


def _github(event: Event, workflow_name: str) -> dict[str, Known]:
    first, *rest = event.ref or ("",)
    name = first.removeprefix("refs/tags/").removeprefix("refs/heads/") if isinstance(first, str) else first
    names = ("repository", "repository_owner", "sha", "actor", "run_id", "run_number", "run_attempt", "workflow_ref")
    return {
        "event_name": value(event.name),
        "ref": event.ref,
        "ref_name": value(name, *rest),
        "ref_type": value("tag" if event.is_tag else "branch"),
        "workflow": value(workflow_name),
        "server_url": value("https://github.com"),
        "token": value(Symbol("secret", "GITHUB_TOKEN")),
        "head_ref": value(Symbol("github", "head_ref")) if event.name.startswith("pull_request") else value(""),
        "base_ref": value(Symbol("github", "base_ref")) if event.name.startswith("pull_request") else value(""),
        **{known: value(Symbol("github", known)) for known in names},
    }


# --- reading jobs


def _in_order(jobs: dict[str, Job]) -> list[Job]:
    """Jobs so that each comes after those it needs; jobs in a circle, or that need what is not there, never run."""
    missing = {name: len(set(job.needs)) for name, job in jobs.items()}
    wanted_by: dict[str, list[str]] = {}
    for name, job in jobs.items():
        for need in set(job.needs):
            wanted_by.setdefault(need, []).append(name)
    ready = [name for name, count in missing.items() if not count]
    for name in ready:
        for other in wanted_by.get(name, ()):
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    return [jobs[name] for name in ready]


def _permissions(workflow: Workflow, job: Job, call: _Call) -> Permissions:
    stated = permissions_of(job.node.get("permissions")) or permissions_of(workflow.node.get("permissions"))
    permissions = stated or Permissions()
    return permissions.capped_by(call.permissions) if call.depth else permissions


def _handed_over(job: Job, call: _Call, look: Look) -> dict[str, Known] | None:
    """The secrets that a workflow gets from the job that calls it: those it names, or all, and the token."""
    node = job.node.get("secrets")
    if text_of(node) == "inherit":
        return call.secrets
    return {"github_token": value(Symbol("secret", "GITHUB_TOKEN")), **in_lower_case(texts_by_name(node, look))}


def _into(call: _Call, home: Workflows, uses: Uses, inputs: dict[str, Known]) -> _Call:
    """The call of a workflow of a repository, with what it is given."""
    return replace(call, inputs=inputs, home=home, called=_leads_on(call.called, call.home, uses, home))
