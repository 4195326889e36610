"""What has been written while a job ran, layer above layer, and where in its folders it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar

from goldenpath.facts.shell.script import is_stream
from goldenpath.facts.shell.status import negation, not_all
from goldenpath.facts.values import Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Piece

MAX_FOLDERS = 64
"""Most folders of a path that is found by each of them."""

Written = TypeVar("Written")


class Layers(Generic[Written]):
    """What has been written under names, one above the other, each under the conditions under which it was written."""

    def __init__(self) -> None:
        self.written: dict[object, list[tuple[frozenset[str], Written | None]]] = {}

    def write(self, name: object, what: Written | None, conditions: frozenset[str]) -> None:
        """Write, or delete (None). What surely happens hides all that was there."""
        layers = self.written.setdefault(name, [])
        if not conditions:
            layers.clear()
        layers.append((conditions, what))

    def read(self, name: object, known: frozenset[str]) -> list[tuple[Written | None, frozenset[str]]]:
        """What may stand there where these conditions hold, the last first, each with the conditions it depends on."""
        found = []
        unless: frozenset[str] = frozenset()
        for conditions, what in reversed(self.written.get(name, [])):
            if any(negation(condition) in known for condition in conditions):
                continue
            open_ = conditions - known
            found.append((what, open_ | unless))
            if not open_:
                break
            unless |= not_all(open_)
        return found


class Workspace(Layers["Piece"]):
    """What has been written into files and folders, by their paths, and which of those have to do with another path."""

    def __init__(self) -> None:
        super().__init__()
        self._order: dict[Value, int] = {}
        self._standing: dict[Value, None] = {}
        """The paths at which something may stand: all but those at which surely nothing does any more."""
        self._last: dict[Value, int] = {}
        """When each path was written last, as a number of writings."""
        self._writings = 0
        self._inside: dict[str, list[Value]] = {}
        self._anywhere: list[Value] = []
        """Paths that are only known in a run, or that lie so deep that to list the folders above costs too much."""
        self.told: dict[Value, None] = {}
        """Paths at which something may stand of which the text is known."""
        self.has_digests = False
        """Whether a digest may stand in any of the files, or a text that is known."""

    def write(self, name: object, what: Piece | None, conditions: frozenset[str]) -> None:
        """Write, under a path."""
        assert isinstance(name, tuple)  # noqa: S101 - files are written under their paths
        super().write(name, what, conditions)
        self._writings += 1
        self._last[name] = self._writings
        if what is None and not conditions:
            self._standing.pop(name, None)
        else:
            self._standing[name] = None
        if what is not None and what[0].text:
            self.told[name] = None
        self.has_digests |= what is not None and bool(what[0].text or what[0].digest)
        if name in self._order:
            return
        self._order[name] = len(self._order)
        text = literal(name)
        if is_stream(name):
            return  # which is meant by itself alone
        if text is None or text.count("/") > MAX_FOLDERS:
            self._anywhere.append(name)
        else:
            for folder in _folders(text):
                self._inside.setdefault(folder, []).append(name)

    def texts(self, known: frozenset[str]) -> dict[Value, Value]:
        """The texts of the files of which the text is known, of those that surely stand where these conditions hold."""
        found = {}
        for path in self.told:
            piece, depends_on = next(iter(self.read(path, known)), (None, frozenset[str]()))
            if piece is not None and piece[0].text and not piece[1] and not depends_on:
                found[path] = piece[0].text
        return found

    def hides(self, path: Value, folder: Value, known: frozenset[str]) -> bool:
        """Whether a file that surely stands at a path was written there after all that a folder above it may hold."""
        if path == folder or self._last.get(path, 0) <= self._last[folder]:
            return False
        return [(what is not None, depends_on) for what, depends_on in self.read(path, known)] == [(True, frozenset())]

    def near(self, pattern: Value) -> Iterable[Value]:
        """The paths, as they were written first, that may be what is meant, lie in it, or have it in them.

        Where all may be meant, these are but those at which something may stand.
        """
        if is_stream(pattern):
            return (pattern,) if pattern in self._order else ()
        text = literal(pattern)
        if not text or text == "." or "*" in text or text.count("/") > MAX_FOLDERS:
            return tuple(self._standing)
        above = (path for each in (".", text, *_folders(text)) if (path := value(each)) in self._order)
        return sorted({*above, *self._inside.get(text, ()), *self._anywhere}, key=self._order.__getitem__)


def _folders(path: str) -> Iterable[str]:
    """The folders in which a path lies."""
    return (path[: each.start()] for each in re.finditer("/", path))
