"""Errors as RFC 9457 problem details: one shape, one media type, whatever went wrong."""

import http.client
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

MEDIA_TYPE: Final = "application/problem+json"
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class InvalidInput(BaseModel):
    """One thing wrong with a request, and where."""

    detail: str
    pointer: str | None = Field(default=None, examples=["#/lines/0/quantity"])
    """JSON Pointer into the request's body."""
    parameter: str | None = Field(default=None, examples=["limit"])
    """Name of the path, query, header or cookie parameter."""


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(default="about:blank", description="What kind of problem, as a URI.")
    title: str = Field(examples=["Not Found"])
    status: int = Field(ge=400, le=599, examples=[404])
    detail: str | None = None
    instance: str | None = Field(default=None, examples=["/v1/orders/unknown"])
    request_id: str | None = Field(default=None, description="Quote it when you ask for help.")
    errors: list[InvalidInput] | None = None


class ProblemError(Exception):
    """Raise it where a request cannot be served; the client receives it as a problem."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[InvalidInput] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers


def problem_response(
    scope: Scope,
    status: int,
    detail: str | None = None,
    *,
    errors: Sequence[InvalidInput] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render a problem; `detail` is for the client's eyes, and says nothing of the inside."""
    if status in _BODILESS:
        return Response(status_code=status, headers=headers)
    title = http.client.responses.get(status, "Error")
    problem = Problem(
        title=title,
        status=status,
        detail=detail if detail != title else None,
        instance=scope["path"],
        request_id=scope.get("state", {}).get("request_id"),
        errors=list(errors) or None,
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=int(status),
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Let every handled error of `app` leave as a problem."""
    app.exception_handler(ProblemError)(_on_problem)
    app.exception_handler(HTTPException)(_on_http_exception)
    app.exception_handler(RequestValidationError)(_on_invalid_request)


async def _on_problem(request: Request, error: ProblemError) -> Response:
    return problem_response(
        request.scope, error.status, error.detail, errors=error.errors, headers=error.headers
    )


async def _on_http_exception(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(request))
    return problem_response(request.scope, error.status_code, error.detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """All methods of the path: Starlette names only those of the first route that has it."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= route.methods or set()
    if "GET" in methods:
        methods.add("HEAD")
    return sorted(methods)


async def _on_invalid_request(request: Request, error: RequestValidationError) -> Response:
    findings = error.errors()
    if any(finding["type"] == "json_invalid" for finding in findings):
        return problem_response(request.scope, HTTPStatus.BAD_REQUEST, "The body is not JSON.")
    if isinstance(error.body, bytes):  # FastAPI reads as JSON only what is called so
        return problem_response(
            request.scope,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body has to be application/json.",
        )
    return problem_response(
        request.scope,
        HTTPStatus.UNPROCESSABLE_CONTENT,
        "The request does not match the schema.",
        errors=[_locate(finding["loc"], finding["msg"]) for finding in findings],
    )


def _locate(location: Sequence[str | int], message: str) -> InvalidInput:
    """Turn pydantic's path into a JSON Pointer (RFC 6901), or into a parameter's name."""
    origin, *path = location
    if origin != "body":
        return InvalidInput(detail=message, parameter=".".join(map(str, path)))
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return InvalidInput(detail=message, pointer="#" + "".join(f"/{step}" for step in escaped))


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Document problems in OpenAPI: the `responses` of a route that may answer so."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        int(status): {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def add_problem_schemas(app: FastAPI) -> None:
    """Put `Problem` into the components of `app`'s OpenAPI document.

    FastAPI adds a model only for routes that declare it, and then as `application/json`.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                routes=app.routes,
            )
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            components = document.setdefault("components", {}).setdefault("schemas", {})
            components |= schema.pop("$defs") | {"Problem": schema}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
