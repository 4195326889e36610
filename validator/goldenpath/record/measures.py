"""`goldenpath measures`: how the services of the record fare, in the questions that an adopter is asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.arguments import Parser, day
from goldenpath.record import asked_of
from goldenpath.reports.terminal import printable, standard_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from goldenpath.record.entry import Component, Entry
    from goldenpath.reports.terminal import Surface

SOON = timedelta(days=30)
"""How soon a waiver must end to be named as ending."""

MOST_CHECKS, MOST_PLACES = 10, 5
"""Checks that fail most, and components that are named for each."""


class Quarter(Struct, frozen=True):
    """How many components had reached at least each tier at the end of a quarter, or by now."""

    name: str
    components: int
    reached: dict[str, int]


class Waivers(Struct, frozen=True):
    """Waivers by the newest evaluation of each component, as they stand on the day."""

    requested: int
    granted: int
    ending: int
    expired: int


class Failing(Struct, frozen=True):
    """A check that is not proven for some components; `waived` of them are excused."""

    check: str
    components: int
    waived: int
    where: tuple[str, ...]


class Measures(Struct, frozen=True):
    """The answers as of a day; shares are between 0 and 1, null where there is nothing to share.

    `by_waiver` counts the components whose tier rests on a waiver. `days_to_release` is the median of the days from a
    repository's first commit to its first commit that is tagged, and whose evaluation reached the lowest tier without
    any waiver.
    """

    as_of: date
    repositories: int
    in_catalog: float | None
    components: int
    tiers: dict[str, int]
    by_waiver: int
    quarters: tuple[Quarter, ...]
    waivers: Waivers
    days_to_release: float | None
    released: int
    failing: tuple[Failing, ...]


def parser() -> Parser:
    """The command line of `goldenpath measures`."""
    root = Parser(prog="goldenpath measures", description="How the services of the record fare.")
    asked_of(root)
    root.add_argument("--as-of", metavar="DATE", type=day, help="as it stood at the end of that day (default: today)")
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

    with Store(options.store) as store:
        found = measure(store.entries(), options.as_of or date.today())
    if options.format == "html":
        from goldenpath.record.chart import overview

        text = overview(found)
    else:
        text = json.encode(found) if options.format == "json" else "\n".join(_text(found, standard_output()))
    write((text, options.output))
    return 0


def measure(entries: Iterable[Entry], day: date) -> Measures:
    """The measures of what was recorded up to the end of a day."""
    fleet = _Fleet()
    quarters: list[Quarter] = []
    quarter = ""
    for entry in entries:
        at = entry.recorded_at.date()
        if at > day or not entry.current:  # a clock that was wrong hides nothing that came after it
            continue
        if quarter and _quarter(at) > quarter:
            quarters.append(fleet.standing(quarter))
        quarter = max(quarter, _quarter(at))
        fleet.add(entry)
    if quarter:
        quarters.append(fleet.standing(quarter))
    standing = fleet.standing("now")
    return Measures(
        as_of=day,
        repositories=fleet.repositories,
        in_catalog=fleet.in_catalog / fleet.repositories if fleet.repositories else None,
        components=standing.components,
        tiers=fleet.by_tier(),
        by_waiver=fleet.by_waiver(),
        quarters=tuple(quarters),
        waivers=fleet.waivers(day),
        days_to_release=median(fleet.releases.values()) if fleet.releases else None,
        released=len(fleet.releases),
        failing=fleet.failing(),
    )


def _quarter(day: date) -> str:
    return f"{day.year} Q{(day.month + 2) // 3}"


class _Fleet:
    """All components by their newest evaluation."""

    def __init__(self) -> None:
        self._repositories: dict[str, str] = {}
        """Which repository the newest evaluation of each component was of."""
        self._without: set[str] = set()
        """Repositories that declare no component."""
        self.releases: dict[str, float] = {}
        """Days from the first commit of a component's repository to its first release that reached a tier."""
        self._newest: dict[str, Component] = {}
        self._tiers: tuple[str, ...] = ()

    def add(self, entry: Entry) -> None:
        declared = {component.ref: entry.origin.identity for component in entry.components if component.ref}
        self._repositories |= declared
        (self._without.discard if declared else self._without.add)(entry.origin.identity)
        self._tiers = entry.rules.tiers
        for component in entry.components:
            if component.ref is not None and component.in_scope:
                self._newest[component.ref] = component
                passing = component.tier and not _excused(component, entry.rules.tiers[:1])
                if passing and entry.origin.tags and component.ref not in self.releases:
                    self._release(component.ref, entry.origin.begun, entry.origin.committed)

    @property
    def in_catalog(self) -> int:
        """How many repositories declare a component."""
        return len(set(self._repositories.values()) - self._without)

    @property
    def repositories(self) -> int:
        """How many repositories there are, however many clones of them were judged."""
        return len(self._without | set(self._repositories.values()))

    def _release(self, ref: str, begun: datetime | None, committed: datetime | None) -> None:
        if begun and committed:
            self.releases[ref] = (committed - begun) / timedelta(days=1)

    def standing(self, name: str) -> Quarter:
        ranks = {tier: rank for rank, tier in enumerate(self._tiers)}
        found = [ranks.get(component.tier or "", -1) for component in self._newest.values()]
        return Quarter(name, len(found), {tier: sum(each >= rank for each in found) for tier, rank in ranks.items()})

    def by_tier(self) -> dict[str, int]:
        """How many components have each tier, the highest first, and none at the end."""
        found = [component.tier for component in self._newest.values()]
        known = {tier: found.count(tier) for tier in reversed(self._tiers)}
        return {**known, "none": len(found) - sum(known.values())}

    def by_waiver(self) -> int:
        """How many components would not have their tier without waivers."""
        return sum(
            _excused(component, self._tiers[: self._tiers.index(component.tier) + 1])
            for component in self._newest.values()
            if component.tier in self._tiers
        )

    def waivers(self, day: date) -> Waivers:
        states = [
            (check.waiver.state, check.waiver.expires)
            for component in self._newest.values()
            for check in component.checks
            if check.waiver
        ]
        granted = [expires for state, expires in states if state == "granted"]
        running = [expires for expires in granted if expires >= day]
        return Waivers(
            requested=sum(state == "requested" for state, _ in states),
            granted=len(running),
            ending=sum(expires - day <= SOON for expires in running),
            expired=len(granted) - len(running) + sum(state == "expired" for state, _ in states),
        )

    def failing(self) -> tuple[Failing, ...]:
        """The checks that fail most, and where; what is excused counts, and is told apart."""
        places: dict[str, list[str]] = {}
        waived: dict[str, int] = {}
        for ref, component in sorted(self._newest.items()):
            for check in component.checks:
                if check.verdict in {"fail", "unknown"}:
                    places.setdefault(check.id, []).append(ref)
                    waived[check.id] = waived.get(check.id, 0) + check.waived
        most = sorted(places, key=lambda check: (-len(places[check]), check))
        return tuple(
            Failing(check, len(places[check]), waived[check], tuple(places[check][:MOST_PLACES]))
            for check in most[:MOST_CHECKS]
        )


def _excused(component: Component, tiers: Sequence[str]) -> bool:
    """Whether a check that these tiers require is not met but waived."""
    return any(check.waived and check.tier in tiers and check.level == "required" for check in component.checks)


# --- what it looks like


def share(part: int, whole: int) -> str:
    """A part of a whole, in per cent."""
    return f"{100 * part / whole:.0f} %" if whole else "-"


def answers(found: Measures) -> Iterator[tuple[str, str]]:
    """Each question in a few words, with its answer."""
    waivers = found.waivers
    in_catalog = "-" if found.in_catalog is None else f"{100 * found.in_catalog:.0f} %"
    yield "In the catalog", f"{in_catalog} of {found.repositories} repositories, {found.components} components"
    excused = f" ({found.by_waiver} of them by waivers)" if found.by_waiver else ""
    yield "By tier", ", ".join(f"{count} {tier}" for tier, count in found.tiers.items()) + excused
    granted = f"{waivers.granted} granted ({waivers.ending} end within {SOON.days} days)"
    yield "Waivers", f"{granted}, {waivers.requested} requested, {waivers.expired} expired"
    days = "no release has reached a tier yet"
    if found.days_to_release is not None:
        days = f"{found.days_to_release:.0f} days (median of {found.released})"
    yield "First commit to first passing release", days


def _text(found: Measures, surface: Surface) -> Iterator[str]:
    yield surface.paint(f"Measures as of {found.as_of}", "bold")
    for question, answer in answers(found):
        yield f"  {question.ljust(38)}{printable(answer)}"
    if found.quarters:
        tiers = list(found.quarters[-1].reached)
        yield ""
        yield surface.paint("  At least, at the end of".ljust(28) + "".join(tier.rjust(10) for tier in tiers), "dim")
        for quarter in found.quarters:
            shares = "".join(share(quarter.reached.get(tier, 0), quarter.components).rjust(10) for tier in tiers)
            yield f"  {quarter.name.ljust(26)}{shares}{f'of {quarter.components}'.rjust(12)}"
    if found.failing:
        yield ""
        yield surface.paint("  Not proven most often", "dim")
    for failing in found.failing:
        excused = f", {failing.waived} waived" if failing.waived else ""
        names = ", ".join(ref.removeprefix("component:").removeprefix("default/") for ref in failing.where)
        more = ", …" if failing.components > len(failing.where) else ""
        yield f"  {str(failing.components).rjust(4)}{excused}  {failing.check}: {printable(names)}{more}"
