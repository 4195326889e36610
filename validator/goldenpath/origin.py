"""Which commit of which repository was judged, when it was made, and whether files differ from it.

Of git's own configuration one line is believed: where the clone was made from.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.sources import parse_source
from goldenpath.git import COMMITS, Git, GitError, git_directory_of, is_git_directory, remote

if TYPE_CHECKING:
    from goldenpath.scorecard import Judged


class Origin(Struct, frozen=True):
    """What was judged. `clean` is false where files differed from the commit, which is null without git.

    `repository` is the same for every clone: the address that it was made from, else its first commit; null where
    neither is known. `begun` is when that commit was made, `committed` when this one was, `tags` what names it.
    """

    name: str
    location: str
    commit: str | None = None
    clean: bool = False
    begun: datetime | None = None
    committed: datetime | None = None
    tags: tuple[str, ...] = ()
    repository: str | None = None

    @property
    def identity(self) -> str:
        """What tells the repository from all others."""
        return self.repository or self.location


def origin_of(judged: Judged) -> Origin:
    """What was judged, for those who keep or attest the verdict."""
    location = Path(judged.location)
    name = location.name.removesuffix(".git") or str(location)
    found = next(filter(None, map(_git_directory, (location, *location.parents))), None)
    plain = Origin(name, judged.location, judged.commit, clean=judged.commit is not None)
    if found is None:
        return plain
    git_directory, top = found
    git = Git(git_directory, COMMITS)
    try:
        commit = judged.commit or git.commit("HEAD")
        clean = bool(judged.commit) or not _changes(git, top)
        origin = _dated(replace(plain, commit=commit, clean=clean), commit, git)
        return replace(origin, repository=_address(git_directory) or origin.repository)
    except GitError:  # no commit yet
        return plain
    finally:
        git.close()


def _dated(origin: Origin, commit: str, git: Git) -> Origin:
    """The origin with what history tells of it: nothing, where it is not all here."""
    try:
        roots = _words(git, "rev-list", "--max-parents=0", "--no-commit-header", "--format=%ct %H", commit)
        begun = dict(zip(roots[1::2], map(_time, roots[::2]), strict=True))
        (committed,) = _words(git, "rev-list", "--max-count=1", "--no-commit-header", "--format=%ct", commit)
        tags = _words(git, "for-each-ref", f"--points-at={commit}", "--format=%(refname:lstrip=2)", "refs/tags")
        first = min(begun, key=lambda root: (begun[root], root))
        return replace(
            origin, begun=begun[first], committed=_time(committed), tags=tuple(sorted(tags)), repository=first
        )
    except (GitError, ValueError):
        return origin


def _address(git_directory: Path) -> str | None:
    """The address that a clone was made from, however it was spelled; None where no other machine would know it."""
    found = remote(git_directory, "origin")
    try:
        return parse_source(re.sub(r"(?<=://)[^/@]*@", "", found)).repository if found else None
    except ValueError:
        return None


def _git_directory(folder: Path) -> tuple[Path, Path] | None:
    """The git directory that a folder is, or is the work tree of."""
    if is_git_directory(folder):
        return folder, folder
    found = git_directory_of(folder)
    return (found, folder) if found else None


def _changes(git: Git, top: Path) -> bool:
    return bool(git.run("diff", "--no-ext-diff", "--no-textconv", "--name-only", "-z", "HEAD", work_tree=top))


def _words(git: Git, *arguments: str) -> list[str]:
    return git.run(*arguments).decode("utf-8", "backslashreplace").split()


def _time(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
