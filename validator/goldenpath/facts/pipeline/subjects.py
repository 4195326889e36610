"""What acts are about: of all that is signed, described or verified in a run, what may be about one artifact.

A run that builds hundreds of images does something to each of them. Whoever asks all of these acts of each image asks
in vain but for a few: an act that names another digest is about another image, whatever it does. Of those that are
surely about something else one is enough, the first, which a report can name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from goldenpath.facts.pipeline.acts import Files, Image, folded
from goldenpath.facts.values import Symbol, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Act, Target
    from goldenpath.facts.values import Value

WRONG_DIGESTS = {
    "image-id": "the id of the image's configuration, which is not the digest in the registry",
    "looked-up": "a digest that is looked up again, which is whatever the tag names by then",
    "last-leg": "only what the last leg of the matrix has built",
    "digest": "the digest of another build",
}
"""Digests that are not the one that is built, by the kind of their symbol."""

Item = TypeVar("Item")
_Key: TypeAlias = "tuple[str, Value | str]"


class Subjects(Generic[Item]):
    """Acts, or parts of them, each with something that it is about, in their order."""

    def __init__(self, pairs: Iterable[tuple[Item, Target]]) -> None:
        self.pairs = list(pairs)
        self._in_doubt: list[int] = []
        self._by_key: dict[_Key, list[int]] = {}
        self._named: list[int] = []
        self._of_type: dict[type[Target], list[int]] = {}
        for at, (_, target) in enumerate(self.pairs):
            self._of_type.setdefault(type(target), []).append(at)
            keys = _keys(target)
            for key in keys:
                self._by_key.setdefault(key, []).append(at)
            if not keys:
                self._in_doubt.append(at)
            elif keys[0][0] == "name":
                self._named.append(at)

    def of(self, wanted: Target, built: Iterable[Act] = ()) -> list[tuple[Item, Target]]:
        """Those that may be about an artifact, by what has built it, and of the others the first of each type."""
        keys = _wanted(wanted, [target for act in built for target in act.targets])
        if keys is None:
            return self.pairs
        found = {*self._in_doubt, *(at for key in keys for at in self._by_key.get(key, ()))}
        if ("name", "") in keys:
            found.update(self._named)
        others = (next((at for at in each if at not in found), None) for each in self._of_type.values())
        return [self.pairs[at] for at in sorted({*found, *(at for at in others if at is not None)})]

    def apart_from(self, kind: type[Target]) -> list[tuple[Item, Target]]:
        """Those about files where images are asked for, and the other way round."""
        return [self.pairs[at] for other, found in self._of_type.items() if other is not kind for at in found]


def _keys(target: Target) -> list[_Key]:
    """What an artifact must have for an act to be about it; nothing where that cannot be told."""
    if isinstance(target, Files):
        listed = [
            content.of for content, _ in target.pieces if content.kind == "index" and isinstance(content.of, Files)
        ]
        contents = [content for files in (target, *listed) for content, _ in files.pieces]
        if not contents or any(content.kind == "found" for content in contents):
            return []
        return [("origin", content.origin) for content in contents]
    if target.digest:
        known = literal(target.digest) is not None
        return [("digest", target.digest)] if known or any(map(_is_of_another, target.digest)) else []
    name = literal(folded(target.name))
    return [("name", name)] if name else []


def _is_of_another(part: str | Symbol) -> bool:
    return isinstance(part, Symbol) and part.kind in WRONG_DIGESTS


def _wanted(wanted: Target, built: list[Target]) -> set[_Key] | None:
    """What an artifact has by which it may be meant; None where that may be anything. A name of `""` is any name."""
    images = [each for each in (wanted, *built) if isinstance(each, Image)]
    keys: set[_Key] = {("digest", each.digest) for each in images}
    keys |= {("name", literal(folded(each.name)) or "") for each in images}
    if isinstance(wanted, Files):
        if not wanted.pieces:
            return None
        packed = [content.of for content, _ in wanted.pieces if isinstance(content.of, Files)]
        keys |= {("origin", content.origin) for files in (wanted, *packed) for content, _ in files.pieces}
    return keys
