"""`make portal` ends when it is told to, whenever that is, and leaves nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MADE = ("setup", "scaffolder/node_modules/.installed", "scaffolder/app/dist/.built")
"""What is not made again here: without the browser's part there is the API all the same."""
MAKE = ("make", "--silent", *(f"--old-file={made}" for made in MADE), "portal")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("reached", ["Listening on", "Backstage's API is at"])
def test_it_ends_on_sigterm(reached: str, folder: Path) -> None:
    environment = os.environ | {"TMPDIR": str(folder), "PORTAL_PORT": str(free_port())}
    with subprocess.Popen(
        MAKE, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as portal:  # fmt: skip
        assert portal.stdout
        said = ""
        for line in portal.stdout:
            said += line
            if reached in line:
                break
        else:
            pytest.fail(said)
        portal.terminate()
        end = time.monotonic() + 20
        while running := session(portal.pid):
            assert time.monotonic() < end, running
            time.sleep(0.2)
    assert [path.name for path in folder.iterdir() if not path.name.startswith("tsx-")] == []


def session(leader: int) -> list[str]:
    """The processes that one has started, and those that they have."""
    command = ["ps", "-eo", "sid=,stat=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    fields = (line.split(maxsplit=2) for line in listed)
    return [args for sid, stat, args in fields if int(sid) == leader and not stat.startswith("Z")]


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
