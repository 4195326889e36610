"""What is known about bots and what they look after: the table knowledge/updates.yaml."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.tables import read_table
from goldenpath.repository import Missing, Unreadable

if TYPE_CHECKING:
    from goldenpath.repository import Repository


class _Bot(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    files: str
    says: str = ""
    only: tuple[str, ...] = ()


class Off(Struct, frozen=True, forbid_unknown_fields=True):
    """The ecosystems that a preset turns off: these, or all but some."""

    ecosystems: tuple[str, ...] = ()
    all_but: tuple[str, ...] = ()


class _Presets(Struct, frozen=True, forbid_unknown_fields=True):
    complete: tuple[str, ...]
    off: dict[str, Off]
    left_alone: dict[str, str]


class _Manager(Struct, frozen=True, forbid_unknown_fields=True):
    files: str
    says: str = ""


class Knowledge(Struct, frozen=True, forbid_unknown_fields=True):
    """The table."""

    bots: tuple[_Bot, ...]
    actions: tuple[str, ...]
    openers: dict[str, str]
    opening: tuple[str, ...]
    speaks_of_updates: str
    presets: _Presets
    categories: dict[str, tuple[str, ...]]
    datasources: dict[str, tuple[str, ...]]
    registries: dict[str, str]
    kinds: dict[str, tuple[str, ...]]
    managers: dict[str, _Manager]
    managers_by_name: str
    other_ecosystems: tuple[str, ...]


@cache
def knowledge() -> Knowledge:
    """The table, read once."""
    return read_table("updates", Knowledge)


def says(repository: Repository, path: str, pattern: str) -> bool:
    """Whether a file says what a row of the table asks of it; empty asks for nothing."""
    try:
        return not pattern or re.search(pattern, repository.text(path)) is not None
    except (Missing, Unreadable):
        return False
