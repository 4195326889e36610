"""Where the process is between start and end: what `/readyz` tells the platform."""

from enum import StrEnum


class Phase(StrEnum):
    """A process moves through these in order, and never back."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"


class Lifecycle:
    """The phase of one application. Safe to call from a signal handler."""

    def __init__(self) -> None:
        self._phase = Phase.STARTING

    @property
    def phase(self) -> Phase:
        """The current phase."""
        return self._phase

    def ready(self) -> None:
        """Everything is open. A shutdown that came first stays one."""
        if self._phase is Phase.STARTING:
            self._phase = Phase.READY

    def drain(self) -> None:
        """From here on, no new traffic is wanted."""
        self._phase = Phase.DRAINING
