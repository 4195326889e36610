import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from {= cookiecutter.__package =}.logs import configure_logging


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the service writes, at every level."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    written = io.StringIO()
    configure_logging("debug", stream=written)
    yield written
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)


def lines(stream: io.StringIO, message: str) -> list[dict[str, Any]]:
    parsed = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in parsed if line["message"] == message]


def test_a_request_is_one_line_that_leads_to_its_trace(
    stream: io.StringIO, client: TestClient
) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    response = client.get(
        "/v1/orders?limit=7", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
    )

    (line,) = lines(stream, "request")

    assert line["duration_ms"] > 0
    assert len(line["span_id"]) == 16
    assert line == line | {
        "level": "info",
        "trace_id": trace_id,
        "request_id": response.headers["x-request-id"],
        "http.request.method": "GET",
        "url.path": "/v1/orders",
        "http.response.status_code": 200,
    }


def test_a_failure_is_logged_with_its_traceback_and_without_its_variables(
    stream: io.StringIO, app: FastAPI, client: TestClient
) -> None:
    def fail() -> None:
        password = "hunter2"  # noqa: S105
        raise RuntimeError(len(password))

    app.add_api_route("/fail", fail)

    client.get("/fail")

    (line,) = lines(stream, "unhandled exception")
    assert line["level"] == "error"
    assert line["trace_id"] == lines(stream, "request")[0]["trace_id"]
    assert "RuntimeError: 7" in line["exception"]
    assert lines(stream, "request")[0]["level"] == "error"


def test_probes_are_logged_at_debug_only(stream: io.StringIO, client: TestClient) -> None:
    client.get("/healthz")

    assert [line["level"] for line in lines(stream, "request")] == ["debug"]


def test_libraries_write_the_same_lines(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info(
        "Started server process [%d]", 7, extra={"color_message": "coloured", "pid": 7}
    )

    (line,) = lines(stream, "Started server process [7]")

    assert line == line | {"level": "info", "logger": "uvicorn.error", "pid": 7}
    assert "color_message" not in line


def test_people_may_read_plain_lines() -> None:
    stream = io.StringIO()
    configure_logging(style="console", stream=stream)

    logging.getLogger("anyone").warning("hello")

    assert "hello" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
