"""Programs that a job has put in the place of others: whoever is called by that name then is not who one thinks.

A file counts as the program of its name when it was fetched from where that program is released. What the repository
holds, a script has written, a job has built or another address has handed out is none, once it stands in a folder in
which programs are looked for: one of the machine's, or one that is on the PATH. What is unpacked or fetched as a whole
may hold any program, unless it is called by the name of another one; a folder that is not the machine's holds what
somebody has put there.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from goldenpath.facts.pipeline.tables import is_known, is_released_alone, is_released_at
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, head, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATH: Value = (Symbol("variable", "PATH"),)
"""The folders in which the machine looks by itself."""

PATH_OF_MACHINE = "/usr/local/bin/"
"""Where what is installed for the machine stands, wherever its package manager keeps it."""

_HOME = Symbol("variable", "HOME")
_BIN = regex(r"(/|<).*/s?bin|/s?bin")
_PROFILE = regex(r"(<variable HOME>|/root|/home/[^/]+|/etc)/(\.bash(rc|_profile|_login)|\.?profile(\.d/.*)?)")
_NAMED_BY_THE_MACHINE = frozenset({"variable", "runner"})


_WORD = regex(r"[a-z]+")
_ASKED_FOR = regex(r"(?:which|command -v|type -[pP]) ([\w.-]+) #\d+")
"""How the shell says what it has been told of where a program stands."""
_SEARCHED = ("/usr/local/bin", "/usr/bin", "/bin", "<variable HOME>/.local/bin", "<variable HOME>/bin")
"""Where a machine looks for programs, of which a folder above may be filled."""
_ON_EVERY_MACHINE = frozenset({"docker", "gh"})
"""Programs that every runner has, so that nobody packs them; they are suspected only by their names."""
_OF_SOMEBODY = regex(r"/(?!usr/|s?bin\b|home/|root/|Users/|tmp/|var/tmp/|github/|go/|nix/|snap/|__[a-z]/).*")
"""Folders in which neither the machine nor, as far as is seen, the job has put anything."""
_OF_THE_MACHINE = regex(r"/opt/(hostedtoolcache|homebrew|pipx_bin)(/.*)?")


class Filling(Struct, frozen=True):
    """A folder into which has been put what nobody can list: from an address, if that is known, under a name."""

    folder: Value
    origin: Value
    called: str = ""

    def may_hold(self, name: str) -> bool:
        """Whether a program of that name that is not the one of the field may be in it."""
        is_another = self.called != name and is_called_by_program(self.called) and not self.called.startswith(name)
        return not is_another and not (self.origin and is_released_at(name, display(self.origin)))


class Programs(Struct):
    """What a job has written that may be run.

    `origins` are its files, each with the address that it was fetched from (empty: with none), `folders` those of the
    repository that it has copied, each after the one into which, `fillings` what it has unpacked and fetched as a
    whole, and `filled` which of that is the last for a folder (None: the work tree), `installed` how much of that came
    before a program was installed.
    Files of the work tree that are not the programs of their names are `forged`; `named` has the files by their names.
    """

    origins: dict[Value, Value] = field(default_factory=dict)
    named: dict[Value, set[Value]] = field(default_factory=dict)
    forged: set[str] = field(default_factory=set)
    folders: list[tuple[Value, str]] = field(default_factory=list)
    fillings: list[Filling] = field(default_factory=list)
    filled: dict[str | None, int] = field(default_factory=dict)
    installed: dict[str, int] = field(default_factory=dict)

    def write(self, path: Value, origin: Value) -> None:
        """A file is written."""
        self._write(at_home(path), origin)

    def _write(self, at: Value, origin: Value) -> None:
        self._remove(at)
        self.origins[at] = origin
        self.named.setdefault(_split(at)[1], set()).add(at)
        if (text := literal(at)) and not _is_own(at, origin):
            self.forged.add(text)

    def remove(self, path: Value) -> None:
        """A file is no longer there."""
        self._remove(at_home(path))

    def _remove(self, at: Value) -> None:
        if self.origins.pop(at, None) is not None:
            self.named[_split(at)[1]].discard(at)
            self.forged.discard(literal(at) or "")

    def copy_folder(self, source: str, goal: Value) -> None:
        """All that the repository has in a folder is copied into another one."""
        self.folders.append((at_home(goal), source))

    def fill(self, folder: Value, origin: Value, called: str = "") -> None:
        """A folder gets what only a run can list, perhaps in the place of what stood there."""
        goal = at_home(folder)
        for at in [at for at, since in self.origins.items() if _is_own(at, since) and _is_below(at, goal)]:
            self._remove(at)
        self.filled[display(goal).rstrip("/") if goal else None] = len(self.fillings)
        self.fillings.append(Filling(goal, origin, called))

    def install(self, name: str) -> None:
        """A program gets installed, and its folder comes first on the PATH."""
        self.installed[name] = len(self.fillings)
        for at in [at for at, _ in self._standing(name)]:
            self._remove(at)

    def copy(self, source: Value, goal: Value, *, whole: bool) -> None:
        """What the job has put somewhere is copied into a folder: all that stands there, or one path by its name."""
        at, into = at_home(source), at_home(goal)
        for path, origin in list(self.origins.items()) if whole else ():
            if _split(path)[0] == at:
                self._write(value(into, "/", _split(path)[1]), origin)
        if filling := self._filling(at):
            if whole or not _BIN.fullmatch(display(into)):
                self.fill(into, filling.origin, filling.called)
            if not whole:
                self.fill(value(into, "/", _split(at)[1]), filling.origin, filling.called)

    def origin(self, path: Value) -> Value | None:
        """The address that a file was fetched from, empty for one that was written here; None for any other file."""
        at = at_home(path)
        filling = None if at in self.origins else self._filling(at)
        return filling.origin if filling else self.origins.get(at)

    def own_origin(self, path: Value) -> Value | None:
        """The same of files that stand there one by one, and not of what was put there as a whole."""
        return self.origins.get(at_home(path))

    def _filling(self, at: Value) -> Filling | None:
        text = display(at)
        above: list[str | None] = [text, *(text[: each.start()] for each in re.finditer("/", text))]
        above += [] if _is_elsewhere(text) else [None]
        last = max((self.filled[each] for each in above if each in self.filled), default=None)
        return None if last is None else self.fillings[last]

    @property
    def profiled(self) -> bool:
        """Whether the job has written what a login shell reads first."""
        return any(_PROFILE.fullmatch(display(at)) for at in self.origins)

    def displaced(self, name: str, path: Callable[[], list[Value]], exists: Callable[[str], bool]) -> bool:
        """Whether a program may be another one, where the folders of the PATH are looked in, too.

        There may be many of them, and most programs are in none of what the job has written: these are asked first.
        """
        standing = [at for at, origin in self._standing(name) if not _is_own(at, origin)]
        copied = [goal for goal, source in self.folders if exists(f"{source}/{name}".removeprefix("./"))]
        brought = is_released_alone(name) and name not in _ON_EVERY_MACHINE
        if not (standing or copied or brought):
            return False
        folders = [at_home(folder) for folder in path()]
        return (
            any(_is_looked_in(at, folders) for at in standing)
            or any(_is_looked_in(value(goal, "/", name), folders) for goal in copied)
            or (brought and self._may_be_brought(name, folders))
        )

    def _may_be_brought(self, name: str, folders: list[Value]) -> bool:
        """Whether a program may be in what nobody can list, and no file that is its own release stands there."""
        if any(_is_own(at, origin) for at, origin in self._standing(name) if _is_looked_in(at, folders)):
            return False
        return any(map(is_of_somebody, folders)) or any(
            each.may_hold(name) and _is_searched(each.folder, folders)
            for each in self.fillings[self.installed.get(name, 0) :]
        )

    def is_own(self, path: Value) -> bool:
        """Whether a file was fetched from where the program of its name is released."""
        origin = self.origin(path)
        return origin is not None and _is_own(at_home(path), origin)

    def _standing(self, name: str) -> Iterator[tuple[Value, Value]]:
        return ((at, self.origins[at]) for at in self.named.get((name,), ()))


def folders_of(path: Value) -> list[Value]:
    """The folders of a `PATH`, without the machine's own."""
    folders: list[list[str | Symbol]] = [[]]
    for part in path:
        first, *others = part.split(":") if isinstance(part, str) else (part,)
        folders[-1].append(first)
        folders += ([each] for each in others)
    return [folder for parts in folders if (folder := value(*parts)) and folder != PATH]


def is_called_by_program(name: str) -> bool:
    """Whether an archive or a folder is called by the name of a program, as `helm-v3.tar.gz` is."""
    word = _WORD.match(name.lower())
    return word is not None and is_known(word[0])


def only_program_in(address: str) -> str:
    """The one program of which an address speaks; empty for none, and for several."""
    known = {word for word in _WORD.findall(address.lower()) if is_known(word)}
    return known.pop() if len(known) == 1 else ""


def is_of_somebody(folder: Value) -> bool:
    """Whether programs are looked for where neither the machine nor the job has put any, as far as is seen."""
    path = literal(folder) or ""
    named = any(map(is_called_by_program, path.split("/")[2:]))
    return bool(_OF_SOMEBODY.fullmatch(path)) and not _OF_THE_MACHINE.fullmatch(path) and not named


def at_home(path: Value) -> Value:
    """A path in which `~` stands as the variable that says the same, and a program's own where it is asked for."""
    if len(path) == 1 and isinstance(path[0], Symbol) and path[0].kind == "command":
        asked = _ASKED_FOR.fullmatch(path[0].name)
        return value(f"/usr/bin/{asked[1]}") if asked else path
    start = head(path)
    return value(_HOME, start[1:], *path[1:]) if start == "~" or start.startswith("~/") else path


@lru_cache(maxsize=1_000)
def _split(path: Value) -> tuple[Value, Value]:
    return partition(path, "/", last=True) or ((), path)


def _is_below(path: Value, folder: Value) -> bool:
    """Whether a path is a folder or lies in it; the empty one is the work tree."""
    text, above = display(path), display(folder).rstrip("/")
    if not folder:
        return not _is_elsewhere(text)
    return text == above or text.startswith(f"{above}/")


def _is_elsewhere(text: str) -> bool:
    """Whether a path, as it is shown, leads out of the work tree."""
    return text.startswith(("/", "<", ".."))


def _is_searched(folder: Value, folders: list[Value]) -> bool:
    """Whether programs are looked for in a folder or in one below it."""
    at_machine = any(_is_below((each,), folder) for each in _SEARCHED) if folder else False
    return at_machine or _BIN.fullmatch(display(folder)) is not None or any(_is_below(each, folder) for each in folders)


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
