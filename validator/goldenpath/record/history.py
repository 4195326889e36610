"""`goldenpath history`: the tier of a repository's components over time, and the checks that moved it."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - msgspec reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.arguments import Parser, day, directory
from goldenpath.record import asked_of
from goldenpath.reports.terminal import printable, standard_output, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from goldenpath.record.entry import Component, Entry
    from goldenpath.reports.terminal import Surface

BARS = "▁▂▃▄▅▆▇█"
POINTS = 60
"""Most evaluations that a sparkline shows, the newest."""


class Point(Struct, frozen=True):
    """How a component stood at one evaluation; `waived` checks are not among those that were `met`.

    `lost` and `won` name the checks that changed since the evaluation before.
    """

    at: datetime
    commit: str | None
    contract: str
    tier: str | None
    met: int
    asked: int
    waived: int
    won: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def share(self) -> str:
        """How many checks were met, in words."""
        return f"{self.met} of {self.asked}"

    @property
    def excused(self) -> str:
        """What is to be said beside that; nothing where nothing was waived."""
        return f", {self.waived} waived" if self.waived else ""


class History(Struct, frozen=True):
    """A component over time, oldest first. `tiers` are those of the newest contract, the lowest first."""

    component: str
    tiers: tuple[str, ...]
    points: tuple[Point, ...]


def parser() -> Parser:
    """The command line of `goldenpath history`."""
    root = Parser(prog="goldenpath history", description="Tier and checks over time, from the record.")
    root.add_argument(
        "path", nargs="?", default=".", type=directory, metavar="PATH", help="the repository (default: .)"
    )
    asked_of(root)
    root.add_argument("--since", metavar="DATE", type=day, help="only what was evaluated from that day on")
    root.add_argument(
        "--format", choices=["text", "json", "html"], default="text", help="what to write (default: text)"
    )
    root.add_argument("--output", metavar="FILE", help="where to write it (default: standard output)")
    return root


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code. Raises InputError where the record cannot be read."""
    options = parser().parse_args(arguments)
    from goldenpath.record.store import Store
    from goldenpath.reports import json, write

    wanted = _components_of(options.path)
    with Store(options.store) as store:
        found = histories(store.entries(), wanted, options.since)
    if options.format == "html":
        from goldenpath.record.chart import page

        text = page(found)
    else:
        text = json.encode(found) if options.format == "json" else "\n".join(_text(found, wanted, standard_output()))
    write((text, options.output))
    return 0


def _components_of(path: str) -> tuple[str, ...]:
    from goldenpath.judge import components_of
    from goldenpath.repository import InputError, open_repository

    with open_repository(Path(path)) as repository:
        found = tuple(str(component.ref) for component in components_of(repository))
    if not found:
        raise InputError(f"{path}: it declares no component, so the record cannot tell which evaluations are of it")
    return found


def histories(entries: Iterable[Entry], wanted: Sequence[str], since: date | None = None) -> tuple[History, ...]:
    """The history of each component that is wanted and was ever evaluated."""
    points: dict[str, list[Point]] = {}
    before: dict[str, Component] = {}
    tiers: dict[str, tuple[str, ...]] = {}
    for entry in filter(lambda each: each.current, entries):
        for component in entry.components:
            if component.ref in wanted and component.ref is not None:
                if since is None or entry.recorded_at.date() >= since:
                    points.setdefault(component.ref, []).append(_point(entry, component, before.get(component.ref)))
                before[component.ref] = component
                tiers[component.ref] = entry.rules.tiers
    return tuple(History(ref, tiers[ref], tuple(points[ref])) for ref in wanted if ref in points)


def _point(entry: Entry, component: Component, before: Component | None) -> Point:
    required = [check for check in component.checks if check.level == "required" and check.verdict != "not-applicable"]
    met = {check.id for check in required if check.met}
    asked = {check.id for check in component.checks if check.verdict != "not-applicable"}
    met_before = {check.id for check in before.checks if check.met} if before else met
    known_before = {check.id for check in before.checks} if before else set()
    return Point(
        at=entry.recorded_at,
        commit=entry.origin.commit,
        contract=entry.rules.called,
        tier=component.tier,
        met=len(met),
        asked=len(required),
        waived=sum(check.waived for check in required),
        won=tuple(sorted((met - met_before) & known_before)),
        lost=tuple(sorted((met_before & asked) - {check.id for check in component.checks if check.met})),
    )


def sparkline(history: History, surface: Surface) -> str:
    """The share of checks that were met, a sign per evaluation, the newest last."""
    signs = BARS if surface.unicode else ".:-=+*#@"
    shares = [point.met / point.asked if point.asked else 0.0 for point in history.points[-POINTS:]]
    return "".join(signs[min(int(share * len(signs)), len(signs) - 1)] for share in shares)


def _text(found: Sequence[History], wanted: Sequence[str], surface: Surface) -> Iterator[str]:
    if not found:
        yield f"Nothing is recorded of {', '.join(map(printable, wanted))}; `goldenpath check --record` records."
    for number, history in enumerate(found):
        last = history.points[-1]
        name = printable(history.component.removeprefix("component:").removeprefix("default/"))
        yield from [""] if number else []
        tier = printable(last.tier or "no tier")
        yield f"{surface.paint(name, 'bold')}  {tier}, {last.share} checks met{last.excused}"
        yield surface.paint(sparkline(history, surface), "cyan")
        yield from _moves(history, surface)


def _moves(history: History, surface: Surface) -> Iterator[str]:
    """The evaluations at which something changed, the newest first."""
    before: Point | None = None
    lines: list[list[str]] = []
    for point in history.points:
        if before is None or (before.tier, before.contract) != (point.tier, point.contract) or point.won or point.lost:
            tier = f"{point.tier or 'no tier'}{point.excused}"
            what = [f"{point.at:%Y-%m-%d}  {tier}" + (f"  {point.commit[:12]}" if point.commit else "")]
            what += [f"now met: {', '.join(point.won)}"] if point.won else []
            what += [f"no longer met: {', '.join(point.lost)}"] if point.lost else []
            what += [f"by {point.contract}"] if before is None or before.contract != point.contract else []
            lines.append(what)
        before = point
    for head, *notes in reversed(lines):
        yield f"  {printable(head)}"
        for line in (line for note in notes for line in wrap(printable(note), surface.columns - 14)):
            yield " " * 14 + surface.paint(line, "dim")
