package {= cookiecutter.__java_package =};

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.core.env.Environment;

/**
 * What an operator may change without a new build, as {@code APP_<NAME>}; read once, when the process starts.
 *
 * <p>The prefix is not the service's name, and no setting is called {@code APP_PORT}: Kubernetes injects
 * {@code <SERVICE>_PORT} for every Service in the namespace, and its value is a URL.
 *
 * <p>OpenTelemetry keeps its own standard variables: {@code OTEL_EXPORTER_OTLP_ENDPOINT} switches the export of traces
 * on, {@code OTEL_TRACES_SAMPLER} and {@code OTEL_RESOURCE_ATTRIBUTES} work as specified.
 *
 * <p>The three periods of a shutdown follow one another. Their sum must stay below the platform's patience with a
 * terminating process (30 seconds in Kubernetes).
 *
 * @param listenHost Address to listen on. The image sets 0.0.0.0.
 * @param listenPort Port to listen on; 0 takes a free one and logs it.
 * @param logLevel Lowest level that is written. Health probes and scrapes are logged at debug.
 * @param logFormat {@code json} for machines, {@code console} for a developer's terminal.
 * @param drainDelaySeconds After SIGTERM: how long to keep accepting requests while {@code /readyz} already answers 503.
 * @param drainTimeoutSeconds Then: how long requests in flight may take to finish.
 * @param flushTimeoutSeconds Then: how long the last spans may take to reach the collector.
 */
public record Settings(
        @DefaultValue("127.0.0.1") String listenHost,
        @DefaultValue("8080") int listenPort,
        @DefaultValue("info") LogLevel logLevel,
        @DefaultValue("json") LogFormat logFormat,
        @DefaultValue("5") double drainDelaySeconds,
        @DefaultValue("15") int drainTimeoutSeconds,
        @DefaultValue("5") double flushTimeoutSeconds) {

    /** Levels, as an operator spells them. */
    public enum LogLevel {
        DEBUG,
        INFO,
        WARNING,
        ERROR
    }

    /** How a line of the log looks. */
    public enum LogFormat {
        JSON,
        CONSOLE
    }

    public Settings {
        check(listenPort >= 0 && listenPort <= 65535, "LISTEN_PORT", "must be between 0 and 65535");
        check(drainDelaySeconds >= 0, "DRAIN_DELAY_SECONDS", "must not be negative");
        check(drainTimeoutSeconds > 0, "DRAIN_TIMEOUT_SECONDS", "must be greater than 0");
        check(flushTimeoutSeconds > 0, "FLUSH_TIMEOUT_SECONDS", "must be greater than 0");
    }

    /** Read the settings, and complain about the first that is wrong. */
    static Settings from(Environment environment) {
        try {
            return Binder.get(environment).bindOrCreate("app", Bindable.of(Settings.class));
        } catch (BindException error) {
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                if (cause instanceof Invalid invalid) {
                    throw invalid;
                }
            }
            var name = error.getName().getLastElement(Form.DASHED).replace('-', '_');
            throw new Invalid(name, "is not understood");
        }
    }

    /** The same in Spring's own words. */
    Map<String, Object> forSpring() {
        var properties = new HashMap<String, Object>();
        properties.put("server.address", listenHost);
        properties.put("server.port", listenPort);
        properties.put("logging.level.root", logLevel == LogLevel.WARNING ? "warn" : logLevel.name());
        if (logFormat == LogFormat.JSON) {
            properties.put("logging.structured.format.console", JsonLogFormatter.class.getName());
        }
        properties.put("spring.lifecycle.timeout-per-shutdown-phase", drainTimeoutSeconds + "s");
        return properties;
    }

    Duration drainDelay() {
        return Duration.ofMillis(Math.round(drainDelaySeconds * 1000));
    }

    Duration flushTimeout() {
        return Duration.ofMillis(Math.round(flushTimeoutSeconds * 1000));
    }

    private static void check(boolean good, String name, String otherwise) {
        if (!good) {
            throw new Invalid(name, otherwise);
        }
    }

    /** A variable is wrong: which and why, but not its value, which may be a secret. */
    static final class Invalid extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Invalid(String name, String why) {
            super("APP_" + name.toUpperCase(Locale.ROOT) + ": " + why);
        }
    }
}
