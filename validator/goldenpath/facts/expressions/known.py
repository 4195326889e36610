"""What an expression can be worth, what GitHub takes that for, and the canonical text of what is not known."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

from msgspec import Struct

from goldenpath.facts.expressions.partial import BOOLEAN, TICKED, not_empty
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, literal


class Null(Enum):
    """GitHub's null: what a context says of a property that it does not have."""

    NULL = "null"


NULL: Final = Null.NULL


class Array(Struct, frozen=True):
    """A list; `filtered` when it came from `.*`, so that a property of it is taken of each item."""

    items: tuple[Known, ...]
    filtered: bool = False


class Object(Struct, frozen=True):
    """A mapping; its keys compare without case, as everywhere on GitHub but in `env`."""

    members: tuple[tuple[str, Known], ...]

    def get(self, key: str) -> Known:
        """Return the member of this name, or null as GitHub does."""
        return next((known for name, known in self.members if name.lower() == key.lower()), NULL)


Known: TypeAlias = Null | bool | float | Value | Array | Object
"""What an expression is worth. Strings are `Value`s; a lone `unknown` symbol may be of any type in the run."""

Lookup: TypeAlias = Callable[[tuple[str, ...]], Known | None]
"""What is known of a context path, or None when nothing is.

A path is `("github", "event_name")` or `("steps", "push", "outputs", "digest")`: in lower case, because GitHub compares
names without case; only what follows `env` is as written. When nothing is known of a path its parents are asked, so a
lookup may return a whole `Object`, or `NULL` for `("steps", "absent")`.
"""


# --- coercion, as GitHub does it

_DECIMAL: Final = regex(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_BASED: Final = regex(r"[-+]?0(?:x[0-9a-fA-F]+|o[0-7]+)", re.ASCII)
_MAX_DIGITS: Final = 400


def number_in(text: str) -> float:
    """Read a number as GitHub does: empty is zero, what is no number is NaN."""
    text = text.strip()
    if not text:
        return 0.0
    if text in {"Infinity", "+Infinity", "-Infinity"} or (len(text) <= _MAX_DIGITS and _DECIMAL.fullmatch(text)):
        return float(text)
    if len(text) <= _MAX_DIGITS and _BASED.fullmatch(text):
        digits = text.lstrip("+-")
        magnitude = int(digits, 0)
        return float(magnitude if magnitude.bit_length() < 64 else math.inf) * (-1 if text[0] == "-" else 1)
    return math.nan


def _number_text(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return f"{number:.15G}"


def is_unknown(known: Known) -> bool:
    """Tell whether a value may be of any type: one symbol, and no text that would make it a string."""
    return isinstance(known, tuple) and len(known) == 1 and isinstance(known[0], Symbol)


def is_ticked(known: Known) -> bool:
    """Tell whether a value is the text `true` or `false`, whichever."""
    return _is_of(TICKED, known)


def is_boolean(known: Known) -> bool:
    """Tell whether a value is true or false, whichever, and no text."""
    return _is_of(BOOLEAN, known)


def _is_of(kind: str, known: Known) -> bool:
    return isinstance(known, tuple) and len(known) == 1 and isinstance(known[0], Symbol) and known[0].kind == kind


def number_of(known: Known) -> float | None:
    """Coerce to a number; None when it is not known which."""
    if isinstance(known, tuple):
        text = literal(known)
        return None if text is None else number_in(text)
    if known is NULL:
        return 0.0
    return float(known) if isinstance(known, bool | float | int) else math.nan


def text_of(known: Known) -> Value:
    """Coerce to a string, as in `format` and wherever an expression stands in text."""
    if isinstance(known, tuple):
        return (Symbol(TICKED, rendered(known)),) if is_boolean(known) else known
    if isinstance(known, bool):
        return ("true",) if known else ("false",)
    if isinstance(known, float | int):
        return (_number_text(known),)
    if isinstance(known, Array):
        return ("Array",)
    return ("Object",) if isinstance(known, Object) else ()


def truth(known: Known) -> bool | None:
    """Say whether GitHub takes a value for true; None when that depends on the run."""
    if isinstance(known, tuple):
        return not_empty(known)
    if known is NULL:
        return False
    if isinstance(known, bool | float | int):
        return bool(known) and known == known  # NaN is false, and only NaN differs from itself
    return True


def folded(known: Known) -> Value:
    """Coerce to a string in lower case, for comparisons."""
    return tuple(part.lower() if isinstance(part, str) else part for part in text_of(known))


# --- canonical text

SIMPLE: Final = regex(r"!?[\w.*\[\]-]+(?:\([^ ]*\))?|'[^']*'", re.ASCII)


def rendered(known: Known) -> str:
    """Write a value as canonical text: a literal as in an expression, an unknown as the text that it stands for."""
    if isinstance(known, tuple):
        if len(known) == 1 and isinstance(known[0], Symbol):
            return _symbol_text(known[0])
        parts = (p.replace("'", "''") if isinstance(p, str) else f"<{_symbol_text(p).strip('<>')}>" for p in known)
        return f"'{''.join(parts)}'"
    if known is NULL:
        return "null"
    return str(text_of(known)[0])


def _symbol_text(symbol: Symbol) -> str:
    return symbol.name if symbol.kind in {"unknown", BOOLEAN, TICKED} else f"<{symbol.kind} {symbol.name}>"


def operand_text(text: str) -> str:
    """Write canonical text as an operand of another."""
    return text if SIMPLE.fullmatch(text) or text.startswith("<") else f"({text})"


def unknown(text: str) -> Value:
    """Return what stands for the worth of an expression that only a run knows."""
    return (Symbol("unknown", text),)
