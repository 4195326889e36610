"""Templates of charts: what they take from the chart's values is read, what Helm decides is left open."""

from __future__ import annotations

import time

import pytest

from goldenpath.facts.monitoring import monitoring
from goldenpath.facts.monitoring.helm import Charts, fill
from trees import repository

SECONDS = 5
"""Far more than any of these takes, even on a busy machine."""

VALUES = """
alerts:
  severity: page
  ratio: 0.0144
  hold: 5m
  many: 1000000
  list: [a]
  nothing:
  template: "{{ .Release.Name }}"
"""
RULE = """
groups:
  - name: {{ .Chart.Name }}
    rules:
      - alert: Burns
        expr: errors:ratio1h > RATIO
        labels:
          severity: SEVERITY
          chart: {{ .Chart.Name | quote }}
"""


def alert(severity: str = "page", ratio: str = "1", **files: str) -> tuple[str, str, str]:
    """The severity of the one alert of a chart, its query, and what of it is open."""
    template = RULE.replace("SEVERITY", severity).replace("RATIO", ratio)
    chart = {"chart/Chart.yaml": "name: shop", "chart/values.yaml": VALUES, "chart/templates/rules.yaml": template}
    (found,) = monitoring(repository(chart | files)).alerts
    return found.labels["severity"][0], found.query, found.doubt.text if found.doubt else ""


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("{{ .Values.alerts.severity }}", "page"),
        ("{{- .Values.alerts.severity -}}", "page"),
        ("{{ $.Values.alerts.severity | quote }}", "page"),
        ('{{ .Values.alerts.severity | default "ticket" | squote }}', "page"),
        ('{{ .Values.alerts.nothing | default "ticket" | quote }}', "ticket"),
        ('{{ .Values.alerts.missing | default "ticket" }}', "ticket"),
        ('{{ default "ticket" .Values.alerts.severity }}', "page"),
        ('{{ default "ticket" .Values.missing.altogether }}', "ticket"),
        ("{{ .Chart.Name }}", "shop"),
    ],
)
def test_a_value_of_the_chart_is_filled_in(action: str, expected: str) -> None:
    assert alert(action) == (expected, "errors:ratio1h > 1", "")


@pytest.mark.parametrize("opened", ["{{ ", "{{/* ", '{{ "', "{{ `"])
def test_actions_that_never_end_are_left_as_they_stand(opened: str) -> None:
    began = time.process_time()
    assert fill("rules.yaml", opened * 100_000, Charts(repository({}))) == (opened * 100_000, None)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "action",
    [
        "{{ .Values.alerts.missing }}",
        "{{ .Values.alerts.nothing }}",
        "{{ .Values.alerts.list }}",
        "{{ .Values.alerts.template }}",
        "{{ .Values.alerts.many }}",
        "{{ .Values.alerts.severity | upper }}",
        "{{ tpl .Values.alerts.severity . }}",
        "{{ .Release.Name }}",
        '{{ include "severity" . }}',
        '{{ index .Values "alerts" }}',
    ],
)
def test_what_only_helm_knows_is_not_filled_in(action: str) -> None:
    assert alert(action)[0] == "${helm}"
    assert "filled in elsewhere" in alert(ratio=action)[2]


def test_a_number_is_one_in_the_query() -> None:
    assert alert(ratio="{{ .Values.alerts.ratio }}") == ("page", "errors:ratio1h > 0.0144", "")


@pytest.mark.parametrize(
    "path", ["chart/values-prod.yaml", "chart/ci/values.yaml", "values.prod.yml", "env/values.yaml"]
)
def test_files_that_may_be_meant_for_a_cluster_must_agree(path: str) -> None:
    action = "{{ .Values.alerts.severity }}"
    assert alert(action, **{path: "alerts: {severity: ticket}"})[0] == "${helm}"
    assert alert(action, **{path: "alerts: {severity: page}"})[0] == "page"
    assert alert(action, **{path: "alerts: {hold: 1m}"})[0] == "page"
    assert alert(action, **{path: "alerts: {severity: ["})[0] == "${helm}"


def test_the_chart_around_it_has_the_last_word() -> None:
    files = {
        "a/Chart.yaml": "name: a",
        "a/values.yaml": "b: {alerts: {severity: ticket}}",
        "a/charts/b/Chart.yaml": "name: b",
        "a/charts/b/values.yaml": VALUES,
        "a/charts/b/templates/rules.yaml": RULE.replace("SEVERITY", "{{ .Values.alerts.severity }}"),
    }
    (found,) = monitoring(repository(files)).alerts
    assert found.labels["severity"][0] == "${helm}"


def test_a_rule_that_helm_decides_on_stays_open() -> None:
    rule = RULE.replace("SEVERITY", "{{ .Values.alerts.severity }}").replace("RATIO", "1")
    chart = {
        "chart/Chart.yaml": "name: shop",
        "chart/values.yaml": VALUES,
        "chart/templates/rules.yaml": "{{- if .Values.alerts.severity }}" + rule + "{{- end }}",
    }
    (found,) = monitoring(repository(chart)).alerts
    assert found.labels["severity"][0] == "page"
    assert found.doubt is not None
    assert "Helm decides" in found.doubt.text
