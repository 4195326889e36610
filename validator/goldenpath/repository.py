"""A read-only tree: a directory, or a git commit read without a checkout.

What is read is hostile. Nothing of it is executed, its git configuration is never looked at (git.py), no link is
followed out of the tree, and every read is bounded. Only tracked files are seen; a directory that is no git work tree,
or one with nothing tracked yet, is walked by git itself so that ignore files are honoured the way git honours them.
"""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_left
from functools import cached_property
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, Self

from msgspec import Struct

from goldenpath import git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    Contents = Mapping[str, bytes]

MAX_BYTES = 1 << 20
"""Largest file that is read, in bytes, unless whoever reads it knows better. Configuration is small; what is larger is
not read but reported."""

MAX_LINKS = 8
"""Longest chain of symbolic links inside the tree that is followed."""


class InputError(Exception):
    """What the user named cannot be judged at all; the message says why and what to do."""


class Missing(Exception):  # noqa: N818 - a state of the tree, not an error of the program
    """There is no such file in the tree."""


class Unreadable(Exception):  # noqa: N818 - see Missing
    """The file is there but its content is not to be had; `str()` is the reason, without the path."""


class Place(Struct, frozen=True, order=True):
    """Where something stands: path in the repository, line and column from 1 (0: the whole file).

    `source` names the repository where it is another one, which was handed in (handed_in.py); empty for the one judged.
    """

    path: str
    line: int = 0
    column: int = 0
    source: str = ""

    @property
    def file(self) -> str:
        """The file, with its repository where that is another one."""
        return f"{self.source}:{self.path}" if self.source else self.path

    def __str__(self) -> str:
        """Write `path:line:column` as editors and terminals understand it."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


class Entry(Struct, frozen=True):
    """One tracked path: its git mode as octal text, and the object's id where the tree comes from git's objects."""

    mode: str
    oid: str = ""

    @property
    def is_link(self) -> bool:
        """Whether the path is a symbolic link."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """Whether another repository stands here; its content is out of sight."""
        return self.mode == "160000"


class Question(NamedTuple):
    """What a tree is asked of a path; `limit` is the largest content that is wanted, `pattern` what is looked for."""

    about: Literal["content", "line", "target", "exists", "stray"]
    path: str
    limit: int = 0
    pattern: str = ""


class Source(Protocol):
    """Where the bytes of an entry come from. `content`, `line` and `target` raise Missing or Unreadable."""

    def content(self, path: str, entry: Entry, limit: int = MAX_BYTES) -> bytes:
        """The content, of at most `limit` bytes."""
        ...

    def target(self, path: str, entry: Entry) -> str:
        """Where a link leads, as it is written."""
        ...

    def exists(self, path: str) -> bool:
        """Whether what is tracked is still there."""
        ...

    def stray(self, path: str) -> bool:
        """Whether the path is there without being tracked."""
        ...

    def close(self) -> None:
        """Let go of what is held open."""

    def line(self, path: str, entry: Entry, pattern: str) -> int:
        """The line in which a pattern is found first, from 1; 0 where it is not."""
        text = as_text(self.content(path, entry))
        match = re.search(pattern, text)
        return text.count("\n", 0, match.start()) + 1 if match else 0


class Repository:
    r"""A tree of files that can be listed and read, nothing else.

    Paths are text from the root of the tree, with `/`; bytes of a name that are no UTF-8 appear as `\xNN`. Use it as a
    context manager: a commit is read through long-lived git processes. `folder` is where the tree's root stands in the
    repository that it is a part of, empty where it is all of it.
    """

    def __init__(
        self, location: str, entries: Mapping[str, Entry], source: Source, commit: str | None = None, folder: str = ""
    ) -> None:
        self.location = location
        self.commit = commit
        self.folder = folder
        self.entries = entries
        self._source = source

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.close()

    def __contains__(self, path: str) -> bool:
        """Whether the path is a tracked file that is still there (links count by their target)."""
        return self.find(path) is not None

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.entries)

    def find(self, path: str) -> str | None:
        """The path at which the content of `path` stands once links inside the tree are followed.

        None when there is no such file, or when a link leads out of the tree or in a circle.
        """
        found = self._follow(path)
        entry = self.entries.get(found) if found else None
        return found if entry is not None and not entry.is_submodule and self._source.exists(found) else None

    def _follow(self, path: str) -> str:
        """Replace links by what they point to, until none is left; empty when they lead out, nowhere or in a circle."""
        for _ in range(MAX_LINKS):
            link = self._first_link(path)
            if not link:
                return path
            try:
                target = _join(link, self._source.target(link, self.entries[link]))
            except (Missing, Unreadable):
                return ""
            if not target:
                return ""
            path = target + path[len(link) :]
        return ""

    def _first_link(self, path: str) -> str:
        """The path itself or the folder nearest to the root that is a link; empty when there is none."""
        if path in self.entries:
            return path if self.entries[path].is_link else ""
        folders = (path[:end] for end, sign in enumerate(path) if sign == "/")
        return next((folder for folder in folders if folder in self.entries and self.entries[folder].is_link), "")

    def is_folder(self, path: str) -> bool:
        """Whether any tracked file that is still there lies below the path."""
        path = os.path.normpath(path)
        if path == ".":
            return bool(self.entries)
        return any(map(self._source.exists, self._below(self._follow(path))))

    def within(self, path: str) -> Iterator[str]:
        """The tracked file of that path, or those of that folder, that are still there, in order."""
        return (each for each in chain([path], self._below(path)) if each in self)

    def _below(self, folder: str) -> Iterator[str]:
        """What is tracked below a folder, in order; links are not followed."""
        prefix = folder + "/"
        numbers = range(bisect_left(self._sorted, prefix), len(self._sorted))
        return takewhile(lambda path: path.startswith(prefix), map(self._sorted.__getitem__, numbers))

    def owns(self, path: Path) -> bool:
        """Whether a path of this machine, which a user names, belongs to the repository that this is a part of.

        A clone of another one that merely lies in its folder does not. A submodule does: its commit is chosen here.
        """
        real, top = _decode(os.fsencode(os.path.realpath(path))), self._top
        if not f"{real}/".startswith(top):
            return False
        names = real[len(top) :].split("/")
        folders = (top + "/".join(names[:count]) for count in range(1, len(names) + 1))
        return not any(os.path.isdir(f"{each}/.git") and not self._tracks(each) for each in folders)  # noqa: PTH112

    def surrounds(self, path: str) -> bool:
        """Whether a path of this machine lies in the folder of the repository that this is a part of."""
        return f"{_decode(os.fsencode(os.path.realpath(path)))}/".startswith(self._top)

    @property
    def _top(self) -> str:
        """The folder of the repository that this is a part of, with a `/` at its end."""
        depth = self.folder.count("/") + bool(self.folder)
        return self.location.rsplit("/", depth)[0].rstrip("/") + "/"

    def _tracks(self, path: str) -> bool:
        return path.removeprefix(f"{self.location}/") in self.entries

    def stray(self, path: str) -> bool:
        """Whether the file stands in the working directory without being tracked: a `git add` was forgotten."""
        return path not in self.entries and not self.is_folder(path) and self._source.stray(path)

    def paths(self, pattern: re.Pattern[str]) -> Iterator[str]:
        """Tracked files whose whole path matches, in order, those that are still there."""
        return self.paths_where(pattern.fullmatch)

    def paths_where(self, wanted: Callable[[str], object]) -> Iterator[str]:
        """Tracked files whose path is wanted, in order, those that are still there."""
        return (path for path in self._sorted if wanted(path) and path in self)

    def links(self, folder: str) -> Iterator[str]:
        """Tracked symbolic links below a folder."""
        prefix = folder + "/"
        return (path for path, entry in self.entries.items() if entry.is_link and path.startswith(prefix))

    def bytes(self, path: str, limit: int = MAX_BYTES) -> bytes:
        """The content of a file of at most `limit` bytes.

        Raises Missing when there is none in the tree, Unreadable when it is too large, no regular file, or not here.
        """
        found = self._file(path)
        return self._source.content(found, self.entries[found], limit)

    def line(self, path: str, pattern: str) -> int:
        """The line of a file in which a pattern is found first, from 1; 0 where it is not. Raises as `text` does.

        Who asks for no more than this depends on nothing else that the file says (journal.py).
        """
        found = self._file(path)
        return self._source.line(found, self.entries[found], pattern)

    def _file(self, path: str) -> str:
        """Where the content of a path stands. Raises as `bytes` does."""
        found = self.find(path)
        if found is None:
            entry = self.entries.get(path)
            if entry is not None and entry.is_link:
                raise Unreadable("it is a link that leads out of the repository, in a circle or nowhere")
            raise Missing(path)
        return found

    def with_files(self, files: Contents) -> Repository:
        """The tree as it would be with these files, of which it has none yet; open as long as this one is."""
        entries = {**self.entries, **dict.fromkeys(files, Entry("100644"))}
        return Repository(self.location, entries, _Added(files, self._source), self.commit, self.folder)

    def asked_through(self, wrap: Callable[[Source], Source]) -> Repository:
        """The same tree, all of whose questions go through another source; open as long as this one is."""
        return Repository(self.location, self.entries, wrap(self._source), self.commit, self.folder)

    def answer(self, question: Question) -> object:
        """What its source says, asked directly. Raises Missing or Unreadable."""
        about, path, limit, pattern = question
        if about == "content":
            return self._source.content(path, self.entries[path], limit)
        if about == "line":
            return self._source.line(path, self.entries[path], pattern)
        if about == "target":
            return self._source.target(path, self.entries[path])
        return self._source.exists(path) if about == "exists" else self._source.stray(path)

    def text(self, path: str, limit: int = MAX_BYTES) -> str:
        """The content of a file as text: UTF-8, without a byte order mark. Raises as `bytes` does, or as no text."""
        return as_text(self.bytes(path, limit))


def read_outside(path: Path) -> str:
    """The text of a file that the user, not a repository, names. Raises Unreadable.

    It is opened without waiting, and read up to a limit: what stands there may be a pipe or a device all the same.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable("it is not a regular file")
            raw = file.read(MAX_BYTES + 1)
    except ValueError:
        raise Unreadable("its name holds a NUL character") from None
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror})") from None
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES:,} bytes, which no such file is")
    return as_text(raw)


def as_text(raw: bytes) -> str:
    """Bytes as text: UTF-8, without a byte order mark. Raises Unreadable when they are none."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"it is not UTF-8 text (line {line})") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(f"it holds a NUL byte (line {line})")
    return text


def _join(link: str, target: str) -> str:
    """The path that a link's target means, normalised; empty when it leaves the tree."""
    if target.startswith("/"):
        return ""
    joined = os.path.normpath(os.path.join(os.path.dirname(link), target))  # noqa: PTH118, PTH120 - pure text
    return "" if joined == ".." or joined.startswith("../") else joined


def open_repository(path: Path, ref: str | None = None) -> Repository:
    """Open a directory, a git work tree or a bare git repository.

    Without `ref` a work tree is read as it stands on disk and a bare repository at HEAD; with it, that commit is read
    from git's objects. Raises InputError when there is nothing to read.
    """
    try:
        if not path.exists():
            raise InputError(f"{path}: there is no such directory")
        if not path.is_dir():
            raise InputError(f"{path}: not a directory; name a directory or a git repository")
        return _open(path.resolve(), ref)
    except git.GitError as error:
        raise InputError(f"{path}: {error}") from None
    except OSError as error:
        raise InputError(f"{error.filename or path}: it cannot be read ({error.strerror or error})") from None


def paths_in(folder: Path, files: Iterable[str]) -> frozenset[str]:
    """The paths by which a repository that is opened at a folder knows these files, be they there or not.

    Raises InputError for one that lies elsewhere.
    """
    root, paths = os.path.realpath(folder), set()
    for file in files:
        parent, name = os.path.split(os.path.abspath(file))  # noqa: PTH100 - a link itself is what has changed
        path = os.path.relpath(os.path.join(os.path.realpath(parent), name), root)  # noqa: PTH118
        if path in {os.curdir, os.pardir} or path.startswith(os.pardir + os.sep):
            raise InputError(f"--changed {file}: it is no file of {folder}; PATH comes before --changed")
        paths.add(_decode(os.fsencode(path.replace(os.sep, "/"))))
    return frozenset(paths)


def _open(folder: Path, ref: str | None) -> Repository:
    for top in (folder, *folder.parents):
        git_directory = git.git_directory_of(top)
        if git_directory is not None:
            prefix = "" if top == folder else folder.relative_to(top).as_posix() + "/"
            if ref:
                return _open_commit(git_directory, ref, folder, prefix)
            return _open_work_tree(git_directory, folder, prefix)
        if top == folder and git.is_git_directory(folder):
            return _open_commit(folder, ref or "HEAD", folder, "")
    if ref:
        raise InputError(f"{folder}: not a git repository, so there is no {ref!r} in it; leave --ref away")
    return _open_folder(folder)


_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
"""Non-blocking, so that a named pipe cannot make us wait; what is no regular file is refused once it is open."""


class _Folder(Source):
    """Bytes from a directory on disk. `names` has the names on disk of paths that are shown differently."""

    def __init__(self, root: Path, names: Mapping[str, str]) -> None:
        self._root = os.path.realpath(root)
        self._names = names
        self._real_folders: dict[str, str] = {}

    def _real(self, path: str) -> str:
        """The real path of a file, provided it is inside: a tracked folder may have become a link since."""
        folder, name = os.path.split(self._names.get(path, path))
        if folder not in self._real_folders:
            self._real_folders[folder] = os.path.realpath(os.path.join(self._root, folder))  # noqa: PTH118 - hot path
        real = os.path.join(self._real_folders[folder], name)  # noqa: PTH118
        if os.path.islink(real):  # noqa: PTH114
            real = os.path.realpath(real)
        if not real.startswith(self._root.rstrip("/") + "/"):
            raise Unreadable("it is a link that leads out of the repository")
        return real

    def content(self, path: str, entry: Entry, limit: int = MAX_BYTES) -> bytes:  # noqa: ARG002 - no object ids here
        try:
            handle = os.open(self._real(path), _READ)
        except FileNotFoundError:
            raise Missing(path) from None
        except OSError as error:
            raise Unreadable(f"it cannot be opened ({error.strerror})") from None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("it is not a regular file")
            if status.st_size > limit:
                raise Unreadable(_too_large(status.st_size, limit))
            with os.fdopen(handle, "rb", closefd=False) as file:
                # Room for `limit` bytes takes longer to have than most files take to be read.
                content = file.read(min(status.st_size + 1, limit))
                return content if len(content) <= status.st_size else content + file.read(limit - len(content))
        except OSError as error:
            raise Unreadable(f"it cannot be read ({error.strerror})") from None
        finally:
            os.close(handle)

    def target(self, path: str, entry: Entry) -> str:  # noqa: ARG002
        name = self._names.get(path, path)
        try:
            return _decode(os.fsencode(os.readlink(os.path.join(self._root, name))))  # noqa: PTH115, PTH118
        except OSError:
            raise Missing(path) from None

    def exists(self, path: str) -> bool:
        try:
            os.lstat(self._real(path))
        except (FileNotFoundError, NotADirectoryError, Unreadable):
            return False
        except OSError:  # in a folder that may not be entered: it is there, and `content` says why it cannot be read
            return True
        return True

    def stray(self, path: str) -> bool:
        try:
            return os.path.lexists(self._real(path))
        except Unreadable:
            return False

    def close(self) -> None:
        """Nothing is held open."""


class _Added(Source):
    """Bytes of files that are not there yet, and of those that another source has."""

    def __init__(self, files: Contents, source: Source) -> None:
        self._files = files
        self._source = source

    def content(self, path: str, entry: Entry, limit: int = MAX_BYTES) -> bytes:
        return self._files[path] if path in self._files else self._source.content(path, entry, limit)

    def target(self, path: str, entry: Entry) -> str:
        return self._source.target(path, entry)

    def exists(self, path: str) -> bool:
        return path in self._files or self._source.exists(path)

    def stray(self, path: str) -> bool:
        return self._source.stray(path)

    def close(self) -> None:
        """The other source is closed by whoever has opened it."""


class _Commit(Source):
    """Bytes from git's objects."""

    def __init__(self, objects: git.Git) -> None:
        self._objects = objects

    def content(self, path: str, entry: Entry, limit: int = MAX_BYTES) -> bytes:  # noqa: ARG002
        try:
            size = self._objects.size(entry.oid)
            if size > limit:
                raise Unreadable(_too_large(size, limit))
            return self._objects.content(entry.oid)
        except git.GitError as error:
            raise Unreadable(str(error)) from None

    def target(self, path: str, entry: Entry) -> str:
        return _decode(self.content(path, entry))

    def exists(self, path: str) -> bool:  # noqa: ARG002
        return True

    def stray(self, path: str) -> bool:  # noqa: ARG002
        return False

    def close(self) -> None:
        self._objects.close()


def _too_large(size: int, limit: int) -> str:
    return f"it is too large to be configuration ({size:,} bytes; goldenpath reads up to {limit:,})"


def _decode(name: bytes) -> str:
    r"""A name as text that every report can hold: bytes that are no UTF-8 become `\xNN`."""
    return name.decode("utf-8", "backslashreplace")


def _open_commit(git_directory: Path, ref: str, folder: Path, prefix: str) -> Repository:
    location = _decode(os.fsencode(folder))
    objects = git.Git(git_directory, git.COMMITS)
    try:
        commit = objects.commit(ref)
        listing = objects.run("ls-tree", "-r", "-z", "--full-tree", commit)
    except git.GitError as error:
        objects.close()
        raise InputError(f"{location}: {_why_no_commit(ref, str(error))}") from None
    entries = {path: Entry(mode, about[1]) for path, _, mode, about in _records(listing, prefix)}
    return Repository(location, entries, _Commit(objects), commit, _shown(prefix))


def _why_no_commit(ref: str, problem: str) -> str:
    if "ambiguous" in problem:
        return f"{ref!r} is short for more than one commit; give more of its digits"
    if "unknown repository extension" in problem and "refstorage" in problem:
        return "its refs are a reftable, which git reads from 2.45 on; use a newer git, or leave --ref away"
    if "Needed a single revision" not in problem:
        return problem
    if ref == "HEAD":
        return "it has no commit yet, or HEAD names a branch that does not exist; name a commit with --ref"
    return f"{ref!r} is no commit, branch or tag of it (git fetch brings what is missing)"


def _open_work_tree(git_directory: Path, folder: Path, prefix: str) -> Repository:
    index = git.Git(git_directory, git.OBJECTS)
    try:
        listing = index.run("ls-files", "-z", "-s")
    except git.GitError as error:
        raise InputError(f"{folder}: {error}") from None
    finally:
        index.close()
    modes = {(path, name): mode for path, name, mode, _ in _records(listing, prefix)}
    return _on_disk(folder, modes, prefix) if modes else _open_folder(folder, prefix)


def _open_folder(folder: Path, prefix: str = "") -> Repository:
    if folder == folder.parent:  # listing a whole system takes a minute, and ends in nothing
        raise InputError(f"{folder}: that is all of this system's files; name the folder of a repository")
    walker = git.Git()
    try:
        listing = walker.run("ls-files", "-z", "--others", "--exclude-standard", work_tree=folder)
    except git.GitError as error:
        raise InputError(f"{folder}: {error}") from None
    finally:
        walker.close()
    modes = {}
    for raw in filter(None, listing.split(b"\0")):
        path, name = _decode(raw), os.fsdecode(raw)
        if path.endswith("/"):
            modes[path[:-1], name[:-1]] = "160000"
        else:
            is_link = os.path.islink(os.path.join(folder, name))  # noqa: PTH114, PTH118 - hot path
            modes[path, name] = "120000" if is_link else "100644"
    return _on_disk(folder, modes, prefix)


def _on_disk(folder: Path, modes: Mapping[tuple[str, str], str], prefix: str) -> Repository:
    """A repository of files on disk, by their paths as they are shown and as the system knows them."""
    kinds = {mode: Entry(mode) for mode in set(modes.values())}  # shared: of a million files each has one of four
    entries = {path: kinds[mode] for (path, _), mode in modes.items()}
    names = {path: name for path, name in modes if path != name}
    return Repository(_decode(os.fsencode(folder)), entries, _Folder(folder, names), folder=_shown(prefix))


def _shown(prefix: str) -> str:
    """The folder of a prefix, as it is shown."""
    return _decode(os.fsencode(prefix.rstrip("/")))


def _records(listing: bytes, prefix: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """Git's records of a listing below a prefix: the path as shown, as the system knows it, the mode, the rest."""
    start = os.fsencode(prefix)
    for record in filter(None, listing.split(b"\0")):
        about, _, raw = record.partition(b"\t")
        if raw.startswith(start):
            mode, *rest = about.decode().split(" ")
            path = raw[len(start) :]
            yield _decode(path), os.fsdecode(path), mode, rest
