"""Scorecards for the tests of reports: verdicts, summaries and places, without a repository behind them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from goldenpath.checks import Effort, Evidence, Role, Verdict, shipped_ids
from goldenpath.contract.waivers import STATES
from goldenpath.repository import Place
from goldenpath.scorecard import (
    Announcement,
    CheckResult,
    ComponentScore,
    ContractUsed,
    FixAdvice,
    Judged,
    Scorecard,
    Tool,
    Waiver,
    _if_known,
    _lowest,
    _next,
    highest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TIERS = ("bronze", "silver", "gold")
ADVICE = FixAdvice("Do what the page says", "hours", "https://example.com/page")


def at(path: str, line: int = 0, text: str = "") -> Evidence:
    return Evidence("declared", path, line, 1 if line else 0, text)


def result(
    check: str,
    verdict: Verdict,
    summary: str,
    *evidence: Evidence,
    tier: str = "bronze",
    level: str = "required",
    reason: str | None = None,
    fix: FixAdvice = ADVICE,
) -> CheckResult:
    assert level in {"required", "advisory"}
    return CheckResult(
        check, f"{check} holds", tier, level, verdict, summary, evidence,  # type: ignore[arg-type]
        UNSET if reason is None else reason,
        fix if verdict in {"fail", "unknown"} else UNSET,
    )  # fmt: skip


def waived(unproven: CheckResult, until: date = date(2027, 1, 31)) -> CheckResult:
    """What an approver has excused."""
    waiver = Waiver(
        "granted", "it moves", "user:default/jo", until, Place(".goldenpath.yaml", 2, 5), UNSET,
        "group:default/security", "Nobody but us can reach it", Place("approvals/shop.yaml", 4, 3),
    )  # fmt: skip
    return replace(unproven, waiver=waiver)


def score(
    *checks: CheckResult, ref: str | None = "component:default/payments-api", in_scope: bool = True
) -> ComponentScore:
    return ComponentScore(
        ref=ref,
        type="service" if ref else None,
        lifecycle="production" if ref else None,
        in_scope=in_scope,
        tier=highest(checks, TIERS) if ref else None,
        ceiling=highest([_if_known(check) for check in checks], TIERS) if ref else None,
        working_on=next((tier for tier in TIERS if any(c.tier == tier and not c.met for c in checks)), None),
        checks=checks,
        next=_next(checks, TIERS),
    )


def scorecard(
    *components: ComponentScore, announced: tuple[Announcement, ...] = (), commit: str | None = None
) -> Scorecard:
    return Scorecard(
        apiVersion="goldenpath.dev/report/v1",
        tool=Tool("goldenpath", "0.1.0"),
        repository=Judged("/srv/payments-api", commit, ""),
        contract=ContractUsed("standard", "0.1.0", "standard", TIERS, announced),
        as_of=date(2026, 11, 24),
        tier=_lowest([each.tier for each in components if each.in_scope], TIERS),
        ceiling=_lowest([each.ceiling for each in components if each.in_scope], TIERS),
        components=components,
    )


BRONZE = (
    result("owner-declared", "pass", "owned by group:default/payments", at("catalog-info.yaml", 14, "spec.owner")),
    result(
        "oncall-declared", "pass", "PagerDuty service PABC123 is paged",
        at("catalog-info.yaml", 9), at("mkdocs.yml", 2),
    ),
    result("chat-channel-declared", "pass", "#payments in Slack", at("catalog-info.yaml", 11)),
    result(
        "runbook-linked", "pass", "docs/runbook.md is linked and no stub",
        at("catalog-info.yaml", 17), at("docs/runbook.md"),
    ),
    result(
        "slo-defined", "pass", "2 SLOs of payments-api, each with an indicator, a target and a window",
        at("observability/slo.yaml", 5), at("observability/slo.yaml", 31),
    ),
    result(
        "sbom-generated", "pass", "an SBOM of the pushed image is attested on the release path",
        at(".github/workflows/release.yml", 74), at(".github/workflows/release.yml", 40),
    ),
    result(
        "build-signed", "pass", "the digest that is pushed is the digest that cosign signs",
        at(".github/workflows/release.yml", 61), at(".github/workflows/release.yml", 40),
    ),
)  # fmt: skip

SILVER = (
    result(
        "actions-pinned", "fail", "2 of 11 actions are named by a tag, which its owner can move at any time",
        at(".github/workflows/ci.yml", 14, "actions/checkout@v4"),
        at(".github/workflows/ci.yml", 21, "actions/setup-python@v5"),
        tier="silver",
        fix=FixAdvice("Pin actions/checkout and actions/setup-python by the commit of their release", "minutes", None),
    ),
    result(
        "code-owned", "unknown", "CODEOWNERS names a team that cannot be compared with the catalog's owner",
        at(".github/CODEOWNERS", 3, "* @acme/payments"),
        tier="silver", reason="whether @acme/payments is group:default/payments stands in the organisation's catalog",
    ),
    result(
        "docs-published", "pass", "TechDocs builds from mkdocs.yml, and every page of its menu exists",
        at("mkdocs.yml", 1), tier="silver",
    ),
)  # fmt: skip

COMING = Announcement("code-owned", "bronze", "required", date(2027, 1, 1))


# Whatever a repository may say

FRAGMENTS = (
    "@octocat", "@acme/team", "#1", "acme/shop#1", "GH-1", "a@b.example", "www.evil.example", "https://evil.example/?a=b",
    "[x](https://evil.example)", "![x](y)", "<img src=x onerror=y>", "<!--", "-->", "</details>", "</summary>", "&lt;",
    "|", "\\|", "\\", "`", "```", "~~~", "*", "**b**", "_", "$x$", ":tada:", "- ", "1. ", "# ", "> ", "---", "\n",
    "\n\n", "\r", "\0", "\x1b[31m", "\u202e", "\u2028", "\ufffe", "]]>", "{0}", "%SRCROOT%", "a word", "état", "語",
    "…", "'", '"',
)  # fmt: skip


@cache
def texts(most: int = 5) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=most).map("".join)


@cache
def paths() -> st.SearchStrategy[str]:
    return texts(4) | st.sampled_from(
        ["", "/", "./a", "../../etc/passwd", "/etc/passwd", "a b/%20?#.yml", "docs/語.md"]
    )


@cache
def folders() -> st.SearchStrategy[str]:
    """Where in its repository a folder is, as git says it: no part of the path is empty or leads elsewhere."""
    return st.just("") | texts(2).filter(lambda path: {"", ".", ".."}.isdisjoint(path.split("/")))


@cache
def any_evidence() -> st.SearchStrategy[Evidence]:
    lines = st.integers(0, 9)
    return st.builds(Evidence, st.sampled_from(get_args(Role)), paths(), lines, lines, texts())


@cache
def any_result(check: str) -> st.SearchStrategy[CheckResult]:
    place = st.builds(Place, paths(), st.integers(0, 9))
    waived = st.builds(
        Waiver, st.sampled_from(STATES), texts(), texts(), st.dates(), place, texts(), texts() | st.none(),
        texts() | st.none(), st.none() | place,
    )  # fmt: skip
    found = st.builds(
        result,
        st.just(check),
        st.sampled_from(get_args(Verdict)),
        texts(),
        tier=st.sampled_from(TIERS),
        level=st.sampled_from(["required", "advisory"]),
        reason=texts() | st.none(),
        fix=st.builds(FixAdvice, texts(), st.sampled_from(get_args(Effort)), st.none() | st.just(ADVICE.docs)),
    )
    evidence = st.lists(any_evidence(), max_size=3).map(tuple)
    return st.builds(
        lambda found, evidence, waiver: replace(
            found, evidence=evidence, waiver=waiver if found.verdict in {"fail", "unknown"} else None
        ),
        found, evidence, st.none() | waived,
    )  # fmt: skip


@st.composite
def any_scorecard(draw: st.DrawFn) -> Scorecard:
    """A scorecard as a hostile repository, with a contract of its own, could bring about."""
    checks = draw(st.lists(st.sampled_from(shipped_ids()), unique=True, max_size=3))
    components = []
    for _ in range(draw(st.integers(1, 2))):
        results = [draw(any_result(check)) for check in checks]
        component = score(*results, ref=draw(st.none() | texts()), in_scope=draw(st.booleans()))
        components.append(replace(component, type=draw(st.none() | texts(3)), lifecycle=draw(st.none() | texts(3))))
    names = {tier: draw(texts(3)) for tier in TIERS} if draw(st.booleans()) else {}
    return renamed(
        replace(
            scorecard(*components, commit=draw(st.none() | st.just("0" * 40))),
            repository=Judged(draw(texts()), draw(st.none() | st.just("0" * 40)), draw(folders())),
            contract=ContractUsed(draw(texts(3)), draw(texts(3)), "acme.yaml", TIERS, (COMING,)),
        ),
        names,
    )


def for_any_scorecard(test: Callable[[Scorecard], None]) -> Callable[[], None]:
    """Run a test with many scorecards; making one takes a while, which is nobody's fault."""
    patient = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    return patient(given(any_scorecard())(test))


def renamed(card: Scorecard, names: dict[str, str]) -> Scorecard:
    """The scorecard with other names for its tiers."""

    def of(tier: str | None) -> str | None:
        return names.get(tier, tier) if tier else tier

    components = tuple(
        replace(
            each, tier=of(each.tier), ceiling=of(each.ceiling), working_on=of(each.working_on),
            checks=tuple(replace(check, tier=of(check.tier)) for check in each.checks),
        )
        for each in card.components
    )  # fmt: skip
    tiers = tuple(names.get(tier, tier) for tier in card.contract.tiers)
    contract = replace(card.contract, tiers=tiers)
    return replace(card, tier=of(card.tier), ceiling=of(card.ceiling), contract=contract, components=components)
