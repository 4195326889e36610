package {= cookiecutter.__java_package =}.orders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.UUID;

/** A place in the sequence of orders. It survives the deletion of the order that stood there. */
record Position(Instant createdAt, UUID id) implements Comparable<Position> {

    private static final Comparator<Position> ORDER =
            Comparator.comparing(Position::createdAt).thenComparing(Position::id);

    /** Write it so that clients are not tempted to take it apart. */
    String toCursor() {
        return Base64.getUrlEncoder().encodeToString((createdAt + " " + id).getBytes(UTF_8));
    }

    /**
     * Read what {@code toCursor} wrote.
     *
     * @throws IllegalArgumentException It was not written by us.
     */
    static Position fromCursor(String cursor) {
        var parts = new String(Base64.getUrlDecoder().decode(cursor), UTF_8).split(" ", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("a position has two parts");
        }
        try {
            return new Position(Instant.parse(parts[0]), UUID.fromString(parts[1]));
        } catch (DateTimeException error) {
            throw new IllegalArgumentException("a position has a time", error);
        }
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }
}
