"""A job while it is walked through: its rights, what its steps have said, and what stands in its files."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from goldenpath.facts.expressions import Condition
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.pipeline.acts import Act, Content, Exposure, Guard, Image, Use
from goldenpath.facts.pipeline.carriers import MOST, Carrier, carriers, digests_of, way
from goldenpath.facts.pipeline.contexts import (
    OF_EVERY_JOB,
    context,
    hold_secret,
    in_lower_case,
    is_false,
    of_steps,
    runs_when,
    secrets_in,
    text_with,
    texts_by_name,
)
from goldenpath.facts.pipeline.jobs import with_runner
from goldenpath.facts.pipeline.matrices import IN_LEG, SameLegs, each_leg, is_false_in_some
from goldenpath.facts.pipeline.outsiders import chosen_by_outsiders, written_by_outsiders
from goldenpath.facts.pipeline.programs import Programs
from goldenpath.facts.pipeline.tables import RUNS_ELSEWHERE
from goldenpath.facts.pipeline.written import Layers, Workspace
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import WORKSPACE
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal, TypeAlias

    from goldenpath.facts.expressions import Known
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Files, Kind, Piece, Recipe
    from goldenpath.facts.pipeline.contexts import Event, Look
    from goldenpath.facts.pipeline.matrices import Leg
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.workflows import Step, Uses, Workflows
    from goldenpath.repository import Place

    ExposureKind: TypeAlias = Literal["files", "artifact", "script", "environment", "secrets", "credentials"]

SCOPES = (
    "actions", "artifact-metadata", "attestations", "checks", "contents", "deployments", "discussions", "id-token",
    "issues", "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
)  # fmt: skip
"""What a job's token may be allowed to write."""

DELIVERING = ("id-token", "contents", "packages", "deployments")
"""The scopes with which something can be built or released."""

_TOKEN = regex(r"github\.token|secrets\.GITHUB_TOKEN")
_OF_LEG = regex(r"\b(matrix|runner)\b", re.IGNORECASE)
_OUTCOME = regex(r"\bsteps(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])\s*\.\s*(?:outcome|conclusion)\b", re.IGNORECASE)


@lru_cache(maxsize=16)
def _speaks_of_token(script: str) -> bool:
    """Whether a script is handed the token of the job: asked again for each of its commands."""
    return _TOKEN.search(script) is not None


class Permissions(Struct, frozen=True):
    """The token's scopes: None where nothing is stated, which gives what the organisation chose, never `id-token`."""

    stated: dict[str, str] | None = None

    def may_write(self, scope: str) -> bool:
        """Whether the token can write in this scope as far as the files say; unstated counts as allowed."""
        if self.stated is None:
            return scope != "id-token"
        return self.stated.get(scope, self.stated.get("*", "none")) == "write"

    def called(self, scope: str) -> str:
        """What a job would have to state to write in a scope."""
        return f"{scope}: write"

    @property
    def written(self) -> frozenset[str]:
        """The scopes that the token can write in, as far as the files say."""
        return frozenset(filter(self.may_write, SCOPES))

    def capped_by(self, caller: Permissions) -> Permissions:
        """What is left of these permissions in a workflow that this caller calls; one that states none caps none.

        Where the organisation's default is less than what the called one asks for, GitHub does not start the run.
        """
        if self.stated is None:
            return caller
        if caller.stated is None:
            return self
        return Permissions({scope: "write" for scope in SCOPES if self.may_write(scope) and caller.may_write(scope)})


def permissions_of(node: Node | None) -> Permissions | None:
    """The permissions that a job or a workflow states; None when it states none."""
    if isinstance(node, Mapping):
        return Permissions({scope: level.text for scope, level in node.values.items() if isinstance(level, Scalar)})
    if isinstance(node, Scalar):
        return Permissions({"*": {"write-all": "write", "read-all": "read"}.get(node.text, "none")})
    return None


class Variables(Layers[Value]):
    """What steps have set, by the names of variables. `latest` is what each has, as far as that depends on nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.latest: dict[str, Value] = {}
        self.open: set[str] = set()

    def write(self, name: object, what: Value | None, conditions: frozenset[str]) -> None:
        """Write, under a name in words."""
        assert isinstance(name, str)  # noqa: S101 - variables are written under their names
        super().write(name, what, conditions)
        self.latest[name] = what or ()
        (self.open.add if conditions else self.open.discard)(name)


class TooLong(Exception):  # noqa: N818 - a limit of ours
    """The run has more steps than are walked through."""


class Budget:
    """How many steps may still be walked through, or what else is counted."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """So many more. Raises TooLong."""
        self.left -= steps
        if self.left < 0:
            raise TooLong


class JobRun(Struct):
    """A job while it is walked through.

    `aftermath` says that it runs only when something before it has failed: then nothing counts but what it ships.
    `commit` is what it has checked out, empty for the commit of the run. `has_login` says that it has logged in
    somewhere, `has_other_remotes` that git may push elsewhere by the name of a remote, `keeps_credentials` that a
    checkout has left the token behind for git, `credentials_in_files` that it did so in the work tree.
    `has_files` says that the files of the repository stand in its folder.
    `outsiders_files` are folders with what another run has stored that anybody can have caused, `beside` those in which
    other repositories are checked out, each with its name and ref, `cloned` those into which git has cloned one,
    `replaced` the files of the repository that steps have written themselves, or folders of them, `made` what make has
    made, `programs` what may run by the name of a program from then on. `has_scripted_secrets` says that a script was
    handed one, be it but the job's own token. `registry` is that of npm's packages where a step has named it. `epoch`
    counts the programs that nobody follows, each of which may have changed files that nobody follows either. `left` are
    the texts of files that jobs before it have left, as far as a shell that reads them would do nothing but set
    variables. `local_tags` are the images on the machine by their names, `remote_tags` those on others by their
    engines, `engine` the context of docker in use. `scattered` has the names of files that were written without being
    followed, some of them only known in a run, each with where that was.
    """

    key: str
    permissions: Permissions
    conditions: frozenset[str]
    fatal: bool
    lookup: Look
    environment: dict[str, Value]
    shell: str | None = None
    system: str = ""
    folder: Value = ()
    aftermath: bool = False
    fatal_in_leg: bool = False
    outputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    variables: Variables = field(default_factory=Variables)
    workspace: Workspace = field(default_factory=Workspace)
    tag_lists: dict[str, list[Value]] = field(default_factory=dict)
    local_tags: dict[Value, Symbol] = field(default_factory=dict)
    remote_tags: dict[Value, dict[Value, Symbol]] = field(default_factory=dict)
    engine: Value = ()
    scattered: dict[Value, str] = field(default_factory=dict)
    recipes: dict[Symbol, Recipe | None] = field(default_factory=dict)
    pushed: dict[Value, Symbol] = field(default_factory=dict)
    commit: Value = ()
    programs: Programs = field(default_factory=Programs)
    legs: list[Leg] | None = None
    shared_legs: dict[str, str] = {}
    runs_on: Node | None = None
    waits: frozenset[str] = frozenset()
    has_secrets: bool = False
    has_scripted_secrets: bool = False
    has_files: bool = False
    has_foreign_files: bool = False
    beside: dict[str, tuple[str, str]] = field(default_factory=dict)
    cloned: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    made: frozenset[str] = frozenset()
    registry: Value = ()
    has_own_cluster: bool = False
    has_login: bool = False
    has_other_remotes: bool = False
    keeps_credentials: bool = False
    credentials_in_files: bool = False
    outsiders_files: dict[str, Place] = field(default_factory=dict)
    epoch: int = 0
    left: dict[str, Value] = field(default_factory=dict)


class Shared(Struct):
    """What the jobs of a run have in common: what they do, hand over to each other, and put into a draft release.

    Of each artifact `stored_by` are the jobs that store it; those that do not wait for each other contest it. What the
    run has stored whose end has started this one is `earlier`.
    `alternatives` are the texts of which a variable that steps have set has one; an empty one stands for any other.
    """

    event: Event
    budget: Budget
    tree: Tree
    checkouts: list[Value] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)
    holding_secrets: set[str] = field(default_factory=set)
    artifacts: dict[Value, dict[Value, Piece]] = field(default_factory=dict)
    scattered: dict[Value, frozenset[str]] = field(default_factory=dict)
    stored_by: dict[Value, set[str]] = field(default_factory=dict)
    contested: set[Value] = field(default_factory=set)
    earlier: dict[Value, dict[Value, Piece]] = field(default_factory=dict)
    lists: dict[Symbol, Files] = field(default_factory=dict)
    drafted: list[Files] | None = None
    draft: Act | None = None
    matrices: SameLegs = field(default_factory=SameLegs)
    alternatives: dict[Symbol, set[str]] = field(default_factory=dict)
    carriers: list[Carrier] = field(default_factory=list)

    def store(self, name: Value, stored: dict[Value, Piece], job: JobRun, scattered: frozenset[str]) -> None:
        """A job hands files over to others, in the place of what stood under that name.

        `scattered` are the writes that may have put something over them, or among them.
        """
        before = self.stored_by.setdefault(name, set())
        if before - job.waits - {job.key}:
            self.contested.add(name)
        before.add(job.key)
        self.artifacts[name], self.scattered[name] = stored, scattered

    def end_run(self) -> None:
        """What has been stored so far is that of an earlier run now; not what nobody knows whose it is."""
        certain = self.artifacts.keys() - self.contested - {name for name, each in self.scattered.items() if each}
        self.earlier = {name: stored for name, stored in self.artifacts.items() if name in certain}
        self.artifacts, self.scattered, self.stored_by, self.contested = {}, {}, {}, set()

    def carry(self, carriers: Iterable[Carrier]) -> None:
        """Remember what holds a digest."""
        if len(self.carriers) < MOST:
            self.carriers += list(carriers)[: MOST - len(self.carriers)]


class Frame(Struct):
    """Steps that share a namespace: those of a job, or of one composite action inside it, which lies in `folder`.

    `home` is the repository in which they stand (None: the one that is judged), `called` where that one leads to it.
    `complete` are steps of which all `outputs` are known.
    """

    shared: Shared
    state: JobRun
    outputs: dict[str, dict[str, Value]]
    home: Workflows | None = None
    called: Uses | None = None
    complete: set[str] = field(default_factory=set)
    outcomes: dict[str, Moment] = field(default_factory=dict)
    inputs: dict[str, Known] | None = None
    environment: dict[str, Value] = field(default_factory=dict)
    conditions: frozenset[str] = frozenset()
    fatal: bool = True
    despite_failure: bool = False
    relies_on: frozenset[str] = frozenset()
    depth: int = 0
    dead: bool = False
    prefix: str = ""
    folder: str = ""

    def known(self, conditions: frozenset[str] = frozenset()) -> frozenset[str]:
        """The conditions that hold in here."""
        return self.state.conditions | self.conditions | conditions

    def variables(self, known: frozenset[str]) -> dict[str, Value]:
        """The variables that a step here begins with: the job's, what steps have set, those of the action's use."""
        environment, written = self.state.environment, self.state.variables
        variables = {**environment, **written.latest}
        for name in written.open:
            possible = _possible(environment.get(name, ()), written.read(name, known))
            variables[name] = possible.pop() if len(possible) == 1 else self._either(f"env.{name}", possible)
        return {**variables, **self.environment}

    def _either(self, name: str, possible: set[Value]) -> Value:
        """A symbol for one of several values, which are remembered if all of them are known."""
        symbol = Symbol("unknown", name)
        texts = {text for each in possible if (text := literal(each))}
        if len(texts) == len(possible):
            self.shared.alternatives.setdefault(symbol, set()).update(texts)
        else:
            self.shared.alternatives[symbol] = {""}
        return value(symbol)

    def look(self, environment: dict[str, Value], outcomes: dict[str, str] | None = None) -> Look:
        """What expressions here can see; `outcomes` is what is supposed of some steps before."""

        def outcome(path: tuple[str, ...]) -> Known | None:
            moment = self.outcomes.get(path[0])
            if outcomes and path[0] in outcomes:
                forgiven = path[1] == "conclusion" and moment is not None and not moment.fatal
                return value("success" if forgiven and outcomes[path[0]] == "failure" else outcomes[path[0]])
            return moment.outcome if moment is not None else None

        inner = of_steps(
            self.state.lookup,
            f"{self.state.key}/{self.prefix}".rstrip("/"),
            environment,
            self.outputs,
            self.complete,
            outcome,
        )
        if self.inputs is None:
            return inner
        given = context(self.inputs)
        own = value(WORKSPACE, "/", self.folder)

        def of_action(path: tuple[str, ...]) -> Known | None:
            if path == ("github", "action_path"):
                return own
            return given(path[1:]) if path[0] == "inputs" else inner(path)

        return of_action

    def moment(self, step: Step) -> Moment:
        """The step as it would run now."""
        variables = self.variables(self.known())
        text, own = step.node.get("if"), step.node.get("env")
        runs = Condition(decided=True)
        relies_on = self.relies_on
        in_leg: frozenset[str] = frozenset()
        if isinstance(text, Scalar):
            look = self.look({**variables, **texts_by_name(own, self.look(variables))})
            runs = runs_when(text.text, look)
            verdicts = self._in_each_leg(text.text, look, runs)
            if len(verdicts) == 1:
                runs = Condition(verdicts.pop(), status=runs.status, after_failure=runs.after_failure)
            elif verdicts and not self.conditions:
                in_leg = runs.atoms
            relies_on |= self._relied_on(text.text, variables)
            variables = self.variables(self.known(runs.atoms))
        environment = variables if own is None else {**variables, **texts_by_name(own, self.look(variables))}
        forgiven = step.node.get("continue-on-error")
        fatal = fatal_in_leg = self.fatal
        if fatal and forgiven is not None:
            look = self.look(environment)
            fatal = is_false(forgiven, look)
            fatal_in_leg = fatal or is_false_in_some(forgiven, look, self.state.legs)
        return Moment(self, step, environment, runs, fatal, relies_on, in_leg, fatal_in_leg)

    def _in_each_leg(self, text: str, look: Look, runs: Condition) -> set[bool]:
        """Whether a step runs in each leg, by a condition about the matrix, or about the runner that it names.

        Nothing where a leg leaves that open.
        """
        if runs.decided is not None or not _OF_LEG.search(text):
            return set()
        looks = (with_runner(leg, self.state.runs_on) for leg in each_leg(self.state.legs, look))
        verdicts = [runs_when(text, leg).decided for leg in looks]
        decided = {each for each in verdicts if each is not None}
        return set() if None in verdicts else decided

    def heed(self, moment: Moment) -> None:
        """A step fails the job because one before it has failed that was forgiven: from here on that failure counts."""
        text, acts = moment.step.scalar("if"), self.shared.acts
        for name in self._named(text.text) if text and moment.fatal else ():
            before = self.outcomes.get(name)
            failed = self.look(moment.environment, {name: "failure"})
            if before is None or before.fatal or runs_when(text.text if text else None, failed).decided is not True:
                continue
            for at, act in enumerate(acts):
                if act.guard.step == before.key and act.guard.forgiven:
                    guard = msgspec.structs.replace(act.guard, fatal=True, forgiven=False, order=len(acts) - 1)
                    acts[at] = msgspec.structs.replace(act, guard=guard)

    @staticmethod
    def _named(text: str) -> list[str]:
        """The steps of which a condition asks how they have ended."""
        return [(match[1] or match[2]).lower() for match in _OUTCOME.finditer(text)]

    def _relied_on(self, text: str, variables: dict[str, Value]) -> frozenset[str]:
        """The steps before without whose success a step with this `if:` does not run."""
        found = set()
        for name in self._named(text):
            looks = [self.look(variables, {name: verdict}) for verdict in ("failure", "skipped", "cancelled")]
            runs = (runs_when(text, look) for look in looks)
            if name in self.outcomes and all(not (each.after_failure or each.decided is not False) for each in runs):
                found.add(self.outcomes[name].key)
        return frozenset(found)


def _possible(before: Value, layers: list[tuple[Value | None, frozenset[str]]]) -> set[Value]:
    """The values that a variable may have which may have been set in several ways."""
    return {of or () for of, _ in layers} | ({before} if not layers or layers[-1][1] else set())


class Moment(Struct, dict=True):
    """One step as it would run: what effects read, and where they write down what they do."""

    frame: Frame
    step: Step
    environment: dict[str, Value]
    runs: Condition
    fatal: bool
    relies_on: frozenset[str]
    in_leg: frozenset[str] = frozenset()
    fatal_in_leg: bool = False
    fails: bool = False
    """Whether its script certainly fails, where it runs."""

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The secrets in its variables, of which there may be many: they are looked through once."""
        return secrets_in(self.environment.values())

    @property
    def has_secret_variable(self) -> bool:
        """Whether a secret other than the token of the job is in its variables."""
        return not self.secrets <= {OF_EVERY_JOB}

    @property
    def state(self) -> JobRun:
        """The job that the step is part of."""
        return self.frame.state

    @property
    def key(self) -> str:
        """A name for the step that no other step of the run has."""
        return f"{self.state.key}/{self.frame.prefix}{self.step.key}"

    @property
    def aftermath(self) -> bool:
        """Whether the step runs only when something before it has failed."""
        return self.state.aftermath or (self.runs.decided is False and self.runs.after_failure)

    @property
    def dead(self) -> bool:
        """Whether the step decidedly does nothing on this event when all goes well."""
        return self.frame.dead or self.runs.decided is False or self.state.aftermath

    @property
    def conditions(self) -> frozenset[str]:
        """The conditions that hold when the step runs."""
        return self.frame.known(self.runs.atoms)

    @property
    def outcome(self) -> Known | None:
        """What its `outcome` is when all goes well; None when that depends on the run."""
        if self.dead:
            return value("skipped")
        return value("success") if self.fatal and not (self.frame.conditions | self.runs.atoms) else None

    @cached_property
    def look(self) -> Look:
        """What expressions of the step can see."""
        return self.frame.look(self.environment)

    def given(self) -> dict[str, Value]:
        """The step's inputs, by their names in lower case."""
        written = self.step.node.get("with")
        return {} if written is None else in_lower_case(texts_by_name(written, self.look))

    def say(self, outputs: dict[str, Value], *, complete: bool = False) -> None:
        """Set outputs of the step, all that it has where they are `complete`.

        A step that may be skipped says so only perhaps, which changes no symbol.
        """
        if not self.dead:
            name = self.step.key.lower()
            said = self.frame.outputs.setdefault(name, {})
            if complete:
                self.frame.complete.add(name)
            if outputs:
                said.update(in_lower_case(outputs))
                self.carry(outputs, self.step.key)

    def carry(self, values: dict[str, Value], owner: str = "") -> None:
        """Remember which outputs or variables (without an owner) of its script hold a digest."""
        run = self.step.run
        if run is not None and values:
            self.frame.shared.carry(
                Carrier(digest, owner, name, run.place, run.text)
                for name, each in values.items()
                for digest in digests_of(each)
            )

    def _way(self, act: Act) -> tuple[Carrier, ...]:
        """By what the digests of an act have come to this step."""
        digests = {part for target in act.targets if isinstance(target, Image) for part in digests_of(target.digest)}
        if act.digest is not None or not digests:
            return ()
        node, run = self.step.node, self.step.run
        look = self.look
        given = list(carriers(node.get("with"), texts_by_name(node.get("with"), look), ""))
        given += carriers(node.get("env"), texts_by_name(node.get("env"), look), "")
        script = run.text if run is not None else ""
        given = [each for each in given if run is None or each.name in script]
        texts = [script, *(each.text for each in given)]
        found = [each for digest in digests for each in way(texts, digest, self.frame.shared.carriers)]
        return (*found, *(each for each in given if each.digest in digests))

    def guard(self, conditions: frozenset[str] = frozenset(), *, fatal: bool = True) -> Guard:
        """The guard of an act that happens now."""
        order, commit = len(self.frame.shared.acts), self.state.commit
        if fatal and not conditions:  # as most commands are
            return msgspec.structs.replace(self._guard, order=order, commit=commit)
        return self._guarded(conditions, fatal=fatal)

    @cached_property
    def _guard(self) -> Guard:
        """The guard of what the step does in any case."""
        return self._guarded(frozenset(), fatal=True)

    def _guarded(self, conditions: frozenset[str], *, fatal: bool) -> Guard:
        state = self.state
        return Guard(
            job=state.key,
            order=len(self.frame.shared.acts),
            step=self.key,
            conditions=self.frame.conditions | self.runs.atoms | conditions,
            job_conditions=state.conditions,
            fatal=self.fatal and fatal,
            forgiven=self.frame.fatal and fatal and not self.fatal,
            job_fatal=state.fatal,
            despite_failure=self.frame.despite_failure or self.runs.after_failure,
            relies_on=self.relies_on,
            commit=state.commit,
            called=self.frame.called,
            in_leg=self._in_leg(conditions),
            fatal_in_leg=fatal and self._fails_in_some_leg(),
        )

    def _fails_in_some_leg(self) -> bool:
        """Whether its failure fails the run in some leg, which is told where only the job or only the step forgives."""
        return (self.fatal and self.state.fatal_in_leg) or (self.fatal_in_leg and self.state.fatal)

    def _in_leg(self, conditions: frozenset[str]) -> frozenset[str]:
        """Of the conditions of an act of this step those that hold in some leg: of the step, or else of one command."""
        if not conditions or self.in_leg:
            return self.in_leg
        alone = (each for each in conditions if " && " not in each and " || " not in each)
        of_command = frozenset(each for each in alone if each.startswith(IN_LEG))
        return of_command if len(of_command) == 1 else self.in_leg

    def act(self, act: Act) -> None:
        """Write an act down.

        A proof in a step that does not run is kept with that as its problem, so that a report can say so; what is
        shipped only after a failure is kept, too.
        """
        if carried := self._way(act):
            act = msgspec.structs.replace(act, carried=carried)
        if self.dead:
            if act.kind == "shipped" and self.aftermath and not self.frame.dead:
                guard = msgspec.structs.replace(act.guard, conditions=act.guard.conditions | {"failure()"})
                self.frame.shared.acts.append(msgspec.structs.replace(act, guard=guard))
                return
            if act.kind not in {"signed", "attested", "described"}:
                return
            condition = self.step.scalar("if")
            why = f"if: {condition.text.strip()}" if condition else "its condition"
            act = msgspec.structs.replace(act, problem=f"does not run on {self.frame.shared.event.label} ({why})")
        self.frame.shared.acts.append(act)

    def uses(self, place: Place, text: str, writes: frozenset[str], unseen: str = "") -> None:
        """Something here is there to write with the job's token, on this event or on another."""
        if writes:
            self.frame.shared.uses.append(Use(self.state.key, place, text, writes, unseen))

    def exposes(self, kind: ExposureKind, place: Place, what: str, *, unsure: bool = False) -> None:
        """Outsiders have a hand in what happens here, or get at what is kept here."""
        if not self.dead:
            self.frame.shared.exposures.append(Exposure(kind, place, what, self.guard(), unsure))

    def exposes_script(self, script: Value, place: Place) -> None:
        """A script is put together from text that outsiders write."""
        if found := next((name for part in dict.fromkeys(script) if (name := written_by_outsiders(part))), None):
            self.exposes("script", place, found)

    def exposes_files(self, chosen: Value, place: Place) -> None:
        """Files are checked out by names that outsiders may choose, in a run that has the rights of insiders."""
        found = chosen_by_outsiders(chosen) if self.frame.shared.event.by_outsider else None
        if found:
            self.exposes("files", place, found[0], unsure=found[1])

    def reach(self) -> frozenset[str]:
        """The scopes of the token that a program in this step can write in; an action is handed the token itself."""
        run = self.step.run
        if run is None or _speaks_of_token(run.text) or OF_EVERY_JOB in self.secrets:
            return frozenset({"*"})
        return frozenset(
            {"id-token"}
            | ({"contents"} if self.state.keeps_credentials else set())
            | ({"packages"} if self.state.has_login else set())
        )

    def holds_secret(self) -> bool:
        """Whether a secret is handed to this step."""
        run = self.step.run
        return self.is_handed_secret() or (
            run is not None and "secrets." in run.text and hold_secret([text_with(run.text, self.look)])
        )

    def scripts_a_secret(self) -> bool:
        """Whether a script is handed a secret, be it but the token of the job, which it may write down."""
        run = self.step.run
        if run is None:
            return False
        spoken = "secrets." in run.text or "github.token" in run.text
        return bool(self.secrets or (spoken and secrets_in([text_with(run.text, self.look)])))

    def is_handed_secret(self) -> bool:
        """Whether a secret is among its variables and inputs."""
        return self.has_secret_variable or hold_secret(self.given().values())

    def unseen(
        self,
        place: Place,
        text: str,
        reason: str,
        guard: Guard,
        may: frozenset[str],
        said_by: str = "",
        *,
        caller: Place | None = None,
    ) -> None:
        """Something happens here that is not followed; what it could do depends on what it is trusted with.

        What another run does, which is started here, that run is trusted with.
        """
        self.uses(place, text, self.reach(), reason)
        if self.dead:
            return
        self.state.epoch += 1
        possible = may if reason in RUNS_ELSEWHERE else may & self.powers()
        if possible and (said_by or not self.has_just("unseen", guard, possible)):
            act = Act("unseen", place, text, guard, caller=caller, problem=reason, may=possible, said_by=said_by)
            self.frame.shared.acts.append(act)

    def has_just(self, kind: Kind, guard: Guard, may: frozenset[str] = frozenset()) -> bool:
        """Whether something unseen, or unsure, of that kind has just happened under the same guard: one tells all."""
        acts = self.frame.shared.acts[-2:]
        same = (msgspec.structs.replace(act.guard, order=guard.order) == guard for act in acts)
        return any(
            equal and act.kind == kind and may <= act.may and (kind == "unseen" or act.unsure)
            for act, equal in zip(acts, same, strict=True)
        )

    def spoken(self, text: str, paths: Iterable[str] = (), name: str = "") -> frozenset[str]:
        """What a program could do that is not followed, by its words, its files, and what this step hands to it."""
        from goldenpath.facts.pipeline.spoken import powers, powers_handed

        handed = [display(each) for each in (*self.given().values(), *self.environment.values())]
        tree, paths = self.frame.shared.tree, list(paths)
        return powers(tree, text, paths, name) | powers_handed(tree, handed, paths)

    def powers(self) -> frozenset[str]:
        """What a program in this step could do with the tokens and secrets in its reach."""
        permissions = self.state.permissions
        secrets = self.state.has_secrets or self.is_handed_secret()
        powers = {"describe", "verify", "scan", "test"}
        if secrets or permissions.may_write("id-token"):
            powers.add("sign")
        if secrets or any(map(permissions.may_write, DELIVERING)):
            powers |= {"build", "ship"}
        return frozenset(powers)

    def trusts(self, values: list[Value]) -> None:
        """Secrets are handed to something that may keep them for later steps of the job, as a login does."""
        if not self.dead and hold_secret(values):
            self.state.has_secrets = True

    def found(self) -> Content:
        """Files of which nobody has seen how they came to be: the same as long as nothing unseen happens."""
        return Content("found", f"{self.state.key}#{self.state.epoch}")
