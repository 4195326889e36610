"""Work in a second process, while this one does the rest: where there is a second core, a check ends sooner."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType


_ROOM = 1 << 20
"""Bytes that the pipe takes before anybody reads them: the most that Linux gives to every user."""
_LENGTH = 8
"""Bytes that say how long a result is."""


def possible() -> bool:
    """Whether a fork would help: a second core, and a system on which forking without `exec` is sound."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


class Aside:
    """Work that a forked process does. It is an offer: whoever needs its results must be able to do without.

    Use it as a context manager: who leaves before all results are there does not want them any more.
    """

    def __init__(self, work: Callable[[], Iterable[bytes]]) -> None:
        results, end = os.pipe()
        self._results = os.fdopen(results, "rb")
        frozen = gc.get_freeze_count()
        gc.freeze()  # else a collection in there touches, and by that copies, all that both have
        try:
            self._process: int | None = os.fork()
        except OSError:  # as many processes run as may
            self._process = None
        if self._process != 0:
            if not frozen:  # who was forked itself must not begin to copy either
                gc.unfreeze()
            os.close(end)
            return
        try:
            # Whatever happens here, it must not go on as if it were the process that it was forked from.
            self._results.close()
            from fcntl import F_SETPIPE_SZ, fcntl

            with suppress(OSError):  # where this user may have no more: then a long result waits for who reads it
                fcntl(end, F_SETPIPE_SZ, _ROOM)
            with os.fdopen(end, "wb") as pipe:
                for result in work():
                    pipe.write(len(result).to_bytes(_LENGTH))
                    pipe.write(result)
                    pipe.flush()
            os._exit(0)
        finally:
            os._exit(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        self._results.close()

    def result(self) -> bytes | None:
        """Wait for the next result; None where the process has ended without one, or there is none."""
        length = int.from_bytes(self._results.read(_LENGTH))
        written = self._results.read(length)
        return written if length and len(written) == length else None


def written(result: object, shared: Sequence[object]) -> bytes:
    """A result for the process that this one was forked from; of what was there before the fork, its number goes."""
    import pickle

    numbers = {id(each): number for number, each in enumerate(shared)}
    into = BytesIO()
    pickler = pickle.Pickler(into, pickle.HIGHEST_PROTOCOL)
    pickler.persistent_id = lambda each: numbers.get(id(each))  # type: ignore[method-assign]
    pickler.dump(result)
    return into.getvalue()


def read(result: bytes, shared: Sequence[object]) -> Any:  # noqa: ANN401 - whatever was written
    """A result of a process that was forked from this one: nobody else has had its hands on it."""
    import pickle

    unpickler = pickle.Unpickler(BytesIO(result))  # noqa: S301 - see above
    unpickler.persistent_load = shared.__getitem__  # type: ignore[method-assign]
    return unpickler.load()
