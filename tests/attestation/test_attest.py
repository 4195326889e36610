"""`goldenpath attest`: what the statement says, to a reader that is not ours, and of what there is none."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from jsonschema import Draft202012Validator

import toolbox
from goldenpath import __version__
from goldenpath.attestation.statement import DETAILS, level, statement_of
from goldenpath.cli import main
from goldenpath.contract import named
from scorecards import result, score, scorecard, waived

if TYPE_CHECKING:
    from goldenpath.scorecard import ComponentScore

CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.0.0, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver]
  scope: {types: [service]}
  checks:
    owner-declared: {tier: bronze}
    code-owned: {tier: silver}
"""
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
"""
SUMMARY = {
    "type": "object",
    "required": ["verifier", "timeVerified", "resourceUri", "policy", "verificationResult", "verifiedLevels"],
    "properties": {
        "verifier": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"$ref": "#/$defs/uri"},
                "version": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            "additionalProperties": False,
        },
        "timeVerified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
        "resourceUri": {"$ref": "#/$defs/uri"},
        "policy": {
            "type": "object",
            "required": ["uri", "digest"],
            "properties": {
                "uri": {"$ref": "#/$defs/uri"},
                "digest": {
                    "type": "object",
                    "properties": {"sha256": {"pattern": "^[0-9a-f]{64}$"}},
                    "minProperties": 1,
                },
            },
            "additionalProperties": False,
        },
        "verificationResult": {"enum": ["PASSED", "FAILED"]},
        "verifiedLevels": {
            "type": "array",
            "items": {"anyOf": [{"pattern": "^(FAILED|SLSA_BUILD_LEVEL_[0-3])$"}, {"not": {"pattern": "^SLSA_"}}]},
            "minItems": 1,
        },
        "slsaVersion": {"pattern": r"^\d+\.\d+$"},
    },
    "patternProperties": {"^https://": {"type": "object"}},  # extensions are named by a URI
    "additionalProperties": False,
    "$defs": {"uri": {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"}},
}
"""SLSA's verification summary 1.2, written down from the specification."""

IMAGE = "ghcr.io/acme/shop"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service with an owner, committed: bronze. Commands run beside it, outside of any pipeline."""
    monkeypatch.chdir(tmp_path)
    for name in "GITHUB_ACTIONS", "GITLAB_CI":
        monkeypatch.delenv(name, raising=False)
    Path("acme.yaml").write_text(CONTRACT)
    Path("shop").mkdir()
    Path("shop/catalog-info.yaml").write_text(CATALOG)
    return toolbox.commit(Path("shop"))


def attest(*arguments: str, path: str = "shop") -> int:
    return main(["attest", path, "--contract", "acme.yaml", "--output", "verdict.json", *arguments])


def statement() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("verdict.json").read_text())
    return found


def head(shop: Path) -> str:
    return toolbox.git(shop, "rev-parse", "HEAD")


# --- what it says


def test_an_independent_reader_of_in_toto_and_slsa_understands_it(shop: Path) -> None:
    assert attest() == 0
    message = json_format.Parse(Path("verdict.json").read_text(), StatementMessage())
    Statement.copy_from_pb(message).validate()
    assert message.predicate_type == "https://slsa.dev/verification_summary/v1"
    assert [dict(subject.digest) for subject in message.subject] == [{"gitCommit": head(shop)}]
    summary = statement()["predicate"]
    assert json_format.MessageToDict(message.predicate) == summary
    Draft202012Validator(SUMMARY).validate(summary)


def test_it_says_who_has_judged_what_when_and_by_which_contract(shop: Path) -> None:
    attest()
    summary = statement()["predicate"]
    assert summary["verifier"] == {
        "id": "https://github.com/goldenpath-dev/goldenpath", "version": {"goldenpath": __version__}
    }  # fmt: skip
    assert abs(datetime.fromisoformat(summary["timeVerified"]) - datetime.now(UTC)).total_seconds() < 600
    assert summary["resourceUri"] == shop.resolve().as_uri()
    assert summary["policy"]["uri"].endswith("/acme/1.0.0")
    assert f"sha256:{summary['policy']['digest']['sha256']}" == named("acme.yaml").digest()
    assert (summary["verificationResult"], summary["verifiedLevels"]) == ("PASSED", ["GOLDENPATH_TIER_BRONZE"])


def test_a_tier_that_is_not_met_is_attested_as_failed() -> None:
    assert attest("--tier", "silver") == 1
    predicate = statement()["predicate"]
    assert (predicate["verificationResult"], predicate["verifiedLevels"]) == ("FAILED", ["FAILED"])
    assert predicate[DETAILS]["asked"] == "silver"
    assert predicate[DETAILS]["components"] == [{"ref": "component:default/shop", "tier": "bronze", "waivers": []}]


def test_the_level_is_the_tier_that_was_reached_not_the_one_that_was_asked_for(shop: Path) -> None:
    (shop / "CODEOWNERS").write_text("* @acme/payments\n")
    (shop / "catalog-info.yaml").write_text(CATALOG.replace("owner: payments", "owner: group:acme/payments"))
    toolbox.commit(shop, "feat: owners of code")
    main(["check", str(shop), "--contract", "acme.yaml", "--format", "json", "--output", "report.json"])
    reached = json.loads(Path("report.json").read_text())["tier"]
    assert attest() == 0
    assert statement()["predicate"]["verifiedLevels"] == [level(reached)]


@pytest.mark.parametrize(
    ("tier", "expected"),
    [("gold", "GOLDENPATH_TIER_GOLD"), ("slsa 3", "GOLDENPATH_TIER_SLSA_3"), ("SLSA_X", "GOLDENPATH_TIER_SLSA_X")],
)
def test_no_level_is_taken_for_one_of_slsas_own(tier: str, expected: str) -> None:
    assert level(tier) == expected


def summary_of(*components: ComponentScore) -> dict[str, Any]:
    judged = scorecard(*components, commit="c" * 40)
    made = statement_of(judged, named("standard"), datetime(2026, 11, 26, tzinfo=UTC), wanted="bronze")
    details = made.predicate.details
    return {
        each.ref or "": [(one.check, one.expires, one.approver) for one in each.waivers] for each in details.components
    }


def test_waivers_are_named_with_their_last_day_and_those_whom_nobody_judges_are_not() -> None:
    excused = waived(result("build-signed", "fail", "unsigned"), date(2027, 1, 31))
    aside = score(excused, ref="component:default/aside", in_scope=False)
    assert summary_of(score(excused, ref="component:default/shop"), aside) == {
        "component:default/shop": [("build-signed", date(2027, 1, 31), "group:default/security")]
    }


def test_what_was_built_from_the_commit_can_be_the_subject(shop: Path) -> None:
    assert attest("--subject", f"{IMAGE}@sha256:{DIGEST}", "--resource", f"oci://{IMAGE}") == 0
    assert statement()["subject"] == [{"name": IMAGE, "digest": {"sha256": DIGEST}}]
    assert statement()["predicate"]["resourceUri"] == f"oci://{IMAGE}"
    assert statement()["predicate"][DETAILS]["commit"] == head(shop)


def test_what_was_handed_in_counts_and_is_named_by_its_digest(shop: Path) -> None:
    (shop / "catalog-info.yaml").unlink()
    toolbox.commit(shop, "feat: the entity is kept elsewhere")
    assert attest() == 1
    assert statement()["predicate"][DETAILS]["handedIn"] == []
    Path("entity.yaml").write_text(CATALOG)
    Path("folder").mkdir()
    sources = ["--source", f"acme/ci@HEAD={shop}", "--source", "acme/plain=folder"]
    assert attest("--entity", "entity.yaml", *sources) == 0
    assert statement()["predicate"][DETAILS]["handedIn"] == [
        {"name": "acme/ci@HEAD", "digest": {"gitCommit": head(shop)}},
        {"name": "acme/plain@*", "digest": {}},
        {"name": "entity.yaml", "digest": {"sha256": sha256(CATALOG.encode()).hexdigest()}},
    ]


# --- which resource


@pytest.mark.parametrize(
    "pipeline",
    [
        {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.com", "GITHUB_REPOSITORY": "acme/shop",
         "GITHUB_SHA": "HEAD"},
        {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://git.example.com/acme/shop", "CI_COMMIT_SHA": "HEAD"},
    ],
)  # fmt: skip
def test_in_a_pipeline_the_resource_is_the_repository_whose_commit_it_runs_for(
    shop: Path, pipeline: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in pipeline.items():
        monkeypatch.setenv(name, head(shop) if value == "HEAD" else value)
    attest()
    assert statement()["predicate"]["resourceUri"] == "git+https://git.example.com/acme/shop"
    (shop / "services").mkdir()
    (shop / "services/catalog-info.yaml").write_text(CATALOG)
    toolbox.commit(shop, "feat: another")
    attest()
    assert statement()["predicate"]["resourceUri"] == shop.resolve().as_uri(), "another commit than the pipeline's"
    monkeypatch.setenv("GITHUB_SHA" if "GITHUB_ACTIONS" in pipeline else "CI_COMMIT_SHA", head(shop))
    attest(path="shop/services")
    assert statement()["predicate"]["resourceUri"] == "git+https://git.example.com/acme/shop#services"


# --- what is refused


def test_files_that_differ_from_their_commit_are_refused_and_the_commit_is_not(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "catalog-info.yaml").write_text("# gone\n")
    assert attest() == 2
    assert "shop: its files differ from the commit" in (said := capsys.readouterr().err)
    assert "--ref HEAD" in said
    assert not Path("verdict.json").exists()
    assert attest("--ref", "HEAD") == 0


def test_what_git_does_not_know_lends_nothing_to_the_verdict(shop: Path) -> None:
    (shop / "later").mkdir()
    (shop / "later/catalog-info.yaml").write_text(CATALOG)
    assert attest(path="shop/later") == 1
    assert statement()["predicate"]["verificationResult"] == "FAILED"


def test_changes_that_the_index_hides_lend_nothing_to_the_verdict(shop: Path) -> None:
    (shop / "catalog-info.yaml").write_text("kind: Nothing\n")
    toolbox.commit(shop, "feat: nothing")
    toolbox.git(shop, "update-index", "--assume-unchanged", "catalog-info.yaml")
    (shop / "catalog-info.yaml").write_text(CATALOG)
    assert attest() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tier", "gold"], "--tier gold: the contract 'acme' has bronze, silver"),
        (["--ref", "v9"], "'v9' is no commit, branch or tag of it"),
        (["--resource", "acme shop"], "--resource acme shop: it is no URI"),
    ],
)
def test_a_verdict_that_cannot_be_given_is_no_statement(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert attest(*arguments) == 2
    assert said in capsys.readouterr().err
    assert not Path("verdict.json").exists()


def test_two_tiers_that_would_be_one_level_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("acme.yaml").write_text(CONTRACT.replace("[bronze, silver]", "[bronze, Bronze, silver]"))
    assert attest() == 2
    assert "acme.yaml: spec.tiers: two would be one level" in capsys.readouterr().err


def test_a_subject_needs_the_digest_of_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        attest("--subject", f"{IMAGE}:v1")
    assert "names no content" in capsys.readouterr().err


def test_without_a_commit_there_is_nothing_to_attest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plain").mkdir()
    assert attest(path="plain") == 2
    assert "a verdict is attested of a commit, and git knows none here" in capsys.readouterr().err


def test_whom_the_contract_does_not_judge_has_not_passed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "catalog-info.yaml").write_text(CATALOG.replace("type: service", "type: library"))
    toolbox.commit(shop, "feat: be a library")
    assert main(["check", "shop", "--contract", "acme.yaml"]) == 0
    assert attest() == 2
    assert "judges nothing here, so nothing is attested" in capsys.readouterr().err
