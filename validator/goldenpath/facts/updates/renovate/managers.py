"""Renovate's managers: which ones a rule means, and which ecosystems they look after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.dependencies import knowledge as ecosystems
from goldenpath.facts.updates.knowledge import knowledge

if TYPE_CHECKING:
    from collections.abc import Callable


def of_table(rows: dict[str, tuple[str, ...]], names: tuple[str, ...]) -> frozenset[str]:
    """The managers that a table has for any of these names."""
    return frozenset(manager for name in names for manager in rows.get(name, ()))


MANAGERS_OF: dict[str, Callable[[tuple[str, ...]], frozenset[str]]] = {
    "matchManagers": frozenset,
    "matchCategories": lambda names: of_table(knowledge().categories, names),
    "matchDatasources": lambda names: of_table(knowledge().datasources, names),
}
"""The managers that a rule means, by what it matches."""


def without(managers: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The ecosystems of which no manager is left, and those of which some are."""
    rows = ecosystems().ecosystems.items()
    gone = frozenset(key for key, row in rows if managers.issuperset(row.renovate))  # or it never had any
    return gone, of_managers(tuple(managers)) - gone


def of_managers(managers: tuple[str, ...]) -> frozenset[str]:
    """The ecosystems that any of these managers looks after."""
    return frozenset(key for key, row in ecosystems().ecosystems.items() if set(managers) & set(row.renovate))
