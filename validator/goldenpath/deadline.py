"""An end for work on hostile input: every parser has limits of its own, and this is for what they overlook."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


AT_LEAST = 0.15
"""Seconds of a processor that a piece of work has, be the time of all of them used up."""


class TookTooLong(BaseException):
    """The work used up its time. No Exception, so that nobody who handles those keeps working."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in what runs inside once it has used so much processor time; a regular expression is no refuge.

    Processor time, not the clock's: a busy machine changes no verdict. Without effect where there are no such signals,
    and outside the main thread.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)  # again every second, should a destructor swallow the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
