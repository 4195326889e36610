"""What a tree is worth in a run that goes well, or wrong, and what becomes of text that holds expressions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from goldenpath.facts.expressions.comparison import compare, comparison
from goldenpath.facts.expressions.functions import FUNCTIONS, call_text
from goldenpath.facts.expressions.grammar import (
    Call,
    Compare,
    Index,
    Literal,
    Logic,
    MalformedExpression,
    Name,
    Node,
    Not,
    parse,
)
from goldenpath.facts.expressions.known import (
    NULL,
    SIMPLE,
    Array,
    Known,
    Lookup,
    Object,
    is_unknown,
    number_of,
    operand_text,
    rendered,
    text_of,
    truth,
    unknown,
)
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Mapping

WENT_WELL: Final[Mapping[str, bool]] = {"always": True, "success": True, "failure": False, "cancelled": False}
WENT_WRONG: Final[Mapping[str, bool]] = {"always": True, "success": False, "failure": True, "cancelled": False}
CALLED_OFF: Final[Mapping[str, bool]] = {"always": True, "success": False, "failure": False, "cancelled": True}
LEFT_OUT: Final[Mapping[str, bool]] = {"always": True, "success": False, "failure": False, "cancelled": False}


class World(Struct, frozen=True):
    """What a tree is evaluated in: what is known of contexts, and what the status functions say."""

    lookup: Lookup
    status: Mapping[str, bool]


def worth(node: Node, world: World) -> Known:
    """Return what a tree is worth."""
    if isinstance(node, Literal):
        return node.known
    if isinstance(node, Name | Index):
        return _context(node, world)
    if isinstance(node, Call):
        return _call(node, world)
    if isinstance(node, Not):
        operand = worth(node.operand, world)
        decided = truth(operand)
        return unknown(f"!{operand_text(rendered(operand))}") if decided is None else not decided
    if isinstance(node, Compare):
        left, right = worth(node.left, world), worth(node.right, world)
        outcome = compare(node.operator, left, right)
        return unknown(comparison(node.operator, left, right)) if outcome is None else outcome
    return _logic(node, world)


def _logic(node: Logic, world: World) -> Known:
    """Return the operand that GitHub would, leaving out those that it would pass over."""
    left = []
    for operand in node.operands:
        known = worth(operand, world)
        decided = truth(known)
        last = operand is node.operands[-1]
        if decided is None or last or decided is (node.operator == "||"):
            left.append(known)
        if decided is (node.operator == "||"):
            break
    if len(left) == 1:
        return left[0]
    return unknown(f" {node.operator} ".join(operand_text(rendered(known)) for known in left))


def _context(node: Name | Index, world: World) -> Known:
    """Look a context path up; failing that, index what is known of its target."""
    if isinstance(node, Name):
        known = world.lookup((node.name,))
        return unknown(node.name) if known is None else known
    path = _path(node, world)
    found = world.lookup(path) if path else None
    if found is not None:
        return found
    target = worth(node.target, world)
    if node.key is None:
        return _all_of(target)
    key = worth(node.key, world)
    return _item(target, key)


def _path(node: Node, world: World) -> tuple[str, ...]:
    """Return the names from a context to a property; empty when a step of it is only known in a run."""
    names: list[str] = []
    while isinstance(node, Index):
        key = None if node.key is None else worth(node.key, world)
        text = literal(key) if isinstance(key, tuple) else None
        if text is None:
            return ()
        names.append(text)
        node = node.target
    if not isinstance(node, Name):
        return ()
    names.append(node.name)
    if node.name == "env":
        return tuple(reversed(names))
    return tuple(name.lower() for name in reversed(names))


def _all_of(target: Known) -> Known:
    if isinstance(target, Array):
        return Array(target.items, filtered=True)
    if isinstance(target, Object):
        return Array(tuple(known for _, known in target.members), filtered=True)
    return unknown(f"{operand_text(rendered(target))}.*") if is_unknown(target) else Array((), filtered=True)


def _item(target: Known, key: Known) -> Known:
    if isinstance(target, Array) and target.filtered:
        items = (_item(item, key) for item in target.items)
        return Array(tuple(item for item in items if item is not NULL), filtered=True)
    if is_unknown(target) or (isinstance(target, Array | Object) and isinstance(key, tuple) and literal(key) is None):
        return unknown(_item_text(target, key))
    if isinstance(target, Object) and isinstance(key, tuple):
        return target.get(literal(key) or "")
    if isinstance(target, Array):
        index = number_of(key)
        if index is not None and 0 <= index < len(target.items):
            return target.items[int(index)]
    return NULL


def _item_text(target: Known, key: Known) -> str:
    name = literal(key) if isinstance(key, tuple) else None
    owner = operand_text(rendered(target)) if isinstance(target, tuple) else "<value>"
    if name is not None and SIMPLE.fullmatch(name):
        return f"{owner}.{name if owner.split('.')[0] == 'env' else name.lower()}"
    return f"{owner}[{rendered(key)}]"


def _call(node: Call, world: World) -> Known:
    """Call a function; one that is not known, or cannot be decided, is an unknown with its arguments in the name."""
    if node.name in world.status:
        return world.status[node.name]
    arguments = [worth(argument, world) for argument in node.arguments]
    function = FUNCTIONS.get(node.name)
    outcome = None if function is None else function(*arguments)
    if outcome is None:
        return unknown(f"{node.name}({', '.join(call_text(argument) for argument in arguments)})")
    return outcome


def evaluate(text: str, lookup: Lookup) -> Known:
    """Evaluate one expression, written without `${{ }}`.

    Raises `MalformedExpression` when GitHub would refuse it.
    """
    return worth(parse(text), World(lookup, WENT_WELL))


@lru_cache(maxsize=2048)
def _named(text: str) -> tuple[str, ...]:
    """The property of a context that an expression names, if that is all that it does; most do, in many places."""
    node = parse(text)
    return _path(node, World(lambda _: None, WENT_WELL)) if isinstance(node, Index) else ()


# --- expressions in text

_EXPRESSION: Final = regex(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}")


class _Part(Struct, frozen=True):
    text: str
    is_expression: bool


@lru_cache(maxsize=2048)
def parts_of(text: str) -> tuple[_Part, ...]:
    """Split text at its `${{ }}`; what follows one that is never closed is malformed."""
    parts: list[_Part] = []
    at = 0
    while (start := text.find("${{", at)) >= 0:
        if start > at:
            parts.append(_Part(text[at:start], is_expression=False))
        match = _EXPRESSION.match(text, start)
        parts.append(_Part(text[start:] if match is None else match[1], is_expression=True))
        at = len(text) if match is None else match.end()
    if at < len(text):
        parts.append(_Part(text[at:], is_expression=False))
    return tuple(parts)


def interpolate(text: str, lookup: Lookup) -> Value:
    """Replace every `${{ }}` in a text by what it is worth; a malformed one by an unknown symbol."""
    if "${{" not in text:
        return value(text)
    return value(*(_interpolated(part.text, lookup) if part.is_expression else part.text for part in parts_of(text)))


def _interpolated(expression: str, lookup: Lookup) -> Value:
    try:
        named = _named(expression)
        found = lookup(named) if named else None
        return text_of(evaluate(expression, lookup) if found is None else found)
    except MalformedExpression:
        return unknown(expression.strip())
