"""A real PostgreSQL server for tests, that listens on a socket of its own."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from pathlib import Path


class Server:
    """A PostgreSQL server below a folder; `limit` is the largest file that it may write, in bytes."""

    def __init__(self, programs: Path, folder: Path, limit: int | None = None) -> None:
        self.folder = folder
        # PostgreSQL refuses to run as root, so root lends it another user.
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(folder, self._user, -1)
        data = folder / "data"
        self._run(programs / "initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", data)
        options = ["-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-c", "shared_buffers=16MB"]
        prefix = ["prlimit", f"--fsize={limit}"] if limit else []
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [*prefix, programs / "postgres", *options],
            user=self._user, stdout=self._log, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
        self._wait()

    def _run(self, *command: object) -> None:
        subprocess.run(
            [str(part) for part in command], user=self._user, check=True, capture_output=True, cwd=self.folder
        )

    def _wait(self) -> None:
        for _ in range(200):
            try:
                self.execute("SELECT 1")
            except sa.exc.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.1)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text())

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        engine = sa.create_engine(
            self.url(database).replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)
        self._log.close()
