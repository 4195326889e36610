"""The Code Quality report is what GitLab documents, and keeps what is found apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from goldenpath.reports.codequality import render
from goldenpath.reports.terminal import Surface
from scorecards import BRONZE, SILVER, for_any_scorecard, result, score, scorecard, waived

if TYPE_CHECKING:
    from goldenpath.scorecard import Scorecard

TEXT = {"type": "string", "minLength": 1}
DOCUMENTED = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": TEXT,
                "check_name": TEXT,
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {**TEXT, "not": {"pattern": r"^(\.{0,2}/|\.{1,2}$)"}},
                        "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
)
"""What GitLab's documentation says of the format."""


def issues(card: Scorecard) -> Any:
    found = json.loads(render(card, Surface()))
    DOCUMENTED.validate(found)
    return found


@for_any_scorecard
def test_whatever_is_found_is_as_documented(card: Scorecard) -> None:
    issues(card)


def test_every_check_that_is_not_proven_is_an_issue() -> None:
    pinned, owned = issues(scorecard(score(*BRONZE, *SILVER)))
    assert pinned["location"] == {"path": ".github/workflows/ci.yml", "lines": {"begin": 14}}
    assert (pinned["check_name"], pinned["severity"]) == ("actions-pinned", "major")
    assert (owned["check_name"], owned["severity"]) == ("code-owned", "minor")
    assert owned["description"].startswith("payments-api: not decided: CODEOWNERS names a team")


def test_what_is_advisory_or_waived_informs_and_says_so() -> None:
    advisory = result("docs-published", "fail", "no menu", level="advisory")
    excused = waived(SILVER[0])
    found = issues(scorecard(score(advisory, excused)))
    assert [(each["check_name"], each["severity"]) for each in found] == [
        ("docs-published", "info"),
        ("actions-pinned", "info"),
    ]
    assert "waived until 2027-01-31 by group:default/security: it moves" in found[1]["description"]


def test_components_that_share_a_place_are_two_issues() -> None:
    found = issues(scorecard(score(SILVER[0]), score(SILVER[0], ref="component:default/shop")))
    assert len({each["fingerprint"] for each in found}) == 2
