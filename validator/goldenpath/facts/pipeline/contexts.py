"""What expressions can see in a run (`github`, `needs`, `inputs`, `matrix`, `steps`, `env` …), and what nodes say then.

GitHub compares names without case: a context asks in lower case, so whatever is kept here under a name is kept in lower
case, but for environment variables.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from goldenpath.facts.expressions import (
    BOOLEAN,
    NULL,
    TICKED,
    Condition,
    Known,
    Object,
    condition,
    interpolate,
    number_of,
)
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.text import bounded_text
from goldenpath.facts.values import Symbol, Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Mapping as Dict

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.workflows import Action

Look: TypeAlias = "Callable[[tuple[str, ...]], Known | None]"

SAME_IN_ALL_LEGS = frozenset({"github", "gitlab", "secret", "variable"})
"""Kinds of symbols that are the same in every leg of a matrix."""

_OWN_REPOSITORY = regex(r"<github repository(_owner)?> == '[^']*'")
"""Conditions by which a workflow keeps forks from running it; here they hold."""


class Event(Struct, frozen=True):
    """What starts a run: the event's name, the ref it runs on, how to say it, and what is known of its payload.

    `deliberate` says that the event stands for a release, so that whatever happens in the run is about one;
    `by_outsider` that somebody without rights has caused it, in a run that may have rights; `by_schedule` that it
    happens by itself from time to time, or may be made to happen in between.
    """

    name: str
    ref: Value
    label: str
    payload: dict[tuple[str, ...], Known] = {}
    deliberate: bool = False
    by_outsider: bool = False
    by_schedule: bool = False

    @property
    def is_tag(self) -> bool:
        """Whether it runs on a tag."""
        return bool(self.ref) and isinstance(self.ref[0], str) and self.ref[0].startswith("refs/tags/")


def proposal() -> Event:
    """A pull request of somebody who may push; what outsiders propose runs without rights."""
    merged = value("refs/pull/", Symbol("github", "pull_request"), "/merge")
    return Event("pull_request", merged, "a pull request", {("repository", "fork"): False})


class Result(Struct, frozen=True):
    """A job that was walked through, as those that need it see it.

    `keys` are the jobs of the run that it stands for, `ancestors` the results of all that it needs, its own included.
    `unconditional` says that nothing but a failure before it keeps it from running. `vouched` have succeeded where it
    has, which those that it needs need not have. What is said elsewhere may have other `outputs` than these. `behind`
    has, by the name of an output, the steps without whose success it is empty.
    """

    id: str
    keys: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    outputs: dict[str, Value] = field(default_factory=dict)
    skipped: bool = False
    unconditional: bool = False
    ancestors: tuple[Result, ...] = ()
    vouched: tuple[Result, ...] = ()
    elsewhere: bool = False
    behind: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def known(self) -> Known | None:
        """Its `result` when all goes well; None when that depends on the run."""
        if self.skipped:
            return value("skipped")
        return value("success") if not self.conditions else None


# --- contexts

_WITH_INPUTS = frozenset({"workflow_dispatch", "workflow_call"})
"""Events that may have inputs: a run by hand, and a call of which the caller's event is not seen."""


def context(known: Dict[str, Known] | None) -> Look:
    """A context of these members and no others; None where somebody chooses them when the run starts."""
    return lambda path: known.get(path[0], NULL) if known is not None and len(path) == 1 else None


def nothing_known(_path: tuple[str, ...]) -> Known | None:
    """What an expression can see of which nothing is known."""
    return None


def however_started(triggers: Dict[str, Node | None], event: Event) -> Look:
    """What is known of inputs on every event of a workflow: those that it does not declare are empty.

    `github.event.inputs` has those of a run by hand alone; of a call from elsewhere nobody sees the event.
    """
    by_hand = "workflow_dispatch" in triggers or event.name == "workflow_call"
    declared = _declared(triggers.get("workflow_dispatch")) | _declared(triggers.get("workflow_call"))

    def look(path: tuple[str, ...]) -> Known | None:
        if path[:3] == ("github", "event", "inputs"):
            return None if by_hand else NULL
        return NULL if path[0] == "inputs" and len(path) == 2 and path[1] not in declared else None

    return look


def however_called(trigger: Node | None, caller: Look) -> Look:
    """The same of a workflow that is called: the event is that of its caller.

    What a caller never hands over, another one may: who declares it asks each of them for the rights that it takes.
    """
    declared = _declared(trigger)

    def look(path: tuple[str, ...]) -> Known | None:
        if path[0] != "inputs":
            return caller(path)
        return NULL if len(path) == 2 and path[1] not in declared else None

    return look


def however_used(action: Action, given: Node | None, user: Look) -> Look:
    """The same of the steps of an action, which has inputs of its own: what it is given on every event."""

    @cache
    def inputs() -> Look:
        return context(inputs_of_action(action, texts_by_name(given, user), user))

    return lambda path: inputs()(path[1:]) if path[0] == "inputs" else user(path)


def _declared(trigger: Node | None) -> set[str]:
    inputs = trigger.get("inputs") if isinstance(trigger, Mapping) else None
    return {name.lower() for name in inputs.values} if isinstance(inputs, Mapping) else set()


def of_jobs(results: Iterable[Result], verdicts: Dict[str, str] | None = None) -> Look:
    """The context `needs` (or `jobs`) of these results; `verdicts` replaces some by what is supposed of them."""
    by_id = {result.id.lower(): result for result in results}
    supposed = {name.lower(): verdict for name, verdict in (verdicts or {}).items()}

    def outcome(name: str) -> Known | None:
        return value(supposed[name]) if name in supposed else by_id[name].known

    def look(path: tuple[str, ...]) -> Known | None:
        if not path:
            members = [(name, result) for name in by_id if (result := outcome(name)) is not None]
            if len(members) < len(by_id):
                return None
            return Object(tuple((name, Object((("result", result),))) for name, result in members))
        if path[0] not in by_id:
            return NULL
        if path[1:] == ("result",):
            return outcome(path[0])
        if path[1:2] == ("outputs",) and len(path) == 3:
            job = by_id[path[0]]
            other = value(Symbol("output", f"{job.id}.outputs.{path[2]}") if job.elsewhere else "")
            return job.outputs.get(path[2], other)
        return None

    return look


_FOLDERS_OF_RUNNER = {name: Symbol("variable", f"RUNNER_{name.upper()}") for name in ("temp", "tool_cache")}
"""Folders that scripts know by variables: what stands there is the same by either name."""


def of_run(github: dict[str, Known], event: Event, contexts: dict[str, Look]) -> Look:
    """Everything that an expression of a job can see."""

    def look(path: tuple[str, ...]) -> Known | None:
        first, rest = path[0], path[1:]
        if first == "github":
            return _of_github(rest)
        if first in contexts:
            known = contexts[first](rest)
            chosen_by_hand = first == "inputs" and known is None and ("inputs", *rest) in event.payload
            return value(Symbol(BOOLEAN, f"inputs.{rest[0]}")) if chosen_by_hand else known
        if len(rest) != 1:
            return None
        if first == "secrets":
            return value(Symbol("secret", rest[0].upper()))
        if first == "vars":
            return value(Symbol("variable", f"vars.{rest[0]}"))
        if first == "runner":
            return value(_FOLDERS_OF_RUNNER.get(rest[0]) or Symbol("runner", rest[0]))
        return None

    def _of_github(rest: tuple[str, ...]) -> Known | None:
        if rest[:1] != ("event",):
            return github.get(rest[0]) if len(rest) == 1 else None
        none = NULL if rest[1:2] == ("inputs",) and event.name not in _WITH_INPUTS else None
        return event.payload.get(rest[1:], none)

    return look


ANY_OUTPUT = "*"
"""In place of a name: the outputs of a step of which only a run knows what they are called."""


def of_steps(
    otherwise: Look,
    key: str,
    environment: Dict[str, Value],
    said: Dict[str, Dict[str, Value]],
    complete: set[str],
    outcomes: Look,
) -> Look:
    """What an expression of a step can see: the outputs of steps before it, their outcomes, and the environment.

    Of steps that are `complete` it is known that they have no other outputs than what they have `said`.
    """

    def look(path: tuple[str, ...]) -> Known | None:
        first, rest = path[0], path[1:]
        if first == "env" and len(rest) == 1:
            return environment.get(rest[0], value(""))
        if first != "steps" or len(rest) < 2:
            return otherwise(path)
        if rest[1] in {"outcome", "conclusion"}:
            return outcomes(rest)
        if rest[1] != "outputs" or len(rest) != 3:
            return None
        if rest[0] not in said or (rest[0] in complete and rest[2] not in said[rest[0]]):
            return value("")
        other = said[rest[0]].get(ANY_OUTPUT) or value(Symbol("output", f"{key}/{rest[0]}.outputs.{rest[2]}"))
        return said[rest[0]].get(rest[2], other)

    return look


def runs_when(text: str | None, look: Look, *, after_skip: bool = False) -> Condition:
    """Evaluate an `if:` of this repository itself: what is only there to keep forks out holds."""
    found = condition(text, look, after_skip=after_skip)
    atoms = frozenset(atom for atom in found.atoms if not _OWN_REPOSITORY.fullmatch(atom))
    if found.decided is not None or atoms == found.atoms:
        return found
    return Condition(None if atoms else True, atoms, found.status, found.after_failure, found.problem)


# --- nodes

MAX_EXPRESSIONS = 500
"""Most expressions in one text: what has more has no meaning for a release."""


def text_with(text: str, look: Look) -> Value:
    """A text with its expressions replaced; one that grows beyond all use becomes a symbol."""
    if "${{" not in text:
        return value(text)
    if text.count("${{") > MAX_EXPRESSIONS:
        return value(Symbol("unknown", "too many expressions"))
    return bounded_text(interpolate(text, look))


def text_of(node: Node | None) -> str | None:
    """The text of a scalar."""
    return node.text if isinstance(node, Scalar) else None


def is_false(node: Node | None, look: Look) -> bool:
    """Whether a boolean key is absent or surely false."""
    return node is None or (isinstance(node, Scalar) and literal(text_with(node.text, look)) in {"false", ""})


def texts_by_name(node: Node | None, look: Look) -> dict[str, Value]:
    """A mapping of names to texts, as `env` and `with` are."""
    if not isinstance(node, Mapping):
        return {}
    return {name: text_with(each.text, look) for name, each in node.values.items() if isinstance(each, Scalar)}


def in_lower_case(named: Dict[str, Value]) -> dict[str, Value]:
    """The same under names in lower case."""
    return {name.lower(): each for name, each in named.items()}


def outputs_of(node: Node | None, look: Look, key: str | None = None) -> dict[str, Value]:
    """Outputs that a job (name: value), or an action or reusable workflow (name: {value: …}), declares."""
    found = {}
    for name, declared in node.values.items() if isinstance(node, Mapping) else ():
        scalar = declared.get(key) if key and isinstance(declared, Mapping) else declared
        if isinstance(scalar, Scalar):
            found[name.lower()] = text_with(scalar.text, look)
    return found


def inputs_of_workflow(trigger: Node | None, given: dict[str, Value], look: Look) -> dict[str, Known]:
    """The inputs of a called workflow: what is given, else the default, else what GitHub takes for none.

    It refuses a call that gives others: nothing is known by their names.
    """
    declared = trigger.get("inputs") if isinstance(trigger, Mapping) else None
    names = _declared(trigger)
    inputs: dict[str, Known] = {name: text for name, text in in_lower_case(given).items() if name in names}
    for name, about in declared.values.items() if isinstance(declared, Mapping) else ():
        kind = about.text("type") if isinstance(about, Mapping) else None
        is_boolean = kind == "boolean"
        default = about.text("default") if isinstance(about, Mapping) else None
        if name.lower() not in inputs:
            inputs[name.lower()] = text_with(default or ("false" if is_boolean else ""), look)
        text = inputs[name.lower()]
        if is_boolean and text in {("true",), ("false",)}:
            inputs[name.lower()] = text == ("true",)
        elif is_boolean and isinstance(text, tuple) and len(text) == 1 and isinstance(text[0], Symbol):
            inputs[name.lower()] = value(Symbol(BOOLEAN, text[0].name)) if text[0].kind == TICKED else text
        elif kind == "number" and isinstance(text, tuple) and (number := number_of(text)) is not None:
            inputs[name.lower()] = number
    return inputs


def inputs_of_action(action: Action, given: dict[str, Value], look: Look) -> dict[str, Known]:
    """The inputs of a composite action: all of them are text."""
    declared = action.node.get("inputs")
    inputs: dict[str, Known] = {}
    for name, about in declared.values.items() if isinstance(declared, Mapping) else ():
        default = about.text("default") if isinstance(about, Mapping) else None
        inputs[name.lower()] = text_with(default or "", look)
    return {**inputs, **in_lower_case(given)}


# --- outputs of a matrix, and secrets


def for_others(output: Value, key: str, name: str) -> Value:
    """What a matrix job's output is for others: that of whichever leg came last, unless it is the same in all."""
    if all(isinstance(part, str) or part.kind in SAME_IN_ALL_LEGS for part in output):
        return output
    return value(Symbol("last-leg", f"{key}/{name}"))


OF_EVERY_JOB = "GITHUB_TOKEN"
"""The name of the token that every job has."""


def is_secret(part: str | Symbol) -> bool:
    """Whether a part of a value is a secret other than the token that every job has."""
    return isinstance(part, Symbol) and part.kind == "secret" and part.name != OF_EVERY_JOB


def secrets_in(values: Iterable[Value]) -> frozenset[str]:
    """The names of the secrets among these values, be it that of the token that every job has."""
    return frozenset(
        part.name for each in values for part in each if isinstance(part, Symbol) and part.kind == "secret"
    )


def may_be_own_token(secrets: frozenset[str], event: str) -> bool:
    """Whether the token of the job is one of these secrets; who calls a workflow may hand it over under any name."""
    return OF_EVERY_JOB in secrets or (bool(secrets) and event == "workflow_call")


def hold_secret(values: Iterable[Value]) -> bool:
    """Whether a secret is among these values."""
    return any(is_secret(part) for each in values for part in each)
