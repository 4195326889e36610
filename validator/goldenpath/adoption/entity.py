"""What a catalog entity that is here already lacks: the lines of the template's own entity that would prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from goldenpath.adoption.signing import Addition
from goldenpath.adoption.survey import CATALOG, FILES
from goldenpath.guides.excerpt import excerpt, in_memory
from goldenpath.guides.suite import Suite, shown, sources
from goldenpath.repository import Place
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from datetime import date

    from goldenpath.contract import Contract
    from goldenpath.facts import Facts

CHECKS = ("oncall-declared", "chat-channel-declared", "runbook-linked")
"""What an entity declares by a few lines."""

RENDERED = (CATALOG, "docs/runbook.md")
"""What these checks read of the template."""

SLUG = "project-slug:"
"""The annotation that says which repository this is, without which a link into it proves nothing."""


def entity(
    facts: Facts, contract: Contract, today: date, answers: dict[str, Any], unmet: frozenset[str]
) -> Addition | None:
    """The lines to put into the component that is here; None where there is none, or it lacks nothing."""
    component = next(iter(facts["catalog"].components), None)
    wanted = {check: contract.checks[check] for check in CHECKS if check in unmet and check in contract.checks}
    if component is None or not wanted:
        return None
    suite = Suite(sources())
    known = suite.answers(answers | {"adopted": " ".join(FILES), "adopted_runbook": RENDERED[1]}, {}, "")
    files = {path: suite.render(path.rpartition("/")[2], known) for path in RENDERED}
    judged = evaluate(in_memory(files), replace(contract, checks=wanted), today).components[0]
    proof = [each.line for check in judged.checks for each in check.evidence if each.path == CATALOG and each.line]
    lines = files[CATALOG].splitlines()
    if "runbook-linked" in wanted:
        proof += [number for number, line in enumerate(lines, 1) if SLUG in line]
    text = excerpt(files[CATALOG], proof).replace(RENDERED[1], answers.get("adopted_runbook", RENDERED[1]))
    where = Place(component.entity.place.path)
    return Addition(where, "put this into the component, beside what it has", tuple(shown(text).splitlines()))
