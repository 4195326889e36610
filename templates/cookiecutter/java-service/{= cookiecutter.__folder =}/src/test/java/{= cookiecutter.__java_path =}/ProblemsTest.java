package {= cookiecutter.__java_package =};

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

@ServiceTest
class ProblemsTest {

    private final RestTestClient client;

    ProblemsTest(@Autowired RestTestClient client) {
        this.client = client;
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nowhere, 404, Not Found",
        "PUT, /v1/orders, 405, Method Not Allowed",
        "GET, /v1/orders/none, 422, Unprocessable Content",
        "GET, /v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11, 404, Not Found",
        "GET, /fail, 500, Internal Server Error",
    })
    void everyErrorIsAProblem(String method, String path, int status, String title) {
        var response = client.method(HttpMethod.valueOf(method)).uri(path).exchange();

        response.expectStatus().isEqualTo(status);
        response.expectHeader().valueEquals("content-type", "application/problem+json");
        var id = response.returnResult(String.class).getResponseHeaders().getFirst("x-request-id");
        response.expectBody()
                .jsonPath("$.type")
                .isEqualTo("about:blank")
                .jsonPath("$.title")
                .isEqualTo(title)
                .jsonPath("$.status")
                .isEqualTo(status)
                .jsonPath("$.instance")
                .isEqualTo(path)
                .jsonPath("$.request_id")
                .isEqualTo(id);
    }

    @Test
    void aWrongMethodIsToldTheRightOnes() {
        var allowed = client.put()
                .uri("/v1/orders")
                .exchange()
                .returnResult(String.class)
                .getResponseHeaders()
                .getAllow();

        assertThat(allowed).containsExactlyInAnyOrder(HttpMethod.GET, HttpMethod.POST);
    }

    @Test
    void aBodyThatIsNoJsonIsABadRequest() {
        client.post()
                .uri("/v1/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{")
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("The body is not JSON.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/xml"})
    void aBodyThatIsNotCalledJsonIsRefused(String mediaType) {
        client.post()
                .uri("/v1/orders")
                .header("Content-Type", mediaType)
                .body("{}")
                .exchange()
                .expectStatus()
                .isEqualTo(HttpStatus.UNSUPPORTED_MEDIA_TYPE)
                .expectHeader()
                .valueEquals("content-type", "application/problem+json");
    }

    @Test
    void aBodyWithoutBoundsIsRefused() {
        client.post()
                .uri("/v1/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body(" ".repeat(BodyLimit.MAX_BYTES + 1))
                .exchange()
                .expectStatus()
                .isEqualTo(HttpStatus.CONTENT_TOO_LARGE)
                .expectBody()
                .jsonPath("$.title")
                .isEqualTo("Content Too Large");
    }

    @Test
    void anUnexpectedErrorTellsTheClientNothing() {
        var body =
                client.get().uri("/fail").exchange().returnResult(String.class).getResponseBody();

        assertThat(body).doesNotContain(TestParts.SECRET, "detail");
    }

    @Test
    void aRequestKeepsTheIdItCameWith() {
        client.get()
                .uri("/nowhere")
                .header("X-Request-Id", "from-the-gateway.1")
                .exchange()
                .expectHeader()
                .valueEquals("x-request-id", "from-the-gateway.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"><script>", "with space"})
    void aHarmfulRequestIdIsReplaced(String hostile) {
        client.get()
                .uri("/nowhere")
                .header("X-Request-Id", hostile)
                .exchange()
                .expectHeader()
                .valueMatches("x-request-id", "[0-9a-f]{32}");
    }
}
