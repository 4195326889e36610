"""nox: what its sessions run, read from noxfile.py as a tree. Python is parsed and never run.

A session runs for certain what stands in its body by itself. What stands under conditions or in loops may not run.
"""

from __future__ import annotations

import ast
import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.python import parsed
from goldenpath.facts.tasks.model import Arguments, Script, Task, find
from goldenpath.facts.values import Symbol, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

_TAKES = frozenset({"-s", "--session", "--sessions", "-e", "-t", "--tags", "-k", "--keywords", "-p", "--python",
                    "--pythons", "-f", "--noxfile", "--envdir", "-fb", "--force-python", "-P"})  # fmt: skip
_IDLE = ("-l", "--list", "--list-sessions", "-h", "--help", "--version", "--install-only")
_ELSEWHERE = ("-t", "--tags", "-k", "--keywords", "-p", "--python", "--pythons", "-f", "--noxfile")
_RUNS = {"run", "run_always", "run_install"}


class _Session(Struct):
    name: str
    function: ast.FunctionDef
    default: bool


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task:
    """What `nox` runs."""
    given = Arguments(words, _TAKES)
    if given.has(*_IDLE):
        return Task()
    found = find(read, folder, ("noxfile.py",))
    if found is None or given.unclear or given.has(*_ELSEWHERE):
        return Task(unseen="which sessions of nox run is not followed here")
    module = _module(found[1])
    if module is None:
        return Task(unseen=f"{found[0]} is no Python that can be read")
    try:
        return _lead(module, given, found[0], folder)
    except RecursionError:
        return Task(unseen=f"{found[0]} is nested too deep to be followed")


_module = lru_cache(maxsize=1)(parsed)
"""The tree of a noxfile, which job after job asks for; no more than one is kept."""


def _lead(module: ast.Module, given: Arguments, path: str, folder: str) -> Task:
    sessions = {session.name: session for session in _sessions(module)}
    asked = [*given.of("-s", "--session", "--sessions", "-e"), *given.rest] or _chosen(module, sessions)
    scripts: list[Script] = []
    unseen = ""
    for name in asked:
        session = sessions.get(name) or sessions.get(name.partition("(")[0]) or sessions.get(name.rpartition("-")[0])
        if session is None:
            unseen = unseen or f"there is no session {name} in {path}"
            continue
        unseen = _collect(session, path, folder, given.behind or [], scripts) or unseen
    return Task(tuple(scripts), unseen)


def _sessions(module: ast.Module) -> Iterator[_Session]:
    for function in module.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(called) in {"nox.session", "session", "nox_session"}:
                keywords = {each.arg: each.value for each in getattr(decorator, "keywords", [])}
                name, default = _constant(keywords.get("name")), _constant(keywords.get("default"))
                own = name if isinstance(name, str) else function.name
                yield _Session(own, function, default is not False)


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _chosen(module: ast.Module, sessions: dict[str, _Session]) -> list[str]:
    """The sessions that run when none is asked for."""
    for statement in module.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "nox.options.sessions":
            items = statement.value.elts if isinstance(statement.value, ast.List | ast.Tuple) else []
            return [name if isinstance(name := _constant(item), str) else ast.unparse(item) for item in items]
    return [name for name, session in sessions.items() if session.default]


def _collect(session: _Session, path: str, folder: str, behind: list[str], scripts: list[Script]) -> str:
    """Add what a session runs for certain; why that may not be all."""
    own = next((each.arg for each in session.function.args.args), "session")
    unseen = ""
    for statement in session.function.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and _is_run(call, own):
            script = _script(call, path, folder, behind, own)
            scripts += [script] if script else []
        elif any(isinstance(each, ast.Call) and _reaches_out(each, own) for each in ast.walk(statement)):
            unseen = unseen or f"what line {statement.lineno} of {path} comes to is only known in a run"
        elif any(isinstance(each, ast.Return | ast.Raise) for each in ast.walk(statement)):
            return unseen or f"whether the session {session.name} goes on is only known in a run"
    return unseen


def installs(read: Read, folder: str) -> Iterator[tuple[str, int]]:
    """What sessions install by name, each with its line; files, paths and what a file constrains are left out."""
    found = find(read, folder, ("noxfile.py",))
    module = parsed(found[1]) if found else None
    calls = (node for node in ast.walk(module) if isinstance(node, ast.Call)) if module is not None else ()
    for call in calls:
        if not (isinstance(call.func, ast.Attribute) and call.func.attr == "install"):
            continue
        words = [known for argument in call.args if isinstance(known := _constant(argument), str)]
        if not any(word.startswith(("-c", "--constraint", "--require-hashes")) for word in words):
            taken = {index + 1 for index, word in enumerate(words) if word in _TAKING}
            yield from (
                (word, call.lineno)
                for index, word in enumerate(words)
                if index not in taken and word[:1] not in {"-", "."}
            )


_TAKING = {"-r", "--requirement", "-e", "--editable", "-i", "--index-url", "--extra-index-url", "-f", "--find-links"}
"""Options of pip that a value follows, which is no name."""


def _is_run(call: ast.Call, own: str) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _RUNS and ast.unparse(call.func.value) == own


def _reaches_out(call: ast.Call, own: str) -> bool:
    """Whether a call runs something, starts another session, or hands its session on to a helper."""
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == own:
        return call.func.attr in {*_RUNS, "notify", "skip", "error"}
    return any(ast.unparse(argument) == own for argument in call.args)


def _script(call: ast.Call, path: str, folder: str, behind: list[str], own: str) -> Script | None:
    words: list[Value] = []
    for argument in call.args:
        known = _constant(argument)
        if isinstance(known, str):
            words.append(value(shlex.quote(known)))
        elif isinstance(argument, ast.Starred) and ast.unparse(argument.value) == f"{own}.posargs":
            words += [value(shlex.quote(each)) for each in behind]
        else:
            words.append(value(Symbol("unknown", f"nox {ast.unparse(argument)[:100]}")))
    forgiven = _forgiven(call)
    also = f"|| [ $? -eq {min(forgiven)} ]" if len(forgiven) == 1 else ""
    text = value(*(part for word in words for part in (*word, " ")), also)
    return Script(text, path, call.lineno, folder, heeded=not forgiven or bool(also)) if words else None


def _forgiven(call: ast.Call) -> frozenset[int]:
    """The codes besides 0 with which what a call runs may end; any, as far as one can see, where no list says them."""
    given = next((each.value for each in call.keywords if each.arg == "success_codes"), None)
    if given is None:
        return frozenset()
    listed = given.elts if isinstance(given, ast.List | ast.Tuple | ast.Set) else [given]
    codes = [each.value for each in listed if isinstance(each, ast.Constant) and isinstance(each.value, int)]
    return frozenset(codes) - {0} if len(codes) == len(listed) else frozenset(range(1, 256))
