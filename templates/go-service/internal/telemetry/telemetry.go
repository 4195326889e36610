// Package telemetry makes traces and metrics by OpenTelemetry, under the names that SLO, alerts and dashboard select
// on.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Telemetry holds the providers and the Prometheus registry of one process.
type Telemetry struct {
	tracers  *trace.TracerProvider
	meters   *metric.MeterProvider
	registry *prometheus.Registry
}

// New builds the providers; the environment decides whether spans are exported by OTLP. Further destinations of spans
// may be given.
func New(ctx context.Context, name, version string, processors ...trace.SpanProcessor) (*Telemetry, error) {
	res, err := describe(ctx, name, version)
	if err != nil {
		return nil, err
	}
	exported, err := otlp(ctx)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	reader, err := exporter.New(
		exporter.WithRegisterer(registry),
		exporter.WithoutScopeInfo(),
		exporter.WithResourceAsConstantLabels(attribute.NewAllowKeysFilter("service.name")),
	)
	if err != nil {
		return nil, fmt.Errorf("export metrics to Prometheus: %w", err)
	}
	options := []trace.TracerProviderOption{trace.WithResource(res)}
	for _, processor := range append(processors, exported...) {
		options = append(options, trace.WithSpanProcessor(processor))
	}
	return &Telemetry{
		tracers: trace.NewTracerProvider(options...),
		meters: metric.NewMeterProvider(
			metric.WithResource(res),
			metric.WithReader(reader),
			metric.WithView(views()...),
			// An exemplar carries the labels that a view leaves out, and those are more than OpenMetrics allows.
			metric.WithExemplarFilter(exemplar.AlwaysOffFilter),
		),
		registry: registry,
	}, nil
}

// SetGlobal makes these the providers of otel.Tracer and otel.Meter, and logs what OpenTelemetry complains of. Call it
// once.
func (t *Telemetry) SetGlobal(logger *slog.Logger) {
	otel.SetTracerProvider(t.tracers)
	otel.SetMeterProvider(t.meters)
	otel.SetTextMapPropagator(propagators())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		logger.Warn("telemetry", "error", err)
	}))
}

// Instrument traces and measures every request to the handler but those that measured refuses.
func (t *Telemetry) Instrument(handler http.Handler, measured func(*http.Request) bool) http.Handler {
	return otelhttp.NewHandler(handler, "",
		otelhttp.WithTracerProvider(t.tracers),
		otelhttp.WithMeterProvider(t.meters),
		otelhttp.WithPropagators(propagators()),
		otelhttp.WithFilter(measured),
	)
}

// Handler serves everything measured, in the format that the scraper prefers.
//
// Prometheus prefers OpenMetrics, which writes the bucket of one second as le="1.0"; that is how the SLO selects it.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Shutdown flushes and closes, and says whether that went well in time.
func (t *Telemetry) Shutdown(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return errors.Join(t.tracers.Shutdown(ctx), t.meters.Shutdown(ctx))
}

// describe says who measures; OTEL_RESOURCE_ATTRIBUTES may add to it.
func describe(ctx context.Context, name, version string) (*resource.Resource, error) {
	res, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(),
		resource.WithAttributes(
			attribute.String("service.name", name),
			attribute.String("service.version", version),
		),
	)
	if err != nil {
		return nil, fmt.Errorf("describe the service: %w", err)
	}
	return res, nil
}

func propagators() propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
}

// otlp returns where spans go: nowhere, unless the environment names a collector.
func otlp(ctx context.Context) ([]trace.SpanProcessor, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return nil, nil
	}
	spans, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("export spans: %w", err)
	}
	return []trace.SpanProcessor{trace.NewBatchSpanProcessor(spans)}, nil
}

// views keep the labels of requests to what is asked for: each further one multiplies the series.
func views() []metric.View {
	return []metric.View{
		metric.NewView(
			metric.Instrument{Name: "http.server.request.duration"},
			metric.Stream{AttributeFilter: attribute.NewAllowKeysFilter(
				"http.request.method", "http.route", "http.response.status_code", "error.type",
			)},
		),
		// As many series again, twice, and in buckets made for seconds.
		metric.NewView(
			metric.Instrument{Name: "http.server.*.body.size"},
			metric.Stream{Aggregation: metric.AggregationDrop{}},
		),
	}
}
