"""Work in a second process: what comes back from it, and what becomes of it when nobody wants it any more."""

from __future__ import annotations

import errno
import gc
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.aside import Aside, read, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


class Thing:
    """Something that only equals itself."""


def endless() -> Iterator[bytes]:
    time.sleep(600)
    yield b""


def one_alone() -> Iterator[bytes]:
    yield b"one"
    os._exit(3)


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def children() -> str:
    """The processes that this one has, those included that have ended and that nobody has waited for."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="utf-8")


def test_the_result_is_of_another_process() -> None:
    with Aside(lambda: [str(os.getpid()).encode()]) as aside:
        assert int(aside.result() or b"") != os.getpid()


def test_without_an_end_there_is_no_result() -> None:
    with Aside(lambda: os._exit(3)) as aside:
        assert aside.result() is None


def test_results_come_one_after_the_other() -> None:
    with Aside(lambda: iter([b"one", b"two" * 1_000_000])) as aside:
        assert aside.result() == b"one"
        assert aside.result() == b"two" * 1_000_000
        assert aside.result() is None


def test_what_came_before_a_sudden_end_is_a_result() -> None:
    with Aside(one_alone) as aside:
        assert [aside.result(), aside.result()] == [b"one", None]


def test_who_leaves_early_ends_the_work_and_leaves_nobody_behind() -> None:
    before, begun = children(), time.monotonic()
    with Aside(endless):
        assert children() != before
    assert children() == before
    assert time.monotonic() - begun < 120


def test_what_was_there_before_comes_back_as_itself() -> None:
    shared = [Thing(), Thing()]
    with Aside(lambda: [written({"it": shared[1], "new": [1]}, shared)]) as aside:
        found = read(aside.result() or b"", shared)
    assert found == {"it": shared[1], "new": [1]}


def test_where_no_process_can_be_made_there_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    files, frozen = open_files(), gc.get_freeze_count()
    monkeypatch.setattr(os, "fork", refused)
    with Aside(lambda: [b"result"]) as aside:
        assert aside.result() is None
    assert (open_files(), gc.get_freeze_count()) == (files, frozen)
