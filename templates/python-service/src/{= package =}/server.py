"""The process around the application: it leaves the load balancer before it stops listening."""

import signal
import time
from types import FrameType
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from .lifecycle import Lifecycle, Phase
from .settings import Settings

KEEP_ALIVE_SECONDS: Final = 75
"""How long a connection stays open without a request.

Longer than a load balancer keeps it (60 seconds, mostly), or Uvicorn closes what the other end is
about to use.
"""

_log = structlog.stdlib.get_logger(__name__)


class Server(uvicorn.Server):
    """Uvicorn with a shutdown that loses no request.

    On SIGTERM, `/readyz` turns 503 while requests are still accepted: load balancers take some
    seconds to notice, and would meet a closed port. Then Uvicorn stops listening, requests in
    flight finish, the application's lifespan ends (which flushes telemetry), and the process exits
    with 0. SIGINT (Ctrl+C) skips the wait. A second signal ends it as well, and a third by SIGINT
    drops what is in flight.
    """

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle, drain_delay: float) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._drain_delay = drain_delay
        self._drain_until: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the shutdown.

        Uvicorn's own handler also notes the signal, to raise it again at the end: the exit code of
        a shutdown that went well would be that of a crash. No log lines here: a signal may
        interrupt the writing of one.
        """
        del frame
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        patient = sig == signal.SIGTERM and self._lifecycle.phase is Phase.READY
        self._lifecycle.drain()
        if patient:
            self._drain_until = time.monotonic() + self._drain_delay
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Uvicorn's main loop, ten times a second: leave it when the wait is over."""
        if self._drain_until is not None and time.monotonic() >= self._drain_until:
            self._drain_until = None
            self.should_exit = True
            _log.info("drained", waited_seconds=self._drain_delay)
        return await super().on_tick(counter)


def create_server(app: FastAPI, settings: Settings, lifecycle: Lifecycle) -> Server:
    """Build the server of `app`. One process per container: scale by replicas."""
    config = uvicorn.Config(
        app,
        host=settings.listen_host,
        port=settings.listen_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_timeout_seconds,
    )
    return Server(config, lifecycle, settings.drain_delay_seconds)
