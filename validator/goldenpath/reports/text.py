"""The report for people: the tier, what is in its way, where, and the one thing to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.reports.terminal import printable, shorten, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set
    from datetime import date

    from goldenpath.checks import Evidence
    from goldenpath.contract import Requirement
    from goldenpath.reports.terminal import Surface
    from goldenpath.scorecard import Announcement, CheckResult, ComponentScore, Scorecard

ROOMY = 100
"""Columns from which on what belongs to a check stands below its summary, not below its name."""

MOST_COMPONENTS = 5
"""How many components are shown with their checks; of more, only the one to help first is, and the others' tiers."""

NARROW = 24
"""Columns that a summary needs beside its check's name; with less it stands below."""

MOST_PLACES = 3
"""How many places of an unmet check are shown; the JSON report has them all."""

_MARKS = {
    "pass": ("✓", "+", "green"),
    "fail": ("✗", "x", "red"),
    "unknown": ("?", "?", "yellow"),
    "not-applicable": ("-", "-", "dim"),
}
_WAIVED = ("~", "~", "yellow")


def render(scorecard: Scorecard, surface: Surface) -> str:
    """The scorecard as text."""
    return "\n".join(_Text(scorecard, surface).lines())


def in_order(tiers: Sequence[str], working_on: str | None) -> list[str]:
    """Tiers in the order in which they are told: the one to work on first; where all are met, from the highest down."""
    return sorted(tiers, key=lambda tier: tier != working_on) if working_on else list(reversed(tiers))


class _Text:
    """One report being laid out. Text is made printable and broken into lines before it is painted."""

    def __init__(self, scorecard: Scorecard, surface: Surface) -> None:
        self._scorecard = scorecard
        self._surface = surface
        self._paint = surface.paint
        self._columns = surface.columns
        self._id_width = max((len(check.id) for check in scorecard.components[0].checks), default=0)
        self._shown: set[tuple[str, str]] = set()

    def lines(self) -> Iterator[str]:
        components = self._scorecard.components
        if len(components) > 1:
            yield from self._together()
        in_full = components
        if len(components) > MOST_COMPONENTS:
            yield ""
            for component in components:
                yield from self._heading(component, alone=False)
            yield ""
            yield from self._wrapped("In full the one to help first; --component NAME shows another:", "", "dim")
            in_full = (self._scorecard.weakest or components[0],)
        for component in in_full:
            if len(components) > 1:
                yield ""
            yield from self._component(component, alone=len(components) == 1)
        yield from self._announced()
        yield ""
        yield from self._next()

    def _together(self) -> Iterator[str]:
        """The tier of a repository of several components."""
        yield from self._wrapped(together(self._scorecard), "", "bold")
        yield from self._rules("")

    def _rules(self, indent: str) -> Iterator[str]:
        """What was judged, and by which rules."""
        yield from self._wrapped(", ".join(rules(self._scorecard)), indent, "dim")

    def _component(self, component: ComponentScore, *, alone: bool) -> Iterator[str]:
        yield from self._heading(component, alone=alone)
        if not component.in_scope:
            return
        for tier in in_order(self._scorecard.contract.tiers, component.working_on):
            checks = [check for check in component.checks if check.tier == tier and check.verdict != "not-applicable"]
            if checks:
                yield ""
                yield self._tier(tier, checks, component)
            for check in sorted(checks, key=lambda check: (check.met, check.level != "required")):
                if alone or not check.met or check.waived:
                    yield from self._check(check, in_full=tier == component.working_on and not check.met)
        yield from self._not_asked(component.checks)

    def _heading(self, component: ComponentScore, *, alone: bool) -> Iterator[str]:
        badge = f" {standing(component, self._scorecard).upper()} "
        style = component.tier if component.tier in {"bronze", "silver", "gold"} else "badge"
        about = ", ".join(filter(None, (component.type, component.lifecycle)))
        room = self._columns - width(badge) - 2
        head = shorten(printable(name(component) or NAMELESS), room, self._surface)
        line = f"{self._paint(badge, style)}  {self._paint(head, 'bold')}"
        if about and width(head) + 2 + width(printable(about)) <= room:
            line += self._paint(f"  {printable(about)}", "dim")
        yield line
        indent = " " * (width(badge) + 2)
        if alone:
            yield from self._rules(indent)
        if component.ref is None:
            yield from self._wrapped(NO_COMPONENT, indent)
        if not component.in_scope:
            yield from self._wrapped(NOT_JUDGED, indent, "dim")
        if component.ceiling != component.tier:
            yield from self._wrapped(ceiling(component), indent, "yellow")

    def _tier(self, tier: str, checks: Sequence[CheckResult], component: ComponentScore) -> str:
        met = count(tier, checks, component)
        return self._paint(printable(tier).capitalize(), "bold") + self._paint(f"  {met}", "dim")

    def _check(self, check: CheckResult, *, in_full: bool) -> Iterator[str]:
        sign, ascii_sign, colour = _WAIVED if check.waived else _MARKS[check.verdict]
        mark = self._paint(self._surface.sign(sign, ascii_sign), colour)
        in_full = in_full and (check.id, check.summary) not in self._shown  # what components share is told once
        label = self._paint(check.id, "bold") if in_full else check.id
        indent = self._id_width + 6
        head = f"  {mark} {label}{' ' * (indent - 4 - len(check.id))}"
        if self._columns - indent < NARROW:
            yield head.rstrip()
            indent, head = 6, " " * 6
        room = self._columns - indent
        summary = printable(f"(advisory) {check.summary}" if check.level == "advisory" else check.summary)
        if check.waived:
            summary = printable(f"{excuse(check)} ({check.summary})")
        if in_full:
            self._shown.add((check.id, check.summary))
            first, *more = wrap(summary, room)
            yield head + first
            yield from (" " * indent + line for line in more)
            yield from self._proof(check, indent if self._columns >= ROOMY else 6)
            return
        place = printable(place_of(check.evidence[0])) if check.evidence else ""
        if len(check.evidence) > 1:
            place += f" +{len(check.evidence) - 1}"
        if width(place) > room - 12:
            place = ""
        summary = shorten(summary, room - (width(place) + 2 if place else 0), self._surface)
        gap = " " * (room - width(summary) - width(place)) if place else ""
        yield f"{head}{summary}{gap}{self._paint(place, 'dim')}"

    def _proof(self, check: CheckResult, indent: int) -> Iterator[str]:
        """Where an unmet check breaks, and for an unknown one why that cannot be seen."""
        told = {printable(check.summary)}
        if isinstance(check.reason, str) and check.reason not in told:
            told.add(printable(check.reason))
            yield from self._wrapped(check.reason, " " * indent, "yellow")
        if check.waiver:
            yield from self._wrapped(excuse(check), " " * indent, "yellow")
        shown = check.evidence[:MOST_PLACES]
        roles = max((len(evidence.role) for evidence in shown), default=0)
        for evidence in shown:
            place, text = printable(place_of(evidence)), printable(evidence.text).strip()
            head = f"{' ' * indent}{self._paint(evidence.role.ljust(roles), 'dim')}  "
            beside = indent + roles + 2
            if text and beside + width(place) + 2 + width(text) <= self._columns:
                yield f"{head}{self._paint(place, 'cyan')}  {self._paint(text, 'dim')}"
                continue
            first, *more = wrap(place, self._columns - beside)
            yield head + self._paint(first, "cyan")
            yield from (" " * beside + self._paint(line, "cyan") for line in more)
            if text and text not in told:
                yield " " * beside + self._paint(shorten(text, self._columns - beside, self._surface), "dim")
        if len(check.evidence) > MOST_PLACES:
            yield from self._wrapped(f"and {len(check.evidence) - MOST_PLACES} more", " " * indent, "dim")

    def _not_asked(self, checks: Sequence[CheckResult]) -> Iterator[str]:
        for number, text in enumerate(not_asked(checks)):
            if number == 0:
                yield ""
            yield from self._wrapped(text, "", "dim")

    def _announced(self) -> Iterator[str]:
        for number, text in enumerate(beside(self._scorecard)):
            if number == 0:
                yield ""
            yield from self._wrapped(text, "", "yellow")

    def _next(self) -> Iterator[str]:
        component = self._scorecard.weakest
        if not any(each.in_scope for each in self._scorecard.components):
            yield from self._wrapped(nothing_judged(self._scorecard), "", "yellow")
            return
        if component is None or component.next is None:
            yield from self._wrapped(all_met(self._scorecard), "", "green")
            return
        action = component.next
        whose = f" for {name(component)}" if len(self._scorecard.components) > 1 else ""
        label = f"Next{printable(whose)} ({action.effort}): "
        first, *more = wrap(label + printable(action.summary), self._columns)
        head = label if first.startswith(label) else ""
        yield self._paint(head, "bold") + first[len(head) :]
        yield from more
        yield "  " + self._paint(printable(action.command), "cyan")  # to be copied, so it is never broken

    def _wrapped(self, text: str, indent: str, *styles: str) -> Iterator[str]:
        for line in wrap(printable(text), self._columns - len(indent)):
            yield indent + (self._paint(line, *styles) if styles else line)


# What the other report for people, the Markdown, says in the same words.

NAMELESS = "This repository declares no component"
NO_COMPONENT = (
    "Nothing here tells the catalog what this is and who owns it, so it has no tier whatever else holds. "
    "It is judged as a service would be. A catalog-info.yaml of kind Component changes that: "
    "`goldenpath explain owner-declared` shows one."
)
NOT_JUDGED = "the contract does not judge components of this kind"


def all_met(scorecard: Scorecard) -> str:
    """What there is to say when nothing is left to do."""
    checks = [check for component in scorecard.components for check in component.checks]
    met = "met or waived" if any(check.waived for check in checks) else "met"
    if not scorecard.narrowed:
        return f"Nothing left to do: every check of this contract is {met}."
    if checks:
        return f"Nothing left to do here: every check that the changed files touch is {met}."
    return "No check of this contract looks at the changed files."


def nothing_judged(scorecard: Scorecard) -> str:
    """Why no component has a tier."""
    return f"Nothing was judged: {scorecard.contract.name} is about other components (its spec.scope)."


def standing(component: ComponentScore, scorecard: Scorecard) -> str:
    """Where a component stands, in a word or two; where only changed files count, that."""
    if not component.in_scope:
        return "not judged"
    if scorecard.narrowed:
        return "changed files"
    return f"{component.tier}{_leaning_on([component], scorecard)}" if component.tier else "no tier"


def _leaning_on(components: Sequence[ComponentScore], scorecard: Scorecard) -> str:
    """The waivers without which components would not have their tier, as what is said beside it."""
    tiers = scorecard.contract.tiers
    ends = [
        check.waiver.expires
        for component in components
        for check in component.checks
        if check.waiver and check.waived and check.level == "required"
        if component.tier and tiers.index(check.tier) <= tiers.index(component.tier)
    ]
    if not ends:
        return ""
    return f", 1 waiver until {ends[0]}" if len(ends) == 1 else f", {len(ends)} waivers, the first until {min(ends)}"


def excuse(check: CheckResult) -> str:
    """What there is to say about a check's waiver; nothing where nobody has asked for one."""
    waiver = check.waiver
    if waiver is None:
        return ""
    if waiver.state == "granted":
        return f"waived until {waiver.expires} by {waiver.approver}: {waiver.reason}"
    if waiver.state == "expired" and waiver.approver:
        return f"its waiver expired on {waiver.expires} ({waiver.request})"
    return f"the waiver at {waiver.request} does not count: {waiver.why}"


def together(scorecard: Scorecard) -> str:
    """The same of a repository of several components."""
    judged = sum(component.in_scope for component in scorecard.components)
    if scorecard.narrowed:
        return f"Changed files: {judged} components"
    leaning = _leaning_on(scorecard.components, scorecard) if scorecard.tier else ""
    return f"{(scorecard.tier or 'no tier').capitalize()}{leaning}: the lowest of {judged} components"


def rules(scorecard: Scorecard) -> list[str]:
    """What was judged, and by which rules."""
    used, commit = scorecard.contract, scorecard.repository.commit
    extends = "".join(f", which extends {base.name} {base.version}" for base in used.extends or ())
    by = [f"contract {used.name} {used.version}{extends}", f"as of {scorecard.as_of}"]
    if commit:
        by.append(f"commit {commit[:12]}")
    if narrowed := scorecard.narrowed:
        touched = {check.id for component in scorecard.components for check in component.checks}
        files = (
            "1 changed file touches" if len(narrowed.changed) == 1 else f"{len(narrowed.changed)} changed files touch"
        )
        checks = f"{len(touched)} of {len(touched) + len(narrowed.left_out)} checks"
        by.append(f"only what {files}: {checks}, so no tier is claimed")
    return by


def name(component: ComponentScore) -> str:
    """What people call a component; empty for a repository that declares none."""
    return (component.ref or "").removeprefix("component:").removeprefix("default/")


def place_of(evidence: Evidence) -> str:
    """Where evidence stands, as editors understand it."""
    return f"{evidence.file}:{evidence.line}" if evidence.line else evidence.file


def count(tier: str, checks: Sequence[CheckResult], component: ComponentScore) -> str:
    """How many of a tier's checks are met."""
    required = [check for check in checks if check.level == "required"]
    waived = sum(check.waived for check in required)
    met = f"{sum(check.met for check in required) - waived} of {len(required)} met" if required else "nothing required"
    met += f", {waived} waived" if waived else ""
    return met + (", to work on now" if tier == component.working_on else "")


def ceiling(component: ComponentScore) -> str:
    """How far a component would be if what is unknown passed."""
    unknown = sum(check.verdict == "unknown" and not check.met for check in component.checks)
    checks = "1 check" if unknown == 1 else f"{unknown} checks"
    return f"ceiling {component.ceiling}: {checks} cannot be decided from this repository"


def not_asked(checks: Sequence[CheckResult]) -> Iterator[str]:
    """The checks that are not about a component, by the reason why."""
    reasons: dict[str, list[str]] = {}
    for check in checks:
        if check.verdict == "not-applicable":
            reasons.setdefault(check.summary, []).append(check.id)
    yield from (f"{reason}: {', '.join(ids)}" for reason, ids in reasons.items())


def beside(scorecard: Scorecard) -> Iterator[str]:
    """What is to be known besides verdicts: what was handed in for nothing, what is not asked for, what will be."""
    yield from unused(scorecard)
    for off in scorecard.contract.switched_off or ():
        yield f"{scorecard.contract.name} switches {off.check} off: {off.reason}"
    yield from announced(scorecard)


def unused(scorecard: Scorecard) -> Iterator[str]:
    """The repositories that were handed in for nothing."""
    for source in scorecard.sources or ():
        if not source.used:
            at = f"; it is used at {', '.join(source.used_at)}" if source.used_at else ""
            label = f"{source.repository}@{source.ref or '*'}"
            yield f"{label} was handed in, and nothing that is followed here leads to it{at}"


def announced(scorecard: Scorecard) -> Iterator[str]:
    """What the contract will ask of checks, and whether they are met already."""
    results = [check for component in scorecard.components for check in component.checks]
    for checks, text in coming((each.check, each) for each in scorecard.contract.announced):
        asked = {check.id for check in results if check.id in checks and check.verdict != "not-applicable"}
        unmet = {check.id for check in results if check.id in asked and check.verdict in {"fail", "unknown"}}
        yield f"{text}{_today(checks, asked, unmet)}"


def coming(requirements: Iterable[tuple[str, Announcement | Requirement]]) -> Iterator[tuple[list[str], str]]:
    """What is asked of checks from a day on: those of the same day, tier and level together, in one sentence."""
    alike: dict[tuple[date | None, str, str], list[str]] = {}
    for check, asked in requirements:
        alike.setdefault((asked.since, asked.level, asked.tier), []).append(check)
    for (since, level, tier), checks in sorted(alike.items(), key=lambda group: str(group[0][0])):
        yield checks, f"From {since}: {', '.join(checks)} {'is' if len(checks) == 1 else 'are'} {level} for {tier}"


def _today(checks: Sequence[str], asked: Set[str], unmet: Set[str]) -> str:
    """How checks that will be asked stand already; nothing where they are not about any component."""
    if not asked:
        return ""
    if len(checks) == 1:
        return "; it does not pass today" if unmet else "; it passes today"
    if not unmet:
        return "; they pass today" if len(asked) == len(checks) else "; those asked here pass today"
    if len(unmet) == len(checks):
        return "; none passes today"
    return f"; not passing today: {', '.join(check for check in checks if check in unmet)}"
