"""The report for people, as a whole page and by its promises: it fits, it is short, and it says what to do next."""

from __future__ import annotations

import re
from datetime import date
from textwrap import dedent

import pytest
from msgspec.structs import replace

from goldenpath.reports.terminal import Surface, width
from goldenpath.reports.text import render
from goldenpath.scorecard import Announcement, FixAdvice, Scorecard
from scorecards import ADVICE, BRONZE, COMING, SILVER, at, result, score, scorecard, waived

UNPAGED = result(
    "oncall-declared", "fail", "no on-call is named: nobody is paged when this breaks",
    at("catalog-info.yaml", 7, "metadata.annotations has no key of a known on-call product"),
    fix=FixAdvice("Add the annotation pagerduty.com/service-id to catalog-info.yaml", "minutes", None),
)  # fmt: skip
UNSEEN = result(
    "build-signed", "unknown", "the release is made by a reusable workflow of another repository",
    at(".github/workflows/release.yml", 12, "uses: acme/workflows/.github/workflows/release.yml@v3"),
    reason="what acme/workflows/.github/workflows/release.yml does stands in that repository",
)  # fmt: skip
WORKING = (BRONZE[0], UNPAGED, *BRONZE[2:6], UNSEEN, *SILVER)
TYPICAL = scorecard(score(*BRONZE, *SILVER), announced=(COMING,))


def shown(card: Scorecard, columns: int = 100) -> str:
    return render(card, Surface(columns))


def test_the_tier_being_worked_on_comes_first_and_the_next_action_last() -> None:
    assert shown(TYPICAL, 100) == dedent(
        """\
         BRONZE   payments-api  service, production
                  contract standard 0.1.0, as of 2026-11-24

        Silver  1 of 3 met, to work on now
          ✗ actions-pinned         2 of 11 actions are named by a tag, which its owner can move at any time
                                   declared  .github/workflows/ci.yml:14  actions/checkout@v4
                                   declared  .github/workflows/ci.yml:21  actions/setup-python@v5
          ? code-owned             CODEOWNERS names a team that cannot be compared with the catalog's owner
                                   whether @acme/payments is group:default/payments stands in the
                                   organisation's catalog
                                   declared  .github/CODEOWNERS:3  * @acme/payments
          ✓ docs-published         TechDocs builds from mkdocs.yml, and every page of its…      mkdocs.yml:1

        Bronze  7 of 7 met
          ✓ owner-declared         owned by group:default/payments                      catalog-info.yaml:14
          ✓ oncall-declared        PagerDuty service PABC123 is paged                 catalog-info.yaml:9 +1
          ✓ chat-channel-declared  #payments in Slack                                   catalog-info.yaml:11
          ✓ runbook-linked         docs/runbook.md is linked and no stub             catalog-info.yaml:17 +1
          ✓ slo-defined            2 SLOs of payments-api, each with an…         observability/slo.yaml:5 +1
          ✓ sbom-generated         an SBOM of the pushed image is…       .github/workflows/release.yml:74 +1
          ✓ build-signed           the digest that is pushed is the…     .github/workflows/release.yml:61 +1

        From 2027-01-01: code-owned is required for bronze; it does not pass today

        Next (minutes): Pin actions/checkout and actions/setup-python by the commit of their release
          goldenpath explain actions-pinned"""
    )


def test_with_the_lowest_tier_not_met_that_one_is_worked_on() -> None:
    page = shown(scorecard(score(*WORKING), commit="0123456789abcdef"), 80)
    assert page.startswith(" NO TIER   payments-api")
    assert "commit 0123456789ab\n" in page
    assert page.index("Bronze  5 of 7 met, to work on now") < page.index("Silver  1 of 3 met\n")
    assert page.endswith("to catalog-info.yaml\n  goldenpath explain oncall-declared")


def test_a_ceiling_is_shown_where_it_differs() -> None:
    page = shown(scorecard(score(*BRONZE[:6], UNSEEN)))
    assert "ceiling bronze: 1 check cannot be decided from this repository" in page
    assert "ceiling" not in shown(TYPICAL)


def test_without_a_component_it_says_so_and_how_to_get_one() -> None:
    page = " ".join(shown(scorecard(score(*BRONZE, ref=None))).split())
    assert "NO TIER This repository declares no component" in page
    assert "A catalog-info.yaml of kind Component changes that: `goldenpath explain owner-declared` shows one." in page


def test_several_components_share_what_they_share() -> None:
    page = shown(
        scorecard(
            score(*BRONZE, *SILVER),
            score(*WORKING, ref="component:default/payments-worker"),
            score(*BRONZE, *SILVER, ref="component:shop/client"),
            score(ref="component:default/site", in_scope=False),
        )
    )
    assert page.startswith("No tier: the lowest of 3 components\n")
    for heading in (
        " BRONZE   payments-api",
        " NO TIER   payments-worker",
        " BRONZE   shop/client",
        " NOT JUDGED   site",
    ):
        assert heading in page
    assert page.count("actions/setup-python@v5") == 1
    assert page.count("actions-pinned") == 3
    assert "docs-published" not in page
    assert "Next for payments-worker (minutes): Add the annotation" in page


def test_of_several_components_no_waiver_is_silent() -> None:
    excused = waived(SILVER[0])
    page = shown(scorecard(score(*BRONZE, excused), score(excused, *WORKING, ref="component:default/worker")))
    assert page.count("waived until 2027-01-31 by") == 2


def test_what_is_waived_is_not_said_to_be_met() -> None:
    page = shown(scorecard(score(*BRONZE, waived(SILVER[0]))))
    assert page.endswith("\n\nNothing left to do: every check of this contract is met or waived.")


def test_of_very_many_components_most_are_one_line() -> None:
    page = shown(scorecard(*(score(*BRONZE, *SILVER, ref=f"component:default/s{number}") for number in range(200))))
    assert len(page.splitlines()) < 400
    assert "BRONZE   s199  service, production" in page


def test_what_is_not_asked_is_named_in_one_line() -> None:
    library = [replace(check, verdict="not-applicable", summary="not asked of a library") for check in BRONZE[1:4]]
    page = shown(scorecard(score(BRONZE[0], *library)))
    assert "Bronze  1 of 1 met" in page
    assert "\nnot asked of a library: oncall-declared, chat-channel-declared, runbook-linked\n" in page


def test_what_a_day_brings_to_a_tier_is_told_in_one_line() -> None:
    checks = "owner-declared", "code-owned", "actions-pinned", "docs-published", "elsewhere"
    days = [Announcement(each, "silver", "required", COMING.since) for each in checks]
    page = shown(scorecard(score(*BRONZE, *SILVER), announced=(*days, replace(COMING, since=date(2026, 12, 1)))), 200)
    assert [line for line in page.splitlines() if line.startswith("From ")] == [
        "From 2026-12-01: code-owned is required for bronze; it does not pass today",
        "From 2027-01-01: owner-declared, code-owned, actions-pinned, docs-published, elsewhere are required for "
        "silver; not passing today: code-owned, actions-pinned",
    ]


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        (("owner-declared", "docs-published"), "they pass today"),
        (("code-owned", "actions-pinned"), "none passes today"),
        (("code-owned", "elsewhere"), "not passing today: code-owned"),
        (("docs-published", "elsewhere"), "those asked here pass today"),
    ],
)
def test_what_is_announced_says_how_it_stands(checks: tuple[str, ...], said: str) -> None:
    days = tuple(Announcement(each, "silver", "required", COMING.since) for each in checks)
    page = shown(scorecard(score(*BRONZE, *SILVER), announced=days))
    assert f"\nFrom 2027-01-01: {checks[0]}, {checks[1]} are required for silver; {said}\n" in page


def test_what_is_advisory_says_so_and_is_not_counted() -> None:
    page = shown(scorecard(score(*BRONZE, result("fast", "fail", "it is slow", level="advisory"))))
    assert "Bronze  7 of 7 met\n" in page
    assert "  ✗ fast                   (advisory) it is slow" in page
    assert "Next (hours): Do what the page says\n  goldenpath explain fast" in page


def test_with_everything_met_there_is_nothing_to_do() -> None:
    assert shown(scorecard(score(*BRONZE))).endswith("\n\nNothing left to do: every check of this contract is met.")


def test_only_the_first_places_of_many_are_shown() -> None:
    places = [at("ci.yml", line, f"line {line}") for line in range(1, 9)]
    page = shown(scorecard(score(result("actions-pinned", "fail", "8 actions", *places))))
    assert [line in page for line in ("ci.yml:3  line 3", "ci.yml:4", "and 5 more")] == [True, False, True]


CARDS = {
    "typical": TYPICAL,
    "working": scorecard(score(*WORKING), announced=(COMING,)),
    "none": scorecard(score(*WORKING, ref=None)),
    "several": scorecard(score(*BRONZE, *SILVER), score(*WORKING, ref="component:default/" + "long" * 40)),
    "hostile": scorecard(
        score(
            result(
                "a" * 30, "unknown", "语" * 100, at("\x1b[2J/" + "deep/" * 60, 9, "\u202e" * 90), at("a b", 3, "\n"),
                reason="\x9b31m " * 30, fix=replace(ADVICE, summary="x" * 300),
            ),
            result("b", "pass", "\x1b]0;title\a", at("语" * 90, 3), tier="silver"),
            ref="component:default/\x1b[31m",
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("columns", [40, 80, 100, 120])
@pytest.mark.parametrize("name", CARDS)
def test_every_line_fits_and_none_reaches_the_terminal(name: str, columns: int) -> None:
    page = shown(CARDS[name], columns)
    assert [line for line in page.splitlines() if width(line) > columns and line != page.splitlines()[-1]] == []
    assert all(character.isprintable() for line in page.splitlines() for character in line)
    assert [line for line in page.splitlines() if line != line.rstrip()] == []


def test_the_command_that_leads_on_is_never_broken_so_that_it_can_be_copied() -> None:
    command = "goldenpath explain oncall-declared '/srv/a folder/of  a name/that is long'"
    (component,) = scorecard(score(*WORKING)).components
    assert component.next is not None
    page = shown(scorecard(replace(component, next=replace(component.next, command=command))), 40)
    assert page.endswith(f"\n  {command}")


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", ["typical", "working"])
def test_a_typical_service_fits_on_a_screen(name: str, columns: int) -> None:
    assert len(shown(CARDS[name], columns).splitlines()) <= 30


@pytest.mark.parametrize("name", CARDS)
def test_colours_change_nothing_but_colours(name: str) -> None:
    painted = render(CARDS[name], Surface(80, colours=True))
    assert re.sub(r"\x1b\[[0-9;]+m", "", painted) == shown(CARDS[name], 80)
    assert painted.count("\x1b[0m") * 2 == painted.count("\x1b[")


def test_where_only_ascii_can_be_written_it_is_ascii() -> None:
    render(CARDS["typical"], Surface(80, unicode=False)).encode("ascii")
