"""Scorecards for the tests of reports: verdicts, summaries and places, without a repository behind them."""

from __future__ import annotations

from datetime import date

from msgspec import UNSET

from goldenpath.checks import Evidence, Verdict
from goldenpath.scorecard import (
    Announcement,
    CheckResult,
    ComponentScore,
    ContractUsed,
    FixAdvice,
    Judged,
    Scorecard,
    Tool,
    _if_known,
    _lowest,
    _next,
    highest,
)

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
