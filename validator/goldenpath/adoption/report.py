"""What adoption says: a preview before anything is written, and what is left for the team afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.reports.terminal import printable, wrap
from goldenpath.scorecard import to_do

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.adoption.plan import Plan
    from goldenpath.reports.terminal import Surface
    from goldenpath.scorecard import Scorecard

EFFORT = {"minutes": "minutes", "hours": "hours", "days": "days"}


def preview(plan: Plan, surface: Surface) -> str:
    """What would be added, what not and why, and the tier before and after."""
    return "\n".join(_preview(plan, surface))


def _preview(plan: Plan, surface: Surface) -> Iterator[str]:
    before, after = _tier(plan.before), _tier(plan.after)
    yield f"{surface.paint(printable(plan.name), 'bold')}  {before} {surface.sign('→', '->')} {after}"
    yield surface.paint(printable(f"contract {plan.after.contract.name}, suite {plan.version or 'not followed'}"), "dim")
    if not plan.files:
        yield "\nNothing to add: what the template could lay is here."
    else:
        yield f"\nFiles to add ({len(plan.files)}):"
        yield from (f"  {surface.paint('+', 'green')} {printable(path)}" for path in plan.files)
    if plan.left_out:
        yield "\nLeft alone:"
        for each in plan.left_out:
            yield from _hanging(f"{each.path}: {each.why}", "  - ", surface)
    if plan.files:
        told = ("name", "owner", "oncall", "chat", "adopted_url", "adopted_branch", "adopted_image")
        yield "\nBy these answers (-d NAME=VALUE gives another):"
        yield from (f"  {name} = {printable(str(plan.answers[name]))}" for name in told if name in plan.answers)


def laid(plan: Plan, surface: Surface) -> str:
    """What was done."""
    update = "copier update" if plan.answers_file == ".copier-answers.yml" else f"copier update -a {plan.answers_file}"
    return (
        f"\n{surface.paint('Added', 'green')} {len(plan.files)} files; no other was touched. Look at them, then commit: "
        f"`git add -A && git diff --cached`\nLater `{update}` keeps them current."
    )


def not_written(*, people: bool) -> str:
    """Why nothing was written."""
    return "\nNothing was written." + ("" if people else " Give --yes to write, for nobody can be asked here.")


def steps(plan: Plan, surface: Surface, called: str) -> str:
    """What is left to do, the most worthwhile first."""
    return "\n".join(_steps(plan, surface, called))


def _steps(plan: Plan, surface: Surface, called: str) -> Iterator[str]:
    component = plan.after.components[0]
    left = [(result, fix) for result, fix in to_do(component.checks, plan.after.contract.tiers)]
    if not left:
        yield "\nNothing left to do: every check of this contract is met."
        return
    yield f"\nNext steps ({len(left)}), the most worthwhile first:"
    for number, (result, fix) in enumerate(left, 1):
        head = f"{number}. {fix.summary}"
        yield from _hanging(f"{head} [{result.tier}, {fix.effort}]", f"{'' if number > 9 else ' '}", surface)
        yield from _hanging(f"{result.id}: {result.summary}", "    ", surface)
    yield surface.paint(f"\n`goldenpath explain CHECK {called}` shows each in full.", "dim")


def _hanging(text: str, lead: str, surface: Surface) -> Iterator[str]:
    first, *rest = wrap(printable(text), surface.columns - len(lead)) or [""]
    yield lead + first
    yield from (" " * len(lead) + line for line in rest)


def _tier(scorecard: Scorecard) -> str:
    return scorecard.tier or "no tier"
