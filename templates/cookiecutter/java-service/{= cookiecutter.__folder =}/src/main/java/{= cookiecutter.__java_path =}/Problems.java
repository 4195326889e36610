package {= cookiecutter.__java_package =};

import io.micrometer.observation.ObservationRegistry;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Errors as RFC 9457 problem details: one shape, one media type, whatever went wrong. */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {

    private static final URI BLANK = URI.create("about:blank");
    private static final Pattern STEP = Pattern.compile("[^.\\[\\]]+");
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");
    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    private final ObservationRegistry observations;

    Problems(ObservationRegistry observations) {
        this.observations = observations;
    }

    @ExceptionHandler
    ResponseEntity<Object> onProblem(ProblemException error, WebRequest request) {
        return problem(error.status(), error.getMessage(), error.errors(), new HttpHeaders(), request);
    }

    /** The last resort: the log and the trace hear everything, the client nothing. */
    @ExceptionHandler
    ResponseEntity<Object> onUnexpected(Exception error, WebRequest request) {
        log.error("unhandled exception", error);
        var observation = observations.getCurrentObservation();
        if (observation != null) {
            observation.error(error);
        }
        return problem(HttpStatus.INTERNAL_SERVER_ERROR, null, List.of(), new HttpHeaders(), request);
    }

    /** The body is no JSON, or another one than is asked for. */
    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException error, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (error.getCause() instanceof DatabindException cause) {
            var detail = cause instanceof UnrecognizedPropertyException
                    ? "There is no such field."
                    : "This value does not fit.";
            return invalid(List.of(InvalidInput.inBody(detail, pointer(cause))), request);
        }
        if (error.getCause() instanceof JacksonException) {
            return problem(status, "The body is not JSON.", List.of(), headers, request);
        }
        return invalid(List.of(InvalidInput.inBody("There is no body.", "#")), request);
    }

    /** The body's own rules. */
    @Override
    protected ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException error, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        var errors = error.getFieldErrors().stream()
                .map(field -> InvalidInput.inBody(message(field), pointer(field.getField())))
                .toList();
        return invalid(errors, request);
    }

    /** The rules of parameters. */
    @Override
    protected ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException error, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        var errors = error.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream()
                        .map(each -> InvalidInput.inParameter(
                                message(each),
                                String.valueOf(result.getMethodParameter().getParameterName()))))
                .toList();
        return invalid(errors, request);
    }

    /** A parameter of another type. */
    @Override
    protected ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException error, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        var parameter = String.valueOf(error.getPropertyName());
        return invalid(List.of(InvalidInput.inParameter("This value does not fit.", parameter)), request);
    }

    /** Whatever else Spring has to say. */
    @Override
    protected ResponseEntity<Object> handleExceptionInternal(
            Exception error, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return problem(status, null, List.of(), headers, request);
    }

    private ResponseEntity<Object> invalid(List<InvalidInput> errors, WebRequest request) {
        return onProblem(ProblemException.invalid(errors), request);
    }

    private static ResponseEntity<Object> problem(
            HttpStatusCode status,
            @Nullable String detail,
            List<InvalidInput> errors,
            HttpHeaders headers,
            WebRequest request) {
        var problem = ProblemDetail.forStatus(status);
        problem.setType(BLANK);
        problem.setDetail(detail);
        problem.setInstance(
                URI.create(((ServletWebRequest) request).getRequest().getRequestURI()));
        problem.setProperty(
                "request_id", request.getAttribute(RequestContext.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST));
        if (!errors.isEmpty()) {
            problem.setProperty("errors", errors);
        }
        return ResponseEntity.status(status)
                .headers(headers)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }

    private static String message(MessageSourceResolvable error) {
        return String.valueOf(error.getDefaultMessage());
    }

    /** A property as Bean Validation names it, {@code lines[0].quantity}, in JSON. */
    private static String pointer(String property) {
        var pointer = new StringBuilder("#");
        var steps = STEP.matcher(property);
        while (steps.find()) {
            pointer.append('/')
                    .append(HUMP.matcher(steps.group()).replaceAll("_").toLowerCase(Locale.ROOT));
        }
        return pointer.toString();
    }

    private static String pointer(DatabindException error) {
        var pointer = new StringBuilder("#");
        for (var step : error.getPath()) {
            var name = step.getPropertyName();
            pointer.append('/')
                    .append(
                            name == null
                                    ? step.getIndex()
                                    : name.replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }
}
