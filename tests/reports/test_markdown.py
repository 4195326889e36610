"""The Markdown report reads well once it is rendered, and nothing that a repository says is obeyed."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from goldenpath.reports.markdown import MOST, render
from goldenpath.reports.terminal import Surface
from goldenpath.scorecard import FixAdvice, Scorecard
from scorecards import (
    ADVICE,
    BRONZE,
    COMING,
    FRAGMENTS,
    SILVER,
    at,
    for_any_scorecard,
    renamed,
    result,
    score,
    scorecard,
    waived,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])

OURS = re.compile(r"<details( open)?>\n<summary>(<b>)?([^<>&]|<code>[^<>]*</code>|</?b>)*</summary>\n|</details>\n?")
"""The only HTML there may be. In it a forge looks for mentions, so what is no plain word is code there too."""

LIVELY = re.compile(r"[@#<>&_*`~\\|$\[\]]|://|www\.|:\w+:|\bGH-\d")
"""What a forge makes something of in text that is not code: mentions, references, addresses, emoji, formulas."""


TABLE = ("table", "thead", "tbody", "tr", "th", "td")


def shown(card: Scorecard) -> str:
    return render(card, Surface())


def tokens(text: str) -> Iterator[Token]:
    for token in GITHUB.parse(text):
        yield token
        yield from token.children or ()


def assert_inert(text: str) -> None:
    """Only what the report itself brings is markup; what a repository says is text without a trigger, or code."""
    links = 0
    for token in tokens(text):
        if token.type == "link_open":
            links += 1
            assert token.attrs["href"] == ADVICE.docs
        elif token.type == "html_inline":
            assert token.content == "<br>"
        elif token.type == "html_block":
            assert OURS.fullmatch(token.content)
            assert not LIVELY.search(re.sub(r"<code>.*?</code>|</?[a-z]+( open)?>", "", token.content))
        elif token.type == "text":
            assert not LIVELY.search(token.content.replace("|", ""))  # a bar that is text again has no cell to end
        else:
            assert token.type in {
                "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "code_inline",
                "strong_open", "strong_close", "link_close", "softbreak",
                *(f"{part}_{end}" for part in TABLE for end in ("open", "close")),
            }  # fmt: skip


def rows(text: str) -> list[list[str]]:
    """The cells of every row below the head of a table, as they are rendered."""
    found: list[list[str]] = []
    in_body = False
    for token in GITHUB.parse(text):
        in_body = token.type == "tbody_open" or (in_body and token.type != "tbody_close")
        if in_body and token.type == "tr_open":
            found.append([])
        elif in_body and token.type == "inline":
            found[-1].append(
                "".join(" " if child.content == "<br>" else child.content for child in token.children or ())
            )
    return found


@for_any_scorecard
def test_nothing_that_a_repository_says_is_obeyed(card: Scorecard) -> None:
    assert_inert(shown(card))


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_fragment_breaks_out_wherever_it_stands(fragment: str) -> None:
    for text in (
        fragment,
        f"a{fragment}b",
        f"`{fragment}`",
        f"a `b {fragment}",
        f"{fragment} {fragment}",
        f"\\{fragment}",
    ):
        fix = FixAdvice(text, "hours", ADVICE.docs)
        hostile = result("build-signed", "fail", text, at(text, 1, text), reason=text, fix=fix)
        alone = scorecard(replace(score(hostile, ref=text), type=text, lifecycle=text))
        for card in alone, renamed(alone, {"bronze": text}), replace(alone, components=alone.components * 2):
            assert_inert(shown(card))
            assert [len(row) for row in rows(shown(card)) if row[0] == "✗ fail"] == [4] * len(card.components)


@pytest.mark.parametrize("marker", ["-", "+", "1.", "1)"])
def test_no_paragraph_begins_as_a_list(marker: str) -> None:
    for text in marker, f"{marker} the rest":
        assert_inert(shown(scorecard(score(result("build-signed", "not-applicable", text)))))


def test_what_is_quoted_comes_back_as_it_was() -> None:
    text = r"run `a || b` or a\|b, (see docs/x_y.md): <the digest> is `c``d"
    (row,) = rows(shown(scorecard(score(result("build-signed", "fail", text, at("x|y`z", 1))))))
    assert row[2].startswith(r"run a || b or a\|b, (see docs/x_y.md): <the digest> is `c``d Next (hours)")
    assert row[3] == "declared x|y`z:1"


def test_a_page_as_it_is_pasted() -> None:
    other = result("slo-defined", "not-applicable", "not asked of a library")
    page = shown(scorecard(score(BRONZE[0], other, SILVER[1]), announced=(COMING,), commit="0123456789abcdef"))
    row = (
        "| ? unknown | [code-owned](https://example.com/page) | CODEOWNERS names a team that cannot be compared with "
        "the catalog's owner<br>whether `@acme/payments` is `group:default/payments` stands in the organisation's "
        "catalog<br>**Next (hours):** Do what the page says | declared `.github/CODEOWNERS:3`<br>`* @acme/payments` |"
    )
    assert page == dedent(
        """\
        ## Bronze: payments-api

        contract standard 0.1.0, as of 2026-11-24, commit `0123456789ab`, service, production

        ceiling silver: 1 check cannot be decided from this repository

        **Next (hours):** Do what the page says (PAGE, `goldenpath explain code-owned`)

        From 2027-01-01: code-owned is required for bronze; it does not pass today

        <details open>
        <summary><b>Silver</b>: 0 of 1 met, to work on now</summary>

        | | Check | Found | Where |
        | --- | --- | --- | --- |
        ROW

        </details>

        <details>
        <summary><b>Bronze</b>: 1 of 1 met</summary>

        | | Check | Found | Where |
        | --- | --- | --- | --- |
        | ✓ pass | owner-declared | owned by `group:default/payments` | `catalog-info.yaml:14` |

        </details>

        not asked of a library: slo-defined"""
    ).replace("ROW", row).replace("PAGE", "[code-owned](https://example.com/page)")


def test_several_components_are_a_table_and_what_each_has_not_met() -> None:
    page = shown(
        scorecard(
            score(*BRONZE, *SILVER),
            score(*BRONZE, ref="component:shop/client"),
            score(ref="component:default/site", in_scope=False),
        )
    )
    assert page.startswith("## Bronze: the lowest of 2 components\n")
    assert rows(page)[:3] == [
        ["payments-api", "bronze", ""],
        ["shop/client", "bronze", ""],
        ["site", "not judged", "the contract does not judge components of this kind"],
    ]
    assert "**Next for payments-api (minutes):**" in page
    assert page.count("<details>") == 1
    assert "owner-declared" not in page


def test_of_several_components_no_waiver_is_silent() -> None:
    excused = waived(SILVER[0])
    page = shown(scorecard(score(*BRONZE, excused), score(excused, *SILVER, ref="component:default/worker")))
    assert "<b>payments-api</b>: 0 not met, 1 waived" in page
    assert page.count("waived until 2027-01-31 by") == 2


def test_what_is_waived_or_advisory_says_so() -> None:
    excused = waived(SILVER[0])
    page = shown(scorecard(score(excused, result("docs-published", "fail", "no menu", level="advisory"))))
    found = {row[1]: row[2] for row in rows(page)}
    assert "waived until 2027-01-31 by group:default/security: it moves" in found["actions-pinned"]
    assert found["docs-published"].startswith("(advisory) no menu")


def test_without_a_component_or_with_nothing_judged_it_says_so() -> None:
    assert "Nothing here tells the catalog what this is" in shown(scorecard(score(*BRONZE, ref=None)))
    site = shown(scorecard(score(ref="component:default/site", in_scope=False)))
    assert site.startswith("## Not judged: site\n")
    assert "Nothing was judged: standard is about other components" in site


def test_a_page_that_would_be_too_long_is_cut_and_says_so() -> None:
    page = shown(scorecard(*(score(*BRONZE, *SILVER, ref=f"component:default/s{number}") for number in range(500))))
    assert 50_000 < len(page) <= MOST
    assert_inert(page)
    (said,) = re.findall(r"This report is cut: ([\d,]+) more would not fit", page)
    assert len(rows(page)) + int(said.replace(",", "")) == 500 + 500 * 2


def test_hostile_text_cannot_push_a_page_over_the_limit() -> None:
    text = "`|" * 500
    places = [at(text, 1, text)] * 9
    checks = [result("build-signed", "fail", text, *places, reason=text) for _ in range(40)]
    assert len(shown(scorecard(score(*checks, ref=text)))) <= MOST
