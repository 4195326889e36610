"""Mappings that go on in several ways: each way holds what it changes alone, and to go or to join it costs no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_K = TypeVar("_K")
_V = TypeVar("_V")


class Layered(Generic[_K, _V]):
    """A mapping that may lie over another one, which must stay as it is until this one was joined with it."""

    __slots__ = ("below", "own")

    def __init__(self, own: dict[_K, _V] | None = None, below: Layered[_K, _V] | None = None) -> None:
        self.own: dict[_K, _V | UnsetType] = {**own} if own else {}
        self.below = below

    def over(self) -> Layered[_K, _V]:
        """Return a mapping that goes on from this one."""
        return Layered(below=self if self.own else self.below)

    def join(self, other: Layered[_K, _V]) -> None:
        """Become what went on from this mapping."""
        for key, found in other.own.items():
            if found is UNSET:
                self.pop(key)
            else:
                self.own[key] = found

    def get(self, key: _K) -> _V | None:
        """Return what a key has, or None."""
        found = self.found(key)
        return None if found is UNSET else found

    def found(self, key: _K) -> _V | UnsetType:
        """Return what a key has; UNSET for none, where None may be what it has."""
        layer: Layered[_K, _V] | None = self
        while layer is not None:
            if key in layer.own:
                return layer.own[key]
            layer = layer.below
        return UNSET

    def among(self, keys: frozenset[_K]) -> set[_K]:
        """Which of some keys may be there: the others are not, and were never set."""
        found = self.own.keys() & keys
        layer = self.below
        while layer is not None:
            found |= layer.own.keys() & keys
            layer = layer.below
        return found

    def pop(self, key: _K) -> _V | None:
        """Take a key away, if it is there, and return what it had."""
        found = self.found(key)
        if found is UNSET:
            return None
        self.own.pop(key, None)
        if self.below is not None and key in self.below:
            self.own[key] = UNSET
        return found

    def update(self, given: Mapping[_K, _V]) -> None:
        """Set several keys."""
        self.own.update(given)

    def clear(self) -> None:
        """Take every key away."""
        for key in list(self):
            self.pop(key)

    def items(self) -> Iterator[tuple[_K, _V]]:
        """Every key with what it has, those of the lowest mapping first."""
        layers = [self]
        while (below := layers[-1].below) is not None:
            layers.append(below)
        every = {key: found for layer in reversed(layers) for key, found in layer.own.items()}
        return ((key, found) for key, found in every.items() if found is not UNSET)

    def __contains__(self, key: _K) -> bool:
        return self.found(key) is not UNSET

    def __iter__(self) -> Iterator[_K]:
        return (key for key, _ in self.items())

    def __getitem__(self, key: _K) -> _V:
        found = self.found(key)
        if found is UNSET:
            raise KeyError(key)
        return found

    def __setitem__(self, key: _K, found: _V) -> None:
        self.own[key] = found


def changed_in(own: Layered[_K, _V], ways: Sequence[Layered[_K, _V]]) -> Iterator[tuple[_K, list[int]]]:
    """What the ways that went on from a mapping have changed, and in which of them to look for it, in their order.

    These are those that have changed it, and one of the others, in all of which it is what it was. What is in none of
    them any more is taken away.
    """
    found: dict[_K, list[int]] = {}
    for at, way in enumerate(ways):
        for key in way.own:
            found.setdefault(key, []).append(at)
    for key, which in found.items():
        if len(which) < len(ways):
            other = next((at for at, each in enumerate(which) if at != each), len(which))
            which.insert(other, other)
        if any(key in ways[at] for at in which):
            yield key, which
        else:
            own.pop(key)


def all_same(items: Sequence[object]) -> bool:
    """Tell whether nothing differs from the first."""
    return all(item == items[0] for item in items)
