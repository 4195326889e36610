"""Facts that remember what they were made from: which files could have changed what a check says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from os.path import normpath
from typing import TYPE_CHECKING, Any

from goldenpath.facts import Facts, maker, parameters
from goldenpath.facts.regexes import regex
from goldenpath.repository import Repository

if TYPE_CHECKING:
    from goldenpath.facts.declared import Knowledge
    from goldenpath.handed_in import HandedIn
    from goldenpath.repository import Entry

_ANY = regex(r".*", re.DOTALL)


class _Noting(Mapping[str, "Entry"]):
    """The entries of a tree. Each path that is asked for is noted, found or not; who walks over them asks for all."""

    def __init__(self, entries: Mapping[str, Entry], asked: set[str], searched: set[re.Pattern[str]]) -> None:
        self._entries = entries
        self._asked = asked
        self._searched = searched

    def __getitem__(self, path: str) -> Entry:
        self._asked.add(path)
        return self._entries[path]

    def __iter__(self) -> Iterator[str]:
        self._searched.add(_ANY)
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Recorder(Repository):
    """A repository that remembers for one fact or check what it looked for in it."""

    def __init__(self, repository: Repository) -> None:
        vars(self).update(vars(repository), _sorted=sorted(repository.entries))
        self._asked: set[str] = set()
        self._searched: set[re.Pattern[str]] = set()
        self.entries = _Noting(repository.entries, self._asked, self._searched)

    def paths(self, pattern: re.Pattern[str]) -> Iterator[str]:
        """As in any repository; what the pattern would find is noted."""
        self._searched.add(pattern)
        return super().paths(pattern)

    def is_folder(self, path: str) -> bool:
        """As in any repository; what lies below is noted."""
        self._note_folder(path)
        return super().is_folder(path)

    def links(self, folder: str) -> Iterator[str]:
        """As in any repository; what lies below is noted."""
        self._note_folder(folder)
        return super().links(folder)

    def touched(self, path: str) -> bool:
        """Whether the file was looked for, read, or would have been found by a search."""
        return path in self._asked or any(pattern.fullmatch(path) for pattern in self._searched)

    def _note_folder(self, path: str) -> None:
        self._searched.add(re.compile(re.escape(self._follow(normpath(path))) + "/.*", re.DOTALL))


class Trace(Facts):
    """Facts, each of which has a recorder of its own: what it reads later, for whomever, counts for it as well."""

    def __init__(
        self, repository: Repository, handed_in: HandedIn | None = None, knowledge: Knowledge | None = None
    ) -> None:
        super().__init__(repository, handed_in, knowledge)
        self._recorders: dict[Callable[..., Any], Recorder] = {}

    def arguments(self, function: Callable[..., Any], **known: object) -> dict[str, Any]:
        """As any facts give them, but each function looks at the repository through its own recorder."""
        recorder = self._recorders.get(function) or Recorder(self["repository"])
        self._recorders[function] = recorder
        return super().arguments(function, repository=recorder, **known)

    def touches(self, function: Callable[..., Any], path: str) -> bool:
        """Whether a file can change what a fact or check finds, by itself or by the facts that it is made from."""
        if function not in self._recorders:
            return False
        made = [name for name in parameters(function) if name in self._known and name not in self._given]
        return self._recorders[function].touched(path) or any(self.touches(maker(name), path) for name in made)
