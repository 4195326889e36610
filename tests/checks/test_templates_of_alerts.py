"""alerts-routed: a template that Prometheus cannot parse costs the file, one of Alertmanager's the notification."""

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


def verdict(rules: str = RULES, routes: str = ROUTES) -> Outcome:
    tree = {
        "catalog-info.yaml": ENTITY,
        "slo.yaml": SLO,
        "alerts.yaml": rules,
        "alertmanager.yml": routes,
        "runbook.md": "# Runbook\n\n## BudgetBurns\n\nRoll back.\n",
    }
    return judge("alerts-routed", tree)


def saying(summary: str) -> str:
    """The rules, whose alert has this summary."""
    return RULES.replace("annotations: {", f"annotations: {{summary: '{summary}', ")


def promtool_takes(rules: str, tool: Tool, folder: Path) -> bool:
    (folder / "alerts.yaml").write_text(rules)
    command = [str(tool("promtool")), "check", "rules", str(folder / "alerts.yaml")]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("{{ $value | percentage }}", "its template has no function `percentage`"),
        ("{{ upper $labels.team }}", "its template has no function `upper`"),
        ("{{ $label.team }}", "its template has no variable `$label`"),
        ("{{ if gt $value 0.1 }}bad", "its `if` has no `end`"),
        ("{{ $value }}{{ end }}", "there is nothing that its `end` belongs to"),
        ("burns {{ $value }", "`{{ $value }` does not end with `}}`"),
        ("burns {{ }}", "an action between `{{` and `}}` is empty"),
    ],
)
def test_a_template_that_prometheus_cannot_parse(summary: str, said: str, tool: Tool, tmp_path: Path) -> None:
    outcome = verdict(saying(summary))
    assert outcome.verdict == "fail"
    assert outcome.summary == f"Prometheus refuses `summary` of an alert, and the whole file: {said}"
    assert outcome.fix is not None
    assert outcome.fix.summary.startswith("Correct alerts.yaml:")
    assert not promtool_takes(saying(summary), tool, tmp_path)


@pytest.mark.parametrize(
    "summary",
    [
        "{{ $value | humanizePercentage }} of {{ $labels.team | toUpper }}",
        '{{ with query "up" }}{{ . | first | value | printf "%.2f }}" }}{{ else }}-{{ end }}',
        "{{ range $i, $each := query `up` }}{{ $i }} {{ $each.Labels.job }}{{ end }}",
        "{{- /* }} not yet */ -}} {{ $x := $value }}{{ if and (gt $x 0.1) true }}{{ len $labels.job }}{{ end }}",
        "{{ .Labels.job }} at {{ externalURL }} in {{ $externalLabels.cluster }}",
        "{ } {{`{{`}} }}",
    ],
)
def test_what_prometheus_parses_is_no_problem(summary: str, tool: Tool, tmp_path: Path) -> None:
    assert verdict(saying(summary)).verdict == "pass"
    assert promtool_takes(saying(summary), tool, tmp_path)


@pytest.mark.parametrize("summary", ["{{ team_name }} burns", "{% raw %}{{ $value | x }}{% endraw %}", "{{ ${helm} }}"])
def test_what_another_program_fills_in_first_is_its_business(summary: str) -> None:
    assert "refuses" not in verdict(saying(summary)).summary


def test_a_notification_that_cannot_be_written_pages_nobody() -> None:
    routes = ROUTES.replace(
        "pagerduty_configs: [{", "pagerduty_configs: [{description: '{{ .CommonLabels.team | default \"?\" }}', "
    )
    outcome = verdict(routes=routes)
    assert (outcome.verdict, outcome.summary) == (
        "fail",
        "BudgetBurns goes to night: pagerduty_configs sends nothing: its template has no function `default`",
    )
    assert verdict(routes=routes.replace('default "?"', "toUpper")).verdict == "pass"
