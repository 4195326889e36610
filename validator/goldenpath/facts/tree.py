"""The files of a repository, as the commands of its pipelines find them."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.facts.pipeline.called import Made
    from goldenpath.facts.shell import Script, Unfollowable
    from goldenpath.facts.values import Value
    from goldenpath.repository import Repository

MAX_HELD = 4_000_000
"""Most characters of files that are kept, for those that are read again and again: Makefiles, scripts."""

MAX_READ = 300
"""Most files whose texts are looked through for one thing."""

_NAME = regex(r"[A-Za-z_]\w*")

MAX_COMMANDS = 60_000
"""Most commands of scripts that lead to others, in all pipelines together."""


class Tree:
    """The files that commands read and run; `commands_left` is how many of these may still be followed.

    `followed` has what scripts that lead to files come to, with the variables on which that depends, `makes` the same
    of calls of make.
    """

    def __init__(self, repository: Repository) -> None:
        self.followed: dict[object, list[tuple[frozenset[str], dict[str, Value], Script | Unfollowable]]] = {}
        self.makes: dict[object, list[Made]] = {}
        self.commands_left = MAX_COMMANDS
        self._repository = repository
        self._texts: dict[str, str | None] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._has: dict[tuple[str, ...], bool] = {}
        self._room = MAX_HELD

    def text(self, path: str) -> str | None:
        """The text of a file; None where it is not there or cannot be read."""
        if path not in self._texts:
            text = self._read(path)
            if self._room < len(text or ""):
                return text
            self._room -= len(text or "")
            self._texts[path] = text
        return self._texts[path]

    def names(self, path: str) -> frozenset[str]:
        """The words of a file that could be the names of variables."""
        if path not in self._names:
            names = frozenset(_NAME.findall(self.text(path) or ""))
            if path not in self._texts:
                return names
            self._names[path] = names
        return self._names[path]

    def _read(self, path: str) -> str | None:
        try:
            return self._repository.text(path)
        except (Missing, Unreadable):
            return None

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder of that path."""
        return path in self._repository or self._repository.is_folder(path)

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder of that path."""
        return self._repository.is_folder(path)

    def is_file(self, path: str) -> bool:
        """Whether there is a file of that path."""
        return path in self._repository

    def find(self, pattern: str) -> list[str]:
        """The files and folders that fit a pattern of the shell, in order."""
        return list(dict.fromkeys(found for found, _ in self.taken(pattern)))

    def taken(self, pattern: str) -> Iterator[tuple[str, str]]:
        """The files that fit a pattern of the shell, or lie in a folder that does, each behind what fits, in order."""
        if _SIGNS.keys().isdisjoint(pattern):
            return ((pattern, path) for path in self._repository.within(pattern))
        fitting = re.compile(f"({_glob(pattern)})(/.*)?", re.DOTALL)
        return ((match[1], path) for path in self._repository.paths(fitting) if (match := fitting.fullmatch(path)))

    def fitting(self, pattern: re.Pattern[str]) -> Iterator[str]:
        """The files whose whole path matches."""
        return self._repository.paths(pattern)

    def has(self, pattern: str, within: str = "") -> bool:
        """Whether the whole path of any file, or of any within a folder, matches a regular expression."""
        if (pattern, within) not in self._has:
            fitting = self.fitting(re.compile(pattern))
            self._has[pattern, within] = any(path.startswith(within and f"{within}/") for path in fitting)
        return self._has[pattern, within]

    def says(self, pattern: str, among: str, within: str) -> bool:
        """Whether the text of any file that matches, of those within a folder, has a place that fits, as far as known.

        A file that cannot be read may have one, and so may one of too many.
        """
        asked = (pattern, among, within)
        if asked not in self._has:
            paths = (path for path in self.fitting(re.compile(among)) if path.startswith(within and f"{within}/"))
            texts = (self._read(path) for path in islice(paths, MAX_READ + 1))
            fits = re.compile(pattern).search
            self._has[asked] = any(at == MAX_READ or text is None or fits(text) for at, text in enumerate(texts))
        return self._has[asked]

    def named(self, name: str) -> list[str]:
        """The files of that name, in whatever folder."""
        return [path for path in self._by_name.get(name, ()) if path in self._repository]

    def part(self, stands: Callable[[str], bool]) -> Tree:
        """The files of it that stand where something is run."""
        return _Part(self._repository, stands)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self._repository.entries):
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found


class _Part(Tree):
    """Some of the files of a repository."""

    def __init__(self, repository: Repository, stands: Callable[[str], bool]) -> None:
        super().__init__(repository)
        self._stands = stands

    def _read(self, path: str) -> str | None:
        return super()._read(path) if self._stands(path) else None

    def exists(self, path: str) -> bool:
        return self.is_file(path) or any(self.taken(path))

    def is_folder(self, path: str) -> bool:
        return super().is_folder(path) and any(self.taken(path))

    def is_file(self, path: str) -> bool:
        return super().is_file(path) and self._stands(path)

    def taken(self, pattern: str) -> Iterator[tuple[str, str]]:
        return ((found, path) for found, path in super().taken(pattern) if self._stands(path))

    def fitting(self, pattern: re.Pattern[str]) -> Iterator[str]:
        return filter(self._stands, super().fitting(pattern))

    def named(self, name: str) -> list[str]:
        return list(filter(self._stands, super().named(name)))


_SIGNS = {"*": "[^/]*", "?": "[^/]"}
"""What stands for others in a pattern of the shell, as a regular expression."""


def _glob(pattern: str) -> str:
    """A pattern of the shell as a regular expression: no sign but `/` itself fits a `/`, `*` no hidden file."""
    names = ("".join(_SIGNS.get(sign, re.escape(sign)) for sign in name) for name in pattern.split("/"))
    return "/".join(f"(?!\\.){name}" if name[:3] == "[^/" else name for name in names)
