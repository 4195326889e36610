package {= cookiecutter.__java_package =}.orders;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import {= cookiecutter.__java_package =}.InvalidInput;
import {= cookiecutter.__java_package =}.ProblemException;

/** Orders over HTTP. */
@RestController
@RequestMapping("/v1/orders")
class OrdersController {

    private final OrderRepository orders;

    OrdersController(OrderRepository orders) {
        this.orders = orders;
    }

    /** Place an order. */
    @PostMapping
    ResponseEntity<Order> createOrder(@Valid @RequestBody NewOrder placed) {
        var order = Order.accept(placed);
        if (!orders.add(order)) {
            throw new ProblemException(
                    HttpStatus.CONFLICT, "There is an order with the reference " + placed.reference() + ".");
        }
        return ResponseEntity.created(URI.create("/v1/orders/" + order.id())).body(order);
    }

    /** List orders, oldest first. */
    @GetMapping
    OrderPage listOrders(
            @RequestParam(defaultValue = "20") @Min(1) @Max(100) int limit,
            @RequestParam(required = false) @Size(max = 256) @Nullable String cursor) {
        var found = orders.list(limit + 1, cursor == null ? null : position(cursor));
        if (found.size() <= limit) {
            return new OrderPage(found, null);
        }
        var items = found.subList(0, limit);
        return new OrderPage(items, items.get(limit - 1).position().toCursor());
    }

    /** Read one order. */
    @GetMapping("/{order_id}")
    Order getOrder(@PathVariable("order_id") UUID id) {
        return orders.get(id).orElseThrow(() -> unknown(id));
    }

    /** Forget one order. */
    @DeleteMapping("/{order_id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteOrder(@PathVariable("order_id") UUID id) {
        if (!orders.remove(id)) {
            throw unknown(id);
        }
    }

    private static Position position(String cursor) {
        try {
            return Position.fromCursor(cursor);
        } catch (IllegalArgumentException error) {
            throw ProblemException.invalid(
                    List.of(InvalidInput.inParameter("Not a cursor of this service.", "cursor")));
        }
    }

    private static ProblemException unknown(UUID id) {
        return new ProblemException(HttpStatus.NOT_FOUND, "There is no order " + id + ".");
    }
}
