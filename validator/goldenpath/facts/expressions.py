"""GitHub Actions expressions, evaluated as far as they can be without a run.

The grammar and the meaning are those of GitHub's own evaluator (`actions/runner`, `src/Sdk/DTExpressions2`): operands
are coerced loosely, strings compare without case, `&&` and `||` return an operand, and an `if:` in which text stands
beside `${{ }}` is a `format(...)` whose result is a string, which is true as soon as it is not empty.

What is not known stays in the result as a `Symbol("unknown", <canonical text>)`, so that equal sub-expressions give
equal symbols, and a decision is made only where every possible value leads to the same one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from itertools import count
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, literal, value

MAX_LENGTH: Final = 21_000
"""Characters in one expression; GitHub's own limit."""

MAX_DEPTH: Final = 50
"""Levels of nesting in one expression; GitHub's own limit."""

TICKED: Final = "ticked"
"""The kind of a symbol that stands for the text `true` or `false`."""

NEVER_EMPTY: Final = frozenset({"digest", "gitlab", TICKED})
"""Kinds of symbols whose value has at least one character in every run."""

STATUS_FUNCTIONS: Final = frozenset({"always", "cancelled", "failure", "success"})


class MalformedExpression(ValueError):  # noqa: N818 - it names what is wrong, and reads so where raised
    """An expression that GitHub would refuse: where (an offset in its text), and a sentence that says why."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset = offset
        self.sentence = sentence


# --- what an expression can be worth --------------------------------------------------------------------


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


# --- the tree -------------------------------------------------------------------------------------------


class _Literal(Struct, frozen=True):
    known: Known
    height: int = 1


class _Name(Struct, frozen=True):
    name: str
    height: int = 1


class _Index(Struct, frozen=True):
    """`target.key`, `target[key]`, or `target.*` when the key is None."""

    target: _Node
    key: _Node | None
    height: int


class _Call(Struct, frozen=True):
    name: str
    arguments: tuple[_Node, ...]
    height: int


class _Not(Struct, frozen=True):
    operand: _Node
    height: int


class _Compare(Struct, frozen=True):
    operator: str
    left: _Node
    right: _Node
    height: int


class _Logic(Struct, frozen=True):
    """`a && b && …` or `a || b || …`: flat, as GitHub keeps them, so that a long chain is not a deep tree."""

    operator: str
    operands: tuple[_Node, ...]
    height: int


_Node: TypeAlias = _Literal | _Name | _Index | _Call | _Not | _Compare | _Logic


# --- text to tree ---------------------------------------------------------------------------------------

_TOKEN: Final = regex(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^']|'')*')
      | (?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|Infinity\b)(?![\w.-]))
      | (?P<name>[A-Za-z_][\w-]*)
      | (?P<operator>&&|\|\||[=!<>]=|[!<>()\[\].,*])
    """,
    re.VERBOSE | re.ASCII,
)
_BINDING: Final = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_NEGATION_BINDING: Final = 5
_KEYWORDS: Final[Mapping[str, Known]] = {
    "null": NULL,
    "true": True,
    "false": False,
    "NaN": math.nan,
    "Infinity": math.inf,
}
_UNBOUNDED: Final = 255
_ARITY: Final[Mapping[str, tuple[int, int]]] = {
    "always": (0, 0),
    "cancelled": (0, 0),
    "case": (3, _UNBOUNDED),
    "contains": (2, 2),
    "endswith": (2, 2),
    "failure": (0, _UNBOUNDED),
    "format": (1, _UNBOUNDED),
    "fromjson": (1, 1),
    "hashfiles": (1, _UNBOUNDED),
    "join": (1, 2),
    "startswith": (2, 2),
    "success": (0, _UNBOUNDED),
    "tojson": (1, 1),
}


class _Token(Struct, frozen=True):
    kind: str
    text: str
    offset: int


def _tokens(text: str) -> Iterator[_Token]:
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            what = "a string that is never closed" if text[offset] == "'" else f"{text[offset]!r}"
            raise MalformedExpression(offset, f"An expression cannot contain {what}.")
        if match.lastgroup != "space":
            yield _Token(str(match.lastgroup), match[0], offset)
        offset = match.end()
    yield _Token("end", "", len(text))


def _height(*children: _Node) -> int:
    return 1 + max((child.height for child in children), default=0)


class _Parser:
    """A Pratt parser: what binds tighter is parsed by a call with a higher binding power."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def parse(self) -> _Node:
        """Parse all of the text."""
        node = self._expression(0, 1)
        if self._peek.kind != "end":
            raise self._unexpected(self._peek)
        return node

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _accept(self, text: str) -> bool:
        found = self._peek.kind == "operator" and self._peek.text == text
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected(self._peek, f" where {text!r} was expected")

    @staticmethod
    def _unexpected(token: _Token, where: str = "") -> MalformedExpression:
        what = "ends too early" if token.kind == "end" else f"has an unexpected {token.text!r}"
        return MalformedExpression(token.offset, f"The expression {what}{where}.")

    def _bounded(self, node: _Node) -> _Node:
        if node.height > MAX_DEPTH:
            raise MalformedExpression(self._peek.offset, f"The expression nests deeper than {MAX_DEPTH} levels.")
        return node

    def _expression(self, binding: int, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise MalformedExpression(self._peek.offset, f"The expression nests deeper than {MAX_DEPTH} levels.")
        left = self._operand(depth)
        while self._peek.kind == "operator" and _BINDING.get(self._peek.text, 0) > binding:
            operator = self._next().text
            if operator in {"&&", "||"}:
                operands = [left, self._expression(_BINDING[operator], depth + 1)]
                while self._accept(operator):
                    operands.append(self._expression(_BINDING[operator], depth + 1))
                left = self._bounded(_Logic(operator, tuple(operands), _height(*operands)))
            else:
                right = self._expression(_BINDING[operator], depth + 1)
                left = self._bounded(_Compare(operator, left, right, _height(left, right)))
        return left

    def _operand(self, depth: int) -> _Node:
        token = self._next()
        if token.kind == "operator" and token.text == "!":
            operand = self._expression(_NEGATION_BINDING, depth + 1)
            return self._bounded(_Not(operand, _height(operand)))
        node: _Node
        if token.kind == "operator" and token.text == "(":
            node = self._expression(0, depth + 1)
            self._expect(")")
        elif token.kind == "string":
            node = _Literal(value(token.text[1:-1].replace("''", "'")))
        elif token.kind == "number":
            node = _Literal(_number_in(token.text))
        elif token.kind == "name":
            node = self._named(token, depth)
        else:
            raise self._unexpected(token)
        return self._indexed(node, depth)

    def _named(self, token: _Token, depth: int) -> _Node:
        if self._accept("("):
            return self._call(token, depth)
        if token.text in _KEYWORDS:
            return _Literal(_KEYWORDS[token.text])
        return _Name(token.text.lower())

    def _call(self, token: _Token, depth: int) -> _Node:
        arguments: list[_Node] = []
        while not self._accept(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._expression(0, depth + 1))
        fewest, most = _ARITY.get(token.text.lower(), (0, _UNBOUNDED))
        if not fewest <= len(arguments) <= most:
            raise MalformedExpression(token.offset, f"{token.text}() does not take {len(arguments)} arguments.")
        return self._bounded(_Call(token.text.lower(), tuple(arguments), _height(*arguments)))

    def _indexed(self, node: _Node, depth: int) -> _Node:
        while True:
            key: _Node | None
            if self._accept("."):
                key = self._property()
            elif self._accept("["):
                key = None if self._accept("*") else self._expression(0, depth + 1)
                self._expect("]")
            else:
                return node
            node = self._bounded(_Index(node, key, _height(node, *(() if key is None else (key,)))))

    def _property(self) -> _Node | None:
        if self._accept("*"):
            return None
        token = self._next()
        if token.kind != "name":
            raise self._unexpected(token, " where a property was expected")
        return _Literal(value(token.text))


@lru_cache(maxsize=2048)
def _parse(text: str) -> _Node:
    if len(text) > MAX_LENGTH:
        raise MalformedExpression(MAX_LENGTH, f"An expression has at most {MAX_LENGTH} characters.")
    return _Parser(text).parse()


# --- coercion, as GitHub does it ------------------------------------------------------------------------

_DECIMAL: Final = regex(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_BASED: Final = regex(r"[-+]?0(?:x[0-9a-fA-F]+|o[0-7]+)", re.ASCII)
_MAX_DIGITS: Final = 400


def _number_in(text: str) -> float:
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


def _is_unknown(known: Known) -> bool:
    """Tell whether a value may be of any type: one symbol, and no text that would make it a string."""
    return isinstance(known, tuple) and len(known) == 1 and isinstance(known[0], Symbol)


def _is_ticked(known: Known) -> bool:
    """Tell whether a value is the text `true` or `false`, whichever."""
    return isinstance(known, tuple) and len(known) == 1 and isinstance(known[0], Symbol) and known[0].kind == TICKED


def _number(known: Known) -> float | None:
    """Coerce to a number; None when it is not known which."""
    if isinstance(known, tuple):
        text = literal(known)
        return None if text is None else _number_in(text)
    if known is NULL:
        return 0.0
    return float(known) if isinstance(known, bool | float | int) else math.nan


def _text(known: Known) -> Value:
    """Coerce to a string, as in `format` and wherever an expression stands in text."""
    if isinstance(known, tuple):
        return known
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


# --- partly known text ----------------------------------------------------------------------------------


def not_empty(text: Value) -> bool | None:
    """Say whether text has a character; None when that depends on the run."""
    if any(isinstance(part, str) or part.kind in NEVER_EMPTY for part in text):
        return True
    return None if text else False


def starts_with(text: Value, prefix: Value) -> bool | None:
    """Say whether text starts with a prefix; None when that depends on the run."""
    if not prefix or text[: len(prefix)] == prefix:
        return True
    head, wanted = _head(text), _head(prefix)
    if not (head.startswith(wanted) or wanted.startswith(head)):
        return False
    if literal(prefix) is not None and head.startswith(wanted):
        return True
    return False if literal(text) is not None and len(wanted) > len(head) else None


def ends_with(text: Value, suffix: Value) -> bool | None:
    """Say whether text ends with a suffix; None when that depends on the run."""
    return starts_with(_mirrored(text), _mirrored(suffix))


def has_part(text: Value, part: Value) -> bool | None:
    """Say whether text contains another; None when that depends on the run."""
    wanted = literal(part)
    if wanted is not None and any(isinstance(piece, str) and wanted in piece for piece in text or ("",)):
        return True
    if part and any(text[at : at + len(part)] == part for at in range(len(text))):
        return True
    known = literal(text)
    if known is None:
        return None
    return None if wanted is None and all(p in known for p in part if isinstance(p, str)) else False


def same_text(left: Value, right: Value) -> bool | None:
    """Say whether two texts are equal, minding case; None when that depends on the run.

    Texts that begin or end with the same symbol are compared without it.
    """
    if left == right:
        return True
    if literal(left) is not None and literal(right) is not None:
        return False
    for whole, other in ((left, right), (_mirrored(left), _mirrored(right))):
        head, wanted = _head(whole), _head(other)
        if not (head.startswith(wanted) or wanted.startswith(head)):
            return False
    for known, other in ((literal(left), right), (literal(right), left)):
        if known is not None and (_least_length(other) > len(known) or _impossible(other, known)):
            return False
    return None


INSIDERS = {"OWNER", "MEMBER", "COLLABORATOR"}
"""What `author_association` says of those whom the repository knows; a CONTRIBUTOR is anybody with a merged change."""


def _impossible(pattern: Value, text: str) -> bool:
    """Tell whether the literal parts of a pattern do not occur in a text one after the other.

    What an outsider is to a repository is never what only an insider can be.
    """
    if any(isinstance(part, Symbol) and part.kind == "outsider-standing" for part in pattern):
        return text.upper() in INSIDERS
    at = 0
    for part in pattern:
        if isinstance(part, str):
            found = text.find(part, at)
            if found < 0:
                return True
            at = found + len(part)
    return False


def _least_length(text: Value) -> int:
    return sum(len(part) if isinstance(part, str) else part.kind in NEVER_EMPTY for part in text)


def _head(text: Value) -> str:
    return text[0] if text and isinstance(text[0], str) else ""


def _mirrored(text: Value) -> Value:
    return tuple(part[::-1] if isinstance(part, str) else part for part in reversed(text))


def _folded(known: Known) -> Value:
    return tuple(part.lower() if isinstance(part, str) else part for part in _text(known))


# --- comparison -----------------------------------------------------------------------------------------


def _equal(left: Known, right: Known) -> bool | None:
    """Compare loosely: strings without case, other mixed types as numbers; objects equal only themselves."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return same_text(_folded(left), _folded(right))
    if isinstance(left, Array | Object) or isinstance(right, Array | Object):
        return None if _is_unknown(left) or _is_unknown(right) else left is right
    if _is_ticked(left) or _is_ticked(right):
        return False  # neither text is a number
    if _is_unknown(left) or _is_unknown(right):
        return None
    one, other = _number(left), _number(right)
    if one is None or other is None:
        known, text = (other, left) if one is None else (one, right)
        return False if known is not None and _no_number(text) else None
    return one == other


def _no_number(known: Known) -> bool:
    """Tell whether partly known text can be no number, whatever its symbols are worth."""
    head = _head(known).lstrip() if isinstance(known, tuple) else ""
    return bool(head) and head[0] not in "+-.0123456789I"


def _less(left: Known, right: Known) -> bool | None:
    if isinstance(left, tuple) and isinstance(right, tuple):
        one, other = literal(left), literal(right)
        return None if one is None or other is None else one.upper() < other.upper()
    a, b = _number(left), _number(right)
    return None if a is None or b is None else a < b


def _compare(operator: str, left: Known, right: Known) -> bool | None:
    if operator in {"==", "!="}:
        equal = _equal(left, right)
        return equal if equal is None or operator == "==" else not equal
    strict = _less(left, right) if operator[0] == "<" else _less(right, left)
    if strict is not False or len(operator) == 1:
        return strict
    return _equal(left, right)


# --- canonical text -------------------------------------------------------------------------------------

_SIMPLE: Final = regex(r"!?[\w.*\[\]-]+(?:\([^ ]*\))?|'[^']*'", re.ASCII)


def rendered(known: Known) -> str:
    """Write a value as canonical text: a literal as in an expression, an unknown as the text that it stands for."""
    if isinstance(known, tuple):
        if len(known) == 1 and isinstance(known[0], Symbol):
            return _symbol_text(known[0])
        parts = (p.replace("'", "''") if isinstance(p, str) else f"<{_symbol_text(p).strip('<>')}>" for p in known)
        return f"'{''.join(parts)}'"
    if known is NULL:
        return "null"
    return str(_text(known)[0])


def _symbol_text(symbol: Symbol) -> str:
    return symbol.name if symbol.kind in {"unknown", TICKED} else f"<{symbol.kind} {symbol.name}>"


def _operand(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) or text.startswith("<") else f"({text})"


def _unknown(text: str) -> Value:
    return (Symbol("unknown", text),)


def _comparison(operator: str, left: Known, right: Known) -> str:
    """Write a comparison so that equal ones read alike: literals right and, for equality, in lower case."""
    if operator in {"==", "!="}:
        first, second = (
            _operand(rendered(_folded(side) if isinstance(side, tuple) else side)) for side in (left, right)
        )
        if _is_unknown(left) == _is_unknown(right):
            first, second = sorted((first, second))
        elif not _is_unknown(left):
            first, second = second, first
        return f"{first} {operator} {second}"
    return f"{_operand(rendered(left))} {operator} {_operand(rendered(right))}"


# --- evaluation -----------------------------------------------------------------------------------------

_WENT_WELL: Final[Mapping[str, bool]] = {"always": True, "success": True, "failure": False, "cancelled": False}
_WENT_WRONG: Final[Mapping[str, bool]] = {"always": True, "success": False, "failure": True, "cancelled": False}
_LEFT_OUT: Final[Mapping[str, bool]] = {"always": True, "success": False, "failure": False, "cancelled": False}


class _World(Struct, frozen=True):
    lookup: Lookup
    status: Mapping[str, bool]


def _evaluate(node: _Node, world: _World) -> Known:
    if isinstance(node, _Literal):
        return node.known
    if isinstance(node, _Name | _Index):
        return _context(node, world)
    if isinstance(node, _Call):
        return _call(node, world)
    if isinstance(node, _Not):
        operand = _evaluate(node.operand, world)
        decided = truth(operand)
        return _unknown(f"!{_operand(rendered(operand))}") if decided is None else not decided
    if isinstance(node, _Compare):
        left, right = _evaluate(node.left, world), _evaluate(node.right, world)
        outcome = _compare(node.operator, left, right)
        return _unknown(_comparison(node.operator, left, right)) if outcome is None else outcome
    return _logic(node, world)


def _logic(node: _Logic, world: _World) -> Known:
    """Return the operand that GitHub would, leaving out those that it would pass over."""
    left = []
    for operand in node.operands:
        known = _evaluate(operand, world)
        decided = truth(known)
        last = operand is node.operands[-1]
        if decided is None or last or decided is (node.operator == "||"):
            left.append(known)
        if decided is (node.operator == "||"):
            break
    if len(left) == 1:
        return left[0]
    return _unknown(f" {node.operator} ".join(_operand(rendered(known)) for known in left))


def _context(node: _Name | _Index, world: _World) -> Known:
    """Look a context path up; failing that, index what is known of its target."""
    if isinstance(node, _Name):
        known = world.lookup((node.name,))
        return _unknown(node.name) if known is None else known
    path = _path(node, world)
    found = world.lookup(path) if path else None
    if found is not None:
        return found
    target = _evaluate(node.target, world)
    if node.key is None:
        return _all_of(target)
    key = _evaluate(node.key, world)
    return _item(target, key)


def _path(node: _Node, world: _World) -> tuple[str, ...]:
    """Return the names from a context to a property; empty when a step of it is only known in a run."""
    names: list[str] = []
    while isinstance(node, _Index):
        key = None if node.key is None else _evaluate(node.key, world)
        text = literal(key) if isinstance(key, tuple) else None
        if text is None:
            return ()
        names.append(text)
        node = node.target
    if not isinstance(node, _Name):
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
    return _unknown(f"{_operand(rendered(target))}.*") if _is_unknown(target) else Array((), filtered=True)


def _item(target: Known, key: Known) -> Known:
    if isinstance(target, Array) and target.filtered:
        items = (_item(item, key) for item in target.items)
        return Array(tuple(item for item in items if item is not NULL), filtered=True)
    if _is_unknown(target) or (isinstance(target, Array | Object) and isinstance(key, tuple) and literal(key) is None):
        return _unknown(_item_text(target, key))
    if isinstance(target, Object) and isinstance(key, tuple):
        return target.get(literal(key) or "")
    if isinstance(target, Array):
        index = _number(key)
        if index is not None and 0 <= index < len(target.items):
            return target.items[int(index)]
    return NULL


def _item_text(target: Known, key: Known) -> str:
    name = literal(key) if isinstance(key, tuple) else None
    owner = _operand(rendered(target)) if isinstance(target, tuple) else "<value>"
    if name is not None and _SIMPLE.fullmatch(name):
        return f"{owner}.{name if owner.split('.')[0] == 'env' else name.lower()}"
    return f"{owner}[{rendered(key)}]"


# --- functions ------------------------------------------------------------------------------------------


def _call(node: _Call, world: _World) -> Known:
    """Call a function; one that is not known, or cannot be decided, is an unknown with its arguments in the name."""
    if node.name in world.status:
        return world.status[node.name]
    arguments = [_evaluate(argument, world) for argument in node.arguments]
    function = _FUNCTIONS.get(node.name)
    outcome = None if function is None else function(*arguments)
    if outcome is None:
        return _unknown(f"{node.name}({', '.join(_call_text(argument) for argument in arguments)})")
    return outcome


def _call_text(argument: Known) -> str:
    """Write an argument; structures by their JSON, so that calls with different ones stay different."""
    if isinstance(argument, Array | Object):
        return str(msgspec.json.encode(_plain(argument)), "utf-8")
    return rendered(argument)


def _primitive(function: Callable[[Value, Value], bool | None]) -> Callable[..., Known | None]:
    def call(text: Known, part: Known) -> Known | None:
        if isinstance(text, Array | Object) or isinstance(part, Array | Object):
            return False
        return function(_folded(text), _folded(part))

    return call


def _contains(container: Known, item: Known) -> Known | None:
    """Search text for a part, or a list for an equal item."""
    if not isinstance(container, Array | Object):
        found = _primitive(has_part)(container, item)
        return None if found is False and _is_unknown(container) else found
    if isinstance(container, Object):
        return False
    outcomes = [_equal(each, item) for each in container.items]
    return True if True in outcomes else None if None in outcomes else False


_PLACEHOLDER: Final = regex(r"\{\{|\}\}|\{(\d{1,3})\}|[{}]")


def _format(template: Known, *arguments: Known) -> Known | None:
    """Replace `{0}`…; a template that GitHub would refuse at run time is unknown."""
    text = literal(_text(template))
    if text is None:
        return None
    parts: list[str | Value] = []
    at = 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(text[at : match.start()])
        at = match.end()
        if match[0] in {"{{", "}}"}:
            parts.append(match[0][0])
        elif match[1] is not None and int(match[1]) < len(arguments):
            parts.append(_text(arguments[int(match[1])]))
        else:
            return None
    return value(*parts, text[at:])


def _join(items: Known, separator: Known = (",",)) -> Known | None:
    if isinstance(items, Array):
        joined: list[Value] = []
        for item in items.items:
            joined += ([_text(separator)] if joined else []) + [_text(item)]
        return value(*joined)
    return None if _is_unknown(items) else _text(items)


def _from_json(text: Known) -> Known | None:
    parts = _text(text)
    source = "".join(part if isinstance(part, str) else f"{_MARK}{at}{_MARK}" for at, part in enumerate(parts))
    if len(source) > MAX_LENGTH or any(isinstance(part, str) and _MARK in part for part in parts):
        return None
    try:
        return _restored(_known(msgspec.json.decode(source), 0), parts)
    except (msgspec.DecodeError, RecursionError, OverflowError, ValueError):
        return None


_MARK: Final = "\ue000"
"""Around the position of a symbol in text that is read as JSON; a private sign, which no workflow holds."""


def _restored(known: Known, parts: Value) -> Known:
    """What was read, with the symbols in their places again."""
    if isinstance(known, Array):
        return Array(tuple(_restored(item, parts) for item in known.items))
    if isinstance(known, Object):
        return Object(tuple((name, _restored(item, parts)) for name, item in known.members))
    text = literal(known) if isinstance(known, tuple) else None
    if text is None or _MARK not in text:
        return known
    pieces = text.split(_MARK)
    return value(*(parts[int(piece)] if at % 2 else piece for at, piece in enumerate(pieces)))


def _known(plain: object, depth: int) -> Known:
    """Take decoded JSON over; deeper than `MAX_DEPTH` raises ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if plain is None:
        return NULL
    if isinstance(plain, bool):
        return plain
    if isinstance(plain, int | float):
        return float(plain)
    if isinstance(plain, str):
        return value(plain)
    if isinstance(plain, list):
        return Array(tuple(_known(item, depth + 1) for item in plain))
    members = plain.items() if isinstance(plain, dict) else ()
    return Object(tuple((str(name), _known(item, depth + 1)) for name, item in members))


def _plain(known: Known) -> object:
    """Return what JSON would say of a value; a symbol appears by its canonical text."""
    if isinstance(known, Array):
        return [_plain(item) for item in known.items]
    if isinstance(known, Object):
        return {name: _plain(item) for name, item in known.members}
    if isinstance(known, tuple):
        text = literal(known)
        return rendered(known) if text is None else text
    if known is NULL:
        return None
    if isinstance(known, float) and known.is_integer() and abs(known) < 2**53:
        return int(known)
    return known


def _all_known(known: Known) -> bool:
    if isinstance(known, Array):
        return all(_all_known(item) for item in known.items)
    if isinstance(known, Object):
        return all(_all_known(item) for _, item in known.members)
    return not isinstance(known, tuple) or literal(known) is not None


def _to_json(known: Known) -> Known | None:
    if not _all_known(known):
        return None
    return value(str(msgspec.json.format(msgspec.json.encode(_plain(known)), indent=2), "utf-8"))


def _case(*arguments: Known) -> Known | None:
    """Return what follows the first true predicate, or the last argument."""
    for predicate, outcome in zip(arguments[:-1:2], arguments[1::2], strict=False):
        decided = truth(predicate)
        if decided is not False:
            return outcome if decided else None
    return arguments[-1]


_FUNCTIONS: Final[Mapping[str, Callable[..., Known | None]]] = {
    "case": _case,
    "contains": _contains,
    "endswith": _primitive(ends_with),
    "format": _format,
    "fromjson": _from_json,
    "join": _join,
    "startswith": _primitive(starts_with),
    "tojson": _to_json,
}


def evaluate(text: str, lookup: Lookup) -> Known:
    """Evaluate one expression, written without `${{ }}`.

    Raises `MalformedExpression` when GitHub would refuse it.
    """
    return _evaluate(_parse(text), _World(lookup, _WENT_WELL))


# --- expressions in text --------------------------------------------------------------------------------

_EXPRESSION: Final = regex(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}")


class _Part(Struct, frozen=True):
    text: str
    is_expression: bool


@lru_cache(maxsize=2048)
def _parts(text: str) -> tuple[_Part, ...]:
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
    return value(*(_interpolated(part.text, lookup) if part.is_expression else part.text for part in _parts(text)))


def _interpolated(expression: str, lookup: Lookup) -> Value:
    try:
        return _text(evaluate(expression, lookup))
    except MalformedExpression:
        return _unknown(expression.strip())


# --- conditions -----------------------------------------------------------------------------------------


class Condition(Struct, frozen=True):
    """When a step or a job runs.

    `decided`: whether it runs in a release that goes well, where nothing failed; None when that depends on the run.
    `atoms`: what must be true besides, as canonical texts, all of them; condition B implies condition A when
    `A.atoms <= B.atoms`. Empty when decided.
    `status`: the status functions that occur in it, in lower case.
    `after_failure`: whether it may run although something before it failed.
    `problem`: why GitHub would refuse it, or None; then it is undecided and its text is the one atom.
    """

    decided: bool | None
    atoms: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    after_failure: bool = False
    problem: str | None = None


class _Truth(Struct, frozen=True):
    """A decision, or the atoms of which it is the conjunction."""

    decided: bool | None
    atoms: frozenset[str] = frozenset()


def condition(
    text: str | None, lookup: Lookup, *, after_failure: Lookup | None = None, after_skip: bool = False
) -> Condition:
    """Evaluate an `if:` as far as it goes; None stands for an `if:` that is not there.

    The text must be what YAML makes of it, line breaks included: after `if: |` the trailing newline stands beside
    the `${{ }}`, which makes the condition a string that is always true. `after_failure` is what is known when
    something before has failed (say `needs.build.result`); by default the same as when all went well. `after_skip`
    says that a job before was skipped, which is neither success nor failure.
    """
    if text is None or not text.strip():
        return Condition(decided=not after_skip)
    try:
        node = _condition_node(text)
    except MalformedExpression as malformed:
        return Condition(decided=None, atoms=frozenset({text.strip()}), problem=malformed.sentence)
    status = _status_functions(node)
    went_wrong = _World(after_failure or lookup, _WENT_WRONG)
    if after_skip and not status:
        return Condition(decided=False)
    outcome = _truth(node, _World(lookup, _LEFT_OUT if after_skip else _WENT_WELL), wanted=True)
    return Condition(
        decided=outcome.decided,
        atoms=outcome.atoms,
        status=status,
        after_failure=bool(status) and _truth(node, went_wrong, wanted=True).decided is not False,
    )


def _condition_node(text: str) -> _Node:
    """Parse as GitHub does: an expression, or text beside `${{ }}`, which is a call of `format`."""
    if "${{" not in text:
        return _parse(text)
    parts = _parts(text)
    if len(parts) == 1:
        return _parse(parts[0].text)
    arguments = tuple(_parse(part.text) for part in parts if part.is_expression)
    places = count()
    template = "".join(
        f"{{{next(places)}}}" if part.is_expression else part.text.replace("{", "{{").replace("}", "}}")
        for part in parts
    )
    nodes = (_Literal(value(template)), *arguments)
    return _Call("format", nodes, _height(*nodes))


def _status_functions(node: _Node) -> frozenset[str]:
    """Return the status functions anywhere in a tree: any one of them takes the place of the implicit `success()`."""
    found, waiting = set(), [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, _Call):
            found.update({each.name} & STATUS_FUNCTIONS)
            waiting.extend(each.arguments)
        elif isinstance(each, _Logic):
            waiting.extend(each.operands)
        elif isinstance(each, _Compare):
            waiting.extend((each.left, each.right))
        elif isinstance(each, _Not):
            waiting.append(each.operand)
        elif isinstance(each, _Index):
            waiting.extend((each.target,) if each.key is None else (each.target, each.key))
    return frozenset(found)


_OPPOSITE: Final = {"==": "!=", "!=": "=="}


def _truth(node: _Node, world: _World, *, wanted: bool) -> _Truth:
    """Decide whether a tree is as true as wanted, negations pushed inwards so that atoms read alike."""
    if isinstance(node, _Not):
        return _truth(node.operand, world, wanted=not wanted)
    if isinstance(node, _Logic):
        outcomes = [_truth(operand, world, wanted=wanted) for operand in node.operands]
        return _all(outcomes) if (node.operator == "&&") is wanted else _any(outcomes)
    if isinstance(node, _Compare) and not wanted and node.operator in _OPPOSITE:
        return _truth(_Compare(_OPPOSITE[node.operator], node.left, node.right, node.height), world, wanted=True)
    known = _evaluate(node, world)
    decided = truth(known)
    if decided is not None:
        return _Truth(decided is wanted)
    text = rendered(known)
    return _Truth(None, frozenset({text if wanted else f"!{_operand(text)}"}))


def _all(outcomes: list[_Truth]) -> _Truth:
    if any(outcome.decided is False for outcome in outcomes):
        return _Truth(decided=False)
    atoms = frozenset[str]().union(*(outcome.atoms for outcome in outcomes))
    return _Truth(None, atoms) if atoms else _Truth(decided=True)


def _any(outcomes: list[_Truth]) -> _Truth:
    """Join alternatives: one that is left stands for itself, several become one atom in a fixed order."""
    if any(outcome.decided for outcome in outcomes):
        return _Truth(decided=True)
    left = {outcome.atoms for outcome in outcomes if outcome.decided is None}
    if not left:
        return _Truth(decided=False)
    if len(left) == 1:
        return _Truth(None, left.pop())
    texts = sorted(" && ".join(_operand(atom) for atom in sorted(atoms)) for atoms in left)
    return _Truth(None, frozenset({" || ".join(_operand(text) for text in texts)}))
