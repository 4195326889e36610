"""SARIF 2.1.0, for code scanning: one result for every check of a component that is not proven.

What passes has no result: GitHub takes every result for a problem, `kind: pass` too. What is `unknown` is a warning
that says so: SARIF's kinds for it, `open` and `review`, may have no level, and the level is what GitHub reads.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from goldenpath.checks import load
from goldenpath.reports.findings import findings
from goldenpath.reports.json import encode
from goldenpath.reports.pages import explanation
from goldenpath.reports.terminal import Surface, printable
from goldenpath.reports.text import excuse, place_of
from goldenpath.scorecard import HOME, page_of

if TYPE_CHECKING:
    from goldenpath.checks import Evidence
    from goldenpath.reports.findings import Finding
    from goldenpath.scorecard import CheckResult, Scorecard

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

MOST_PLACES = 100
"""How many further places a result names. GitHub shows 100 of a result, and refuses a file that has more than 1,000."""

DESCRIPTION = 1024
"""Characters of a rule's description that GitHub keeps."""

ROOT = "%SRCROOT%"

_SUPPRESSION = {"granted": "accepted", "requested": "underReview"}

_CHAIN = ("called", "built", "carried", "described", "signed", "verified", "shipped")
"""The roles of a release, in its order."""


def render(scorecard: Scorecard, surface: Surface) -> str:  # noqa: ARG001 - every format has the same signature
    """The scorecard as a SARIF log of one run."""
    checks = {check.id: check for component in scorecard.components for check in component.checks}
    numbers = {check: number for number, check in enumerate(checks)}
    # No automationDetails: GitHub's upload takes the category from there, and would ignore the one that it is given.
    run = {
        "tool": {
            "driver": {
                "name": scorecard.tool.name,
                "version": scorecard.tool.version,
                "informationUri": HOME,
                "rules": [_rule(check) for check in checks.values()],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [_result(finding, numbers[finding.check.id]) for finding in findings(scorecard)],
        "properties": {
            "contract": f"{scorecard.contract.name} {scorecard.contract.version}",
            "asOf": scorecard.as_of,
            "tier": scorecard.tier,
            "ceiling": scorecard.ceiling,
            **({"narrowed": scorecard.narrowed} if scorecard.narrowed else {}),
        },
    }
    if scorecard.repository.commit:
        run["versionControlProvenance"] = [_provenance(scorecard)]
    return encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _provenance(scorecard: Scorecard) -> dict[str, Any]:
    judged = scorecard.repository
    root = judged.location.removesuffix(f"/{judged.folder}") if judged.folder else judged.location
    return {
        "repositoryUri": f"file://{quote(root)}",
        "revisionId": judged.commit,
        "mappedTo": {"uriBaseId": ROOT},
    }


def _rule(result: CheckResult) -> dict[str, Any]:
    """A check as GitHub shows it beside its alerts; what it says is what `goldenpath explain` says."""
    check = load(result.id)
    what = check.page.removeprefix("## What").strip().partition("\n\n")[0]
    address = page_of(check)
    return {
        "id": check.id,
        "name": "".join(word.capitalize() for word in check.id.split("-")),
        "shortDescription": {"text": f"{check.title}."},
        "fullDescription": {"text": " ".join(what.split())[:DESCRIPTION] or f"{check.title}."},
        "help": {"text": explanation(check, Surface()), "markdown": check.page or check.title},
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": "error" if result.level == "required" else "note"},
        "properties": {
            "tags": [result.tier],
            "tier": result.tier,
            "level": result.level,
            "precision": "high",
            "problem.severity": "error" if result.level == "required" else "recommendation",
        },
    }


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    check, component = finding.check, finding.component
    fingerprints = {"goldenpath/v1": finding.fingerprint}
    if not finding.place.line:
        # The only one that GitHub reads. Its upload makes it from the text of the line, and warns of any other value
        # where there is a line.
        fingerprints["primaryLocationLineHash"] = finding.fingerprint
    result: dict[str, Any] = {
        "ruleId": check.id,
        "ruleIndex": rule,
        "level": finding.level,
        "message": _message(finding.told),
        "locations": [_location(finding.place)],
        "partialFingerprints": fingerprints,
        "properties": {"component": component.ref, "verdict": check.verdict, "tier": check.tier, "level": check.level},
    }
    if chain := _chain(finding):
        locations = [{"location": {**_location(each), "message": _message(_said(each))}} for each in chain]
        result["codeFlows"] = [{"threadFlows": [{"locations": locations}]}]
    if finding.elsewhere:
        # Every location is one of this repository's: GitHub knows no other, and would show a file by the same name.
        result["properties"]["elsewhere"] = [printable(_told(each)) for each in finding.elsewhere]
    if finding.others:
        result["relatedLocations"] = [
            {"id": number, **_location(each), "message": _message(_said(each))}
            for number, each in enumerate(islice(finding.others, MOST_PLACES), start=1)
        ]
    if check.waiver and check.waiver.state in _SUPPRESSION:
        status = _SUPPRESSION[check.waiver.state]
        result["suppressions"] = [{"kind": "external", "status": status, "justification": printable(excuse(check))}]
    return result


def _chain(finding: Finding) -> list[Evidence]:
    """The places of a release in its order, from what is built to what is shipped; none where nothing is built."""
    placed = [each for each in (finding.place, *finding.others) if each.line and each.role in _CHAIN]
    chain = sorted(placed, key=lambda each: _CHAIN.index(each.role))[:MOST_PLACES]
    return chain if len(chain) > 1 and any(each.role == "built" for each in chain) else []


def _said(evidence: Evidence) -> str:
    return ": ".join(filter(None, [evidence.role, evidence.text]))


def _told(evidence: Evidence) -> str:
    return ": ".join(filter(None, [evidence.role, place_of(evidence), evidence.text]))


def _message(text: str) -> dict[str, str]:
    """A message in which nothing is a link, whatever a file says.

    Braces stay single, though the standard wants them doubled: without arguments no reader undoes it.
    """
    return {"text": printable(text).replace("](", "] (")}


def _location(evidence: Evidence) -> dict[str, Any]:
    """A place with a region, which GitHub wants; a file as a whole is shown by its first line."""
    region = {"startLine": max(evidence.line, 1)}
    if evidence.line and evidence.column:
        region["startColumn"] = evidence.column
    artifact = {"uri": quote(evidence.path, errors="backslashreplace"), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}
