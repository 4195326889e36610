"""Maven: pom.xml, whose versions have to be fixed, for there is no lock."""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING
from xml.parsers import expat

from msgspec import Struct

from goldenpath.facts.dependencies.files import ancestors, join, text_of
from goldenpath.facts.dependencies.model import Differences, Project, Requirement
from goldenpath.facts.findings import shown
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from goldenpath.repository import Repository

MAX_DEPTH = 64

_VERSIONED = ("dependency", "parent", "plugin", "extension")
_PROPERTY = regex(r"\$\{([^${}]+)\}")
_FLOATING = regex(r"LATEST|RELEASE|.*-SNAPSHOT|[\[(].*[\])]")


class _Pom:
    """What a pom.xml says: versions and dependencies with their lines, properties, and its own name and version."""

    def __init__(self, path: str, text: str) -> None:
        self.name = ""
        self.version = ""
        self.parent = ""
        self.versions: list[tuple[int, str, str]] = []
        self.properties: dict[str, str] = {}
        self.asked: list[tuple[int, dict[str, str]]] = []
        self.modules: list[str] = []
        self._path: list[str] = []
        self._texts: list[str] = []
        self._artifact: list[str] = []
        self._dependency: dict[str, str] = {}
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse
        try:
            self._parser.Parse(text, True)  # noqa: FBT003 - expat takes it by position
        except expat.ExpatError as error:
            raise Malformed(
                Place(path, error.lineno), f"it is not valid XML: {expat.ErrorString(error.code)}"
            ) from None
        except _RefusedError as error:
            raise Malformed(Place(path, self._parser.CurrentLineNumber), str(error)) from None

    def _refuse(self, *_: object) -> None:
        raise _RefusedError("it declares entities, which no pom.xml needs")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise _RefusedError(f"it is nested more than {MAX_DEPTH} levels deep")
        self._path.append(name.rpartition(":")[2])
        self._texts.append("")
        if self._path[-1] in _VERSIONED:
            self._artifact.append("")

    def _characters(self, data: str) -> None:
        if self._texts:
            self._texts[-1] += data[:500]

    def _end(self, _name: str) -> None:
        name, text = self._path.pop(), self._texts.pop().strip()
        parent = self._path[-1] if self._path else ""
        self._name_itself(name, text)
        if name == "module" and parent == "modules":
            self.modules.append(text)
        if parent == "properties":
            self.properties[name] = text
        elif parent in _VERSIONED and self._artifact:
            if name == "artifactId":
                self._artifact[-1] = text
            elif name == "version":
                self.versions.append((self._parser.CurrentLineNumber, self._artifact[-1], text))
        if name in _VERSIONED and self._artifact:
            self._artifact.pop()
        if self._path == ["project", "dependencies", "dependency"]:
            self._dependency[name] = text
        elif self._path == ["project", "dependencies"]:
            self.asked.append((self._parser.CurrentLineNumber, self._dependency))
            self._dependency = {}

    def _name_itself(self, name: str, text: str) -> None:
        """The project's own name and version, which it may have from its parent."""
        if self._path == ["project"] and name == "artifactId":
            self.name = text
        elif self._path == ["project"] and name == "version":
            self.version = text
            revision = self.properties.get("revision", text)
            self.properties |= {"project.version": text, "version": text, "revision": revision}
        elif self._path == ["project", "parent"] and name == "version" and not self.version:
            self.version = text
        elif self._path == ["project", "parent"] and name == "artifactId":
            self.parent = text

    def requirements(self, path: str) -> Iterator[Requirement]:
        """What the artifact itself asks for, which is not what its plugins do, nor what it says about versions."""
        for line, each in self.asked:
            name = ":".join(self.resolved(each.get(part, "")) for part in ("groupId", "artifactId"))
            runtime = each.get("scope", "compile") != "test"
            yield Requirement(name, each.get("version", ""), Place(path, line), runtime=runtime)

    def resolved(self, text: str) -> str:
        """A version with the properties of this file in it, as far as they lead."""
        for _ in range(5):
            text, count = _PROPERTY.subn(lambda match: self.properties.get(match[1], match[0]), text)[:2]
            if not count:
                break
        return text


class Said(Struct, frozen=True):
    """What a pom.xml says of one property: its value (None: nothing), and the parent that may say more."""

    value: str | None
    parent: str


def said_of(name: str, repository: Repository, path: str) -> Said:
    """A property of a pom.xml or of those above it; raises Malformed."""
    pom = _Pom(path, text_of(repository, path))
    folder = path.rpartition("/")[0]
    if name in pom.properties:
        return Said(pom.resolved(pom.properties[name]), pom.parent)
    candidates = (join(up, "pom.xml") for up in ancestors(folder))
    above = next((each for each in candidates if each != path and each in repository), None)
    return said_of(name, repository, above) if above and pom.parent else Said(None, pom.parent)


class _RefusedError(Exception):
    """A file that is built to hurt."""


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each pom.xml: every version that it names has to be one version."""
    poms: dict[str, _Pom | Malformed] = {}
    for path in paths:
        try:
            poms[path] = _Pom(path, text_of(repository, path))
        except Malformed as error:
            poms[path] = error
    within = _within(poms)
    built = {(pom.name, pom.resolved(pom.version)) for pom in poms.values() if isinstance(pom, _Pom)}
    for path, pom in poms.items():
        differences = Differences()
        if isinstance(pom, Malformed):
            differences.unsure(pom.place, str(pom))
            yield differences.project("maven", path, 1, (), ())
            continue
        above = [join(folder, "pom.xml") for folder in ancestors(path.rpartition("/")[0])]
        parents = [each for name in above if isinstance(each := poms.get(name), _Pom)]
        for line, artifact, text in pom.versions:
            version = text
            for each in (pom, *parents):
                version = each.resolved(version)
            called = f"{shown(artifact)} has the version {shown(version)}"
            if (artifact, version) in built:
                continue
            if _FLOATING.fullmatch(version) and "${project.version}" not in text:
                differences.gap(Place(path, line), f"{called}, which is another one tomorrow")
            elif "$" in version and "project." not in version:
                differences.unsure(Place(path, line), f"{called}, and its property is not said in this repository")
        yield differences.project("maven", path, len(pom.versions), (), pom.requirements(path), within.get(path, ()))


def _within(poms: Mapping[str, _Pom | Malformed]) -> dict[str, set[str]]:
    """For each pom.xml the folders of those that name it as a module, or the one that does, however far up."""
    above: dict[str, set[str]] = {}
    for path, pom in poms.items():
        folder = path.rpartition("/")[0]
        for module in pom.modules if isinstance(pom, _Pom) else ():
            name = normpath(join(folder, module))
            above.setdefault(name if name.endswith(".xml") else join(name, "pom.xml"), set()).add(path)
    return {path: {each.rpartition("/")[0] for each in _reached(path, above)} for path in above}


def _reached(path: str, above: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [path]
    while waiting:
        new = above.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found
