"""Python: pyproject.toml, Pipfile, setup.cfg, requirements files; the locks of pip, uv, Poetry, PDM and Pipenv."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import chain
from posixpath import normpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.dependencies.files import (
    ancestors,
    ini,
    join,
    json,
    normal,
    packages_of,
    table,
    text_of,
    texts,
    toml,
)
from goldenpath.facts.dependencies.model import Differences, Lock, Project, Requirement
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.dependencies.model import Index
    from goldenpath.facts.dependencies.ranges import Dialect
    from goldenpath.repository import Repository

_OWN_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")
_WHOLE_LOCKS = ("uv.lock", "poetry.lock")
"""Those that hold every extra, whatever is installed of them."""
_NAMED_LOCK = regex(r"(?:.*/)?pylock\.[^/.]+\.toml")
_PIP_LOCK = regex(r"(?P<folder>(?:.*?/)??)(?:[^/]*requirements[^/]*|requirements/(?:[^/]+/)?[^/]+)\.lock")
"""What pip-compile and rye write, by other names than pip's own; a lock where it has hashes."""
_OF_TOOLS = frozenset({"tox.ini", "tox.toml", "noxfile.py"})
"""What tools install for themselves, beside a manifest."""
_REQUIREMENT = regex(
    r"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*"
    r"(?:@\s*(?P<url>\S+)|\(?(?P<wanted>[^;@()]*)\)?)\s*(?:;(?P<marker>.*))?"
)
_COMMENT = regex(r"(^|\s)#.*")
_HASH = regex(r"\s--hash[= ]\S+")
_CHECKOUT = regex(r"(?:-e|--editable)[ =]\s*\S|(?:git|hg|svn|bzr)\+|\.{1,2}(?:/[\w./-]*)?(?:\[|\s|$)")
"""What has no single file to hash: a checkout of another repository, or a folder of this one."""
_INCLUDE = regex(r"(?:-r\s*|--requirement[ =]\s*)(?P<path>\S+)")
MAX_INCLUDED = 100
"""Most requirements files of a project that are read."""
_TOOLS = regex(r"dev|test|lint|docs|build", re.IGNORECASE)
"""Names of requirements files whose packages stay behind when the service is deployed."""
_LACKING = "there is no lock that holds it with its hash"


class _File(Struct, frozen=True):
    """A requirements file: what it asks for, each with the version and hash that make it a lock, if it has them.

    `included` are the files that pip reads with it, and where it says so; `unhashable` is what comes from a checkout.
    """

    path: str
    requirements: list[Requirement]
    hashed: set[str]
    included: list[tuple[str, Place]]
    unhashable: list[Finding]


class _Manifest(Struct, frozen=True):
    """What is asked for in one dialect, and the name of the project, if it says it."""

    requirements: list[Requirement]
    dialect: Dialect = "pep440"
    name: str = ""
    extras: list[Requirement] = []


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each folder that has a manifest."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, _, file = path.rpartition("/")
        if file == "setup.py" and join(folder, "__init__.py") in repository:
            continue  # a module of a package
        if folder.rpartition("/")[2] == "requirements":
            folder = folder.rpartition("/")[0]
        folders.setdefault(folder, []).append(path)
    for folder, manifests in folders.items():
        if _OF_TOOLS.issuperset(path.rpartition("/")[2] for path in manifests):
            continue
        yield _project(repository, folder, sorted(manifests, key=_importance))


def _importance(path: str) -> tuple[int, str]:
    names = ("pyproject.toml", "Pipfile", "setup.cfg", "setup.py", "requirements.txt")
    name = path.rpartition("/")[2]
    return (names.index(name) if name in names else len(names), path)


def _project(repository: Repository, folder: str, paths: list[str]) -> Project:
    differences = Differences()
    manifests, locks, pinned = _read(repository, paths, differences)
    name = next((manifest.name for manifest in manifests if manifest.name), "")
    before = len(differences.unseen)
    locks += _locks(repository, folder, name, differences)
    if locks or len(differences.unseen) == before:  # a lock that cannot be read says it once, not for each dependency
        holds_extras = any(lock.path.endswith(_WHOLE_LOCKS) for lock in locks)
        for manifest in manifests:
            extras = (replace(each, optional=each.optional or not holds_extras) for each in manifest.extras)
            wanted = [each for each in (*manifest.requirements, *extras) if each.name != name]
            differences.compare(wanted, locks, manifest.dialect, _LACKING)
    asked = [each for manifest in manifests for each in (*manifest.requirements, *manifest.extras)]
    paths_of_locks = (lock.path for lock in locks)
    return differences.project("python", paths[0], len(asked), paths_of_locks, (*asked, *pinned))


def _read(
    repository: Repository, paths: list[str], differences: Differences
) -> tuple[list[_Manifest], list[Lock], list[Requirement]]:
    """What the files of a project are: a requirements file with hashes is a lock, one without asks for something.

    What stands in such a lock is asked for as well, for it may be the only file there is.
    """
    manifests: list[_Manifest] = []
    locks: list[Lock] = []
    pinned: list[Requirement] = []
    files: dict[str, _File] = {}
    waiting = [*paths]
    for path in waiting:
        try:
            if not path.endswith((".txt", ".in")) and path in paths:
                manifests.append(_READERS[path.rpartition("/")[2]](repository, path, differences))
                continue
            file = _requirements_file(repository, path)
        except Malformed as error:
            differences.unsure(error.place, str(error))
            differences.lacks_a_lock |= path.endswith((".txt", ".in"))
            continue
        files[path] = file
        further = [each for each, _ in file.included if each not in waiting and each in repository]
        waiting += further[: max(0, MAX_INCLUDED - len(waiting))]
        if file.hashed:
            for each in file.unhashable:
                differences.gap(each.place, f"{each.text} cannot be hashed, so pip refuses the whole file")
            locks.append(_as_lock(file, differences))
            pinned += file.requirements
        elif file.requirements:
            manifests.append(_Manifest(file.requirements))
    for path, place in (each for file in files.values() if file.hashed for each in file.included):
        if path in files and files[path].requirements and not files[path].hashed:
            differences.gap(place, f"{path} has no hashes, so pip refuses what includes it")
    return manifests, locks, pinned


def _locks(repository: Repository, folder: str, name: str, differences: Differences) -> Iterator[Lock]:
    """The locks beside a project, and that of a workspace above it which holds the project."""
    named = (path for path in repository.paths(_NAMED_LOCK) if path.rpartition("/")[0] == folder)
    pips = (path for path in repository.paths(_PIP_LOCK) if _PIP_LOCK.sub(r"\g<folder>", path).rstrip("/") == folder)
    own = [*(join(folder, lock) for lock in _OWN_LOCKS), *named, *pips]
    above = [join(each, "uv.lock") for each in ancestors(folder)[1:] if name]
    for path in own + above:
        if path not in repository:
            continue
        try:
            lock = _lock(repository, path, differences)
        except Malformed as error:
            differences.unsure(error.place, str(error))
            differences.lacks_a_lock = True
            continue
        if lock and (path in own or name in lock.packages):
            yield lock


def _lock(repository: Repository, path: str, differences: Differences) -> Lock | None:
    """A lock as it is read; None where it locks nothing. Raises Malformed."""
    if _PIP_LOCK.fullmatch(path):
        file = _requirements_file(repository, path)
        return _as_lock(file, differences) if file.hashed else None
    return _pipfile_lock(repository, path) if path.endswith("Pipfile.lock") else packages_of(repository, path)


# --- requirements files


def _requirements_file(repository: Repository, path: str) -> _File:
    requirements, hashed, runtime = [], set(), not _TOOLS.search(path.rpartition("/")[2])
    included, unhashable = [], []
    for line, text in _logical_lines(text_of(repository, path)):
        if include := _INCLUDE.fullmatch(text):
            included.append((normpath(join(path.rpartition("/")[0], include["path"])), Place(path, line, 1)))
        if _CHECKOUT.match(text):
            unhashable.append(Finding(Place(path, line, 1), shown(text)))
        match = _REQUIREMENT.fullmatch(_HASH.sub("", text))
        if text.startswith("-") or match is None:
            continue  # an option, a path or an address: none of them is a range
        each = _requirement(match, Place(path, line, 1), runtime=runtime)
        requirements.append(each)
        if _HASH.search(text) and (match["url"] or each.wanted.startswith("==")):
            hashed.add(each.name)
    return _File(path, requirements, hashed, included, unhashable)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with what continues them, without comments; each with the number of its first."""
    start, parts = 1, list[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        code = (_COMMENT.sub("", line) if "#" in line else line).rstrip()
        start = start if parts else number
        if code.endswith("\\"):
            parts.append(code[:-1])
            continue
        parts.append(code)
        if joined := " ".join(parts).strip():
            yield start, joined
        parts = []


def _requirement(match: re.Match[str], place: Place, *, runtime: bool = True) -> Requirement:
    """What a requirement says; one from an address has any version."""
    marked = bool((match["marker"] or "").strip())
    return Requirement(normal(match["name"]), (match["wanted"] or "").strip(), place, marked, runtime)


def _as_lock(file: _File, differences: Differences) -> Lock:
    packages: dict[str, list[str]] = {}
    for each in file.requirements:
        packages.setdefault(each.name, []).extend([each.wanted.lstrip("= ")] if each.wanted else [])
        if each.name not in file.hashed:
            differences.gap(each.place, f"{each.text} has no hash, so pip refuses the whole file")
    return Lock(file.path, packages)


# --- pyproject.toml, Pipfile, setup.cfg, setup.py


def _pyproject(repository: Repository, path: str, differences: Differences) -> _Manifest:
    data, index = toml(repository, path)
    project, poetry = table(data, "project"), table(data, "tool", "poetry")
    if "dependencies" in texts(project.get("dynamic")) and not _dynamic_file(data, poetry):
        differences.unsure(index.place("dynamic"), "its dependencies are made by a program when it is built")
    name = normal(str(project.get("name") or poetry.get("name") or ""))
    poetrys = list(_poetry(poetry, index))
    if poetrys and not project.get("dependencies"):
        return _Manifest(poetrys, "poetry", name)
    listed = [*_listed(project.get("dependencies"), index)]
    offered = table(project, "optional-dependencies").values()
    extras = [each for extra in offered for each in _listed(extra, index, runtime=False)]
    tools = (table(data, "dependency-groups"), table(data, "tool", "pdm", "dev-dependencies"))
    for group in chain.from_iterable(each.values() for each in tools):
        listed += _listed(group, index, runtime=False)
    listed += _listed(table(data, "tool", "uv").get("dev-dependencies"), index, runtime=False)
    for environment in table(data, "tool", "hatch", "envs").values():
        if isinstance(environment, dict):
            listed += _listed(environment.get("dependencies"), index, runtime=False)
            listed += _listed(environment.get("extra-dependencies"), index, runtime=False)
    listed += _of_tool("tox", repository, path) if "tox" in table(data, "tool") else []
    return _Manifest(listed, "pep440", name, extras)


def _dynamic_file(data: dict[str, Any], poetry: dict[str, Any]) -> bool:
    """Whether dependencies that are dynamic stand in files that are read anyway."""
    return bool(poetry or table(data, "tool", "setuptools", "dynamic").get("dependencies"))


def _listed(data: object, index: Index, *, runtime: bool = True) -> Iterator[Requirement]:
    for text in texts(data):
        if match := _REQUIREMENT.fullmatch(text):
            yield _requirement(match, index.place(text), runtime=runtime)


def _poetry(poetry: dict[str, Any], index: Index) -> Iterator[Requirement]:
    tools = [table(poetry, "dev-dependencies")]
    tools += [table(group, "dependencies") for group in table(poetry, "group").values()]
    for group, runtime in ((table(poetry, "dependencies"), True), *((each, False) for each in tools)):
        for name, about in group.items():
            if name != "python":
                yield from _of_table(name, about, index, runtime=runtime)


def _of_table(name: str, about: object, index: Index, *, runtime: bool) -> Iterator[Requirement]:
    """A dependency as Poetry and Pipenv write it: a range, a table, or several of them."""
    for each in about if isinstance(about, list) else [about]:
        wanted = each.get("version", "") if isinstance(each, dict) else each
        marked = isinstance(about, list) or (isinstance(each, dict) and bool({"markers", "platform"} & each.keys()))
        optional = marked or (isinstance(each, dict) and each.get("optional") is True)
        if isinstance(wanted, str):
            yield Requirement(normal(name), wanted, index.place(name), optional, runtime)


def _pipfile(repository: Repository, path: str, differences: Differences) -> _Manifest:  # noqa: ARG001
    data, index = toml(repository, path)
    found = [
        each
        for group, names in data.items()
        if group not in {"source", "requires", "scripts", "pipenv"} and isinstance(names, dict)
        for name, about in names.items()
        for each in _of_table(name, about, index, runtime=group == "packages")
    ]
    return _Manifest(found)


def _pipfile_lock(repository: Repository, path: str) -> Lock:
    data, _ = json(repository, path)
    packages: dict[str, list[str]] = {}
    for group, names in data.items():
        if group != "_meta" and isinstance(names, dict):
            for name in names:
                version = table(names, name).get("version")
                packages.setdefault(normal(name), []).extend([version.lstrip("=")] if isinstance(version, str) else [])
    return Lock(path, packages)


def _setup_cfg(repository: Repository, path: str, differences: Differences) -> _Manifest:
    parser = ini(repository, path)
    asked = parser.get("options", "install_requires", fallback="")
    if asked.strip().startswith("file:"):
        return _Manifest([])
    lines = enumerate(text_of(repository, path).split("\n"), start=1)
    places = {line.strip(): number for number, line in lines}
    found = [
        _requirement(match, Place(path, places.get(line.strip(), 0), 1))
        for line in asked.split("\n")
        if line.strip() and (match := _REQUIREMENT.fullmatch(line))
    ]
    del differences
    found += _of_tool("tox", repository, path) if parser.has_section("tox:tox") else []
    return _Manifest(found, name=normal(parser.get("metadata", "name", fallback="")))


def _setup_py(repository: Repository, path: str, differences: Differences) -> _Manifest:
    text = text_of(repository, path)
    if "install_requires" not in text:
        return _Manifest([])
    from goldenpath.facts.dependencies.setuptools import asked

    listed = asked(text)
    if listed is None:
        line = text.count("\n", 0, text.index("install_requires")) + 1
        differences.unsure(Place(path, line), "what setup.py asks for is only known by running it")
    matched = ((_REQUIREMENT.fullmatch(each), Place(path, line, 1)) for each, line in listed or ())
    return _Manifest([_requirement(match, place) for match, place in matched if match])


# --- tox and nox

_RUNNERS = frozenset({"pip", "uv", "pre-commit", "prek", "nox", "tox"})
"""What only installs and runs what is fixed elsewhere: the hooks of pre-commit have their own revisions."""


def _of_tool(name: str, repository: Repository, path: str) -> list[Requirement]:
    """What a tool installs into its environments by name."""
    tool = import_module(f"goldenpath.facts.tasks.{name}")  # only repositories that use it wait for it

    def read(wanted: str) -> str | None:
        return text_of(repository, wanted) if wanted == path else None

    installed = tool.installs(read, path.rpartition("/")[0])
    matched = ((_REQUIREMENT.fullmatch(text), Place(path, line, 1)) for text, line in installed)
    asked = [_requirement(match, place) for match, place in matched if match]
    return [each for each in asked if each.name not in _RUNNERS]


def _tox(repository: Repository, path: str, differences: Differences) -> _Manifest:  # noqa: ARG001
    return _Manifest(_of_tool("tox", repository, path))


def _noxfile(repository: Repository, path: str, differences: Differences) -> _Manifest:  # noqa: ARG001
    return _Manifest(_of_tool("nox", repository, path))


_READERS = {"pyproject.toml": _pyproject, "Pipfile": _pipfile, "setup.cfg": _setup_cfg, "setup.py": _setup_py,
            "tox.ini": _tox, "tox.toml": _tox, "noxfile.py": _noxfile}  # fmt: skip
