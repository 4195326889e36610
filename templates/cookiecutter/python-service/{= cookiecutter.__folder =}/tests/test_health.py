import asyncio

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from {= cookiecutter.__package =} import health
from {= cookiecutter.__package =}.app import create_app
from {= cookiecutter.__package =}.orders.repository import InMemoryOrders


class BrokenOrders(InMemoryOrders):
    async def ping(self) -> None:
        raise ConnectionError


class SilentOrders(InMemoryOrders):
    async def ping(self) -> None:
        await asyncio.sleep(60)


def test_a_started_service_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_probes_may_ask_for_the_head_alone(client: TestClient) -> None:
    assert client.head("/healthz").status_code == 200
    assert client.head("/readyz").status_code == 200


def test_a_service_that_has_not_started_is_alive_but_not_ready(app: FastAPI) -> None:
    client = TestClient(app)  # No `with`: the lifespan has not begun.

    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "The service is starting."


def test_a_service_that_is_shutting_down_is_alive_but_not_ready(
    app: FastAPI, client: TestClient
) -> None:
    app.state.lifecycle.drain()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json()["detail"] == "The service is draining."


def test_a_shutdown_during_the_start_stays_one(app: FastAPI) -> None:
    app.state.lifecycle.drain()

    with TestClient(app) as client:
        assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("orders", [BrokenOrders(), SilentOrders()])
def test_a_service_without_its_repository_is_alive_but_not_ready(
    monkeypatch: pytest.MonkeyPatch, orders: InMemoryOrders
) -> None:
    monkeypatch.setattr(health, "PING_TIMEOUT_SECONDS", 0.01)

    with TestClient(create_app(orders=orders)) as client:
        assert client.get("/healthz").status_code == 200
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["detail"] == "The repository does not answer."
