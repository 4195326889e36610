"""A suite asked from afar: its releases, and a file of one of them, without a checkout.

Its address comes from a repository that nobody vouches for. Git is told which transports may be used, works in a
private directory that no such repository can configure, and can ask nobody for a password. The user's own configuration
counts: proxies, certificates and credential helpers are there.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from goldenpath.facts.sources import parse_source, parse_version
from goldenpath.repository import MAX_BYTES, InputError

if TYPE_CHECKING:
    from types import TracebackType

    from packaging.version import Version

SECONDS = 60
"""Longest that a source may take to answer one question."""

_OF_ANOTHER_REPOSITORY = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY",
    "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}  # fmt: skip
"""What git sets for its hooks, and what would lead it out of the private directory."""


class Suite:
    """A suite at an address. Use it as a context manager: what is fetched lies in a temporary directory."""

    def __init__(self, address: str, protocols: str) -> None:
        self.address = address
        self._temporary = TemporaryDirectory(prefix="goldenpath-")
        self._folder = Path(self._temporary.name)
        ours = {
            "GIT_DIR": str(self._folder / "git"),
            "GIT_ALLOW_PROTOCOL": protocols,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND") or "ssh -o BatchMode=yes",
            "LC_ALL": "C",
        }
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
        self._environment = inherited | ours
        self._git("init", "--quiet", "--bare", "--template=")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._temporary.cleanup()

    def releases(self) -> dict[Version, str]:
        """Every tag that is a version, the oldest first. Raises InputError when the source does not answer."""
        listing = self._git("ls-remote", "--tags", "--refs", "--", self.address).decode("utf-8", "backslashreplace")
        found: dict[Version, str] = {}
        for line in listing.splitlines():
            tag = line.partition("\t")[2].removeprefix("refs/tags/")
            with suppress(ValueError):
                found[parse_version(tag)] = tag
        return dict(sorted(found.items()))

    def text(self, tag: str, path: str) -> str | None:
        """The text of a file at a tag; None when there is none. Raises InputError when it cannot be had."""
        ref = f"refs/tags/{tag}"
        depth = () if Path(self.address).is_file() else ("--depth=1",)  # a bundle comes whole
        self._git("fetch", "--quiet", "--no-tags", *depth, "--", self.address, f"{ref}:{ref}")
        if not self._git("ls-tree", ref, path):
            return None
        if int(self._git("cat-file", "-s", f"{ref}:{path}")) > MAX_BYTES:
            raise InputError(f"{self.address}: {path} is larger than {MAX_BYTES:,} bytes")
        return self._git("cat-file", "blob", f"{ref}:{path}").decode("utf-8", "backslashreplace")

    def _git(self, *arguments: str) -> bytes:
        """What git prints. Raises InputError with git's own words when it fails.

        Git and what it starts form a session of their own: they have no terminal to ask on, and end together.
        """
        command = ["git", "-c", "credential.interactive=false", "-c", "gc.auto=0", *arguments]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command, env=self._environment, cwd=self._folder, start_new_session=True,
                stdin=nowhere, stdout=pipe, stderr=pipe,
            )  # fmt: skip
        except FileNotFoundError:
            raise InputError("git is not installed; goldenpath needs it to ask for the releases of a suite") from None
        try:
            output, problem = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise InputError(f"{self.address}: no answer within {SECONDS} s") from None
        if process.returncode:
            said = problem.decode("utf-8", "backslashreplace").strip().removeprefix("fatal: ")
            raise InputError(f"{self.address}: it cannot be asked for its releases ({said})")
        return output


def named_by_user(source: str) -> Suite:
    """The suite at an address or path that the user gives. Raises InputError when it is neither."""
    try:
        return Suite(parse_source(source).url, "https:ssh")
    except ValueError as error:
        path = Path(source)
        if not path.exists():
            raise InputError(f"--source {source}: there is no such file or directory, and {error}") from None
        return Suite(str(path.resolve()), "file")
