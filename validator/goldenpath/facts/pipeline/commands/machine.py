"""What commands change of the job around them: who it is, and what it has of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import below
from goldenpath.facts.values import Symbol, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects


def nothing(effects: CommandEffects) -> None:
    """None of the acts that a release is made of; what it is told to write is another file from then on."""
    if not effects.words.options:
        return  # as most have none
    for word in effects.words.of(effects.about.out):
        effects.overwritten(word)
    for word in effects.words.of(effects.about.folder):
        effects.scatter(below(effects.path(word), value(Symbol("unknown", "what is written"))))


def log_in(effects: CommandEffects) -> None:
    """The job has a right from now on that lies outside the repository."""
    effects.moment.state.has_secrets = True
    words = effects.words
    handed = effects.script.known(effects.command.stdin or ())
    effects.logs_in(
        literal(words.positionals[0]) or "" if words.positionals else "", words.first("-p --password") or handed
    )


def start_cluster(effects: CommandEffects) -> None:
    """The job has a cluster of its own, in which nobody uses what is deployed."""
    if not effects.moment.dead:
        effects.state.has_own_cluster = True


def run_tool(effects: CommandEffects) -> None:
    """A tool that releases by itself is followed."""
    from goldenpath.facts.pipeline import tools

    tools.perform(effects.about.tool, effects, effects.words, effects.script.folder)
