"""Reports: one module per format, each a pure function from the scorecard to text. A report never decides."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.reports.terminal import Surface, standard_output
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from goldenpath.scorecard import Scorecard

FORMATS = ("text", "json")


def render(scorecard: Scorecard, form: str, *, to_terminal: bool) -> str:
    """The scorecard in the format of that name."""
    surface = standard_output() if to_terminal else Surface()
    text: str = import_module(f"{__name__}.{form}").render(scorecard, surface)
    return text


def write(text: str, output: str | None) -> None:
    """Write a report to a file, whole or not at all, or to standard output. Raises InputError where it cannot."""
    if output is None or output == "-":
        print(text)
        return
    path = Path(output)
    try:
        if path.exists() and not path.is_file():  # a device or a pipe is written to, never replaced
            path.write_text(text + "\n", encoding="utf-8")
            return
        path = path.resolve()  # a link is kept, and what it leads to is replaced
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            partial.write_text(text + "\n", encoding="utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"--output {output}: it cannot be written ({error.strerror})") from None
