"""From verdicts to tiers: what meets, what lowers, whom a contract judges, and what to do next."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import UNSET

import trees
from goldenpath.checks import (
    Evidence,
    Fix,
    Outcome,
    failed,
)
from goldenpath.contract import Requirement, Scope
from goldenpath.scorecard import LONGEST, evaluate, meets
from judging import ONE, VERDICTS, Judges, contract, entity, judged

ADVISORY = Requirement("bronze", "advisory")


@pytest.mark.usefixtures("judges")
@pytest.mark.parametrize(
    ("checks", "tier", "ceiling", "working_on"),
    [
        ({"pass": "bronze"}, "bronze", "bronze", None),
        ({"pass": "bronze", "fail": "bronze"}, None, None, "bronze"),
        ({"pass": "bronze", "unknown": "bronze"}, None, "bronze", "bronze"),
        ({"pass": "bronze", "n/a": "bronze"}, "bronze", "bronze", None),
        ({"pass": "bronze", "fail": ADVISORY}, "bronze", "bronze", None),
        ({"pass": "bronze", "fail": "silver"}, "bronze", "bronze", "silver"),
        ({"pass": "bronze", "unknown": "silver", "fail": "gold"}, "bronze", "silver", "silver"),
        ({"fail": "bronze", "pass": "silver"}, None, None, "bronze"),
        ({"pass": "bronze", "pass-2": "silver"}, "silver", "silver", None),
        ({"pass": "bronze", "pass-2": "gold"}, "gold", "gold", None),  # nothing is asked for silver
        ({"pass": "bronze", "n/a": "silver"}, "bronze", "bronze", None),  # silver would prove nothing
        ({"n/a": "bronze", "pass": "silver"}, "silver", "silver", None),
        ({"pass": ADVISORY}, None, None, None),  # bronze would prove nothing
    ],
)
def test_a_tier_is_what_every_required_check_of_it_and_below_meets(
    checks: dict[str, Any], tier: str | None, ceiling: str | None, working_on: str | None
) -> None:
    scorecard = judged(checks)
    (component,) = scorecard.components
    assert (component.tier, component.ceiling, component.working_on) == (tier, ceiling, working_on)
    assert (scorecard.tier, scorecard.ceiling) == (tier, ceiling)


@pytest.mark.usefixtures("judges")
def test_meets_asks_for_a_tier_or_a_higher_one() -> None:
    silver = judged({"pass": "bronze", "pass-2": "silver"})
    assert [meets(silver, tier) for tier in silver.contract.tiers] == [True, True, False]
    assert not meets(judged({"fail": "bronze"}), "bronze")


@pytest.mark.usefixtures("judges")
def test_a_repository_without_a_component_is_judged_as_a_service_and_has_no_tier(judges: Judges) -> None:
    judges.make("of-services", lambda: VERDICTS["pass"], applies=frozenset({"service"}))
    scorecard = judged({"of-services": "bronze"}, files={}, scope=Scope(types=("website",)))
    (component,) = scorecard.components
    assert (component.ref, component.tier, component.ceiling, scorecard.tier) == (None, None, None, None)
    assert component.checks[0].verdict == "pass"
    assert not meets(scorecard, "bronze")


def test_a_repository_has_the_tier_of_its_lowest_component(judges: Judges) -> None:
    judges.make("named-b", lambda component: VERDICTS["fail" if component.ref.name == "b" else "pass"], "component")
    scorecard = judged(
        {"pass": "bronze", "named-b": "silver"}, {"catalog-info.yaml": entity("a") + entity("b") + entity("c")}
    )
    assert [component.tier for component in scorecard.components] == ["silver", "bronze", "silver"]
    assert scorecard.tier == "bronze"
    assert scorecard.weakest is scorecard.components[1]


@pytest.mark.usefixtures("judges")
def test_whom_the_contract_does_not_judge_lowers_nobody() -> None:
    services = Scope(types=("service",), lifecycles=("production",))
    both = {"catalog-info.yaml": entity("a") + entity("b", kind="library") + entity("c", lifecycle="experimental")}
    scorecard = judged({"pass": "bronze"}, both, services)
    assert [component.in_scope for component in scorecard.components] == [True, False, False]
    assert [component.tier for component in scorecard.components] == ["bronze", None, None]
    assert scorecard.tier == "bronze"
    assert "does not judge a library in production" in scorecard.components[1].checks[0].summary
    nobody = judged({"fail": "bronze"}, {"catalog-info.yaml": entity("b", kind="library")}, services)
    assert nobody.tier is None
    assert meets(nobody, "gold")
    assert nobody.weakest is None


def test_a_slip_in_the_type_excuses_nobody(judges: Judges) -> None:
    judges.make("of-services", lambda: VERDICTS["pass"], applies=frozenset({"service"}))
    slip = {"catalog-info.yaml": entity("a", kind="servce")}
    for scope in Scope(), Scope(types=("service",), lifecycles=("production",)):
        (component,) = judged({"of-services": "bronze", "pass": "silver"}, slip, scope).components
        assert (component.in_scope, component.tier) == (True, None)
        assert [check.verdict for check in component.checks] == ["unknown", "pass"]
        assert component.checks[0].summary == "the type 'servce' is known nowhere; is a service meant?"
        assert component.checks[0].evidence[0].line == 5
    experiment = {"catalog-info.yaml": entity("a", kind="servce", lifecycle="experimental")}
    assert not judged({"pass": "bronze"}, experiment, scope).components[0].in_scope


def test_a_type_that_the_contract_names_is_no_slip(judges: Judges) -> None:
    judges.make("of-services", lambda: VERDICTS["fail"], applies=frozenset({"service"}))
    micro = {"catalog-info.yaml": entity("a", kind="microservice")}
    named = Requirement("bronze", applies=Scope(types=("microservice",)))
    checks = judged({"of-services": "bronze", "pass": named}, micro).components[0].checks
    assert [check.verdict for check in checks] == ["not-applicable", "pass"]
    assert judged({"of-services": "bronze"}, micro).components[0].checks[0].verdict == "unknown"


def test_a_check_is_asked_of_the_types_it_is_about_unless_the_contract_says_otherwise(judges: Judges) -> None:
    judges.make("of-services", lambda: VERDICTS["fail"], applies=frozenset({"service"}))
    library = {"catalog-info.yaml": entity("a", kind="library")}
    (component,) = judged({"of-services": "bronze", "pass": "bronze"}, library).components
    assert [check.verdict for check in component.checks] == ["not-applicable", "pass"]
    assert component.checks[0].reason == "not asked of a library"
    widened = Requirement("bronze", applies=Scope(types=("library",)))
    assert judged({"of-services": widened}, library).components[0].checks[0].verdict == "fail"
    narrowed = Requirement("bronze", applies=Scope(lifecycles=("experimental",)))
    assert judged({"of-services": narrowed}).components[0].checks[0].reason == "not asked of a service in production"


def test_the_next_action_is_the_lowest_tier_then_what_is_known_then_what_is_quick(judges: Judges) -> None:
    judges.make("fail-slow", lambda: VERDICTS["fail"], effort="days")
    judges.make("fail-quick", lambda: VERDICTS["fail"], effort="minutes")
    judges.make("unknown-quick", lambda: VERDICTS["unknown"], effort="minutes")
    order = ["fail-quick", "fail-slow", "unknown-quick", "fail", "fail-advisory"]
    checks: dict[str, Any] = {
        "fail-advisory": ADVISORY,
        "fail": "silver",
        "unknown-quick": "bronze",
        "fail-slow": "bronze",
        "fail-quick": "bronze",
    }
    for expected in order:
        (component,) = judged(checks).components
        assert component.next is not None
        assert (component.next.check, component.next.command) == (expected, f"goldenpath explain {expected}")
        del checks[expected]
    assert judged({"pass": "bronze"}).components[0].next is None


def test_an_outcomes_own_fix_counts_before_the_checks(judges: Judges) -> None:
    judges.make("particular", lambda: failed("no", fix=Fix("turn it on", "minutes")))
    judges.make("general", lambda: failed("no"))
    results = judged({"particular": "bronze", "general": "bronze", "pass": "bronze"}).components[0].checks
    assert [getattr(result.fix, "summary", None) for result in results] == ["turn it on", "fix general", None]


def test_what_is_quoted_from_a_file_stays_short(judges: Judges) -> None:
    long = "x" * 1_000_000
    place = Evidence("declared", "a", 1, 1, long)
    judges.make("long", lambda: Outcome("unknown", long, (place,), long, Fix(long, "days")))
    (result,) = judged({"long": "bronze"}).components[0].checks
    texts = [result.summary, result.reason, result.evidence[0].text, getattr(result.fix, "summary", "")]
    assert {len(str(text)) for text in texts} == {LONGEST}


def test_a_check_of_another_package_has_no_page_of_ours(judges: Judges) -> None:
    (own,) = judged({"fail": "bronze"}).components[0].checks
    judge = judges.make("shipped", lambda: VERDICTS["fail"]).judge
    judge.__module__ = "goldenpath.checks.shipped"
    (shipped,) = judged({"shipped": "bronze"}).components[0].checks
    assert getattr(own.fix, "docs", "") is None
    assert getattr(shipped.fix, "docs", "").endswith("docs/checks/shipped.md")


@pytest.mark.usefixtures("judges")
def test_a_day_has_its_rules_and_what_is_announced_is_told() -> None:
    checks = {
        "pass": "bronze",
        "fail": (Requirement("silver"), Requirement("bronze", since=date(2027, 1, 1))),
        "unknown": Requirement("silver", "advisory", since=date(2027, 6, 1)),
    }
    scorecards = {
        day: evaluate(trees.repository(ONE), contract(checks), date.fromisoformat(day))
        for day in ("2026-11-24", "2027-01-01", "2027-06-01")
    }
    assert [card.tier for card in scorecards.values()] == ["bronze", None, None]
    announced = {
        day: [(each.check, each.tier, each.level, str(each.since)) for each in card.contract.announced]
        for day, card in scorecards.items()
    }
    coming = [("fail", "bronze", "required", "2027-01-01"), ("unknown", "silver", "advisory", "2027-06-01")]
    assert announced == {"2026-11-24": coming, "2027-01-01": coming[1:], "2027-06-01": []}
    assert [check.id for check in scorecards["2026-11-24"].components[0].checks] == ["pass", "fail"]
    assert [check.since for check in scorecards["2027-01-01"].components[0].checks] == [UNSET, date(2027, 1, 1)]


@pytest.mark.usefixtures("judges")
def test_the_same_tree_contract_and_day_give_the_same_scorecard() -> None:
    checks = {"pass": "bronze", "unknown": "silver", "fail": "gold"}
    assert judged(checks) == judged(checks)
