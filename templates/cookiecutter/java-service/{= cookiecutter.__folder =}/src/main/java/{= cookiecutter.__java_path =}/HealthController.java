package {= cookiecutter.__java_package =};

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import {= cookiecutter.__java_package =}.Lifecycle.Phase;
import {= cookiecutter.__java_package =}.orders.OrderRepository;

/** What the platform asks: is it alive, may it have traffic. How it is doing is at {@code /metrics}. */
@RestController
class HealthController {

    private static final Duration PING_TIMEOUT = Duration.ofSeconds(1);
    private static final Logger log = LoggerFactory.getLogger(HealthController.class);

    private final Lifecycle lifecycle;
    private final OrderRepository orders;

    HealthController(Lifecycle lifecycle, OrderRepository orders) {
        this.lifecycle = lifecycle;
        this.orders = orders;
    }

    /** A good answer. */
    record Health(String status) {}

    /** Liveness: requests are served. Asks nobody else, or their outage would restart us. */
    @GetMapping("/healthz")
    Health healthz() {
        return new Health("alive");
    }

    /** Readiness: started, not shutting down, and the repository answers. */
    @GetMapping("/readyz")
    Health readyz() throws InterruptedException {
        var phase = lifecycle.phase();
        if (phase != Phase.READY) {
            throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, "The service is " + phase + ".");
        }
        try {
            CompletableFuture.runAsync(orders::ping).get(PING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException error) {
            log.warn("not ready", error);
            throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, "The repository does not answer.");
        }
        return new Health("ready");
    }
}
