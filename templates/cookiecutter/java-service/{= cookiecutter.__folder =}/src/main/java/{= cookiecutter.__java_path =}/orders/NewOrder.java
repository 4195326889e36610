package {= cookiecutter.__java_package =}.orders;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;

/**
 * What a client sends.
 *
 * @param reference The client's own name for the order; unique, so that retries are safe.
 * @param lines What is ordered.
 */
public record NewOrder(
        @NotNull @Pattern(regexp = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
        String reference,

        @NotNull @Size(min = 1, max = 100) List<@NotNull @Valid Line> lines) {}
