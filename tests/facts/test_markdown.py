"""Documents read lightly: headings, the anchors that links reach, and whether a page says anything."""

from __future__ import annotations

from itertools import pairwise
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from goldenpath.facts.markdown import LEAD, PARAGRAPH, Document, Link, read_document


def read(text: str) -> Document:
    return read_document(dedent(text).lstrip("\n"))


def headings(text: str) -> list[tuple[int, int, str]]:
    return [(heading.line, heading.level, heading.text) for heading in read(text).headings]


def test_headings_have_a_line_a_level_and_a_text() -> None:
    assert headings("# Runbook\n\n## Roll *back* ##\n### The `db`") == [
        (1, 1, "Runbook"),
        (3, 2, "Roll back"),
        (4, 3, "The db"),
    ]


def test_underlined_and_html_headings_are_headings() -> None:
    assert headings("Runbook\n=======\n\nRollback\n--------\n\n<h2 align='center'>Escalation</h2>") == [
        (1, 1, "Runbook"),
        (4, 2, "Rollback"),
        (7, 2, "Escalation"),
    ]


def test_headings_stand_wherever_commonmark_lets_them() -> None:
    text = "> # Quoted\n\n- ## Listed\n\nTwo\nlines\n---\n\n  ### Moved\n[see]: /a\n#### [see] ![logo](x.png)"
    assert headings(text) == [
        (1, 1, "Quoted"),
        (3, 2, "Listed"),
        (5, 2, "Two lines"),
        (9, 3, "Moved"),
        (11, 4, "see"),
    ]


def test_headings_in_html_may_have_several_lines_and_tags() -> None:
    assert headings('<div>\n<h2 id="a">\n  Roll <b>back</b> &amp; wait\n</h2>\n<h3>Next</h3></div>') == [
        (2, 2, "Roll back & wait"),
        (5, 3, "Next"),
    ]


def test_a_bold_paragraph_stands_where_a_heading_belongs() -> None:
    text = "**Triage**\n\nLook.\n\n**Never restart it!**\n\n**Two**\nlines\n\n**Actions:** **now**\n\n- **Listed**\n"
    assert headings(text) == [(1, PARAGRAPH, "Triage"), (10, LEAD, "Actions")]


def test_links_are_known_by_where_they_lead_and_their_words() -> None:
    (heading,) = read(
        "## Actions\n\n[Follow **these** steps](restart.md#now) or [those], ![no](x.png)\n\n[those]: b.md"
    ).headings
    assert heading.links == (Link("restart.md#now", 3), Link("b.md", 1), Link("x.png", 1))


def test_a_bold_beginning_with_a_colon_leads_its_text() -> None:
    text = "**Actions:** restart it\n__Rollback__: undo *it*\n- **Escalation:** call\n\n**Never** do that: it hurts\n"
    assert headings(text) == [(1, LEAD, "Actions"), (2, LEAD, "Rollback"), (3, LEAD, "Escalation")]
    assert [heading.words for heading in read(text).headings] == [2, 2, 6]


@pytest.mark.parametrize(
    "text",
    [
        "```sh\n# restart it\n```",
        "- ```\n  # restart it\n\n  # again\n  ```",
        "x\n\n    ## code",
        "\\# escaped",
        "`# code`",
        "<div>\n# html\n</div>",
        "<!-- a -->\n<!--\n# hidden\n\n# still\n-->",
        "~~~~\n# restart it\n~~~\n# still code\n~~~~",
        "1. ```sh\n   # restart it\n   ```",
        "<!--\n# hidden\n-->",
        "---\ntitle: x\n# a comment\n---",
        "x\n    # indented code",
        "#hashtag",
        "- item\n---",
        "\n---\n",
        "| a |\n|---|",
    ],
)
def test_what_only_looks_like_a_heading_is_none(text: str) -> None:
    assert headings(text) == []


def test_a_fence_that_is_never_closed_swallows_the_rest() -> None:
    assert headings("# One\n```\n# two\n") == [(1, 1, "One")]


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("First five minutes", "first-five-minutes"),
        ("What's up? (db/cache)", "whats-up-dbcache"),
        ("AvailabilityBudgetBurnsFast", "availabilitybudgetburnsfast"),
        ("A & B", "a--b"),  # GitHub
        ("A & B", "a-b"),  # MkDocs
        ("http_requests_total", "http_requests_total"),
        ("Überlast", "überlast"),  # GitHub
        ("Überlast", "uberlast"),  # MkDocs
        ("[Rollback](other.md)", "rollback"),
        ("Rollback {#undo}", "undo"),
        ("Rollback {: #undo .x }", "undo"),
        ("What is `db` **for**?", "what-is-db-for"),
        ("![logo](logo.png) Rollback", "-rollback"),  # GitHub
        ("![logo](logo.png) Rollback", "rollback"),  # MkDocs
        ("हिंदी में", "हिंदी-में"),
        ("回滚", "回滚"),  # GitHub
        ("回滚", "_1"),  # MkDocs
    ],
)
def test_links_reach_a_heading_by_the_ids_of_github_and_of_mkdocs(title: str, anchor: str) -> None:
    assert read(f"## {title}").reached(anchor) is not None


def test_the_second_heading_of_a_name_has_a_number() -> None:
    document = read("# Actions\n# Actions\n# 回\n# 滚")
    assert document.headings[1] == document.reached("actions-1") == document.reached("actions_1")
    assert document.headings[3] == document.reached("_2")


def test_ids_in_html_are_anchors() -> None:
    assert read('text <a name="undo"></a> and <div class=x id="top">').anchors == {"undo", "top"}


def test_words_of_prose_and_code_count_those_of_headings_do_not() -> None:
    assert read("# One two three\n\nfour **five**\n\n```\nkubectl get pods\n```\n").words == 5


def test_a_placeholder_in_angle_brackets_is_no_word() -> None:
    assert read("<insert steps here>").words == 0


def test_addresses_tags_and_comments_are_no_words() -> None:
    assert read("<br/> [see](https://a.io/b/c) <!-- note to self --> it").words == 2


def test_scripts_without_spaces_count_by_the_character() -> None:
    assert read("サービスを再起動").words == 8


@pytest.mark.parametrize(
    "line",
    [
        "TODO",
        "- [ ] TODO: write this",
        "_Coming soon_",
        "Describe how to roll back the service.",
        "Add your runbook here.",
        "This is a template for runbooks.",
        "This page will be filled in later.",
        "[Steps to resolve]",
        "{{ runbook.steps }}",
        "1. Step 1",
        "To be defined",
        "Lorem ipsum dolor sit amet",
        "Describe the actions that are to be taken here.",
        "Describe here what to do.",
        "List the steps to be performed.",
        "Write the remediation steps for this alert here.",
        "How to mitigate should be described here.",
        "The steps to take go here.",
        "Steps will follow later.",
        "Nothing documented yet.",
    ],
)
def test_lines_that_wait_for_their_author_say_nothing(line: str) -> None:
    document = read(f"# Runbook\n\n{line}\n")
    assert (document.words, document.fillers) == (0, (3,))


@pytest.mark.parametrize(
    "line",
    [
        "List the pods and restart the one that is not ready.",
        "Replace the node when its disk is full.",
        "Update the secret, then restart.",
        "[Open the dashboard](https://grafana.acme.io/d/1) and look at errors.",
        "This page is for whoever is paged.",
        "Check the todo queue.",
        "Document all actions taken.",
        "List the checks of the load balancer and drain those that fail.",
        "Put the node in drain, then follow the steps described below.",
        "There is no impact yet.",
    ],
)
def test_lines_that_tell_what_to_do_count(line: str) -> None:
    document = read(line)
    assert document.words >= 4
    assert not document.fillers


def test_the_columns_of_a_table_may_be_called_anything() -> None:
    document = read("| SLO | Description | Target |\n|---|---|---|\n| Latency | how fast | 0.3 s |\n")
    assert (document.words, document.fillers) == (7, ())


def test_a_section_counts_with_the_sections_in_it() -> None:
    document = read("# All\n\none\n\n## Part\n\ntwo three\n\n# Next\n\nfour\n")
    assert [document.words_below(heading) for heading in document.headings] == [3, 2, 1]


LINES = (
    "# One", "## Two ##", "####### seven", "#", "Three", "===", "---", "- item", "  - deeper", "1. first", "> quote",
    ">", "    indented", "```", "~~~~", "``` sh", "", "", "text *and* `code`", "**bold**", "[link](a.md)", "[ref]",
    "***", "| a | b |", "|---|---|", "\t# tab", " ### Moved", "- # Listed", "> ## Quoted", "\\# escaped",
)  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_another_parser_finds_the_same_headings(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    if lines and lines[0] == "---":
        return  # front matter, which CommonMark knows nothing of
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    expected = [
        (
            token.map[0] + 1,
            int(token.tag[1]),
            "".join(each.content or " " * (each.type == "softbreak") for each in line),
        )
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.map and (line := inline.children) is not None
    ]
    found = [(each.line, each.level, each.text) for each in read_document(text).headings if each.level < LEAD]
    assert found == [(line, level, text.strip()) for line, level, text in expected]


@given(st.text(alphabet="#`~<!->=[]() \n\tab-_*|{}1.", max_size=400))
def test_any_text_is_read(text: str) -> None:
    document = read_document(text)
    assert document.words >= 0
    assert document.words >= sum(heading.words for heading in document.headings)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "text", ["# " + " " * 10**6, "<h1>" * 200_000, "[" * 10**6, "# a #\n" * 100_000, "> " * 500_000]
)
def test_a_page_that_is_built_to_be_slow_is_not(text: str) -> None:
    read_document(text)


def test_filler_is_filler_however_long() -> None:
    assert read_document("# Runbook\n\n" + "lorem ipsum dolor sit amet " * 50).words == 0
