"""The service as a process: started, asked, and told to stop while it is busy."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

BODY = json.dumps({"reference": "last", "lines": [{"sku": "TEA", "quantity": 1}]}).encode()
HALF = len(BODY) // 2
PATIENCE = 15.0


class Service:
    """The service in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        started = self.wait_for("Uvicorn running on")
        self.port = int(started["message"].split(":")[2].split()[0])

    def wait_for(self, message: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            line: dict[str, Any] = json.loads(text)
            self.lines.append(line)
            if line["message"].startswith(message):
                return line
        raise AssertionError(f"The service ended without saying {message!r}.")

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def get(self, path: str) -> tuple[int, str]:
        """Ask on a connection of its own; return status and body."""
        with closing(self.connect()) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    @contextmanager
    def half_an_order(self) -> Iterator[HTTPConnection]:
        """Send the first bytes of a request: it is in flight until the others follow."""
        with closing(self.connect()) as connection:
            connection.putrequest("POST", "/v1/orders")
            connection.putheader("content-type", "application/json")
            connection.putheader("content-length", str(len(BODY)))
            connection.endheaders(BODY[:HALF])
            eventually(self.has_request_in_flight)
            yield connection

    def has_request_in_flight(self) -> bool:
        _, metrics = self.get("/metrics")
        return bool(re.search(r"^http_server_active_requests\{.*\} 1\.0$", metrics, re.MULTILINE))

    def is_draining(self) -> bool:
        status, _ = self.get("/readyz")
        return status == 503

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""
        return self.process.wait(PATIENCE)


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{condition.__name__} never became true"
        time.sleep(0.02)


@contextmanager
def running(**environment: str) -> Iterator[Service]:
    process = subprocess.Popen(
        [sys.executable, "-m", "{= cookiecutter.__package =}"],
        env=os.environ | {"APP_LISTEN_PORT": "0", "APP_DRAIN_DELAY_SECONDS": "0"} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(4 * PATIENCE, process.kill)
    watchdog.start()
    try:
        yield Service(process)
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


@pytest.fixture
def collector() -> Iterator[tuple[str, queue.Queue[bytes]]]:
    """A collector of traces: its address, and what it received."""
    received: queue.Queue[bytes] = queue.Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def test_a_request_in_flight_is_answered_and_its_trace_exported(
    collector: tuple[str, queue.Queue[bytes]],
) -> None:
    endpoint, received = collector
    with (
        running(APP_DRAIN_DELAY_SECONDS="1", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as service,
        service.half_an_order() as order,
    ):
        service.signal(signal.SIGTERM)

        # Load balancers see that no new traffic is wanted, and what still comes is served.
        eventually(service.is_draining)
        assert service.get("/v1/orders")[0] == 200
        # Then the port is closed, and the request in flight may still take its time.
        service.wait_for("Waiting for connections to close")
        with pytest.raises(ConnectionError):
            service.get("/healthz")
        assert service.process.poll() is None
        order.send(BODY[HALF:])
        assert order.getresponse().status == 201

        assert service.wait() == 0
        assert service.wait_for("stopped")["telemetry_flushed"] is True
        assert b"POST /v1/orders" in b"".join(received.queue)


def test_a_request_that_takes_too_long_does_not_hold_up_the_end() -> None:
    with running(APP_DRAIN_TIMEOUT_SECONDS="1") as service, service.half_an_order():
        service.signal(signal.SIGTERM)

        assert service.wait() == 0
        assert "telemetry_flushed" in service.wait_for("stopped")


def test_a_collector_that_is_away_does_not_hold_up_the_end() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # It never listens.
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with running(
            OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, APP_FLUSH_TIMEOUT_SECONDS="0.2"
        ) as service:
            assert service.get("/v1/orders")[0] == 200
            service.signal(signal.SIGTERM)
            began = time.monotonic()

            assert service.wait() == 0
            assert time.monotonic() - began < 5
            assert service.wait_for("stopped")["telemetry_flushed"] is False


def test_a_second_signal_ends_the_wait() -> None:
    with running(APP_DRAIN_DELAY_SECONDS="60") as service:
        service.signal(signal.SIGTERM)
        eventually(service.is_draining)
        service.signal(signal.SIGTERM)

        assert service.wait() == 0


def test_a_developer_does_not_wait() -> None:
    with running(APP_DRAIN_DELAY_SECONDS="60") as service:
        service.signal(signal.SIGINT)

        assert service.wait() == 0


def test_an_impatient_developer_waits_for_nothing() -> None:
    with running(APP_DRAIN_TIMEOUT_SECONDS="60") as service, service.half_an_order():
        service.signal(signal.SIGINT)
        service.wait_for("Waiting for connections to close")
        service.signal(signal.SIGINT)

        assert service.wait() == 0


def test_every_line_of_the_process_is_json() -> None:
    with running() as service:
        service.signal(signal.SIGTERM)
        service.wait_for("Finished server process")
        assert service.wait() == 0

    assert all({"timestamp", "level", "logger", "message"} <= line.keys() for line in service.lines)
