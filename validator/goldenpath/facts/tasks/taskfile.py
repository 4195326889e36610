"""Task: the commands of a Taskfile; what it includes is not followed."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import MAX_TASKS, Arguments, Script, Task, filled, find, joined
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

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
    arguments: str


class _Collected(Struct):
    scripts: list[Script]
    done: set[str]
    unseen: str = ""


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task:
    """What `task` runs."""
    given = Arguments(words)
    if given.has(*_IDLE):
        return Task()
    found = find(read, folder, _NAMES, upwards=True)
    if found is None or given.unclear or given.has(*_ELSEWHERE):
        return Task(unseen="which tasks of a Taskfile run is not followed here")
    try:
        documents = parse(*found)
    except Malformed as error:
        return Task(unseen=f"{error.place}: {error}")
    root = documents[0] if documents else None
    if not isinstance(root, Mapping):
        return Task(unseen=f"{found[0]} is no mapping")
    file = _File(found[0], root, _shell(texts(root.get("set"))), " ".join(given.behind or []))
    collected = _Collected([], set())
    for name in [word for word in given.rest if "=" not in word] or ["default"]:
        _collect(file, name, collected)
    return Task(tuple(collected.scripts), collected.unseen)


def _shell(options: tuple[str, ...]) -> str:
    """Task stops at a command that fails, and within one only where it is told so."""
    long = {"e": "errexit", "u": "nounset"}
    named = [
        f"-o {long.get(option, option)}" for option in options if long.get(option, option) in {"errexit", "pipefail"}
    ]
    return " ".join(["bash", *named, "{0}"]).replace("-o errexit", "-e")


def _collect(file: _File, name: str, collected: _Collected) -> None:
    """Add what a task runs, what it depends on before it."""
    node = file.root.get("tasks", name)
    if node is None:
        collected.unseen = collected.unseen or f"there is no task {name} in {file.path} itself"
        return
    if name in collected.done or len(collected.done) > MAX_TASKS:
        return
    collected.done.add(name)
    own = node if isinstance(node, Mapping) else None
    if own is not None:
        if held := next((key for key in ("status", "if", "platforms", "preconditions") if own.get(key)), ""):
            collected.unseen = collected.unseen or f"whether the task {name} runs is only known in a run (`{held}`)"
        for needed in _items(own.get("deps")):
            _call(file, needed, collected)
    commands = own.get("cmds") or own.get("cmd") if own is not None else node
    for command in _items(commands):
        _command(file, own, command, collected)


def _items(node: Node | None) -> Iterator[Node]:
    yield from node.items if isinstance(node, Sequence) else [node] if node is not None else []


def _call(file: _File, node: Node, collected: _Collected) -> None:
    name = node.text if isinstance(node, Scalar) else node.text("task") if isinstance(node, Mapping) else None
    _collect(file, (name or "").removeprefix(":"), collected)


def _command(file: _File, own: Mapping | None, node: Node, collected: _Collected) -> None:
    if isinstance(node, Scalar):
        collected.scripts.append(_script(file, own, node, heeded=not _ignores(own)))
    elif isinstance(node, Mapping) and (node.get("for") or node.get("if") or node.get("platforms")):
        collected.unseen = collected.unseen or f"what `for` and `if` make of a command is not followed ({node.place})"
    elif isinstance(node, Mapping) and isinstance(text := node.get("cmd"), Scalar):
        collected.scripts.append(_script(file, own, text, heeded=not (_ignores(own) or _ignores(node))))
    elif isinstance(node, Mapping) and node.get("task") is not None:
        _call(file, node, collected)


def _ignores(node: Mapping | None) -> bool:
    return node is not None and node.text("ignore_error") == "true"


def _script(file: _File, own: Mapping | None, text: Scalar, *, heeded: bool) -> Script:
    folder = posixpath.dirname(file.path)
    inner = own.text("dir") if own is not None else None
    place = joined(folder, inner) if inner and "{{" not in inner else folder
    line = text.place.line + (text.style == "|")
    filled_in = filled(text.text, _TEMPLATE, lambda name: _meaning(file, own, name), "task")
    return Script(filled_in, file.path, line, place, file.shell, heeded)


def _meaning(file: _File, own: Mapping | None, name: str) -> str | None:
    """A variable that the file says in plain text."""
    name = name.removeprefix(".")
    if name == "CLI_ARGS":
        return file.arguments
    for node in (own, file.root):
        known = node.get("vars", name) if node is not None else None
        if isinstance(known, Scalar):
            return known.text if "{{" not in known.text else None
    return None
