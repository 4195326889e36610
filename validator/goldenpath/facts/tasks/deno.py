"""Deno: the tasks of deno.json, each after those that it depends on."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from goldenpath.facts.tasks.model import MAX_TASKS, Arguments, Script, Task, find, relaxed
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

_NAMES = ("deno.json", "deno.jsonc")
_HARMLESS = frozenset({"-q", "--quiet"})


class _Tasks(Struct):
    path: str
    text: str
    tasks: dict[str, Any]
    found: list[Script]
    done: set[str]
    unseen: str = ""


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task | None:
    """What `deno task test` runs; None for what Deno does by itself."""
    given = Arguments(words)
    if given.rest[:1] != ["task"]:
        return None
    name, *rest = given.rest[1:] or [""]
    tasks = _tasks(*found) if (found := find(read, folder, _NAMES, upwards=True)) else None
    if tasks is None or given.unclear or _own_options(words, name) - _HARMLESS:
        return Task(unseen="which task of which deno.json runs is only known in a run")
    at = list(words).index(value(name)) if name else len(words)
    rest = [str(part) for word in words[at + 1 :] for part in word if word != value("--")]
    _collect(tasks, name, rest)
    return Task(tuple(tasks.found), tasks.unseen)


def _own_options(words: tuple[Value, ...], name: str) -> set[str]:
    """The options before the name of a task: what stands behind it is handed to the task."""
    options = set[str]()
    for word in words:
        if word == value(name):
            break
        options |= {str(word[0])} if word and str(word[0]).startswith("-") else set()
    return options


def _tasks(path: str, text: str) -> _Tasks | None:
    tasks = relaxed(text).get("tasks", {})
    return _Tasks(path, text, tasks, [], set()) if isinstance(tasks, dict) else None


def _collect(tasks: _Tasks, name: str, rest: list[str]) -> None:
    """Add what a task runs, what it depends on before it."""
    said = tasks.tasks.get(name)
    command = said.get("command", "") if isinstance(said, dict) else said
    if not isinstance(command, str):
        tasks.unseen = tasks.unseen or f"there is no task {name} in {tasks.path}"
        return
    if name in tasks.done or len(tasks.done) > MAX_TASKS:
        return
    tasks.done.add(name)
    needs = said.get("dependencies", []) if isinstance(said, dict) else []
    for needed in needs if isinstance(needs, list) else [needs]:
        _collect(tasks, str(needed), [])
    if command:
        at = max(tasks.text.find(msgspec.json.encode(name).decode(), max(tasks.text.find('"tasks"'), 0)), 0)
        text, line = " ".join(filter(None, [command, shlex.join(rest)])), tasks.text.count("\n", 0, at) + 1
        tasks.found.append(Script(value(text), tasks.path, line, posixpath.dirname(tasks.path), "sh {0}"))
