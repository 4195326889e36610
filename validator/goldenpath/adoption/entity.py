"""What a catalog file that is here already lacks: the lines of the template's own entity that would prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
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
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.repository import Repository

CHECKS = ("oncall-declared", "chat-channel-declared", "runbook-linked")
"""What a component declares by a few lines."""

RENDERED = (CATALOG, "docs/runbook.md")
"""What these checks read of the template."""

SLUG = "project-slug:"
"""The annotation that says which repository this is, without which a link into it proves nothing."""


class Missing(Struct, frozen=True):
    """What to do about the catalog file, in a sentence and in lines, and the checks that are met then."""

    summary: str
    addition: Addition
    checks: frozenset[str]


def missing(
    repository: Repository,
    facts: Facts,
    contract: Contract,
    today: date,
    answers: dict[str, Any],
    unmet: frozenset[str],
) -> Missing | None:
    """The lines to put into the catalog file of a repository; None where there is none, or it lacks nothing."""
    catalog: Catalog = facts["catalog"]
    suite = Suite(sources())
    known = suite.answers(answers | {"adopted": " ".join(FILES), "adopted_runbook": RENDERED[1]}, {}, "")
    files = {path: suite.render(path.rpartition("/")[2], known) for path in RENDERED}
    runbook = str(answers.get("adopted_runbook", RENDERED[1]))
    if catalog.components:
        wanted = unmet.intersection(CHECKS, contract.checks)
        return _of_component(catalog.components[0], contract, today, files, wanted, runbook) if wanted else None
    if not catalog.found or catalog.unseen or catalog.problems:
        return None
    text = f"---\n{files[CATALOG].replace(RENDERED[1], runbook)}"
    before = repository.text(catalog.path).rstrip()
    with repository.with_files({catalog.path: f"{before}\n{text}".encode()}) as edited:
        after = evaluate(edited, contract, today, alone=False).components[0]
    met = frozenset(each.id for each in after.checks if each.met and each.id in unmet)
    lines = Addition(Place(catalog.path), "put this at its end", tuple(shown(text).splitlines()))
    return Missing(f"Declare the component in {catalog.path}, beside what it has", lines, met) if met else None


def _of_component(
    component: Component, contract: Contract, today: date, files: dict[str, str], wanted: frozenset[str], runbook: str
) -> Missing:
    """The lines to put into a component."""
    alone = replace(contract, checks={check: contract.checks[check] for check in wanted})
    judged = evaluate(in_memory(files), alone, today).components[0]
    proof = [each.line for check in judged.checks for each in check.evidence if each.path == CATALOG and each.line]
    lines = files[CATALOG].splitlines()
    if "runbook-linked" in wanted:
        proof += [number for number, line in enumerate(lines, 1) if SLUG in line]
    text = excerpt(files[CATALOG], proof).replace(RENDERED[1], runbook)
    path = component.entity.place.path
    addition = Addition(Place(path), "put this into the component, beside what it has", tuple(shown(text).splitlines()))
    return Missing(f"Complete the component in {path}", addition, wanted)
