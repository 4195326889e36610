"""The matrix of a job: its legs, and what expressions see of the one leg that stands for all."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from goldenpath.facts.expressions import NULL, Array, Known, Object
from goldenpath.facts.nodes import Mapping, Sequence
from goldenpath.facts.pipeline.acts import Content, Image
from goldenpath.facts.pipeline.contexts import context, is_false, text_with
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as Dict

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Piece
    from goldenpath.facts.pipeline.contexts import Look

Leg: TypeAlias = dict[str, Known]
Meanings: TypeAlias = tuple[tuple[Symbol, Value], ...]

_WORD = regex(r"[\w.,/+@%:=-]+")

IN_LEG = "in the leg of "
"""How a condition begins that holds in one leg, or in some."""

MAX_LEGS = 256
"""Most legs of a matrix; GitHub's own limit."""

MAX_MATRICES = 50
"""Most matrices of a run that are compared with each other."""

MAX_TRIED = 16
"""Most legs in which a condition is tried one by one."""


def legs_of(matrix: Node | None, look: Look) -> list[Leg] | None:
    """The legs of a matrix; one empty leg without a matrix, None when a run decides what they are.

    An entry of `include` adds to every leg of which it would change nothing, and is a leg of its own otherwise.
    """
    if matrix is None:
        return [{}]
    if not isinstance(matrix, Mapping):
        return None
    lists = {name.lower(): _items(axis, look) for name, axis in matrix.values.items()}
    includes, excludes = _entries(lists.pop("include", [])), _entries(lists.pop("exclude", []))
    if None in lists.values() or includes is None or excludes is None:
        return None
    axes = {name: items for name, items in lists.items() if items}
    compared = axes.keys() & {name for entry in (*includes, *excludes) for name in entry}
    told = all(_is_told(each.get(name)) for each in (*includes, *excludes) for name in compared)
    if not told or not all(_is_told(each) for name in compared for each in axes[name]):
        return None
    if prod(map(len, axes.values())) > MAX_LEGS:
        return None
    every = [dict(zip(axes, leg, strict=True)) for leg in product(*axes.values())] if axes else []
    legs = [leg for leg in every if not any(_agree(leg, each, each) for each in excludes)]
    own = [each for each in includes if not _extend(legs, each, axes.keys())]
    return legs + own or None


def _items(axis: Node, look: Look) -> list[Known] | None:
    return [_known(item, look) for item in axis.items] if isinstance(axis, Sequence) else None


def _known(node: Node, look: Look) -> Known:
    """A value of YAML, as an expression sees it."""
    if isinstance(node, Mapping):
        return Object(tuple((name, _known(each, look)) for name, each in node.values.items()))
    if isinstance(node, Sequence):
        return Array(tuple(_known(each, look) for each in node.items))
    plain = node.resolved()
    if plain is None:
        return NULL
    return plain if isinstance(plain, bool | float) else text_with(node.text, look)


def _entries(items: list[Known] | None) -> list[Leg] | None:
    """The entries of `include` or `exclude`; None where one is no mapping that is written down."""
    if items is None or not all(isinstance(item, Object) for item in items):
        return None
    return [{name.lower(): each for name, each in item.members} for item in items if isinstance(item, Object)]


def _is_told(known: Known | None) -> bool:
    """Whether a value can be compared: no run decides it."""
    return not isinstance(known, tuple) or literal(known) is not None


def _agree(leg: Leg, entry: Leg, names: Iterable[str]) -> bool:
    """Whether a leg has what an entry says under these names."""
    return all(leg.get(name, NULL) == entry[name] for name in names)


def _extend(legs: list[Leg], entry: Leg, axes: Iterable[str]) -> bool:
    """Add an entry of `include` to the legs that it fits; whether there are any."""
    fitting = [leg for leg in legs if _agree(leg, entry, axes & entry.keys())]
    for leg in fitting:
        leg.update(entry)
    return bool(fitting)


class SameLegs:
    """The matrices of a run: jobs with the same legs share the symbols that tell those apart, by the first one's key.

    What the leg of one job stores under such a name, the same leg of another one finds.
    """

    def __init__(self) -> None:
        self._known: list[tuple[list[Leg], str]] = []

    def keys(self, legs: list[Leg] | None, key: str) -> dict[str, str]:
        """For each name whose value no two legs share, the key of the first job with the same legs."""
        if legs is None or not 1 < len(legs) <= MAX_TRIED or len(self._known) >= MAX_MATRICES:
            return {}
        first = next((its for known, its in self._known if known == legs), None)
        if first is None:
            self._known.append((legs, key))
            return {}
        names = legs[0].keys()
        return {name: first for name in names if _tells_apart(legs, name)}


def _tells_apart(legs: list[Leg], name: str) -> bool:
    """Whether a name has another value, that no run decides, in each leg."""
    found = [leg.get(name) for leg in legs]
    told = all(each is not None and _is_told(each) for each in found)
    return told and not any(one == other for at, one in enumerate(found) for other in found[:at])


def of_matrix(legs: list[Leg] | None, key: str, shared: Dict[str, str]) -> Look:
    """The `matrix` context of one leg that stands for all: known where they agree, a symbol of this job otherwise.

    Names that are `shared` with another job have that one's symbols.
    """

    def symbol(path: tuple[str, ...]) -> Known | None:
        return value(Symbol("matrix", f"{shared.get(path[0], key)}/{'.'.join(path)}")) if path else None

    if legs is None:
        return symbol
    different = {
        name for leg in legs for name in leg if any(leg.get(name, NULL) != each.get(name, NULL) for each in legs)
    }
    same = context({name: known for name, known in legs[0].items() if name not in different})
    return lambda path: symbol(path) if path[:1] and path[0] in different else same(path)


def told_in_legs(legs: list[Leg] | None, key: str, shared: Dict[str, str]) -> dict[str, list[str]]:
    """What the symbols of this job's matrix are in its legs, by their names: those that no run decides."""
    found: dict[str, list[str]] = {}
    for name in legs[0] if legs else ():
        given = [leg.get(name) for leg in legs or ()]
        texts = [text for each in given if isinstance(each, tuple) and (text := literal(each)) is not None]
        if len(texts) == len(given):
            found[f"{shared.get(name, key)}/{name}"] = texts
    return found


def each_leg(legs: list[Leg] | None, look: Look) -> list[Look]:
    """What expressions see in each of a few legs, where it is more than one."""
    if legs is None or not 1 < len(legs) <= MAX_TRIED:
        return []
    return [_in_leg(context(leg), look) for leg in legs]


def is_false_in_some(node: Node | None, look: Look, legs: list[Leg] | None) -> bool:
    """Whether a boolean key is absent or surely false, be it but in one of a few legs."""
    return any(is_false(node, each) for each in (look, *each_leg(legs, look)))


def meanings_in_legs(
    legs: list[Leg] | None, key: str, shared: Dict[str, str], of: Iterable[Value]
) -> tuple[Meanings, ...]:
    """What the symbols of this job's matrix in some values mean, for each of a few legs in which it is not the same.

    What a shell would read as more or less than one word is left open.
    """
    return as_words(texts_in_legs(legs, key, shared, of))


def as_words(told: Iterable[Meanings]) -> tuple[Meanings, ...]:
    """What symbols mean in each leg, of those that a shell reads as one word."""
    words = (tuple((path, text) for path, text in leg if _WORD.fullmatch(literal(text) or "")) for leg in told)
    return tuple(dict.fromkeys(words))


def texts_in_legs(
    legs: list[Leg] | None, key: str, shared: Dict[str, str], of: Iterable[Value]
) -> tuple[Meanings, ...]:
    """What the symbols of this job's matrix in some values stand for, for each of a few legs that differ in it."""
    each = each_leg(legs, lambda _path: None)
    if not each:  # as in most jobs, whose values are many
        return ()
    symbols = {part for parts in of for part in parts if isinstance(part, Symbol) and part.kind == "matrix"}
    paths = {
        path: symbol
        for symbol in sorted(symbols, key=lambda each: each.name)
        if (path := _path_of(symbol, key, shared))
    }
    told = (
        tuple((symbol, text_with(f"${{{{ matrix.{path} }}}}", leg)) for path, symbol in paths.items()) for leg in each
    )
    return tuple(dict.fromkeys(told)) if paths else ()


def _path_of(symbol: Symbol, key: str, shared: Dict[str, str]) -> str:
    """What a symbol is called in the matrix of a job; empty where it is none of its own."""
    for each in (key, *set(shared.values())):
        path = symbol.name.removeprefix(f"{each}/")
        if path != symbol.name and shared.get(path.partition(".")[0], key) == each:
            return path
    return ""


def of_last_leg(piece: Piece, path: Value, key: str) -> Piece:
    """What others find at a path at which every leg of a job has left something: what the last one has."""
    content, part = piece
    if literal(path) is None:
        return piece
    last = Symbol("last-leg", f"{key}/{display(path)}")
    if content.digest:
        return replace(content, digest=last, text=()), part
    if content.kind == "reference" and isinstance(content.of, Image) and content.of.digest:
        return replace(content, of=replace(content.of, digest=(last,)), text=()), part
    return (Content("other", content.origin), part) if content.text or isinstance(content.of, Image) else piece


def _in_leg(own: Look, look: Look) -> Look:
    return lambda path: own(path[1:]) if path[0] == "matrix" and len(path) > 1 else look(path)
