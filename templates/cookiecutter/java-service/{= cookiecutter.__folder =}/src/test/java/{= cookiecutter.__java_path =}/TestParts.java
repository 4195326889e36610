package {= cookiecutter.__java_package =};

import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the service under test has besides: a place for its spans, and a route that fails. */
@TestConfiguration(proxyBeanMethods = false)
class TestParts {

    static final String SECRET = "hunter2";

    @Bean
    InMemorySpanExporter spans() {
        return InMemorySpanExporter.create();
    }

    @RestController
    static class Failing {

        @GetMapping("/fail")
        void fail() {
            throw new IllegalStateException(SECRET);
        }
    }
}
