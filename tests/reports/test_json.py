"""The report for machines keeps to its schema, and the schema to what it promised."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from goldenpath.reports.json import render, schema
from goldenpath.reports.terminal import Surface
from scorecards import BRONZE, COMING, SILVER, at, result, score, scorecard, waived

if TYPE_CHECKING:
    from goldenpath.scorecard import Scorecard

CARDS = {
    "typical": scorecard(score(*BRONZE, *SILVER), announced=(COMING,), commit="0" * 40),
    "none": scorecard(score(*SILVER, ref=None)),
    "several": scorecard(score(*BRONZE), score(ref="component:default/site", in_scope=False)),
    "waived": scorecard(score(waived(SILVER[0]))),
}


def as_json(card: Scorecard) -> Any:
    return json.loads(render(card, Surface()))


@pytest.mark.parametrize("name", CARDS)
def test_a_report_is_valid_by_its_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(as_json(CARDS[name]))


@pytest.mark.parametrize("change", [{"apiVersion": "goldenpath.dev/report/v2"}, {"components": None}, {"as_of": 7}])
def test_what_is_no_report_is_not_valid(change: dict[str, object]) -> None:
    assert not Draft202012Validator(schema()).is_valid(as_json(CARDS["typical"]) | change)


def test_a_newer_reports_additions_are_valid() -> None:
    report = as_json(CARDS["typical"])
    report["added"] = report["components"][0]["added"] = report["components"][0]["checks"][0]["added"] = 1
    Draft202012Validator(schema()).validate(report)


def test_what_readers_rely_on_is_there() -> None:
    """Fields of v1: one may be added here, none may go."""
    report = as_json(CARDS["typical"])
    component, (failing, unknown, *_) = report["components"][0], report["components"][0]["checks"][7:]
    assert set(report) >= {"apiVersion", "tool", "repository", "contract", "as_of", "tier", "ceiling", "components"}
    assert set(report["repository"]) >= {"location", "commit"}
    assert set(report["contract"]) >= {"name", "version", "source", "tiers", "announced"}
    assert report["contract"]["announced"] == [
        {"check": "code-owned", "tier": "bronze", "level": "required", "from": "2027-01-01"}
    ]
    assert set(component) >= {"ref", "type", "lifecycle", "in_scope", "tier", "ceiling", "working_on", "checks", "next"}
    assert set(component["next"]) >= {"check", "tier", "summary", "effort", "docs", "command"}
    assert set(failing) >= {"id", "title", "tier", "level", "verdict", "summary", "evidence", "fix", "waiver"}
    assert set(failing["fix"]) >= {"summary", "effort", "docs"}
    assert set(failing["evidence"][0]) >= {"role", "path", "line", "column", "text"}
    assert "reason" in unknown
    assert "reason" not in failing


def test_a_repository_without_a_component_has_one_entry_without_a_name() -> None:
    report = as_json(CARDS["none"])
    assert (report["tier"], [entry["ref"] for entry in report["components"]]) == (None, [None])


def test_what_a_terminal_would_obey_is_escaped_and_comes_back_as_it_was() -> None:
    text = "\x1b[31m \x9b31m \u202e \u2028 é 語"
    card = scorecard(score(result("a", "fail", text, at("\x7f"))))
    page = render(card, Surface())
    assert all(character.isprintable() or character == "\n" for character in page)
    assert "é 語" in page
    assert as_json(card)["components"][0]["checks"][0]["summary"] == text
