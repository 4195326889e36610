"""A check is explained on the terminal and on its page in the same words, and a contract lists its checks by tier."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest
from msgspec.structs import replace

from goldenpath.checks import EVERY_TYPE, Check, Fix, Settings, load, passed, shipped_ids
from goldenpath.contract import Contract, Requirement, Scope
from goldenpath.reports.pages import explanation, index, listing, page
from goldenpath.reports.terminal import Surface, width

CHECK = Check(
    id="tests-green",
    title="Every test of the component passes",
    page=dedent(
        """\
        ## What

        A paragraph of words that is long enough to be broken into several lines, because it
        goes on and on.

        - a list whose first item is long enough to be broken as well, when columns are few
          and it hangs
        - and a second

        ```yaml
        a:   {kept: "as it is, however long the line of code may be that somebody has written here"}
        ```

        | table | kept |
        | --- | --- |
        """
    ).strip(),
    applies=frozenset({"service", "library"}),
    fix=Fix("Run the tests", "hours"),
    judge=lambda: passed("it does"),
    needs=(),
)


def test_an_explanation_is_laid_out_for_its_columns() -> None:
    assert explanation(CHECK, Surface(50)) == dedent(
        """\
        Every test of the component passes
        tests-green: asked of a library or a service;
        takes hours to meet

        What

        A paragraph of words that is long enough to be
        broken into several lines, because it goes on and
        on.

        - a list whose first item is long enough to be
          broken as well, when columns are few and it
          hangs
        - and a second

        ```yaml
        a:   {kept: "as it is, however long the line of code may be that somebody has written here"}
        ```

        | table | kept |
        | --- | --- |"""
    )


def test_a_page_is_headed_by_what_the_check_is() -> None:
    text = page(CHECK, Requirement("silver"))
    assert text.startswith("# tests-green\n\n**Every test of the component passes.**\n")
    assert "| silver, required | a library or a service | hours |" in text
    assert CHECK.page in text
    assert "In short: Run the tests. `goldenpath explain tests-green PATH` shows" in text
    assert "| not asked |" in page(CHECK, None)


def test_the_index_links_every_page() -> None:
    text = index([(CHECK, Requirement("silver")), (replace(CHECK, id="other", applies=EVERY_TYPE), None)])
    assert (
        "| [tests-green](tests-green.md) | silver | a library or a service | Every test of the component passes |"
        in text
    )
    assert "| [other](other.md) |  | every component |" in text


def test_a_contract_lists_its_checks_by_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = {"tests-green": CHECK, "fast": replace(CHECK, id="fast", title="It is fast", applies=EVERY_TYPE)}
    monkeypatch.setattr("goldenpath.checks.load", checks.__getitem__)
    asked = {
        "tests-green": (Requirement("silver"), Requirement("bronze", since=date(2027, 1, 1))),
        "fast": (Requirement("bronze", "advisory"),),
    }
    contract = Contract("acme", "7", "group:platform", "acme", ("bronze", "silver", "gold"), asked, Scope(), Settings())
    assert listing(contract, date(2026, 11, 24), Surface(60)) == dedent(
        """\
        contract acme 7

        Bronze
          fast         It is fast (advisory)

        Silver
          tests-green  Every test of the component passes (asked of
                       a library or a service)

        Gold  nothing is asked yet

        From 2027-01-01: tests-green is required for bronze

        goldenpath explain CHECK says what one proves, why, and how to meet it."""
    )


@pytest.mark.parametrize("name", shipped_ids())
@pytest.mark.parametrize("columns", [80, 120])
def test_every_shipped_check_can_be_explained(name: str, columns: int) -> None:
    in_code = False
    for line in explanation(load(name), Surface(columns)).splitlines():
        in_code ^= line.startswith("```")
        assert in_code or width(line) <= columns or line.startswith("|")
