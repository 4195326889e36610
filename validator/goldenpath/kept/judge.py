"""What judges here: goldenpath as it lies on disk, the Python that runs it, and the packages that both could load.

A version alone would not do: whoever works on goldenpath changes it many times between two of them.
"""

from __future__ import annotations

import os
import sys

from goldenpath import BEGUN, __version__
from goldenpath.fingerprint import fingerprint

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - hot path

UNSURE = 2.0
"""Seconds by which the clocks of a machine and of its files may differ."""


def this_judge() -> str:
    """The fingerprint of what judges; empty where some of it has changed since it was loaded, or may have."""
    folders = sys.path if sys.flags.safe_path else sys.path[1:]  # the first is the script's own, or the current one
    seen = [*map(_package_folder, folders), *_files(PACKAGE)]
    if max(changed for _, changed, _ in seen) > (BEGUN - UNSURE) * 1e9:
        return ""
    return fingerprint(repr((__version__, sys.version, sys.platform, seen)).encode("utf-8", "backslashreplace"))


def _package_folder(folder: str) -> tuple[str, int, int]:
    """A folder of packages, or archive: it changes when one is installed, replaced or removed."""
    try:
        return folder, os.stat(folder).st_mtime_ns, 0  # noqa: PTH116 - hot path
    except OSError:
        return folder, 0, 0


def _files(folder: str) -> list[tuple[str, int, int]]:
    """The files of this package, but for what Python makes of them: name, time of the last change, and size."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir():
                status = entry.stat()
                found.append((entry.path, max(status.st_mtime_ns, status.st_ctime_ns), status.st_size))
            elif entry.name != "__pycache__":
                found += _files(entry.path)
    return sorted(found)
