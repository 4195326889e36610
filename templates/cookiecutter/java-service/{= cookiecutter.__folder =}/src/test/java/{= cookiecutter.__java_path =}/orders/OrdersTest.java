package {= cookiecutter.__java_package =}.orders;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

import {= cookiecutter.__java_package =}.ServiceTest;

@ServiceTest
class OrdersTest {

    private final RestTestClient client;
    private final OrderRepository orders;

    OrdersTest(@Autowired RestTestClient client, @Autowired OrderRepository orders) {
        this.client = client;
        this.orders = orders;
    }

    @BeforeEach
    void nothingIsOrderedYet() {
        orders.list(Integer.MAX_VALUE, null).forEach(order -> orders.remove(order.id()));
    }

    @Test
    void aPlacedOrderIsFoundWhereLocationSays() {
        var placed = place("2026-0001");

        assertThat(placed.lines()).containsExactly(new Line("TEA", 2));
        assertThat(read(Order.class, "/v1/orders/" + placed.id())).isEqualTo(placed);
    }

    @Test
    void namesAreInSnakeCaseAndTimesInUtc() {
        var id = place("spelling").id();

        client.get()
                .uri("/v1/orders/" + id)
                .exchange()
                .expectBody()
                .jsonPath("$.created_at")
                .value(String.class, text -> assertThat(text).endsWith("Z"));
    }

    @Test
    void aReferenceIsUsedOnce() {
        place("twice");

        post(order("twice"))
                .expectStatus()
                .isEqualTo(409)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("There is an order with the reference twice.");
    }

    @Test
    void aDeletedOrderIsGone() {
        var path = "/v1/orders/" + place("short-lived").id();

        client.delete().uri(path).exchange().expectStatus().isNoContent();
        client.delete().uri(path).exchange().expectStatus().isNotFound();
        client.get().uri(path).exchange().expectStatus().isNotFound();
    }

    @Test
    void pagesHoldEveryOrderOnceAndInOrder() {
        var placed = Stream.of("a", "b", "c", "d", "e").map(this::place).toList();

        var sizes = new ArrayList<Integer>();
        var found = new ArrayList<Order>();
        String cursor = null;
        do {
            var page = page(2, cursor);
            sizes.add(page.items().size());
            found.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);

        assertThat(sizes).containsExactly(2, 2, 1);
        assertThat(found).containsExactlyElementsOf(placed);
    }

    @Test
    void anExactlyFullPageIsTheLast() {
        place("only");

        client.get()
                .uri("/v1/orders?limit=1")
                .exchange()
                .expectBody()
                .jsonPath("$.next_cursor")
                .doesNotExist();
    }

    @Test
    void aCursorSurvivesTheDeletionOfItsOrder() {
        var placed = Stream.of("a", "b", "c").map(this::place).toList();
        var cursor = page(2, null).nextCursor();

        orders.remove(placed.get(1).id());

        assertThat(page(2, cursor).items()).isEqualTo(List.of(placed.get(2)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "???",
                "é",
                "bm90LWEtY3Vyc29y", // "not-a-cursor"
                "MjAyNi0wMS0wMSAxMjM=", // a date, and no UUID
                // a date without a zone, and a UUID
                "MjAyNi0wMS0wMSAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA=",
            })
    void aForeignCursorIsRefused(String cursor) {
        client.get()
                .uri("/v1/orders?cursor={cursor}", cursor)
                .exchange()
                .expectStatus()
                .isEqualTo(422)
                .expectBody()
                .json("{\"errors\": [{\"detail\": \"Not a cursor of this service.\", \"parameter\": \"cursor\"}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "#/reference         | {\"reference\": \"with space\", \"lines\": [{\"sku\": \"TEA\", \"quantity\": 1}]}",
                "#/reference         | {\"lines\": [{\"sku\": \"TEA\", \"quantity\": 1}]}",
                "#/lines             | {\"reference\": \"a\", \"lines\": []}",
                "#/lines/0           | {\"reference\": \"a\", \"lines\": [null]}",
                "#/lines/0/sku       | {\"reference\": \"a\", \"lines\": [{\"sku\": \"tea\", \"quantity\": 1}]}",
                "#/lines/0/quantity  | {\"reference\": \"a\", \"lines\": [{\"sku\": \"TEA\", \"quantity\": 0}]}",
                "#/lines/0/quantity  | {\"reference\": \"a\", \"lines\": [{\"sku\": \"TEA\", \"quantity\": 1.5}]}",
                "#/lines/0/quantity  | {\"reference\": \"a\", \"lines\": [{\"sku\": \"TEA\"}]}",
                "#/a~1b~0c           | {\"reference\": \"a\", \"lines\": [{\"sku\": \"TEA\", \"quantity\": 1}], \"a/b~c\": 1}",
                "#                   | []",
                "#                   | ``",
            })
    void anInvalidOrderIsRefusedWhereItIsWrong(String pointer, String body) {
        post(body)
                .expectStatus()
                .isEqualTo(422)
                .expectBody()
                .jsonPath("$.errors[*].pointer")
                .isEqualTo(List.of(pointer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "101", "many"})
    void anInvalidLimitIsRefusedByName(String limit) {
        client.get()
                .uri("/v1/orders?limit=" + limit)
                .exchange()
                .expectStatus()
                .isEqualTo(422)
                .expectBody()
                .jsonPath("$.errors[*].parameter")
                .isEqualTo(List.of("limit"));
    }

    private static String order(String reference) {
        return "{\"reference\": \"" + reference + "\", \"lines\": [{\"sku\": \"TEA\", \"quantity\": 2}]}";
    }

    private ResponseSpec post(String body) {
        return client.post()
                .uri("/v1/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .exchange();
    }

    private Order place(String reference) {
        var response = post(order(reference)).expectStatus().isCreated();
        var placed =
                requireNonNull(response.expectBody(Order.class).returnResult().getResponseBody());
        response.expectHeader().valueEquals("location", "/v1/orders/" + placed.id());
        return placed;
    }

    private OrderPage page(int limit, @Nullable String cursor) {
        var query = cursor == null ? "" : "&cursor=" + cursor;
        return read(OrderPage.class, "/v1/orders?limit=" + limit + query);
    }

    private <T> T read(Class<T> type, String path) {
        return requireNonNull(client.get()
                .uri(path)
                .exchange()
                .expectBody(type)
                .returnResult()
                .getResponseBody());
    }
}
