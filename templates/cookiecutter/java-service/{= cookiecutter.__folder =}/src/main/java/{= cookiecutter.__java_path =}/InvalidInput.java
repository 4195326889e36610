package {= cookiecutter.__java_package =};

import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with a request, and where.
 *
 * @param detail What is wrong.
 * @param pointer JSON Pointer (RFC 6901) into the request's body, as in {@code #/lines/0/quantity}.
 * @param parameter Name of the path or query parameter.
 */
public record InvalidInput(
        String detail, @Nullable String pointer, @Nullable String parameter) {

    static InvalidInput inBody(String detail, String pointer) {
        return new InvalidInput(detail, pointer, null);
    }

    /** Something is wrong with a parameter. */
    public static InvalidInput inParameter(String detail, String parameter) {
        return new InvalidInput(detail, null, parameter);
    }
}
