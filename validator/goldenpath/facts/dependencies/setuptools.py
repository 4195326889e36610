"""What setup.py asks for where it says so in plain words: it is parsed and never run."""

from __future__ import annotations

import ast

from goldenpath.facts.python import parsed


def asked(text: str) -> list[tuple[str, int]] | None:
    """What `install_requires` lists, each with its line; None where only a run knows it."""
    module = parsed(text)
    calls = [node for node in ast.walk(module) if _is_setup(node)] if module else []
    if module is None or len(calls) != 1:
        return None
    plain = (each.value for each in module.body if isinstance(each, ast.Expr))
    call = next((each for each in plain if each is calls[0]), None)
    if not isinstance(call, ast.Call) or any(each.arg is None for each in call.keywords):
        return None
    given = next((each.value for each in call.keywords if each.arg == "install_requires"), None)
    if isinstance(given, ast.Name):
        given = _assigned(module, given.id)
    if not isinstance(given, ast.List | ast.Tuple):
        return None
    listed = [(each.value, each.lineno) for each in given.elts if isinstance(each, ast.Constant)]
    texts = [(text, line) for text, line in listed if isinstance(text, str)]
    return texts if len(texts) == len(given.elts) else None


def _is_setup(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and "setup" in {getattr(node.func, "id", ""), getattr(node.func, "attr", "")}


def _assigned(module: ast.Module, name: str) -> ast.expr | None:
    """What a name stands for that is given one value at the top of the file, and is used nowhere but in the call."""
    uses = [node for node in ast.walk(module) if isinstance(node, ast.Name) and node.id == name]
    values = [
        each.value for each in module.body if isinstance(each, ast.Assign) and each.targets and each.targets[0] in uses
    ]
    return values[0] if len(values) == 1 and len(uses) == len(("assigned", "given")) else None
