"""The scorecard: what a contract finds in a repository on a day. Pure: same tree, contract and day, same result."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from goldenpath import __version__
from goldenpath.checks import EFFORTS, Effort, Evidence, Verdict
from goldenpath.facts import Facts
from goldenpath.journal import Journal
from goldenpath.judge import Judge, Question
from goldenpath.repository import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goldenpath.checks import Check, Outcome
    from goldenpath.contract import Contract
    from goldenpath.contract.waivers import Request, Standing
    from goldenpath.facts.attribution import Share
    from goldenpath.facts.catalog import Component
    from goldenpath.facts.gitlab.elsewhere import Elsewhere as Projects
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.workflows import Elsewhere
    from goldenpath.handed_in import HandedIn
    from goldenpath.repository import Repository

HOME = "https://github.com/goldenpath-dev/goldenpath"
DOCUMENTATION = f"{HOME}/blob/main/docs/checks"

LONGEST = 600
"""Characters that a text of a report has at most; what is quoted from a hostile file can be as long as the file."""


class FixAdvice(Struct, frozen=True):
    """The shortest way to meet a check; `docs` is its page, null for a check that another package brings.

    `files` are files of the template that would do; `goldenpath explain CHECK PATH` shows them filled in.
    """

    summary: str
    effort: Effort
    docs: str | None
    files: tuple[str, ...] = ()


class Waiver(Struct, frozen=True):
    """What a repository asks to be excused from, and how that stands; `why` says of one that does not count why not.

    Only a `granted` one counts. `expires` is the last day on which it does; `approval` is where it has been granted,
    and null, like `approver` and `risk`, where it has not.
    """

    state: Literal["granted", "requested", "refused", "expired"]
    reason: str
    requested_by: str
    expires: date
    request: Place
    why: str | UnsetType = UNSET
    approver: str | None = None
    risk: str | None = None
    approval: Place | None = None


class CheckResult(Struct, frozen=True):
    """One check's verdict for one component, with the evidence behind it.

    `since` is the day from which the contract asks for it as it does now; unset where it always has. `asked_by` is the
    contract that states its rule, by name and version; unset where the contract extends no other.
    """

    id: str
    title: str
    tier: str
    level: Literal["required", "advisory"]
    verdict: Verdict
    summary: str
    evidence: tuple[Evidence, ...]
    reason: str | UnsetType = UNSET
    fix: FixAdvice | UnsetType = UNSET
    waiver: Waiver | None = None
    since: date | UnsetType = field(default=UNSET, name="from")
    asked_by: str | UnsetType = UNSET

    @property
    def waived(self) -> bool:
        """Whether it is excused: not proven, and an approver of the contract has accepted that."""
        return self.waiver is not None and self.waiver.state == "granted"

    @property
    def met(self) -> bool:
        """Whether it lowers no tier."""
        return self.level == "advisory" or self.waived or self.verdict in {"pass", "not-applicable"}


class NextAction(Struct, frozen=True):
    """The one next best action for a component, and the command that explains it."""

    check: str
    tier: str
    summary: str
    effort: Effort
    docs: str | None
    command: str


class Announcement(Struct, frozen=True):
    """What the contract will ask of a check from a day on; `asked_by` is as in a check's result."""

    check: str
    tier: str
    level: Literal["required", "advisory"]
    since: date = field(name="from")
    asked_by: str | UnsetType = UNSET


class ComponentScore(Struct, frozen=True):
    """What was found of one component; `ref` is null when the repository declares none, and then `tier` is too.

    `in_scope` is false for a component that the contract does not judge: it has no tier, and lowers nobody's.
    `working_on` is the lowest tier whose checks are not all met, which is the one to work on; null when none is left.
    """

    ref: str | None
    type: str | None
    lifecycle: str | None
    in_scope: bool
    tier: str | None
    ceiling: str | None
    working_on: str | None
    checks: tuple[CheckResult, ...]
    next: NextAction | None


class Judged(Struct, frozen=True):
    """The tree that was read: where, and at which commit where it came from git's objects.

    `folder` is where it stands in its repository, empty where it is all of it: the paths of evidence begin there.
    """

    location: str
    commit: str | None
    folder: str


class BuiltOn(Struct, frozen=True):
    """A contract that the one by which was judged extends."""

    name: str
    version: str
    source: str


class SwitchedOff(Struct, frozen=True):
    """A check for which a contract that is extended asks, and why it is not asked for here."""

    check: str
    reason: str


class ContractUsed(Struct, frozen=True):
    """The contract by which was judged.

    `extends` has those that it builds on, the nearest first, and `switched_off` what it does not take over from them;
    both are unset where it builds on none.
    """

    name: str
    version: str
    source: str
    tiers: tuple[str, ...]
    announced: tuple[Announcement, ...]
    extends: tuple[BuiltOn, ...] | UnsetType = UNSET
    switched_off: tuple[SwitchedOff, ...] | UnsetType = UNSET


class Tool(Struct, frozen=True):
    """What judged."""

    name: str
    version: str


class Narrowing(Struct, frozen=True):
    """What the report is about where it is not the whole contract: the checks that some changed files touch.

    `left_out` has the ids of the others. A part of the checks proves no tier, so none is claimed.
    """

    changed: tuple[str, ...]
    left_out: tuple[str, ...]


class SourceUsed(Struct, frozen=True):
    """Another repository that was handed in, for a ref (null: for every one), and whether anything here has led to it.

    `used_at` has the refs at which it is used here where that is not the one that it was handed in for.
    """

    repository: str
    ref: str | None
    location: str
    commit: str | None
    used: bool
    used_at: tuple[str, ...] = ()


class Scorecard(Struct, frozen=True):
    """The report: one format for machines, and the only thing that the other formats are made from."""

    apiVersion: Literal["goldenpath.dev/report/v1"]  # noqa: N815 - the field's spelling, as in the contract
    tool: Tool
    repository: Judged
    contract: ContractUsed
    as_of: date
    tier: str | None
    ceiling: str | None
    components: tuple[ComponentScore, ...]
    narrowed: Narrowing | UnsetType = UNSET
    sources: tuple[SourceUsed, ...] | UnsetType = UNSET

    @property
    def weakest(self) -> ComponentScore | None:
        """The component to help first: of those with something left to do, the first that has the lowest tier."""
        ranks = {tier: rank for rank, tier in enumerate(self.contract.tiers)}
        wanting = [component for component in self.components if component.next is not None]
        return min(wanting, key=lambda component: ranks.get(component.tier or "", -1), default=None)


def evaluate(
    repository: Repository,
    contract: Contract,
    today: date,
    *,
    handed_in: HandedIn | None = None,
    only: Sequence[str] = (),
    asked: str = "",
    changed: frozenset[str] | None = None,
    strict: bool = False,
    alone: bool = True,
    journal: Journal | None = None,
) -> Scorecard:
    """Judge every component of a repository by a contract as it stands on a day.

    `handed_in` is what lies elsewhere and is followed all the same; `only` has the names or references of components,
    where not all are meant. `asked` is how a shell would be told of this repository, for the commands that lead on.
    With `changed`, paths of it, only the checks that these files touch are reported. A check that breaks is `unknown`,
    or with `strict` raises what broke it. Unless it is `alone`, a second process may judge what takes longest, where
    that saves time; the result is the same. Who has repositories keep a `journal` hears in it what that process was
    told, too, and whether anything did not come to an end.
    """
    alone = alone or strict or bool(handed_in and handed_in.sources)
    judge = Judge(
        repository, contract, handed_in, journal or Journal(), strict=strict, traced=changed is not None, alone=alone
    )
    requirements = contract.in_force(today)
    declared = judge.components()
    components = _picked(declared, only)
    questions = [Question(name, wanted, each) for each in components for name, wanted in requirements.items()]
    waivers = _waivers(contract, declared, today)
    results = judge.answers(
        questions, lambda question, outcome: _result(question, outcome, contract, waivers), list[CheckResult]
    )
    told = [
        f"{asked} --component {component.ref}" if component and asked and len(components) > 1 else asked
        for component in components
    ]
    count = len(requirements)
    scores = tuple(
        _score(component, contract, results[number * count : (number + 1) * count], told[number])
        for number, component in enumerate(components)
    )
    narrowed: Narrowing | UnsetType = UNSET
    if changed is not None:
        narrowed = Narrowing(tuple(sorted(changed)), judge.untouched(requirements, changed))
        scores = tuple(_narrow(score, contract, narrowed, each) for score, each in zip(scores, told, strict=True))
    return Scorecard(
        apiVersion="goldenpath.dev/report/v1",
        tool=Tool("goldenpath", __version__),
        repository=Judged(repository.location, repository.commit, repository.folder),
        contract=_used(contract, today),
        as_of=today,
        tier=_lowest([score.tier for score in scores if score.in_scope], contract.tiers),
        ceiling=_lowest([score.ceiling for score in scores if score.in_scope], contract.tiers),
        components=scores,
        narrowed=narrowed,
        sources=_sources(judge.facts, handed_in),
    )


def _used(contract: Contract, today: date) -> ContractUsed:
    announced = tuple(
        Announcement(check, coming.tier, coming.level, coming.since, contract.asked_by.get(check, UNSET))
        for check, coming in contract.announced(today).items()
        if coming.since
    )
    used = ContractUsed(contract.name, contract.version, contract.source, contract.tiers, announced)
    if contract.base is None:
        return used
    return replace(
        used,
        extends=tuple(BuiltOn(base.name, base.version, base.source) for base in contract.bases),
        switched_off=tuple(SwitchedOff(check, _short(why)) for check, why in contract.switched_off.items()),
    )


def _sources(facts: Facts, handed_in: HandedIn | None) -> tuple[SourceUsed, ...] | UnsetType:
    """What became of the repositories that were handed in, if there were any."""
    if not handed_in or not handed_in.sources:
        return UNSET
    pipeline = facts["gitlab"]
    ways: list[Elsewhere | Projects] = [facts["workflows"].elsewhere]
    ways += [pipeline.elsewhere] if pipeline is not None else []
    return tuple(
        SourceUsed(
            source.name, source.ref or None, source.repository.location, source.repository.commit,
            any(way.leads_to(source) for way in ways), tuple(ref for way in ways for ref in way.wanted_of(source)),
        )
        for source in handed_in.sources
    )  # fmt: skip


def released(
    repository: Repository, contract: Contract, handed_in: HandedIn | None, only: Sequence[str] = ()
) -> Releases:
    """What a repository releases as checks see it; of components that are picked their parts, and what is nobody's."""
    facts = Facts(repository, handed_in, contract.knowledge)
    releases: Releases = facts["releases"]
    if not only:
        return releases
    picked = _picked(facts["catalog"].components, only)
    parts: list[Share] = [facts["attribution"].of(component) for component in picked if component]
    runs = [run for part in parts for each in part for run in each.runs]
    return replace(releases, runs=tuple(run for number, run in enumerate(runs) if run not in runs[:number]))


def _picked(components: tuple[Component | None, ...], only: Sequence[str]) -> tuple[Component | None, ...]:
    """The components of these names or references; all of them without any. Raises InputError where there is none."""
    if not only:
        return components
    declared = [each for each in components if each is not None]
    known = {text: each for each in declared for text in (each.ref.name.lower(), str(each.ref).lower())}
    for text in only:
        if text.lower() not in known:
            names = ", ".join(each.ref.name for each in declared[:10]) or "none"
            more = ", …" if len(declared) > 10 else ""
            raise InputError(f"--component {text}: there is no such component here, which declares {names}{more}")
    wanted = {id(known[text.lower()]) for text in only}
    return tuple(each for each in declared if id(each) in wanted)


def _score(component: Component | None, contract: Contract, results: list[CheckResult], asked: str) -> ComponentScore:
    return ComponentScore(
        ref=str(component.ref) if component else None,
        type=component.type if component else None,
        lifecycle=component.lifecycle if component else None,
        in_scope=component is None or contract.judges(component.type, component.lifecycle),
        tier=highest(results, contract.tiers) if component else None,
        ceiling=highest([_if_known(result) for result in results], contract.tiers) if component else None,
        working_on=_working_on(results, contract.tiers),
        checks=tuple(results),
        next=_next(results, contract.tiers, asked),
    )


def _narrow(score: ComponentScore, contract: Contract, narrowed: Narrowing, asked: str) -> ComponentScore:
    """The part of a component's score that the changed files touch."""
    checks = tuple(check for check in score.checks if check.id not in narrowed.left_out)
    return replace(
        score,
        tier=None,
        ceiling=None,
        working_on=_working_on(checks, contract.tiers),
        checks=checks,
        next=_next(checks, contract.tiers, asked),
    )


def _working_on(results: Iterable[CheckResult], tiers: tuple[str, ...]) -> str | None:
    unmet = {result.tier for result in results if not result.met}
    return next((tier for tier in tiers if tier in unmet), None)


_Waivers: TypeAlias = "dict[tuple[str, str], Waiver]"


def _waivers(contract: Contract, components: Iterable[Component | None], today: date) -> _Waivers:
    """The waiver of a check for a component, of several the one that counts most."""
    found: _Waivers = {}
    if contract.requests:
        from goldenpath.contract.waivers import STATES, standings  # few repositories wait for it

        for request, covered, standing in standings(contract, components, today):
            waiver = _waiver(request, standing)
            for ref in covered:
                others = found.get((request.asked.check, ref), waiver)
                found[request.asked.check, ref] = min(waiver, others, key=lambda each: STATES.index(each.state))
    return found


def _waiver(request: Request, standing: Standing) -> Waiver:
    asked, why = request.asked, _short(standing.why) or UNSET
    reason = _short(asked.reason)
    if standing.approval is None:
        return Waiver(standing.state, reason, asked.requested_by, asked.expires, request.place, why)
    granted, place = standing.approval.granted, standing.approval.place
    return Waiver(
        standing.state, reason, asked.requested_by, granted.expires, request.place, why,
        granted.approver, _short(granted.risk), place,
    )  # fmt: skip


def _result(question: Question, outcome: Outcome, contract: Contract, waivers: _Waivers) -> CheckResult:
    check, requirement, component = question.check, question.requirement, question.component
    fix = outcome.fix or check.fix
    advice = FixAdvice(_short(fix.summary), fix.effort, page_of(check), fix.files)
    return CheckResult(
        id=check.id,
        title=check.title,
        tier=requirement.tier,
        level=requirement.level,
        verdict=outcome.verdict,
        summary=_short(outcome.summary),
        evidence=tuple(replace(each, text=_short(each.text)) for each in outcome.evidence),
        reason=UNSET if outcome.reason is None else _short(outcome.reason),
        fix=advice if outcome.verdict in _NOT_PROVEN else UNSET,
        waiver=waivers.get((check.id, str(component.ref))) if component and outcome.verdict in _NOT_PROVEN else None,
        since=UNSET if requirement.since is None else requirement.since,
        asked_by=contract.asked_by.get(check.id, UNSET),
    )


_NOT_PROVEN = ("fail", "unknown")


def page_of(check: Check) -> str | None:
    """The address of a check's page; None for a check that another package brings."""
    return f"{DOCUMENTATION}/{check.id}.md" if check.judge.__module__.startswith("goldenpath.checks.") else None


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def highest(results: Iterable[CheckResult], tiers: tuple[str, ...]) -> str | None:
    """The highest tier at which every required check of it and of those below is met.

    A tier that asks nothing of this component (no check, or none that applies) proves nothing and is never awarded.
    """
    results = tuple(results)
    reached = None
    for tier in tiers:
        of_tier = [result for result in results if result.tier == tier]
        if not all(result.met for result in of_tier):
            break
        if any(result.verdict != "not-applicable" and result.level == "required" for result in of_tier):
            reached = tier
    return reached


def _if_known(result: CheckResult) -> CheckResult:
    return replace(result, verdict="pass") if result.verdict == "unknown" else result


def _lowest(found: list[str | None], tiers: tuple[str, ...]) -> str | None:
    return None if None in found else min((tier for tier in found if tier), key=tiers.index, default=None)


def to_do(results: Iterable[CheckResult], tiers: tuple[str, ...]) -> list[tuple[CheckResult, FixAdvice]]:
    """What is left to do, with its fix, in the order in which it is worth it.

    The lowest tier first; in it what is known to fail before what is unknown, and the least effort first.
    """

    def rank(pair: tuple[CheckResult, FixAdvice]) -> tuple[bool, int, bool, int]:
        result, fix = pair
        return (
            result.level == "advisory",
            tiers.index(result.tier),
            result.verdict == "unknown",
            EFFORTS.index(fix.effort),
        )

    wanting = [(result, result.fix) for result in results if isinstance(result.fix, FixAdvice) and not result.waived]
    return sorted(wanting, key=rank)


def _next(results: Iterable[CheckResult], tiers: tuple[str, ...], asked: str = "") -> NextAction | None:
    """The first thing to do."""
    wanting = to_do(results, tiers)
    if not wanting:
        return None
    result, fix = wanting[0]
    command = f"goldenpath explain {result.id} {asked}".rstrip()
    return NextAction(result.id, result.tier, fix.summary, fix.effort, fix.docs, command)


def meets(scorecard: Scorecard, wanted: str) -> bool:
    """Whether the repository has reached a tier of its contract, or holds nothing that the contract judges.

    Of a narrowed scorecard, whether nothing in it stands in the way of that tier.
    """
    ranks = scorecard.contract.tiers
    if scorecard.narrowed:
        results = (result for component in scorecard.components for result in component.checks)
        return all(result.met for result in results if ranks.index(result.tier) <= ranks.index(wanted))
    if scorecard.tier is None:
        return not any(component.in_scope for component in scorecard.components)
    return ranks.index(scorecard.tier) >= ranks.index(wanted)
