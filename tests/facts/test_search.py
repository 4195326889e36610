"""Which files the search for rules, routes and SLOs finds something in: YAML is spelled in many ways."""

from __future__ import annotations

import json
import time
from textwrap import indent
from typing import Any

import pytest
import yaml

from goldenpath.facts.monitoring import monitoring
from goldenpath.facts.slos import slos
from trees import judge, repository

RULES: dict[str, Any] = {
    "groups": [{"name": "shop", "rules": [{"alert": "Down", "expr": "up == 0", "labels": {"severity": "page"}}]}]
}
ROUTES: dict[str, Any] = {"route": {"receiver": "chat"}, "receivers": [{"name": "chat", "slack_configs": [{}]}]}
BLOCK = yaml.safe_dump(RULES, sort_keys=False)
FLOW = yaml.safe_dump(RULES, default_flow_style=True, sort_keys=False)
TABS = json.dumps(RULES, indent="\t")
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: rules}\ndata:\n  rules.yaml: "
RATIO = {"errors": {"metric": 'http_requests_total{code=~"5.."}'}, "total": {"metric": "http_requests_total"}}
SLOS: dict[str, dict[str, Any]] = {
    "sloth": {
        "apiVersion": "sloth.slok.dev/v1",
        "kind": "PrometheusServiceLevel",
        "metadata": {"name": "shop"},
        "spec": {
            "service": "shop",
            "slos": [
                {
                    "name": "up",
                    "objective": 99,
                    "alerting": {"name": "Up"},
                    "sli": {"raw": {"errorRatioQuery": "errors[{{.window}}]"}},
                }
            ],
        },
    },
    "pyrra": {
        "apiVersion": "pyrra.dev/v1alpha1",
        "kind": "ServiceLevelObjective",
        "metadata": {"name": "up"},
        "spec": {"target": "99", "window": "4w", "indicator": {"ratio": RATIO}},
    },
    "openslo": {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "up"},
        "spec": {
            "service": "shop",
            "indicatorRef": "up",
            "timeWindow": [{"duration": "30d", "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"target": 0.99}],
        },
    },
}


def literal(text: str) -> str:
    return CONFIG_MAP + "|\n" + indent(text, "    ")


@pytest.mark.parametrize(
    "text",
    [
        BLOCK,
        FLOW,
        BLOCK.replace("\n", "\r\n"),
        BLOCK.replace("\n", "\r"),
        "\ufeff" + BLOCK,
        "\ufeff" + FLOW,
        BLOCK.replace("alert:", '"alert":').replace("groups:", "'groups':"),
        BLOCK.replace("alert: Down", "? alert\n    : Down"),
        FLOW.replace("{alert:", "!!map { alert :"),
        json.dumps(RULES),
        json.dumps(RULES, indent=2),
        TABS,
        "---\nnothing: here\n---\n" + FLOW,
        json.dumps({"kind": "PrometheusRule", "spec": RULES}),
        json.dumps({"kind": "List", "items": [{"kind": "PrometheusRule", "spec": RULES}]}),
        literal(BLOCK),
        literal(FLOW),
        literal(json.dumps(RULES)),
        CONFIG_MAP + ">\n    " + FLOW.replace("\n", "\n    "),
        CONFIG_MAP + json.dumps(BLOCK),
        CONFIG_MAP + json.dumps(json.dumps(RULES)),
        CONFIG_MAP + f"'{FLOW}'",
    ],
)
def test_an_alert_is_found_however_its_file_is_written(text: str) -> None:
    (alert,) = monitoring(repository({"shop.yaml": text})).alerts
    assert (alert.name, alert.labels["severity"][0], alert.problem) == ("Down", "page", None)


@pytest.mark.parametrize("path", ["monitoring/shop.rules", "shop-alerts.json", "shop.YML"])
def test_rule_files_have_several_endings(path: str) -> None:
    assert monitoring(repository({path: json.dumps(RULES)})).alerts


def test_a_rule_in_flow_style_is_judged_at_its_line() -> None:
    entity = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\n"
    entity += "spec: {type: service, lifecycle: production, owner: shop}\n"
    rules = '# ours\ngroups: [{name: a, rules: [{alert: A, expr: "((("}]}]\n'
    outcome = judge("alerts-routed", {"catalog-info.yaml": entity, "rules.yaml": rules})
    assert outcome.verdict == "fail"
    assert "is no PromQL" in outcome.summary
    assert (outcome.evidence[0].path, outcome.evidence[0].line) == ("rules.yaml", 2)


def test_what_stands_in_a_text_has_its_place_in_the_file() -> None:
    (alert,) = monitoring(repository({"a.yaml": literal(BLOCK)})).alerts
    assert (alert.place.line, alert.place.column) == (9, 9)
    assert alert.labels["severity"][1].line == 12
    (alert,) = monitoring(repository({"a.yaml": CONFIG_MAP + json.dumps(BLOCK)})).alerts
    assert alert.labels["severity"][1].line == 5
    (broken,) = monitoring(repository({"a.yaml": literal("groups: [\n- alert: A\n")})).broken
    assert broken.place.line == 7


def test_what_a_merge_key_brings_belongs_to_the_rule() -> None:
    text = """
        base: &base {severity: ticket, team: shop}
        groups:
          - name: a
            rules:
              - &down {alert: Down, expr: up == 0, labels: {<<: *base, severity: page}}
              - {<<: [*down, {for: 5m}], alert: Gone}
        """
    down, gone = monitoring(repository({"a.yaml": text})).alerts
    assert {name: value for name, (value, _) in down.labels.items()} == {"severity": "page", "team": "shop"}
    assert (gone.name, gone.query, gone.labels) == ("Gone", "up == 0", down.labels)


@pytest.mark.parametrize("text", [json.dumps(ROUTES), literal(json.dumps(ROUTES)), yaml.safe_dump(ROUTES)])
def test_routes_are_found_however_their_file_is_written(text: str) -> None:
    (tree,) = monitoring(repository({"config.yaml": text})).trees
    assert tree.root.receiver == "chat"


def test_tests_of_rules_are_found_in_flow_style() -> None:
    case = "{rule_files: [../a.yaml], tests: [{alert_rule_test: [{alertname: A, exp_alerts: []}]}]}"
    (test,) = monitoring(repository({"tests/a.yaml": case})).tests
    assert (test.alert, test.rule_files) == ("A", ("a.yaml",))


@pytest.mark.parametrize("form", SLOS)
@pytest.mark.parametrize(
    "write",
    [
        yaml.safe_dump,
        json.dumps,
        lambda slo: "\ufeff" + json.dumps(slo, indent="\t"),
        lambda slo: json.dumps([slo]),
        lambda slo: json.dumps({"apiVersion": "v1", "kind": "List", "items": [slo]}),
        lambda slo: yaml.safe_dump(slo).replace("\n", "\r\n"),
        lambda slo: "a: 1\n---\n" + yaml.safe_dump(slo, default_flow_style=True) + "---\n",
        lambda slo: literal(yaml.safe_dump(slo)),
        lambda slo: CONFIG_MAP + json.dumps(json.dumps(slo)),
    ],
)
def test_an_slo_is_found_however_its_file_is_written(form: str, write: Any) -> None:
    (slo,) = slos(repository({"shop.yaml": write(SLOS[form])})).found
    assert (slo.form, slo.name, slo.problems) == (form, "up", ())
    assert slos(repository({"deploy/service-level.json": json.dumps(SLOS[form])})).found


def test_sloths_own_files_are_read_as_sloth_reads_them() -> None:
    """Its command looks for the line of the version before it parses anything, and refuses what has none."""
    spec = {"version": "prometheus/v1", "service": "shop", "slos": SLOS["sloth"]["spec"]["slos"]}
    text = yaml.safe_dump(spec).replace("errorRatioQuery", "error_ratio_query")
    for good in (text, "a: 1\n---\n" + text, literal(text), text.replace("prometheus/v1", "'prometheus/v1'")):
        assert not slos(repository({"slo.yaml": good})).broken
    for bad in (json.dumps(spec), json.dumps(spec, indent=1), text.replace("version", '"version"')):
        assert "has a line for itself" in slos(repository({"slo.yaml": bad})).broken[0].text


def test_prose_about_slos_and_alerts_is_let_be() -> None:
    prose = "description: |\n  Made from openslo, see: the docs: [\n  An alert: is one.\n"
    assert not slos(repository({"a.yaml": prose})).broken
    assert not monitoring(repository({"a.yaml": prose})).broken


@pytest.mark.parametrize(
    "text", ["\n" * 500_000, "{" + " \n" * 300_000, "- " * 300_000, "\\n" * 300_000 + "-" * 99_999]
)
def test_no_file_makes_the_search_long(text: str) -> None:
    start = time.process_time()
    monitoring(repository({"a.yaml": text.encode()}))
    assert time.process_time() - start < 1


def test_texts_in_texts_end_somewhere() -> None:
    nested = BLOCK
    for _ in range(20):
        nested = literal(nested)
    assert not monitoring(repository({"a.yaml": nested})).alerts


def test_merges_that_outgrow_their_file_are_not_read_and_those_of_no_mapping_are_refused() -> None:
    base = "base: &base {alert: A, " + ", ".join(f"k{n}: 1" for n in range(1000)) + "}\n"
    many = "".join(f"m{n}: {{<<: *base}}\n" for n in range(200))
    (unseen,) = monitoring(repository({"a.yaml": base + many})).unseen
    assert "once its aliases are expanded" in unseen.text
    (broken,) = monitoring(repository({"a.yaml": "groups: [{rules: [{<<: text, alert: A}]}]"})).broken
    assert "merge key" in broken.text
