"""Programs that a job has put in the place of others: whoever is called by that name then is not who one thinks.

A file counts as the program of its name when it was fetched from where that program is released. What the repository
holds, a script has written, a job has built or another address has handed out is none, once it stands in a folder in
which programs are looked for: one of the machine's, or one that is on the PATH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from goldenpath.facts.pipeline.tables import is_released_at
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATH: Value = (Symbol("variable", "PATH"),)
"""The folders in which the machine looks by itself."""

_HOME = Symbol("variable", "HOME")
_BIN = regex(r"(/|<).*/s?bin|/s?bin")
_PROFILE = regex(r"(<variable HOME>|/root|/home/[^/]+|/etc)/(\.bash(rc|_profile|_login)|\.?profile(\.d/.*)?)")
_NAMED_BY_THE_MACHINE = frozenset({"variable", "runner"})


class Programs(Struct):
    """What a job has written that may be run.

    `origins` are its files, each with the address that it was fetched from (empty: with none), `folders` those of the
    repository that it has copied, each after the one into which.
    """

    origins: dict[Value, Value] = field(default_factory=dict)
    folders: list[tuple[Value, str]] = field(default_factory=list)

    def write(self, path: Value, origin: Value) -> None:
        """A file is written."""
        self.origins[at_home(path)] = origin

    def remove(self, path: Value) -> None:
        """A file is no longer there."""
        self.origins.pop(at_home(path), None)

    def copy_folder(self, source: str, goal: Value) -> None:
        """All that the repository has in a folder is copied into another one."""
        self.folders.append((at_home(goal), source))

    def origin(self, path: Value) -> Value | None:
        """The address that a file was fetched from, empty for one that was written here; None for any other file."""
        return self.origins.get(at_home(path))

    @property
    def profiled(self) -> bool:
        """Whether the job has written what a login shell reads first."""
        return any(_PROFILE.fullmatch(display(at)) for at in self.origins)

    @property
    def forged(self) -> frozenset[str]:
        """The files of the work tree that are not the programs of their names."""
        return frozenset(
            path for at, origin in self.origins.items() if (path := literal(at)) and not _is_own(at, origin)
        )

    def displaced(self, name: str, path: list[Value], exists: Callable[[str], bool]) -> bool:
        """Whether a program may be another one, where these folders are on the PATH, too."""
        folders = [at_home(folder) for folder in path]
        return any(not _is_own(at, origin) for at, origin in self._standing(name) if _is_looked_in(at, folders)) or any(
            exists(f"{source}/{name}".removeprefix("./")) and _is_looked_in(value(goal, "/", name), folders)
            for goal, source in self.folders
        )

    def is_own(self, path: Value) -> bool:
        """Whether a file was fetched from where the program of its name is released."""
        origin = self.origin(path)
        return origin is not None and _is_own(at_home(path), origin)

    def _standing(self, name: str) -> Iterator[tuple[Value, Value]]:
        return ((at, origin) for at, origin in self.origins.items() if _split(at)[1] == (name,))


def folders_of(path: Value) -> list[Value]:
    """The folders of a `PATH`, without the machine's own."""
    folders = []
    while split := partition(path, ":"):
        folder, path = split
        folders.append(folder)
    return [folder for folder in (*folders, path) if folder and folder != PATH]


def at_home(path: Value) -> Value:
    """A path in which `~` stands as the variable that says the same."""
    start = path[0] if path and isinstance(path[0], str) else ""
    return value(_HOME, start[1:], *path[1:]) if start == "~" or start.startswith("~/") else path


def _split(path: Value) -> tuple[Value, Value]:
    return partition(path, "/", last=True) or ((), path)


def _is_own(path: Value, origin: Value) -> bool:
    name = literal(_split(path)[1])
    return bool(name) and bool(origin) and is_released_at(name or "", display(origin))


def _is_looked_in(path: Value, folders: list[Value]) -> bool:
    folder = _split(path)[0]
    return _BIN.fullmatch(display(folder)) is not None or any(_may_be(folder, each) for each in folders)


def _may_be(one: Value, other: Value) -> bool:
    """Whether two folders may be the same: what a run calls them may differ in how it begins."""
    if one == other:
        return True
    firsts = [path[0] for path in (one, other) if path and isinstance(path[0], Symbol)]
    if len(firsts) == 2:
        return one[1:] == other[1:]
    return len(firsts) == 1 and firsts[0].kind not in _NAMED_BY_THE_MACHINE
