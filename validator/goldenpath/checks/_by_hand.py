"""What somebody who starts a run by hand may leave out, by a choice that the workflow offers."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Mapping
from goldenpath.facts.regexes import regex
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run

_CHOICE = regex(r"!?\(?(?:github\.event\.)?inputs\.([\w-]+)\)?(?: (?:==|!=) '?([^']*?)'?)?")
"""A condition that one input decides alone: `inputs.sign`, `!inputs.skip`, `inputs.how == 'keyless'`."""


def left_out_by(run: Run, proofs: Iterable[Act], released: Iterable[Act]) -> str:
    """The condition by whose choice all of these proofs are left out, and nothing that is released; empty if none."""
    if run.event.name != "workflow_dispatch":
        return ""
    conditions = [act.guard.all_conditions for act in proofs]
    asked = " ".join(text for act in released for text in act.guard.all_conditions)
    shared = reduce(frozenset.intersection, conditions) if conditions else frozenset[str]()
    return next((each for each in sorted(shared) if _is_offered(run, each, asked)), "")


def _is_offered(run: Run, condition: str, asked: str) -> bool:
    """Whether a condition is a choice between two ways at least, of which what is released asks for none."""
    found = _CHOICE.fullmatch(condition)
    if found is None or f"inputs.{found[1]}" in asked:
        return False
    trigger = next(iter(run.jobs.values())).workflow.triggers.get("workflow_dispatch")
    declared = trigger.get("inputs", found[1]) if isinstance(trigger, Mapping) else None
    if not isinstance(declared, Mapping):
        return False
    options = texts(declared.get("options")) if declared.text("type") == "choice" else ("true", "false")
    known = declared.text("type") in {"boolean", "choice"} and len(options) > 1
    return known and (not found[2] or found[2] in options)
