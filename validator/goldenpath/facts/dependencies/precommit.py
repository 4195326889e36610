"""pre-commit: which commit of each hook runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.dependencies.model import Differences, Project
from goldenpath.facts.findings import shown
from goldenpath.facts.nodes import Malformed, Mapping, listed, read_one
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_NO_REPOSITORIES = frozenset({"local", "meta", "builtin"})
_BRANCH = regex(r"main|master|HEAD|trunk|develop|dev|stable|latest|next")


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each configuration."""
    for path in paths:
        differences = Differences()
        try:
            root = read_one(repository, path)
        except Malformed as error:
            differences.unsure(error.place, str(error))
            root = None
        hooks = listed(root.get("repos")) if root is not None else []
        for hook in hooks:
            _compare(hook, differences)
        yield differences.project("precommit", path, len(hooks), (), ())


def _compare(repo: Mapping, differences: Differences) -> None:
    """A repository of hooks has to be named in a way that does not move.

    What a hook installs besides is for a developer's machine, and no dependency of what is built.
    """
    name, rev = repo.text("repo") or "", repo.text("rev")
    if name not in _NO_REPOSITORIES and rev is None:
        differences.gap(repo.place, f"{shown(name)} has no `rev`")
    elif rev is not None and _BRANCH.fullmatch(rev):
        differences.gap(repo.keys["rev"].place, f"{shown(name)} is at the branch {shown(rev)}, which moves")
