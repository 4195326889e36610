"""Rust: Cargo.toml, and the Cargo.lock beside it or at the root of its workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goldenpath.facts.dependencies.files import ancestors, join, normal, packages_of, table, toml
from goldenpath.facts.dependencies.model import Differences, Lock, Project, Requirement
from goldenpath.facts.nodes import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.dependencies.model import Index
    from goldenpath.repository import Repository

_GROUPS = ("dependencies", "dev-dependencies", "build-dependencies")


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each Cargo.toml."""
    locks: dict[str, Lock | Malformed] = {}
    shared = _Workspaces(repository)
    for path in paths:
        differences = Differences()
        requirements: list[Requirement] = []
        found: Lock | None = None
        try:
            data, index = toml(repository, path)
            requirements = list(_requirements(data, index, shared.of(path.rpartition("/")[0])))
            name = normal(str(table(data, "package").get("name", "")))
            found = _lock(repository, path.rpartition("/")[0], name, locks)
        except Malformed as error:
            differences.unsure(error.place, str(error))
        if not differences.unseen:
            differences.compare(requirements, [found] if found else [], "cargo", "there is no Cargo.lock that holds it")
        locked = [found.path] if found else ()
        yield differences.project("cargo", path, len(requirements), locked, requirements)


def _lock(repository: Repository, folder: str, name: str, read: dict[str, Lock | Malformed]) -> Lock | None:
    """The lock beside a crate, or the nearest above that holds the crate. Raises Malformed."""
    for above in ancestors(folder):
        path = join(above, "Cargo.lock")
        if path not in repository:
            continue
        if path not in read:
            try:
                read[path] = packages_of(repository, path)
            except Malformed as error:
                read[path] = error
        lock = read[path]
        if isinstance(lock, Malformed):
            raise lock
        if above == folder or name in lock.packages:
            return lock
    return None


class _Workspaces:
    """What the roots of workspaces say of the dependencies that their members share, each read once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._read: dict[str, dict[str, Any]] = {}

    def of(self, folder: str) -> dict[str, Any]:
        """The shared dependencies of the nearest workspace around a folder."""
        return next((found for above in ancestors(folder) if (found := self._in(join(above, "Cargo.toml")))), {})

    def _in(self, path: str) -> dict[str, Any]:
        if path not in self._read:
            try:
                data = toml(self._repository, path)[0] if path in self._repository else {}
            except Malformed:
                data = {}  # it is a project of its own, which says so
            self._read[path] = table(data, "workspace", "dependencies")
        return self._read[path]


def _requirements(data: dict[str, Any], index: Index, shared: dict[str, Any]) -> Iterator[Requirement]:
    tables = [data, *(target for target in table(data, "target").values() if isinstance(target, dict))]
    for each in tables:
        for group in _GROUPS:
            for name, about in table(each, group).items():
                inherited = isinstance(about, dict) and about.get("workspace") is True
                asked = shared.get(name, "") if inherited else about
                yield from _requirement(name, asked, index, runtime=group == "dependencies")


def _requirement(name: str, about: object, index: Index, *, runtime: bool) -> Iterator[Requirement]:
    """A dependency as it is written: a range or a table, which may name it otherwise; not one of this repository."""
    written: dict[str, Any] = about if isinstance(about, dict) else {"version": about}
    wanted, real = written.get("version", ""), written.get("package", name)
    if "path" not in written and isinstance(wanted, str) and isinstance(real, str):
        yield Requirement(normal(real), wanted, index.place(name), runtime=runtime)
