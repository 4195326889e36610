"""Actions that run something: a command in other clothes, the scripts of their inputs, or the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Scalar
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.testing import leaves_out_tests
from goldenpath.facts.pipeline.words import Words, only_rehearses
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.status import negation
from goldenpath.facts.values import Symbol, fields, literal, replaced, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.tables import Runs
    from goldenpath.facts.values import Value


def rights(effects: ActionEffects, *, stays_idle: bool) -> frozenset[str]:
    """What an action writes with the token: what it runs may be told to publish nothing."""
    about = effects.about
    if about.runs is None or about.runs.command != "goreleaser":
        return about.writes
    from goldenpath.facts.pipeline.tools import goreleaser

    command, _ = known_command([about.runs.command])
    words = Words(tuple(fields(effects.input(about.runs.arguments))), command.takes.split() if command else ())
    if stays_idle:
        return frozenset()
    writes = goreleaser.used(effects, words, effects.input(about.runs.folder, "."), about.writes)
    others = effects.is_token_of_others([effects.moment.environment.get("GITHUB_TOKEN", ())])
    return writes & {"id-token", "packages"} if others else writes


def run(effects: ActionEffects, *, stays_idle: bool) -> None:
    """Write down what an action runs: its scripts in any case, the rest unless it is told to stay idle."""
    about = effects.about
    if about.runs and not stays_idle:
        _run_tool(effects, about.runs)
    for name in about.scripts:
        if not (stays_idle and name in (about.tests or ())):  # a script that stands for the tests is idle with them
            _run_script(effects, name)
    if about.command and not stays_idle:
        run_command(effects, about.command, by_line=about.by_line)
    other = about.tests is None or any(map(effects.input, about.tests))
    if not (other or stays_idle or any(map(leaves_out_tests, effects.given.values()))):
        effects.act("tested", recipe=effects.recipe(), unsure=effects.in_doubt_by_inputs(about.unless))


def _run_tool(effects: ActionEffects, runs: Runs) -> None:
    """An action that is a command in other clothes, by each choice that an expression has of its words."""
    from goldenpath.facts.pipeline import tools

    about, _ = known_command(runs.command.split())
    given = [value(option, "=", effects.input(name)) for name, option in runs.options.items() if effects.input(name)]
    if about is None:
        return
    for conditions, arguments in _choices(effects.input(runs.arguments)):
        words = Words((*given, *fields(arguments)), about.takes.split())
        if not only_rehearses(words):
            tools.perform(about.tool, effects.only_if(conditions), words, effects.input(runs.folder, "."))


_CHOICE = regex(r"(\()?(?P<asked>.+) && '(?P<one>[^']*)'(?(1)\)) \|\| '(?P<other>[^']*)'", re.DOTALL)
"""How an expression is called that is one of two texts."""
_MOST_CHOICES = 2
_PROVES = regex(r"(?<![a-z])(?:sign|sbom)(?![a-z])")


def _choices(of: Value) -> list[tuple[frozenset[str], Value]]:
    """What a value is by each of the few choices between two texts in it, with what holds then."""
    found: list[tuple[frozenset[str], Value]] = [(frozenset(), of)]
    symbols = {part for part in of if isinstance(part, Symbol)}
    chosen = {part: match for part in symbols if (match := _CHOICE.fullmatch(part.name))}
    for symbol, match in chosen.items() if len(chosen) <= _MOST_CHOICES else ():
        asked = _bare(match["asked"])
        of_more = " || " in asked and asked == match["asked"]
        if of_more or bool(_PROVES.search(match["one"])) is not bool(_PROVES.search(match["other"])):
            return [(frozenset(), of)]  # that something is signed depends on the run, whatever else does
        cases = ((asked, match["one"]), (negation(asked), match["other"]))
        found = [
            (conditions | {case}, replaced(each, {symbol: value(text)}))
            for conditions, each in found
            for case, text in cases
        ]
    return found


def _bare(question: str) -> str:
    """A question without the parentheses around all of it."""
    inner = negation(f"!{question}")
    return inner if f"({inner})" == question else question


def _run_script(effects: ActionEffects, name: str) -> None:
    """An input with commands, which the action runs."""
    node = effects.moment.step.node.get("with", name)
    tolerates = effects.about.tolerates
    if tolerates and literal(effects.input(tolerates, "false")) != "false":
        effects.unseen("it goes on although its commands fail")
    elif any(map(effects.input, effects.about.within)):
        effects.unseen("in which folder its commands run is not followed")
    elif isinstance(node, Scalar) and node.text.strip():
        from goldenpath.facts.pipeline.scripts import ScriptEffects

        chosen = effects.input(effects.about.by_input) if effects.about.by_input else ()
        by = f"{shown(chosen)} {{0}}" if chosen else effects.about.by
        ScriptEffects(effects.moment, node, by).perform()


def run_command(effects: ActionEffects, command: tuple[str, ...], *, by_line: bool = False) -> None:
    """An action that runs a program with the words of some inputs, which may stand in several lines."""
    from goldenpath.facts.pipeline.scripts import ScriptEffects

    program, *inputs = command
    words = [text for each in inputs if (text := _written(effects, each))]
    if words or not inputs:
        said = [" ".join(words)] if not by_line else words[0].splitlines()
        text = "\n".join(f"{program} {' '.join(each.split())}" for each in said if each.strip() or not inputs)
        ScriptEffects(effects.moment, Scalar(effects.place, text), by="bash").perform()


def _written(effects: ActionEffects, said: str) -> str:
    """What stands in an input, as a shell is to read it, else its default; behind its option, if it has one."""
    option, _, named = said.rpartition(" ")
    name, _, default = named.partition("=")
    node = effects.moment.step.node.get("with", name)
    text = node.text if isinstance(node, Scalar) and node.text else default
    return f'{option} "{text}"' if option and text else text
