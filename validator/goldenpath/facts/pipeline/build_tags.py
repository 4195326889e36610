"""Which files of Go a build leaves out, by the constraint in front of them ("Build constraints", cmd/go)."""

from __future__ import annotations

import ast

from goldenpath.facts.regexes import regex

_CONSTRAINT = regex(r"\A(?:[ \t]*(?://(?!go:build )[^\n]*)?\n)*//go:build ([^\n]{1,500})")
_TAG = regex(r"[A-Za-z_][\w.]*")
_OF_THE_MACHINE = frozenset({
    "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd", "plan9",
    "solaris", "unix", "wasip1", "windows", "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le",
    "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "wasm", "asan", "cgo", "gc", "gccgo", "msan", "race",
})  # fmt: skip
"""Tags that a machine, or an option, has or has not: whether they hold is left open."""


def leaves_out(text: str, given: frozenset[str]) -> bool:
    """Whether a file is surely no part of a build that is given these tags."""
    found = _CONSTRAINT.match(text)
    if found is None:
        return False
    said = _TAG.sub(lambda tag: f" _{tag[0].replace('.', '_')} ", found[1])
    said = said.replace("&&", " and ").replace("||", " or ").replace("!", " not ").strip()
    named = {f"_{tag.replace('.', '_')}" for tag in given}
    try:
        return _holds(ast.parse(said, mode="eval").body, named) is False
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _holds(node: ast.expr, given: set[str]) -> bool | None:
    """Whether a constraint holds; None where that is left open, and ValueError for what is none."""
    match node:
        case ast.Name(id=name):
            is_open = name[1:] in _OF_THE_MACHINE or name.startswith("_go1_")
            return True if name in given else None if is_open else False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            held = _holds(operand, given)
            return None if held is None else not held
        case ast.BoolOp(op=operator, values=values):
            each = [_holds(one, given) for one in values]
            decides = isinstance(operator, ast.Or)
            return decides if decides in each else None if None in each else not decides
        case _:
            raise ValueError(type(node).__name__)
