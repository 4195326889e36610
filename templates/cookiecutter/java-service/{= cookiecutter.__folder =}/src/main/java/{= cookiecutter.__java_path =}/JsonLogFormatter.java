package {= cookiecutter.__java_package =};

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Locale;
import java.util.Map;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.json.JsonWriter;
import org.springframework.boot.logging.structured.JsonWriterStructuredLogFormatter;

/** Structured logs: one JSON object per line, the service's own and every library's alike. */
public final class JsonLogFormatter extends JsonWriterStructuredLogFormatter<ILoggingEvent> {

    private static final Map<String, String> RENAMED = Map.of("traceId", "trace_id", "spanId", "span_id");

    /** Made by Spring's logging system. */
    public JsonLogFormatter(ThrowableProxyConverter stackTraces) {
        super(members -> members(members, stackTraces), null);
    }

    private static void members(JsonWriter.Members<ILoggingEvent> members, ThrowableProxyConverter stackTraces) {
        members.add("timestamp", event -> event.getInstant().toString());
        members.add("level", JsonLogFormatter::level);
        members.add("logger", ILoggingEvent::getLoggerName);
        members.add("message", ILoggingEvent::getFormattedMessage);
        // Of the current span, so that a log line leads to its trace and back; and of the request.
        members.from(ILoggingEvent::getMDCPropertyMap)
                .whenNotNull()
                .usingPairs((context, pairs) ->
                        context.forEach((name, value) -> pairs.accept(RENAMED.getOrDefault(name, name), value)));
        members.from(ILoggingEvent::getKeyValuePairs)
                .whenNotNull()
                .usingExtractedPairs(
                        Iterable::forEach, (KeyValuePair pair) -> pair.key, (KeyValuePair pair) -> pair.value);
        members.add("exception", event -> event)
                .when(event -> event.getThrowableProxy() != null)
                .as(stackTraces::convert);
    }

    private static String level(ILoggingEvent event) {
        var level = event.getLevel().toString().toLowerCase(Locale.ROOT);
        return level.equals("warn") ? "warning" : level;
    }
}
