"""alerts-routed: what Prometheus and Alertmanager would not load reaches nobody, and what newer ones load does."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from alerting import ENTITY, ROUTES, RULES, SLO
from trees import judge

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.checks import Outcome
    from toolbox import Tool

ROUTE = '      matchers: [severity = "page", team =~ "shop|stock"]\n'
PAGERDUTY = "pagerduty_configs: [{routing_key_file: /secrets/pagerduty}]"
INTERVAL = "time_intervals: [{name: night, time_intervals: [{times: [{start_time: '22:00', end_time: '24:00'}]}]}]\n"
TICKET = RULES.replace("severity: page", "severity: ticket")
OBJECT = """
apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {name: shop, namespace: shop}
spec:
  route:
    receiver: night
  receivers:
    - name: night
      pagerdutyConfigs: [{routingKey: {name: pagerduty, key: key}}]
"""


def verdict(rules: str = RULES, routes: str = ROUTES) -> Outcome:
    tree = {
        "catalog-info.yaml": ENTITY,
        "slo.yaml": SLO,
        "alerts.yaml": rules,
        "alertmanager.yml": routes,
        "runbook.md": "# Runbook\n\n## BudgetBurns\n\nRoll back.\n",
    }
    return judge("alerts-routed", tree)


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ("inhibit_rule: []\n" + ROUTES, "Alertmanager has no field `inhibit_rule`"),
        (ROUTES.replace("matchers:", "match_regex:"), "a route of Alertmanager's has no field `match_regex`"),
        (
            ROUTES.replace(PAGERDUTY, PAGERDUTY.replace("{", "{send_resolve: true, ")),
            "`pagerduty_configs` of Alertmanager's has no field `send_resolve`",
        ),
        (
            ROUTES.replace(PAGERDUTY, PAGERDUTY.replace("{", "{images: [{source: a.png}], ")),
            "`images` of Alertmanager's has no field `source`",
        ),
        (
            ROUTES.replace(PAGERDUTY, PAGERDUTY.replace("{", "{http_config: {proxy: 'http://proxy'}, ")),
            "`http_config` of Alertmanager's has no field `proxy`",
        ),
        (
            ROUTES.replace(PAGERDUTY, f"{PAGERDUTY}\n    pager_configs: []"),
            "`receivers` of Alertmanager's has no field `pager_configs`",
        ),
        ("global: {slack_url: 'https://a'}\n" + ROUTES, "`global` of Alertmanager's has no field `slack_url`"),
        (ROUTES.replace("route:\n", "route:\n  continue: true\n", 1), "the first route may have no `continue`"),
        (ROUTES.replace("route:\n", "route:\n  match: {a: b}\n", 1), "the first route takes every alert"),
        (ROUTES.replace(ROUTE, ROUTE + "      mute_time_intervals: [gone]\n"), "there is no time interval `gone`"),
        (ROUTES.replace("route:\n", "route:\n  group_by: ['...', team]\n", 1), "`...`, which is every label, and more"),
        (ROUTES.replace("route:\n", "route:\n  group_by: [team, team]\n", 1), "`group_by` has `team` twice"),
        (ROUTES.replace("route:\n", "route:\n  group_wait: 30\n", 1), "`group_wait` is no duration such as 5m: `30`"),
        (ROUTES.replace("route:\n", "route:\n  repeat_interval: 0s\n", 1), "`repeat_interval` is zero"),
        (INTERVAL.replace("22:00", "9:00") + ROUTES, "`9:00` is no time of day"),
        (ROUTES + "  - webhook_configs: [{url_file: /x}]\n", "a receiver has no name"),
        (ROUTES + "  - name: night\n", "there are two receivers `night`"),
        (ROUTES.replace(PAGERDUTY, "pagerduty_configs: [{routing_key: ''}]"), "pagerduty_configs has no `routing_key`"),
        (ROUTES.replace(PAGERDUTY, "pagerduty_configs: [{severity: page}]"), "pagerduty_configs has no `routing_key`"),
        (ROUTES.replace(PAGERDUTY, "opsgenie_configs: [{priority: P1}]"), "nor has `global` `opsgenie_api_key`"),
        (ROUTES.replace(", api_url_file: /secrets/slack", ""), "slack_configs has no `api_url`, nor has `global`"),
    ],
)
def test_what_alertmanager_refuses_routes_nothing(routes: str, said: str, tool: Tool, tmp_path: Path) -> None:
    outcome = verdict(routes=routes)
    assert outcome.verdict == "fail"
    assert said in outcome.summary
    assert outcome.fix is not None
    assert outcome.fix.summary.startswith("Correct alertmanager.yml:")
    (tmp_path / "alertmanager.yml").write_text(routes)
    command = [str(tool("amtool")), "check-config", str(tmp_path / "alertmanager.yml")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_an_address_for_all_is_one_for_each() -> None:
    routes = ROUTES.replace(", api_url_file: /secrets/slack", "")
    assert verdict(routes="global: {slack_api_url_file: /secrets/slack}\n" + routes).verdict == "pass"
    in_values = "alertmanager:\n  config:\n" + "".join(f"    {line}\n" for line in routes.splitlines())
    assert verdict(routes=in_values).verdict == "pass"


def test_a_key_that_nobody_put_in_pages_nobody() -> None:
    outcome = verdict(routes=ROUTES.replace(PAGERDUTY, "pagerduty_configs: [{routing_key: <your-key>}]"))
    assert (outcome.verdict, outcome.summary) == (
        "fail",
        "BudgetBurns goes to night: the key `<your-key>` is a placeholder",
    )


def test_a_key_that_the_environment_puts_in_pages() -> None:
    assert verdict(routes=ROUTES.replace(PAGERDUTY, "pagerduty_configs: [{routing_key: '${KEY}'}]")).verdict == "pass"


def test_a_group_that_is_there_twice_is_refused(tool: Tool, tmp_path: Path) -> None:
    rules = RULES + RULES.replace("\ngroups:\n", "")
    outcome = verdict(rules)
    assert (outcome.verdict, outcome.summary) == ("fail", "the group `shop` is there twice in a file")
    (tmp_path / "alerts.yaml").write_text(rules)
    command = [str(tool("promtool")), "check", "rules", str(tmp_path / "alerts.yaml")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_a_group_without_rules_is_there_as_well() -> None:
    assert verdict(RULES + "  - name: shop\n    rules: []\n").summary == "the group `shop` is there twice in a file"


def test_groups_of_the_operators_object_belong_below_its_spec() -> None:
    head = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: shop}\n"
    outcome = verdict(head + RULES)
    assert (outcome.verdict, outcome.summary.partition(":")[0]) == (
        "fail",
        "the groups of a PrometheusRule belong below `spec`",
    )
    below = "spec:\n" + "".join(f"  {line}\n" for line in RULES.splitlines())
    assert verdict(head + below).verdict == "pass"


def test_a_watchdog_has_no_severity_and_says_so() -> None:
    watchdog = """
      - alert: Watchdog
        expr: vector(1)
        labels: {severity: none, team: shop}
        annotations: {runbook_url: "https://github.com/acme/shop/blob/main/runbook.md#budgetburns"}
    """
    assert verdict(RULES + watchdog.lstrip("\n")).verdict == "pass"
    assert verdict(RULES + watchdog.replace("none", "TODO").lstrip("\n")).verdict == "fail"


def test_labels_of_a_group_are_those_of_its_rules() -> None:
    rules = RULES.replace("    rules:\n", "    labels: {team: shop, severity: ticket}\n    rules:\n")
    rules = rules.replace("severity: page, team: shop", "severity: page")
    assert verdict(rules).verdict == "pass"


@pytest.mark.parametrize(("rules", "expected"), [(TICKET, "fail"), (RULES, "unknown")])
def test_what_is_muted_at_night_can_wait_unless_it_pages(rules: str, expected: str) -> None:
    """A ticket that waits for the morning gets there; that nothing pages is another matter."""
    routes = INTERVAL + ROUTES.replace(ROUTE, '      matchers: [team = "shop"]\n      mute_time_intervals: [night]\n')
    outcome = verdict(rules, routes)
    assert outcome.verdict == expected
    if expected == "fail":
        assert outcome.summary == "no alert on the SLO is of a severity that pages"


def test_whether_the_operator_adds_the_namespace_only_a_cluster_knows() -> None:
    outcome = verdict(routes=OBJECT)
    assert outcome.verdict == "unknown"
    assert "the operator hands these routes the alerts of their own namespace" in (outcome.reason or "")
    assert outcome.fix is not None
    assert outcome.fix.summary.startswith("Give each alert the label namespace of the AlertmanagerConfig")
    rules = RULES.replace("severity: page,", "severity: page, namespace: shop,")
    assert verdict(rules, OBJECT).verdict == "pass"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (RULES.replace("        labels:", "        fro: 5m\n        labels:"), "a rule has no field `fro`"),
        (RULES.replace("        labels:", "        for: 5\n        labels:"), "`for` is no duration such as 5m: `5`"),
        (RULES.replace("        labels:", "        record: a\n        labels:"), "a rule is an alert or a record"),
        (RULES.replace("        expr: sum", "        for: 5m\n        expr: sum"), "a recorded series has no `for`"),
        (RULES.replace("    rules:", "    intervall: 1m\n    rules:"), "a group has no field `intervall`"),
        (RULES.replace("    rules:", "    interval: 30\n    rules:"), "`interval` is no duration such as 5m: `30`"),
        (RULES.replace("- name: shop\n    rules", "- rules"), "a group has no name"),
        (RULES.replace("sum(rate(http_requests_total[1h]))", "sum(rate("), "the query `sum(rate(http"),
    ],
)
def test_a_rule_that_prometheus_refuses_is_none(rules: str, said: str, tool: Tool, tmp_path: Path) -> None:
    outcome = verdict(rules)
    assert outcome.verdict == "fail"
    assert outcome.summary.startswith(said)
    (tmp_path / "alerts.yaml").write_text(rules)
    command = [str(tool("promtool")), "check", "rules", str(tmp_path / "alerts.yaml")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
