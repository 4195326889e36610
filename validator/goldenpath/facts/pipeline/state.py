"""A job while it is walked through: its rights, what its steps have said, and what stands in its files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from msgspec import Struct, field

from goldenpath.facts.expressions import Condition
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.pipeline.acts import Act, Content, Guard
from goldenpath.facts.pipeline.contexts import (
    context,
    hold_secret,
    in_lower_case,
    is_false,
    of_steps,
    runs_when,
    texts_by_name,
)
from goldenpath.facts.shell.state import negation, not_all
from goldenpath.facts.values import Symbol, Value, value

if TYPE_CHECKING:
    from goldenpath.facts.expressions import Known
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Files, Piece
    from goldenpath.facts.pipeline.contexts import Event, Look
    from goldenpath.facts.workflows import Step
    from goldenpath.repository import Place

SCOPES = ("id-token", "attestations", "contents", "packages", "deployments")

_OUTCOME = re.compile(r"\bsteps(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])\s*\.\s*(?:outcome|conclusion)\b", re.IGNORECASE)


class Permissions(Struct, frozen=True):
    """The token's scopes: None where nothing is stated, which gives what the organisation chose, never `id-token`."""

    stated: dict[str, str] | None = None

    def may_write(self, scope: str) -> bool:
        """Whether the token can write in this scope as far as the files say; unstated counts as allowed."""
        if self.stated is None:
            return scope != "id-token"
        return self.stated.get(scope, self.stated.get("*", "none")) == "write"

    def capped_by(self, caller: Permissions) -> Permissions:
        """What is left of these permissions in a workflow that this caller calls."""
        if self.stated is None:
            return caller
        return Permissions({scope: "write" for scope in SCOPES if self.may_write(scope) and caller.may_write(scope)})


def permissions_of(node: Node | None) -> Permissions | None:
    """The permissions that a job or a workflow states; None when it states none."""
    if isinstance(node, Mapping):
        return Permissions({scope: level.text for scope, level in node.values.items() if isinstance(level, Scalar)})
    if isinstance(node, Scalar):
        return Permissions({"*": {"write-all": "write", "read-all": "read"}.get(node.text, "none")})
    return None


Written = TypeVar("Written")


class Layers(Generic[Written]):
    """What has been written under names, one above the other, each under the conditions under which it was written."""

    def __init__(self) -> None:
        self.written: dict[object, list[tuple[frozenset[str], Written | None]]] = {}

    def write(self, name: object, what: Written | None, conditions: frozenset[str]) -> None:
        """Write, or delete (None). What surely happens hides all that was there."""
        layers = self.written.setdefault(name, [])
        if not conditions:
            layers.clear()
        layers.append((conditions, what))

    def read(self, name: object, known: frozenset[str]) -> list[tuple[Written | None, frozenset[str]]]:
        """What may stand there where these conditions hold, the last first, each with the conditions it depends on."""
        found = []
        unless: frozenset[str] = frozenset()
        for conditions, what in reversed(self.written.get(name, [])):
            if any(negation(condition) in known for condition in conditions):
                continue
            open_ = conditions - known
            found.append((what, open_ | unless))
            if not open_:
                break
            unless |= not_all(open_)
        return found


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
    `epoch` counts the programs that nobody follows, each of which may have changed files that nobody follows either.
    """

    key: str
    permissions: Permissions
    conditions: frozenset[str]
    fatal: bool
    lookup: Look
    environment: dict[str, Value]
    shell: str | None = None
    folder: Value = ()
    aftermath: bool = False
    outputs: dict[str, dict[str, Value]] = field(default_factory=dict)
    variables: Layers[Value] = field(default_factory=Layers)
    workspace: Layers[Piece] = field(default_factory=Layers)
    tag_lists: dict[str, list[Value]] = field(default_factory=dict)
    local_tags: dict[Value, Symbol] = field(default_factory=dict)
    pushed: dict[Value, Symbol] = field(default_factory=dict)
    has_secrets: bool = False
    has_foreign_files: bool = False
    has_own_cluster: bool = False
    epoch: int = 0


class Shared(Struct):
    """What the jobs of a run have in common: what they do, hand over to each other, and put into a draft release."""

    event: Event
    budget: Budget
    acts: list[Act] = field(default_factory=list)
    artifacts: dict[Value, dict[Value, Piece]] = field(default_factory=dict)
    drafted: list[Files] | None = None
    draft: Act | None = None


class Frame(Struct):
    """Steps that share a namespace: those of a job, or of one composite action inside it."""

    shared: Shared
    state: JobRun
    outputs: dict[str, dict[str, Value]]
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

    def known(self, conditions: frozenset[str] = frozenset()) -> frozenset[str]:
        """The conditions that hold in here."""
        return self.state.conditions | self.conditions | conditions

    def variables(self, known: frozenset[str]) -> dict[str, Value]:
        """The variables that a step here begins with: the job's, what steps have set, those of the action's use."""
        written = self.state.variables
        if not written.written:
            return {**self.state.environment, **self.environment}
        variables = dict(self.state.environment)
        for name in written.written:
            assert isinstance(name, str)  # noqa: S101 - variables are written under their names
            variables[name] = _merged(name, variables.get(name, ()), written.read(name, known))
        return {**variables, **self.environment}

    def look(self, environment: dict[str, Value], outcomes: dict[str, str] | None = None) -> Look:
        """What expressions here can see; `outcomes` is what is supposed of some steps before."""

        def outcome(path: tuple[str, ...]) -> Known | None:
            if outcomes and path[0] in outcomes:
                return value(outcomes[path[0]])
            moment = self.outcomes.get(path[0])
            return moment.outcome if moment is not None else None

        inner = of_steps(
            self.state.lookup, f"{self.state.key}/{self.prefix}".rstrip("/"), environment, self.outputs, outcome
        )
        if self.inputs is None:
            return inner
        given = context(self.inputs)
        return lambda path: given(path[1:]) if path[0] == "inputs" else inner(path)

    def moment(self, step: Step) -> Moment:
        """The step as it would run now."""
        variables = self.variables(self.known())
        text = step.node.get("if")
        runs = Condition(decided=True)
        relies_on = self.relies_on
        if isinstance(text, Scalar):
            look = self.look({**variables, **texts_by_name(step.node.get("env"), self.look(variables))})
            runs = runs_when(text.text, look)
            relies_on |= self._relied_on(text.text, variables)
            variables = self.variables(self.known(runs.atoms))
        environment = {**variables, **texts_by_name(step.node.get("env"), self.look(variables))}
        fatal = self.fatal and is_false(step.node.get("continue-on-error"), self.look(environment))
        return Moment(self, step, environment, runs, fatal, relies_on)

    def _relied_on(self, text: str, variables: dict[str, Value]) -> frozenset[str]:
        """The steps before without whose success a step with this `if:` does not run."""
        found = set()
        for match in _OUTCOME.finditer(text):
            name = (match[1] or match[2]).lower()
            looks = [self.look(variables, {name: verdict}) for verdict in ("failure", "skipped", "cancelled")]
            runs = (runs_when(text, look) for look in looks)
            if name in self.outcomes and all(not (each.after_failure or each.decided is not False) for each in runs):
                found.add(self.outcomes[name].key)
        return frozenset(found)


def _merged(name: str, before: Value, layers: list[tuple[Value | None, frozenset[str]]]) -> Value:
    """The value of a variable that may have been set in several ways."""
    if not layers:
        return before
    possible = {of or () for of, _ in layers} | ({before} if layers[-1][1] else set())
    return possible.pop() if len(possible) == 1 else value(Symbol("unknown", f"env.{name}"))


class Moment(Struct):
    """One step as it would run: what effects read, and where they write down what they do."""

    frame: Frame
    step: Step
    environment: dict[str, Value]
    runs: Condition
    fatal: bool
    relies_on: frozenset[str]

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

    def look(self) -> Look:
        """What expressions of the step can see."""
        return self.frame.look(self.environment)

    def given(self) -> dict[str, Value]:
        """The step's inputs, by their names in lower case."""
        return in_lower_case(texts_by_name(self.step.node.get("with"), self.look()))

    def say(self, outputs: dict[str, Value]) -> None:
        """Set outputs of the step; one that may be skipped says so only perhaps, which changes no symbol."""
        if not self.dead:
            self.frame.outputs.setdefault(self.step.key.lower(), {}).update(in_lower_case(outputs))

    def guard(self, conditions: frozenset[str] = frozenset(), *, fatal: bool = True) -> Guard:
        """The guard of an act that happens now."""
        state = self.state
        return Guard(
            job=state.key,
            order=len(self.frame.shared.acts),
            step=self.key,
            conditions=self.frame.conditions | self.runs.atoms | conditions,
            job_conditions=state.conditions,
            fatal=self.fatal and fatal,
            job_fatal=state.fatal,
            despite_failure=self.frame.despite_failure or self.runs.after_failure,
            relies_on=self.relies_on,
        )

    def act(self, act: Act) -> None:
        """Write an act down.

        A proof in a step that does not run is kept with that as its problem, so that a report can say so; what is
        shipped only after a failure is kept, too.
        """
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

    def unseen(self, place: Place, text: str, reason: str, guard: Guard, may: frozenset[str]) -> None:
        """Something happens here that is not followed; what it could do depends on what it is trusted with."""
        if self.dead:
            return
        self.state.epoch += 1
        possible = may & self.powers()
        if possible:
            self.frame.shared.acts.append(Act("unseen", place, text, guard, problem=reason, may=possible))

    def powers(self) -> frozenset[str]:
        """What a program in this step could do with the tokens and secrets in its reach."""
        permissions = self.state.permissions
        secrets = self.state.has_secrets or hold_secret((*self.environment.values(), *self.given().values()))
        powers = {"describe"}
        if secrets or permissions.may_write("id-token"):
            powers.add("sign")
        if secrets or any(permissions.may_write(scope) for scope in SCOPES if scope != "attestations"):
            powers |= {"build", "ship"}
        return frozenset(powers)

    def trusts(self, values: list[Value]) -> None:
        """Secrets are handed to something that may keep them for later steps of the job, as a login does."""
        if not self.dead and hold_secret(values):
            self.state.has_secrets = True

    def found(self) -> Content:
        """Files of which nobody has seen how they came to be: the same as long as nothing unseen happens."""
        return Content("found", f"{self.state.key}#{self.state.epoch}")
