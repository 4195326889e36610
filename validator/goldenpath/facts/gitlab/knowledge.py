"""The table gitlab.yaml: what GitLab CI knows, and what comes with it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.tables import one_of, read_table

if TYPE_CHECKING:
    import re
    from collections.abc import Callable


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    keywords: str
    top: str
    inherited: str
    never_empty: str
    only_for: dict[str, str]
    harmless: tuple[str, ...]
    jobs: str
    scanners: dict[str, str]
    unseen: dict[str, tuple[str, ...]]


class Knowledge(Struct, frozen=True):
    """The table, ready for use."""

    keywords: frozenset[str]
    top: frozenset[str]
    inherited: tuple[str, ...]
    never_empty: tuple[str, ...]
    only_for: dict[str, tuple[str, ...]]
    harmless: re.Pattern[str]
    jobs: re.Pattern[str]
    scanners: dict[str, str]
    unseen: dict[str, str]


@cache
def knowledge() -> Knowledge:
    """What is known of GitLab CI."""
    table = read_table("gitlab", _Table)
    return Knowledge(
        frozenset(table.keywords.split()),
        frozenset(table.top.split()),
        tuple(table.inherited.split()),
        tuple(table.never_empty.split()),
        {kind: tuple(names.split()) for kind, names in table.only_for.items()},
        one_of(table.harmless),
        one_of(table.jobs.split()),
        table.scanners,
        {name: why for why, names in table.unseen.items() for name in names},
    )


def known_job(name: str, bases: Callable[[str], tuple[str, ...]] | None) -> str:
    """The job of a template that looks and reports which one is, by its name or by what it extends; empty for none.

    Without `bases` the name alone counts: what is extended may come from elsewhere.
    """
    names, waiting = {name: None}, [name]
    while waiting and bases:
        waiting += [base for base in bases(waiting.pop()) if base not in names]
        names |= dict.fromkeys(waiting)
    known = knowledge()
    return next((each for each in names if known.jobs.fullmatch(each) or each in known.scanners), "")
