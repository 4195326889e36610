"""Programs that ask: run at a terminal, answered as a person would."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from pathlib import Path


class Terminal:
    """A Python module that is run at a terminal, and the person who sits there."""

    def __init__(self, *command: str, cwd: Path | None = None) -> None:
        self.screen = ""
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            environment = os.environ | {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm", "COLUMNS": "200"}
            os.chdir(cwd or Path.cwd())
            os.execve(sys.executable, [sys.executable, "-m", *command], environment)  # noqa: S606

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.screen:
            assert time.monotonic() < deadline, f"no {text!r} on:\n{self.screen}"
            assert self._read(), f"it ended without {text!r}:\n{self.screen}"

    def answer(self, text: str) -> None:
        os.write(self._terminal, text.encode() + b"\r")

    def end(self) -> int:
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], 60)
        try:
            data = os.read(self._terminal, 65536) if ready else b""
        except OSError:  # the other end is closed
            data = b""
        self.screen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode(errors="replace"))
        return bool(data)
