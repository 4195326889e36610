"""mise: the tasks of mise.toml, each after those that it depends on; file tasks and includes are not followed."""

from __future__ import annotations

import posixpath
import tomllib
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import MAX_TASKS, Script, Task, filled, is_told, joined, quoted
from goldenpath.facts.values import head, literal, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

_RUN = frozenset({"run", "r"})
_AT_THE_ROOT = ("mise.toml", ".mise.toml", "mise/config.toml", ".mise/config.toml", ".config/mise.toml",
                ".config/mise/config.toml")  # fmt: skip
_OF_FILES = ("mise-tasks", ".mise-tasks", "mise/tasks", ".mise/tasks", ".config/mise/tasks")
_IDLE = frozenset({"-n", "--dry-run", "-h", "--help"})
_HARMLESS = frozenset({
    "-q", "--quiet", "-S", "--silent", "-i", "--interleave", "-p", "--prefix", "-r", "--raw", "-f", "--force", "-y",
    "--yes", "-v", "--verbose", "--no-timings", "--timings",
})  # fmt: skip
_TAKES = frozenset({"-j", "--jobs", "-o", "--output"})
_ASIDE = frozenset({
    "alias", "aliases", "depends", "description", "dir", "env", "hide", "quiet", "raw", "run", "run_windows", "shell",
    "silent", "timeout", "tools", "usage", "wait_for",
})  # fmt: skip
"""What a task may be told that leaves it open neither whether nor what it runs."""
_TEMPLATE = regex(r"\{[{%#]\s*(.*?)\s*[}%#]\}")
_SHELL = regex(r"#!\s*(?:/usr/bin/env (?:-S )?)?(?:\S*/)?((?:ba|da|z|k)?sh)((?: -\S+)*)\s*")
_INLINE = "sh -e {0}"
"""How mise runs what a file says in a line: `sh -c -o errexit`."""


class _File(Struct):
    path: str
    text: str
    root: str
    tasks: dict[str, Any]
    found: list[Script]
    done: set[tuple[str, tuple[Value, ...]]]
    unseen: str = ""

    def not_followed(self, why: str) -> None:
        """Say why there may be more or others."""
        self.unseen = self.unseen or why


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task | None:
    """What `mise run test` runs; None for what mise does by itself."""
    known = [literal(word) for word in words]
    rest = known[1:] if known[:1] in (["tasks"], ["task"]) else known
    if not rest or rest[0] not in _RUN:
        return None
    options, asked = _asked(list(words[1 + len(known) - len(rest) :]))
    if not options.isdisjoint(_IDLE):
        return Task()
    file = _file(read, folder)
    if file is None or not all(map(is_told, words)) or options - _HARMLESS:
        return Task(unseen="which task of which mise.toml runs is only known in a run")
    for name, *arguments in asked or [[value("default")]]:
        _collect(file, read, shown(name), tuple(arguments))
    return Task(tuple(file.found), file.unseen)


def _asked(words: list[Value]) -> tuple[set[str], list[list[Value]]]:
    """The options before the first task, and each task (between `:::`) with what it is handed."""
    options = set[str]()
    while words and head(words[0]).startswith("-") and words[0] != ("--",):
        option = shown(words[0])
        words = words[1:]
        options.add(option.partition("=")[0])
        if option in _TAKES:
            options.discard(option)
            words = words[1:]
    asked: list[list[Value]] = [[]]
    for word in words:
        if word == (":::",):
            asked.append([])
        elif word != ("--",) or len(asked[-1]) > 1:
            asked[-1].append(word)
    return options, [each for each in asked if each]


def _file(read: Read, folder: str) -> _File | None:
    """The only file of settings in this folder, or in the next one above that has any."""
    while True:
        there = {path: text for name in _AT_THE_ROOT if (text := read(path := joined(folder, name))) is not None}
        if there or folder in {"", "."}:
            break
        folder = posixpath.dirname(folder)
    if len(there) != 1:
        return None
    ((path, text),) = there.items()
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    tasks, env, settings = told.get("tasks", {}), told.get("env", {}), told.get("settings", {})
    if not isinstance(tasks, dict) or not isinstance(env, dict) or not isinstance(settings, dict):
        return None
    elsewhere = "task_config" in told or "_" in env or any("shell" in key for key in settings)
    return None if elsewhere else _File(path, text, folder, tasks, [], set())


def _collect(file: _File, read: Read, name: str, arguments: tuple[Value, ...]) -> None:
    """Add what a task runs, what it depends on before it."""
    if name not in file.tasks:
        of_alias = [each for each, said in file.tasks.items() if isinstance(said, dict) and name in _aliases(said)]
        name = of_alias[0] if len(of_alias) == 1 else name
    said = file.tasks.get(name)
    task: dict[str, Any] = said if isinstance(said, dict) else {"run": said}
    own_file = any(read(joined(file.root, f"{folder}/{name.replace(':', '/')}")) is not None for folder in _OF_FILES)
    run = task.get("run", [])
    lines = [run] if isinstance(run, str) else run
    if said is None or own_file or not isinstance(lines, list) or len(file.done) > MAX_TASKS:
        file.not_followed(f"there is no task {name} in {file.path} itself")
        return
    if (name, arguments) in file.done:
        return
    file.done.add((name, arguments))
    if more := sorted(task.keys() - _ASIDE):
        file.not_followed(f"whether and what the task {name} runs is not followed (`{more[0]}`)")
    _need(file, read, task.get("depends", []))
    for at, line in enumerate(lines):
        if isinstance(line, str):
            _add(file, name, task, line, arguments if at == len(lines) - 1 else ())
        else:
            _need(file, read, line.get("task", line.get("tasks", 0)) if isinstance(line, dict) else 0)


def _aliases(task: dict[str, Any]) -> list[Any]:
    told = task.get("alias", task.get("aliases", []))
    return told if isinstance(told, list) else [told]


def _need(file: _File, read: Read, told: object) -> None:
    """Other tasks by their names, each with what it is handed."""
    for each in told if isinstance(told, list) else [told]:
        words = each.split() if isinstance(each, str) else each if isinstance(each, list) else []
        if words and all(isinstance(word, str) and not {"*", "?", "{", "="} & set(word) for word in words):
            _collect(file, read, words[0], tuple(map(value, words[1:])))
        else:
            file.not_followed(f"which tasks another one of {file.path} needs is not followed")


def _add(file: _File, name: str, task: dict[str, Any], text: str, arguments: tuple[Value, ...]) -> None:
    first, _, inner = text.partition("\n")
    shebang, told, folder = _SHELL.fullmatch(first), task.get("shell"), task.get("dir", "")
    shell = _INLINE
    if first.startswith("#!"):
        shell, text = f"{shebang[1]}{shebang[2]} {{0}}" if shebang else "", inner
    elif told is not None:
        shell = f"{told.removesuffix(' -c')} {{0}}" if isinstance(told, str) and told.endswith("sh -c") else ""
    if not shell or not isinstance(folder, str) or "{{" in folder or (arguments and "usage" in task):
        file.not_followed(f"how the task {name} runs its commands is not followed")
        return
    handed = value(*(part for each in arguments for part in (" ", quoted(each))))
    script = value(filled(text, _TEMPLATE, lambda _: None, "mise"), handed)
    file.found.append(Script(script, file.path, _line(file, name), joined(file.root, folder), shell))


def _line(file: _File, name: str) -> int:
    """The line where a task begins, as far as it is written plainly."""
    plain = (f"[tasks.{name}]", f'[tasks."{name}"]', f"tasks.{name}", f"{name} ", f'"{name}"')
    at = next((found for each in plain if (found := file.text.find(each)) >= 0), 0)
    return file.text.count("\n", 0, at) + 1
