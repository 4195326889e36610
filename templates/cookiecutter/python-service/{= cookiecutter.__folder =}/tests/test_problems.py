import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

SECRET = "hunter2"  # noqa: S105


def fail() -> None:
    raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/nowhere", 404, "Not Found"),
        ("GET", "/v1/orders/", 404, "Not Found"),
        ("PUT", "/v1/orders", 405, "Method Not Allowed"),
        ("GET", "/v1/orders/none", 422, "Unprocessable Content"),
        ("GET", "/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11", 404, "Not Found"),
    ],
)
def test_every_error_is_a_problem(
    client: TestClient, method: str, path: str, status: int, title: str
) -> None:
    response = client.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem == problem | {
        "type": "about:blank",
        "title": title,
        "status": status,
        "instance": path,
        "request_id": response.headers["x-request-id"],
    }


def test_a_wrong_method_is_told_the_right_ones(client: TestClient) -> None:
    allowed = client.put("/v1/orders").headers["allow"]

    assert allowed == "GET, HEAD, POST"


def test_a_body_that_is_no_json_is_a_bad_request(client: TestClient) -> None:
    response = client.post("/v1/orders", content=b"{", headers={"content-type": "application/json"})

    assert response.status_code == 400
    assert response.json()["detail"] == "The body is not JSON."


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/xml"])
def test_a_body_that_is_not_called_json_is_refused(
    client: TestClient, media_type: str | None
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    response = client.post("/v1/orders", content=b"{}", headers=headers)

    assert response.status_code == 415
    assert response.json()["detail"] == "The body has to be application/json."


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_body_without_bounds_is_refused(client: TestClient, in_parts: bool) -> None:
    body = b" " * ((1 << 20) + 1)
    content = (body[start : start + 65536] for start in range(0, len(body), 65536))
    response = client.post(
        "/v1/orders",
        content=content if in_parts else body,
        headers={"content-type": "application/json"},
    )

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "Content Too Large"


def test_an_unexpected_error_tells_the_client_nothing(app: FastAPI, client: TestClient) -> None:
    app.add_api_route("/fail", fail)

    response = client.get("/fail")

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "instance": "/fail",
        "request_id": response.headers["x-request-id"],
    }


def test_an_error_after_the_headers_breaks_the_connection(app: FastAPI, client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError(SECRET)

    def half() -> StreamingResponse:
        return StreamingResponse(body())

    app.add_api_route("/half", half, response_model=None)
    raising = TestClient(app)

    with pytest.raises(RuntimeError, match=SECRET):
        raising.get("/half")
    assert client.get("/half").content == b"half"


def test_a_status_without_a_body_has_none(app: FastAPI, client: TestClient) -> None:
    def unchanged() -> None:
        raise HTTPException(304, headers={"etag": '"1"'})

    app.add_api_route("/unchanged", unchanged)

    response = client.get("/unchanged")

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == '"1"'


def test_a_request_keeps_the_id_it_came_with(client: TestClient) -> None:
    response = client.get("/nowhere", headers={"x-request-id": "from-the-gateway.1"})

    assert response.headers["x-request-id"] == "from-the-gateway.1"


@pytest.mark.parametrize("hostile", ["", "x" * 129, "line\tbreak", '"><script>'])
def test_a_harmful_request_id_is_replaced(client: TestClient, hostile: str) -> None:
    response = client.get("/nowhere", headers={"x-request-id": hostile})

    assert response.headers["x-request-id"] != hostile
    assert len(response.headers["x-request-id"]) == 32


def test_openapi_documents_the_problems(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    assert "HTTPValidationError" not in json.dumps(document)
    assert document["components"]["schemas"].keys() >= {"Problem", "InvalidInput"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            failures = {code: r for code, r in operation["responses"].items() if code >= "400"}
            for code, response in failures.items():
                reference = response["content"]["application/problem+json"]["schema"]["$ref"]
                assert reference == "#/components/schemas/Problem", f"{method} {path} {code}"
    assert document["paths"]["/v1/orders"]["post"]["responses"].keys() == {
        "201",
        "400",
        "409",
        "413",
        "415",
        "422",
        "500",
    }
    assert document["paths"]["/v1/orders"]["post"]["operationId"] == "create_order"
