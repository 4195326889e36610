package {= cookiecutter.__java_package =};

import java.util.List;
import org.springframework.http.HttpStatus;

/** Throw it where a request cannot be served; the client receives it as a problem. */
public class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HttpStatus status;
    private final transient List<InvalidInput> errors;

    /** The detail is for the client's eyes, and says nothing of the inside. */
    public ProblemException(HttpStatus status, String detail) {
        this(status, detail, List.of());
    }

    private ProblemException(HttpStatus status, String detail, List<InvalidInput> errors) {
        super(detail);
        this.status = status;
        this.errors = errors;
    }

    /** The request itself is at fault. */
    public static ProblemException invalid(List<InvalidInput> errors) {
        return new ProblemException(HttpStatus.UNPROCESSABLE_CONTENT, "The request does not match the schema.", errors);
    }

    HttpStatus status() {
        return status;
    }

    List<InvalidInput> errors() {
        return errors;
    }
}
