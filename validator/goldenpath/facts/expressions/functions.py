"""The functions of expressions; each says None where its outcome depends on the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from goldenpath.facts.expressions.comparison import are_equal
from goldenpath.facts.expressions.grammar import MAX_DEPTH, MAX_LENGTH
from goldenpath.facts.expressions.known import NULL, Array, Known, Object, folded, is_unknown, rendered, text_of, truth
from goldenpath.facts.expressions.partial import ends_with, has_part, starts_with
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def call_text(argument: Known) -> str:
    """Write an argument; structures by their JSON, so that calls with different ones stay different."""
    if isinstance(argument, Array | Object):
        return str(msgspec.json.encode(_plain(argument)), "utf-8")
    return rendered(argument)


def _primitive(function: Callable[[Value, Value], bool | None]) -> Callable[..., Known | None]:
    def call(text: Known, part: Known) -> Known | None:
        if isinstance(text, Array | Object) or isinstance(part, Array | Object):
            return False
        return function(folded(text), folded(part))

    return call


def _contains(container: Known, item: Known) -> Known | None:
    """Search text for a part, or a list for an equal item."""
    if not isinstance(container, Array | Object):
        found = _primitive(has_part)(container, item)
        return None if found is False and is_unknown(container) else found
    if isinstance(container, Object):
        return False
    outcomes = [are_equal(each, item) for each in container.items]
    return True if True in outcomes else None if None in outcomes else False


_PLACEHOLDER: Final = regex(r"\{\{|\}\}|\{(\d{1,3})\}|[{}]")


def _format(template: Known, *arguments: Known) -> Known | None:
    """Replace `{0}`…; a template that GitHub would refuse at run time is unknown."""
    text = literal(text_of(template))
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
            parts.append(text_of(arguments[int(match[1])]))
        else:
            return None
    return value(*parts, text[at:])


def _join(items: Known, separator: Known = (",",)) -> Known | None:
    if isinstance(items, Array):
        joined: list[Value] = []
        for item in items.items:
            joined += ([text_of(separator)] if joined else []) + [text_of(item)]
        return value(*joined)
    return None if is_unknown(items) else text_of(items)


def _from_json(text: Known) -> Known | None:
    parts = text_of(text)
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


FUNCTIONS: Final[Mapping[str, Callable[..., Known | None]]] = {
    "case": _case,
    "contains": _contains,
    "endswith": _primitive(ends_with),
    "format": _format,
    "fromjson": _from_json,
    "join": _join,
    "startswith": _primitive(starts_with),
    "tojson": _to_json,
}
