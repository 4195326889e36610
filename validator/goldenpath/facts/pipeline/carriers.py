"""Where a digest is handed on between its build and what is done to it: outputs, inputs and variables that hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.values import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as Dict

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.values import Value
    from goldenpath.repository import Place

LONGEST = 100
"""Most characters of what is written that are shown."""

MOST = 500
"""Most carriers of a run that are remembered."""


class Carrier(Struct, frozen=True):
    """Something that holds a digest: `text` is what is written there.

    Whoever takes it on names it: `owner` is the job or step whose output it is, or `inputs`; empty for a variable.
    """

    digest: Symbol
    owner: str
    name: str
    place: Place
    text: str

    def named_in(self, text: str) -> bool:
        """Whether a text (in lower case) takes it on."""
        return self.name.lower() in text and self.owner.lower() in text

    @property
    def shown(self) -> str:
        """The carrier as a developer would write it."""
        text = " ".join(self.text.split())
        return f"{self.name}: {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}"


def digests_of(of: Value) -> Iterator[Symbol]:
    """The digests of builds that a value holds."""
    return (part for part in of if isinstance(part, Symbol) and part.kind == "digest")


def carriers(node: Node | None, values: Dict[str, Value], owner: str, key: str = "") -> Iterator[Carrier]:
    """Those among the values of a mapping that hold a digest, with where they stand; `key` leads to a value's text."""
    for name, written in node.values.items() if isinstance(node, Mapping) else ():
        scalar = written.get(key) if key and isinstance(written, Mapping) else written
        if isinstance(scalar, Scalar):
            for digest in digests_of(values.get(name, values.get(name.lower(), ()))):
                yield Carrier(digest, owner, name, scalar.place, scalar.text)


def way(texts: Iterable[str], digest: Symbol, known: list[Carrier]) -> list[Carrier]:
    """The carriers by which a digest has come to what these texts do, the first one first."""
    wanted = [text.lower() for text in texts]
    found: list[Carrier] = []
    for carrier in reversed(known):
        if carrier.digest == digest and any(map(carrier.named_in, wanted)):
            found.append(carrier)
            wanted.append(carrier.text.lower())
    return found[::-1]
