"""`goldenpath rollout`: from a fleet to its first contract, which most of it can meet."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from goldenpath.cli import main
from goldenpath.contract import named
from goldenpath.governance.rollout import render, rollout

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 26)
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: NAME}
spec: {type: library, lifecycle: production, owner: payments}
"""


@pytest.fixture
def fleet(tmp_path: Path) -> list[str]:
    """Ten libraries: all have an owner, six say who owns their code, one is no repository at all."""
    for number in range(10):
        folder = tmp_path / f"lib{number}"
        folder.mkdir()
        (folder / "catalog-info.yaml").write_text(CATALOG.replace("NAME", folder.name))
        if number < 6:
            (folder / "CODEOWNERS").write_text("* @acme/payments\n")
    return [*(str(tmp_path / f"lib{number}") for number in range(10)), str(tmp_path / "nowhere")]


def test_what_most_can_meet_in_a_week_is_asked_first_and_the_rest_is_announced(
    fleet: list[str], tmp_path: Path
) -> None:
    found = rollout(fleet, "standard", TODAY)
    assert (found.repositories, found.components) == (10, 10)
    standings = {each.check: each for each in found.standings}
    assert (standings["owner-declared"].met, standings["owner-declared"].day) == (10, 0)
    assert (standings["code-owned"].met, standings["code-owned"].near, standings["code-owned"].day) == (6, 4, 0)
    assert standings["oncall-declared"].asked == 0
    assert found.unread == (f"{fleet[-1]}: there is no such directory",)
    proposed = re.search(r"```yaml\n(.*?)```", render(found), re.DOTALL)
    assert proposed
    (tmp_path / "first.yaml").write_text(proposed[1])
    first = named(str(tmp_path / "first.yaml"))
    assert first.checks.keys() == named("standard").checks.keys()
    assert (first.owner, first.waivers and first.waivers.approvers) == (
        "group:default/platform", ("group:default/platform",)
    )  # fmt: skip
    assert {"owner-declared", "code-owned"} <= first.in_force(TODAY).keys()
    assert {each.since for each in first.announced(TODAY).values()} <= {TODAY + timedelta(days=d) for d in (60, 90)}
    assert main(["contract", "lint", str(tmp_path / "first.yaml")]) in {0, 1}


def test_steps_come_cheapest_first_and_the_most_gain_before_less(fleet: list[str]) -> None:
    found = rollout(fleet, "standard", TODAY)
    order = [("minutes", "hours", "days").index(step.effort) for step in found.steps]
    assert order == sorted(order)
    owned = next(step for step in found.steps if step.check == "code-owned")
    assert owned.where == ("lib6", "lib7", "lib8", "lib9")


def test_it_can_be_sent_around(fleet: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rollout", *fleet[:-1]]) == 0
    page = capsys.readouterr().out
    assert page.startswith("# Ninety days to the golden path\n")
    assert "10 repositories, 10 components" in page
    assert "## Not read" not in page


def test_one_that_cannot_be_judged_is_named_and_spoils_the_exit_code_but_not_the_plan(
    fleet: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "lib9" / ".goldenpath.yaml"
    broken.write_text("contract: [\n")
    assert main(["rollout", *fleet]) == 2
    page, said = capsys.readouterr()
    assert "9 repositories of 11 named, 9 components" in page
    assert page.count("/nowhere: there is no such directory") == 1
    lib9, nowhere = said.splitlines()
    assert lib9.startswith(f"goldenpath: {fleet[-2]}: .goldenpath.yaml:2")
    assert nowhere == f"goldenpath: {fleet[-1]}: there is no such directory"


def test_nothing_to_read_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rollout", "/nowhere"]) == 2
    assert "none of these could be judged; the first: /nowhere: there is no such directory" in capsys.readouterr().err


def test_what_is_proposed_has_the_tiers_and_owner_of_the_contract_that_is_aimed_at(
    fleet: list[str], tmp_path: Path
) -> None:
    aim = tmp_path / "aim.yaml"
    aim.write_text(
        "apiVersion: goldenpath.dev/v1\nkind: PlatformContract\n"
        "metadata: {name: aim, version: 1.0.0, owner: group:default/base}\n"
        "spec: {tiers: [one, 'number: two'], "
        "checks: {owner-declared: {tier: one}, code-owned: {tier: 'number: two'}}}\n"
    )
    proposed = re.search(r"```yaml\n(.*?)```", render(rollout(fleet, str(aim), TODAY)), re.DOTALL)
    assert proposed
    (tmp_path / "first.yaml").write_text(proposed[1])
    first = named(str(tmp_path / "first.yaml"))
    assert (first.tiers, first.owner) == (("one", "number: two"), "group:default/base")


def test_what_is_proposed_says_what_the_contract_that_is_aimed_at_says(fleet: list[str], tmp_path: Path) -> None:
    aim = tmp_path / "aim.yaml"
    aim.write_text("""\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: aim, version: 1.0.0, owner: group:default/base}
spec:
  tiers: [bronze, silver]
  scope: {types: [library, service], lifecycles: [production]}
  waivers: {max_days: 30, approvers: [security]}
  settings:
    owner_kinds: [group]
    chat_annotations: ["chat.example.com/room: x"]
    alert_routes: [{match: {team: "*"}, receiver: pagerduty}]
    template: {source: "https://git.example.com/acme/golden-path", minimum: v1.4.0}
  checks:
    owner-declared: {tier: bronze}
    build-signed: {tier: silver, level: advisory, applies: {types: [library]}}
    code-owned:
      - {tier: silver}
      - {tier: bronze, from: 2027-12-01}
    sbom-generated: {tier: silver, from: 2027-06-01}
""")
    proposed = re.search(r"```yaml\n(.*?)```", render(rollout(fleet, str(aim), TODAY)), re.DOTALL)
    assert proposed
    (tmp_path / "first.yaml").write_text(proposed[1])
    first, wanted = named(str(tmp_path / "first.yaml")), named(str(aim))
    assert (first.settings, first.scope, first.waivers) == (wanted.settings, wanted.scope, wanted.waivers)
    assert first.checks["sbom-generated"] == wanted.checks["sbom-generated"]
    assert [(each.tier, each.since) for each in first.checks["code-owned"]] == [
        ("silver", None), ("bronze", date(2027, 12, 1))
    ]  # fmt: skip
    (signed,) = first.checks["build-signed"]
    assert (signed.level, signed.applies) == ("advisory", wanted.checks["build-signed"][0].applies)


def test_what_could_not_be_read_is_no_markup(fleet: list[str], tmp_path: Path) -> None:
    evil = f"{tmp_path}/x`<b>|\n# y"
    assert "`<b>" not in render(rollout([*fleet, evil], "standard", TODAY))
