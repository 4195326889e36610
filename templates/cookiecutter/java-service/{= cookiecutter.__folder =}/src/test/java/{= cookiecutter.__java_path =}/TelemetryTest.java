package {= cookiecutter.__java_package =};

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.client.RestTestClient;

@ServiceTest
class TelemetryTest {

    private static final String NAME = "{= cookiecutter.name =}";

    /** The threshold of the latency SLO, when this service was made. */
    private static final String SLO_LATENCY_SECONDS = "{= cookiecutter.__slo_latency_le =}";

    private static final Pattern BOUND =
            Pattern.compile("http_server_request_duration_seconds_bucket\\{.*http_route=\"/v1/orders\".*le=\"(.+)\"}");

    private final RestTestClient client;
    private final InMemorySpanExporter spans;
    private final SdkTracerProvider tracerProvider;

    TelemetryTest(
            @Autowired RestTestClient client,
            @Autowired InMemorySpanExporter spans,
            @Autowired SdkTracerProvider tracerProvider) {
        this.client = client;
        this.spans = spans;
        this.tracerProvider = tracerProvider;
    }

    @BeforeEach
    void forgetSpans() {
        finishedSpans();
        spans.reset();
    }

    @Test
    void requestsAreCountedByMethodRouteAndStatus() {
        get("/v1/orders");
        get("/v1/orders/not-a-uuid");
        get("/nowhere/4711");
        get("/fail");

        assertThat(scrape())
                .contains(count("", "200", "/v1/orders"))
                .contains(count("", "422", "/v1/orders/{order_id}"))
                .contains(count("", "404", "")) // A made-up path must not become a time series.
                .contains(count("java.lang.IllegalStateException", "500", "/fail"))
                .doesNotContain("4711");
    }

    @Test
    void theLatencyThatTheSloPromisesIsABucket() {
        get("/v1/orders");

        var bounds = BOUND.matcher(scrape())
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();

        assertThat(bounds).contains(SLO_LATENCY_SECONDS);
        assertThat(bounds)
                .containsExactly(
                        "0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0", "2.5", "5.0",
                        "7.5", "10.0", "+Inf");
    }

    @Test
    void thePlatformsOwnRequestsAreNotMeasured() {
        for (var path : List.of("/healthz", "/readyz", "/metrics")) {
            get(path);
        }

        assertThat(scrape()).doesNotContain("http_route=\"/healthz\"", "http_route=\"/readyz\"", "/metrics");
        assertThat(finishedSpans()).isEmpty();
    }

    @Test
    void dashboardsFindTheProcessAndItsName() {
        assertThat(scrape())
                .contains("process_cpu_seconds_total", "process_resident_memory_bytes")
                .contains("target_info{service_name=\"" + NAME + "\",service_version=\"");
    }

    @Test
    void metricsAreOfferedAsOpenMetricsToo() {
        client.get()
                .uri("/metrics")
                .header("Accept", "application/openmetrics-text; version=1.0.0")
                .exchange()
                .expectBody(String.class)
                .value(text -> assertThat(text).endsWith("# EOF\n"));
    }

    @Test
    void aTraceGoesOnWhereTheCallersEnded() {
        var traceId = "0af7651916cd43dd8448eb211c80319c";

        client.get()
                .uri("/v1/orders")
                .header("traceparent", "00-" + traceId + "-b7ad6b7169203331-01")
                .exchange()
                .expectStatus()
                .isOk();

        assertThat(finishedSpans()).singleElement().satisfies(span -> {
            assertThat(span.getName()).isEqualTo("GET /v1/orders");
            assertThat(span.getTraceId()).isEqualTo(traceId);
            assertThat(span.getAttributes().get(AttributeKey.stringKey("http.response.status_code")))
                    .isEqualTo("200");
        });
    }

    @Test
    void anUnexpectedErrorIsInTheTrace() {
        get("/fail");

        assertThat(finishedSpans()).singleElement().satisfies(span -> {
            assertThat(span.getStatus().getStatusCode())
                    .isEqualTo(StatusData.error().getStatusCode());
            assertThat(span.getEvents())
                    .singleElement()
                    .satisfies(event -> assertThat(event.getName()).isEqualTo("exception"));
        });
    }

    @Test
    void aClientsMistakeIsNoErrorOfTheService() {
        get("/v1/orders/not-a-uuid");

        assertThat(finishedSpans())
                .singleElement()
                .satisfies(span -> assertThat(span.getStatus()).isEqualTo(StatusData.unset()));
    }

    private static String count(String error, String status, String route) {
        return "http_server_request_duration_seconds_count{error_type=\"%s\",http_request_method=\"GET\",http_response_status_code=\"%s\",http_route=\"%s\",service_name=\"%s\"}"
                .formatted(error, status, route, NAME);
    }

    private void get(String path) {
        client.get().uri(path).exchange();
    }

    private String scrape() {
        return String.valueOf(client.get()
                .uri("/metrics")
                .exchange()
                .returnResult(String.class)
                .getResponseBody());
    }

    private List<SpanData> finishedSpans() {
        tracerProvider.forceFlush().join(10, TimeUnit.SECONDS);
        return spans.getFinishedSpanItems();
    }
}
