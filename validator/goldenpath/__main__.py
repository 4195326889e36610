"""The program: `goldenpath`, and `python -m goldenpath`."""

from __future__ import annotations

import gc

from goldenpath.interrupts import TYPE_CHECKING, end_at_once

if TYPE_CHECKING:
    from typing import NoReturn


def program() -> NoReturn:
    """Be the program, which an interrupt ends while it is still being loaded, too."""
    end_at_once()
    gc.set_threshold(100_000)  # a run is short, and what it makes it keeps
    from goldenpath import cli

    cli.program()


if __name__ == "__main__":
    program()
