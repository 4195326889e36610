"""One step as it would run now: whether it runs, what it sees, and what it does."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from goldenpath.facts.expressions import Condition
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.pipeline.acts import Act, Content, Exposure, Guard, Image, Use
from goldenpath.facts.pipeline.carriers import Carrier, carriers, digests_of, way
from goldenpath.facts.pipeline.contexts import (
    OF_EVERY_JOB,
    hold_secret,
    in_lower_case,
    is_false,
    runs_when,
    secrets_in,
    text_with,
    texts_by_name,
)
from goldenpath.facts.pipeline.jobs import with_runner
from goldenpath.facts.pipeline.matrices import IN_LEG, each_leg, is_false_in_some
from goldenpath.facts.pipeline.permissions import powers_of
from goldenpath.facts.pipeline.tables import RUNS_ELSEWHERE, WAITS_FOR_CHECKS
from goldenpath.facts.pipeline.untrusted.outsiders import chosen_by_outsiders, proposed_at, written_by_outsiders
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, display, value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal, TypeAlias

    from goldenpath.facts.expressions import Known
    from goldenpath.facts.pipeline.acts import Kind
    from goldenpath.facts.pipeline.contexts import Look
    from goldenpath.facts.pipeline.state import Frame, JobRun
    from goldenpath.facts.workflows import Step
    from goldenpath.repository import Place

    ExposureKind: TypeAlias = Literal[
        "files", "artifact", "script", "environment", "secrets", "credentials", "written", "proposal"
    ]

BY_IDENTITY = frozenset({"signed", "attested"})
"""Acts for which a job says who it is."""
_WITHOUT_A_GRANT = "wants `id-token: write`, of which a caller that states no permissions may have none to grant"
_TOKEN = regex(r"github\.token|secrets\.GITHUB_TOKEN")
_OF_LEG = regex(r"\b(matrix|runner)\b", re.IGNORECASE)
_OUTCOME = regex(r"\bsteps(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])\s*\.\s*(?:outcome|conclusion)\b", re.IGNORECASE)


@lru_cache(maxsize=16)
def _speaks_of_token(script: str) -> bool:
    """Whether a script is handed the token of the job: asked again for each of its commands."""
    return _TOKEN.search(script) is not None


def moment_of(frame: Frame, step: Step) -> Moment:
    """The step as it would run now."""
    variables = frame.variables(frame.known())
    text, own = step.node.get("if"), step.node.get("env")
    runs = Condition(decided=True)
    relies_on = frame.relies_on
    in_leg: frozenset[str] = frozenset()
    if isinstance(text, Scalar):
        look = frame.look({**variables, **texts_by_name(own, frame.look(variables))})
        runs = runs_when(text.text, look)
        if runs.status and not runs.after_failure and _rescues(frame, text.text, variables):
            runs = msgspec.structs.replace(runs, after_failure=True)
        verdicts = _in_each_leg(frame, text.text, look, runs)
        if len(verdicts) == 1:
            runs = Condition(verdicts.pop(), status=runs.status, after_failure=runs.after_failure)
        elif verdicts and not frame.conditions:
            in_leg = runs.atoms
        relies_on |= _relied_on(frame, text.text, variables)
        variables = frame.variables(frame.known(runs.atoms))
    environment = variables if own is None else {**variables, **texts_by_name(own, frame.look(variables))}
    forgiven = step.node.get("continue-on-error")
    fatal = fatal_in_leg = frame.fatal
    if fatal and forgiven is not None:
        look = frame.look(environment)
        fatal = is_false(forgiven, look)
        fatal_in_leg = fatal or is_false_in_some(forgiven, look, frame.state.legs)
    return Moment(frame, frame.state, step, environment, runs, fatal, relies_on, in_leg, fatal_in_leg)


def _in_each_leg(frame: Frame, text: str, look: Look, runs: Condition) -> set[bool]:
    """Whether a step runs in each leg, by a condition about the matrix, or about the runner that it names.

    Nothing where a leg leaves that open.
    """
    if runs.decided is not None or not _OF_LEG.search(text):
        return set()
    looks = (with_runner(leg, frame.state.runs_on) for leg in each_leg(frame.state.legs, look))
    verdicts = [runs_when(text, leg).decided for leg in looks]
    decided = {each for each in verdicts if each is not None}
    return set() if None in verdicts else decided


def heed(moment: Moment) -> None:
    """A step fails the job because one before it has failed that was forgiven: from here on that failure counts."""
    frame = moment.frame
    text, acts = moment.step.scalar("if"), frame.shared.acts
    for name in _named(text.text) if text and moment.fatal else ():
        before = frame.outcomes.get(name)
        failed = frame.look(moment.environment, {name: "failure"})
        if before is None or before.fatal or runs_when(text.text if text else None, failed).decided is not True:
            continue
        for at, act in enumerate(acts):
            if act.guard.step == before.key and act.guard.forgiven:
                guard = msgspec.structs.replace(act.guard, fatal=True, forgiven=False, order=len(acts) - 1)
                acts[at] = msgspec.structs.replace(act, guard=guard)


def _named(text: str) -> list[str]:
    """The steps of which a condition asks how they have ended."""
    return [(match[1] or match[2]).lower() for match in _OUTCOME.finditer(text)]


def _rescues(frame: Frame, text: str, variables: dict[str, Value]) -> bool:
    """Whether a step with this `if:` runs once one has failed, or was called off, of which it asks just that."""
    looks = (frame.look(variables, {name: verdict}) for name in _named(text) for verdict in ("failure", "cancelled"))
    return any(runs_when(text, look).after_failure for look in looks)


def _relied_on(frame: Frame, text: str, variables: dict[str, Value]) -> frozenset[str]:
    """The steps before without whose success a step with this `if:` does not run."""
    found = set()
    for name in _named(text):
        looks = [frame.look(variables, {name: verdict}) for verdict in ("failure", "skipped", "cancelled")]
        runs = (runs_when(text, look) for look in looks)
        if name in frame.outcomes and all(not (each.after_failure or each.decided is not False) for each in runs):
            found.add(frame.outcomes[name].key)
    return frozenset(found)


class Moment(Struct, dict=True):
    """One step as it would run: what effects read, and where they write down what they do."""

    frame: Frame
    state: JobRun
    """The job that the step is part of: that of its frame, which is asked for all the time."""
    step: Step
    environment: dict[str, Value]
    runs: Condition
    fatal: bool
    relies_on: frozenset[str]
    in_leg: frozenset[str] = frozenset()
    fatal_in_leg: bool = False
    fails: bool = False
    """Whether its script certainly fails, where it runs."""

    @property
    def telling(self) -> set[str]:
        """The names of its variables that may hold a secret, or commands for bash."""
        own, given = self.step.node.get("env"), self.frame.telling()
        return (given.union(own.values) if isinstance(own, Mapping) else given) & self.environment.keys()

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The secrets in its variables."""
        return secrets_in(self.environment[name] for name in self.telling)

    @property
    def has_secret_variable(self) -> bool:
        """Whether a secret other than the token of the job is in its variables."""
        return not self.secrets <= {OF_EVERY_JOB}

    @cached_property
    def key(self) -> str:
        """A name for the step that no other step of the run has."""
        return f"{self.state.key}/{self.frame.prefix}{self.step.key}"

    @property
    def aside(self) -> str:
        """The step in the background that it is, or is part of; empty for none."""
        return self.frame.aside or (self.key if self.step.aside else "")

    @property
    def aftermath(self) -> bool:
        """Whether the step runs only when something before it has failed."""
        return self.state.aftermath or (self.runs.decided is False and self.runs.after_failure)

    @property
    def dead(self) -> bool:
        """Whether the step decidedly does nothing on this event when all goes well."""
        return self.frame.dead or self.runs.decided is False or self.state.aftermath

    @cached_property
    def never(self) -> bool:
        """Whether the step runs on no event whatever: by what it asks, or for an input that nobody can give."""
        text = self.step.scalar("if")
        if self.frame.never or text is None:
            return self.frame.never
        runs = runs_when(text.text, self.frame.always)
        return runs.decided is False and not runs.after_failure

    @cached_property
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
            aside=self.aside,
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
        if act.kind in BY_IDENTITY and "id-token" in self.state.permissions.uncertain:
            act = msgspec.structs.replace(act, unsure=act.unsure or _WITHOUT_A_GRANT)
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

    def uses(self, place: Place, text: str, writes: frozenset[str], unseen: str = "", said_by: str = "") -> None:
        """Something here is there to write with the job's token, on this event or on another."""
        if writes and not self.never:
            self.frame.shared.uses.append(Use(self.state.key, place, text, writes, unseen, said_by))

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

    def exposes_address(self, address: Value, place: Place, *, unsure: bool = False) -> None:
        """What an address leads to is brought in such a run: that may be a change that outsiders propose."""
        if self.frame.shared.event.by_outsider and (found := proposed_at(address)):
            self.exposes("files", place, found, unsure=unsure)

    def reach(self) -> frozenset[str]:
        """The scopes of the token that a program in this step can write in; an action is handed the token itself."""
        run = self.step.run
        if run is None or _speaks_of_token(run.text) or OF_EVERY_JOB in self.secrets:
            return frozenset({"*"})
        return frozenset(
            {"id-token"}
            | ({"contents"} if self.state.keeps_credentials else set())
            | ({"packages"} if self.state.has_login and not self.state.registry_by_secret else set())
        )

    def holds_secret(self) -> bool:
        """Whether a secret is handed to this step."""
        run = self.step.run
        return self.is_handed_secret() or (
            run is not None and "secrets." in run.text and hold_secret([text_with(run.text, self.look)])
        )

    def scripted_secrets(self) -> frozenset[str]:
        """The secrets that a script is handed, be it but the token of the job, which it may write down."""
        run = self.step.run
        if run is None:
            return frozenset()
        spoken = "secrets." in run.text or "github.token" in run.text
        return self.secrets | (secrets_in([text_with(run.text, self.look)]) if spoken else frozenset())

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
        if reason != WAITS_FOR_CHECKS:
            self.uses(place, text, self.reach(), reason, said_by)
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
        from goldenpath.facts.pipeline.spoken import powers, powers_handed, powers_of_confined

        tree, paths = self.frame.shared.tree, list(paths)
        if (confined := powers_of_confined(tree, text, tuple(paths), name)) is not None:
            return confined
        handed = [display(each) for each in (*self.given().values(), *self.environment.values())]
        script = [name] if name.endswith(".py") else []
        return powers(tree, text, paths, name) | powers_handed(tree, handed, paths or script)

    def powers(self) -> frozenset[str]:
        """What a program in this step could do with the tokens and secrets in its reach."""
        secrets = self.state.has_secrets or self.is_handed_secret()
        pushes: set[str] = {"ship"} if self.state.pushes_by_secret else set()
        return powers_of(self.state.permissions, secrets=secrets) | pushes

    def trusts(self, values: list[Value]) -> None:
        """Secrets are handed to something that may keep them for later steps of the job, as a login does."""
        if not self.dead and hold_secret(values):
            self.state.has_secrets = True

    def found(self) -> Content:
        """Files of which nobody has seen how they came to be: the same as long as nothing unseen happens."""
        return Content("found", f"{self.state.key}#{self.state.epoch}")
