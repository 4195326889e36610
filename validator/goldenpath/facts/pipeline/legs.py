"""Scripts that are another one in each leg of a matrix: `run: ${{ matrix.command }}`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.contexts import is_false, text_with
from goldenpath.facts.pipeline.matrices import IN_LEG, texts_in_legs
from goldenpath.facts.pipeline.scripts import ScriptEffects
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, replaced, shown, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.expressions import Known
    from goldenpath.facts.pipeline.matrices import Meanings
    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.values import Value

_SAYS_WHAT_RUNS = regex(
    r"(?:\A|[\n;&|({`]|(?:^|[\s;])(?:eval|exec|sudo|env|time|do|then|else|-c)[ \t])[ \t]*"
    r"(?:(?:\./)?(?:cargo|dotnet|go|gradlew?|mix|mvnw?|sbt)[ \t]+)?[\"']?\Z"
)
"""What stands before a word that says which program runs, or what one does that builds and tests."""
_VARIABLE = regex(r"\$\{?([A-Za-z_]\w*)")
_TAIL = 200
"""How much of what stands before it is looked at, in characters."""


def perform(moment: Moment) -> None:
    """Follow the script of a step, once for each of a few legs where these run different commands.

    What the step puts out is known as far as all of them put out the same.
    """
    state = moment.state
    legs: list[Moment] = []
    if state.legs is not None and len(state.legs) > 1:
        legs = in_each_leg(moment, partial(texts_in_legs, state.legs, state.key, state.shared_legs))
    if not legs:
        ScriptEffects(moment).perform()
        return
    name, outputs = moment.step.key.lower(), moment.frame.outputs
    before = outputs.get(name, {})
    said: list[dict[str, Value]] = []
    for each in legs:
        if name in outputs:
            outputs[name] = dict(before)
        ScriptEffects(each).perform()
        said.append(outputs.get(name, {}))
    moment.fails = all(each.fails for each in legs)
    if name in outputs:
        outputs[name] = {key: each for key, each in said[0].items() if all(own.get(key) == each for own in said)}


def in_each_leg(moment: Moment, told: Callable[[list[Value]], Iterable[Meanings]]) -> list[Moment]:
    """The step as it would run in each of a few legs, where these run different programs; none, where they do not.

    What symbols of the matrix stand for is `told`, for each of a few legs.
    """
    script = moment.step.run
    if script is None:
        return []
    programs = {*_programs(text_with(script.text, moment.look)), *_by_variables(script.text, moment.environment)}
    if not programs:
        return []
    forgiven = text_with(moment.step.node.text("continue-on-error") or "", moment.look)
    symbols = value(*programs, *(part for part in forgiven if isinstance(part, Symbol)))
    legs = list(told([symbols]))
    return [_in_leg(moment, dict(leg)) for leg in legs] if len(legs) > 1 else []


def _programs(text: Value) -> Iterator[Symbol]:
    """The symbols of a script that stand where it says which program runs."""
    before = ""
    for part in text:
        if isinstance(part, Symbol) and part.kind == "matrix" and _SAYS_WHAT_RUNS.search(before):
            yield part
        before = part[-_TAIL:] if isinstance(part, str) else "-"


def _by_variables(script: str, environment: dict[str, Value]) -> Iterator[Symbol]:
    """The symbols by which variables begin that stand there."""
    of_legs = {
        name: first
        for name, each in environment.items()
        if each and isinstance(first := each[0], Symbol) and first.kind == "matrix"
    }
    for found in _VARIABLE.finditer(script) if of_legs else ():
        if found[1] in of_legs and _SAYS_WHAT_RUNS.search(script[max(0, found.start() - _TAIL) : found.start()]):
            yield of_legs[found[1]]


def _in_leg(moment: Moment, meanings: dict[Symbol, Value]) -> Moment:
    condition = frozenset({IN_LEG + " ".join(map(shown, meanings.values()))})
    leg = replace(
        moment,
        environment={name: replaced(each, meanings) for name, each in moment.environment.items()},
        runs=replace(moment.runs, atoms=moment.runs.atoms | condition),
        in_leg=moment.in_leg | condition,
    )
    look = leg.look

    def told(path: tuple[str, ...]) -> Known | None:
        known = look(path)
        return replaced(known, meanings) if isinstance(known, tuple) else known

    leg.look = told
    forgiven = moment.step.node.get("continue-on-error")
    leg.fatal = moment.fatal or (moment.frame.fatal and is_false(forgiven, told))
    return leg
