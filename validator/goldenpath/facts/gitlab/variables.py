"""The variables of a job: what GitLab, the file and the jobs before it say, each put into the others."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, TypeAlias

from goldenpath.facts.nodes import Mapping, Scalar, Sequence, listed
from goldenpath.facts.pipeline.matrices import MAX_TRIED
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.text import bounded_text
from goldenpath.facts.values import Symbol, Value, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as Dict

    from goldenpath.facts.expressions import Known
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.matrices import Meanings, SameLegs

Layer: TypeAlias = "Dict[str, Scalar | Value | None]"
"""Variables by name: as they are written, as they are known, or None for one that is surely not set."""

MAX_CHAIN = 20
"""Longest chain of variables that are put into each other."""

MAX_VARIABLES = 300
"""Most variables that one `variables:` sets and that are followed; of more nobody knows what they hold."""

MAX_LEGS = 200
"""Most legs of a matrix; GitLab's own limit."""

_REFERENCE = regex(r"\$\$|\$(\w+)|\$\{(\w+)\}")


class Variables:
    """The variables that a job sees; the later layers hide the earlier ones."""

    def __init__(self, *layers: Layer, literally: Iterable[str] = ()) -> None:
        self._written: dict[str, Scalar | Value | None] = {}
        for layer in layers:
            self._written.update(layer)
        self._literally = frozenset(literally)
        self._known: dict[str, Value | None] = {}

    def __call__(self, name: str) -> Value | None:
        """What a variable holds: None where it is surely not set, a symbol where only the settings could set it."""
        return self._called(name, ())

    def text(self, text: str) -> Value:
        """A text with the variables in it replaced."""
        return self._filled(text, ())

    def all(self) -> dict[str, Value]:
        """Every variable that is known here; one that is not set is as good as empty to a shell."""
        return {name: self(name) or () for name in self._written}

    def _called(self, name: str, chain: tuple[str, ...]) -> Value | None:
        if name in self._known:
            return self._known[name]
        if name not in self._written or name in chain or len(chain) >= MAX_CHAIN:
            return value(Symbol("variable", name))
        written = self._written[name]
        if isinstance(written, Scalar):
            found = value(written.text) if name in self._literally else self._filled(written.text, (*chain, name))
        else:
            found = written  # type: ignore[assignment]
        self._known[name] = found
        return found

    def _filled(self, text: str, chain: tuple[str, ...]) -> Value:
        parts: list[str | Symbol | Value] = []
        at = 0
        for match in _REFERENCE.finditer(text):
            name = match[1] or match[2]
            parts += [text[at : match.start()], (self._called(name, chain) or ()) if name else "$"]
            at = match.end()
        return bounded_text(value(*parts, text[at:]))


def written(node: Node | None) -> dict[str, Scalar]:
    """The variables that a `variables:` sets."""
    found = {}
    for name, each in islice(node.values.items(), MAX_VARIABLES) if isinstance(node, Mapping) else ():
        given = each.get("value") if isinstance(each, Mapping) else each
        if isinstance(given, Scalar):
            found[name] = given
    return found


def kept_literally(node: Node | None) -> set[str]:
    """The variables of a `variables:` into which no other is put (`expand: false`)."""
    values = node.values.items() if isinstance(node, Mapping) else ()
    return {name for name, each in values if isinstance(each, Mapping) and each.text("expand") == "false"}


def differing(alternatives: tuple[Mapping, ...], key: str) -> Layer:
    """The variables that one of several rules sets: known where all of them say the same."""
    given = [written(node) for node in alternatives]
    names = dict.fromkeys(name for each in given for name in each)
    found: dict[str, Scalar | Value | None] = {}
    for name in names:
        said = {each[name].text if name in each else None for each in given}
        scalar = next(each[name] for each in given if name in each)
        found[name] = scalar if len(said) == 1 else value(Symbol("unknown", f"{key}: {name}"))
    return found


def of_legs(parallel: Node | None, key: str, matrices: SameLegs | None = None) -> tuple[Layer, bool]:
    """The variables of a matrix, known where they are the same in all of its legs; and whether there are several.

    Those that tell its legs apart are called as in the first one of the `matrices` with the same legs.
    """
    matrix = parallel.get("matrix") if isinstance(parallel, Mapping) else None
    if matrix is None:
        return {}, isinstance(parallel, Scalar) and parallel.text != "1"
    axes = listed(matrix)
    found: dict[str, Scalar | Value | None] = {}
    keys = matrices.keys(_each_leg(axes), key) if matrices is not None else {}
    for name in dict.fromkeys(name for axis in axes for name in axis.values):
        given = [scalar for axis in axes for scalar in _options(axis.get(name))]
        same = len({scalar.text for scalar in given}) == 1 and all(name in axis.values for axis in axes)
        found[name] = given[0] if same else value(Symbol("matrix", f"{keys.get(name, key)}/{name}"))
    return found, legs_of(parallel) != 1


def in_legs(parallel: Node | None, own: Layer) -> dict[str, list[str]]:
    """What the variables of a matrix are in its legs, by the name of what stands for them in all of these."""
    matrix = parallel.get("matrix") if isinstance(parallel, Mapping) else None
    axes = listed(matrix)
    return {
        symbol.name: [option.text for axis in axes for option in _options(axis.get(name))]
        for name, given in own.items()
        for symbol in (given if isinstance(given, tuple) else ())
        if isinstance(symbol, Symbol)
    }


def told_in_legs(parallel: Node | None, environment: Layer, of: Iterable[Value]) -> tuple[Meanings, ...]:
    """What the symbols of a job's matrix in some values stand for, for each of a few legs that differ in it."""
    matrix = parallel.get("matrix") if isinstance(parallel, Mapping) else None
    legs = _each_leg(listed(matrix)) or []
    asked = {part for parts in of for part in parts}
    symbols = {
        name: given[0]
        for name, given in environment.items()
        if isinstance(given, tuple) and given and isinstance(given[0], Symbol) and given[0] in asked
    }
    texts_by_leg = ({name: each for name, each in leg.items() if isinstance(each, tuple)} for leg in legs)
    told = (tuple((symbol, leg.get(name, ())) for name, symbol in symbols.items()) for leg in texts_by_leg)
    return tuple(dict.fromkeys(told))


def is_own_leg(need: Node | None, mine: Node | None, theirs: Node | None) -> bool:
    """Whether each leg of a job needs the leg of another one that has the same variables as itself."""
    asked = need.get("parallel", "matrix") if isinstance(need, Mapping) else None
    axes = [
        listed(of)
        for of in (asked, *(each.get("matrix") if isinstance(each, Mapping) else None for each in (mine, theirs)))
    ]
    named = {name: texts(node) for axis in axes[0] for name, node in axis.values.items()}
    own = bool(named) and all(given == (f"$[[ matrix.{name} ]]",) for name, given in named.items())
    legs = _each_leg(axes[1])
    return own and legs is not None and legs == _each_leg(axes[2]) and all(leg.keys() == named.keys() for leg in legs)


def legs_of(parallel: Node | None) -> int:
    """How many legs a matrix has."""
    axes = parallel.get("matrix") if isinstance(parallel, Mapping) else None
    return sum(_legs_of(axis) for axis in listed(axes))


def _each_leg(axes: list[Mapping]) -> list[dict[str, Known]] | None:
    """The legs one by one, of few; None where variables say what they are."""
    lists = [[_options(node) for node in axis.values.values()] for axis in axes]
    if sum(map(_legs_of, axes)) > MAX_TRIED or any("$" in each.text for some in lists for one in some for each in one):
        return None
    return [
        {name: value(option.text) for name, option in zip(axis.values, leg, strict=True)}
        for axis, options in zip(axes, lists, strict=True)
        for leg in product(*options)
    ]


def _options(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    return [item for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []


def _legs_of(axis: Mapping) -> int:
    legs = 1
    for node in axis.values.values():
        legs = min(legs * max(len(texts(node)), 1), MAX_LEGS)
    return legs
