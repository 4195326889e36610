"""Node.js: package.json, and the locks of npm, pnpm, Yarn and Bun, those of workspaces included."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from goldenpath.facts.dependencies.files import ancestors, join, json, table, text_of, texts
from goldenpath.facts.dependencies.model import Differences, Project, Requirement
from goldenpath.facts.dependencies.ranges import allows
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, parse
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

_GROUPS = ("dependencies", "devDependencies", "optionalDependencies")
_OWN = regex(r"(workspace|file|link|portal|patch|catalog|exec):|(\.{1,2}|~)?/")
"""Ranges that name this repository's own files, or a range that stands elsewhere."""
_PLUGIN = regex(r"(?!npm:|git|https?:|ssh:|gitlab:|bitbucket:|gist:|jsr:)[a-z-]+:")
"""Ranges that only a plugin of the package manager understands."""


_LOCKS_OF = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json"), "pnpm": ("pnpm-lock.yaml",), "yarn": ("yarn.lock",)
}  # fmt: skip
_SETTING_OF = {"npm": "package-lock", "pnpm": "lockfile"}
_WITHOUT_LOCK = regex(r"(?m)^[ \t]*(package-lock|lockfile)[ \t]*=[ \t]*false\b")
_VERSIONS_OF_YARN = regex(r"(?m)^\"?((?:@[^/\s@\"]+/)?[^@\s\",]+)@[^\n]*:\n +version:? \"?([^\"\s]+)")


def _overridden(pattern: str) -> str:
    """The package of an override, which may be written `name@range`, `parent/name` or `parent>@scope/name`."""
    match = re.search(r"((?:@[^/@>]+/)?[^/@>]+)(?:@[^/@>]*)?$", pattern)
    return match[1] if match else pattern


def _plain(overrides: dict[str, Any], root: dict[str, Any]) -> dict[str, str]:
    """The overrides that are about a package by its name alone, and ask for a range, be it that of a dependency."""
    asked = {name: range_ for group in _GROUPS for name, range_ in table(root, group).items()}
    told = (
        (name, asked.get(range_[1:], "") if range_.startswith("$") else range_)
        for name, range_ in overrides.items()
        if isinstance(range_, str)
    )
    return {name: range_ for name, range_ in told if range_ and _overridden(name) == name and ":" not in range_}


def _beside(told: dict[str, str], held: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What a lock has of overridden packages in versions that the overrides do not allow."""
    for name, version in held:
        if name in told and allows(told[name], version, "npm") is False:
            yield f"{name} {told[name]}, and has {version}"


class _Lock:
    """One lock, read once for all packages of its workspace."""

    def __init__(self, path: str, root: dict[str, Any]) -> None:
        self.path = path
        self.folder = path.rpartition("/")[0]
        overrides = (table(root, key) | table(root, "pnpm", key) for key in ("resolutions", "overrides"))
        self.overridden = {_overridden(pattern) for each in overrides for pattern in each}
        self.told = {key: _plain(table(root, key), root) for key in ("overrides", "resolutions")}
        self.told["pnpm"] = _plain(table(root, "pnpm", "overrides"), root)
        self.workspaces = root.get("workspaces")
        self.manager = str(root.get("packageManager") or "").partition("@")[0]

    def member(self, folder: str) -> str | None:
        """The folder as the lock names it, or None when the lock is not about it."""
        if folder == self.folder:
            return ""
        relative = folder[len(self.folder) :].lstrip("/")
        return relative if self.holds(relative) else None

    def holds(self, relative: str) -> bool:
        """Whether it is about a package below its own folder."""
        packages = table(self.workspaces, "packages") or self.workspaces
        patterns = texts(packages.get("packages") if isinstance(packages, dict) else packages)
        return any(fnmatchcase(relative, pattern.removeprefix("./").rstrip("/")) for pattern in patterns)

    def ignored(self, repository: Repository) -> str:
        """Why the package manager may not look at it; empty where it does. Raises Malformed."""
        name, settings = self.path.rpartition("/")[2], join(self.folder, ".npmrc")
        manager = next((each for each, locks in _LOCKS_OF.items() if name in locks), "")
        if self.manager and manager and manager != self.manager:
            return f"packageManager is {self.manager}, which does not read {self.path}"
        said = _WITHOUT_LOCK.findall(text_of(repository, settings)) if settings in repository else []
        if _SETTING_OF.get(manager) in said:
            return f"{settings} tells {manager} to ignore {self.path}"
        return ""

    def compare(self, each: Requirement, member: str, differences: Differences) -> None:
        """Look up one requirement."""
        raise NotImplementedError

    def unchecked(self) -> Iterator[str]:
        """The packages that come from elsewhere and whose contents it does not fix."""
        yield from ()

    def not_overridden(self) -> Iterator[str]:
        """The overrides of its manifest that it was not made for."""
        yield from ()

    def asked_otherwise(self, each: Requirement, asked: str | None, differences: Differences) -> None:
        """A lock that keeps the range it was made for is refused when the manifest has another."""
        if asked is None:
            if not each.optional:
                differences.gap(each.place, f"{each.text} is not in {self.path}")
        elif asked != each.wanted:
            differences.gap(each.place, f"{each.text}, but {self.path} was made for `{asked}`")


class _Npm(_Lock):
    def __init__(self, path: str, root: dict[str, Any], data: dict[str, Any]) -> None:
        super().__init__(path, root)
        self.packages = table(data, "packages")
        self.flat = table(data, "dependencies")

    def holds(self, relative: str) -> bool:
        return relative in self.packages

    def compare(self, each: Requirement, member: str, differences: Differences) -> None:
        entry = self._entry(each.name, member)
        recorded = table(self.packages, member)
        asked = next(
            (table(recorded, group)[each.name] for group in _GROUPS if each.name in table(recorded, group)), None
        )
        if entry is None and not each.optional:
            differences.gap(each.place, f"{each.text} is not in {self.path}")
        elif entry is not None and not entry.get("link"):
            version = str(entry.get("version", ""))
            if asked != each.wanted or allows(each.wanted, version, "npm") is False:
                differences.version(each, [version], self.path, "npm")

    def unchecked(self) -> Iterator[str]:
        """Packages without integrity, which npm installs whatever they hold; commits and this repository's own do."""
        named = (
            (key.rpartition("node_modules/")[2], each) for key, each in self.packages.items() if "node_modules/" in key
        )
        for name, entry in named if self.packages else _nested(self.flat):
            known = entry.get("integrity") or entry.get("link") or entry.get("inBundle") or entry.get("bundled")
            origin = str(entry.get("resolved", entry.get("version", "")))
            if not known and not origin.startswith(("git", "file:")):
                yield name

    def not_overridden(self) -> Iterator[str]:
        entries = ((key.rpartition("node_modules/")[2], each) for key, each in self.packages.items())
        held = ((name, str(each.get("version", ""))) for name, each in entries if isinstance(each, dict))
        yield from _beside(self.told["overrides"], held)

    def _entry(self, name: str, member: str) -> dict[str, Any] | None:
        """The package that Node.js finds from there: the nearest one."""
        if not self.packages:
            return table(self.flat, name) or None
        found = (self.packages.get(join(folder, f"node_modules/{name}")) for folder in ancestors(member))
        return next((entry for entry in found if isinstance(entry, dict)), None)


def _nested(packages: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The packages of a lock of npm's first version, in which each holds those that it alone uses."""
    waiting = [packages]
    while waiting:
        for name, entry in waiting.pop().items():
            if isinstance(entry, dict):
                yield name, entry
                waiting.append(table(entry, "dependencies"))


class _Pnpm(_Lock):
    def __init__(self, path: str, root: dict[str, Any], node: Mapping) -> None:
        super().__init__(path, root)
        importers = node.get("importers")
        self.importers: dict[str, Node] = importers.values if isinstance(importers, Mapping) else {".": node}
        overrides = node.get("overrides")
        self.kept = dict(overrides.values) if isinstance(overrides, Mapping) else {}
        self.overridden |= set(map(_overridden, self.kept))

    def not_overridden(self) -> Iterator[str]:
        yield from (f"{name} {range_}" for name, range_ in self.told["pnpm"].items() if name not in self.kept)

    def holds(self, relative: str) -> bool:
        return relative in self.importers

    def compare(self, each: Requirement, member: str, differences: Differences) -> None:
        self.asked_otherwise(each, self._asked(each.name, self.importers.get(member or ".")), differences)

    def _asked(self, name: str, importer: Node | None) -> str | None:
        if not isinstance(importer, Mapping):
            return None
        found = (importer.get(group, name, "specifier") for group in _GROUPS)
        return next((each.text for each in found if isinstance(each, Scalar)), importer.text("specifiers", name))


class _Yarn(_Lock):
    def __init__(self, path: str, root: dict[str, Any], text: str) -> None:
        super().__init__(path, root)
        heads = re.findall(r"^(?![#\s])(.+):$", text, re.MULTILINE)
        keys = (key.strip(' "') for head in heads for key in head.split(","))
        self.keys = {key.replace("@npm:", "@", 1) for key in keys}
        self.versions = _VERSIONS_OF_YARN.findall(text)

    def not_overridden(self) -> Iterator[str]:
        yield from _beside(self.told["resolutions"], self.versions)

    def holds(self, relative: str) -> bool:
        return any(key.endswith(f"@workspace:{relative}") for key in self.keys) or super().holds(relative)

    def compare(self, each: Requirement, member: str, differences: Differences) -> None:  # noqa: ARG002 - see _Lock
        key = f"{each.name}@{each.wanted}".replace("@npm:", "@", 1)
        if key not in self.keys:
            differences.gap(each.place, f"{self.path} has no entry for `{each.name}@{each.wanted}`")


class _Bun(_Lock):
    def __init__(self, path: str, root: dict[str, Any], data: dict[str, Any]) -> None:
        super().__init__(path, root)
        self.members = table(data, "workspaces")
        self.kept = table(data, "overrides")

    def not_overridden(self) -> Iterator[str]:
        told = self.told["resolutions"] | self.told["overrides"]
        yield from (f"{name} {range_}" for name, range_ in told.items() if name not in self.kept)

    def holds(self, relative: str) -> bool:
        return relative in self.members

    def compare(self, each: Requirement, member: str, differences: Differences) -> None:
        groups = (table(self.members, member, group) for group in _GROUPS)
        self.asked_otherwise(
            each, next((group[each.name] for group in groups if each.name in group), None), differences
        )


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each package.json that asks for something."""
    read: dict[str, dict[str, Any] | Malformed] = {}
    places = {}
    for path in paths:
        try:
            read[path], places[path] = json(repository, path)
        except Malformed as error:
            read[path] = error
    own = {str(data.get("name")) for data in read.values() if isinstance(data, dict)}
    locks = _Locks(repository, read)
    for path, data in read.items():
        differences = Differences()
        if isinstance(data, Malformed):
            differences.unsure(data.place, str(data))
            yield differences.project("node", path, 0, (), ())
            continue
        wanted = [
            Requirement(
                name,
                str(range_).strip(),
                places[path].place(name),
                optional=group == "optionalDependencies",
                runtime=group != "devDependencies",
            )
            for group in _GROUPS
            for name, range_ in table(data, group).items()
        ]
        found = locks.of(path.rpartition("/")[0], differences) if wanted else []
        _compare(repository, wanted, found, own, differences)
        yield differences.project("node", path, len(wanted), (lock.path for lock, _ in found), wanted)


def _compare(
    repository: Repository,
    wanted: list[Requirement],
    locks: list[tuple[_Lock, str]],
    own: set[str],
    differences: Differences,
) -> None:
    if not locks and not differences.unseen and wanted:
        differences.gap(wanted[0].place, f"{wanted[0].text}: there is no lock that holds it")
    _ask_whether_they_are_read(repository, locks, differences)
    last = {each.name: each for each in wanted}
    for lock, member in locks:
        for name in lock.unchecked() if not member else ():
            differences.gap(
                Place(lock.path), f"`{name}` has no integrity in {lock.path}, so that whatever comes is installed"
            )
        for said in lock.not_overridden() if not member else ():
            differences.unsure(Place(lock.path), f"{lock.path} was not made for an override of package.json: {said}")
        for each in wanted:
            if each.name in own or each.name in lock.overridden or _OWN.match(each.wanted):
                continue
            if _PLUGIN.match(each.wanted):
                differences.unsure(each.place, f"{each.text} is a range that only a plugin understands")
            elif last[each.name] is each or not isinstance(lock, _Yarn):  # which takes the one for development
                lock.compare(each, member, differences)


def _ask_whether_they_are_read(
    repository: Repository, locks: list[tuple[_Lock, str]], differences: Differences
) -> None:
    try:
        ignored = [(lock, lock.ignored(repository)) for lock, _ in locks]
    except Malformed as error:
        differences.unsure(error.place, str(error))
    else:
        if ignored and all(why for _, why in ignored):
            differences.unsure(Place(ignored[0][0].path), ignored[0][1])


class _Locks:
    """The locks of a repository, each read when the first package asks for it."""

    def __init__(self, repository: Repository, manifests: dict[str, dict[str, Any] | Malformed]) -> None:
        self._repository = repository
        self._manifests = manifests
        self._read: dict[str, _Lock | Malformed] = {}

    def of(self, folder: str, differences: Differences) -> list[tuple[_Lock, str]]:
        """The locks nearest to a folder that are about it, each with the name that it has for the folder."""
        for above in ancestors(folder):
            found = []
            for name in _READERS:
                path = join(above, name)
                if path not in self._repository:
                    continue
                lock = self._lock(path)
                if isinstance(lock, Malformed):
                    differences.unsure(lock.place, str(lock))
                elif (member := lock.member(folder)) is not None:
                    found.append((lock, member))
            if found or differences.unseen:
                return found
        return []

    def _lock(self, path: str) -> _Lock | Malformed:
        if path not in self._read:
            folder, _, name = path.rpartition("/")
            root = self._manifests.get(join(folder, "package.json"))
            try:
                self._read[path] = _READERS[name](self._repository, path, root if isinstance(root, dict) else {})
            except Malformed as error:
                self._read[path] = error
        return self._read[path]


def _npm(repository: Repository, path: str, root: dict[str, Any]) -> _Lock:
    return _Npm(path, root, json(repository, path)[0])


def _pnpm(repository: Repository, path: str, root: dict[str, Any]) -> _Lock:
    """Read what stands before the packages: the ranges that the lock was made for, a small part of it.

    pnpm 11 writes another document before that one, with its own version and with dependencies of its settings.
    """
    text = text_of(repository, path)
    begun = max((match.end() for match in re.finditer(r"^---\s*$", text, re.MULTILINE)), default=0)
    own = re.split(r"^(?:packages|snapshots):", text[begun:], flags=re.MULTILINE)[0]
    documents = parse(path, own, text.count("\n", 0, begun))
    if not documents or not isinstance(documents[-1], Mapping):
        raise Malformed(Place(path), "it should hold a mapping")
    return _Pnpm(path, root, documents[-1])


def _yarn(repository: Repository, path: str, root: dict[str, Any]) -> _Lock:
    return _Yarn(path, root, text_of(repository, path))


def _bun(repository: Repository, path: str, root: dict[str, Any]) -> _Lock:
    return _Bun(path, root, json(repository, path, trailing_commas=True)[0])


def _binary(repository: Repository, path: str, root: dict[str, Any]) -> _Lock:  # noqa: ARG001
    raise Malformed(Place(path), "it is binary; `bun install --save-text-lockfile` writes one that can be read")


_READERS = {
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "pnpm-lock.yaml": _pnpm,
    "yarn.lock": _yarn,
    "bun.lock": _bun,
    "bun.lockb": _binary,
}
