"""Where the engine is that a command of docker or podman tells what to do: on this machine, or on one of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.words import ENGINES, Words, options_of_engine
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, head, literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

_OWN_HOST = regex(
    r"(unix|npipe|fd)://.*|(tcp|http|https)://(docker|dind|docker-in-docker|podman|localhost|127\.0\.0\.1|0\.0\.0\.0"
    r"|\[::1\])([:/].*)?"
)
"""Engines of the machine itself, or of a service of the job."""
_OWN_CONTEXTS = frozenset({"", "default", "rootless", "desktop-linux", "colima", "orbstack", "rancher-desktop"})
_HOSTS = {"podman": ("--url", "CONTAINER_HOST"), "docker": ("-H --host", "DOCKER_HOST")}
_CONTEXTS = {"podman": ("-c --connection", "CONTAINER_CONNECTION"), "docker": ("-c --context", "DOCKER_CONTEXT")}


def elsewhere(effects: CommandEffects) -> Value:
    """The host or the context of an engine on another machine; empty for one of the job's own.

    What an option says goes before what a variable does, and that before the context that is in use.
    """
    program = literal(effects.all_words[0]) or ""
    if program not in ENGINES:
        return ()
    given = Words(effects.all_words[1 : 1 + options_of_engine(effects.all_words)], ENGINES[program].split())
    kind = "podman" if program.startswith("podman") else "docker"
    (hosts, host), (contexts, context) = _HOSTS[kind], _CONTEXTS[kind]
    if program.endswith("-compose"):  # where `-c` is another option
        contexts = "--context"
    said = (
        (given.first(hosts), True),
        (given.first(contexts), False),
        (effects.variable(host), True),
        (effects.variable(context), False),
        (effects.state.engine if kind == "docker" else (), False),
    )
    found, is_host = next(((each, is_host) for each, is_host in said if each), ((), False))
    own = _OWN_HOST.match(head(found)) if is_host else literal(found) in _OWN_CONTEXTS
    return () if not found or own else found


def use_context(effects: CommandEffects) -> None:
    """`docker context use`: the engine of all commands that come after it and name none."""
    if not effects.moment.dead:
        effects.state.engine = effects.words.positionals[0] if effects.words.positionals else ()
