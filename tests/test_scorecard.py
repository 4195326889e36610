"""From verdicts to tiers: what meets, what lowers, whom a contract judges, and what to do next."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import UNSET

import releasing
import trees
from goldenpath.checks import (
    EVERY_TYPE,
    Check,
    Effort,
    Evidence,
    Fix,
    Outcome,
    Settings,
    failed,
    load,
    not_applicable,
    passed,
    shipped_ids,
    unknown,
)
from goldenpath.contract import Contract, Requirement, Scope
from goldenpath.deadline import TookTooLong
from goldenpath.facts import Facts, maker
from goldenpath.facts.pipeline.runs import walk
from goldenpath.journal import Journal
from goldenpath.scorecard import APART, LONGEST, Scorecard, evaluate, meets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.workflows import Workflow, Workflows

TODAY = date(2026, 11, 24)
VERDICTS: dict[str, Outcome] = {
    "pass": passed("it holds"),
    "fail": failed("it does not hold"),
    "unknown": unknown("it is not seen", "it stands elsewhere"),
    "n/a": not_applicable("it is not asked"),
}


def entity(name: str, kind: str = "service", lifecycle: str = "production") -> str:
    spec = f"{{type: {kind}, lifecycle: {lifecycle}, owner: payments}}"
    return f"---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {spec}\n"


ONE = {"catalog-info.yaml": entity("payments-api")}


class Judges:
    """Checks that say what a test tells them: their name is `verdict`, or `verdict-anything`."""

    def __init__(self) -> None:
        self.made: dict[str, Check] = {}

    def load(self, name: str) -> Check:
        return self.made.get(name) or self.make(name, lambda: VERDICTS[name.split("-", maxsplit=1)[0]])

    def make(
        self, name: str, judge: Callable[..., Outcome], *needs: str,
        applies: frozenset[str] = EVERY_TYPE, effort: Effort = "hours",
    ) -> Check:  # fmt: skip
        self.made[name] = Check(name, f"{name} holds", "", applies, Fix(f"fix {name}", effort), judge, needs)
        return self.made[name]


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Judges:
    made = Judges()
    monkeypatch.setattr("goldenpath.scorecard.load", made.load)
    return made


def contract(checks: dict[str, Any], scope: Scope | None = None) -> Contract:
    """A contract; a check's requirement is its tier, a Requirement, or several."""

    def requirements(of: Any) -> tuple[Requirement, ...]:
        if isinstance(of, str):
            return (Requirement(of),)
        return of if isinstance(of, tuple) else (of,)

    asked = {name: requirements(of) for name, of in checks.items()}
    return Contract(
        "acme", "1", "group:platform", "acme", ("bronze", "silver", "gold"), asked, scope or Scope(), Settings()
    )


def judged(
    checks: dict[str, Any], files: Mapping[str, str | bytes | None] | None = None, scope: Scope | None = None
) -> Scorecard:
    return evaluate(trees.repository(ONE if files is None else files), contract(checks, scope), TODAY)


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


def test_checks_are_given_what_they_name(judges: Judges) -> None:
    def judge(component: Any, settings: Settings, repository: Any, catalog: Any) -> Outcome:
        return passed(
            f"{component.ref.name} {settings.owner_kinds} {len(repository.entries)} {len(catalog.components)}"
        )

    judges.make("curious", judge, "component", "settings", "repository", "catalog")
    assert judged({"curious": "bronze"}).components[0].checks[0].summary == "payments-api ('group', 'user') 1 1"


def test_what_breaks_in_a_check_is_unknown_and_never_a_traceback(judges: Judges) -> None:
    def broken(unheard_of: object) -> Outcome:
        raise AssertionError(unheard_of)

    judges.make("broken", lambda: [VERDICTS["pass"]][len(VERDICTS)])
    judges.make("lost", broken, "unheard_of")
    scorecard = judged({"broken": "bronze", "lost": "bronze", "pass": "bronze"})
    assert [check.verdict for check in scorecard.components[0].checks] == ["unknown", "unknown", "pass"]
    assert "IndexError" in str(scorecard.components[0].checks[0].reason)
    assert (scorecard.tier, scorecard.ceiling) == (None, "bronze")
    with pytest.raises(IndexError):
        evaluate(trees.repository(ONE), contract({"broken": "bronze"}), TODAY, strict=True)


def test_a_check_that_does_not_end_is_unknown_and_the_others_have_their_say(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldenpath.scorecard.SECONDS", 0.3)
    monkeypatch.setattr("goldenpath.scorecard.AT_LEAST", 0.2)

    def stubborn() -> Outcome:
        while True:
            with contextlib.suppress(Exception):
                list(range(1000))

    judges.make("stubborn", stubborn)
    judges.make("backtracking", lambda: passed(str(re.fullmatch("(a|aa)+b", "a" * 60))))
    checks = {"stubborn": "bronze", "backtracking": "bronze", "pass": "bronze"}
    results = judged(checks).components[0].checks
    assert [check.verdict for check in results] == ["unknown", "unknown", "pass"]
    assert results[0].summary == "it takes too long to find out"
    with pytest.raises(TookTooLong):
        evaluate(trees.repository(ONE), contract({"stubborn": "bronze"}), TODAY, strict=True)


def test_what_nobody_can_find_out_in_time_is_not_begun_again_for_each_check(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldenpath.scorecard.SECONDS", 0.3)
    begun = []

    def endless() -> None:
        begun.append(True)
        while True:
            list(range(1000))

    monkeypatch.setattr("goldenpath.facts.maker", lambda name: endless if name == "endless" else maker(name))
    for name in ("first", "second"):
        judges.make(name, lambda endless: passed(str(endless)), "endless")
    results = judged({"first": "bronze", "second": "bronze", "pass": "bronze"}).components[0].checks
    assert [check.verdict for check in results] == ["unknown", "unknown", "pass"]
    assert len(begun) == 1


WORKFLOWS = {"pass": "bronze", "where": "bronze", "fail": "silver", "apart": "silver"}


@pytest.fixture
def apart(judges: Judges, monkeypatch: pytest.MonkeyPatch) -> Judges:
    """A machine that lets a second process judge two checks."""
    monkeypatch.setattr("goldenpath.scorecard.possible", lambda: True)
    monkeypatch.setattr("goldenpath.scorecard.APART", {"where", "apart"})
    judges.make("where", lambda: passed(f"in process {os.getpid()}"))
    return judges


def test_what_takes_long_is_judged_by_a_second_process_and_the_order_stays(apart: Judges) -> None:
    apart.make("apart", lambda: VERDICTS["unknown"])
    alone, together = (
        evaluate(trees.repository(ONE), contract(WORKFLOWS), TODAY, alone=alone).components[0]
        for alone in (True, False)
    )
    assert [check.id for check in together.checks] == [check.id for check in alone.checks] == list(WORKFLOWS)
    assert [check.verdict for check in together.checks] == ["pass", "pass", "fail", "unknown"]
    assert alone.checks[1].summary == f"in process {os.getpid()}" != together.checks[1].summary


def children() -> str:
    """The processes that this one has, those included that have ended and that nobody has waited for."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="utf-8")


def test_a_second_process_that_dies_changes_no_verdict(apart: Judges) -> None:
    parent, before = os.getpid(), children()

    def dies() -> Outcome:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return VERDICTS["pass"]

    apart.make("apart", dies)
    (component,) = evaluate(trees.repository(ONE), contract(WORKFLOWS), TODAY, alone=False).components
    assert [check.verdict for check in component.checks] == ["pass", "pass", "fail", "pass"]
    assert component.checks[1].summary == f"in process {parent}"
    assert children() == before  # nobody is left behind


@pytest.mark.parametrize("last_dies", [False, True])
def test_what_all_processes_were_told_is_heard_and_they_find_the_same(
    monkeypatch: pytest.MonkeyPatch, *, last_dies: bool
) -> None:
    monkeypatch.setattr("goldenpath.scorecard.possible", lambda: True)
    monkeypatch.setattr("goldenpath.facts.pipeline.walks.WORTH_IT", 2)
    files: dict[str, str | bytes | None] = {**ONE}
    for name in ("first", "last"):
        sign = f"- run: ./{name}.sh ghcr.io/acme/shop@${{{{ steps.push.outputs.digest }}}}"
        files[f".github/workflows/{name}.yml"] = releasing.workflow(
            release=releasing.job(releasing.PUSH, sign, releasing.SHIP)
        )
        files[f"{name}.sh"] = "#!/bin/sh -e\ncosign sign --yes $1\n"
    main = os.getpid()

    def dying(workflows: Workflows, workflow: Workflow, *rest: Any) -> Run:
        if last_dies and workflow.path.endswith("last.yml") and main not in {os.getpid(), os.getppid()}:
            os._exit(1)
        return walk(workflows, workflow, *rest)

    monkeypatch.setattr("goldenpath.facts.pipeline.walks.walk", dying)
    found, heard = [], []
    for alone in (True, False):
        journal = Journal()
        repository = journal.listen(trees.repository(files))
        asked = contract({"build-signed": "silver", "code-owned": "silver"})
        found.append(evaluate(repository, asked, TODAY, alone=alone, journal=journal))
        heard.append(dict(journal.heard()))
        assert journal.complete
    assert found[0] == found[1]
    assert found[0].components[0].checks[0].verdict == "pass"
    assert heard[0] == heard[1]


def test_releases_are_followed_in_one_process_only() -> None:
    costly = {"releases", "privileges", "recipes"}
    assert {name for name in shipped_ids() if costly.intersection(load(name).needs)} == APART


def test_outside_the_main_thread_there_is_no_limit_and_no_error(judges: Judges) -> None:
    judges.make("pass", lambda: VERDICTS["pass"])
    with ThreadPoolExecutor() as pool:
        assert pool.submit(judged, {"pass": "bronze"}).result().tier == "bronze"


@pytest.mark.usefixtures("judges")
def test_a_catalog_that_breaks_leaves_a_repository_without_a_component(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Facts, name: str) -> Any:
        raise RecursionError(name)

    monkeypatch.setattr(Facts, "__getitem__", broken)
    assert judged({"pass": "bronze"}).components[0].ref is None
    with pytest.raises(RecursionError):
        evaluate(trees.repository(ONE), contract({"pass": "bronze"}), TODAY, strict=True)


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
