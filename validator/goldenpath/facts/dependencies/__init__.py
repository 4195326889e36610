"""The projects of a repository that have dependencies, and whether their locks hold what their manifests ask for."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.dependencies.files import ancestors, join
from goldenpath.facts.dependencies.model import Project
from goldenpath.facts.findings import Finding
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of, read_table
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.workflows import Workflows
    from goldenpath.repository import Repository

MAX_MANIFESTS = 1_000
"""Most manifests that are read. Large monorepos have some hundreds; beyond it nothing is concluded."""

_MANIFESTS = regex(
    r"(?:.*/)?(?:(?P<python>pyproject\.toml|Pipfile|setup\.cfg|setup\.py|[^/]*requirements[^/]*\.(?:txt|in)"
    r"|requirements/[^/]+\.(?:txt|in)|tox\.ini|tox\.toml|noxfile\.py)|(?P<precommit>\.pre-commit-config\.ya?ml)|(?P<node>package\.json)|(?P<go>go\.mod)|(?P<cargo>Cargo\.toml)"
    r"|(?P<maven>pom\.xml)|(?P<gradle>build\.gradle(?:\.kts)?)|(?P<bundler>Gemfile|[^/]+\.gemspec)"
    r"|(?P<composer>composer\.json)"
    r"|(?P<nuget>[^/]+\.(?:cs|fs|vb)proj)|(?P<terraform>[^/]+\.(?:tf|tofu)))"
)
"""The manifests that are read, by ecosystem; its module is imported when there is one."""


_BESIDE = frozenset({"terraform", "precommit"})
"""What no release holds comes last, where the first that is amiss is told."""

_GO_WORK = "go.work"


class Ecosystem(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of ecosystems.yaml: its title, its manifests where they are not read here, and its names elsewhere.

    A manifest in which nothing fits `asks` asks for nothing; without `locks` nobody asks what locks it. Without a file
    called `lock` in its folder or above surely nothing does.
    """

    title: str
    dependabot: tuple[str, ...]
    renovate: tuple[str, ...]
    manifests: str = ""
    asks: str = ""
    lock: str = ""
    locks: bool = True


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    ignored_folders: tuple[str, ...]
    test_folders: tuple[str, ...]
    templating: tuple[str, ...]
    ecosystems: dict[str, Ecosystem]


class Knowledge(Struct, frozen=True):
    """The table, ready for use; `foreign` are those of the `ignored` files that are so whatever names them."""

    ignored: re.Pattern[str]
    foreign: re.Pattern[str]
    ecosystems: dict[str, Ecosystem]
    unread: re.Pattern[str]


@cache
def knowledge() -> Knowledge:
    """What is known about ecosystems, and about folders whose manifests are somebody else's."""
    table = read_table("ecosystems", _Table)
    folders, tests, signs = map("|".join, (table.ignored_folders, table.test_folders, table.templating))
    ignored = re.compile(f"(?:.*/)?(?i:(?:{folders})|(?:{tests})/[^/]+)/.*|.*(?:{signs}).*")
    foreign = re.compile(f"(?:.*/)?(?i:{folders})/.*|.*(?:{signs}).*")
    return Knowledge(
        ignored, foreign, table.ecosystems, one_of(row.manifests for row in table.ecosystems.values() if row.manifests)
    )


class Dependencies(Struct, frozen=True):
    """All projects that ask for something, those whose manifests are not understood included."""

    projects: tuple[Project, ...]
    too_many: int = 0


def dependencies(repository: Repository, workflows: Workflows) -> Dependencies:
    """Read the manifests and locks that are this repository's own."""
    found: dict[str, list[str]] = {}
    for path in (*own(repository, _MANIFESTS), *_of_workflows(repository, workflows)):
        match = _MANIFESTS.fullmatch(path)
        found.setdefault(str(match and match.lastgroup), []).append(path)
    if _GO_WORK in repository:
        found["go"] = list(dict.fromkeys([*found.get("go", []), *_of_workspace(repository)]))
    count = sum(len(paths) for name, paths in found.items() if knowledge().ecosystems[name].locks)
    if count > MAX_MANIFESTS:
        return Dependencies((), count)
    projects = [
        project
        for name, paths in sorted(found.items(), key=lambda each: each[0] in _BESIDE)
        for project in import_module(f"{__name__}.{name}").projects(repository, paths)
        if project.requirements or project.locks or project.unseen
    ]
    return Dependencies((*projects, *_foreign(repository)))


def own(repository: Repository, pattern: re.Pattern[str]) -> Iterator[str]:
    """The files of a pattern that are this repository's own: no samples, fixtures or templates, nothing vendored."""
    ignored = knowledge().ignored
    return (path for path in repository.paths(pattern) if not ignored.fullmatch(path))


def _of_workspace(repository: Repository) -> Iterator[str]:
    """The modules of Go's workspace: those among the tests, too, for nobody names there what is made up for a test."""
    from goldenpath.facts.dependencies.go import members

    return (path for path in members(repository, _GO_WORK) if not knowledge().foreign.fullmatch(path))


def _of_workflows(repository: Repository, workflows: Workflows) -> list[str]:
    """The manifests among the tests by which the workflows work, or in whose folders: they are made up for no test."""
    known = knowledge()
    among = (path for path in repository.paths(_MANIFESTS) if known.ignored.fullmatch(path))
    tests = [path for path in among if not known.foreign.fullmatch(path)]
    if not tests:
        return []
    from goldenpath.facts.dependencies.named import folders

    named = folders(workflows)
    return [path for path in tests if not named.isdisjoint({path, path.rpartition("/")[0]})]


def _foreign(repository: Repository) -> Iterator[Project]:
    rows = [(regex(row.manifests), name) for name, row in knowledge().ecosystems.items() if row.manifests]
    for path in own(repository, knowledge().unread):
        row = knowledge().ecosystems[name := next(name for pattern, name in rows if pattern.fullmatch(path))]
        if row.asks and not _asks(repository, path, row.asks):
            continue
        folders = ancestors(path.rpartition("/")[0])
        if row.lock and not any(join(folder, row.lock) in repository for folder in folders):
            yield Project(
                name, path, 0, gaps=(Finding(Place(path), f"there is no {row.lock} that holds what it asks for"),)
            )
        else:
            why = f"manifests and locks of {row.title} are not read yet"
            yield Project(name, path, 0, unseen=(Finding(Place(path), why),))


def _asks(repository: Repository, path: str, asks: str) -> bool:
    """Whether a manifest may ask for something, by the words with which its ecosystem asks."""
    try:
        return regex(asks).search(repository.text(path)) is not None
    except (Missing, Unreadable):
        return True
