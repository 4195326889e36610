"""Git's objects, refs and index of a repository that nobody vouches for.

A repository's own configuration can name programs (file system monitors, transports, filters), so git never reads it:
it works in a private directory that borrows objects, refs and index by symbolic links, with a configuration of our own.
Object stores that the borrowed one names as its alternates are read, as in `git clone --shared`.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import IO

from goldenpath import interrupts

SECONDS = 60
"""Longest that a git process may live; a hostile repository can hold named pipes where git expects files."""

SMALL = 1 << 20
"""Largest of git's own text files that is read here, in bytes."""

OBJECTS = ("objects",)
"""What git must borrow to read an index (a sparse one names trees)."""

COMMITS = (*OBJECTS, "refs", "packed-refs", "reftable")
"""What git must borrow to find and read a commit."""

_HEAD = re.compile(r"ref:\s*refs/\S+\s*|[0-9a-f]{40}([0-9a-f]{24})?\s*")
"""What git takes for a HEAD: a reference or a commit."""


class GitError(Exception):
    """Git could not answer; `str()` is a sentence, mostly git's own."""


def is_git_directory(folder: Path) -> bool:
    """Whether git keeps a repository here, as it does in `.git` and in a bare repository."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def git_directory_of(top: Path) -> Path | None:
    """The git directory of a work tree's top folder; linked work trees and submodules have a file that names it."""
    dot_git = top / ".git"
    if dot_git.is_dir():
        return dot_git if is_git_directory(dot_git) else None
    named = re.match(r"gitdir: (.+)", _text(dot_git))
    if named is None:
        return None
    git_directory = top / named[1].strip()
    return git_directory.resolve() if (git_directory / "HEAD").is_file() else None


def remote(git_directory: Path, name: str) -> str | None:
    """The address of a remote as its configuration has it, where it is written as git writes it; nothing is asked."""
    common = git_directory / _text(git_directory / "commondir").strip()
    section = re.search(rf'(?ms)^\[remote "{re.escape(name)}"\]\s*$(.*?)(?=^\[|\Z)', _text(common / "config"))
    url = re.search(r"(?m)^\s*url\s*=\s*(\S+)\s*$", section[1]) if section else None
    return url[1] if url else None


_LEFT_OUT = b"could not open directory"
"""What git warns of, and goes on: a listing without a folder would be taken for a repository that has none."""


class Git:
    """Git in a private directory; close it, for it holds processes and that directory.

    Who is forked has processes of its own, and closes no others: in the same pipes, the answers of two would mix.
    """

    def __init__(self, git_directory: Path | None = None, borrowed: tuple[str, ...] = ()) -> None:
        # As tempfile would, without the hash functions and random numbers that importing it brings along.
        self._private = Path(os.environ.get("TMPDIR") or "/tmp", f"goldenpath-{os.urandom(8).hex()}")  # noqa: S108
        self._made_by = os.getpid()
        self._streams: dict[tuple[int, str], _Stream] = {}
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C",
            "GIT_DIR": str(self._private),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_TERMINAL_PROMPT": "0",
        }
        interrupts.AT_THE_END.append(self._discard)
        try:
            self._private.mkdir(mode=0o700)
            self._fill(git_directory, borrowed)
        except KeyboardInterrupt:
            self.close()
            raise
        except OSError as error:
            self.close()
            if error.filename and not str(error.filename).startswith(str(self._private)):
                raise  # what it borrows
            where = self._private.parent
            raise GitError(f"git needs a folder in {where} ({error.strerror}); TMPDIR names another place") from None

    def _fill(self, git_directory: Path | None, borrowed: tuple[str, ...]) -> None:
        """Make the private directory a repository of what is borrowed."""
        head, formats = "ref: refs/heads/main\n", ""
        if git_directory is not None:
            # A linked work tree shares all but HEAD and index with the repository that it belongs to.
            common = git_directory / _text(git_directory / "commondir").strip()
            self._borrow(*(common / name for name in borrowed))
            self._borrow(git_directory / "index", *git_directory.glob("sharedindex.*"))
            head = _text(git_directory / "HEAD")
            if not _HEAD.fullmatch(head):  # git would take this directory for none, and say nothing of the other
                head = "ref: refs/none\n"
            formats = _formats(common / "config", borrowed)
        for needed in ("objects", "refs"):
            (self._private / needed).mkdir(exist_ok=True)
        (self._private / "HEAD").write_bytes(os.fsencode(head))
        (self._private / "config").write_text(
            f"[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\n{formats}"
        )

    def _borrow(self, *paths: Path) -> None:
        for path in paths:
            if path.is_file() or path.is_dir():  # a named pipe would make git wait
                (self._private / path.name).symlink_to(path)

    def run(self, *arguments: str, work_tree: Path | None = None) -> bytes:
        """Standard output of a git command. Raises GitError with git's own words when it fails, or is not there."""
        command, environment = ["git", *arguments], self._environment
        if work_tree:
            command[1:1] = ["-c", "core.bare=false"]
            environment = environment | {"GIT_WORK_TREE": str(work_tree)}
        folder = work_tree or self._private
        try:
            done = subprocess.run(
                command, env=environment, cwd=folder, capture_output=True, timeout=SECONDS, check=False
            )
        except FileNotFoundError:
            raise GitError("git is not installed; goldenpath needs it to tell what belongs to a repository") from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} took longer than {SECONDS} s") from None
        if done.returncode or _LEFT_OUT in done.stderr:
            problem = done.stderr.decode("utf-8", "backslashreplace").strip()
            raise GitError(f"git {arguments[0]}: {problem.removeprefix('fatal: ').removeprefix('warning: ')}")
        return done.stdout

    def commit(self, ref: str) -> str:
        """The full id of the commit that a branch, tag or id names. Raises GitError with git's own words."""
        name = f"{ref}^{{commit}}"
        try:
            return self._ask("--batch-check", name)[0]  # that process is needed anyway
        except GitError:
            return self.run("rev-parse", "--verify", "--end-of-options", name).decode().strip()

    def size(self, oid: str) -> int:
        """How many bytes an object has. Raises GitError when it is not here."""
        return self._ask("--batch-check", oid)[1]

    def content(self, oid: str) -> bytes:
        """The bytes of an object, however large; ask for its size first. Raises GitError when it is not here."""
        _, size, stream = self._ask("--batch", oid)
        content = stream.read(size)
        if len(content) != size or stream.read(1) != b"\n":
            raise GitError("git ended before its object was read")
        return content

    def _ask(self, mode: str, name: str) -> tuple[str, int, IO[bytes]]:
        """Ask the long-lived `cat-file` of that mode for an object: its id, its size, and where its bytes may follow.

        One process for each of two modes, and not `--batch-command`, which git has only since 2.36.
        """
        key = os.getpid(), mode
        if key not in self._streams:
            self._streams[key] = _Stream(["git", "cat-file", mode], self._environment, self._private)
        answer, stream = self._streams[key].ask(name)
        fields = answer.split(" ")
        if len(fields) != 3 or not fields[2].isdigit():
            raise GitError("its object is missing from the repository (a shallow or partial clone?)")
        return fields[0], int(fields[2]), stream

    def close(self) -> None:
        """End the long-lived processes and remove the private directory."""
        for (asked_by, _), stream in self._streams.items():
            if asked_by == os.getpid():
                stream.close()
        try:
            self._discard()
        except KeyboardInterrupt:  # once more, for nobody else knows of the directory
            self._discard()
            raise
        with suppress(ValueError):  # it is closed already
            interrupts.AT_THE_END.remove(self._discard)

    def _discard(self) -> None:
        """Remove the private directory, unless this process was forked from the one whose it is."""
        if self._made_by != os.getpid():
            return
        with suppress(OSError):
            for path in self._private.iterdir():
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()
            self._private.rmdir()


class _Stream:
    """A process that answers line by line. It lives SECONDS at most: an object can be a named pipe, and never come."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=environment, cwd=folder, stdin=pipe, stdout=pipe, stderr=nowhere)
        self._guard = Timer(SECONDS, self._process.kill)
        self._guard.start()

    def ask(self, line: str) -> tuple[str, IO[bytes]]:
        """Write a line; the line that is answered, and the stream on which more may follow. Raises GitError."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None  # noqa: S101 - both are pipes; this is for the type checker
        assert stdout is not None  # noqa: S101
        if "\n" in line:
            raise GitError("a name of one line is needed")
        try:
            stdin.write(os.fsencode(line) + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise GitError("git ended before its object was read") from None
        return os.fsdecode(stdout.readline().rstrip(b"\n")), stdout

    def close(self) -> None:
        self._guard.cancel()
        self._process.kill()
        self._process.communicate()


def _text(file: Path) -> str:
    """The text of one of git's own small files; empty when it is no file, or not small."""
    if not file.is_file() or file.stat().st_size > SMALL:
        return ""
    return os.fsdecode(file.read_bytes())


def _formats(config: Path, borrowed: tuple[str, ...]) -> str:
    """The two on-disk formats that git must be told; nothing else of a foreign configuration is believed."""
    pattern = r"^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)\s*$"
    found = re.findall(pattern, _text(config), re.IGNORECASE | re.MULTILINE)
    # Without refs their format does not matter, and a git that does not know it can still read the index.
    return "\n".join(line for line in found if "reftable" in borrowed or "refstorage" not in line.lower())
