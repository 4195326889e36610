"""The software catalog's entities that this repository declares.

They stand in `catalog-info.yaml` at the root, and in the files of this repository that Locations there lead to; where
there is none at the root, in those of its folders. Nothing else counts: not a template's skeleton, not a fixture. The
file may be called `catalog-info.yml`, because organisations choose the paths that their discovery looks at;
`catalog-info.yaml` is the default of all of Backstage's providers.
"""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.entities import is_substituted, problems
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, Unread, parse
from goldenpath.facts.placeholders import is_unfilled
from goldenpath.facts.references import MAX_NAME, Reference, parse_reference
from goldenpath.facts.regexes import regex
from goldenpath.repository import InputError, Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.handed_in import Lent
    from goldenpath.repository import Repository

PATHS = ("catalog-info.yaml", "catalog-info.yml")
"""Where the catalog looks; the first that is there counts."""

_NESTED = regex(rf".+/({'|'.join(map(re.escape, PATHS))})")

_MISSPELT = regex("|".join(map(re.escape, PATHS)), re.IGNORECASE)

MAX_FILES = 500
"""Most files that Locations are followed to."""

MAX_TOTAL = 8 << 20
"""Most bytes that are read."""

MAX_PATTERNS = 50
"""Most targets with wildcards that are looked up."""

MAX_WILDCARDS = 4
"""Most wildcards in one of them."""

MAX_ENTITIES = 1_000
"""Most entities that are read."""

MAX_PROBLEMS = 100
"""Most problems that are told, of one entity and of the rest."""

UNNAMED = "unnamed"
"""The name of an entity that has none that can be one."""


class Link(Struct, frozen=True):
    """An entry of `metadata.links`; `url` is as written, and stands at `place`."""

    place: Place
    url: str
    title: str = ""
    type: str = ""
    icon: str = ""

    def is_about(self, words: re.Pattern[str]) -> bool:
        """Whether its type, title or icon has one of these words."""
        return any(words.search(text) for text in (self.type, self.title, self.icon))


class Entity(Struct, frozen=True):
    """One entity: its document, and why Backstage would refuse it."""

    ref: Reference
    document: Mapping
    problems: tuple[Finding, ...]


class Component(Struct, frozen=True):
    """A catalog Component; `entity` is its document.

    Type and lifecycle are in lower case, as Backstage compares them. Where no valid type is said it is a `service`: the
    kind of which most is asked. `home` is the folder of this repository in which it is declared, empty for the root;
    `instead_of` where this repository declares it, if an entity counts that was handed in.
    """

    ref: Reference
    type: str
    lifecycle: str | None
    entity: Mapping
    problems: tuple[Finding, ...] = ()
    home: str = ""
    instead_of: Place | None = None

    @property
    def annotations(self) -> dict[str, Scalar]:
        """The annotations that have a value, with where it stands."""
        node = self.entity.get("metadata", "annotations")
        pairs = node.values.items() if isinstance(node, Mapping) else ()
        return {key: value for key, value in pairs if isinstance(value, Scalar) and value.resolved() is not None}

    @property
    def links(self) -> tuple[Link, ...]:
        """The links that have an address."""
        node = self.entity.get("metadata", "links")
        items = node.items if isinstance(node, Sequence) else ()
        return tuple(link for item in items if (link := _link(item)))

    def hidden(self, *path: str) -> Place | None:
        """Where Backstage fetches what stands at a path of keys, on the way to it, or in it if it is a list."""
        node: Node | None = self.entity
        for key in path:
            if isinstance(node, Mapping) and not is_substituted(node):
                node = node.values.get(key)
        items = node.items if isinstance(node, Sequence) else [node]
        parts = (
            part for item in items for part in (item, *(item.values.values() if isinstance(item, Mapping) else ()))
        )
        return next((part.place for part in parts if part is not None and is_substituted(part)), None)


class Catalog(Struct, frozen=True):
    """What the repository declares.

    `path` is the file it begins with, or where that should be; `stray`: it is there, but not tracked; `misspelt` is one
    whose name only has other capitals. `problems` are what Backstage would refuse beside the components; `unseen` is
    what cannot be read, or lies elsewhere.
    """

    path: str
    found: bool
    stray: bool
    entities: tuple[Entity, ...]
    components: tuple[Component, ...]
    problems: tuple[Finding, ...]
    unseen: tuple[Finding, ...]
    misspelt: str = ""


def catalog(repository: Repository, lent: tuple[Lent, ...] = ()) -> Catalog:
    """Read the entities; one that was handed in counts instead of that of the repository by the same reference.

    What cannot be read in the repository is part of the answer. Raises InputError for what was handed in.
    """
    path = next((path for path in PATHS if _is_there(path, repository)), None)
    walk = _Walk(repository)
    for each in [path] if path else _nested(repository):
        path = path or each
        walk.read(each)
    handed_in = _handed_in(lent)
    own = {str(each.ref): each for each in walk.entities}
    entities = (*handed_in.values(), *(each for each in walk.entities if str(each.ref) not in handed_in))
    outdone = [problem for ref in handed_in.keys() & own.keys() for problem in own[ref].problems]
    return Catalog(
        path=path or PATHS[0],
        found=path is not None,
        stray=path is None and any(repository.stray(each) for each in PATHS),
        entities=entities,
        components=tuple(
            _component(each, own.get(ref) if (ref := str(each.ref)) in handed_in else each)
            for each in entities
            if each.ref.kind == "component"
        ),
        problems=tuple(each for each in walk.problems if each not in outdone)[:MAX_PROBLEMS],
        unseen=tuple(walk.unseen[:MAX_PROBLEMS]),
        misspelt="" if path else next(repository.paths(_MISSPELT), ""),
    )


def home_of(path: str, components: Iterable[Component]) -> str:
    """The folder of the component in which a path lies, the deepest of several; empty for the root."""
    homes = (each.home for each in components if path == each.home or path.startswith(f"{each.home}/"))
    return max(homes, key=len, default="")


def _is_there(path: str, repository: Repository) -> bool:
    """Whether a file is tracked and not deleted; a link that leads nowhere is there, and cannot be read."""
    return path in repository or (path in repository.entries and repository.entries[path].is_link)


def _nested(repository: Repository) -> list[str]:
    """The catalog files of the parts of a repository that has none for all of it: a portal may look for them there."""
    from goldenpath.facts.search import is_ignored  # the rare case, which the others should not wait for

    return [path for path in repository.paths(_NESTED) if not is_ignored(path, repository)][:MAX_FILES]


HANDED_IN = "--entity"
"""What stands before the name of a file that was handed in."""


def _handed_in(lent: tuple[Lent, ...]) -> dict[str, Entity]:
    """The entities that were handed in, by their references."""
    found: dict[str, Entity] = {}
    for file in lent:
        try:
            documents = [
                each for document in parse(file.name, file.text, source=HANDED_IN) for each in _several(document)
            ]
        except Malformed as error:
            raise InputError(f"{HANDED_IN} {file.name}, line {error.place.line}: {error}") from None
        for document in documents:
            where = f"{HANDED_IN} {file.name}, line {document.place.line}"
            if not isinstance(document, Mapping) or document.text("kind") is None:
                raise InputError(f"{where}: it is no entity, which has a kind, metadata and a spec")
            reference = _reference(document)
            if str(reference) in found:
                raise InputError(
                    f"{where}: {reference} is handed in twice, first at {found[str(reference)].document.place}"
                )
            found[str(reference)] = Entity(reference, document, tuple(islice(problems(document), MAX_PROBLEMS)))
        if not documents:
            raise InputError(f"{HANDED_IN} {file.name}: it holds no entity")
    return found


def _several(document: Node) -> list[Node]:
    """The entities of a document: itself, or those in the list that a portal answers with."""
    listed = document.get("items") if isinstance(document, Mapping) and "kind" not in document.values else document
    return listed.items if isinstance(listed, Sequence) else [document]


def _component(entity: Entity, own: Entity | None) -> Component:
    """The component of an entity; `own` is the one that this repository declares by the same reference."""
    kind, lifecycle = entity.document.text("spec", "type"), entity.document.text("spec", "lifecycle")
    return Component(
        entity.ref,
        kind.lower() if kind and not is_unfilled(kind) else "service",
        lifecycle.lower() if lifecycle else None,
        entity.document,
        entity.problems,
        home=posixpath.dirname(own.document.place.path) if own else "",
        instead_of=own.document.place if own and own is not entity else None,
    )


def _link(item: Node) -> Link | None:
    url = item.values.get("url") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(url, Scalar) or not url.text:
        return None
    title, kind, icon = (item.text(key) or "" for key in ("title", "type", "icon"))
    return Link(url.place, url.text.strip(), title, kind, icon)


class _Walk:
    """The way from the first file through its Locations, and what is met."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._seen: set[str] = set()
        self._patterns: set[str] = set()
        self._total = 0
        self._refs: dict[str, Place] = {}
        self.entities: list[Entity] = []
        self.problems: list[Finding] = []
        self.unseen: list[Finding] = []

    def read(self, path: str) -> None:
        """Read a file, and those that it leads to. No file is read twice, so a circle ends."""
        pending = {path: None}
        while pending:
            path = next(iter(pending))
            del pending[path]
            self._seen.add(path)
            for document in self._documents(path):
                if len(self._seen) > MAX_FILES or self._total > MAX_TOTAL or len(self.entities) >= MAX_ENTITIES:
                    limits = f"{MAX_FILES:,} files, {MAX_TOTAL >> 20} MB, {MAX_ENTITIES:,} entities"
                    self.unseen.append(Finding(document.place, f"goldenpath reads no further than {limits}"))
                    return
                self._add(document)
                pending |= {target: None for target in self._targets(document) if target not in self._seen}

    def _documents(self, path: str) -> Iterator[Mapping]:
        try:
            text = self._repository.text(path)
            self._total += len(text)
            documents = parse(path, text)
        except (Missing, Unreadable) as error:
            self.unseen.append(Finding(Place(path), str(error)))
        except Unread as error:
            self.unseen.append(Finding(error.place, str(error)))
        except Malformed as error:
            self.problems.append(_malformed(error, text))
        else:
            if not documents:
                self.problems.append(Finding(Place(path), "it holds no entity"))
            for document in documents:
                if isinstance(document, Mapping):
                    yield document
                else:
                    self.problems.append(Finding(document.place, "it is no entity, which would be a mapping"))

    def _add(self, document: Mapping) -> None:
        reference = _reference(document)
        found = list(islice(problems(document), MAX_PROBLEMS))
        first = self._refs.setdefault(str(reference), document.place) if reference.name != UNNAMED else document.place
        if first is not document.place:
            found.append(Finding(document.place, f"`{reference}` is declared twice, first at {first}"))
        if reference.kind != "component":
            self.problems += found
        self.entities.append(Entity(reference, document, tuple(found)))

    def _targets(self, document: Mapping) -> Iterator[str]:
        """The files of this repository that a Location leads to."""
        if document.text("kind") != "Location":
            return
        one, several = document.get("spec", "target"), document.get("spec", "targets")
        for node in (one, *(several.items if isinstance(several, Sequence) else ())):
            if isinstance(node, Scalar) and node.text:
                yield from self._files(node, required=document.text("spec", "presence") != "optional")

    def _files(self, target: Scalar, *, required: bool) -> Iterator[str]:
        if re.match(r"[a-zA-Z][\w+.-]*:", target.text):
            self.unseen.append(Finding(target.place, f"{shown(target.text)} lies elsewhere"))
            return
        folder = "" if target.text.startswith("/") else posixpath.dirname(target.place.path)
        path = posixpath.normpath(posixpath.join(folder, target.text.lstrip("/")))
        wildcards = len(re.findall(r"[*?]+", path))
        if path == ".." or path.startswith("../"):
            self.unseen.append(Finding(target.place, f"{shown(target.text)} leads out of the repository"))
        elif _is_there(path, self._repository):
            yield path
        elif wildcards > MAX_WILDCARDS or (wildcards and len(self._patterns) >= MAX_PATTERNS):
            self.unseen.append(Finding(target.place, f"{shown(path)} has more wildcards than goldenpath follows"))
        elif wildcards:
            self._patterns.add(path)
            yield from self._repository.paths(_glob(path))
        elif required:
            self.problems.append(Finding(target.place, f"there is no file {shown(path)}"))


def _reference(document: Mapping) -> Reference:
    """What the entity would be called, whatever is wrong with it."""
    kind = document.text("kind") or UNNAMED
    name, namespace = document.text("metadata", "name") or UNNAMED, document.text("metadata", "namespace") or "default"
    try:
        return parse_reference(f"{namespace}/{name}", kind)
    except ValueError:
        readable = "" if is_unfilled(name) else re.sub(r"[^A-Za-z0-9]+", "-", name[:MAX_NAME]).strip("-")
        return Reference(re.sub(r"\W", "", kind[:MAX_NAME]).lower(), "default", readable or UNNAMED)


def _malformed(error: Malformed, text: str) -> Finding:
    lines = text.splitlines()
    line = lines[error.place.line - 1] if 0 < error.place.line <= len(lines) else ""
    if is_unfilled(line):
        return Finding(error.place, f"a template's expression is not filled in: {shown(line)}")
    return Finding(error.place, str(error))


def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern of Backstage's URL readers: `*` and `?` stay within a folder, `**` does not."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meanings.get(part, re.escape(part)) for part in parts))
