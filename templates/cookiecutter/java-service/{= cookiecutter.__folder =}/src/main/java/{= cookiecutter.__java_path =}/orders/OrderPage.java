package {= cookiecutter.__java_package =}.orders;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some orders, oldest first, and how to go on.
 *
 * @param items The orders.
 * @param nextCursor Absent on the last page.
 */
public record OrderPage(List<Order> items, @Nullable String nextCursor) {}
