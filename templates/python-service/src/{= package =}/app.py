"""The application, assembled from parts that a test may replace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import metadata

import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute

from . import SERVICE_NAME, __version__, health
from .lifecycle import Lifecycle
from .middleware import HeadAsGet, RequestContext
from .orders import routes as orders_routes
from .orders.repository import InMemoryOrders, OrderRepository
from .problems import add_problem_handlers, add_problem_schemas
from .settings import Settings
from .telemetry import Telemetry

_log = structlog.stdlib.get_logger(__name__)


def create_app(
    settings: Settings | None = None,
    *,
    telemetry: Telemetry | None = None,
    lifecycle: Lifecycle | None = None,
    orders: OrderRepository | None = None,
) -> FastAPI:
    """Build the application.

    Args:
        settings: Read from the environment by default.
        telemetry: Closed when the application ends.
        lifecycle: Shared with the server, which sees the signals.
        orders: Where orders are kept; in memory by default.
    """
    settings = settings or Settings()
    telemetry = telemetry or Telemetry.create()
    lifecycle = lifecycle or Lifecycle()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # Open what the service needs (pools, clients) before it says that it is ready.
        lifecycle.ready()
        _log.info("ready", version=__version__)
        yield
        lifecycle.drain()
        flushed = telemetry.shutdown(settings.flush_timeout_seconds)
        _log.info("stopped", telemetry_flushed=flushed)

    app = FastAPI(
        title=SERVICE_NAME,
        version=__version__,
        summary=metadata(SERVICE_NAME)["Summary"],
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,  # they lead to what the request calls the host, by http
        generate_unique_id_function=_operation_id,
    )
    app.state.lifecycle = lifecycle
    app.state.orders = orders if orders is not None else InMemoryOrders()
    app.state.registry = telemetry.registry
    app.include_router(health.router)
    app.include_router(orders_routes.router)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestContext)
    add_problem_handlers(app)
    add_problem_schemas(app)
    telemetry.instrument(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """Generated clients then have `create_order()`, not `create_order_v1_orders_post()`."""
    return route.name
