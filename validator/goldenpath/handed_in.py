"""What is handed in beside the repository that is judged.

`--source owner/name@ref=PATH` is another repository at a ref, `--entity FILE` has entities as the catalog of a portal
has them. Whoever judges hands them in on the command line. Neither a repository nor a contract can: a path of this
machine would mean something else on the next one, and what is judged must not choose by what it is judged.
"""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath import git
from goldenpath.repository import InputError, Repository, Unreadable, as_text, open_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ANY = "*"
"""What stands for the ref where every ref is meant; no ref of git has such a name."""

MAX_ENTITIES = 8 << 20
"""Largest file of entities, in bytes."""

_SOURCE = re.compile(r"(?P<name>[\w.-]+(?:/[\w.-]+)+)(?:@(?P<ref>[^=]+))?=(?P<path>.+)", re.ASCII | re.DOTALL)


class Source(Struct, frozen=True):
    """Another repository. `ref` is the one that it was handed in for, empty where it stands for every ref."""

    name: str
    ref: str
    repository: Repository

    @property
    def label(self) -> str:
        """What its files are named by in reports."""
        return f"{self.name}@{self.ref or ANY}"

    def is_for(self, repository: str, ref: str) -> bool:
        """Whether this is that repository at that ref; names compare without case, as on GitHub."""
        return self.is_of(repository) and (not self.ref or ref in {self.ref, self.repository.commit})

    def is_of(self, repository: str) -> bool:
        """Whether this is that repository, at whatever ref."""
        return repository.lower() == self.name.lower()


class Lent(Struct, frozen=True):
    """A file with entities, YAML or JSON; `name` is how the user has named it."""

    name: str
    text: str


class HandedIn(Struct, frozen=True):
    """All that was handed in."""

    sources: tuple[Source, ...] = ()
    entities: tuple[Lent, ...] = ()


@contextmanager
def handed_in(sources: Sequence[str], entities: Sequence[str]) -> Iterator[HandedIn]:
    """Open what the options name, until it is no longer needed. Raises InputError where it cannot be had."""
    found: dict[tuple[str, str], Source] = {}
    with ExitStack() as opened:
        for text in sources:
            source = _open(text)
            opened.enter_context(source.repository)
            if (source.name.lower(), source.ref) in found:
                raise InputError(f"--source {source.label} is there twice; hand in each repository once for each ref")
            found[source.name.lower(), source.ref] = source
        yield HandedIn(tuple(found.values()), tuple(map(_lent, entities)))


def _open(text: str) -> Source:
    """Open what `--source` names: a git repository at its ref, a directory as it stands."""
    match = _SOURCE.fullmatch(text)
    if match is None:
        form = "write owner/name@ref=PATH, or owner/name=PATH where every ref of it is meant"
        raise InputError(f"--source {text}: {form}")
    name, ref, path = match["name"], (match["ref"] or ANY).replace(ANY, ""), Path(match["path"])
    try:
        return Source(name, ref, open_repository(path, ref if ref and _is_git(path) else None))
    except InputError as error:
        raise InputError(f"--source {text.partition('=')[0]}: {error}") from None


def _lent(name: str) -> Lent:
    """Read what `--entity` names; `-` is standard input."""
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(MAX_ENTITIES + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(MAX_ENTITIES + 1)
        if len(raw) > MAX_ENTITIES:
            raise InputError(f"--entity {name}: it is larger than {MAX_ENTITIES:,} bytes")
        return Lent("stdin" if name == "-" else name, as_text(raw))
    except OSError as error:
        raise InputError(f"--entity {name}: it cannot be read ({error.strerror})") from None
    except Unreadable as error:
        raise InputError(f"--entity {name}: {error}") from None


def _is_git(path: Path) -> bool:
    """Whether a git repository stands at that very path: a folder inside of one has no refs of its own."""
    try:
        return git.git_directory_of(path.resolve()) is not None or git.is_git_directory(path)
    except OSError as error:
        raise InputError(f"{path}: it cannot be read ({error.strerror})") from None
