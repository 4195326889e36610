"""Services of every language behave alike: to clients, to Prometheus, to whoever reads their logs, and to Kubernetes.

A platform has one dashboard, one runbook and one client for all of them. What is asserted here is their contract; how
each keeps it, its own tests say.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from made import read, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPConnection
    from pathlib import Path

    from languages import Language
    from made import Answer, Running

pytestmark = pytest.mark.timeout(900)  # a first installation fills the caches of packages

ORDER: dict[str, Any] = {"reference": "2026-0001", "lines": [{"sku": "TEA", "quantity": 2}]}
NOWHERE = "/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
"""Seconds: the buckets of OpenTelemetry's semantic conventions."""

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
"""What Prometheus asks for."""


@pytest.fixture(scope="module")
def it(language: Language, service: Path) -> Iterator[Running]:
    """One process for every test that only asks."""
    with running(language, service) as process:
        yield process


def place(it: Running, reference: str) -> Answer:
    return it.send("POST", "/v1/orders", ORDER | {"reference": reference})


# ---- to clients


def test_a_placed_order_is_found_where_location_says_until_it_is_deleted(it: Running) -> None:
    placed = place(it, "found")

    assert placed.status == 201
    assert placed.json.keys() == {"id", "created_at", "reference", "lines"}
    assert placed.json | ORDER | {"reference": "found"} == placed.json
    assert placed.headers["location"] == f"/v1/orders/{placed.json['id']}"
    found = it.send("GET", placed.headers["location"])
    assert (found.status, found.json, found.headers["content-type"]) == (200, placed.json, "application/json")
    assert it.send("DELETE", placed.headers["location"]).status == 204
    assert it.send("DELETE", placed.headers["location"]).status == 404
    assert it.send("GET", placed.headers["location"]).status == 404


def test_pages_hold_every_order_once_and_in_order(it: Running) -> None:
    placed = [place(it, f"page-{number}").json["id"] for number in range(5)]
    items, cursor = [], ""
    for _ in range(20):
        page = it.send("GET", f"/v1/orders?limit=2{cursor}").json
        assert len(page["items"]) <= 2
        items += [order["id"] for order in page["items"]]
        if "next_cursor" not in page:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert [order for order in items if order in placed] == placed
    assert len(items) == len(set(items))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "title"),
    [
        ("GET", "/nowhere", None, 404, "Not Found"),
        ("GET", NOWHERE, None, 404, "Not Found"),
        ("GET", "/v1/orders/", None, 404, "Not Found"),
        ("PUT", "/v1/orders", None, 405, "Method Not Allowed"),
        ("POST", "/v1/orders", "{", 400, "Bad Request"),
        ("POST", "/v1/orders", {}, 422, "Unprocessable Content"),
        ("GET", "/v1/orders/none", None, 422, "Unprocessable Content"),
        ("GET", "/v1/orders?limit=0", None, 422, "Unprocessable Content"),
    ],
)
def test_every_error_is_a_problem(it: Running, method: str, path: str, body: object, status: int, title: str) -> None:
    answer = it.send(method, path, body)

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    members = {
        "type": "about:blank", "title": title, "status": status, "instance": path.partition("?")[0],
        "request_id": answer.headers["x-request-id"],
    }  # fmt: skip
    assert answer.json | members == answer.json
    if status == 405:
        assert {"GET", "POST"} <= {*answer.headers["allow"].split(", ")} <= {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/orders", "/openapi.json"])
def test_head_tells_what_get_would(it: Running, path: str) -> None:
    asked, got = it.send("HEAD", path), it.send("GET", path)

    assert (asked.status, asked.headers["content-type"], asked.text) == (200, got.headers["content-type"], "")


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        pytest.param(f"{' ' * (1 << 20)}{{}}", "application/json", 413, id="large"),
        pytest.param(f"{' ' * (1 << 25)}{{}}", "application/json", 413, id="larger-than-what-sockets-hold"),
        pytest.param("{}", "text/plain", 415, id="text"),
        pytest.param("{}", "application/xml", 415, id="xml"),
    ],
)
def test_a_body_has_an_end_and_is_called_json(it: Running, body: str, media_type: str, status: int) -> None:
    answer = it.send("POST", "/v1/orders", body, {"content-type": media_type})

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"reference": "with space"}, ["#/reference"]),
        ({"reference": "x" * 65}, ["#/reference"]),
        ({"reference": "line\n"}, ["#/reference"]),
        ({"reference": 7}, ["#/reference"]),
        ({"lines": []}, ["#/lines"]),
        ({"lines": [{"sku": "TEA"}]}, ["#/lines/0/quantity"]),
        ({"lines": [{"sku": "tea", "quantity": 0}]}, ["#/lines/0/quantity", "#/lines/0/sku"]),
        ({"lines": [ORDER["lines"][0], {"sku": "TEA", "quantity": 1001}]}, ["#/lines/1/quantity"]),
        ({"a/b~c": True}, ["#/a~1b~0c"]),
    ],
)
def test_an_invalid_order_is_refused_where_it_is_wrong(
    it: Running, change: dict[str, Any], pointers: list[str]
) -> None:
    answer = it.send("POST", "/v1/orders", ORDER | change)

    assert answer.status == 422
    assert answer.json["detail"] == "The request does not match the schema."
    assert sorted(error["pointer"] for error in answer.json["errors"]) == pointers
    assert all(error["detail"] for error in answer.json["errors"])


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/orders?limit=0", "limit"),
        ("/v1/orders?limit=101", "limit"),
        ("/v1/orders?limit=many", "limit"),
        ("/v1/orders?cursor=%3F%3F%3F", "cursor"),
        ("/v1/orders?cursor=bm90LWEtY3Vyc29y", "cursor"),
        ("/v1/orders/none", "order_id"),
    ],
)
def test_an_invalid_parameter_is_refused_by_name(it: Running, path: str, parameter: str) -> None:
    answer = it.send("GET", path)

    assert answer.status == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


def test_a_reference_is_used_once(it: Running) -> None:
    place(it, "twice")

    again = place(it, "twice")

    assert (again.status, again.json["detail"]) == (409, "There is an order with the reference twice.")


def test_a_request_keeps_a_harmless_id_only(it: Running) -> None:
    def named(request_id: str) -> str:
        return it.send("GET", "/nowhere", headers={"x-request-id": request_id}).headers["x-request-id"]

    assert named("from-the-gateway.1") == "from-the-gateway.1"
    for hostile in "x" * 129, "line\tbreak", '"><script>':
        assert re.fullmatch("[0-9a-f]{32}", named(hostile)), hostile


def test_it_describes_its_interface(it: Running) -> None:
    document = it.send("GET", "/openapi.json").json

    assert document["openapi"].startswith("3.")
    assert document["info"]["title"] == "payments-api"
    assert document["info"]["version"] == "0.1.0"
    assert document["paths"].keys() >= {"/healthz", "/readyz", "/v1/orders", "/v1/orders/{order_id}"}
    operations = document["paths"]["/v1/orders"]["post"]
    assert operations["operationId"] == "create_order"
    assert operations["responses"].keys() >= {"201", "400", "409", "413", "415", "422", "500"}


# ---- to whoever reads its log


def test_a_request_is_one_line_that_leads_to_its_trace(it: Running) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "one-line"}
    it.send("GET", "/v1/orders?limit=7", headers=headers)

    def logged() -> list[dict[str, Any]]:
        return [each for each in it.records("request") if each.get("request_id") == "one-line"]

    (line,) = it.wait_for(logged, "it logs the request")
    assert line | {
        "level": "info", "trace_id": TRACE, "http.request.method": "GET", "url.path": "/v1/orders",
        "http.response.status_code": 200,
    } == line  # fmt: skip
    assert re.fullmatch("[0-9a-f]{16}", line["span_id"])
    assert line["span_id"] != PARENT
    assert line["duration_ms"] > 0


def test_every_line_is_json_with_a_time_a_level_and_a_message(it: Running) -> None:
    place(it, "logged")

    records = it.records()

    assert records
    for record in records:
        assert record.keys() >= {"timestamp", "level", "message"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", record["timestamp"])
        assert record["level"] in {"debug", "info", "warning", "error"}


def test_probes_and_scrapes_are_not_logged(it: Running) -> None:
    for path in "/healthz", "/readyz", "/metrics":
        assert it.send("GET", path).status == 200
    it.send("GET", "/nowhere", headers={"x-request-id": "after-the-probes"})

    it.wait_for(lambda: "after-the-probes" in "".join(it.lines), "it logs what came after the probes")
    assert {line["url.path"] for line in it.records("request")}.isdisjoint({"/healthz", "/readyz", "/metrics"})


def test_a_failure_is_told_to_the_log_and_not_to_the_client(
    language: Language, service: Path, moody: Path, tmp_path: Path
) -> None:
    mood = tmp_path / "mood"
    mood.write_text("errors")
    with running(language, service, [moody, mood]) as it:
        answer = it.send("GET", NOWHERE, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})

        assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
        assert answer.json == {
            "type": "about:blank", "title": "Internal Server Error", "status": 500, "instance": NOWHERE,
            "request_id": answer.headers["x-request-id"],
        }  # fmt: skip
        (request,) = it.wait_for(lambda: it.records("request"), "it logs the request")
        (failure,) = (line for line in it.records() if "the database is gone" in json.dumps(line))
        for line in request, failure:
            assert (line["level"], line["trace_id"], line["request_id"]) == ("error", TRACE, answer.json["request_id"])


# ---- to Prometheus


def scrape(it: Running, name: str) -> list[dict[str, str]]:
    """The labels of each series of that name, and its `value`."""
    page = it.send("GET", "/metrics", headers={"accept": OPENMETRICS})
    assert page.headers["content-type"].startswith(("application/openmetrics-text", "text/plain"))
    samples = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)", page.text, re.MULTILINE)
    return [dict(re.findall(r'(\w+)="([^"]*)"', labels)) | {"value": value} for labels, value in samples]


def test_requests_are_counted_by_method_route_and_status(language: Language, service: Path) -> None:
    with running(language, service) as it:
        it.send("GET", "/v1/orders")
        it.send("GET", "/v1/orders/not-a-uuid")
        it.send("GET", "/nowhere/4711")
        it.send("GET", "/v1/healthz")
        for path in "/healthz", "/readyz", "/metrics":
            it.send("GET", path)

        counts = scrape(it, "http_server_request_duration_seconds_count")

    kinds = {
        (each["http_request_method"], each.get("http_route", ""), each["http_response_status_code"]): each["value"]
        for each in counts
    }
    assert {kind: float(value) for kind, value in kinds.items()} == {
        ("GET", "/v1/orders", "200"): 1,
        ("GET", "/v1/orders/{order_id}", "422"): 1,
        ("GET", "", "404"): 2,  # a made-up path must not become a time series
    }
    known = {"http_request_method", "http_route", "http_response_status_code", "error_type", "service_name", "value"}
    assert all(each["service_name"] == "payments-api" and each.keys() <= known for each in counts)


def test_buckets_are_those_of_the_conventions(it: Running) -> None:
    it.send("GET", "/v1/orders")

    bounds = {each["le"] for each in scrape(it, "http_server_request_duration_seconds_bucket")} - {"+Inf"}

    assert {float(bound) for bound in bounds} == BOUNDS
    assert all("." in bound for bound in bounds), "Prometheus 2 keeps 1 and 1.0 apart"


def test_the_process_is_measured_too(it: Running) -> None:
    it.send("GET", "/v1/orders")  # OpenTelemetry's exporter for Python names the target from the first measurement on

    for name in "process_cpu_seconds_total", "process_resident_memory_bytes", "target_info":
        assert len(scrape(it, name)) == 1, name


# ---- to whoever collects traces


@contextmanager
def collecting() -> Iterator[tuple[str, list[bytes]]]:
    """A collector of traces on loopback: its address, and what it received."""
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self._body())
            self.send_response(200)
            self.end_headers()

        def _body(self) -> bytes:
            if length := self.headers["content-length"]:
                return self.rfile.read(int(length))
            chunks = []  # OpenTelemetry's exporter for JavaScript says no length before it has sent everything
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            return b"".join(chunks)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()


# ---- to Kubernetes


def test_it_is_alive_and_ready(it: Running) -> None:
    assert it.send("GET", "/healthz").json == {"status": "alive"}
    assert it.send("GET", "/readyz").json == {"status": "ready"}


def half_an_order(it: Running) -> tuple[HTTPConnection, bytes]:
    """A request that is in flight until the bytes returned are sent, too."""
    body = json.dumps(ORDER | {"reference": "last"}).encode()
    connection = it.connect()
    connection.putrequest("POST", "/v1/orders")
    connection.putheader("content-type", "application/json")
    connection.putheader("content-length", str(len(body)))
    connection.endheaders(body[:10])
    return connection, body[10:]


def test_a_shutdown_loses_no_request_and_no_trace(language: Language, service: Path) -> None:
    with collecting() as (endpoint, received), running(
        language, service, APP_DRAIN_DELAY_SECONDS="3", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint
    ) as it:  # fmt: skip
        connection, rest = half_an_order(it)
        with closing(connection):
            it.send("GET", "/readyz")  # a round trip: the half has arrived
            it.process.send_signal(signal.SIGTERM)

            # Load balancers see that no new traffic is wanted, and what still comes is served.
            it.wait_for(lambda: it.send("GET", "/readyz").status == 503, "it is draining")
            assert it.send("GET", "/readyz").json["detail"] == "The service is draining."
            assert it.send("GET", "/healthz").status == 200
            assert it.send("GET", "/v1/orders").status == 200

            # Then the port is closed, and the request in flight may still take its time.
            it.wait_for(lambda: is_closed(it), "its port is closed")
            assert it.process.poll() is None
            connection.send(rest)
            assert read(connection).status == 201

        assert it.end() == language.ends_with
        assert it.records("stopped")[0]["telemetry_flushed"] is True
        assert b"POST /v1/orders" in b"".join(received)
        assert bytes.fromhex(it.records("request")[-1]["trace_id"]) in b"".join(received)


def is_closed(it: Running) -> bool:
    try:
        it.send("GET", "/healthz")
    except OSError:
        return True
    return False


def test_a_request_that_takes_too_long_does_not_hold_up_the_end(language: Language, service: Path) -> None:
    with running(language, service, APP_DRAIN_TIMEOUT_SECONDS="1") as it:
        connection, _ = half_an_order(it)
        with closing(connection):
            it.send("GET", "/readyz")
            it.process.send_signal(signal.SIGTERM)

            assert it.end() == language.ends_with


def test_a_second_signal_ends_the_wait(language: Language, service: Path) -> None:
    if not language.hears_twice:
        pytest.skip("a shutdown of its runtime hears no second signal")
    with running(language, service, APP_DRAIN_DELAY_SECONDS="600") as it:
        it.process.send_signal(signal.SIGTERM)
        it.wait_for(lambda: it.send("GET", "/readyz").status == 503, "it is draining")
        it.process.send_signal(signal.SIGTERM)

        assert it.end() == language.ends_with


def test_bad_settings_are_named_and_their_values_are_not(
    language: Language, service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_LISTEN_PORT", "hunter2")
    monkeypatch.setenv("APP_DRAIN_DELAY_SECONDS", "hunter3")

    done = subprocess.run(language.command(service), cwd=service, text=True, capture_output=True, check=False)

    assert done.returncode == 78  # EX_CONFIG of sysexits.h
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == [
        "APP_LISTEN_PORT",
        "APP_DRAIN_DELAY_SECONDS",
    ]
    assert "hunter" not in done.stdout + done.stderr
