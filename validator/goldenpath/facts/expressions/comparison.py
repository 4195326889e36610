"""Comparisons of what is partly known."""

from __future__ import annotations

import math

from goldenpath.facts.expressions.known import (
    Array,
    Known,
    Object,
    folded,
    is_boolean,
    is_ticked,
    is_unknown,
    number_of,
    operand_text,
    rendered,
)
from goldenpath.facts.expressions.partial import same_text
from goldenpath.facts.values import head, literal


def are_equal(left: Known, right: Known) -> bool | None:
    """Compare loosely: strings without case, other mixed types as numbers; objects equal only themselves."""
    if is_boolean(left) or is_boolean(right):
        return _equals_boolean(right, left) if is_boolean(left) else _equals_boolean(left, right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return same_text(folded(left), folded(right))
    if isinstance(left, Array | Object) or isinstance(right, Array | Object):
        return None if is_unknown(left) or is_unknown(right) else left is right
    if is_ticked(left) or is_ticked(right):
        return False  # neither text is a number
    if is_unknown(left) or is_unknown(right):
        return None
    one, other = number_of(left), number_of(right)
    if one is None or other is None:
        known, text = (other, left) if one is None else (one, right)
        return False if known is not None and _no_number(text) else None
    return one == other


def _equals_boolean(other: Known, boolean: Known) -> bool | None:
    """Compare with what is true or false, which is a number beside anything else: the word `true` is none."""
    if other == boolean:
        return True
    number = math.nan if is_ticked(other) else number_of(other)
    if number is None:
        return False if _no_number(other) else None
    return None if number in {0.0, 1.0} else False


def _no_number(known: Known) -> bool:
    """Tell whether partly known text can be no number, whatever its symbols are worth."""
    start = head(known).lstrip() if isinstance(known, tuple) else ""
    return bool(start) and start[0] not in "+-.0123456789I"


def _less(left: Known, right: Known) -> bool | None:
    if isinstance(left, tuple) and isinstance(right, tuple):
        one, other = literal(left), literal(right)
        return None if one is None or other is None else one.upper() < other.upper()
    a, b = number_of(left), number_of(right)
    return None if a is None or b is None else a < b


def compare(operator: str, left: Known, right: Known) -> bool | None:
    """Compare by an operator; None when the outcome depends on the run."""
    if operator in {"==", "!="}:
        equal = are_equal(left, right)
        return equal if equal is None or operator == "==" else not equal
    strict = _less(left, right) if operator[0] == "<" else _less(right, left)
    if strict is not False or len(operator) == 1:
        return strict
    return are_equal(left, right)


def comparison(operator: str, left: Known, right: Known) -> str:
    """Write a comparison so that equal ones read alike: literals right and, for equality, in lower case."""
    if operator in {"==", "!="}:
        first, second = (
            operand_text(rendered(folded(side) if isinstance(side, tuple) else side)) for side in (left, right)
        )
        if is_unknown(left) == is_unknown(right):
            first, second = sorted((first, second))
        elif not is_unknown(left):
            first, second = second, first
        return f"{first} {operator} {second}"
    return f"{operand_text(rendered(left))} {operator} {operand_text(rendered(right))}"
