"""NuGet: the packages that projects of .NET refer to, and packages.lock.json beside each; solutions name projects."""

from __future__ import annotations

from itertools import chain
from posixpath import normpath
from typing import TYPE_CHECKING
from xml.parsers import expat

from msgspec import Struct

from goldenpath.facts.dependencies.files import ancestors, join, json, table, text_of
from goldenpath.facts.dependencies.model import Differences, Project, Requirement
from goldenpath.facts.globs import glob
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_SHARED = ("Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props")
"""What MSBuild takes into every project below, the nearest of each name."""
_OTHERS = ("packages.config", "paket.references")
"""Where a project may ask for more, which is not read."""
_SOLUTION = regex(r"(?:.*/)?[^/]+\.(?:slnx?|proj)")
_LEADS = ("ProjectReference", "ProjectFile")
_MOST_ITEMS = 100
"""Most items of such a file that are matched with the projects; those that lead to projects have a few with globs."""
_NAMED = regex(r'"([^"\n]+\.(?:cs|fs|vb)proj)"')
_NUMBERS = regex(r"\d+(?:\.\d+){0,3}")
_LOCK = "packages.lock.json"


class _Element(Struct, frozen=True):
    """An element with its attributes, its line, and whether it or one around it has a condition."""

    name: str
    attributes: dict[str, str]
    line: int
    conditional: bool


class _File(Struct, frozen=True):
    """What a file of MSBuild refers to, the versions that it sets, and the first element that changes or hides some.

    `imports` are the files of this repository that it takes in, each with where it does.
    """

    packages: list[Requirement]
    versions: dict[str, str]
    projects: list[str]
    imports: dict[str, Place]
    unread: Place | None


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each project of .NET that refers to packages."""
    read: dict[str, _File | Malformed] = {}
    named = list(paths)
    held = _held(repository, {path: _file(repository, path, read) for path in named})
    for path in named:
        differences = Differences()
        lock = join(path.rpartition("/")[0], _LOCK)
        asked: list[Requirement] = []
        try:
            asked, unread = _asked(repository, path, read)
            others = (join(path.rpartition("/")[0], name) for name in _OTHERS)
            unread = unread or next((Place(each) for each in others if each in repository), None)
            _compare(repository, asked, unread, lock, differences)
        except Malformed as error:
            differences.unsure(error.place, str(error))
        locks = [lock] if lock in repository else []
        within = [folder for folder, members in held.items() if path in members]
        yield differences.project("nuget", path, len(asked), locks, asked, within)


def _held(repository: Repository, files: dict[str, _File | Malformed]) -> dict[str, set[str]]:
    """The projects that solutions in a folder name, or files that lead to projects, and those that these refer to."""
    held: dict[str, set[str]] = {}
    for solution in repository.paths(_SOLUTION):
        folder = solution.rpartition("/")[0]
        try:
            if solution.endswith(".proj"):
                left = _traversed(repository, solution, files)
            else:
                left = [_path(folder, name) for name in _NAMED.findall(text_of(repository, solution))]
        except Malformed:
            continue
        members = held.setdefault(folder, set())
        while left:
            path = left.pop()
            file = files.get(path)
            if path not in members and isinstance(file, _File):
                left += file.projects
            members.add(path)
    return held


def _traversed(repository: Repository, path: str, projects: Iterable[str]) -> list[str]:
    """The projects that a file surely names which does nothing but lead to projects. Raises Malformed."""
    found: list[str] = []
    items = [each for each in _elements(path, text_of(repository, path)) if each.name in _LEADS]
    for each in items[:_MOST_ITEMS]:
        if not each.conditional:
            wanted, spared = (_patterns(path, each.attributes.get(key, "")) for key in ("Include", "Exclude"))
            found += [name for name in projects if wanted.fullmatch(name) and not spared.fullmatch(name)]
    return found


def _patterns(path: str, names: str) -> re.Pattern[str]:
    """The files that an item of MSBuild names, by globs; what has to be evaluated first names none."""
    folder = path.rpartition("/")[0]
    plain = (name.strip() for name in names.split(";") if not set(name) & set("$@%"))
    return regex("|".join(f"(?:{glob(_path(folder, name))})" for name in plain if name) or r"(?!)")


def _path(folder: str, name: str) -> str:
    return normpath(join(folder, name.replace("\\", "/")))


def _asked(
    repository: Repository, path: str, read: dict[str, _File | Malformed]
) -> tuple[list[Requirement], Place | None]:
    """The packages of a project and of what is taken into it, and the first place that cannot be told. Raises."""
    packages, versions, unread = list[Requirement](), dict[str, str](), None
    folders = ancestors(path.rpartition("/")[0])
    around = ([join(folder, name) for folder in folders if join(folder, name) in repository][:1] for name in _SHARED)
    taken_in = dict.fromkeys(chain([path], *around), Place(path))
    waiting = list(taken_in)
    while waiting:
        each = waiting.pop(0)
        if each not in repository:
            unread = unread or taken_in[each]
            continue
        file = _file(repository, each, read)
        if isinstance(file, Malformed):
            raise file
        packages += file.packages
        versions |= file.versions
        unread = unread or file.unread
        waiting += [name for name in file.imports if name not in taken_in]
        taken_in = file.imports | taken_in
    versioned = [
        Requirement(each.name, each.wanted or versions.get(each.name, ""), each.place, each.optional)
        for each in packages
    ]
    return versioned, unread


def _compare(
    repository: Repository, asked: list[Requirement], unread: Place | None, path: str, differences: Differences
) -> None:
    if path not in repository and asked:
        for each in asked:
            differences.gap(each.place, f"{each.text}: there is no {_LOCK} that holds it")
    elif unread:
        differences.unsure(unread, "what it refers to beyond this is only known by building it")
    elif asked:
        frameworks = table(json(repository, path)[0], "dependencies")
        locked = [{name.lower(): about for name, about in table(frameworks, key).items()} for key in frameworks]
        for each in asked:
            _look_up(each, [table(packages, each.name) for packages in locked], path, differences)


def _look_up(each: Requirement, found: list[dict[str, object]], path: str, differences: Differences) -> None:
    """Locked mode refuses a lock in which a framework lacks a package, or was made for another range."""
    if not found or (not each.optional and not all(found)) or not any(found):
        differences.gap(each.place, f"{each.text} is not in {path}")
    for about in filter(None, found):
        requested = about.get("requested")
        if _NUMBERS.fullmatch(each.wanted) is None:
            differences.unsure(each.place, f"{each.text} is a range that only NuGet understands")
        elif requested != f"[{_normal(each.wanted)}, )":
            differences.gap(each.place, f"{each.text}, but {path} was made for `{requested}`")


def _normal(version: str) -> str:
    """A version with three numbers, or with four where the last is not zero."""
    numbers = [str(int(number)) for number in version.split(".")]
    numbers += ["0"] * (3 - len(numbers))
    return ".".join(numbers[:3] if numbers[3:] == ["0"] else numbers)


# --- MSBuild


def _file(repository: Repository, path: str, read: dict[str, _File | Malformed]) -> _File | Malformed:
    if path not in read:
        try:
            read[path] = _msbuild(path, _elements(path, text_of(repository, path)))
        except Malformed as error:
            read[path] = error
    return read[path]


def _msbuild(path: str, elements: list[_Element]) -> _File:
    """What the elements of a file say; a package is compared without regard to case."""
    packages, versions, references, unread = list[Requirement](), dict[str, str](), list[str](), None
    imports = dict[str, Place]()
    for each in elements:
        name, place = each.attributes.get("Include", ""), Place(path, each.line)
        if each.name in {"PackageReference", "GlobalPackageReference"} and name and "$" not in name:
            wanted = each.attributes.get("VersionOverride") or each.attributes.get("Version", "")
            packages.append(Requirement(name.lower(), wanted, place, optional=each.conditional))
        elif each.name == "PackageVersion" and name and not each.conditional:
            versions[name.lower()] = each.attributes.get("Version", "")
        elif each.name == "ProjectReference" and name:
            references.append(_path(path.rpartition("/")[0], name))
        elif each.name == "Import" and (imported := _imported(path, each)):
            imports[imported] = place
        elif each.name == "PackageVersion" and each.attributes.keys() <= {"Condition"}:
            continue  # a property: the version of the package that is made here
        elif each.name in {
            "PackageReference",
            "GlobalPackageReference",
            "PackageVersion",
            "Import",
            "NuGetLockFilePath",
        }:
            unread = unread or place
    return _File(packages, versions, references, imports, unread)


def _imported(path: str, element: _Element) -> str:
    """The file that an element surely takes in, by a path that is written out; empty for any other."""
    name = element.attributes.get("Project", "").replace("$(MSBuildThisFileDirectory)", "")
    plain = name and not element.conditional and not set(name) & set("$*@%;:") and "Sdk" not in element.attributes
    return _path(path.rpartition("/")[0], name) if plain else ""


def _elements(path: str, text: str) -> list[_Element]:
    """The elements of a file. Raises Malformed."""
    found: list[_Element] = []
    conditions: list[bool] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        conditions.append("Condition" in attributes or name == "Otherwise" or (bool(conditions) and conditions[-1]))
        found.append(_Element(name, attributes, parser.CurrentLineNumber, conditions[-1]))

    def refuse(*_: object) -> None:
        raise Malformed(Place(path, parser.CurrentLineNumber), "it declares entities, which no project needs")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: conditions.pop()
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.lstrip("\ufeff"), True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise Malformed(Place(path, error.lineno), f"it is not valid XML: {said}") from None
    return found
