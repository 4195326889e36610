"""Turborepo: `turbo run test` runs the script of that name of each package of a workspace, after what turbo.json says.

What it has run before for the same files it takes from its cache, where there is nothing but what has succeeded.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from goldenpath.facts.pipeline.packages import package_in, script_of
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.pipeline.workspaces import CHOOSING, chosen, root_of
from goldenpath.facts.shell.script import Called, Lead
from goldenpath.facts.tasks.model import relaxed
from goldenpath.facts.values import Value, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.shell.script import Surroundings

_TAKES = (
    "--filter", "-F", "--concurrency", "--cache-dir", "--output-logs", "--log-order", "--ui", "--verbosity", "--token",
    "--team", "--api", "--env-mode", "--cache", "--log-prefix",
)  # fmt: skip
_HARMLESS = frozenset({
    *_TAKES, "--force", "--no-cache", "--no-daemon", "--daemon", "--color", "--no-color", "--summarize",
    "--remote-only", "--continue", "--framework-inference", "-v", "-vv",
})  # fmt: skip
_OWN = frozenset({
    "bin", "boundaries", "completion", "config", "daemon", "docs", "gen", "generate", "info", "link", "login", "logout",
    "ls", "prune", "query", "scan", "telemetry", "unlink", "watch",
})  # fmt: skip
"""What it does by itself."""
_MAX_TASKS = 60
_NOT_FOLLOWED = Lead(unseen="which scripts of which packages turbo runs is not followed")


def lead_of(checkout: Checkout, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
    """The scripts that `turbo run a b`, or `turbo a b`, runs; None for what it does by itself."""
    at = words.index(("--",)) if ("--",) in words else len(words)
    given = Words(words[1:at], _TAKES)
    names = [literal(word) for word in given.positionals]
    if names[:1] == ["run"]:
        names = names[1:]
    elif not names or names[0] in _OWN:
        return None
    folder = literal(surroundings.folder)
    if not names or folder is None or set(given.options) - _HARMLESS:
        return _NOT_FOLLOWED
    settings = posixpath.join(folder, "turbo.json")
    manager = "pnpm" if checkout.exists(root_of("pnpm", folder)) else "npm"
    all_, members = (chosen(checkout, manager, folder, each) for each in (_NO_WORDS, _choosing(given, manager)))
    tasks = _tasks(checkout, settings)
    if all_ is None or members is None or tasks is None or not tasks.keys() >= {*names}:
        return _NOT_FOLLOWED
    sure, reached = (_in_order(tasks, [name or "" for name in names], mark) for mark in ("", "^"))
    hats = [need[1:] for task in reached for need in tasks.get(task, ()) if need.startswith("^")]
    of_dependencies = _in_order(tasks, hats, "^")
    scripts, reads = list[Called](), {settings, root_of(manager, folder), *all_}
    for task, path in ((task, path) for task in reached for path in all_):
        certain = task in sure and path in members
        if not certain and task not in of_dependencies:
            continue
        package = package_in(checkout, value(posixpath.dirname(path)))
        if package is None or (task in package.scripts and checkout.unseen(path)):
            return _NOT_FOLLOWED
        if task in package.scripts:
            rest = list(words[at + 1 :]) if task in names else []
            found = script_of(checkout, package, task, rest, manager, surroundings, asked=True, given=_NO_WORDS)
            scripts += [
                each if certain else replace(each, condition=frozenset({f"what turbo chooses depends on {path}"}))
                for each in (found.scripts if found else ())
            ]
    return Lead(tuple(scripts), reads=frozenset(reads)) if scripts else _NOT_FOLLOWED


_NO_WORDS = Words((), ())


def _choosing(given: Words, manager: str) -> Words:
    """The packages that are chosen, as the package manager is told them."""
    option = CHOOSING[manager][0]
    return Words(tuple(part for each in given.of("--filter -F") for part in (value(option), each)), (option,))


def _tasks(checkout: Checkout, path: str) -> dict[str, list[str]] | None:
    """The tasks of turbo.json, each with those that it says come before it; None where that is not known."""
    settings = relaxed(checkout.read(path) or "")
    tasks: Any = settings.get("tasks", settings.get("pipeline"))
    if not isinstance(tasks, dict) or checkout.unseen(path) or "extends" in settings:
        return None
    said = {name: task.get("dependsOn", []) if isinstance(task, dict) else [] for name, task in tasks.items()}
    return {name: [str(each) for each in needs] for name, needs in said.items()} if _are_plain(said) else None


def _are_plain(tasks: dict[str, Any]) -> bool:
    """Whether tasks are those of every package alike."""
    return all(isinstance(needs, list) for needs in tasks.values()) and not any("#" in name for name in tasks)


def _in_order(tasks: dict[str, list[str]], names: list[str], mark: str) -> list[str]:
    """The tasks with what must come before them: where that is the `mark`, also of what a package depends on."""
    found: list[str] = []
    waiting = list(reversed(names))
    while waiting and len(found) < _MAX_TASKS:
        name = waiting[-1]
        needs = [need for need in tasks.get(name, ()) if not need.startswith("$" if mark else ("$", "^"))]
        missing = [need for each in needs if (need := each.lstrip("^")) not in found and need not in waiting]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        found += [] if name in found else [name]
    return found
