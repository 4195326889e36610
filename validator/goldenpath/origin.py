"""Which commit was judged, when it was made, and whether files differ from it; git's own configuration is not read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.git import COMMITS, Git, GitError, git_directory_of, is_git_directory

if TYPE_CHECKING:
    from goldenpath.scorecard import Judged


class Origin(Struct, frozen=True):
    """What was judged. `clean` is false where files differed from the commit, which is null without git.

    `begun` is when the repository's first commit was made, `committed` when this one was, `tags` what names it.
    """

    name: str
    location: str
    commit: str | None = None
    clean: bool = False
    begun: datetime | None = None
    committed: datetime | None = None
    tags: tuple[str, ...] = ()


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
        return _dated(replace(plain, commit=commit, clean=clean), commit, git)
    except GitError:  # no commit yet
        return plain
    finally:
        git.close()


def _dated(origin: Origin, commit: str, git: Git) -> Origin:
    """The origin with what history tells of it: nothing, where it is not all here."""
    try:
        begun = [_time(line) for line in _lines(git, "rev-list", "--max-parents=0", "--no-commit-header", commit)]
        (committed,) = _lines(git, "rev-list", "--max-count=1", "--no-commit-header", commit)
        tags = _words(git, "for-each-ref", f"--points-at={commit}", "--format=%(refname:lstrip=2)", "refs/tags")
        return replace(origin, begun=min(begun), committed=_time(committed), tags=tuple(sorted(tags)))
    except (GitError, ValueError):
        return origin


def _git_directory(folder: Path) -> tuple[Path, Path] | None:
    """The git directory that a folder is, or is the work tree of."""
    if is_git_directory(folder):
        return folder, folder
    found = git_directory_of(folder)
    return (found, folder) if found else None


def _changes(git: Git, top: Path) -> bool:
    return bool(git.run("diff", "--no-ext-diff", "--no-textconv", "--name-only", "-z", "HEAD", work_tree=top))


def _lines(git: Git, command: str, *arguments: str) -> list[str]:
    return _words(git, command, "--format=%ct", *arguments)


def _words(git: Git, *arguments: str) -> list[str]:
    return git.run(*arguments).decode("utf-8", "backslashreplace").split()


def _time(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
