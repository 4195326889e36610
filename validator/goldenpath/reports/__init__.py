"""Reports: one module per format, each a pure function from the scorecard to text. A report never decides."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from goldenpath.interrupts import raise_again
from goldenpath.reports.terminal import Surface, standard_output

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.scorecard import Scorecard


def render(scorecard: Scorecard, form: str, *, to_terminal: bool) -> str:
    """The scorecard in the format of that name."""
    surface = standard_output() if to_terminal else Surface()
    text: str = import_module(f"{__name__}.{form}").render(scorecard, surface)
    return text


def write(*reports: tuple[str, str | None], option: str = "--output ") -> None:
    """Write texts, each to its file or, without one, to standard output: every file whole, or none.

    Raises InputError where a file cannot be written; `option` is how the user came to name it.
    """
    raise_again()
    partials: list[tuple[Path, Path]] = []
    try:
        for text, output in reports:
            if output is not None:
                _stage(text, output, partials, option)
        for partial, path in partials:
            partial.replace(path)
    finally:
        for partial, _ in partials:
            with suppress(OSError):  # what could not be written is not there
                partial.unlink()
    for text, output in reports:
        if output is None:
            print(text)


def _stage(text: str, output: str, partials: list[tuple[Path, Path]], option: str) -> None:
    """Write beside the file what shall replace it."""
    from pathlib import Path  # here, for whoever only asks how wide a terminal is

    from goldenpath.repository import InputError

    if not output:
        raise InputError(f"{option.strip() or 'FILE'} names no file (an empty variable?)")
    path = Path(output)
    try:
        if path.exists() and not path.is_file():  # a device or a pipe is written to, never replaced
            path.write_text(text + "\n", encoding="utf-8")
            return
        path = Path(os.path.realpath(path))  # a link is kept, and what it leads to is replaced
        if path.is_symlink():
            raise InputError(f"{option}{output}: it is a link that leads in a circle")
        partials.append((path.with_name(f".{path.name}.{os.getpid()}.partial"), path))
        partials[-1][0].write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{option}{output}: it cannot be written ({error.strerror})") from None
