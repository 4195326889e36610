"""Work in a second process, while this one does the rest: where there is a second core, a check ends sooner."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def possible() -> bool:
    """Whether a fork would help: a second core, and a system on which forking without `exec` is sound."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


class Aside(Generic[T]):
    """Work that a forked process does. It is an offer: whoever needs the result must be able to do without."""

    def __init__(self, work: Callable[[], T], model: Any) -> None:  # noqa: ANN401 - what msgspec takes for a type
        """Begin. `model` is the type of the result, which must be one that msgspec can write."""
        self._model = model
        self._result, end = os.pipe()
        gc.freeze()  # else a collection in there touches, and by that copies, all that both have
        self._process = os.fork()
        if self._process:
            gc.unfreeze()
            os.close(end)
            return
        try:
            # Whatever happens here, it must not go on as if it were the process that it was forked from.
            os.close(self._result)
            with os.fdopen(end, "wb") as pipe:
                pipe.write(msgspec.msgpack.encode(work()))
            os._exit(0)
        finally:
            os._exit(1)

    def result(self) -> T | None:
        """Wait for the result; None where the process ended without one."""
        decoder = msgspec.msgpack.Decoder(self._model)  # made while the other process works
        with os.fdopen(self._result, "rb") as pipe:
            written = pipe.read()
        _, status = os.waitpid(self._process, 0)
        result: T | None = decoder.decode(written) if status == 0 else None
        return result
