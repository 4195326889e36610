"""The record for others to read: as it stands, line by line, or as OSCAL assessment results.

OSCAL is NIST's format for what an assessment found (https://pages.nist.gov/OSCAL, version 1.1.3): an entry becomes a
result, a verdict an observation and a finding, and a waiver a risk whose deviation was approved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from msgspec import json

from goldenpath import __version__
from goldenpath.scorecard import DOCUMENTATION, HOME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.record.entry import Component, Entry, Result
    from goldenpath.record.store import Row

OSCAL = "1.1.3"
NAMESPACE = f"{HOME}/ns/oscal"

_RISKS = {"granted": "deviation-approved", "requested": "deviation-requested"}
_REASONS = {"pass": "pass", "fail": "fail", "unknown": "other"}


def jsonl(rows: Iterable[Row]) -> Iterator[str]:
    """Each entry on a line, its text as it was digested: whoever reads it can follow the chain without this program.

    The digest is the SHA-256 of number, previous digest and `entry`, with a line feed between them.
    """
    for row in rows:
        yield f'{{"seq":{row.seq},"previous":"{row.previous}","digest":"{row.digest}","entry":{row.body}}}'


def oscal(rows: Iterable[Row]) -> Iterator[str]:
    """All entries as one document of OSCAL assessment results, a line per entry."""
    found = list(rows)
    if not found:
        return
    last = found[-1].entry()
    head = {
        "uuid": _uuid(found[-1].digest),
        "metadata": {
            "title": "Evaluations by goldenpath",
            "last-modified": _time(last),
            "version": str(found[-1].seq),
            "oscal-version": OSCAL,
            "props": [_prop("tool-version", __version__), _prop("record-head", found[-1].digest)],
        },
        "import-ap": {"href": f"{HOME}/blob/main/docs/contract.md", "remarks": "The plan is the platform contract."},
    }
    yield f'{{"assessment-results":{json.encode(head).decode()[:-1]},"results":['
    for row in found:
        text = json.encode(_result(row, row.entry())).decode()
        yield text if row is found[-1] else f"{text},"
    yield "]}}"


def _result(row: Row, entry: Entry) -> dict[str, Any]:
    pairs = [(component, check) for component in entry.components for check in component.checks]
    asked = [(component, check) for component, check in pairs if check.verdict != "not-applicable"]
    risks = [_risk(row, *pair) for pair in asked if pair[1].waiver and pair[1].waiver.state in _RISKS]
    commit = f" at {entry.origin.commit[:12]}" if entry.origin.commit else ""
    return {
        "uuid": _uuid(row.digest, "result"),
        "title": f"{entry.origin.name}{commit}: {entry.tier or 'no tier'}",
        "description": f"Judged by the contract {entry.rules.called} as of {entry.as_of}.",
        "start": _time(entry),
        "end": _time(entry),
        "props": [
            _prop("entry", str(row.seq)),
            _prop("digest", row.digest),
            _prop("report", entry.report),
            _prop("contract", entry.rules.digest),
            _prop("tier", entry.tier or "none"),
            _prop("actor", entry.actor.name or "unknown"),
            *([_prop("commit", entry.origin.commit)] if entry.origin.commit else []),
        ],
        "reviewed-controls": {"control-selections": [{"include-all": {}}]},
        **({"observations": [_observation(row, entry, *pair) for pair in asked]} if asked else {}),
        **({"risks": risks} if risks else {}),
        **({"findings": [_finding(row, *pair) for pair in asked]} if asked else {}),
    }


def _observation(row: Row, entry: Entry, component: Component, check: Result) -> dict[str, Any]:
    return {
        "uuid": _uuid(row.digest, "observation", _whose(component), check.id),
        "title": f"{check.id} of {_whose(component)}",
        "description": check.summary or check.verdict,
        "props": [_prop("verdict", check.verdict), _prop("evidence", check.evidence)],
        "methods": ["EXAMINE"],
        "collected": _time(entry),
    }


def _finding(row: Row, component: Component, check: Result) -> dict[str, Any]:
    whose = _whose(component)
    state = "satisfied" if check.verdict == "pass" else "not-satisfied"
    waived = check.waiver is not None and check.waiver.state in _RISKS
    return {
        "uuid": _uuid(row.digest, "finding", whose, check.id),
        "title": f"{check.id} of {whose}: {check.verdict}",
        "description": check.summary or check.verdict,
        "props": [_prop("tier", check.tier), _prop("level", check.level)],
        "links": [{"href": f"{DOCUMENTATION}/{check.id}.md", "rel": "reference"}],
        "target": {
            "type": "objective-id",
            "target-id": check.id,
            "status": {"state": state, "reason": _REASONS.get(check.verdict, "other")},
        },
        "related-observations": [{"observation-uuid": _uuid(row.digest, "observation", whose, check.id)}],
        **({"related-risks": [{"risk-uuid": _uuid(row.digest, "risk", whose, check.id)}]} if waived else {}),
    }


def _risk(row: Row, component: Component, check: Result) -> dict[str, Any]:
    waiver, whose = check.waiver, _whose(component)
    assert waiver is not None  # noqa: S101 - asked by the caller
    approved = f", approved by {waiver.approver}" if waiver.approver else ""
    asked = "" if waiver.state == "granted" else "asked to be "
    return {
        "uuid": _uuid(row.digest, "risk", whose, check.id),
        "title": f"{check.id} of {whose} is {asked}waived until {waiver.expires}",
        "description": waiver.reason,
        "statement": waiver.risk or "The risk has not been assessed yet.",
        "props": [_prop("expires", str(waiver.expires))],
        "status": _RISKS[waiver.state],
        "deadline": f"{waiver.expires}T23:59:59Z",
        "remediations": [
            {
                "uuid": _uuid(row.digest, "remediation", whose, check.id),
                "lifecycle": "planned",
                "title": f"Meet {check.id}",
                "description": f"Asked for by {waiver.requested_by}{approved}.",
            }
        ],
    }


def _whose(component: Component) -> str:
    return component.ref or "a repository without a component"


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": " ".join(value.split()) or "none"}


def _uuid(*names: str) -> str:
    """An identifier that is the same whenever the same entry is exported."""
    return str(uuid5(NAMESPACE_URL, "/".join([NAMESPACE, *names])))


def _time(entry: Entry) -> str:
    return entry.recorded_at.isoformat().replace("+00:00", "Z")
