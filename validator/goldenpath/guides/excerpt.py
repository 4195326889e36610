"""The part of a rendered file that counts for a check: the lines that it gives as its evidence, and what holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.repository import MAX_BYTES, Entry, Missing, Repository, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class _Rendered(Source):
    """Files that are only in memory, as the source of a repository."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def content(self, path: str, entry: Entry, limit: int = MAX_BYTES) -> bytes:  # noqa: ARG002 - a source's shape
        return self._files[path].encode()

    def target(self, path: str, entry: Entry) -> str:  # noqa: ARG002
        raise Missing(path)

    def exists(self, path: str) -> bool:
        return path in self._files

    def stray(self, path: str) -> bool:  # noqa: ARG002
        return False

    def close(self) -> None:
        """Nothing is held open."""


def in_memory(files: Mapping[str, str]) -> Repository:
    """A repository of rendered files, for checks to judge."""
    return Repository("(rendered)", {path: Entry("100644") for path in files}, _Rendered(files))


def excerpt(text: str, wanted: Iterable[int]) -> str:
    """Of a YAML text these lines (from 1), whole items of lists where they stand in one, and the keys above them."""
    lines = text.splitlines()
    kept: set[int] = set()
    for number in wanted:
        first = last = number - 1
        while _depth(lines[first]) and not lines[first].lstrip().startswith("- ") and _is_in_item(lines, first):
            first -= 1
        while last + 1 < len(lines) and _depth(lines[last + 1]) > _depth(lines[first]):
            last += 1
        kept.update(range(first, last + 1), _above(lines, first))
    return "".join(f"{lines[number]}\n" for number in sorted(kept))


def _is_in_item(lines: list[str], number: int) -> bool:
    """Whether the keys beside this line belong to an item of a list."""
    for above in range(number - 1, -1, -1):
        if _depth(lines[above]) < _depth(lines[number]):
            return lines[above].lstrip().startswith("- ")
    return False


def _above(lines: list[str], number: int) -> Iterable[int]:
    """The lines of the keys that a line stands below."""
    depth = _depth(lines[number])
    for above in range(number - 1, -1, -1):
        if _depth(lines[above]) < depth:
            depth = _depth(lines[above])
            yield above


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
