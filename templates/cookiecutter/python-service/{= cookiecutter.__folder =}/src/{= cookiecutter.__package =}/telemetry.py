"""Traces and metrics by OpenTelemetry, under the names that SLO, alerts and dashboard select on."""

import os
import threading
from dataclasses import dataclass
from typing import Final, Self

from fastapi import FastAPI
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.view import (
    DropAggregation,
    ExplicitBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from . import SERVICE_NAME, __version__

DURATION_BUCKETS: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.075),
    *(0.1, 0.25, 0.5, 0.75),
    *(1.0, 2.5, 5.0, 7.5, 10.0),
)
"""Upper bounds, in seconds, of `http.server.request.duration`, as the semantic conventions advise.

A latency SLO counts the requests within one of these buckets: its threshold must be one of them.
Floats throughout: Prometheus 2 keeps `le="1"` and `le="1.0"` apart.
"""

UNMEASURED: Final = r"^[a-z]+://[^/]+/(healthz|readyz|metrics)$"
"""Requests of the platform, not of users: they would flatter every SLI."""

_LABELS: Final = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "error.type",
}
_SEMCONV_OPT_IN: Final = "OTEL_SEMCONV_STABILITY_OPT_IN"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The providers and the Prometheus registry of one application. No global state."""

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    registry: CollectorRegistry

    @classmethod
    def create(cls, *span_processors: SpanProcessor) -> Self:
        """Build the providers; the environment decides whether spans are exported by OTLP.

        Args:
            span_processors: Further destinations of spans.
        """
        resource = Resource.create({"service.name": SERVICE_NAME, "service.version": __version__})
        registry = CollectorRegistry()
        for collector in (GCCollector, PlatformCollector, ProcessCollector):
            collector(registry=registry)
        reader = PrometheusMetricReader(
            registry=registry,
            scope_info_enabled=False,
            resource_attribute_filter=lambda key: key == "service.name",
        )
        tracer_provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        for processor in (*span_processors, *_otlp()):
            tracer_provider.add_span_processor(processor)
        return cls(
            tracer_provider=tracer_provider,
            meter_provider=MeterProvider(
                metric_readers=[reader],
                resource=resource,
                shutdown_on_exit=False,
                views=_views(),
            ),
            registry=registry,
        )

    def set_global(self) -> None:
        """Make these the providers of `trace.get_tracer()` and `metrics.get_meter()`; once only."""
        trace.set_tracer_provider(self.tracer_provider)
        metrics.set_meter_provider(self.meter_provider)

    def instrument(self, app: FastAPI) -> None:
        """Trace and measure every request to `app`, except those of the platform."""
        _opt_in_to_stable_names()
        FastAPIInstrumentor.instrument_app(
            app,
            tracer_provider=self.tracer_provider,
            meter_provider=self.meter_provider,
            excluded_urls=UNMEASURED,
            exclude_spans=["receive", "send"],
        )

    def shutdown(self, timeout: float) -> bool:
        """Flush and close.

        The SDK waits 30 seconds for a collector that does not answer, which is all the time that
        Kubernetes gives: hence a thread that may be left behind.

        Args:
            timeout: Seconds to wait for the last spans.

        Returns:
            Whether everything was flushed in time.
        """
        worker = threading.Thread(target=self._shutdown, name="telemetry-shutdown", daemon=True)
        worker.start()
        worker.join(timeout)
        return not worker.is_alive()

    def _shutdown(self) -> None:
        self.tracer_provider.shutdown()
        self.meter_provider.shutdown()


def _otlp() -> list[SpanProcessor]:
    configured = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}
    if any(os.environ.get(name) for name in configured):
        return [BatchSpanProcessor(OTLPSpanExporter())]
    return []


def _views() -> list[View]:
    return [
        View(
            instrument_name="http.server.request.duration",
            aggregation=ExplicitBucketHistogramAggregation(DURATION_BUCKETS),
            attribute_keys=_LABELS,
        ),
        # As many series again, twice, and in buckets made for seconds.
        View(instrument_name="http.server.*.body.size", aggregation=DropAggregation()),
    ]


def _opt_in_to_stable_names() -> None:
    """Ask the instrumentation for `http.server.request.duration` and its stable attributes.

    It reads the environment once, at the first instrumentation in the process. Deployments must
    not have to know: without it, the metric that SLO and alerts name does not exist.
    """
    opted_in = [word for word in os.environ.get(_SEMCONV_OPT_IN, "").split(",") if word.strip()]
    if not {"http", "http/dup"} & set(opted_in):
        os.environ[_SEMCONV_OPT_IN] = ",".join([*opted_in, "http"])
