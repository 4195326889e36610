"""Which commands run tests, and which that are not followed may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.tables import is_idle
from goldenpath.facts.values import shown

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.values import Value

_SPEAKS_OF_TESTS = re.compile(
    r"(?<![a-z])(tests?|testing|checks?|ci|all|verify|specs?|unit|e2e|validate|tox|nox)(?![a-z])", re.IGNORECASE
)


def tests(about: CommandKnowledge, said: list[str]) -> bool:
    """Whether a program that can run tests is asked to."""
    if about.tests is None:
        return False
    wanted = not about.tests or not about.tests.isdisjoint(word.rpartition(":")[2] for word in said)
    return wanted and not any(is_idle(word) or word in about.skips for word in said)


def may_test(words: tuple[Value, ...]) -> bool:
    """Whether a command that is not followed may run tests, by what is called so in it."""
    return any(_SPEAKS_OF_TESTS.search(shown(word)) for word in words if not shown(word).startswith("-"))
