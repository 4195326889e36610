"""Programs in Python that can but read, compute and write files: they start no other, and reach no other machine.

A program is one of them by what it may use at all, not by what it lacks: modules of which that is known, names of the
language that lead to nothing else, and modules beside it, of which whoever asks has to ask the same.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.python import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPRESSION = "_an_expression_"
"""What stands in a program for a text that only a run knows, which may be none of its names."""

_DOORS = frozenset({
    "CodeType", "FunctionType", "LambdaType", "__import__", "_os", "_sys", "ag_code", "attrgetter", "bltns", "builtins",
    "cr_code", "create_parser", "f_builtins", "f_code", "f_globals", "f_locals", "getDOMImplementation", "get_field",
    "get_type_hints", "gi_code", "importlib", "inspect", "make_dataclass", "make_parser", "methodcaller", "modules",
    "os", "popen", "posix", "registerDOMImplementation", "singledispatch", "singledispatchmethod", "subprocess", "sys",
    "system", "urllib",
})  # fmt: skip
"""Names by which a program could come by what it has not imported, or runs what it names or notes."""
_RUNS_TEXTS = frozenset({
    "breakpoint", "compile", "delattr", "eval", "exec", "globals", "help", "locals", "setattr", "vars",
})  # fmt: skip
"""Functions of the language by which it could run what it puts together."""
_OWN = frozenset({
    "__doc__", "__enter__", "__eq__", "__exit__", "__file__", "__hash__", "__init__", "__len__", "__name__",
    "__post_init__", "__repr__", "__str__", "__version__",
})  # fmt: skip
_FOR_LATER_STEPS = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE")
_TOLD_TO_GITHUB = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
_OPENS = frozenset({"open", "fdopen", "BZ2File", "GzipFile", "LZMAFile", "TarFile", "ZipFile"})
_WRITES = frozenset({
    "chmod", "copy", "copy2", "copyfile", "copymode", "copystat", "copytree", "extract", "extractall", "hardlink_to",
    "link", "make_archive", "makedirs", "mkdir", "mkdtemp", "mkstemp", "move", "remove", "removedirs", "rename",
    "renames", "rmdir", "rmtree", "symlink", "symlink_to", "touch", "unlink", "unpack_archive", "utime", "write_bytes",
    "write_text",
})  # fmt: skip
_LONGEST_MODE = 3


class Confined(NamedTuple):
    """What a program may use besides, by the modules that it names; `writes` says that it may write files."""

    imports: frozenset[str]
    writes: bool


@lru_cache(maxsize=64)
def confined(text: str, local: frozenset[str]) -> Confined | None:
    """What a program is that uses nothing but what is `local`, and other modules; None for any other one.

    `local` has names of modules, and of what may be used of a module (`os.environ`). Asked once of each text: programs
    share what they import.
    """
    module = parsed(text)
    if module is None or any(each in text for each in _FOR_LATER_STEPS):
        return None
    nodes = list(ast.walk(module))
    imports = [each for node in nodes if isinstance(node, ast.Import) for each in _imported(node)]
    taken = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    if not all(_takes_what_is_local(node, local) for node in taken):
        return None
    partly = {name: of for name, of in imports if of not in local and _is_known(of, local)}
    asked = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    if not {name for name, _ in imports}.isdisjoint(map(_asked_for_what_is_private, nodes)):
        return None
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in partly:
            if f"{partly[node.id]}.{asked.get(id(node))}" not in local:
                return None
        elif _leads_further(node) or (isinstance(node, ast.Name) and node.id == "getattr" and id(node) not in called):
            return None
    others = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    writes = any(map(_writes, nodes))
    if writes and _imports_late(module):
        return None
    return Confined(frozenset(others.union(*map(_modules, taken))), writes)


def runs_an_expression(text: str) -> bool:
    """Whether a text that only a run knows stands elsewhere in a program than in a text of its own."""
    module = parsed(text)
    return module is None or any(map(_names_an_expression, ast.walk(module)))


def _imported(node: ast.Import) -> Iterator[tuple[str, str]]:
    """The names that an import gives, and the modules that they stand for."""
    for each in node.names:
        yield (each.asname, each.name) if each.asname else (each.name.partition(".")[0],) * 2


def _modules(node: ast.ImportFrom) -> set[str]:
    """The modules from which something is taken: those by its names, where it is the package that it stands in."""
    return {node.module} if node.module else {each.name for each in node.names}


def _asked_for_what_is_private(node: ast.AST) -> str:
    """Whose own affairs a program asks for (`uuid._get_command_stdout`): a name, or nothing."""
    asked = node.value if isinstance(node, ast.Attribute) and node.attr.startswith("_") else None
    return asked.id if isinstance(asked, ast.Name) else ""


def _imports_late(module: ast.Module) -> bool:
    """Whether a module is imported once something else has begun: that may be one which the program has written."""
    head = takewhile(_is_of_head, module.body)
    early = {id(each) for statement in head for each in ast.walk(statement)}
    every = (node for node in ast.walk(module) if isinstance(node, ast.Import | ast.ImportFrom))
    return any(id(node) not in early for node in every)


def _is_of_head(statement: ast.stmt) -> bool:
    """Whether a statement belongs to the head of a program: it imports, perhaps on a condition, and writes nothing."""
    parts = (ast.Import, ast.ImportFrom, ast.Try, ast.If, ast.Assign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Pass)
    return isinstance(statement, parts) and not any(map(_writes, ast.walk(statement)))


def _takes_what_is_local(node: ast.ImportFrom, local: frozenset[str]) -> bool:
    of, names = node.module or "", {each.name for each in node.names}
    if not node.level and of.partition(".")[0] in local and any(name.startswith("_") for name in names - _OWN):
        return False
    partly = not node.level and _is_known(of, local) and of not in local and of.partition(".")[0] not in local
    return not (names & _DOORS or "*" in names) and (not partly or local.issuperset(f"{of}.{each}" for each in names))


def _is_known(module: str, local: frozenset[str]) -> bool:
    """Whether something of a module may be used."""
    return any(each.startswith(f"{module}.") for each in local)


def _leads_further(node: ast.AST) -> bool:
    """Whether a program may come by more than what it imports by what stands in one place."""
    if _names_an_expression(node):
        return True
    if isinstance(node, ast.Attribute):
        return _is_hidden(node.attr) or node.attr in _DOORS
    if isinstance(node, ast.MatchClass):
        return any(_is_hidden(name) or name in _DOORS for name in node.kwd_attrs)
    if isinstance(node, ast.Name):
        return _is_hidden(node.id) or node.id in _DOORS or node.id in _RUNS_TEXTS
    return isinstance(node, ast.Call) and _gets_by_name(node)


def _names_an_expression(node: ast.AST) -> bool:
    return any(
        isinstance(each, str) and EXPRESSION in each for field, each in ast.iter_fields(node) if field != "value"
    )


def _is_hidden(name: str) -> bool:
    """Whether the language has a meaning of its own for a name, by which a program could reach anything."""
    return name.startswith("__") and name not in _OWN


def _gets_by_name(call: ast.Call) -> bool:
    """Whether what a program gets of something is called as it works out, or is hidden."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "getattr"):
        return False
    name = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else None
    return not isinstance(name, str) or name.startswith("_") or name in _DOORS


def _writes(node: ast.AST) -> bool:
    """Whether a call may write a file that others read than GitHub."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in _OPENS:
        return name in _WRITES or (name == "replace" and len(node.args) == 1)
    said = ast.unparse(node)
    if any(each in said for each in _TOLD_TO_GITHUB):
        return False
    given = [*node.args, *(each.value for each in node.keywords if each.arg in {"mode", None})]
    texts = [each.value for each in given if isinstance(each, ast.Constant)]
    by_path = isinstance(node.func, ast.Attribute) and len(given) == 1
    plain = all(isinstance(each, ast.Constant) for each in given[not by_path :])
    modes = (each for each in texts if isinstance(each, str) and len(each) <= _LONGEST_MODE)
    return not plain or any({*each} & {*"wax+"} for each in modes)
