"""A generated service as its team has it: its `make`, and its process."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Make:
    """`make` in the service, with this repository's uv and Python."""

    def __init__(self, uv: Path, python: Path) -> None:
        self._uv = uv
        path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
        self._own = {"PATH": path, "UV_PYTHON_DOWNLOADS": "never"}

    def __call__(self, service: Path, *targets: str) -> str:
        command = ["make", f"UV={self._uv}", *targets]
        done = subprocess.run(
            command, cwd=service, env=os.environ | self._own, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"make {' '.join(targets)}:\n{done.stdout}"
        return done.stdout


class Running(NamedTuple):
    process: subprocess.Popen[str]
    address: str

    def ask(self, path: str, body: object = None) -> tuple[int, str]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, {"content-type": "application/json"})  # noqa: S310 - loopback
        try:
            with urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()


@contextmanager
def running(service: Path, *arguments: str) -> Iterator[Running]:
    environment = os.environ | {"APP_LISTEN_PORT": "0", "APP_DRAIN_DELAY_SECONDS": "0"}
    process = subprocess.Popen(
        [service / ".venv" / "bin" / "python", *arguments],
        cwd=service, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert process.stdout
        for line in process.stdout:
            if found := re.search(r"Uvicorn running on (http://127\.0\.0\.1:\d+)", line):
                yield Running(process, found[1])
                break
        else:
            pytest.fail("the service ended before it listened")
    finally:
        process.kill()
        process.communicate()
