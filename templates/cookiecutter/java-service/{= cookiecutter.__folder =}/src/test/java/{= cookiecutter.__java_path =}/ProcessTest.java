package {= cookiecutter.__java_package =};

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service as a process: started, asked, and told to stop while it is busy. */
@Timeout(300)
class ProcessTest {

    private static final int TERMINATED = 128 + 15; // how a JVM ends after SIGTERM
    private static final String ORDER = "{\"reference\": \"last\", \"lines\": [{\"sku\": \"TEA\", \"quantity\": 1}]}";

    @TempDir
    private Path folder;

    @Test
    void aRequestInFlightIsAnsweredAndItsTraceExported() throws Exception {
        var received = new ByteArrayOutputStream();
        var collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            received.writeBytes(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        var endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
        try (var service = start(Map.of("APP_DRAIN_DELAY_SECONDS", "2", "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint));
                var connection = service.connect()) {
            var half = ORDER.length() / 2;
            var head = "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + ORDER.length() + "\r\n\r\n";
            connection.getOutputStream().write((head + ORDER.substring(0, half)).getBytes(UTF_8));
            assertThat(service.get("/v1/orders")).isEqualTo(200);

            service.process.destroy();

            // Load balancers see that no new traffic is wanted, and what still comes is served.
            await().until(() -> service.get("/readyz") == 503);
            assertThat(service.get("/v1/orders")).isEqualTo(200);
            // Then the port is closed, and the request in flight may still take its time.
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() ->
                            assertThatThrownBy(() -> service.get("/healthz")).isInstanceOf(ConnectException.class));
            connection.getOutputStream().write(ORDER.substring(half).getBytes(UTF_8));
            assertThat(new String(connection.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 201");

            assertThat(service.end()).isEqualTo(TERMINATED);
            assertThat(service.line("stopped").get("telemetry_flushed").asBoolean())
                    .isTrue();
            assertThat(received.toString(UTF_8)).contains("POST /v1/orders");
            assertThat(service.lines())
                    .allSatisfy(line ->
                            assertThat(line.propertyNames()).contains("timestamp", "level", "logger", "message"));
        } finally {
            collector.stop(0);
        }
    }

    @Test
    void aRequestThatTakesTooLongDoesNotHoldUpTheEnd() throws Exception {
        try (var service = start(Map.of("APP_DRAIN_TIMEOUT_SECONDS", "1"));
                var connection = service.connect()) {
            connection
                    .getOutputStream()
                    .write("POST /v1/orders HTTP/1.1\r\nHost: l\r\nContent-Length: 9\r\n\r\n{".getBytes(UTF_8));

            service.process.destroy();

            assertThat(service.end()).isEqualTo(TERMINATED);
            assertThat(service.line("stopped").has("telemetry_flushed")).isTrue();
        }
    }

    @Test
    void aBadSettingEndsItAtOnceAndIsNotTold() throws Exception {
        try (var service = launch(Map.of("APP_LISTEN_PORT", "hunter2"))) {
            assertThat(service.end()).isEqualTo(78);
            assertThat(Files.readString(service.output))
                    .startsWith("APP_LISTEN_PORT: ")
                    .doesNotContain("hunter2");
        }
    }

    private Service start(Map<String, String> environment) throws IOException {
        var service = launch(environment);
        try {
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> service.lines().stream()
                            .anyMatch(line -> line.path("message").asString().equals("ready")));
        } catch (ConditionTimeoutException error) {
            service.close();
            throw error;
        }
        return service;
    }

    private Service launch(Map<String, String> environment) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var output = folder.resolve("output");
        var builder = new ProcessBuilder(
                        java, "-cp", System.getProperty("java.class.path"), Application.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(Map.of("APP_LISTEN_PORT", "0", "APP_DRAIN_DELAY_SECONDS", "0"));
        builder.environment().putAll(environment);
        return new Service(builder.start(), output);
    }

    private record Service(Process process, Path output) implements AutoCloseable {

        private static final HttpClient CLIENT = HttpClient.newHttpClient();
        private static final JsonMapper JSON = new JsonMapper();

        List<JsonNode> lines() throws IOException {
            var lines = new ArrayList<JsonNode>();
            for (var line : Files.readAllLines(output)) {
                lines.add(JSON.readTree(line));
            }
            return lines;
        }

        JsonNode line(String message) throws IOException {
            return lines().stream()
                    .filter(line -> line.path("message").asString().startsWith(message))
                    .findFirst()
                    .orElseThrow();
        }

        int port() throws IOException {
            return URI.create(line("listening").path("url").asString()).getPort();
        }

        Socket connect() throws IOException {
            return new Socket(InetAddress.getLoopbackAddress(), port());
        }

        int get(String path) throws IOException, InterruptedException {
            var uri = URI.create("http://127.0.0.1:" + port() + path);
            return CLIENT.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                    .statusCode();
        }

        int end() throws InterruptedException {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
