package {= cookiecutter.__java_package =}.orders;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Repository;

/** Orders that live as long as the process: for a first deployment and for tests. */
@Repository
class InMemoryOrders implements OrderRepository {

    private final Map<UUID, Order> orders = new HashMap<>();

    @Override
    public synchronized boolean add(Order order) {
        if (orders.values().stream().anyMatch(known -> known.reference().equals(order.reference()))) {
            return false;
        }
        orders.put(order.id(), order);
        return true;
    }

    @Override
    public synchronized Optional<Order> get(UUID id) {
        return Optional.ofNullable(orders.get(id));
    }

    @Override
    public synchronized List<Order> list(int limit, @Nullable Position after) {
        return orders.values().stream()
                .sorted(Comparator.comparing(Order::position))
                .filter(order -> after == null || order.position().compareTo(after) > 0)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized boolean remove(UUID id) {
        return orders.remove(id) != null;
    }

    /** Memory always answers. */
    @Override
    public void ping() {}
}
