"""Task: the commands of a Taskfile; what it includes is not followed."""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import MAX_TASKS, Arguments, Script, Task, filled, find, is_told, joined
from goldenpath.facts.values import Symbol, display, literal, partition, shown, strip, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

    _Call: TypeAlias = tuple[str, tuple[tuple[str, Value], ...]]
    """A task by its name, with the variables that it is told."""
    _Meaning: TypeAlias = Callable[[str], Value | None]

_NAMES = ("Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "taskfile.dist.yml",
          "Taskfile.dist.yaml", "taskfile.dist.yaml")  # fmt: skip
_IDLE = ("-n", "--dry", "-l", "--list", "-a", "--list-all", "-i", "--init", "-h", "--help", "--version", "--status",
         "--summary")  # fmt: skip
_ELSEWHERE = ("-t", "--taskfile", "-d", "--dir", "-g", "--global", "-w", "--watch")
_TEMPLATE = regex(r"(?s)\{\{-?(.*?)-?(?:\}\}|\Z)")


class _File(Struct):
    path: str
    root: Mapping
    shell: str
    arguments: Value
    said: dict[str, Value]
    """The variables of the command line, which are those of the file from then on."""


class _Collected(Struct):
    scripts: list[Script]
    done: set[_Call]
    unseen: str = ""


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task:
    """What `task` runs."""
    given = Arguments(words)
    if given.has(*_IDLE):
        return Task()
    found = find(read, folder, _NAMES, upwards=True)
    if found is None or not all(map(is_told, words)) or given.has(*_ELSEWHERE):
        return Task(unseen="which tasks of a Taskfile run is not followed here")
    try:
        documents = parse(*found)
    except Malformed as error:
        return Task(unseen=f"{error.place}: {error}")
    root = documents[0] if documents else None
    if not isinstance(root, Mapping):
        return Task(unseen=f"{found[0]} is no mapping")
    said = [each for each in given.values if partition(each, "=")]
    behind = words[words.index(("--",)) + 1 :] if ("--",) in words else ()
    arguments = strip(value(*(part for each in behind for part in (each, " "))))
    file = _File(found[0], root, _shell(texts(root.get("set"))), arguments, dict(map(_assigned, said)))
    collected = _Collected([], set())
    for each in [each for each in given.values if each not in said] or [value("default")]:
        _collect(file, (shown(each), ()), collected)
    return Task(tuple(collected.scripts), collected.unseen)


def _assigned(word: Value) -> tuple[str, Value]:
    name, text = partition(word, "=") or ((), ())
    return literal(name) or "", text


def _shell(options: tuple[str, ...]) -> str:
    """Task stops at a command that fails, and within one only where it is told so."""
    long = {"e": "errexit", "u": "nounset"}
    named = [
        f"-o {long.get(option, option)}" for option in options if long.get(option, option) in {"errexit", "pipefail"}
    ]
    return " ".join(["bash", *named, "{0}"]).replace("-o errexit", "-e")


def _collect(file: _File, call: _Call, collected: _Collected) -> None:
    """Add what a task runs, what it depends on before it."""
    name, given = call
    node = file.root.get("tasks", name)
    if node is None:
        collected.unseen = collected.unseen or f"there is no task {name} in {file.path} itself"
        return
    if call in collected.done:
        return
    if len(collected.done) > MAX_TASKS:
        collected.unseen = collected.unseen or f"{file.path} leads to more tasks than are followed"
        return
    collected.done.add(call)
    own = node if isinstance(node, Mapping) else None
    meaning = partial(_meaning, file, own, dict(given))
    if own is not None:
        if held := next((key for key in ("status", "if", "platforms", "preconditions") if own.get(key)), ""):
            collected.unseen = collected.unseen or f"whether the task {name} runs is only known in a run (`{held}`)"
        for needed in _items(own.get("deps")):
            _call(file, needed, meaning, collected)
    _commands(file, own, own.get("cmds") or own.get("cmd") if own is not None else node, meaning, collected)


def _commands(file: _File, own: Mapping | None, node: Node | None, meaning: _Meaning, collected: _Collected) -> None:
    """Add the commands of a task, and behind them what is deferred to its end, the last of it first."""
    deferred: list[Node] = []
    for command in _items(node):
        late = command.get("defer") if isinstance(command, Mapping) else None
        if late is not None:
            deferred.insert(0, late)
        else:
            _command(file, own, command, meaning, collected)
    for late in deferred:  # whose failure is nobody's
        if isinstance(late, Scalar):
            collected.scripts.append(_script(file, own, late, meaning, heeded=False))
        else:
            _call(file, late, meaning, collected)


def _items(node: Node | None) -> Iterator[Node]:
    yield from node.items if isinstance(node, Sequence) else [node] if node is not None else []


def _call(file: _File, node: Node, meaning: _Meaning, collected: _Collected) -> None:
    if isinstance(node, Mapping) and (node.get("for") or node.get("if") or node.get("platforms")):
        collected.unseen = collected.unseen or f"what `for` and `if` make of a command is not followed ({node.place})"
        return
    name = node.text if isinstance(node, Scalar) else node.text("task") if isinstance(node, Mapping) else None
    told = node.get("vars") if isinstance(node, Mapping) else None
    given = [(key, _told(told.get(key), meaning)) for key in told.keys] if isinstance(told, Mapping) else []
    _collect(file, ((name or "").removeprefix(":"), tuple(given)), collected)


def _told(node: Node | None, meaning: _Meaning) -> Value:
    """What a task is told by another one; what a command says of it (`sh`) only a run knows."""
    known = filled(node.text, _TEMPLATE, meaning, "task") if isinstance(node, Scalar) else ()
    is_short = isinstance(node, Scalar) and len(display(known)) < _MAX_LENGTH
    return known if is_short else value(Symbol("unknown", "task"))


_MAX_LENGTH = 1_000
"""Longest text that is handed on; tasks that call each other could double it each time."""


def _command(file: _File, own: Mapping | None, node: Node, meaning: _Meaning, collected: _Collected) -> None:
    if isinstance(node, Scalar):
        collected.scripts.append(_script(file, own, node, meaning, heeded=not _ignores(own)))
    elif isinstance(node, Mapping) and node.get("cmd") is None and node.get("task") is not None:
        _call(file, node, meaning, collected)
    elif isinstance(node, Mapping) and (node.get("for") or node.get("if") or node.get("platforms")):
        collected.unseen = collected.unseen or f"what `for` and `if` make of a command is not followed ({node.place})"
    elif isinstance(node, Mapping) and isinstance(text := node.get("cmd"), Scalar):
        collected.scripts.append(_script(file, own, text, meaning, heeded=not (_ignores(own) or _ignores(node))))


def _ignores(node: Mapping | None) -> bool:
    return node is not None and node.text("ignore_error") == "true"


def _script(file: _File, own: Mapping | None, text: Scalar, meaning: _Meaning, *, heeded: bool) -> Script:
    folder = posixpath.dirname(file.path)
    inner = own.text("dir") if own is not None else None
    place = joined(folder, inner) if inner and "{{" not in inner else folder
    line = text.place.line + (text.style == "|")
    return Script(filled(text.text, _TEMPLATE, meaning, "task"), file.path, line, place, file.shell, heeded)


def _meaning(file: _File, own: Mapping | None, given: dict[str, Value], name: str) -> Value | None:
    """A variable: the task's own in plain text, what it is told by its caller or the command line, the file's own."""
    name = name.removeprefix(".")
    if name == "CLI_ARGS":
        return file.arguments
    for node, told in ((own, given), (None, file.said), (file.root, {})):
        known = node.get("vars", name) if node is not None else None
        if known is not None:
            return value(known.text) if isinstance(known, Scalar) and "{{" not in known.text else None
        if name in told:
            return told[name]
    return None
