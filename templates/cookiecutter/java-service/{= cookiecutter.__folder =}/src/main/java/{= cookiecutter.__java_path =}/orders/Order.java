package {= cookiecutter.__java_package =}.orders;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/** What the service keeps. */
public record Order(UUID id, Instant createdAt, String reference, List<Line> lines) {

    /** Give a new order its identity. */
    static Order accept(NewOrder order) {
        var now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        return new Order(UUID.randomUUID(), now, order.reference(), order.lines());
    }

    /** Where the order stands among all. */
    Position position() {
        return new Position(createdAt, id);
    }
}
