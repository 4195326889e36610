"""Many runs of workflows, walked through: where they are long, half of them by a second process."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from goldenpath.facts.pipeline.runs import walk
from goldenpath.facts.pipeline.state import Budget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts import Both
    from goldenpath.facts.pipeline.contexts import Event
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.workflows import Workflow, Workflows

WORTH_IT = 150
"""Steps that take longer to walk through than a second process takes to begin and to tell of them."""


def make_ready() -> None:
    """Load what is otherwise loaded when a step first needs it: nearly every workflow has one that does."""
    from goldenpath.facts.pipeline import legs  # noqa: F401 - and with it all that a script takes
    from goldenpath.facts.pipeline.tables import known_command

    known_command(["true"])


_Start: TypeAlias = "tuple[Workflow, Event]"


def walk_all(workflows: Workflows, starts: Sequence[_Start], budget: Budget, both: Both) -> list[Run]:
    """Walk through the run of each workflow on its event, in this order, as far as the budget for all of them goes."""
    until = list(accumulate(sum(len(job.steps) for job in workflow.jobs.values()) for workflow, _ in starts))
    if not until or not WORTH_IT <= until[-1] <= budget.left:
        return [walk(workflows, *start, budget) for start in starts]
    middle = sum(steps <= until[-1] / 2 for steps in until)

    def part(some: Sequence[_Start]) -> tuple[list[Run], int]:
        own = Budget(budget.left)
        return [walk(workflows, *start, own) for start in some], budget.left - own.left

    shared = list(_shared(workflows, starts))
    (runs, spent), (more, spent_too) = both(lambda: part(starts[:middle]), lambda: part(starts[middle:]), shared)
    if spent + spent_too > budget.left:  # then it matters which of them come first
        return [walk(workflows, *start, budget) for start in starts]
    budget.spend(spent + spent_too)
    return [*runs, *more]


def _shared(workflows: Workflows, starts: Sequence[_Start]) -> Iterator[object]:
    """What runs refer to and who reads them has already."""
    for workflow in workflows.files:
        yield workflow
        yield from workflow.jobs.values()
    for _, event in starts:
        yield event
