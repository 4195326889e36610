import os
from collections.abc import Iterable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from {= cookiecutter.__package =} import telemetry
from {= cookiecutter.__package =}.telemetry import Telemetry

SLO_LATENCY_SECONDS = {= ((cookiecutter.__slo_latency_ms | int) | int) / 1000 =}
"""The threshold of the latency SLO, when this service was made."""


def scrape(client: TestClient, name: str) -> list[Sample]:
    text = client.get("/metrics").text
    families = text_string_to_metric_families(text)
    return [sample for family in families for sample in family.samples if sample.name == name]


def labels(samples: Iterable[Sample], *names: str) -> set[tuple[str, ...]]:
    return {tuple(sample.labels[name] for name in names) for sample in samples}


def test_requests_are_counted_by_method_route_and_status(client: TestClient) -> None:
    client.get("/v1/orders")
    client.head("/v1/orders")
    client.get("/v1/orders/not-a-uuid")
    client.get("/nowhere/4711")

    counts = scrape(client, "http_server_request_duration_seconds_count")

    assert labels(counts, "http_request_method", "http_route", "http_response_status_code") == {
        ("GET", "/v1/orders", "200"),
        ("HEAD", "/v1/orders", "200"),
        ("GET", "/v1/orders/{order_id}", "422"),
        ("GET", "", "404"),  # A made-up path must not become a time series.
    }
    assert labels(counts, "service_name") == {("{= cookiecutter.name =}",)}


def test_failures_are_counted_as_such(app: FastAPI, client: TestClient) -> None:
    def fail() -> None:
        raise RuntimeError

    app.add_api_route("/fail", fail)

    client.get("/fail")

    counts = scrape(client, "http_server_request_duration_seconds_count")
    assert labels(counts, "http_route", "http_response_status_code") == {("/fail", "500")}


def test_the_latency_that_the_slo_promises_is_a_bucket(client: TestClient) -> None:
    client.get("/v1/orders")

    buckets = scrape(client, "http_server_request_duration_seconds_bucket")

    bounds = {bound for (bound,) in labels(buckets, "le")}
    assert str(SLO_LATENCY_SECONDS) in bounds
    assert bounds == {*map(str, telemetry.DURATION_BUCKETS), "+Inf"}


def test_the_platform_s_own_requests_are_not_measured(
    client: TestClient, spans: InMemorySpanExporter
) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        client.get(path)

    assert scrape(client, "http_server_request_duration_seconds_count") == []
    assert spans.get_finished_spans() == ()


def test_a_user_s_request_cannot_pose_as_the_platform_s(client: TestClient) -> None:
    client.get("/v1/orders", params={"cursor": "/healthz"})
    client.get("/v1/healthz")

    counts = scrape(client, "http_server_request_duration_seconds_count")
    assert labels(counts, "http_response_status_code") == {("422",), ("404",)}


def test_what_nobody_asks_for_is_not_exported(client: TestClient) -> None:
    client.post("/v1/orders", json={})

    assert "body_size" not in client.get("/metrics").text


def test_metrics_are_offered_as_openmetrics_too(client: TestClient) -> None:
    accept = {"accept": "application/openmetrics-text; version=1.0.0"}

    response = client.get("/metrics", headers=accept)

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


def test_the_target_is_named(client: TestClient) -> None:
    client.get("/v1/orders")

    (target,) = scrape(client, "target_info")

    assert target.labels["service_name"] == "{= cookiecutter.name =}"


def test_a_trace_goes_on_where_the_caller_s_ended(
    client: TestClient, spans: InMemorySpanExporter
) -> None:
    trace_id, parent_id = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

    client.get("/v1/orders", headers={"traceparent": f"00-{trace_id}-{parent_id}-01"})

    (span,) = spans.get_finished_spans()
    assert span.name == "GET /v1/orders"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == trace_id
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 200


def test_an_unexpected_error_is_in_the_trace(
    app: FastAPI, client: TestClient, spans: InMemorySpanExporter
) -> None:
    def fail() -> None:
        raise RuntimeError("for the trace's eyes")

    app.add_api_route("/fail", fail)

    client.get("/fail")

    (span,) = spans.get_finished_spans()
    assert not span.status.is_ok
    assert [event.name for event in span.events] == ["exception"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, "http"), ("database", "database,http"), ("http/dup", "http/dup"), ("http", "http")],
)
def test_stable_names_are_not_left_to_the_deployment(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str
) -> None:
    if before is not None:
        monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", before)
    else:
        monkeypatch.delenv("OTEL_SEMCONV_STABILITY_OPT_IN", raising=False)

    Telemetry.create().instrument(FastAPI())

    assert os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] == after
