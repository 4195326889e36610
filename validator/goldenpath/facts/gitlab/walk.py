"""One pipeline of GitLab on one occasion, walked through without running it.

Jobs are taken stage by stage, and in a stage in the order of their needs. What they do is found out from their scripts
as for any other pipeline (facts/pipeline), so that checks need not know whose pipeline it was.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.expressions import Condition
from goldenpath.facts.gitlab.configuration import UNSEEN_REFERENCE, Refused, TooMuch, child, items_of
from goldenpath.facts.gitlab.elsewhere import whole
from goldenpath.facts.gitlab.knowledge import knowledge
from goldenpath.facts.gitlab.rules import Rules
from goldenpath.facts.gitlab.scripts import SHELL, TOKEN, JobScript, is_for_sigstore
from goldenpath.facts.gitlab.sources import commit_of, follows_branches
from goldenpath.facts.gitlab.variables import (
    Variables,
    differing,
    in_legs,
    is_own_leg,
    kept_literally,
    legs_of,
    of_legs,
    told_in_legs,
    written,
)
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, joined
from goldenpath.facts.pipeline import acts
from goldenpath.facts.pipeline.acts import PROOFS, Act, Guard, Image, Recipe, image
from goldenpath.facts.pipeline.contexts import for_others
from goldenpath.facts.pipeline.effects import Effects, fits, part_of, tidy
from goldenpath.facts.pipeline.legs import in_each_leg
from goldenpath.facts.pipeline.matrices import of_last_leg
from goldenpath.facts.pipeline.moments import Moment
from goldenpath.facts.pipeline.overlays import lay
from goldenpath.facts.pipeline.permissions import Permissions
from goldenpath.facts.pipeline.runs import ANYTHING, MAX_EFFECTS, MAX_STEPS, UNREAD, Run
from goldenpath.facts.pipeline.scattered import is_outside, may_touch
from goldenpath.facts.pipeline.state import Budget, Frame, JobRun, Shared, TooLong
from goldenpath.facts.pipeline.tables import WORKS_ELSEWHERE
from goldenpath.facts.tree import Tree
from goldenpath.facts.values import Symbol, Value, display, literal, shown, value
from goldenpath.facts.workflows import Step, texts
from goldenpath.repository import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.gitlab.configuration import Configuration, Files, Job
    from goldenpath.facts.gitlab.occasions import Occasion
    from goldenpath.facts.gitlab.rules import Start
    from goldenpath.facts.gitlab.variables import Layer
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Piece
    from goldenpath.repository import Place

MAX_CHILDREN = 3
"""Deepest chain of pipelines that trigger each other; GitLab's own limit is 2 below the first."""

LINES = 10
"""How many lines of a script are taken for one step: a job has as many of them as a workflow has steps."""

MAX_HANDED = 50_000
"""Most files that the jobs of a pipeline hand over to each other."""


_ID = "CI_PIPELINE_ID"

INCLUDE = "include"
"""The job that stands for what is included from elsewhere."""


class NoPipeline(Exception):  # noqa: N818 - an outcome, not an error
    """GitLab makes no pipeline on this occasion."""


class JobToken(Permissions, frozen=True):
    """What a job of GitLab may do: its token reaches the project's registry and releases, no file says how far.

    `identifies` says that it is given an identity that Sigstore takes.
    """

    identifies: bool = False

    def may_write(self, scope: str) -> bool:
        """Whether the job can do what this scope stands for."""
        return self.identifies if scope == "id-token" else True

    def called(self, scope: str) -> str:
        """What the job would have to state."""
        return "id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}" if scope == "id-token" else super().called(scope)


class _Done(Struct):
    """A job that was walked through, as those after it see it.

    `keys` are the jobs of the run that it stands for, `waits` all without whose success it does not start.
    """

    job: Job
    start: Start
    keys: frozenset[str]
    waits: frozenset[str]
    conditions: frozenset[str]
    files: dict[Value, Piece] = {}
    scattered: dict[Value, str] = {}
    said: dict[str, Value] = {}
    left: dict[str, Value] = {}


class _Call(Struct, frozen=True):
    """How a pipeline came to be: by itself, or triggered by a job.

    `above` has, by their ids, the jobs of the pipelines above it that are done.
    """

    occasion: Occasion
    prefix: str = ""
    given: dict[str, Value] = {}
    waits: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    fatal: bool = True
    aftermath: bool = False
    depth: int = 0
    above: dict[Value, dict[str, _Done]] = {}


class Walker:
    """The state of one walk."""

    def __init__(self, files: Files, occasion: Occasion, budget: Budget) -> None:
        self._files = files
        self._occasion = occasion
        self._budget = budget
        self._own_budget, self._handed = Budget(MAX_STEPS), Budget(MAX_HANDED)
        self._shared = Shared(occasion.event, Budget(MAX_EFFECTS), Tree(files.repository))
        self._waits: dict[str, frozenset[str]] = {}
        self._images: dict[str, tuple[Value, Place]] = {}
        self._called: dict[str, str] = {}
        self.matrices = self._shared.matrices
        self.legs: dict[str, list[str]] = {}
        self._scripts: list[str] = []

    def run(self, path: str, configuration: Configuration) -> Run:
        """Walk through it. Raises NoPipeline, or Refused where GitLab would refuse it."""
        try:
            self._pipeline(configuration, _Call(self._occasion, given=self._occasion.chosen))
        except TooLong:
            lines = MAX_STEPS * LINES
            reason = f"it has more than {lines:,} lines, or all pipelines together have too many to be followed"
            place = configuration.top.place
            self._shared.acts.append(Act("unseen", place, "the pipeline", Guard("", 0), problem=reason, may=ANYTHING))
            self._called[""] = UNREAD
        shared, name = self._shared, configuration.top.text("workflow", "name") or path
        return Run(
            path, name, self._occasion.event, tuple(shared.acts), self._waits, {}, tuple(shared.uses),
            tuple(shared.exposures), (), self._images, self._called, legs=self.legs, scripts=tuple(self._scripts),
        )  # fmt: skip

    def _spend(self, steps: int) -> None:
        self._own_budget.spend(steps)
        self._budget.spend(steps)

    # --- pipelines

    def _pipeline(self, configuration: Configuration, call: _Call) -> frozenset[str]:
        """Walk through every job; returns the keys of all."""
        rules = Rules(self._files.repository, call.occasion)
        start = rules.pipeline(configuration.top.get("workflow"))
        if start.when == "never":
            raise NoPipeline
        call = replace(call, conditions=call.conditions | start.conditions)
        included = frozenset(self._included(configuration, call))
        by_workflow = differing(start.variables, f"{call.prefix}workflow")
        return included | _Jobs(self, configuration, rules, call, by_workflow, included).walk()

    def _included(self, configuration: Configuration, call: _Call) -> Iterator[str]:
        """The key of the job that stands for what is included from elsewhere, if there is such."""
        key = f"{call.prefix}{INCLUDE}"
        for include in configuration.includes:
            if include.is_out_of_sight:
                why = knowledge().unseen.get(include.text, "what it brings is not said in this repository")
                guard = Guard(key, len(self._shared.acts), job_conditions=call.conditions)
                self._shared.acts.append(
                    Act(
                        "unseen",
                        include.place,
                        include.label,
                        guard,
                        problem=why,
                        may=ANYTHING,
                        said_by=whole(include),
                    )
                )
                yield key

    def triggers(self, job: Job, given: dict[str, Value], call: _Call, key: str) -> frozenset[str]:
        """Follow a job that starts another pipeline; returns the keys of the jobs that later ones wait for."""
        trigger = job.node.get("trigger")
        self._waits[key] = call.waits
        include = trigger.get("include") if isinstance(trigger, Mapping) else None
        place = trigger.place if trigger else job.place
        if include is None:
            project = trigger.text("project") if isinstance(trigger, Mapping) else None
            text = f"trigger: {project or (trigger.text if isinstance(trigger, Scalar) else '')}".rstrip()
            self._unseen(key, call, place, text, WORKS_ELSEWHERE, frozenset({"ship"}))
            return frozenset({key})
        inner = replace(
            call,
            occasion=replace(call.occasion, variables={**call.occasion.variables, **_own_variables(key)}),
            prefix=f"{key}/",
            given={**call.given, **given},
            depth=call.depth + 1,
        )
        if inner.depth > MAX_CHILDREN:
            self._unseen(key, call, place, "trigger:", "too many pipelines start each other", ANYTHING)
            return frozenset({key})
        try:
            rules = Rules(self._files.repository, inner.occasion)
            keys = self._pipeline(child(self._files, include, rules.includes), inner)
        except (Malformed, Missing, TooMuch) as error:
            why = f"the pipeline that it starts cannot be followed ({error or 'it is too large'})"
            self._unseen(key, call, place, "trigger:", why, ANYTHING)
            keys = frozenset()
        except NoPipeline:
            keys = frozenset()
        depends = isinstance(trigger, Mapping) and trigger.text("strategy") in {"depend", "mirror"}
        return keys | {key} if depends else frozenset({key})

    def _unseen(self, key: str, call: _Call, place: Place, text: str, why: str, may: frozenset[str]) -> None:
        guard = Guard(key, len(self._shared.acts), job_conditions=call.conditions, job_fatal=call.fatal)
        if not call.aftermath:
            self._shared.acts.append(Act("unseen", place, text, guard, problem=why, may=may))

    # --- jobs

    def works(self, done: _Done, variables: Variables, call: _Call, key: str, sources: list[_Done]) -> None:
        """Walk through what a job does."""
        job = done.job
        self._waits[key] = call.waits
        self._note(job, variables, key)
        environment = variables.all()
        state = JobRun(
            key=key,
            permissions=JobToken(identifies=_identifies(job, environment)),
            conditions=call.conditions,
            fatal=call.fatal,
            lookup=lambda _path: None,
            environment=environment,
            shell="pwsh" if any("windows" in tag.lower() for tag in texts(job.node.get("tags"))) else SHELL,
            aftermath=call.aftermath,
            waits=call.waits,
            has_files=True,
            commit=() if any(source.files for source in sources) else self._fetched(variables, key),
            has_secrets=True,  # variables of the project's settings are in every job, and in no file
        )
        self._restore(state, sources)
        self._restore_cache(state, job, variables)
        if early := job.script("hooks", "pre_get_sources_script"):
            self._follow(self._moment(state, job, early), job)
        main = self._moment(state, job, job.script("before_script") + job.script("script"))
        self._lay_over(Effects(main, job.place, job.name), sources, job, variables)
        for reason, place in _out_of_sight(job):
            main.unseen(place, f"the job {job.name}", reason, main.guard(), ANYTHING)
        self._scan(main, job, variables)
        script = self._follow(main, job)
        self._release(main, job)
        late = job.script("after_script")
        if late:
            self._follow(self._moment(state, job, late, after=True), job)
        if done.start.doubt:
            self.doubt(frozenset({key}), done.start.doubt)
        if not main.dead:
            done.files = self._stored(main, job, variables)
            kept = _kept(job, variables)
            written = state.scattered.items()
            done.scattered = {
                name: origin for name, origin in written if any(may_touch(name, pattern) for pattern in kept)
            }
            without = texts(job.node.get("artifacts", "exclude"))
            left = script.left(kept).items()
            _, several = of_legs(job.node.get("parallel"), key)
            done.left = {path: text for path, text in left if not several and not _excluded(value(path), without)}
            done.said = self._said(script, job, variables, key)

    def doubt(self, keys: frozenset[str], doubt: str, *, alike: bool = False) -> None:
        """What jobs prove is in doubt, where their failure may count for nothing, say; not tests that are `alike`."""
        acts = self._shared.acts
        acts[:] = [
            replace(act, unsure=act.unsure or doubt)
            if act.guard.job in keys
            and act.kind in PROOFS
            and not (alike and act.kind == "tested" and not act.tests_a_leg)
            else act
            for act in acts
        ]

    def _moment(self, state: JobRun, job: Job, lines: tuple[Scalar, ...], *, after: bool = False) -> Moment:
        place = lines[0].place if lines else job.place
        step = Step("after_script" if after else "script", place, None, joined(place, lines), Mapping(place, {}, {}))
        frame = Frame(self._shared, state, state.outputs, self._files.home, fatal=not after, despite_failure=after)
        return Moment(frame, state, step, state.environment, Condition(decided=True), not after, frozenset())

    def _follow(self, moment: Moment, job: Job) -> JobScript:
        """Follow a script, once for each of a few legs where these run different programs, which hand on nothing."""
        script = JobScript(moment)
        text = moment.step.run
        if text is not None and text.text:
            self._spend(text.text.count("\n") // LINES + 1)
            given = (said for each in moment.state.environment.values() if (said := literal(each)))
            self._scripts += [text.text, *given]
            told = partial(told_in_legs, job.node.get("parallel"), moment.environment)
            moment.state.told_in_legs = told
            for each in in_each_leg(moment, told) or [moment]:
                followed = script if each is moment else JobScript(each)
                followed.perform()
        return script

    def _note(self, job: Job, variables: Variables, key: str) -> None:
        """What a job runs in, and what says what it is for: its stage, and where it deploys to."""
        self._called[key] = f"{job.stage} {'deployment' if 'environment' in job.node.values else ''}"
        node = job.node.get("image")
        name = node.get("name") if isinstance(node, Mapping) else node
        if isinstance(name, Scalar):
            self._images[key] = (variables.text(name.text), name.place)

    def _fetched(self, variables: Variables, key: str) -> Value:
        """What a job fetches; one in an image that the pipeline has built has the sources in that."""
        fetched = commit_of(variables)
        if fetched and key in self._images:
            own = image(self._images[key][0])
            built = (target for act in self._shared.acts if act.kind == "built" for target in act.targets)
            if any(isinstance(each, Image) and (each.name, each.tag) == (own.name, own.tag) for each in built):
                return ()
        return fetched

    def _release(self, moment: Moment, job: Job) -> None:
        """`release:` makes a release once the script has succeeded, and so do pages on which charts are listed."""
        release, pages = job.node.get("release"), job.node.get("pages")
        if release is not None:
            Effects(moment, release.place, "release:").ship([])
        asked = pages.text if isinstance(pages, Scalar) else "false" if pages is None and job.name != "pages" else ""
        if asked != "false" and moment.state.key in self._shared.lists_charts:
            Effects(moment, job.place, f"the pages of {job.name}").act("shipped", own=True)

    def _scan(self, moment: Moment, job: Job, variables: Variables) -> None:
        """A job of a template that scans an image says what it finds, and lets everything pass."""
        name = knowledge().scanners.get(job.template)
        scanned = variables(name) if name and not job.is_complete else None
        if name and scanned and scanned != value(Symbol("variable", name)):  # what it finds by itself passes anyway
            effects = Effects(moment, job.place, f"the job {job.name}")
            effects.act("scanned", image(scanned), problem="only reports what it finds")

    # --- what jobs hand over

    def _stored(self, moment: Moment, job: Job, variables: Variables) -> dict[Value, Piece]:
        """The files that a job leaves to later ones, by their paths."""
        artifacts, patterns = job.node.get("artifacts"), _kept(job, variables)
        if not isinstance(artifacts, Mapping):
            return {}
        effects = Effects(moment, artifacts.place, "artifacts:")
        without = texts(artifacts.get("exclude"))
        if patterns:
            for_good = artifacts.text("expire_in") == "never"
            left_out = tuple(map(value, without))
            effects.act(
                "stored", *(effects.files(pattern) for pattern in patterns), for_good=for_good, without=left_out
            )
        stored: dict[Value, Piece] = {}
        for pattern in patterns:
            found = effects.pieces(pattern)
            self._handed.spend(len(found) + 1)
            stored |= {path: piece for path, piece, _ in found} or {pattern: (moment.found(), pattern)}
        _, several = of_legs(job.node.get("parallel"), moment.state.key)
        if several:
            stored = {path: of_last_leg(piece, path, moment.state.key) for path, piece in stored.items()}
        return {path: piece for path, piece in stored.items() if not _excluded(path, without)}

    def _said(self, script: JobScript, job: Job, variables: Variables, key: str) -> dict[str, Value]:
        """The variables that a job hands to later ones by `artifacts:reports:dotenv`."""
        said: dict[str, Value] = {}
        reports = texts(job.node.get("artifacts", "reports", "dotenv")) if _keeps(job) else ()
        for path in reports:
            said |= script.said(variables.text(path))
        _, several = of_legs(job.node.get("parallel"), key)
        return {name: for_others(each, key, name) for name, each in said.items()} if several else said

    def _restore(self, state: JobRun, sources: list[_Done]) -> None:
        for source in sources:
            self._handed.spend(len(source.files))
            for path, piece in source.files.items():
                state.workspace.write(path, piece, source.conditions - state.conditions)
            for path, origin in source.scattered.items():
                state.scattered.write(path, origin)
        state.left = self._left_by(sources, state.conditions)

    def _left_by(self, sources: list[_Done], conditions: frozenset[str]) -> dict[str, Value]:
        """The texts of files that jobs before it have left, of those that one of them surely has, and no other."""
        found: dict[str, Value] = {}
        for source in sources:
            others = [stored for each in sources if each is not source for stored in each.files] if source.left else []
            self._handed.spend(len(source.left) * len(others))
            if source.conditions <= conditions:
                found |= {
                    path: text
                    for path, text in source.left.items()
                    if all(part_of(value(path), stored) != () for stored in others)
                }
        return found

    @staticmethod
    def _restore_cache(state: JobRun, job: Job, variables: Variables) -> None:
        """The folders of `cache:`, in which stands whatever another run has left there."""
        for path in _cached(job, variables):
            state.programs.fill(path, ())

    @staticmethod
    def _lay_over(effects: Effects, sources: list[_Done], job: Job, variables: Variables) -> None:
        """What jobs before it have left, or a cache, may take the place of sources; who leaves all leaves his own."""
        for source in sources:
            for path in source.files:
                if path != (".",):
                    lay(effects, path, value(f"what {source.job.name} has left"), handed=True)
        if follows_branches(variables):
            words = ("git", "submodule", "update", "--remote")
            effects.act("installed", recipe=Recipe(tuple(map(value, words))))
        for path in _cached(job, variables):
            lay(effects, path, value("a cache"))
            if not is_outside(path):
                effects.act("installed", acts.Files(path))
        for item in items_of(job.node.get("needs")):
            if isinstance(item, Mapping) and "project" in item.values and not _without_artifacts(item):
                lay(
                    effects,
                    value("."),
                    value(f"what {item.text('job')} of {item.text('project')} has left"),
                    handed=True,
                )


class _Jobs:
    """The jobs of one pipeline, in the order in which they would start."""

    def __init__(
        self,
        walker: Walker,
        configuration: Configuration,
        rules: Rules,
        call: _Call,
        by_workflow: Layer,
        included: frozenset[str],
    ) -> None:
        self._walker = walker
        self._configuration = configuration
        self._rules = rules
        self._call = call
        top = configuration.top.get("variables")
        self._global = {**written(top), **by_workflow}
        self._literally = kept_literally(top)
        self._done: dict[str, _Done] = {}
        self._included = included
        self._behind = included  # which may have jobs in any stage
        self._blocked: frozenset[str] = frozenset()

    def walk(self) -> frozenset[str]:
        """Walk through them; returns the keys of all."""
        stages: dict[int, list[Job]] = {}
        for job in self._configuration.jobs.values():
            stages.setdefault(self._configuration.stage_of(job), []).append(job)
        leaving: list[_Done] = []
        for stage in sorted(stages):
            jobs = _in_order(stages[stage])
            for job in jobs:
                self._job(job, leaving)
            done = [self._done[job.name] for job in jobs if job.name in self._done]
            for each in done:
                self._settle(each)
            leaving = [*leaving, *(each for each in done if each.files or each.said)]
        return frozenset().union(*(done.keys for done in self._done.values()))

    def _settle(self, done: _Done) -> None:
        """What the stages after it have to wait for."""
        if done.start.when == "on_failure" or (done.start.when == "manual" and done.start.optional):
            return
        self._behind |= done.keys | (done.waits if done.start.when != "always" else frozenset())
        if done.start.when == "manual":
            self._blocked |= {_by_hand(done.job.name)}

    def _job(self, job: Job, leaving: list[_Done]) -> None:
        key = f"{self._call.prefix}{job.name}"
        own, _ = of_legs(job.node.get("parallel"), key, self._walker.matrices)
        self._walker.legs |= in_legs(job.node.get("parallel"), own)
        variables = self._variables(job, own, ())
        start = self._rules.job(job.node, variables)
        if start is None:
            return
        needs = start.needs if start.needs is not None else job.node.get("needs")
        needed = self._needed(job, needs, certain=not start.conditions) if needs is not None else None
        if needed is None and needs is not None:
            return
        awaited = self._awaited(start, needs, needed)
        sure = None if needed is None else [done for done in needed if done.job.name not in _optional(needs)]
        conditions = self._conditions(job, start, sure)
        sources = [*self._of_above(needs, variables), *self._sources(job, needs, leaving)]
        done = _Done(job, start, frozenset({key}), awaited, conditions)
        rules_set = differing(start.variables, key)
        variables = self._variables(job, {**own, **_handed(sources, conditions)}, rules_set)
        call = replace(
            self._call,
            waits=awaited,
            conditions=conditions,
            fatal=self._call.fatal and not start.optional,
            aftermath=self._call.aftermath or start.when == "on_failure",
            above={**self._call.above, self._call.occasion.variables.get(_ID) or (): self._done},
        )
        if (trigger := job.node.get("trigger")) is not None:
            keeps = isinstance(trigger, Mapping) and trigger.text("forward", "yaml_variables") == "false"
            names = () if keeps else (*self._inherited(job), *written(job.node.get("variables")))
            done.keys = self._walker.triggers(job, {name: variables(name) or () for name in names}, call, key)
        else:
            self._walker.works(done, variables, call, key, sources)
        self._done[job.name] = done

    def _variables(self, job: Job, by_others: Layer, by_rules: Layer | tuple[()]) -> Variables:
        """The variables of a job, those that count least first."""
        own = job.node.get("variables")
        literally = self._literally | kept_literally(own)
        layers: tuple[Layer, ...] = (
            self._call.occasion.variables,
            {"CI_JOB_NAME": value(job.name), "CI_JOB_STAGE": value(job.stage)},
            self._inherited(job),
            written(own),
            dict(by_rules),
            by_others,
        )
        given = _identities(job, Variables(*layers, self._call.given, literally=literally))
        return Variables(*layers, given, self._call.given, literally=literally)

    def _inherited(self, job: Job) -> Layer:
        """The variables of the whole pipeline that a job takes over."""
        inherits = job.node.get("inherit", "variables")
        if isinstance(inherits, Sequence):
            return {name: each for name, each in self._global.items() if name in texts(inherits)}
        return {} if isinstance(inherits, Scalar) and inherits.text == "false" else self._global

    def _needed(self, job: Job, needs: Node, *, certain: bool) -> list[_Done] | None:
        """The jobs that one needs; None where one of them is missing, so that it cannot be in the pipeline."""
        found = []
        for item in items_of(needs):
            name = _name_of(item)
            if name in self._done:
                found.append(self._done[name])
                self._doubt_other_legs(job, item, self._done[name])
            elif not name or name in _optional(needs):
                continue
            elif name in self._configuration.jobs:
                if certain and self._rules_out(name):
                    raise NoPipeline
                return None
            elif all(include.followed for include in self._configuration.includes):
                keyword = name in self._configuration.top.values and not name.startswith(".")
                why = "a word of GitLab's own and no job" if keyword else "not there"
                raise Refused(item.place, f"{job.name!r} needs {name!r}, which is {why}, so there is no pipeline")
        return found

    def _doubt_other_legs(self, job: Job, need: Node, done: _Done) -> None:
        """One that waits for some legs of another only may go on without what the others prove; tests may be alike."""
        wanted = legs_of(need.get("parallel")) if isinstance(need, Mapping) else 0
        own = is_own_leg(need, job.node.get("parallel"), done.job.node.get("parallel"))
        if wanted and not own and wanted < legs_of(done.job.node.get("parallel")):
            said = f"happens in several legs of {done.job.name!r}, and {job.name!r} waits for {wanted} of them only"
            self._walker.doubt(done.keys, said, alike=True)

    def _rules_out(self, name: str) -> bool:
        """Whether the rules surely keep a job out of the pipeline."""
        job = self._configuration.jobs[name]
        return self._rules.job(job.node, self._variables(job, {}, ())) is None

    def _awaited(self, start: Start, needs: Node | None, needed: list[_Done] | None) -> frozenset[str]:
        """The keys of the jobs without whose success it does not start."""
        if start.when in {"always", "on_failure"}:
            return self._call.waits
        if needed is None:
            return self._call.waits | self._behind
        strange = any(_name_of(item) not in self._configuration.jobs for item in items_of(needs))
        found = self._call.waits | (self._included if strange else frozenset())
        for done in needed:
            found |= done.keys | (done.waits if done.start.when != "always" else frozenset())
        return found

    def _conditions(self, job: Job, start: Start, needed: list[_Done] | None) -> frozenset[str]:
        conditions = self._call.conditions | job.conditions | start.conditions
        if start.when == "manual" and not start.optional:
            conditions |= {_by_hand(job.name)}
        if start.when in {"always", "on_failure"}:
            return conditions
        return conditions.union(self._blocked if needed is None else (), *(done.conditions for done in needed or ()))

    def _of_above(self, needs: Node | None, variables: Variables) -> Iterator[_Done]:
        """The jobs of pipelines above this one whose artifacts a job gets, of those that are over when it starts."""
        for item in items_of(needs):
            pipeline = item.text("pipeline") if isinstance(item, Mapping) else None
            jobs = self._call.above.get(variables.text(pipeline), {}) if pipeline else {}
            done = jobs.get((isinstance(item, Mapping) and item.text("job")) or "")
            if done is not None and done.keys <= self._call.waits and not _without_artifacts(item):
                yield done

    def _sources(self, job: Job, needs: Node | None, leaving: list[_Done]) -> list[_Done]:
        """The jobs whose artifacts it gets: those that it names, else all of earlier stages that leave any."""
        dependencies = job.node.get("dependencies")
        if dependencies is not None:
            return [self._done[name] for name in texts(dependencies) if name in self._done]
        if needs is None:
            return leaving
        wanted = (item for item in items_of(needs) if not _without_artifacts(item))
        return [self._done[name] for item in wanted if (name := _name_of(item)) in self._done]


def _own_variables(key: str) -> dict[str, Value]:
    """What is predefined in a pipeline that a job of another one has started."""
    return {"CI_PIPELINE_SOURCE": value("parent_pipeline"), _ID: value(Symbol("gitlab", f"{_ID} of {key}"))}


def _name_of(need: Node) -> str:
    """The job of this pipeline that one needs; empty for one of another pipeline."""
    if isinstance(need, Mapping):
        return "" if need.values.keys() & {"project", "pipeline"} else need.text("job") or ""
    return need.text if isinstance(need, Scalar) else ""


def _optional(needs: Node | None) -> set[str]:
    """The jobs that one waits for only where they are in the pipeline."""
    return {_name_of(item) for item in items_of(needs) if isinstance(item, Mapping) and item.text("optional") == "true"}


def _cached(job: Job, variables: Variables) -> Iterator[Value]:
    """What a job gets out of caches."""
    for cache in items_of(job.node.get("cache")):
        if isinstance(cache, Mapping) and cache.text("policy") != "push":
            for path in texts(cache.get("paths")):
                yield tidy(variables.text(path))


def _without_artifacts(need: Node) -> bool:
    return isinstance(need, Mapping) and need.text("artifacts") == "false"


def _by_hand(name: str) -> str:
    return f"somebody starts {name!r}"


def _in_order(jobs: list[Job]) -> list[Job]:
    """The jobs of a stage so that each comes after those of them that it needs; none that needs itself."""
    names = {job.name for job in jobs}
    wanted = {job.name: names & {_name_of(item) for item in items_of(job.node.get("needs"))} for job in jobs}
    ordered: list[Job] = []
    waiting = list(jobs)
    while waiting:
        ready = [job for job in waiting if not wanted[job.name]]
        if not ready:
            raise NoPipeline
        ordered += ready
        gone = {job.name for job in ready}
        waiting = [job for job in waiting if job.name not in gone]
        for job in waiting:
            wanted[job.name] -= gone
    return ordered


def _identities(job: Job, variables: Variables) -> dict[str, Value]:
    """The tokens and secrets that a job is given as variables."""
    found: dict[str, Value] = {}
    for name, each in _entries(job.node.get("id_tokens")):
        written_ = texts(each.get("aud")) if isinstance(each, Mapping) else ()
        audiences = " ".join(_audience(variables.text(text)) for text in written_)
        found[name] = value(Symbol("id-token", f"{name} for {audiences}"))
    for name, _ in _entries(job.node.get("secrets")):
        found[name] = value(Symbol("secret", name))
    return found


def _audience(text: Value) -> str:
    """For whom a token is; with a `$` in it where only the settings say that."""
    open_ = any(isinstance(part, Symbol) and part.kind == "variable" for part in text)
    return shown(text) if open_ else display(text).replace(" ", ":")


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    yield from node.values.items() if isinstance(node, Mapping) else ()


def _identifies(job: Job, environment: dict[str, Value]) -> bool:
    """Whether cosign finds an identity in its environment that Sigstore takes."""
    named = environment.get(TOKEN, ())
    exported = any(f"{TOKEN}=" in line.text for line in (*job.script("before_script"), *job.script("script")))
    tokens = [part for each in environment.values() for part in each if isinstance(part, Symbol)] if exported else named
    return any(isinstance(part, Symbol) and part.kind == "id-token" and is_for_sigstore(part) for part in tokens)


def _out_of_sight(job: Job) -> Iterator[tuple[str, Place]]:
    """What of a job is said elsewhere, with where it is asked for."""
    for base in job.unseen:
        yield f"it extends {base!r}, which comes from elsewhere", job.place
    if "run" in job.node.values:
        yield "steps of `run:` are not followed", job.node.keys["run"].place
    elif not job.is_complete and not job.template and not job.unseen:
        yield "its script comes from elsewhere", job.place
    for line in (*job.script("before_script"), *job.script("script")):
        if line.text == UNSEEN_REFERENCE:
            yield "a part of its script comes from elsewhere", line.place


def _handed(sources: list[_Done], conditions: frozenset[str]) -> dict[str, Value]:
    """The variables that the jobs before it have said; perhaps, where those may not have run."""
    found: dict[str, Value] = {}
    for source in sources:
        sure = source.conditions <= conditions
        for name, each in source.said.items():
            alone = sure and found.get(name, each) == each  # of several it is one, nobody knows which
            found[name] = each if alone else value(Symbol("unknown", f"{source.job.name}: {name}"))
    return found


def _keeps(job: Job) -> bool:
    """Whether a job hands its artifacts over when it succeeds, which is when later ones start."""
    artifacts = job.node.get("artifacts")
    return not isinstance(artifacts, Mapping) or artifacts.text("when") != "on_failure"


def _kept(job: Job, variables: Variables) -> list[Value]:
    """The paths and patterns of the files that a job keeps for later ones when it succeeds."""
    artifacts = job.node.get("artifacts")
    if not isinstance(artifacts, Mapping) or not _keeps(job):
        return []
    patterns = [tidy(variables.text(path)) for path in texts(artifacts.get("paths"))]
    return patterns + ([value(".")] if artifacts.text("untracked") == "true" else [])


def _excluded(path: Value, patterns: tuple[str, ...]) -> bool:
    text = literal(path)
    return text is not None and any(fits(text, pattern) for pattern in patterns)
