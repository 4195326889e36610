package {= cookiecutter.__java_package =};

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Where the process is between start and end: what {@code /readyz} tells the platform. */
@Component
class Lifecycle {

    /** A process moves through these in order, and never back. */
    enum Phase {
        STARTING,
        READY,
        DRAINING;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

    private final String host;
    private final String version;
    private volatile Phase phase = Phase.STARTING;

    Lifecycle(Settings settings, Environment environment) {
        this.host = settings.listenHost();
        this.version = environment.getRequiredProperty("spring.application.version");
    }

    Phase phase() {
        return phase;
    }

    /** With port 0 only this line tells where. */
    @EventListener
    void on(WebServerInitializedEvent event) {
        var url = "http://" + host + ":" + event.getWebServer().getPort();
        log.atInfo().addKeyValue("url", url).log("listening");
    }

    /**
     * Spring accepts traffic once everything has started, and refuses it first of all when the context is closed. A
     * shutdown that came first stays one.
     */
    @EventListener
    synchronized void on(AvailabilityChangeEvent<ReadinessState> event) {
        if (event.getState() == ReadinessState.REFUSING_TRAFFIC) {
            phase = Phase.DRAINING;
        } else if (phase == Phase.STARTING) {
            phase = Phase.READY;
            log.atInfo().addKeyValue("version", version).log("ready");
        }
    }
}
