"""Environments of Python: what is installed into one, which an SBOM may then be made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from goldenpath.facts.pipeline.acts import ENVIRONMENT, Content, Files
from goldenpath.facts.pipeline.effects import folder_of, name_of
from goldenpath.facts.pipeline.programs import PATH_OF_MACHINE
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

_MACHINE: Final[Value] = (Symbol("runner", "python"),)
"""Where the packages of the machine's own Python stand."""
_OF_PROJECT: Final = regex(
    r"(.* )?((uv|pdm|pipenv|poetry|pip) sync|pip-sync|(pdm|poetry|pipenv) install"
    r"|pip3? install (.* )?(-r|-e|--requirement|--editable|\.(\[\S*)?|-r\S+|--requirement=\S+))( .*)?"
)
"""Commands that install what a project needs, or the project itself, from its sources."""
_TOLD: Final = frozenset({"environment", "env", "venv"})


def install(effects: CommandEffects) -> None:
    """Built files are installed into an environment, beside what stands there; or somebody's programs are."""
    for package in effects.words.positionals:
        effects.written(value(PATH_OF_MACHINE, re.split(r"[=<>~!\[@]", display(package))[0]))
    named = [effects.path(globbed(word)) for word in effects.words.positionals]
    installed = [(path, piece) for path in named for _, piece, _ in effects.pieces(path)]
    if not installed:
        return
    into = effects.words.first("--python -p --target -t --prefix")
    environment = effects.path(into) if into else _environment(effects)
    before = (content.of for _, (content, _), _ in effects.pieces(environment) if content.kind == "installed")
    standing = (piece for each in before if isinstance(each, Files) for piece in each.pieces)
    files = Files(installed[0][0], tuple(dict.fromkeys((*standing, *(piece for _, piece in installed)))))
    effects.put(environment, Content("installed", effects.origin(environment), files))


def _environment(effects: CommandEffects) -> Value:
    """The environment that a program acts on: the one that it stands in, else that which has been activated."""
    program = unwrapped(effects.command.words)[0]  # which is called by its name alone by now
    folder = folder_of(program) if name_of(program) == effects.all_words[0] else ()
    if literal(name_of(folder)) == "bin":
        return effects.path(folder_of(folder))
    active = effects.variable("VIRTUAL_ENV")
    return effects.path(active) if active else _MACHINE


def described(effects: CommandEffects) -> Value:
    """What a program describes that is told no environment: the one at hand if anything is known of it."""
    environment = _environment(effects)
    return environment if effects.pieces(environment) else value(".")


def of_sources(effects: CommandEffects, named: list[Value]) -> Files | None:
    """The environment that is described where nobody has seen more in it than what the sources need."""
    environment = effects.path(named[0]) if named else _environment(effects)
    if not {literal(word) or "" for word in effects.words.positionals[:1]} <= _TOLD or effects.pieces(environment):
        return None
    acts = (act for act in effects.moment.frame.shared.acts if act.kind == "installed")
    installs = (act.recipe for act in acts if act.guard.job == effects.state.key)
    told = (" ".join(map(display, recipe.words)) for recipe in installs if recipe is not None)
    return Files((Symbol(ENVIRONMENT, display(environment)),)) if any(map(_OF_PROJECT.fullmatch, told)) else None
