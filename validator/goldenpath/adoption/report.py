"""What adoption says: a preview before anything is written, and what is left for the team afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.adoption.steps import next_steps
from goldenpath.facts.template import ANSWERS
from goldenpath.reports.terminal import printable, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.adoption.plan import Plan
    from goldenpath.reports.terminal import Surface
    from goldenpath.scorecard import Scorecard


def preview(plan: Plan, surface: Surface) -> str:
    """What would be added, what not and why, and the tier before and after."""
    return "\n".join(_preview(plan, surface))


def _preview(plan: Plan, surface: Surface) -> Iterator[str]:
    before, after = _tier(plan.before), _tier(plan.after)
    yield f"{surface.paint(printable(plan.name), 'bold')}  {before} {surface.sign('→', '->')} {after}"
    yield surface.paint(
        printable(f"contract {plan.after.contract.name}, suite {plan.version or 'not followed'}"), "dim"
    )
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
        told = ("adopted_type", "name", "owner", "oncall", "chat", "adopted_url", "adopted_branch", "adopted_image")
        yield "\nBy these answers (-d NAME=VALUE gives another):"
        yield from (f"  {name} = {printable(str(plan.answers[name]))}" for name in told if plan.answers.get(name))
    if plan.is_assumed_service:
        yield ""
        yield from _hanging(
            "No catalog entry says what this is: it is taken for a service, with objectives, alerts and a runbook. "
            "For a library give -d adopted_type=library.",
            "! ", surface, "yellow",
        )  # fmt: skip
    if plan.links_to_example:
        yield ""
        yield from _hanging(
            "Links lead to the example's acme: the suite's templates/questions/organization.yml is nobody's yet. "
            "Edit it in your fork, and adopt from there (--source).",
            "! ", surface, "yellow",
        )  # fmt: skip


def laid(plan: Plan, surface: Surface) -> str:
    """What was done."""
    update = "goldenpath lifecycle update" if plan.answers_file == ANSWERS else f"copier update -a {plan.answers_file}"
    return (
        f"\n{surface.paint('Added', 'green')} {len(plan.files)} files; no other was touched. Look at them, and commit: "
        f"`git add -A && git diff --cached`\nLater `{update}` keeps them current."
    )


def not_written(*, people: bool) -> str:
    """Why nothing was written."""
    return "\nNothing was written." + ("" if people else " Give --yes to write, for nobody can be asked here.")


def steps(plan: Plan, surface: Surface, called: str) -> str:
    """What is left to do, the most worthwhile first."""
    return "\n".join(_steps(plan, surface, called))


def _steps(plan: Plan, surface: Surface, called: str) -> Iterator[str]:
    left = next_steps(plan)
    if not left:
        yield "\nNothing left to do: every check of this contract is met."
        return
    yield f"\nNext steps ({len(left)}), the most worthwhile first:"
    for number, step in enumerate(left, 1):
        lead = f"{number:2}. "
        yield from _hanging(f"{step.summary} ({step.tier}, {step.effort})", lead, surface, "bold")
        for each in step.checks:
            yield from _hanging(each, "    ", surface, "dim")
        for addition in step.additions:
            yield ""
            where = f", after line {addition.place.line}" if addition.place.line else ""
            yield from _hanging(f"{addition.place.path}{where}: {addition.what}", "    ", surface)
            yield ""
            yield from map(printable, addition.lines)
        if step.afterwards:
            yield ""
            yield from _hanging(step.afterwards, "    ", surface)
    yield surface.paint(f"\n`goldenpath explain CHECK {called}` shows more of each.", "dim")


def _hanging(text: str, lead: str, surface: Surface, style: str = "") -> Iterator[str]:
    """A text in lines below each other, behind what leads it."""
    for number, line in enumerate(wrap(printable(text), surface.columns - len(lead))):
        yield (" " * len(lead) if number else lead) + (surface.paint(line, style) if style else line)


def _tier(scorecard: Scorecard) -> str:
    return scorecard.tier or "no tier"
