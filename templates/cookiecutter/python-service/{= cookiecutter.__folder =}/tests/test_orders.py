from typing import Any

import pytest
from fastapi.testclient import TestClient

ORDER = {"reference": "2026-0001", "lines": [{"sku": "TEA", "quantity": 2}]}


def place(client: TestClient, reference: str) -> dict[str, Any]:
    response = client.post("/v1/orders", json=ORDER | {"reference": reference})
    assert response.status_code == 201
    order: dict[str, Any] = response.json()
    return order


def test_a_placed_order_is_found_where_location_says(client: TestClient) -> None:
    placed = client.post("/v1/orders", json=ORDER)

    assert placed.status_code == 201
    assert placed.json() == placed.json() | ORDER
    assert placed.headers["location"] == f"/v1/orders/{placed.json()['id']}"
    assert client.get(placed.headers["location"]).json() == placed.json()


def test_a_reference_is_used_once(client: TestClient) -> None:
    place(client, "twice")

    again = client.post("/v1/orders", json=ORDER | {"reference": "twice"})

    assert again.status_code == 409
    assert again.json()["detail"] == "There is an order with the reference twice."


def test_a_deleted_order_is_gone(client: TestClient) -> None:
    path = f"/v1/orders/{place(client, 'short-lived')['id']}"

    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 404
    assert client.get(path).status_code == 404


def test_pages_hold_every_order_once_and_in_order(client: TestClient) -> None:
    placed = [place(client, f"order-{number}") for number in range(5)]

    pages = [client.get("/v1/orders", params={"limit": 2}).json()]
    while cursor := pages[-1].get("next_cursor"):
        pages.append(client.get("/v1/orders", params={"limit": 2, "cursor": cursor}).json())

    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert [order for page in pages for order in page["items"]] == placed


def test_an_exactly_full_page_is_the_last(client: TestClient) -> None:
    place(client, "only")

    assert "next_cursor" not in client.get("/v1/orders", params={"limit": 1}).json()


def test_a_cursor_survives_the_deletion_of_its_order(client: TestClient) -> None:
    _, second, third = (place(client, reference) for reference in ("a", "b", "c"))
    cursor = client.get("/v1/orders", params={"limit": 2}).json()["next_cursor"]

    client.delete(f"/v1/orders/{second['id']}")

    assert client.get("/v1/orders", params={"cursor": cursor}).json()["items"] == [third]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "???",
        "é",
        "bm90LWEtY3Vyc29y",  # "not-a-cursor"
        "MjAyNi0wMS0wMSAxMjM=",  # a date, and no UUID
        # a date without a zone, and a UUID
        "MjAyNi0wMS0wMSAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA=",
    ],
)
def test_a_foreign_cursor_is_refused(client: TestClient, cursor: str) -> None:
    response = client.get("/v1/orders", params={"cursor": cursor})

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"detail": "Not a cursor of this service.", "parameter": "cursor"}
    ]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reference": "with space"}, "#/reference"),
        ({"reference": "x" * 65}, "#/reference"),
        ({"lines": []}, "#/lines"),
        ({"lines": [{"sku": "tea", "quantity": 1}]}, "#/lines/0/sku"),
        ({"lines": [{"sku": "TEA", "quantity": 0}]}, "#/lines/0/quantity"),
        ({"a/b~c": True}, "#/a~1b~0c"),
    ],
)
def test_an_invalid_order_is_refused_where_it_is_wrong(
    client: TestClient, change: dict[str, Any], pointer: str
) -> None:
    response = client.post("/v1/orders", json=ORDER | change)

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize("limit", [0, 101, "many"])
def test_an_invalid_limit_is_refused_by_name(client: TestClient, limit: int | str) -> None:
    response = client.get("/v1/orders", params={"limit": limit})

    assert response.status_code == 422
    assert [error["parameter"] for error in response.json()["errors"]] == ["limit"]
