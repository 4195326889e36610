"""A project's dependencies: what its manifest asks for, what its locks hold, and where the two differ."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dependencies.ranges import allows
from goldenpath.facts.findings import Finding, shown
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.dependencies.ranges import Dialect

MOST = 20
"""As many differences of a project are written down; the first is the one to mend."""


class Requirement(Struct, frozen=True):
    """What a manifest asks for: a name as its ecosystem compares names, a range (empty: any version), and where.

    `optional` is what a lock may lack that is there: an extra for users, what its marker keeps from some platforms;
    `runtime` is what comes along to production: not what is for tests and tools, or for those who ask for an extra.
    """

    name: str
    wanted: str
    place: Place
    optional: bool = False
    runtime: bool = True

    @property
    def text(self) -> str:
        """The requirement for a sentence."""
        between = "" if not self.wanted or self.wanted[0] in "<>=!~^" else " "
        return shown(f"{self.name}{between}{self.wanted}")


class Lock(Struct, frozen=True):
    """A lock file: the versions that it holds of each package, none where what it holds has no version."""

    path: str
    packages: dict[str, list[str]]


class Project(Struct, frozen=True):
    """What has dependencies of its own, known by its manifest.

    `runtime` are those that it asks for in production. `gaps` are dependencies that no lock holds, or not as the
    manifest wants them; `unseen` says what cannot be told. `within` are the folders of builds that name it as theirs.
    `names` has what bots would renew of all that, where every name is read.
    """

    ecosystem: str
    manifest: str
    requirements: int
    runtime: tuple[Requirement, ...] = ()
    locks: tuple[str, ...] = ()
    gaps: tuple[Finding, ...] = ()
    unseen: tuple[Finding, ...] = ()
    within: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    @property
    def folder(self) -> str:
        """Where it stands; empty for the root."""
        return self.manifest.rpartition("/")[0]


class Differences:
    """The differences between a manifest and its locks, collected up to MOST."""

    def __init__(self) -> None:
        self.gaps: list[Finding] = []
        self.unseen: list[Finding] = []
        self.lacks_a_lock = False
        """Whether a lock could not be read, in which anything may stand."""

    def gap(self, place: Place, text: str) -> None:
        """Something is not locked."""
        if len(self.gaps) < MOST:
            self.gaps.append(Finding(place, text))

    def unsure(self, place: Place, text: str) -> None:
        """It cannot be told whether something is locked."""
        if len(self.unseen) < MOST:
            self.unseen.append(Finding(place, text))

    def compare(self, requirements: Iterable[Requirement], locks: list[Lock], dialect: Dialect, lacking: str) -> None:
        """Look up each requirement; `lacking` says what a project without any lock should have."""
        names = " or ".join(lock.path.rpartition("/")[2] for lock in locks[:3])
        for each in requirements:
            holding = [lock for lock in locks if each.name in lock.packages]
            for lock in holding:
                self.version(each, lock.packages[each.name], lock.path, dialect)
            if not holding and self.lacks_a_lock:
                continue
            if not holding and not (locks and each.optional):  # no lock holds nothing, for any platform
                self.gap(each.place, f"{each.text} is not in {names}" if locks else f"{each.text}: {lacking}")

    def version(self, requirement: Requirement, versions: list[str], path: str, dialect: Dialect) -> None:
        """Whether one of these versions in a lock is what is wanted."""
        verdicts = [allows(requirement.wanted, version, dialect) for version in versions]
        if not versions or True in verdicts:
            return
        text = f"{requirement.text} is locked at {', '.join(versions[:3])} in {path}"
        if None in verdicts:
            self.unsure(requirement.place, f"{text}, and goldenpath cannot tell whether that fits")
        else:
            self.gap(requirement.place, text)

    def project(
        self,
        ecosystem: str,
        manifest: str,
        count: int,
        locks: Iterable[str],
        asked: Iterable[Requirement],
        within: Iterable[str] = (),
    ) -> Project:
        """The project whose differences these are; `count` is of all that it asks for, `asked` has what is known."""
        asked = tuple(asked)
        runtime = tuple(each for each in asked if each.runtime)
        gaps, unseen = tuple(self.gaps), tuple(self.unseen)
        whole = len(asked) >= count and not unseen
        names = frozenset(each.name for each in (runtime if ecosystem == "go" else asked) if whole)
        return Project(ecosystem, manifest, count, runtime, tuple(locks), gaps, unseen, tuple(within), names)


class Index:
    """Where the strings and keys of a file first stand, found in one pass when the first is asked for."""

    def __init__(self, path: str, text: str, pattern: re.Pattern[str]) -> None:
        self._path = path
        self._text = text
        self._pattern = pattern
        self._first: dict[str, int] | None = None
        self._lines: list[int] = []

    def place(self, text: str) -> Place:
        """The place of a text; the whole file when it is not written there as it is read."""
        if self._first is None:
            self._first = {}
            for match in self._pattern.finditer(self._text):
                self._first.setdefault(match[match.lastindex or 0], match.start(match.lastindex or 0))
            self._lines = [0, *(match.end() for match in re.finditer("\n", self._text))]
        offset = self._first.get(text)
        if offset is None:
            return Place(self._path)
        line = bisect_right(self._lines, offset)
        return Place(self._path, line, offset - self._lines[line - 1] + 1)
