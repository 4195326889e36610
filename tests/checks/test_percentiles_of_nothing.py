"""latency-p95-measured: queries that look like a percentile and find no series, and recorded series that are one."""

from __future__ import annotations

import pytest

from trees import judge

TREE = {
    "catalog-info.yaml": """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {name: shop}
        spec: {type: service, lifecycle: production, owner: group:default/shop}
        """,
    "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["opentelemetry-instrumentation-fastapi>=0.66b2"]\n',
    "Dockerfile": "FROM python\nENV OTEL_SEMCONV_STABILITY_OPT_IN=http\n",
}
BUCKETS = "http_server_request_duration_seconds_bucket"


def rules(*queries: str) -> dict[str, str]:
    """Recorded series `shop:0`, `shop:1` and so on."""
    recorded = "".join(f"\n      - record: shop:{number}\n        expr: {each}" for number, each in enumerate(queries))
    return {**TREE, "rules.yaml": f"groups:\n  - name: shop\n    rules:{recorded}\n"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (f"histogram_quantile(0.95, sum(rate({BUCKETS}[5m])))", "no label `le` is left for histogram_quantile"),
        (f"histogram_quantile(0.95, sum by (job) (rate({BUCKETS}[5m])))", "no label `le` is left"),
        (f"histogram_quantile(0.95, sum without (pod, le) (rate({BUCKETS}[5m])))", "no label `le` is left"),
        (
            "histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_count[5m])))",
            "http_server_request_duration_seconds_count has no buckets",
        ),
        (f"histogram_quantile(0.95, sum by (le) ({BUCKETS}))", f"{BUCKETS} counts since the process began"),
        (
            "histogram_quantile(0.95, sum by (le) (rate(http_server_response_body_size_bytes_bucket[5m])))",
            "http_server_response_body_size_bytes_bucket counts bytes, not time",
        ),
    ],
)
def test_a_percentile_of_nothing_is_told_where_it_stands(query: str, said: str) -> None:
    outcome = judge("latency-p95-measured", rules(query))
    assert outcome.verdict == "fail"
    assert outcome.summary.startswith(said)
    assert (outcome.evidence[0].path, outcome.evidence[0].line) == ("rules.yaml", 5)
    assert outcome.fix is not None
    assert outcome.fix.summary.startswith("Correct rules.yaml:5")


@pytest.mark.parametrize("aggregated", ["sum by (le, job)", "sum without (pod)"])
def test_a_recorded_rate_of_the_buckets_is_followed(aggregated: str) -> None:
    tree = rules(f"{aggregated} (rate({BUCKETS}[5m]))", "histogram_quantile(0.95, shop:0) > 0.25")
    assert judge("latency-p95-measured", tree).verdict == "pass"


def test_recorded_buckets_are_no_rate_of_them() -> None:
    tree = rules(f"sum by (le) ({BUCKETS})", "histogram_quantile(0.95, shop:0) > 0.25")
    assert judge("latency-p95-measured", tree).verdict == "fail"
    tree = rules(f"sum by (le) ({BUCKETS})", "histogram_quantile(0.95, rate(shop:0[5m])) > 0.25")
    assert judge("latency-p95-measured", tree).verdict == "pass"


def test_a_recorded_rate_without_the_buckets_is_none() -> None:
    tree = rules(f"sum by (job) (rate({BUCKETS}[5m]))", "histogram_quantile(0.95, shop:0) > 0.25")
    assert judge("latency-p95-measured", tree).verdict == "fail"


def test_native_histograms_need_no_label() -> None:
    tree = rules("histogram_quantile(0.95, sum(rate(http_server_request_duration_seconds[5m])))")
    assert judge("latency-p95-measured", tree).verdict == "pass"


@pytest.mark.parametrize(
    ("bound", "expected"),
    [("0.25", "pass"), ("1", "pass"), ("1.0", "pass"), ("0.250", "fail"), (".25", "fail"), ("1.00", "fail")],
)
def test_a_boundary_is_the_text_that_exporters_write(bound: str, expected: str) -> None:
    slo = f"""
        version: prometheus/v1
        service: shop
        slos:
          - name: latency
            objective: 95
            alerting: {{name: Latency}}
            sli:
              events:
                error_query: >-
                  sum(rate(http_server_request_duration_seconds_count[{{{{.window}}}}]))
                  - sum(rate({BUCKETS}{{le="{bound}"}}[{{{{.window}}}}]))
                total_query: sum(rate(http_server_request_duration_seconds_count[{{{{.window}}}}]))
        """
    outcome = judge("latency-p95-measured", {**TREE, "slo.yaml": slo})
    assert outcome.verdict == expected
    if expected == "fail":
        assert outcome.summary.startswith(f'`le="{bound}"` selects no series')


def test_labels_of_alerts_that_speak_of_an_slo_configure_no_buckets() -> None:
    tree = rules(f"histogram_quantile(0.95, sum by (le) (rate({BUCKETS}[5m]))) > 0.3")
    tree["rules.yaml"] += "        labels: {slo: latency}\n"
    outcome = judge("latency-p95-measured", tree)
    assert outcome.verdict == "fail"
    assert outcome.summary.startswith("0.3 is no bucket")
