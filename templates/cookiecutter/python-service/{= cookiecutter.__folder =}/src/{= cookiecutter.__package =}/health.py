"""What the platform asks: is it alive, may it have traffic, how is it doing."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final, Literal

import structlog
from fastapi import APIRouter, Header, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from pydantic import BaseModel

from .lifecycle import Lifecycle, Phase
from .orders.repository import OrderRepository
from .problems import ProblemError, problem_responses

PING_TIMEOUT_SECONDS: Final = 1.0

router = APIRouter(tags=["platform"])
_log = structlog.stdlib.get_logger(__name__)


class Health(BaseModel):
    """A good answer."""

    status: Literal["alive", "ready"]


@router.get("/healthz")
async def healthz() -> Health:
    """Liveness: the event loop turns. Asks nobody else, or their outage would restart us."""
    return Health(status="alive")


@router.get("/readyz", responses=problem_responses(HTTPStatus.SERVICE_UNAVAILABLE))
async def readyz(request: Request) -> Health:
    """Readiness: started, not shutting down, and the repository answers."""
    lifecycle: Lifecycle = request.app.state.lifecycle
    if lifecycle.phase is not Phase.READY:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, f"The service is {lifecycle.phase}.")
    orders: OrderRepository = request.app.state.orders
    try:
        async with asyncio.timeout(PING_TIMEOUT_SECONDS):
            await orders.ping()
    except Exception as error:
        _log.warning("not ready", exc_info=error)
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE, "The repository does not answer."
        ) from error
    return Health(status="ready")


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, accept: Annotated[str, Header()] = "") -> Response:
    """Everything measured, in the format that the scraper prefers."""
    registry: CollectorRegistry = request.app.state.registry
    encode, content_type = choose_encoder(accept)
    return Response(encode(registry), headers={"content-type": content_type})
