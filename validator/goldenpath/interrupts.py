"""Ctrl+C, which raises an exception at whatever line runs just then.

Where a class is being made Python turns it into another one, a parser in C (msgspec 0.22) may crash on it, and before
the command line has begun nobody catches it. So a program ends at once as long as it only reads. Before it writes, an
interrupt becomes an exception again, by which what is half done is undone.
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False  # nothing may be loaded before the first interrupt that could come, not even typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn

INTERRUPTED = 130
"""128 and the number of the signal, as a shell would say it."""

AT_THE_END: list[Callable[[], None]] = []
"""What removes the things that must not outlive a process that ends at once."""


def end_at_once() -> None:
    """Let an interrupt end this process; where whoever started it has interrupts ignored, they stay so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """Let an interrupt be a KeyboardInterrupt, as it is in every Python."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    for remove in AT_THE_END:
        remove()
    os._exit(INTERRUPTED)
