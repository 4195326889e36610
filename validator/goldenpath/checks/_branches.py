"""Proofs in the branches of a question: whatever its answer is, one of them happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.shell.status import conjunction, negation

if TYPE_CHECKING:
    from goldenpath.checks._findings import Candidate
    from goldenpath.facts.pipeline.acts import Act

_MOST = 64
"""Most cases that are looked at: nobody writes as many branches."""


def whatever_happens(candidates: list[Candidate]) -> list[Act]:
    """The acts of which one happens in any case, and that are proofs if they do; none where there is such a case.

    By consensus: where one case wants something to hold, and another one that it does not, either happens whenever all
    else holds that the two want.
    """
    cases: dict[frozenset[str], tuple[Act, ...]] = {
        each.only_if: (each.act,) for each in reversed(candidates) if each.only_if
    }
    waiting = list(cases)
    while waiting and len(cases) <= _MOST:
        one = waiting.pop()
        for other in list(cases):
            both = _together(one, other)
            if both is not None and both not in cases:
                cases[both] = tuple(dict.fromkeys((*cases[one], *cases[other])))
                waiting.append(both)
            if both == frozenset():
                return list(cases[both])
    return []


def _together(one: frozenset[str], other: frozenset[str]) -> frozenset[str] | None:
    """What both cases want but for the question to which they want opposite answers; None without such a one."""
    if not all(map(_is_of_values, one - other)):
        return None
    asked = [each for each in one if negation(each) in other]
    if len(asked) == 1:  # of two questions the answers need not differ at once
        return (one - {asked[0]}) | (other - {negation(asked[0])})
    opposite = negation(conjunction(one - other))
    return (one & other) | (other - {opposite}) if opposite in other else None


def _is_of_values(question: str) -> bool:
    """Whether a question is about values: one for files or programs may be answered otherwise when asked again."""
    return question.lstrip("!(").startswith("<")
