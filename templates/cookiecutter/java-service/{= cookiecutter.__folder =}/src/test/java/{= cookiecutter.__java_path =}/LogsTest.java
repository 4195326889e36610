package {= cookiecutter.__java_package =};

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.web.servlet.client.RestTestClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

@ServiceTest
@ExtendWith(OutputCaptureExtension.class)
class LogsTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final RestTestClient client;

    LogsTest(@Autowired RestTestClient client) {
        this.client = client;
    }

    @Test
    void aRequestIsOneLineThatLeadsToItsTrace(CapturedOutput output) {
        var traceId = "0af7651916cd43dd8448eb211c80319c";

        client.get()
                .uri("/v1/orders?limit=7")
                .header("traceparent", "00-" + traceId + "-b7ad6b7169203331-01")
                .header("x-request-id", "one-line")
                .exchange();

        assertThat(lines(output, "request")).singleElement().satisfies(line -> {
            assertThat(line)
                    .containsEntry("level", "info")
                    .containsEntry("trace_id", traceId)
                    .containsEntry("request_id", "one-line")
                    .containsEntry("http.request.method", "GET")
                    .containsEntry("url.path", "/v1/orders")
                    .containsEntry("http.response.status_code", 200)
                    .containsKeys("timestamp", "logger", "span_id");
            assertThat((Double) line.get("duration_ms")).isPositive();
        });
    }

    @Test
    void aFailureIsLoggedWithItsStackTrace(CapturedOutput output) {
        client.get().uri("/fail").exchange();

        assertThat(lines(output, "unhandled exception")).singleElement().satisfies(line -> {
            assertThat(line).containsEntry("level", "error").containsKey("trace_id");
            assertThat((String) line.get("exception")).contains("IllegalStateException: hunter2", "TestParts");
        });
        assertThat(lines(output, "request"))
                .singleElement()
                .satisfies(line -> assertThat(line).containsEntry("level", "error"));
    }

    @Test
    void probesAreNotLogged(CapturedOutput output) {
        client.get().uri("/healthz").exchange();

        assertThat(lines(output, "request")).isEmpty();
    }

    private static List<Map<String, Object>> lines(CapturedOutput output, String message) {
        return output.getOut()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(line -> JSON.readValue(line, new TypeReference<Map<String, Object>>() {}))
                .filter(line -> message.equals(line.get("message")))
                .toList();
    }
}
