package {= cookiecutter.__java_package =}.orders;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where orders are kept. The service knows this interface only: swap the memory for a database. */
public interface OrderRepository {

    /** Keep the order; says no where its reference is in use. */
    boolean add(Order order);

    /** Find one. */
    Optional<Order> get(UUID id);

    /** Up to {@code limit} orders behind {@code after}, by position. */
    List<Order> list(int limit, @Nullable Position after);

    /** Forget one; says whether there was one. */
    boolean remove(UUID id);

    /** Return if the store can serve, throw if not: part of the service's readiness. */
    void ping();
}
