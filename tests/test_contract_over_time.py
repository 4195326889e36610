"""What a contract does over a year of its versions, and what no contract ever does."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trees
from goldenpath.cli import main
from goldenpath.contract import choose, named
from goldenpath.contract.waivers import standings
from goldenpath.facts import Facts
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from goldenpath.repository import Repository
    from goldenpath.scorecard import ComponentScore

HEAD = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: VERSION, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver, gold]
  waivers: {max_days: 90, approvers: [security]}
  checks:
"""
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
"""

YEAR = {
    date(2026, 1, 1): """\
    owner-declared: {tier: bronze}
    code-owned: {tier: silver}
    chat-channel-declared:
      - {tier: silver, level: advisory}
      - {tier: silver, from: 2026-04-01}
    """,
    date(2026, 4, 1): """\
    owner-declared: {tier: bronze}
    code-owned: {tier: silver}
    chat-channel-declared: {tier: silver}
    oncall-declared:
      - {tier: silver, from: 2026-07-01}
      - {tier: bronze, from: 2026-10-01}
    """,
    date(2026, 7, 1): """\
    owner-declared: {tier: bronze}
    code-owned: {tier: silver}
    chat-channel-declared:
      - {tier: silver}
      - {tier: silver, level: advisory, from: 2026-12-01}
    oncall-declared:
      - {tier: silver}
      - {tier: bronze, from: 2026-10-01}
      - {tier: silver, level: advisory, from: 2026-11-01}
    """,
    date(2026, 12, 1): """\
    owner-declared: {tier: bronze}
    code-owned: {tier: silver}
    oncall-declared: {tier: silver, level: advisory}
    chat-channel-declared: {tier: silver, level: advisory}
    """,
}
"""Each version of the contract by the day on which it is published: what was announced is then in force."""

STANDING = {
    date(2026, 1, 1): "silver",  # what is advisory lowers nothing
    date(2026, 4, 1): "bronze",  # the chat is required for silver
    date(2026, 7, 1): "bronze",  # so is the on-call
    date(2026, 10, 1): None,  # the floor is raised: the on-call is required for bronze
    date(2026, 11, 1): "bronze",  # and is advice again
    date(2026, 12, 1): "silver",  # as is the chat
}
"""The tier from each day on of a service that has an owner and code owners, and neither chat nor on-call."""


def published(text: str, version: str, folder: Path) -> str:
    file = folder / f"{version}.yaml"
    file.write_text(HEAD.replace("VERSION", version) + text)
    return str(file)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/catalog-info.yaml").write_text(CATALOG)
    (tmp_path / "shop/CODEOWNERS").write_text("* @acme/payments\n")
    return str(tmp_path / "shop")


def tier_on(day: date, shop: str, contract: str, capsys: pytest.CaptureFixture[str]) -> str | None:
    main(["check", shop, "--contract", contract, "--as-of", str(day), "--format", "json"])
    tier: str | None = json.loads(capsys.readouterr().out)["tier"]
    return tier


@pytest.mark.parametrize("boundary", STANDING)
def test_over_a_year_each_rule_counts_from_its_day_on(
    boundary: date, shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in (boundary - timedelta(days=1), boundary, boundary + timedelta(days=1)):
        begun = [begin for begin in YEAR if begin <= day]
        if begun:
            contract = published(YEAR[begun[-1]], str(begun[-1]), tmp_path)
            assert tier_on(day, shop, contract, capsys) == STANDING[max(each for each in STANDING if each <= day)]


@pytest.mark.parametrize(("old", "new"), [*zip(YEAR, list(YEAR)[1:], strict=False)])
def test_a_version_does_on_its_day_what_the_one_before_announced(
    old: date, new: date, shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = (published(YEAR[each], str(each), tmp_path) for each in (old, new))
    rules = {name: rule.tier for name, rule in named(before).in_force(new).items() if rule.level == "required"}
    assert rules == {name: rule.tier for name, rule in named(after).in_force(new).items() if rule.level == "required"}
    assert tier_on(new, shop, before, capsys) == tier_on(new, shop, after, capsys)
    assert main(["contract", "diff", before, after, "--over", shop, "--as-of", str(new), "--format", "json"]) in {0, 1}
    moved = [move["since"] for move in json.loads(capsys.readouterr().out)["moves"]]
    assert all(since > str(new) for since in moved)  # only what is announced anew, and later


# What no contract ever does

TIERS = ("bronze", "silver", "gold")
CHECKS = ("owner-declared", "chat-channel-declared", "oncall-declared", "code-owned", "runbook-linked", "slo-defined")
TODAY = date(2026, 11, 26)

floors = st.lists(
    st.tuples(st.sampled_from(TIERS), st.sampled_from(["required", "advisory"])),
    min_size=len(CHECKS), max_size=len(CHECKS),
)  # fmt: skip


@st.composite
def services(draw: st.DrawFn, requests: str = "") -> Repository:
    """A service that meets some checks, fails others, and leaves others unknown."""
    annotations = draw(
        st.sampled_from(["{}", "{pagerduty.com/integration-key: abc}", "{pagerduty.com/service-id: ''}"])
    )
    links = draw(st.sampled_from(["[]", "[{url: 'https://acme.slack.com/archives/C1', title: Chat}]"]))
    owner = draw(st.sampled_from(["payments", "user:jo", "''"]))
    kind = draw(st.sampled_from(["service", "library", "website"]))
    owners = draw(st.sampled_from([None, "* @jo\n", "* @acme/payments\n", "docs/ @jo\n"]))
    catalog = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
        f"metadata: {{name: shop, annotations: {annotations}, links: {links}}}\n"
        f"spec: {{type: {kind}, lifecycle: production, owner: {owner}}}\n"
    )
    files = {"catalog-info.yaml": catalog, "CODEOWNERS": owners, ".goldenpath.yaml": requests or None}
    return trees.repository({path: text for path, text in files.items() if text is not None})


def asking(floor: Sequence[tuple[str, str]]) -> str:
    lines = [f"    {name}: {{tier: {tier}, level: {level}}}" for name, (tier, level) in zip(CHECKS, floor, strict=True)]
    return HEAD.replace("VERSION", "1") + "\n".join(lines) + "\n"


def judged(repository: Repository, contract: str, folder: Path) -> ComponentScore:
    file = folder / "acme.yaml"
    file.write_text(contract)
    return evaluate(repository, choose(repository, str(file)), TODAY).components[0]


def rank(tier: str | None) -> int:
    return TIERS.index(tier) if tier else -1


def asked_at(score: ComponentScore) -> set[str]:
    """The tiers that ask something of a component."""
    return {each.tier for each in score.checks if each.level == "required" and each.verdict != "not-applicable"}


@settings(max_examples=150, deadline=None)
@given(services(), floors, st.sampled_from(range(len(CHECKS))), st.data())
def test_raising_the_floor_never_lifts_a_tier(
    tmp_path_factory: pytest.TempPathFactory,
    repository: Repository,
    floor: list[tuple[str, str]],
    raised: int,
    data: st.DataObject,
) -> None:
    """A check that is required is required for a lower tier, or one that was advice becomes required.

    The tier must ask something already: one that asked nothing proves nothing, was never awarded, and now may be.
    """
    folder = tmp_path_factory.mktemp("platform")
    before = judged(repository, asking(floor), folder)
    was, level = floor[raised]
    lower = [tier for tier in TIERS[: TIERS.index(was) + 1] if (tier, "required") != (was, level)]
    asking_already = [tier for tier in lower if tier in asked_at(before)]
    if not asking_already:
        return
    tier = data.draw(st.sampled_from(asking_already))
    after = judged(repository, asking([*floor[:raised], (tier, "required"), *floor[raised + 1 :]]), folder)
    assert rank(after.tier) <= rank(before.tier)
    assert rank(after.ceiling) <= rank(before.ceiling)


@settings(max_examples=100, deadline=None)
@given(services(), floors)
def test_the_ceiling_is_never_below_the_tier(
    tmp_path_factory: pytest.TempPathFactory, repository: Repository, floor: list[tuple[str, str]]
) -> None:
    score = judged(repository, asking(floor), tmp_path_factory.mktemp("platform"))
    assert rank(score.ceiling) >= rank(score.tier)
    if all(each.verdict != "unknown" for each in score.checks):
        assert score.ceiling == score.tier


@settings(max_examples=60, deadline=None)
@given(st.data(), floors, st.lists(st.sampled_from(CHECKS), min_size=1, max_size=4, unique=True))
def test_waivers_change_no_verdict_and_lower_no_tier(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, floor: list[tuple[str, str]], waived: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("platform")
    request = "  - {check: CHECK, reason: later, requested_by: jo, requested: 2026-11-20, expires: 2027-01-31}\n"
    wishes = "waivers:\n" + "".join(request.replace("CHECK", check) for check in waived)
    repository = data.draw(services(wishes))
    before = judged(repository, asking(floor), folder)
    for number, approval in enumerate(_approvals(repository, str(folder / "acme.yaml"))):
        (folder / "approvals").mkdir(exist_ok=True)
        (folder / f"approvals/{number}.yaml").write_text(json.dumps(approval))
    after = judged(repository, asking(floor), folder)
    told = [
        [(each.id, each.verdict, each.summary, each.evidence) for each in score.checks] for score in (before, after)
    ]
    assert told[0] == told[1]
    assert rank(after.tier) >= rank(before.tier)
    assert rank(after.ceiling) >= rank(after.tier)
    excused = {each.id for each in after.checks if each.waived}
    assert excused == {each.id for each in after.checks if each.id in waived and each.verdict in {"fail", "unknown"}}


def _approvals(repository: Repository, contract: str) -> list[Mapping[str, object]]:
    """An approval of each request that a service has."""
    found = standings(choose(repository, contract), Facts(repository)["catalog"].components, TODAY)
    return [
        {
            "apiVersion": "goldenpath.dev/v1",
            "kind": "WaiverApproval",
            "spec": {
                "request": request.digest(components), "check": request.asked.check, "components": components,
                "approver": "security", "approved": "2026-11-21", "expires": "2027-01-15", "risk": "small",
            },
        }
        for request, components, _ in found
    ]  # fmt: skip
