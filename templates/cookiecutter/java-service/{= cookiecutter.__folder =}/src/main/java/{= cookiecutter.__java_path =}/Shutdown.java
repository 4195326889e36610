package {= cookiecutter.__java_package =};

import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A shutdown that loses no request.
 *
 * <p>On SIGTERM Spring refuses traffic: {@code /readyz} turns 503. Requests are still accepted for a while, because load
 * balancers take some seconds to notice, and would meet a closed port. Then the port is closed and requests in flight
 * finish ({@code server.shutdown}), the last spans are sent, and the process ends. Spring stops what has the highest
 * phase first.
 */
@Configuration(proxyBeanMethods = false)
class Shutdown {

    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

    /** Before the web server, which Spring stops at the phases below the highest. */
    @Bean
    SmartLifecycle drain(Settings settings) {
        return new AtStop(SmartLifecycle.DEFAULT_PHASE, () -> {
            await(settings.drainDelay());
            log.atInfo()
                    .addKeyValue("waited_seconds", settings.drainDelaySeconds())
                    .log("drained");
        });
    }

    /** After the web server and everything else. */
    @Bean
    SmartLifecycle flush(Settings settings, SdkTracerProvider tracerProvider) {
        return new AtStop(Integer.MIN_VALUE, () -> {
            var flushed = tracerProvider
                    .forceFlush()
                    .join(settings.flushTimeout().toMillis(), TimeUnit.MILLISECONDS)
                    .isSuccess();
            log.atInfo().addKeyValue("telemetry_flushed", flushed).log("stopped");
        });
    }

    private static void await(Duration delay) {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does something when its turn comes in a shutdown. */
    private static final class AtStop implements SmartLifecycle {

        private final int phase;
        private final Runnable action;
        private volatile boolean running;

        AtStop(int phase, Runnable action) {
            this.phase = phase;
            this.action = action;
        }

        @Override
        public int getPhase() {
            return phase;
        }

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            action.run();
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }
}
