"""The report that the front end's own tests show: what goldenpath says today, with a verdict of each kind.

After a change of the report write it anew:

    WRITE_FIXTURE=yes .venv/bin/python -m pytest tests/scaffolder/test_front_end_report.py
"""

from __future__ import annotations

import json
import os
from datetime import date
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from goldenpath.contract import choose
from goldenpath.contract.waivers import standings
from goldenpath.facts import Facts
from goldenpath.reports.json import encode, schema
from goldenpath.repository import open_repository
from goldenpath.scorecard import evaluate
from workspace import WORKSPACE, run

if TYPE_CHECKING:
    from pathlib import Path

FIXTURE = WORKSPACE / "plugins" / "golden-path" / "src" / "fixtures" / "report.json"
TODAY = date(2026, 11, 26)

CONTRACT = """
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1.0.0, owner: "group:default/platform"}
spec:
  tiers: [bronze, silver]
  checks:
    owner-declared: {tier: bronze}
    chat-channel-declared: {tier: bronze}
    code-owned: {tier: bronze}
    tests-gate-release: {tier: silver}
    oncall-declared: {tier: silver, level: advisory}
  waivers: {max_days: 90, approvers: ["group:default/security"]}
"""
APPROVAL = """
apiVersion: goldenpath.dev/v1
kind: WaiverApproval
spec:
  request: DIGEST
  check: chat-channel-declared
  components: ["component:default/shop"]
  approver: security
  approved: 2026-11-21
  expires: 2027-01-15
  risk: Nobody but the team's own tools writes there
"""
SHOP = {
    "catalog-info.yaml": """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: payments}
""",
    ".goldenpath.yaml": """
waivers:
  - check: chat-channel-declared
    reason: The team moves to another chat
    requested_by: user:default/jo
    requested: 2026-11-20
    expires: 2027-01-31
""",
    ".github/CODEOWNERS": "#" * 2_000_000,
}


def report(folder: Path) -> dict[str, Any]:
    """Judge the shop by the contract, which a folder has with its approval of what the shop asks."""
    for path, text in SHOP.items():
        file = folder / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip())
    contract = folder / "acme.yaml"
    contract.write_text(CONTRACT)
    shop = open_repository(folder / "shop")
    chosen = choose(shop, str(contract))
    [(request, covered, _)] = standings(chosen, Facts(shop)["catalog"].components, TODAY)
    (folder / "approvals").mkdir()
    (folder / "approvals" / "0.yaml").write_text(APPROVAL.replace("DIGEST", request.digest(covered)))
    found: dict[str, Any] = json.loads(encode(evaluate(shop, choose(shop, str(contract)), TODAY)))
    found["tool"]["version"] = "0.0.0"
    found["contract"]["source"] = contract.name
    return json.loads(json.dumps(found).replace(f"{folder}/", ""))  # type: ignore[no-any-return]


def test_the_front_ends_tests_show_the_report_of_today(tmp_path: Path) -> None:
    today = report(tmp_path)
    Draft202012Validator(schema()).validate(today)
    if os.environ.get("WRITE_FIXTURE"):
        FIXTURE.write_text(json.dumps(today), encoding="utf-8")
        run(WORKSPACE, "prettier", "--write", str(FIXTURE))
    assert json.loads(FIXTURE.read_text(encoding="utf-8")) == today


def test_it_has_a_verdict_of_each_kind() -> None:
    (component,) = json.loads(FIXTURE.read_text(encoding="utf-8"))["components"]
    verdicts = {check["verdict"] for check in component["checks"]}
    assert verdicts == {"pass", "fail", "unknown"}
    assert {check["level"] for check in component["checks"]} == {"required", "advisory"}
    assert [check["waiver"]["state"] for check in component["checks"] if check["waiver"]] == ["granted"]
