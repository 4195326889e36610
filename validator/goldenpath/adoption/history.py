"""What git says of a repository beside its files: where it lives, its default branch, how its releases are tagged.

The repository's own configuration is read as a file and never applied (git.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.releases import DEFAULT_BRANCHES
from goldenpath.facts.sources import parse_source
from goldenpath.git import COMMITS, Git, GitError, git_directory_of, is_git_directory
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from pathlib import Path


_CHANGED = (
    "-c", "core.autocrlf=input", "diff", "--no-ext-diff", "--no-textconv", "--name-only", "-z", "HEAD",
)  # fmt: skip
"""What has changed since the last commit, but for line ends that git itself has converted when it wrote the files."""


class History(Struct, frozen=True):
    """The address of the repository, empty where none is known; its default branch; the pattern of release tags."""

    url: str
    branch: str
    tags: str


def history(top: Path) -> History:
    """Ask git about the work tree at a path. Raises InputError where there is none, or it holds uncommitted changes."""
    git_directory = git_directory_of(top)
    if git_directory is None:
        raise InputError(f"{top}: {_untracked(top)}")
    git = Git(git_directory, COMMITS)
    try:
        if not _said(git, "rev-parse", "--quiet", "--verify", "HEAD"):
            raise InputError(f"{top}: it has no commit yet; commit what is there first")
        changed = git.run(*_CHANGED, work_tree=top)
        if changed:
            first = changed.split(b"\0")[0].decode("utf-8", "backslashreplace")
            raise InputError(f"{top}: it holds uncommitted changes ({first}); commit or stash them first")
        return History(_url(git, git_directory), _branch(git), _tags(git))
    except GitError as error:
        raise InputError(f"{top}: {error}") from None
    finally:
        git.close()


def _untracked(folder: Path) -> str:
    """Why a folder is not the top of a work tree, and what to do."""
    if is_git_directory(folder):
        return "it is a bare repository; clone it, and adopt the clone"
    if top := next((each for each in folder.parents if git_directory_of(each)), None):
        return f"it is a folder of {top}; adopt that"
    return "git does not track it; `git init`, commit, and adopt it then"


def _url(git: Git, git_directory: Path) -> str:
    """Where the remote `origin` is, as an address for people."""
    for config in git_directory / "config", git_directory / "../../config":  # the second: of a linked work tree
        if address := _said(git, "config", "--no-includes", "--file", str(config), "--get", "remote.origin.url"):
            try:
                source = parse_source(re.sub(r"^(https://)[^/@]+@", r"\1", address))
            except ValueError:
                return ""
            host, path = source.repository.split("/", 1)
            plain = source.url.rstrip("/").removesuffix(".git")
            return f"https://{host.partition(':')[0]}/{plain[-len(path) :]}"  # in the letters in which it is written
    return ""


def _branch(git: Git) -> str:
    if head := _said(git, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"):
        return head.partition("/")[2]
    heads = _said(git, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split()
    current = _said(git, "symbolic-ref", "--quiet", "--short", "HEAD")
    return next((name for name in DEFAULT_BRANCHES if name in heads), current or DEFAULT_BRANCHES[0])


def _tags(git: Git) -> str:
    """Whether releases are tagged `v1.2.3` or `1.2.3`: as the newest was; empty where none was."""
    tags = _said(git, "for-each-ref", "--sort=-creatordate", "--format=%(refname:lstrip=2)", "refs/tags").split()
    newest = next((tag for tag in tags if re.fullmatch(r"v?\d+(\.\d+)+", tag)), "")
    return "" if not newest else "v*" if newest.startswith("v") else "[0-9]*"


def _said(git: Git, *arguments: str) -> str:
    try:
        return git.run(*arguments).decode("utf-8", "backslashreplace").strip()
    except GitError:
        return ""
