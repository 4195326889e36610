"""Composer: the scripts of composer.json, one command after the other until one fails."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import MAX_TASKS, Arguments, Script, Task, joined
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

_RUN = ("run", "run-script")
_IDLE = ("-l", "--list", "-h", "--help", "-V", "--version")
_HARMLESS = frozenset({
    "--timeout", "--dev", "--no-dev", "-n", "--no-interaction", "-q", "--quiet", "-v", "-vv", "-vvv", "--verbose",
    "--ansi", "--no-ansi", "--no-cache", "--profile",
})  # fmt: skip
_OWN = ("@php", "@composer", "@putenv", "@no_additional_args", "@additional_args")
"""What Composer makes of a word behind `@` that is no script."""
_OF_PHP = regex(r"[\w\\]+::\w+|\\?\w+(\\\w+)+")
"""A method that Composer calls itself."""


class _Scripts(Struct):
    path: str
    text: str
    scripts: dict[str, Any]
    found: list[Script]
    entered: int = 0
    unseen: str = ""


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task | None:
    """What `composer run test`, or `composer test`, runs; None for what Composer does by itself."""
    given = Arguments(words, frozenset({"--timeout"}))
    if given.has(*_IDLE):
        return Task() if given.rest[:1] and given.rest[0] in _RUN else None
    asked = given.rest[:1] and given.rest[0] in _RUN
    name, *rest = given.rest[1:] if asked else given.rest or [""]
    path = joined(folder, "composer.json")
    scripts = _scripts(path, read(path))
    if not asked and (scripts is None or name not in scripts.scripts):
        return None
    if scripts is None or given.unclear or given.options.keys() - _HARMLESS:
        return Task(unseen="which script of which composer.json runs is only known in a run")
    _collect(scripts, name, shlex.join([*rest, *(given.behind or [])]), [])
    return Task(tuple(scripts.found), scripts.unseen)


def _scripts(path: str, text: str | None) -> _Scripts | None:
    try:
        scripts = msgspec.json.decode(text or "").get("scripts", {})
    except (msgspec.DecodeError, AttributeError):
        return None
    return _Scripts(path, text or "", scripts, []) if isinstance(scripts, dict) else None


def _collect(scripts: _Scripts, name: str, rest: str, within: list[str]) -> None:
    """Add the commands of a script, which may call others (`@lint`); each is handed the `rest` of the words."""
    said = scripts.scripts.get(name)
    commands = [said] if isinstance(said, str) else said
    scripts.entered += 1
    if not isinstance(commands, list) or name in within or scripts.entered > MAX_TASKS:
        scripts.unseen = scripts.unseen or f"{scripts.path} has no script {name!r} that is followed"
        return
    for command in commands:
        first, _, others = str(command).partition(" ")
        if first.startswith("@") and first not in _OWN:
            _collect(scripts, first[1:], " ".join(filter(None, [others, rest])), [*within, name])
        elif first != "@putenv":
            program = f"php -r {shlex.quote(first)}" if _OF_PHP.fullmatch(first) else first.removeprefix("@")
            text = " ".join(filter(None, [program, others, rest]))
            scripts.found.append(_script(scripts, name, text))


def _script(scripts: _Scripts, name: str, text: str) -> Script:
    at = max(scripts.text.find(msgspec.json.encode(name).decode(), max(scripts.text.find('"scripts"'), 0)), 0)
    line, folder = scripts.text.count("\n", 0, at) + 1, posixpath.dirname(scripts.path)
    return Script(value(text), scripts.path, line, folder, "sh {0}")
