"""alerts-routed: rules on the SLO that carry what they must, and routes that lead them to whoever is on call."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from alerting import ENTITY, ROUTES, RULES, SLO
from goldenpath.checks import AlertRoute, Settings
from trees import judge

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

ROUTE = '      matchers: [severity = "page", team =~ "shop|stock"]\n'
PAGERDUTY = "pagerduty_configs: [{routing_key_file: /secrets/pagerduty}]"


def verdict(
    rules: str = RULES, routes: str = ROUTES, settings: Settings | None = None, files: dict[str, str] | None = None
) -> Outcome:
    tree = {
        "catalog-info.yaml": ENTITY,
        "slo.yaml": SLO,
        "alerts.yaml": rules,
        "alertmanager.yml": routes,
        "runbook.md": "# Runbook\n\n## BudgetBurns\n\nRoll back.\n",
    }
    return judge("alerts-routed", tree | (files or {}), settings)


def test_alerts_that_reach_a_pager_pass() -> None:
    outcome = verdict()
    assert (outcome.verdict, outcome.summary) == (
        "pass",
        "1 alerts reach people, and those that page reach whoever is on call",
    )


@pytest.mark.parametrize(
    "route",
    [
        "      match: {severity: page}\n",
        "      match_re: {severity: page|critical}\n",
        '      matchers: [\'{severity="page",team!="stock"}\']\n',
        "      matchers: [severity=page, 'team!~\"st.*\"']\n",
        "      matchers: ['env = \"\"', team = shop]\n",
        "      routes: [{matchers: [severity = page]}]\n",
        "      matchers: [alertname = BudgetBurns]\n",
        "",
    ],
)
def test_matchers_of_every_style_are_understood(route: str) -> None:
    expected = "unknown" if "env" in route else "pass"  # `env` may be an external label
    assert verdict(routes=ROUTES.replace(ROUTE, route)).verdict == expected


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('severity = "page"', 'severity = "critical"', "BudgetBurns goes to chat: slack_configs tells people"),
        ("shop|stock", "sho", "BudgetBurns goes to chat"),
        (
            PAGERDUTY,
            "email_configs: [{to: a@acme.io, smarthost: x:25}]",
            "BudgetBurns goes to night: email_configs tells people",
        ),
        (f"\n    {PAGERDUTY}", "", "BudgetBurns goes to night: it has no integration"),
        ("receiver: night", "receiver: nigth", "there is no receiver `nigth`"),
        ("    - receiver: night\n", "    - receiver: chat\n    - receiver: night\n", "BudgetBurns goes to chat"),
        ('severity = "page"', "severity page", "`severity page` is no matcher"),
        ("routes:", "routs:", "a route of Alertmanager's has no field `routs`"),
    ],
)
def test_a_route_that_leads_elsewhere_is_named(old: str, new: str, said: str) -> None:
    outcome = verdict(routes=ROUTES.replace(old, new))
    assert outcome.verdict == "fail"
    assert said in outcome.summary


def test_a_route_that_goes_on_lets_the_next_one_page() -> None:
    earlier = "    - receiver: chat\n      continue: true\n    - receiver: night\n"
    assert verdict(routes=ROUTES.replace("    - receiver: night\n", earlier)).verdict == "pass"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity: page, ", "", "BudgetBurns has no label severity"),
        (", team: shop", "", "BudgetBurns has no label owner"),
        ("team: shop", "team: your-team", "the owner of BudgetBurns is a placeholder"),
        ("runbook_url", "description", "BudgetBurns has no runbook_url"),
        ("#budgetburns", "#gone", "runbook.md has no heading `#gone`"),
        ("runbook.md#", "ops.md#", "leads to ops.md, which is not there"),
        ("expr: shop:errors:ratio1h > 0.0144", "expr: sum(shop:errors:ratio1h > 0.0144", "is no PromQL"),
        ("expr: shop:errors:ratio1h > 0.0144", "expr: node_load1 > 4", "no alert is about the SLO"),
        ("severity: page", "severity: ticket", "no alert on the SLO is of a severity that pages"),
        ("- alert:", "- {alert:", "did not find expected"),
    ],
)
def test_rules_that_lack_something_fail(old: str, new: str, said: str) -> None:
    outcome = verdict(RULES.replace(old, new))
    assert outcome.verdict == "fail"
    assert said in outcome.summary


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("runbook_url", "description", "Give each alert the labels severity and owner"),
        ("#budgetburns", "#gone", "write the heading that it leads to"),
        ("runbook.md#", "ops.md#", "Mend the alert's runbook_url"),
        ("severity: page", "severity: ticket", "Give an alert on the SLO a severity that pages"),
    ],
)
def test_the_fix_is_about_what_is_lacking(old: str, new: str, said: str) -> None:
    fix = verdict(RULES.replace(old, new)).fix
    assert fix is not None
    assert said in fix.summary


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("webhook_configs: [{url_file: /secrets/hook}]", "whom webhook_configs reaches by `/secrets/hook`"),
        ("pagerduty_configs: ${CONFIGS}", "pagerduty_configs is filled in elsewhere"),
    ],
)
def test_whom_a_secret_reaches_is_not_guessed(new: str, reason: str) -> None:
    outcome = verdict(routes=ROUTES.replace(PAGERDUTY, new))
    assert outcome.verdict == "unknown"
    assert reason in (outcome.reason or "")


def test_a_webhook_of_a_product_that_pages_counts() -> None:
    hook = "webhook_configs: [{url: 'https://oncall.acme.io/integrations/v1/alertmanager/x/'}]"
    assert verdict(routes=ROUTES.replace(PAGERDUTY, hook)).verdict == "pass"


@pytest.mark.parametrize(("wait", "expected"), [("30s", "pass"), ("10m", "pass"), ("1h", "fail"), ("24h", "fail")])
def test_a_page_does_not_wait_for_long(wait: str, expected: str) -> None:
    outcome = verdict(routes=ROUTES.replace("route:\n", f"route:\n  group_wait: {wait}\n", 1))
    assert outcome.verdict == expected
    assert (expected == "pass") is ("h for others of its group" not in outcome.summary)
    mended = ROUTES.replace("route:\n", f"route:\n  group_wait: {wait}\n", 1)
    assert verdict(routes=mended.replace(ROUTE, f"{ROUTE}      group_wait: 5s\n")).verdict == "pass"


def test_a_route_that_is_muted_at_times_proves_nothing() -> None:
    routes = "time_intervals: [{name: office}]\n" + ROUTES.lstrip()
    outcome = verdict(routes=routes.replace(ROUTE, f"{ROUTE}      active_time_intervals: [office]\n"))
    assert outcome.verdict == "unknown"
    assert "muted at times" in (outcome.reason or "")


def test_routes_out_of_sight_are_unknown_unless_the_contract_declares_them() -> None:
    assert verdict(routes="").verdict == "unknown"
    declared = Settings(alert_routes=(AlertRoute({"team": "sh*", "severity": "page"}, "pagerduty"),))
    assert verdict(routes="", settings=declared).verdict == "pass"
    other = Settings(alert_routes=(AlertRoute({"team": "stock"}, "pagerduty"),))
    assert "matches no route of the contract" in verdict(routes="", settings=other).summary


def test_a_product_that_the_contract_does_not_accept_pages_nobody() -> None:
    assert verdict(settings=Settings(oncall=("incident-io",))).verdict == "fail"


def test_alerts_that_sloth_makes_are_out_of_sight() -> None:
    outcome = verdict(rules="")
    assert (outcome.verdict, outcome.summary) == ("unknown", "Sloth makes the alerts of availability")


def test_an_alert_that_a_watchdog_mutes_is_never_heard() -> None:
    watchdog = """
      - alert: Watchdog
        expr: vector(1)
        labels: {severity: none, team: shop}
        annotations: {runbook_url: "https://github.com/acme/shop/blob/main/runbook.md#budgetburns"}
    """
    rules = RULES + watchdog.lstrip("\n")
    muting = "inhibit_rules: [{source_matchers: [alertname = Watchdog], target_matchers: [severity = page]}]\n"
    assert verdict(rules=rules, routes=ROUTES).verdict == "pass"
    outcome = verdict(rules=rules, routes=muting + ROUTES)
    assert outcome.verdict == "fail"
    assert outcome.summary == "BudgetBurns is muted while Watchdog fires, which wakes nobody"


def test_rules_for_loki_are_not_taken_for_broken_ones() -> None:
    logql = (
        RULES
        + """
      - alert: LogsSayNo
        expr: sum(count_over_time({app="shop"} |= "no" [5m])) > 3
        labels: {severity: ticket, team: shop}
        annotations: {runbook_url: "https://github.com/acme/shop/blob/main/runbook.md#budgetburns"}
"""
    )
    outcome = verdict(logql)
    assert outcome.verdict == "unknown"
    assert "it is LogQL" in (outcome.reason or "")


def test_rule_files_need_not_be_called_yaml() -> None:
    assert verdict(rules="", files={"prometheus/alert.rules": RULES}).verdict == "pass"


def test_without_rules_there_is_nothing_to_route() -> None:
    outcome = verdict(rules="# alert: none\n", files={"slo.yaml": ""})
    assert (outcome.verdict, outcome.summary) == ("fail", "no alert rule is in this repository")


def test_rules_in_folders_of_samples_do_not_count() -> None:
    files = {"examples/alerts.yaml": RULES, "slo.yaml": ""}
    assert verdict(rules="", files=files).verdict == "fail"


def test_rules_that_helm_decides_on_prove_nothing() -> None:
    chart = {
        "chart/Chart.yaml": "name: shop",
        "chart/templates/a.yaml": f"{{{{- if .Values.alerts }}}}{RULES}{{{{- end }}}}",
    }
    outcome = verdict(rules="", files=chart)
    assert outcome.verdict == "unknown"
    assert "Helm decides" in (outcome.reason or "")


def test_labels_that_helm_adds_are_not_missed() -> None:
    rules = RULES.replace(
        "{severity: page, team: shop}", '\n          severity: page\n          {{- include "labels" . | nindent 10 }}'
    )
    outcome = verdict(rules="", files={"chart/Chart.yaml": "name: shop", "chart/templates/a.yaml": rules})
    assert outcome.verdict == "unknown"


def test_routes_in_the_operators_object_are_of_its_namespace() -> None:
    about = "kind: AlertmanagerConfig\nmetadata: {name: shop, namespace: shop}"
    head = f"apiVersion: monitoring.coreos.com/v1alpha1\n{about}\nspec:\n"
    spec = "".join(f"  {line}\n" for line in ROUTES.replace("pagerduty_configs", "pagerdutyConfigs").splitlines())
    spec = spec.replace('[severity = "page", team =~ "shop|stock"]', "[{name: severity, value: page, matchType: '='}]")
    assert verdict(routes=head + spec).verdict == "unknown"  # the query gives no namespace, the operator may
    labelled = RULES.replace("team: shop", "team: shop, namespace: shop")
    assert verdict(labelled, routes=head + spec).verdict == "pass"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("mixin/alerts.libsonnet", "{ alert: 'Down', expr: 'up == 0' }", "what Jsonnet makes of this file"),
        ("roles/rules.yml.j2", "- alert: Down\n  expr: up{job={{ job }}} == 0\n", "what Jinja makes of this file"),
        (
            "grafana/alerting.yaml",
            "apiVersion: 1\ngroups: [{name: a, rules: [{title: Slow, condition: A, data: [{datasourceUid: x}]}]}]\n",
            "`Slow` is a rule of Grafana's own",
        ),
    ],
)
def test_rules_that_cannot_be_read_are_unknown(path: str, text: str, said: str) -> None:
    outcome = verdict(rules="", files={path: text, "slo.yaml": ""})
    assert outcome.verdict == "unknown"
    assert said in (outcome.reason or "")
    about_others = {path: "# neither of both\n", "slo.yaml": ""}
    assert verdict(rules="", files=about_others).verdict == "fail"


def test_a_runbook_link_that_is_prose_is_told_so() -> None:
    prose = RULES.replace("https://github.com/acme/shop/blob/main/runbook.md#budgetburns", "Check the last deploys.")
    outcome = verdict(prose)
    assert outcome.summary == "what BudgetBurns has for a link is prose: `Check the last deploys.`"


def test_what_alertmanager_fills_in_makes_no_template_of_its_file() -> None:
    broken = ROUTES.replace('channel: "#shop"', 'channel: "$\\{CHANNEL}", title: "{{ .CommonAnnotations.summary }}"')
    outcome = verdict(routes=broken)
    assert outcome.verdict == "fail"
    assert "unknown escape character" in outcome.summary


def test_an_slo_that_helm_renders_may_bring_its_alerts() -> None:
    chart = {
        "chart/Chart.yaml": "name: shop",
        "chart/templates/slo.yaml": "apiVersion: sloth.slok.dev/v1\nkind: {{ .Values.kind }}\n",
        "slo.yaml": "",
    }
    outcome = verdict(rules="", files=chart)
    assert (outcome.verdict, outcome.summary) == ("unknown", "alerts may be made from an SLO that cannot be read")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("source_matchers: ['alertname =~ \".*\"'], target_matchers: [severity = page]", "unknown"),
        ("source_match_re: {severity: .+}, target_match: {severity: page}", "unknown"),
        ("source_matchers: ['alertname =~ \".*\"'], target_matchers: [severity = ticket]", "pass"),
        ("source_matchers: ['alertname =~ \".*\"'], target_matchers: [severity = page], equal: [alertname]", "pass"),
        ("source_matchers: [alertname = ClusterDown], target_matchers: [severity = page]", "pass"),
    ],
)
def test_an_alert_that_any_other_one_mutes(rule: str, expected: str) -> None:
    outcome = verdict(routes=f"{ROUTES}inhibit_rules:\n  - {{{rule}}}\n")
    assert outcome.verdict == expected
    assert (expected == "pass") is ("any other alert mutes it" not in (outcome.reason or ""))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("source_matchers: [severity = ticket], target_matchers: [severity = page]", "fail"),
        ("source_matchers: [severity = ticket], target_matchers: [severity = page], equal: [team]", "fail"),
        ("source_match: {severity: ticket}, target_match: {team: shop}, equal: [rack]", "fail"),  # neither has one
        ("source_matchers: [severity = ticket], target_matchers: [severity = page], equal: [alertname]", "pass"),
        ("source_matchers: [severity = ticket], target_matchers: [severity = page], equal: [cluster]", "unknown"),
        ("source_matchers: [severity = page], target_matchers: [severity = ticket], equal: [team]", "pass"),
        ("source_matchers: [team = shop], target_matchers: [team = shop]", "pass"),  # each is of both kinds
    ],
)
def test_who_sleeps_through_a_ticket_is_not_kept_from_the_page(rule: str, expected: str) -> None:
    ticket = """
      - alert: DiskFills
        expr: vector(1) > 0
        labels: {severity: ticket, team: shop}
        annotations: {runbook_url: "https://github.com/acme/shop/blob/main/runbook.md#budgetburns"}
    """
    telling = ROUTES.replace(ROUTE, f"{ROUTE}    - {{receiver: chat, matchers: [severity = ticket]}}\n")
    outcome = verdict(RULES + ticket.lstrip("\n"), f"{telling}inhibit_rules: [{{{rule}}}]\n")
    assert (outcome.verdict, "muted" in outcome.summary + str(outcome.reason)) == (expected, expected != "pass")


def test_many_alerts_and_rules_of_inhibition_are_judged_soon() -> None:
    one = RULES[RULES.index("      - alert:") :]
    alerts = (one.replace("BudgetBurns", f"A{n}", 1).replace("page", "page" if n % 2 else "ticket") for n in range(400))
    rules = (f"  - {{source_matchers: [alertname = Down{n}], target_matchers: [severity = page]}}\n" for n in range(20))
    began = time.process_time()
    assert verdict(RULES + "".join(alerts), f"{ROUTES}inhibit_rules:\n{''.join(rules)}").verdict == "pass"
    assert time.process_time() - began < 5


@pytest.mark.parametrize(("job", "expected"), [("shop", "pass"), ("stock", "fail")])
def test_an_alert_on_another_service_is_not_about_the_slo(job: str, expected: str) -> None:
    measured = RULES.replace("{code", f'{{job="{job}", code').replace("total[", f'total{{job="{job}"}}[')
    assert verdict(measured).verdict == expected
    asked = RULES.replace("ratio1h >", f'ratio1h{{job="{job}"}} >')
    assert verdict(asked).verdict == expected


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("shop:errors:ratio1h > 0.0144 and on() vector(0) > 1", "fail"),
        ("(shop:errors:ratio1h > 0.0144) unless shop:errors:ratio1h", "fail"),
        ("shop:errors:ratio1h * 0 > 0.0144", "fail"),
        ("shop:errors:ratio1h > 0.0144 and on() vector(2) > 1", "pass"),
        ("shop:errors:ratio1h > 0.0144 unless on() vector(0) > 1", "pass"),
        ("shop:errors:ratio1h > 0.0144 or vector(0) > 1", "pass"),
    ],
)
def test_an_alert_that_can_never_fire_reaches_nobody(expr: str, expected: str) -> None:
    assert verdict(RULES.replace("shop:errors:ratio1h > 0.0144", expr)).verdict == expected
