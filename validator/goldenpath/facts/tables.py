"""Tables of knowledge, read when they are first needed.

Their sources are the YAML files in the folder `knowledge`. `goldenpath authoring compile` makes the JSON beside each,
which is what is read here: parsing YAML would take a tenth of a cold start.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Table = TypeVar("Table")


def read_table(name: str, model: type[Table]) -> Table:
    """The table of that name, as a model. Callers keep what they have read."""
    compiled = Path(__file__).parent / "knowledge" / f"{name}.json"
    return msgspec.json.decode(compiled.read_bytes(), type=model)


def names_in(name: str) -> tuple[str, ...]:
    """The names by which a contract can choose from a table: of its products, or of its forms."""
    table = read_table(name, dict[str, Any])
    return tuple(table.get("forms", table))


def one_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """A pattern that matches what one of these matches."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
