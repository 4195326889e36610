package {= cookiecutter.__java_package =};

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.core.NestedExceptionUtils;
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
        var faults = new ArrayList<String>();
        if (listenPort < 0 || listenPort > 65535) {
            faults.add(fault("listen_port", "must be between 0 and 65535"));
        }
        if (drainDelaySeconds < 0) {
            faults.add(fault("drain_delay_seconds", "must not be negative"));
        }
        if (drainTimeoutSeconds <= 0) {
            faults.add(fault("drain_timeout_seconds", "must be greater than 0"));
        }
        if (flushTimeoutSeconds <= 0) {
            faults.add(fault("flush_timeout_seconds", "must be greater than 0"));
        }
        if (!faults.isEmpty()) {
            throw new Invalid(faults);
        }
    }

    /** Read the settings, and complain about all that are wrong: whoever mends one should not meet the next only then. */
    static Settings from(Environment environment) {
        var faults = new ArrayList<String>();
        var collecting = new BindHandler() {
            @Override
            public @Nullable Object onFailure(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error) {
                if (NestedExceptionUtils.getMostSpecificCause(error) instanceof Invalid invalid) {
                    faults.addAll(invalid.faults);
                } else {
                    faults.add(fault(name.getLastElement(Form.DASHED).replace('-', '_'), "is not understood"));
                }
                return null; // go on with the default
            }
        };
        var settings = Binder.get(environment).bindOrCreate("app", Bindable.of(Settings.class), collecting);
        if (!faults.isEmpty()) {
            throw new Invalid(faults);
        }
        return settings;
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

    /** What is wrong with a variable, but not its value, which may be a secret. */
    private static String fault(String name, String why) {
        return "APP_" + name.toUpperCase(Locale.ROOT) + ": " + why;
    }

    /** Variables are wrong: a line for each. */
    static final class Invalid extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient List<String> faults;

        Invalid(List<String> faults) {
            super(String.join("\n", faults));
            this.faults = List.copyOf(faults);
        }
    }
}
