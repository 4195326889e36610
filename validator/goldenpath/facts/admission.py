"""Policies by which a cluster verifies images before it admits them. They are found, and not followed yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from goldenpath.repository import Repository

MAX_FILES = 100
"""Most files that are looked into."""

_LIKELY = regex(r".*(kyverno|polic|admission|verif)[^.]*(/.*)?\.ya?ml", re.IGNORECASE)
_POLICY = regex(
    r"^\s*(- )?(verifyImages:|kind: (ClusterImagePolicy|ImageValidatingPolicy|ImageVerificationPolicy))", re.MULTILINE
)


class Admission(Struct, frozen=True):
    """Where policies stand that verify images."""

    policies: tuple[Place, ...]


def admission(repository: Repository) -> Admission:
    """Find the policies among the files that are called so."""
    found = []
    for path in list(repository.paths(_LIKELY))[:MAX_FILES]:
        try:
            match = _POLICY.search(text := repository.text(path))
        except (Missing, Unreadable):
            continue
        if match and not path.startswith(".github/"):
            found.append(Place(path, text[: match.end()].count("\n") + 1, 1))
    return Admission(tuple(found))
