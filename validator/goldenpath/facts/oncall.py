"""Products that page people: how a catalog entity names what pages, and how Alertmanager reaches it."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from goldenpath.facts.tables import read_table


class Annotation(Struct, frozen=True, forbid_unknown_fields=True):
    """An annotation that names an on-call: what its value is, and its shape where ids have one."""

    what: str
    shape: str = ".+"


class Product(Struct, frozen=True, forbid_unknown_fields=True):
    """A product that pages people; see the table."""

    title: str
    annotations: dict[str, Annotation] = {}
    secrets: dict[str, str] = {}
    mark: str = ""
    links: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    ends: str | None = None


@cache
def products() -> dict[str, Product]:
    """The table of products that page people, by the names that a contract uses."""
    return read_table("oncall", dict[str, Product])
