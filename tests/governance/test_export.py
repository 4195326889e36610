"""`goldenpath contract export`: the contract's required checks as other scorecards' configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from goldenpath.cli import main

CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.2.0, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver]
  checks:
    code-owned: {tier: silver}
    owner-declared: {tier: bronze}
    slo-defined: {tier: bronze, level: advisory}
    docs-published: [{tier: silver, level: advisory}, {tier: bronze, from: 2027-01-01}]
"""

# What its configuration schema says of the parts that are written.
TEXT: dict[str, object] = {"type": "string"}
FILTER = {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}}
NAMED: dict[str, object] = {"id": TEXT, "name": TEXT, "description": TEXT}
CHECK = {"type": "object", "required": ["id"], "properties": NAMED, "additionalProperties": False}
RULE = {
    "type": "object",
    "required": ["factRef", "operator"],
    "properties": {"factRef": TEXT, "path": TEXT, "operator": TEXT, "value": {}},
    "additionalProperties": False,
}
SOUNDCHECK = {
    "type": "object",
    "required": ["checks", "tracks"],
    "properties": {
        "checks": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "rule"],
                "properties": NAMED | {"rule": RULE, "filter": FILTER, "ownerEntityRef": TEXT, "failedMessage": TEXT},
                "additionalProperties": False,
            },
        },
        "tracks": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "levels"],
                "properties": {
                    "id": TEXT,
                    "name": TEXT,
                    "description": TEXT,
                    "ownerEntityRef": TEXT,
                    "documentationURL": TEXT,
                    "filter": FILTER,
                    "levels": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["ordinal", "checks"],
                            "properties": {
                                "ordinal": {"type": "number"},
                                "name": TEXT,
                                "description": TEXT,
                                "checks": {"type": "array", "items": CHECK},
                            },
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the contract acme.yaml is."""
    monkeypatch.chdir(tmp_path)
    Path("acme.yaml").write_text(CONTRACT)


def export(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What is written, read again."""
    assert main(["contract", "export", *arguments]) == 0
    written: dict[str, Any] = yaml.safe_load(capsys.readouterr().out)
    return written


def test_tech_insights_has_a_check_for_each_that_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    config = export(capsys, "tech-insights", "--contract", "acme.yaml", "--as-of", "2026-12-31")
    checks = config["techInsights"]["factChecker"]["checks"]
    assert {name: each["metadata"]["rank"] for name, each in checks.items()} == {"owner-declared": 1, "code-owned": 2}
    owned = checks["owner-declared"]
    assert owned["type"] == "json-rules-engine"
    assert owned["factIds"] == list(config["techInsights"]["factRetrievers"]) == ["goldenpath"]
    assert config["techInsights"]["factRetrievers"]["goldenpath"]["lifecycle"] == {"timeToLive": {"days": 90}}
    assert owned["metadata"]["category"] == "Bronze"
    assert "/docs/checks/owner-declared.md)" in owned["metadata"]["solution"]
    (condition,) = owned["rule"]["conditions"]["all"]
    assert condition["fact"] == "owner-declared"
    assert condition["operator"] == "in"
    assert set(condition["value"]).isdisjoint({"fail", "unknown"})


def test_a_day_decides_what_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    config = export(capsys, "tech-insights", "--contract", "acme.yaml", "--as-of", "2027-01-01")
    assert config["techInsights"]["factChecker"]["checks"]["docs-published"]["metadata"]["rank"] == 1


def test_the_retriever_is_told_the_contract_and_all_of_its_checks(capsys: pytest.CaptureFixture[str]) -> None:
    told = export(capsys, "tech-insights", "--contract", "acme.yaml")["goldenpath"]
    assert told == {
        "contract": "acme.yaml",
        "scorecard": {
            "version": "1.2.0",
            "tiers": ["bronze", "silver"],
            "checks": ["code-owned", "docs-published", "owner-declared", "slo-defined"],
        },
    }
    assert "contract" not in export(capsys, "tech-insights")["goldenpath"]


def test_more_tiers_than_maturity_has_ranks_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("acme.yaml").write_text(CONTRACT.replace("[bronze, silver]", "[bronze, silver, gold, platinum]"))
    assert main(["contract", "export", "tech-insights", "--contract", "acme.yaml"]) == 2
    assert capsys.readouterr().err == "goldenpath: acme.yaml: it has 4 tiers, and Maturity has 3 ranks\n"


def test_soundcheck_has_a_track_with_a_level_for_each_tier(capsys: pytest.CaptureFixture[str]) -> None:
    config = export(capsys, "soundcheck", "--contract", "acme.yaml", "--as-of", "2026-12-31")["soundcheck"]
    (track,) = config["tracks"]
    levels = [(each["ordinal"], each["name"], [check["id"] for check in each["checks"]]) for each in track["levels"]]
    assert levels == [(1, "Bronze", ["owner-declared"]), (2, "Silver", ["code-owned"])]
    assert [each["id"] for each in config["checks"]] == ["owner-declared", "code-owned"]
    assert config["checks"][0]["rule"]["path"] == "$['owner-declared']"


@pytest.mark.parametrize("contract", ["acme.yaml", "standard", "starter"])
def test_soundcheck_is_written_by_its_schema(capsys: pytest.CaptureFixture[str], contract: str) -> None:
    config = export(capsys, "soundcheck", "--contract", contract)
    Draft202012Validator(SOUNDCHECK).validate(config["soundcheck"])
