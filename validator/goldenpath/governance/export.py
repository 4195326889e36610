"""A contract as other scorecards read it: Backstage's Tech Insights with its Maturity plugin, and Soundcheck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goldenpath.checks import load
from goldenpath.reports.yaml import encode
from goldenpath.repository import InputError
from goldenpath.scorecard import page_of

if TYPE_CHECKING:
    from datetime import date

    from goldenpath.checks import Check
    from goldenpath.contract import Contract

RETRIEVER = "goldenpath"
"""The fact retriever whose facts are the verdicts (scaffolder/plugins/tech-insights-backend-module-golden-path)."""

MET = ["pass", "not-applicable", "waived"]
"""The verdicts that lower no tier."""

RANKS = 3
"""How many the Maturity plugin knows above Stone: Bronze, Silver, Gold."""

KEPT = {"days": 90}
"""How long facts are stored: as far back as the chart of tiers goes (scaffolder/plugins/golden-path)."""


def tech_insights(contract: Contract, day: date, asked_for: str | None) -> str:
    """The part of an app-config that has the contract's checks. Raises InputError where Maturity has too few ranks."""
    if len(contract.tiers) > RANKS:
        raise InputError(f"{contract.source}: it has {len(contract.tiers)} tiers, and Maturity has {RANKS} ranks")
    scorecard = {"version": contract.version, "tiers": list(contract.tiers), "checks": sorted(contract.checks)}
    checks = {
        check.id: {
            "type": "json-rules-engine",
            "name": check.title,
            "description": check.fix.summary,
            "factIds": [RETRIEVER],
            "rule": {"conditions": {"all": [{"fact": check.id, "operator": "in", "value": MET}]}},
            "metadata": {
                "category": tier.capitalize(),
                "rank": contract.tiers.index(tier) + 1,
                "solution": _solution(check),
            },
        }
        for check, tier in _required(contract, day)
    }
    named = {"contract": asked_for} if asked_for else {}
    return _yaml(contract, day, {
        "goldenpath": {**named, "scorecard": scorecard},
        "techInsights": {
            "factRetrievers": {
                RETRIEVER: {"cadence": "17 */6 * * *", "timeout": {"hours": 2}, "lifecycle": {"timeToLive": KEPT}}
            },
            "factChecker": {"checks": checks},
        },
    })  # fmt: skip


def soundcheck(contract: Contract, day: date) -> str:
    """Checks, and a track with a level for each tier, as Soundcheck's configuration, in YAML."""
    required = _required(contract, day)
    component = {"kind": ["component"]}
    checks = [
        {
            "id": check.id,
            "name": check.title,
            "description": check.fix.summary,
            "ownerEntityRef": contract.owner,
            "filter": [component],
            "rule": {
                "factRef": f"techinsights:default/{RETRIEVER}",
                "path": f"$['{check.id}']",
                "operator": "in",
                "value": MET,
            },
            "failedMessage": _solution(check),
        }
        for check, _ in required
    ]
    levels = [
        {
            "ordinal": rank,
            "name": tier.capitalize(),
            "checks": [
                {"id": check.id, "name": check.title, "description": check.fix.summary}
                for check, of in required
                if of == tier
            ],
        }
        for rank, tier in enumerate(contract.tiers, start=1)
    ]
    track = {
        "id": f"golden-path-{contract.name}",
        "name": f"Golden path: {contract.name}",
        "description": f"What {contract.name} {contract.version} requires, judged from each component's source",
        "ownerEntityRef": contract.owner,
        "filter": [component],
        "levels": [level for level in levels if level["checks"]],
    }
    return _yaml(contract, day, {"soundcheck": {"checks": checks, "tracks": [track]}})


def _required(contract: Contract, day: date) -> list[tuple[Check, str]]:
    """Each check that a tier requires on that day, with the tier, from the lowest."""
    found = [(load(name), each.tier) for name, each in contract.in_force(day).items() if each.level == "required"]
    return sorted(found, key=lambda asked: contract.tiers.index(asked[1]))


def _solution(check: Check) -> str:
    """The next action, with the page that says more."""
    page = page_of(check)
    return f"{check.fix.summary} ([{check.id}]({page}))" if page else check.fix.summary


def _yaml(contract: Contract, day: date, content: dict[str, Any]) -> str:
    return encode(
        content, f"The contract {contract.name} {contract.version} on {day}, by `goldenpath contract export`."
    )
