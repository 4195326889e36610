"""What is known about alerts and receivers: the table knowledge/monitoring.yaml."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from goldenpath.facts.tables import read_table


class Need(Struct, frozen=True, forbid_unknown_fields=True, rename={"shared": "global"}):
    """The fields of an integration of which it needs one, and those of `global` that do as well."""

    own: tuple[str, ...]
    shared: tuple[str, ...] = ()


class Knowledge(Struct, frozen=True, forbid_unknown_fields=True):
    """The table."""

    severity_labels: tuple[str, ...]
    paging: frozenset[str]
    owner_labels: tuple[str, ...]
    runbook_annotations: tuple[str, ...]
    external_labels: frozenset[str]
    telling: frozenset[str]
    unseen: frozenset[str]
    rule_functions: frozenset[str]
    rule_variables: frozenset[str]
    notification_functions: frozenset[str]
    needs: dict[str, Need]
    fields: dict[str, frozenset[str]]


@cache
def knowledge() -> Knowledge:
    """The table, read once."""
    return read_table("monitoring", Knowledge)
