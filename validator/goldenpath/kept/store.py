"""The folder in which judgements are kept: the user's own, out of every repository, and small.

Whoever can write there decides verdicts, so that nobody else must be able to: a folder or file that is another user's,
or that others may write or read, is as none. So is one that is broken, and where there is no place nothing is kept.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from goldenpath.fingerprint import LENGTH, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

OFF = "GOLDENPATH_NO_CACHE"
"""The variable that says, with whatever text, that nothing is to be kept and nothing that was kept to be used."""

SECONDS = 30 * 24 * 60 * 60
"""How long something is kept."""

MOST, MAX_BYTES = 40, 4 << 20
"""Most files in each of the 256 folders in which they lie, and the largest one, in bytes."""


def place() -> str | None:
    """Where caches of this user lie, by the system's custom, and in it the folder of this program; None without any."""
    get = os.environ.get
    if get(OFF):
        return None
    if os.path.isabs(base := get("XDG_CACHE_HOME", "")):  # noqa: PTH117 - hot path
        return os.path.join(base, "goldenpath")  # noqa: PTH118
    if sys.platform == "win32":
        return os.path.join(base, "goldenpath", "Cache") if (base := get("LOCALAPPDATA", "")) else None  # noqa: PTH118
    if not os.path.isdir(home := get("HOME", "")):  # noqa: PTH112
        return None
    return os.path.join(home, *(("Library", "Caches") if sys.platform == "darwin" else (".cache",)), "goldenpath")  # noqa: PTH118


class Store:
    """Texts of bytes by their keys, which are fingerprints."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def read(self, key: str) -> bytes | None:
        """What is kept under a key; None where there is nothing, or nothing that can be trusted."""
        try:
            if not _is_own(os.lstat(self.folder), stat.S_ISDIR):
                return None
            file = os.open(self._path(key), os.O_RDONLY | _CAREFUL)
            with os.fdopen(file, "rb") as opened:
                status = os.fstat(file)
                if not _is_own(status, stat.S_ISREG) or status.st_size > MAX_BYTES or not _is_young(status):
                    return None
                seal, content = opened.read(LENGTH).decode(), opened.read()
        except (OSError, ValueError):
            return None
        return content if seal == _seal(key, content) else None

    def write(self, key: str, content: bytes) -> None:
        """Keep something, in place of what was there; where that cannot be, it is not kept."""
        if len(content) > MAX_BYTES - LENGTH:
            return
        path = self._path(key)
        partial = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
        try:
            os.makedirs(os.path.dirname(self.folder), exist_ok=True)  # noqa: PTH103, PTH120
            _make(self.folder)
            if not _is_own(os.lstat(self.folder), stat.S_ISDIR):
                return
            _make(os.path.dirname(path))  # noqa: PTH120
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CAREFUL, 0o600), "wb") as file:
                file.write(_seal(key, content).encode() + content)
            os.replace(partial, path)  # noqa: PTH105
            self._prune(os.path.dirname(path))  # noqa: PTH120
        except (OSError, ValueError):
            with suppress(OSError):
                os.unlink(partial)  # noqa: PTH108

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, key[:2], key[2:])  # noqa: PTH118

    def _prune(self, folder: str) -> None:
        """Remove what is old, and of too many the oldest; what a process that was ended has left grows old, too."""
        with os.scandir(folder) as entries:
            found = sorted((entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in entries)
        oldest = time.time() - SECONDS
        for number, (changed, path) in enumerate(reversed(found)):
            if changed < oldest or number >= MOST:
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108


_CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def _make(folder: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)  # noqa: PTH102


def _seal(key: str, content: bytes) -> str:
    """What shows that a file is whole, and stands where it was put."""
    return fingerprint(key.encode() + content)


def _is_own(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether it is what it should be, and this user's alone; where there are no such owners the system sees to it."""
    if not is_kind(status.st_mode):
        return False
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)


def _is_young(status: os.stat_result) -> bool:
    return abs(time.time() - status.st_mtime) < SECONDS
