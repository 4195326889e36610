"""`goldenpath rollout`: from what a fleet is today to a first contract, and what day 30, 60 and 90 add.

A check is asked for as early as most components can meet it: those that pass already, and those whose team can mend it
within a week, the lowest tier and the cheapest fix first. What is further away is announced, and surprises nobody.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from goldenpath.arguments import UNUSABLE, Parser, complain, directory
from goldenpath.checks import EFFORTS, Effort, Settings, load
from goldenpath.contract import SHIPPED, Contract, Requirement, Scope, WaiverPolicy, choose
from goldenpath.governance.begin import OWNER
from goldenpath.governance.fleet import one_of_many
from goldenpath.governance.yaml import block, flow, quoted, said
from goldenpath.kept import Judging, Request
from goldenpath.reports.terminal import printable
from goldenpath.repository import InputError
from goldenpath.scorecard import FixAdvice, page_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.scorecard import CheckResult

MOST, HALF = 0.8, 0.5
"""The share of components that can meet a check within a week, for it to be asked from day 1, or from day 60."""

DAYS = (0, 60, 90)
"""When what most can meet, what half can meet, and the rest is asked."""

HOURS: dict[Effort, float] = {"minutes": 0.5, "hours": 4.0}
"""What a fix is taken to cost. One that takes days is no matter of a week."""

WEEK = 20.0
"""Hours that a team can give to this in its first week: half of one person."""

NAMED = 6
"""Most components that a step names."""

_EPILOG = """\
Exit code 0: all were judged. 2: one could not be, and the rest was weighed without it; or usage,
contract or input error.

Example:
  goldenpath rollout ../services/* --output ninety-days.md
"""


class Step(Struct, frozen=True):
    """What to do about one check: for how many components, how long it takes each, and whose they are."""

    check: str
    title: str
    effort: Effort
    where: tuple[str, ...]


class Standing(Struct, frozen=True):
    """How a fleet stands with one check: asked of so many, met by these, within reach of those in a week."""

    check: str
    tier: str
    asked: int
    met: int
    near: int
    day: int

    @property
    def share(self) -> float:
        """The share of components that meet it now or within a week."""
        return (self.met + self.near) / self.asked if self.asked else 0.0


class Rollout(Struct, frozen=True):
    """What was found, and what is proposed. `unread` says which repositories could not be judged, and why."""

    day: date
    rules: Contract
    repositories: int
    components: int
    tiers: dict[str, int]
    standings: tuple[Standing, ...]
    steps: tuple[Step, ...]
    unread: tuple[str, ...]


def parser() -> Parser:
    """The command line of `goldenpath rollout`."""
    root = Parser(
        prog="goldenpath rollout",
        description="Scan repositories, and propose a first contract and the steps of ninety days, as Markdown.",
        epilog=_EPILOG,
    )
    root.add_argument("paths", nargs="+", type=directory, metavar="PATH", help="the repositories")
    root.add_argument("--contract", metavar="NAME|FILE", default="standard", help="where to get to (default: standard)")
    root.add_argument("--output", metavar="FILE", help="where to write it (default: standard output)")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code. Raises InputError where nothing could be read."""
    options = parser().parse_args(arguments)
    from goldenpath.reports import write

    found = rollout(options.paths, options.contract, date.today())
    write((render(found), options.output))
    for problem in found.unread:
        complain(problem)
    return UNUSABLE if found.unread else 0


def rollout(paths: Sequence[str], contract: str, day: date) -> Rollout:
    """Judge the repositories, and weigh what is missing. Raises InputError where none can be judged."""
    results: dict[str, list[_Result]] = {}
    unread: list[str] = []
    tiers: list[str | None] = []
    rules: Contract | None = None
    for path in paths:
        try:
            with one_of_many(path) as repository:
                judging = Judging(Request(path, contract=contract), day)
                scores = judging.of(repository).scorecard.components
                rules = rules or judging.contract or choose(repository, contract)
        except InputError as error:
            unread.append(str(error))
            continue
        for score in scores:
            tiers.append(score.tier)
            name = (score.ref or Path(repository.location).name).removeprefix("component:").removeprefix("default/")
            within_reach = _within_a_week(score.checks, rules.tiers)
            for check in score.checks:
                results.setdefault(check.id, []).append(_Result(name, check, check.id in within_reach))
    if rules is None:
        raise InputError(f"none of these could be judged; the first: {unread[0]}")
    standings = tuple(_standing(check, found) for check, found in results.items())
    steps = sorted(
        (step for found in results.values() for step in _steps(found)),
        key=lambda step: (EFFORTS.index(step.effort), -len(step.where), step.check),
    )
    known = {tier: tiers.count(tier) for tier in reversed(rules.tiers)}
    return Rollout(
        day=day,
        rules=rules,
        repositories=len(paths) - len(unread),
        components=len(tiers),
        tiers={**known, "none": tiers.count(None)},
        standings=standings,
        steps=tuple(steps),
        unread=tuple(unread),
    )


class _Result(NamedTuple):
    """A check's result for a component, and whether its team can meet it in the first week."""

    component: str
    check: CheckResult
    near: bool


def _within_a_week(checks: Sequence[CheckResult], tiers: Sequence[str]) -> set[str]:
    """The checks that one team can mend in a week: the lowest tier first, in it the cheapest."""
    costs = [
        (tiers.index(check.tier), HOURS[effort], check.id) for check in checks if (effort := _effort(check)) in HOURS
    ]
    found, left = set(), WEEK
    for _, cost, check in sorted(costs):
        left -= cost
        if left < 0:
            break
        found.add(check)
    return found


def _standing(check: str, found: Sequence[_Result]) -> Standing:
    asked = [result for result in found if result.check.verdict != "not-applicable"]
    met = sum(result.check.verdict == "pass" for result in asked)
    near = sum(result.near for result in asked)
    share = (met + near) / len(asked) if asked else 0.0
    day = DAYS[0] if share >= MOST else DAYS[1] if share >= HALF else DAYS[2]
    return Standing(check, found[0].check.tier, len(asked), met, near, day)


def _effort(result: CheckResult) -> Effort | None:
    """How long it takes to meet what is not met; None for what is, and for what cannot be seen from the repository."""
    if result.verdict == "fail" and isinstance(result.fix, FixAdvice):
        return result.fix.effort
    return None


def _steps(found: Sequence[_Result]) -> Iterator[Step]:
    """What to do about one check, by how long it takes."""
    for effort in EFFORTS:
        names = tuple(sorted(result.component for result in found if _effort(result.check) == effort))
        if names:
            yield Step(found[0].check.id, found[0].check.title, effort, names)


# --- as Markdown


def render(found: Rollout) -> str:
    """What a platform lead can send around."""
    return "\n".join(_lines(found))


def _lines(found: Rollout) -> Iterator[str]:
    yield from _standings(found)
    yield from _first_contract(found)
    yield from _next_steps(found)
    if found.unread:
        yield from ("", "## Not read", "", *(f"- {_cell(problem)}" for problem in found.unread))


def _standings(found: Rollout) -> Iterator[str]:
    """What was judged, and how it stands with each check."""
    repositories = _counted(found.repositories, "repository", "repositories")
    if found.unread:
        repositories += f" of {found.repositories + len(found.unread)} named"
    fleet_size = f"{repositories}, {_counted(found.components, 'component')}"
    fleet = ", ".join(f"{count} {tier}" for tier, count in found.tiers.items())
    yield from (
        "# Ninety days to the golden path",
        "",
        f"{fleet_size}, judged by `{found.rules.name}` on {found.day}: {fleet}.",
        "",
        "## Where we are",
        "",
        "| Check | Tier | Met today | Within a week | Asked from |",
        "| --- | --- | --- | --- | --- |",
    )
    for each in sorted(found.standings, key=lambda each: (each.day, -each.share, each.check)):
        if each.asked:
            within = f"{each.met} of {each.asked} | {each.met + each.near} of {each.asked}"
            yield f"| [{each.check}]({_page(each.check)}) | {each.tier} | {within} | day {each.day or 1} |"


def _first_contract(found: Rollout) -> Iterator[str]:
    """The contract that is proposed, and why so."""
    yield from (
        "",
        "## The first contract",
        "",
        f"Asked from the first day is what at least {MOST:.0%} of the components meet, or can meet within a week of",
        f"{WEEK:.0f} hours, the lowest tier and the cheapest first. What {HALF:.0%} can meet follows on day {DAYS[1]},",
        f"the rest on day {DAYS[2]}; every report announces both from today on.",
        "",
        "```yaml",
        *_contract(found),
        "```",
        "",
        "Save it, run `goldenpath contract lint`, and let pipelines report before they block: exit code 1 of",
        "`goldenpath check` need not fail a build in the first month.",
    )


def _contract(found: Rollout) -> Iterator[str]:
    """The contract that is aimed at, with every check from the day on which it can be asked."""
    rules, day_of = found.rules, {each.check: each.day for each in found.standings}
    owner = OWNER if rules.source in SHIPPED else rules.owner  # who owns what ships owns no platform of anybody
    width = max(map(len, rules.checks)) + 1
    extends = rules.source in SHIPPED
    what_ships = f"  extends: {rules.source} # whatever is not said here, and what later releases bring"
    yield from (
        "apiVersion: goldenpath.dev/v1",
        "kind: PlatformContract",
        f"metadata: {{name: first, version: 1.0.0, owner: {quoted(owner)}}} # yours to name",
        "spec:",
        what_ships if extends else f"  tiers: {quoted(list(rules.tiers))}",
        "  checks:" if not extends or any(day_of.values()) else "  checks: {}",
    )
    for check in sorted(rules.checks, key=lambda each: day_of.get(each, DAYS[-1])):
        asked = list(_from(found.day, day_of.get(check), rules.checks[check]))
        remark = "# " if extends and not day_of.get(check) else ""  # what ships asks for it from today on
        yield f"    {remark}{f'{check}:'.ljust(width)} " + (asked[0] if len(asked) == 1 else f"[{', '.join(asked)}]")
    granting = rules.waivers or WaiverPolicy(90, (owner,))
    yield from block("scope", rules.scope, Scope())
    yield f"  waivers: {flow({'max_days': granting.max_days, 'approvers': granting.approvers})}"
    yield from block("settings", rules.settings, Settings())
    if rules.knowledge:
        yield f"  # Bring spec.knowledge of {printable(rules.source)} over, too: it is not copied."


def _from(today: date, days: int | None, every: Sequence[Requirement]) -> Iterator[str]:
    """What is asked by one check: what holds today, so many days later, and what the contract announces after that."""
    begin = today + timedelta(days=days or 0)
    steps = sorted(every, key=_start)
    held = [each for each in steps if _start(each) <= begin]
    if held:
        yield flow(said(held[-1]) | ({"from": begin} if days else {}))
    for each in steps[len(held) :]:
        yield flow(said(each) | {"from": each.since})


def _start(requirement: Requirement) -> date:
    return requirement.since or date.min


def _next_steps(found: Rollout) -> Iterator[str]:
    yield from ("", "## What to do, the cheapest first", "")
    if not found.steps:
        yield "Nothing that this scan can see."
        return
    yield from ("| Takes each | Check | For | Where |", "| --- | --- | --- | --- |")
    for step in found.steps:
        more = ", …" if len(step.where) > NAMED else ""
        where = ", ".join(step.where[:NAMED]) + more
        for_whom = _counted(len(step.where), "component")
        yield f"| {step.effort} | [{step.check}]({_page(step.check)}): {step.title} | {for_whom} | {_cell(where)} |"


def _cell(text: str) -> str:
    """Text of a repository in a table: nothing of it is markup."""
    return "".join(f"\\{each}" if each in r"\|`*_[]<>" else each for each in text if each.isprintable())


def _page(check: str) -> str:
    return page_of(load(check)) or "#"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
