"""What surrounds every request: its id, its log line, and the last resort when it fails."""

import re
import time
from http import HTTPStatus
from typing import Final
from uuid import uuid4

import structlog
from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import problem_response

MAX_BODY_BYTES: Final = 1 << 20
REQUEST_ID_HEADER: Final = "x-request-id"
PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})

_ACCEPTED_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
_log = structlog.stdlib.get_logger(__name__)


class RequestContext:
    """Name, bound and log each request, and turn an unexpected exception into a problem.

    Pure ASGI: Starlette's `BaseHTTPMiddleware` would run the endpoint in another context, where
    neither the log's variables nor the span are seen.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get(REQUEST_ID_HEADER))
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status: int | None = None
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(
                    HTTPStatus.CONTENT_TOO_LARGE, f"The body has more than {MAX_BODY_BYTES} bytes."
                )
            return message

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive_bounded, send_named)
            except Exception as error:
                trace.get_current_span().record_exception(error)
                _log.exception("unhandled exception")
                if status is not None:
                    raise  # Too late for an answer: only a broken connection tells the client.
                response = problem_response(scope, HTTPStatus.INTERNAL_SERVER_ERROR)
                await response(scope, receive, send_named)
            finally:
                _log_request(scope, status, time.perf_counter() - started)


class HeadAsGet:
    """Answer HEAD like GET (RFC 9110), which FastAPI refuses; the server leaves out the body.

    Innermost, so that logs, metrics and traces tell the method that was asked for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        inner = {**scope, "method": "GET"}
        try:
            await self._app(inner, receive, send)
        finally:
            scope.update(inner, method="HEAD")  # the route is known now


def _request_id(proposed: str | None) -> str:
    """Keep the caller's id if it is harmless in logs and headers; else make one."""
    return proposed if proposed and _ACCEPTED_ID.fullmatch(proposed) else uuid4().hex


def _log_request(scope: Scope, status: int | None, seconds: float) -> None:
    """Write the one line of a request. Never its query, which may hold what nobody should read."""
    if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        write = _log.error
    elif scope["path"] in PROBES:
        write = _log.debug
    else:
        write = _log.info
    write(
        "request",
        **{
            "http.request.method": scope["method"],
            "url.path": scope["path"],
            "http.response.status_code": status,
            "duration_ms": round(seconds * 1000, 3),
        },
    )
