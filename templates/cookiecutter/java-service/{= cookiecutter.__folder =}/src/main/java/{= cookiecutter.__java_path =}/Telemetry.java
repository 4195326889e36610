package {= cookiecutter.__java_package =};

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.observation.ObservationPredicate;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.observation.OpenTelemetryServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.http.server.observation.ServerRequestObservationConvention;

/**
 * Traces and metrics under OpenTelemetry's names, which SLO, alerts and dashboard select on. The buckets are in
 * {@code application.yaml}.
 */
@Configuration(proxyBeanMethods = false)
class Telemetry {

    /** Requests of the platform, not of users: they would flatter every SLI. */
    private static final Set<String> PROBES = Set.of("/healthz", "/readyz", "/metrics");

    @Bean
    ObservationPredicate usersRequestsOnly() {
        return (name, context) ->
                !(context instanceof ServerRequestObservationContext server && isProbe(server.getCarrier()));
    }

    static boolean isProbe(@Nullable HttpServletRequest request) {
        return request != null && PROBES.contains(request.getRequestURI());
    }

    @Bean
    ServerRequestObservationConvention semanticConventions() {
        return new RequestConvention();
    }

    /** Micrometer's own name of {@code error.type}. */
    @Bean
    MeterFilter errorIsNotNamedTwice() {
        return MeterFilter.ignoreTags("error");
    }

    /** What every Prometheus dashboard expects of a process, and of which service it is. */
    @Bean
    PrometheusRegistry prometheusRegistry(
            @Value("${spring.application.name}") String name, @Value("${spring.application.version}") String version) {
        var registry = new PrometheusRegistry();
        ProcessMetrics.builder().register(registry);
        Info.builder()
                .name("target_info")
                .labelNames("service_name", "service_version")
                .register(registry)
                .setLabelValues(name, version);
        return registry;
    }

    /** Spring's implementation of the conventions, less the labels that nobody selects on. */
    private static final class RequestConvention extends OpenTelemetryServerRequestObservationConvention {

        @Override
        public KeyValues getLowCardinalityKeyValues(ServerRequestObservationContext context) {
            return KeyValues.of(errorType(context), method(context), status(context), route(context));
        }

        /** A made-up path must not become a time series: no route, no value. */
        private static KeyValue route(ServerRequestObservationContext context) {
            var pattern = context.getPathPattern();
            return KeyValue.of("http.route", pattern == null ? "" : pattern);
        }

        /** Of the service's failures only: a client's mistake is no error of a server. */
        private static KeyValue errorType(ServerRequestObservationContext context) {
            var response = context.getResponse();
            if (response == null
                    || !HttpStatusCode.valueOf(response.getStatus()).is5xxServerError()) {
                return KeyValue.of("error.type", "");
            }
            var error = context.getError();
            var type = error == null
                    ? Integer.toString(response.getStatus())
                    : error.getClass().getName();
            return KeyValue.of("error.type", type);
        }
    }
}
