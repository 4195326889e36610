"""What a bot covers, what nobody sees that one may cover, and what is found of all of them."""

from __future__ import annotations

import re  # noqa: TC003 - msgspec reads the annotations

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.repository import Place  # noqa: TC001 - msgspec reads the annotations


class Coverage(Struct, frozen=True):
    """What a bot looks after: an ecosystem by our name (empty: every one) in folders or files (None: everywhere).

    `read` are the files that alone it reads of its own accord, where it is told to look after a part of an ecosystem
    (`part` says which); whether it is told of others is not followed. `left_out` are those that what was turned off
    would have read. `excluded` are files that it is told to leave alone, as seen from each of its folders.
    `for_development` leaves alone what comes along to production. `names` fits the dependencies that it looks after,
    where some are left out by their names. `entry` is what Dependabot itself calls the ecosystem.
    """

    bot: str
    ecosystem: str
    place: Place
    folders: re.Pattern[str] | None = None
    files: re.Pattern[str] | None = None
    except_ecosystems: frozenset[str] = frozenset()
    read: frozenset[str] | None = None
    part: str = ""
    left_out: frozenset[str] = frozenset()
    excluded: re.Pattern[str] | None = None
    for_development: bool = False
    names: re.Pattern[str] | None = None
    entry: str = ""

    def leaves_alone(self, names: frozenset[str]) -> bool:
        """Whether it is told by their names to leave alone all of these dependencies; nobody knows of none."""
        return self.names is not None and bool(names) and not any(map(self.names.fullmatch, names))

    def covers_of(self, ecosystem: str) -> bool:
        """Whether it looks after any file of an ecosystem."""
        return self.ecosystem in {"", ecosystem} and ecosystem not in self.except_ecosystems

    def covers(self, ecosystem: str, path: str, folders: tuple[str, ...]) -> bool:
        """Whether it looks after a file of an ecosystem, which a bot may find in one of these folders."""
        if not self.covers_of(ecosystem):
            return False
        if self.files is not None and not self.files.fullmatch(path):
            return False
        if self.read is not None and path not in self.read:
            return False
        return self.folders is None or any(
            self.folders.fullmatch(folder) and not self._excludes(path.removeprefix(folder)) for folder in folders
        )

    def _excludes(self, path: str) -> bool:
        return self.excluded is not None and self.excluded.fullmatch(path) is not None


class Unseen(Finding, frozen=True):
    """A bot of which nobody sees here what it covers: surely nothing but these `ecosystems` and `files`, if any."""

    ecosystems: tuple[str, ...] = ()
    files: re.Pattern[str] | None = None

    def may_cover(self, ecosystem: str, path: str) -> bool:
        """Whether it may look after a file of an ecosystem."""
        of_it = not self.ecosystems or ecosystem in self.ecosystems
        return of_it and (self.files is None or self.files.fullmatch(path) is not None)


class Found:
    """What is found of the bots so far; `presets` are those elsewhere that the contract tells of."""

    def __init__(self, presets: tuple[str, ...]) -> None:
        self.presets = presets
        self.coverage: list[Coverage] = []
        self.problems: list[Finding] = []
        self.unseen: list[Unseen] = []
        self.custom: list[Finding] = []
