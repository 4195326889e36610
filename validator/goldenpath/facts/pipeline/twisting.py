"""What makes the commands of a script others than they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from goldenpath.facts.shell import Command

_SOURCED = regex(r"BASH_ENV|BASH_FUNC_.*%%")
_BASH = regex(r"(/bin/|/usr/bin/)?bash( --noprofile| --norc| -[eux]+| -[eux]*o [a-z]+| \{0\})*")
_TWISTING = frozenset({"export", "declare", "typeset", "alias", "hash", "set"})


def is_sourced(name: str) -> bool:
    """Whether a variable has commands that bash reads before a script."""
    return name.startswith("BASH_") and _SOURCED.fullmatch(name) is not None


def expands_aliases(commands: tuple[Command, ...], shell: str | None) -> bool:
    """Whether a script may run aliases, which bash does not where it is not told to; other shells do."""
    if shell is None or not _BASH.fullmatch(shell.strip()):
        return True
    return any(word == ("expand_aliases",) for each in commands for word in each.words)


def twists(command: Command, *, aliases: bool) -> bool:
    """Whether the commands after it may be others than they read (`alias`, `hash -p`), or not run (`set -n`)."""
    name = literal(command.words[0])
    if name not in _TWISTING:
        return False
    arguments = [literal(word) or "" for word in command.words[1:]]
    options = [word for word in arguments if word.startswith("-") and not word.startswith("--")]
    return (
        (name in {"export", "declare", "typeset"} and any("f" in word and "x" in word[1:] + name for word in options))
        or (name == "alias" and (aliases or bool(command.path)) and any("=" in word for word in arguments))
        or (name == "hash" and any("p" in word for word in options))
        or (name == "set" and ("noexec" in arguments or any("n" in word for word in options)))
    )
