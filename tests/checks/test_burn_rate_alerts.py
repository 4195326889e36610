"""burn-rate-alerts: thresholds are worked out from the SLO's target, over both windows, and tested."""

from __future__ import annotations

import pytest

from trees import judge

ENTITY = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: group:default/shop}
"""
SLO = """
version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    alerting: {name: BudgetBurns}
    sli:
      events:
        error_query: sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{.window}}]))
"""
TEST = """
rule_files: [alerts.yaml]
tests:
  - alert_rule_test:
      - {eval_time: 1m, alertname: Fast, exp_alerts: []}
      - {eval_time: 9m, alertname: Fast, exp_alerts: [{exp_labels: {}}]}
      - {eval_time: 1m, alertname: Slow, exp_alerts: []}
      - {eval_time: 9m, alertname: Slow, exp_alerts: [{exp_labels: {}}]}
"""
FAST = "errors:ratio1h > 14.4 * 0.001 and errors:ratio5m > 14.4 * 0.001"
SLOW = "errors:ratio6h > 6 * 0.001 and errors:ratio30m > 6 * 0.001"
OPENSLO = {
    "slo.yaml": """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: availability}
        spec:
          service: shop
          indicator:
            metadata: {name: availability}
            spec:
              ratioMetric:
                counter: true
                bad: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total{code=~"5.."})'}}}
                total: {metricSource: {type: Prometheus, spec: {query: sum(http_requests_total)}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.999}]
        """
}
RATIO = 'sum(rate(http_requests_total{code=~"5.."}[WINDOW])) / sum(rate(http_requests_total[WINDOW]))'

OF_1H = RATIO.replace("WINDOW", "1h")


def rules(fast: str = FAST, slow: str = SLOW, ratio: str = RATIO) -> str:
    lines = ["groups:", "  - name: shop", "    rules:"]
    for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d"):
        lines += [f"      - record: errors:ratio{window}", f"        expr: {ratio.replace('WINDOW', window)!r}"]
    for name, query in (("Fast", fast), ("Slow", slow)):
        lines += [f"      - alert: {name}", f"        expr: {query!r}"]
    return "\n".join(lines) + "\n"


def tree(alerts: str | None = None, **files: str) -> dict[str, str]:
    return {
        "catalog-info.yaml": ENTITY,
        "slo.yaml": SLO,
        "alerts.yaml": rules() if alerts is None else alerts,
        "tests/alerts_test.yaml": TEST.replace("alerts.yaml", "../alerts.yaml"),
    } | files


def test_two_pairs_with_tests_pass() -> None:
    outcome = judge("burn-rate-alerts", tree())
    assert (outcome.verdict, outcome.summary) == (
        "pass",
        "2 burn-rate alerts, tested, watch the budget of availability",
    )
    assert outcome.evidence[0].text == "Fast: above 0.0144 over 1h and 0.0144 over 5m"


@pytest.mark.parametrize(
    "fast",
    [
        "errors:ratio1h > 0.0144 and errors:ratio5m > 1.44e-2",
        "errors:ratio1h > (14.4 * (1 - 0.999)) and errors:ratio5m > (14.4 * (1 - 0.999))",
        "(errors:ratio5m >= 14.4 * 0.001) and ignoring(window) (errors:ratio1h >= 14.4 * 0.001)",
        "0.0144 < errors:ratio1h and 0.0144 < errors:ratio5m",
        "errors:ratio1h / 0.001 > 14.4 and errors:ratio5m / (1 - 0.999) > 14.4",
        "1 - errors:ratio1h < 1 - 14.4 * 0.001 and 1 - errors:ratio5m < 1 - 14.4 * 0.001",
        "100 * errors:ratio1h > 1.44 and errors:ratio5m * 100 > 1.44",
        "max(errors:ratio1h) by (job) > 0.0144 and max(errors:ratio5m) by (job) > 0.0144",
        "max(errors:ratio5m > 0.0144) without (job) and max(errors:ratio1h > (14.4 * 0.00099999999)) without (job)",
        f"{RATIO.replace('WINDOW', '1h')} > 0.0144 and {RATIO.replace('WINDOW', '5m')} > 0.0144",
        f"{RATIO.replace('WINDOW', '60m')} > 0.0144 and {RATIO.replace('WINDOW', '300s')} > 0.0144",
    ],
)
def test_every_way_to_write_it_is_the_same(fast: str) -> None:
    assert judge("burn-rate-alerts", tree(rules(fast))).verdict == "pass"


def test_alternatives_in_one_alert_are_pairs() -> None:
    both = f"({FAST}) or ({SLOW})"
    assert judge("burn-rate-alerts", tree(rules(both, SLOW))).verdict == "pass"


def test_a_share_of_successes_is_understood() -> None:
    good = RATIO.replace('code=~"5.."', 'code!~"5.."')
    fast = "errors:ratio1h < 1 - 14.4 * 0.001 and errors:ratio5m < 1 - 14.4 * 0.001"
    slow = "errors:ratio6h < 1 - 6 * 0.001 and errors:ratio30m < 1 - 6 * 0.001"
    assert judge("burn-rate-alerts", tree(rules(fast, slow, good))).verdict == "pass"
    swapped = judge("burn-rate-alerts", tree(rules(ratio=good)))
    assert (swapped.verdict, swapped.summary) == (
        "fail",
        'Fast: the query of bad events counts successes: code!~"5.."',
    )


@pytest.mark.parametrize(
    ("fast", "said"),
    [
        (FAST.replace("0.001", "0.01"), "is 144 times the budget of 99.9 %; 1h and 5m are 14.4 times"),
        (FAST.replace("14.4", "6"), "is 6 times the budget of 99.9 %"),
        (FAST.replace("ratio5m > 14.4", "ratio5m > 6"), "is 6 times the budget of 99.9 %"),
        (FAST.replace("ratio5m", "ratio1h"), "1h and 1h of Fast are no pair"),
        ("errors:ratio1h > 14.4 * 0.001", "only 1 of the pairs"),
        (FAST.replace("and", "or"), "only 1 of the pairs"),
        ("node_load1 > 4 and node_load5 > 4", "only 1 of the pairs"),
    ],
)
def test_what_is_not_the_workbooks_is_named(fast: str, said: str) -> None:
    outcome = judge("burn-rate-alerts", tree(rules(fast)))
    assert outcome.verdict == "fail"
    assert said in outcome.summary


def test_a_target_that_was_changed_in_the_slo_only_is_found() -> None:
    outcome = judge("burn-rate-alerts", tree() | {"slo.yaml": SLO.replace("99.9", "99.5")})
    assert outcome.summary == (
        "Fast fires above 0.0144, which is 2.88 times the budget of 99.5 %; 1h and 5m are 14.4 times"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (TEST, "", "no unit test shows that Fast fires"),
        ("exp_alerts: [{exp_labels: {}}]", "exp_alerts: []", "no unit test shows that Fast fires"),
        ("      - {eval_time: 1m, alertname: Slow, exp_alerts: []}\n", "", "no unit test shows that Slow stays silent"),
        ("alerts.yaml", "others.yaml", "no unit test shows that Fast fires"),
        ("alertname: Slow", "alertname: slow", "no unit test shows that Slow fires"),
    ],
)
def test_alerts_without_tests_fail(old: str, new: str, said: str) -> None:
    files = tree() | {"tests/alerts_test.yaml": "", "alerts_test.yaml": TEST.replace(old, new)}
    assert judge("burn-rate-alerts", files).summary == said


def test_what_is_made_or_recorded_elsewhere_is_unknown() -> None:
    assert "Sloth makes the alerts" in judge("burn-rate-alerts", tree("")).summary
    unrecorded = "groups:" + rules().partition("groups:")[2].replace("record: errors", "record: other")
    assert judge("burn-rate-alerts", tree(unrecorded)).verdict == "unknown"
    openslo = OPENSLO | {"alerts.yaml": unrecorded}
    assert "recorded elsewhere" in (judge("burn-rate-alerts", tree() | openslo).reason or "")
    windows = FAST.replace("ratio5m", "ratio30m")
    outcome = judge("burn-rate-alerts", tree(rules(windows)))
    assert (outcome.verdict, outcome.reason) == ("unknown", "1h and 30m of Fast are no pair of the SRE Workbook")


def test_the_factor_of_another_period_is_proportionate() -> None:
    slo = """
        apiVersion: pyrra.dev/v1alpha1
        kind: ServiceLevelObjective
        metadata: {name: shop}
        spec:
          target: "99.9"
          window: 4w
          indicator:
            ratio:
              errors: {metric: 'http_requests_total{code=~"5.."}'}
              total: {metric: http_requests_total}
        """
    for fast, slow in (("14.4", "6"), ("13.44", "5.6")):
        files = tree(rules(FAST.replace("14.4", fast), SLOW.replace("> 6", f"> {slow}"))) | {"slo.yaml": slo}
        assert judge("burn-rate-alerts", files).verdict == "pass"


def test_an_alert_on_another_objective_of_the_same_metric_is_not_held_against_this_one() -> None:
    """A gateway measures all services in one metric, and each has a target of its own."""
    slo = SLO.replace("code=", 'service="shop", code=').replace("total[", 'total{service="shop"}[')
    assert 'service="shop", code' in slo
    own = RATIO.replace("code=", 'service="shop", code=').replace("total[", 'total{service="shop"}[')
    shop = rules(ratio=own)
    stock = rules(FAST.replace("0.001", "0.005"), SLOW.replace("0.001", "0.005"), own.replace("shop", "stock"))
    stock = stock.replace("errors:", "stock:errors:").replace("Fast", "StockFast").replace("Slow", "StockSlow")
    outcome = judge("burn-rate-alerts", tree(shop) | {"slo.yaml": slo, "stock.yaml": stock})
    assert (outcome.verdict, outcome.summary) == (
        "pass",
        "2 burn-rate alerts, tested, watch the budget of availability",
    )
    alone = judge("burn-rate-alerts", tree(stock) | {"slo.yaml": slo})
    assert alone.summary == "Sloth makes the alerts of availability", "as it would be without those of the other one"


@pytest.mark.parametrize(
    ("window", "windows"),
    [("4w", ("5m", "1h", "30m", "6h")), ("30d", ("5m", "64m", "32m", "386m"))],
)
def test_the_pairs_that_pyrra_makes_are_right_for_its_slos(window: str, windows: tuple[str, ...]) -> None:
    slo = f"""
        apiVersion: pyrra.dev/v1alpha1
        kind: ServiceLevelObjective
        metadata: {{name: shop}}
        spec:
          target: "99.9"
          window: {window}
          indicator:
            ratio:
              errors: {{metric: 'http_requests_total{{code=~"5.."}}'}}
              total: {{metric: http_requests_total}}
        """
    one, two, three, four = (f"({RATIO.replace('WINDOW', each)})" for each in windows)
    fast = f"{one} > (14 * (1-0.999)) and {two} > (14 * (1-0.999))"
    slow = f"{three} > (7 * (1-0.999)) and {four} > (7 * (1-0.999))"
    files = tree(rules(fast, slow))
    assert judge("burn-rate-alerts", files | {"slo.yaml": slo}).verdict == "pass"
    assert judge("burn-rate-alerts", files).verdict == ("fail" if window == "4w" else "unknown")
    late = files | {"slo.yaml": slo, "alerts.yaml": rules(fast.replace("14", "13"), slow)}
    assert "which is 13 times the budget of 99.9 %" in judge("burn-rate-alerts", late).summary


def test_counters_that_are_recorded_under_another_name_are_followed() -> None:
    renamed = RATIO.replace('http_requests_total{code=~"5.."}', "job:errors").replace("http_requests_total", "job:all")
    names = "      - {record: job:errors, expr: 'http_requests_total{code=~\"5..\"}'}\n"
    names += "      - {record: job:all, expr: http_requests_total}\n"
    assert judge("burn-rate-alerts", tree(rules(ratio=renamed) + names)).verdict == "pass"
    swapped = names.replace("=~", "!~")
    outcome = judge("burn-rate-alerts", tree(rules(ratio=renamed) + swapped))
    assert outcome.summary == 'Fast: the query of bad events counts successes: code!~"5.."'


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        (rules(fast=FAST.replace(">", "> bool")), "always answers"),
        (rules(ratio=RATIO.replace("[WINDOW]", "[WINDOW] offset 1w")), "another time"),
        (rules(ratio=RATIO.replace("[WINDOW]", "[WINDOW] @ 1700000000")), "another time"),
        (rules(fast=FAST.replace("ratio1h", "ratio1h offset 1d")), "another time"),
        (rules(fast=FAST.replace("errors:ratio1h", f"max_over_time(({OF_1H})[5m:1m] offset 1d)")), "another time"),
        (rules().replace("- alert: Fast\n", "- alert: Fast\n        for: 1d\n"), "waits for 1d (`for`)"),
        (rules().replace("- alert: Fast\n", "- alert: Fast\n        for: 1h30m\n"), "longer than the 1h"),
    ],
)
def test_what_fires_at_the_wrong_time(alerts: str, said: str) -> None:
    outcome = judge("burn-rate-alerts", tree(alerts))
    assert outcome.verdict == "fail"
    assert said in outcome.summary


def test_a_short_wait_is_no_harm() -> None:
    alerts = rules().replace("- alert: Fast\n", "- alert: Fast\n        for: 2m\n")
    assert judge("burn-rate-alerts", tree(alerts)).verdict == "pass"


def test_both_windows_count_the_same() -> None:
    old = "sum(rate(http_requests_total[1h]))"
    outcome = judge("burn-rate-alerts", tree(rules().replace(old, old.replace("total[", 'total{job="x"}['))))
    assert outcome.verdict == "unknown"
    assert "counts other series over 1h than over 5m" in f"{outcome.summary} {outcome.reason}"


@pytest.mark.parametrize("function", ["absent", "count", "changes", "ln"])
def test_what_is_no_share_of_failures(function: str) -> None:
    fast = FAST.replace("errors:ratio1h", f"{function}(errors:ratio1h)")
    assert judge("burn-rate-alerts", tree(rules(fast=fast))).verdict != "pass"


ERRORS, ALL = 'sum(rate(http_requests_total{code=~"5.."}[WINDOW]))', "sum(rate(http_requests_total[WINDOW]))"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (ERRORS, "nothing is divided"),
        (f"{ERRORS} / {ERRORS}", "divides series by themselves"),
        (f"{ALL} / {ERRORS}", "divides all events by a part of them"),
        (RATIO.replace("{code", '{method="POST",code'), "a part of the failures (method)"),
        (f'{ERRORS} / sum(rate(http_requests_total{{code="200"}}[WINDOW]))', "by events that are none of them"),
        (f'{ERRORS} / sum(rate(http_requests_total{{code!~"5.."}}[WINDOW]))', "by events that are none of them"),
        (RATIO.replace("sum(", "sum by (path) (", 1), "the sides of its `/` never match"),
        (f"{ERRORS} / {ALL.replace('WINDOW', '1d')}", "in one window by what happened in another"),
    ],
)
def test_a_ratio_is_a_share_of_all_events(ratio: str, said: str) -> None:
    outcome = judge("burn-rate-alerts", tree(rules(ratio=ratio)))
    assert (outcome.verdict, said in outcome.summary) == ("fail", True), outcome.summary


def test_windows_that_are_told_apart_by_other_labels_never_meet() -> None:
    by_path = RATIO.replace("sum(", "sum by (path) (").replace("WINDOW", "1h")
    over_all = RATIO.replace("WINDOW", "5m")
    fast = f"{by_path} > 14.4 * 0.001 and {over_all} > 14.4 * 0.001"
    outcome = judge("burn-rate-alerts", tree(rules(fast=fast)))
    assert outcome.verdict == "fail"
    assert "the sides of its `and` never match, for they are told apart by (path) and by ()" in outcome.summary
    joined = fast.replace(" and ", " and on () ")
    assert judge("burn-rate-alerts", tree(rules(fast=joined))).verdict == "pass"
    both = fast.replace(over_all, by_path.replace("1h", "5m"))
    assert judge("burn-rate-alerts", tree(rules(fast=both))).verdict == "pass"


def test_failures_that_are_told_in_other_words_may_be_others() -> None:
    outcome = judge("burn-rate-alerts", tree(rules(ratio=RATIO.replace("5..", "5xx"))))
    assert (outcome.verdict, "tells failures by `code`" in f"{outcome.summary} {outcome.reason}") == ("unknown", True)
    assert judge("burn-rate-alerts", tree(rules(ratio=f"1 - {RATIO.replace('=~', '!~')}"))).verdict == "pass"


def test_a_window_of_another_job_watches_something_else() -> None:
    slo = SLO.replace('{code=~"5.."}', '{job="shop", code=~"5.."}').replace("total[", 'total{job="shop"}[')
    ratio = RATIO.replace('{code=~"5.."}', '{job="shop", code=~"5.."}').replace("total[", 'total{job="shop"}[')
    assert judge("burn-rate-alerts", tree(rules(ratio=ratio), **{"slo.yaml": slo})).verdict == "pass"
    lines = rules(ratio=ratio).split("\n")
    mixed = "\n".join(line.replace('job="shop"', 'job="stock"') if "[1h]" in line else line for line in lines)
    outcome = judge("burn-rate-alerts", tree(mixed, **{"slo.yaml": slo}))
    assert (outcome.verdict, outcome.summary) == (
        "fail",
        'Fast: it counts job="stock", and availability job="shop"',
    )


@pytest.mark.parametrize(
    ("counted", "verdict"),
    [('code=~"4.."', "fail"), ('code="404"', "fail"), ('code=~"5..|429"', "pass"), ('code=~"50[0-4]"', "pass")],
)
def test_errors_that_the_slo_takes_for_good_burn_no_budget(counted: str, verdict: str) -> None:
    outcome = judge("burn-rate-alerts", tree(rules(ratio=RATIO.replace('code=~"5.."', counted))))
    assert outcome.verdict == verdict
    if verdict == "fail":
        assert outcome.summary == f"Fast: it counts {counted}, which availability takes for good"
