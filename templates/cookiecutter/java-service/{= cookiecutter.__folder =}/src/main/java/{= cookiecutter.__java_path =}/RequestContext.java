package {= cookiecutter.__java_package =};

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** What surrounds every request, inside its span: its id, and its line in the log. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class RequestContext extends OncePerRequestFilter {

    static final String HEADER = "X-Request-Id";
    static final String ATTRIBUTE = "request_id";

    private static final Pattern ACCEPTED = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final Logger log = LoggerFactory.getLogger(RequestContext.class);

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var started = System.nanoTime();
        var id = requestId(request.getHeader(HEADER));
        request.setAttribute(ATTRIBUTE, id);
        response.setHeader(HEADER, id);
        MDC.put(ATTRIBUTE, id);
        try {
            chain.doFilter(request, response);
        } finally {
            log(request, response.getStatus(), System.nanoTime() - started);
            MDC.remove(ATTRIBUTE);
        }
    }

    /** Keep the caller's id if it is harmless in logs and headers; else make one. */
    private static String requestId(@Nullable String proposed) {
        if (proposed != null && ACCEPTED.matcher(proposed).matches()) {
            return proposed;
        }
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** Write the one line of a request. Never its query, which may hold what nobody should read. */
    private static void log(HttpServletRequest request, int status, long nanoseconds) {
        var level = status >= 500 ? Level.ERROR : Telemetry.isProbe(request) ? Level.DEBUG : Level.INFO;
        log.atLevel(level)
                .addKeyValue("http.request.method", request.getMethod())
                .addKeyValue("url.path", request.getRequestURI())
                .addKeyValue("http.response.status_code", status)
                .addKeyValue("duration_ms", Math.round(nanoseconds / 1e3) / 1e3)
                .log("request");
    }
}
