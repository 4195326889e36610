"""A generated service as its team has it: its `make`, and its process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest

import toolbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from languages import Language

T = TypeVar("T")

PATIENCE = 60
"""Seconds to wait for what must happen; a busy machine is slow, and no test depends on how slow."""


class Make:
    """`make` in the service, with this repository's uv, Python and Node.js.

    One at a time in a folder, whichever worker asks: targets compile in place, and some begin by removing it all.
    """

    def __init__(self, uv: Path, python: Path) -> None:
        self._uv = uv
        path = os.pathsep.join([str(python.parent), str(toolbox.NODE), os.environ["PATH"]])
        self._own = {"PATH": path, "UV_PYTHON_DOWNLOADS": "never"}

    def __call__(self, service: Path, *targets: str) -> str:
        command = ["make", f"UV={self._uv}", *targets]
        with toolbox.alone(service):
            done = subprocess.run(
                command, cwd=service, env=os.environ | self._own, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        assert done.returncode == 0, f"make {' '.join(targets)}:\n{done.stdout}"
        return done.stdout


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Running:
    """A service in a process of its own, and every line that it has written."""

    def __init__(self, process: subprocess.Popen[str], listening: str) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.address: str = self.wait_for(lambda: self._said(listening), "it says that it listens")

    def _read(self) -> None:
        assert self.process.stdout
        self.lines += self.process.stdout

    def _said(self, pattern: str) -> str | None:
        return next((found[1] for line in [*self.lines] if (found := re.search(pattern, line))), None)

    def wait_for(self, happens: Callable[[], T | None], what: str) -> T:
        """Wait for what is true one day, and return it."""
        deadline = time.monotonic() + PATIENCE
        while not (found := happens()):
            if self.process.poll() is not None and not self._reader.is_alive() and not (found := happens()):
                pytest.fail(f"the service ended before {what}:\n{''.join(self.lines)}")
            if time.monotonic() > deadline:
                pytest.fail(f"waited {PATIENCE} s in vain for this: {what}\n{''.join(self.lines)}")
            time.sleep(0.02)
        return found

    def connect(self) -> HTTPConnection:
        return HTTPConnection(self.address.removeprefix("http://"), timeout=PATIENCE)

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request on a connection of its own; a body is JSON, unless it is text."""
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        with closing(self.connect()) as connection:
            connection.connect()  # who is gone may reset that, too, and has no answer
            # Who refuses a body need not read it: the answer is there, though not everything could be sent.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
            return read(connection)

    def ask(self, path: str, body: object = None) -> tuple[int, str]:
        """GET, or POST where there is a body: the status, and the answer as text."""
        answer = self.send("GET" if body is None else "POST", path, body)
        return answer.status, answer.text

    def records(self, message: str = "") -> list[dict[str, Any]]:
        """The lines of the log so far, each of which has to be JSON; of one message, if it is given."""
        records = [json.loads(line) for line in self.lines]
        return [record for record in records if message in {"", record["message"]}]

    def end(self) -> int:
        """Wait for its end, and return the exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


def read(connection: HTTPConnection) -> Answer:
    """The answer on a connection."""
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, headers, answer.read().decode())


@contextmanager
def running(
    language: Language, service: Path, command: list[str | Path] | None = None, **environment: str
) -> Iterator[Running]:
    """The service on a free port, by its own command or by another; it is killed in the end, if it still runs."""
    own = {"APP_LISTEN_PORT": "0", "APP_DRAIN_DELAY_SECONDS": "0"}
    process = subprocess.Popen(
        command or language.command(service),
        cwd=service, env=os.environ | own | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield Running(process, language.listening)
    finally:
        process.kill()
        process.wait()
