"""What a release that is here already needs, so that what it builds is signed and described: in words to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from goldenpath.contract import Contract
    from goldenpath.facts import Facts
    from goldenpath.repository import Place, Repository


class Addition(Struct, frozen=True):
    """Lines to add at a place of the team's own file: what they do, and the lines."""

    place: Place
    what: str
    lines: tuple[str, ...]


def additions(
    repository: Repository, facts: Facts, contract: Contract, answers: dict[str, Any]
) -> tuple[Addition, ...]:
    return ()
