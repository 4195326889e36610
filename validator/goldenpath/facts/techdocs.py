"""The documentation that Backstage's TechDocs would build for each component: configuration, menu, pages.

MkDocs is read, never run. What is certain to break the build, or to leave a hole where the menu promises a page, is a
problem; what depends on how an organisation builds its documentation is a doubt.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.markdown import read_document
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, Unread, parse, scalars
from goldenpath.facts.references import Reference, parse_reference
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

MAX_INCLUDES = 500
"""Most sites of a monorepo that are followed from one menu."""

MAX_READ = 40
"""Most pages that are opened to find one that says something."""

INCLUDE, INCLUDE_ALL = "!include ", "*include "

_PYTHON_TAG = regex(r"(?:!!|!<tag:yaml\.org,2002:)python/([\w./:]+)")
_CORE_TAGS = "tag:yaml.org,2002:"


class Site(Struct, frozen=True):
    """One documentation site.

    `config` is the mkdocs.yml, `name` the site's in lower case, `folder` the folder of the pages, `front` the page that
    the site opens with, `entries` how many the menu has. `problems` break the build or the menu, `doubts` cannot be
    told from here.
    """

    config: str
    name: str = ""
    folder: str = ""
    front: str | None = None
    entries: int = 0
    problems: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


class Docs(Struct, frozen=True):
    """What a component's entity says of its documentation. Without `place` it says nothing."""

    place: Place | None = None
    text: str = ""
    site: Site | None = None
    problem: str | None = None
    doubt: str | None = None


class TechDocs(Struct, frozen=True):
    """The documentation of each component, by its reference."""

    of: dict[Reference, Docs]


class Annotations(Struct, frozen=True):
    """The names of the annotations."""

    reference: str
    entity: str
    engine: str


class Knowledge(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The table beside this module."""

    annotations: Annotations
    engines: frozenset[str]
    slugs: tuple[str, ...]
    configs: tuple[str, ...]
    pages: frozenset[str]
    plugins: frozenset[str]
    plugin_families: tuple[str, ...]
    extensions: frozenset[str]
    extension_families: tuple[str, ...]
    themes: frozenset[str]
    python_tags: frozenset[str]
    tags: frozenset[str]


@cache
def knowledge() -> Knowledge:
    """The table, read once."""
    return read_table("techdocs", Knowledge)


def techdocs(repository: Repository, catalog: Catalog) -> TechDocs:
    """Follow each component's annotation to its site."""
    library = _Library(repository, catalog)
    return TechDocs({component.ref: library.docs(component) for component in catalog.components})


class _Library:
    """The sites of a repository, each read once."""

    def __init__(self, repository: Repository, catalog: Catalog) -> None:
        self._repository = repository
        self._catalog = catalog
        self._sites: dict[str, Site] = {}

    def docs(self, component: Component, *, follow: bool = True) -> Docs:
        """What the annotations lead to."""
        names = knowledge().annotations
        annotations = component.entity.get("metadata", "annotations")
        if not isinstance(annotations, Mapping):
            return Docs()
        if (engine := annotations.text(names.engine)) and engine not in knowledge().engines:
            return self._unseen(annotations, names.engine, f"goldenpath does not know the engine {shown(engine)}")
        if names.reference in annotations.values:
            return self._by_reference(component, annotations)
        if names.entity in annotations.values and follow:
            return self._by_entity(annotations)
        return Docs()

    def _unseen(self, annotations: Mapping, name: str, doubt: str) -> Docs:
        return Docs(annotations.values[name].place, annotations.text(name) or "", doubt=doubt)

    def _by_entity(self, annotations: Mapping) -> Docs:
        """Another entity's documentation."""
        name = knowledge().annotations.entity
        text, place = annotations.text(name) or "", annotations.values[name].place
        try:
            reference = parse_reference(text, "component")
        except ValueError as error:
            return Docs(place, text, problem=str(error))
        for component in self._catalog.components:
            if component.ref == reference:
                found = self.docs(component, follow=False)
                return Docs(place, text, found.site, found.problem, found.doubt)
        return Docs(place, text, doubt=f"the documentation is {reference}'s, which is not in this repository")

    def _by_reference(self, component: Component, annotations: Mapping) -> Docs:
        name = knowledge().annotations.reference
        text, place = annotations.text(name) or "", annotations.values[name].place
        kind, colon, target = text.partition(":")
        if not colon or kind not in {"dir", "url"} or not target.strip():
            return Docs(
                place, text, problem=f"{shown(text)} is neither `dir:` with a folder nor `url:` with an address"
            )
        if kind == "url":
            folder = _folder_of_url(target.strip(), annotations)
            if folder is None or not self._repository.is_folder(folder):
                return Docs(place, text, doubt=f"the documentation is at {target.strip()}")
        else:
            home = component.home
            folder = _joined("" if target.startswith("/") else home, target.strip().lstrip("/") or ".")
        if folder is None:
            return Docs(place, text, problem=f"{shown(text)} leads out of the repository")
        return Docs(place, text, self.site(folder))

    def site(self, folder: str) -> Site:
        """The site of a folder."""
        if folder not in self._sites:
            self._sites[folder] = _SiteReader(self._repository, folder).read()
        return self._sites[folder]


def _folder_of_url(url: str, annotations: Mapping) -> str | None:
    """The folder of this repository that a URL names; None when it is another's, or nobody says which this is."""
    path = urlsplit(url).path.strip("/")
    for slug in filter(None, (annotations.text(name) for name in knowledge().slugs)):
        if path.lower() == slug.lower() or path.lower().startswith(slug.lower() + "/"):
            rest = path[len(slug) :].strip("/").removeprefix("-/")
            match = re.fullmatch(r"(?:(?:tree|blob|src)/[^/]+/?)?(.*)", rest)
            return match[1] if match else None
    return None


def _joined(base: str, path: str) -> str | None:
    """A path from a folder, normalised; empty for the root, None when it leads out."""
    joined = posixpath.normpath(posixpath.join(base, path))
    return None if joined == ".." or joined.startswith(("../", "/")) else joined.removeprefix(".").lstrip("/")


class _SiteReader:
    """Reads one mkdocs.yml and what it promises."""

    def __init__(self, repository: Repository, home: str, *, part: bool = False) -> None:
        self._repository = repository
        self._home = home
        self._part = part
        self._config = ""
        self._folder = ""
        self._name = ""
        self._parts: set[str] = set()
        self._entries = 0
        self._problems: list[Finding] = []
        self._holes: list[Finding] = []
        self._doubts: list[Finding] = []

    def read(self, config: str | None = None) -> Site:
        """The site. Holes in the menu are problems, unless a plugin that nobody knows may fill them."""
        root = self._read_config(config)
        if root is None:
            return self._site()
        self._read_settings(root)
        if not self._read_folder(root):
            return self._site()
        self._read_menu(root)
        front = self._front()
        if front is None and not self._part:
            self._holes.append(
                Finding(Place(self._config), f"{self._folder} has no index.md (or README.md) to open the site with")
            )
        elif self._prose() is None and not self._part:
            self._holes.append(Finding(Place(front or self._folder), "no page says anything yet"))
        return self._site(front)

    def _site(self, front: str | None = None) -> Site:
        holes, doubts = self._holes, self._doubts
        if doubts:
            holes, doubts = [], doubts + holes
        return Site(
            self._config,
            self._name,
            self._folder,
            front,
            self._entries,
            (*self._problems, *holes),
            tuple(doubts),
        )

    def _problem(self, place: Place, text: str) -> None:
        self._problems.append(Finding(place, text))

    def _doubt(self, place: Place, text: str) -> None:
        self._doubts.append(Finding(place, text))

    def _read_config(self, config: str | None) -> Mapping | None:
        found = (
            [config]
            if config
            else [path for name in knowledge().configs if (path := self._at(name)) in self._repository]
        )
        self._config = found[0] if found else self._at(knowledge().configs[0])
        if not found:
            stray = self._repository.stray(self._config)
            self._problem(Place(self._config), "it is not tracked by git" if stray else self._no_config())
            return None
        if len(found) > 1:
            self._doubt(
                Place(found[1]), "there are two configurations: TechDocs checks this one, MkDocs builds the other"
            )
        return self._parse()

    def _no_config(self) -> str:
        """Why there is none, when the reason can be seen: the annotation names the folder of the pages."""
        parent = posixpath.dirname(self._home)
        if self._home and any(posixpath.join(parent, name) in self._repository for name in knowledge().configs):
            return "the annotation names the folder of mkdocs.yml, not that of the pages"
        return "there is no mkdocs.yml"

    def _parse(self) -> Mapping | None:
        try:
            text = self._repository.text(self._config)
            documents = parse(self._config, text)
        except (Unreadable, Missing) as error:
            self._doubt(Place(self._config), str(error))
            return None
        except Unread as error:
            self._doubt(error.place, str(error))
            return None
        except Malformed as error:
            self._problem(error.place, str(error))
            return None
        if len(documents) != 1 or not isinstance(root := documents[0], Mapping):
            self._problem(Place(self._config), "it is no mapping of settings")
            return None
        self._read_tags(text, root)
        return root

    def _read_tags(self, text: str, root: Mapping) -> None:
        for number, line in enumerate(text.splitlines(), start=1):
            for match in _PYTHON_TAG.finditer("" if line.lstrip().startswith("#") else line):
                if match[1] not in knowledge().python_tags:
                    place = Place(self._config, number, match.start() + 1)
                    self._problem(place, f"TechDocs refuses the Python object {shown(match[1])}")
        for scalar in scalars(root):
            if scalar.tag and not scalar.tag.startswith(_CORE_TAGS) and scalar.tag not in knowledge().tags:
                hint = "; write it in quotation marks" if scalar.tag == INCLUDE.strip() else ""
                self._problem(scalar.place, f"MkDocs knows no tag {shown(scalar.tag)}{hint}")

    def _read_settings(self, root: Mapping) -> None:
        self._read_inherited(root)
        if "site_name" not in root.values:
            if "INHERIT" in root.values and not self._part:
                text = "site_name is inherited, and TechDocs drops INHERIT in its newer versions"
                self._doubt(root.values["INHERIT"].place, text)
            else:
                self._problem(root.place, "site_name is missing")
        self._name = (root.text("site_name") or "").strip().lower()
        known = knowledge()
        self._ask(root, "plugins", known.plugins, known.plugin_families)
        self._ask(root, "markdown_extensions", known.extensions, known.extension_families)
        self._read_theme(root.get("theme"))

    def _read_inherited(self, root: Mapping) -> None:
        """MkDocs stops without what is inherited; newer versions of TechDocs do not look for it."""
        name = root.text("INHERIT")
        if not name or self._part:
            return
        path = _joined(self._home, name)
        if path is None or path not in self._repository:
            text = (
                f"the inherited {shown(name)} is not there: MkDocs stops, unless TechDocs is new enough to drop INHERIT"
            )
            self._doubt(root.values["INHERIT"].place, text)

    def _ask(self, root: Mapping, key: str, known: frozenset[str], families: tuple[str, ...]) -> None:
        """Whether every plugin or extension of a list is one that TechDocs brings along."""
        value = root.get(key)
        if value is None:
            return
        if not isinstance(value, Sequence):
            if key == "plugins":
                self._doubt(value.place, "`plugins` is no list, so TechDocs cannot add its own to it")
            names = list(value.keys.values()) if isinstance(value, Mapping) else []
        else:
            names = list(_names(value))
        for name in names:
            if name.text not in known and not name.text.startswith(families):
                what = "plugin" if key == "plugins" else "extension"
                self._doubt(name.place, f"TechDocs does not bring the {what} {shown(name.text)} along")

    def _read_theme(self, theme: Node | None) -> None:
        name = theme.get("name") if isinstance(theme, Mapping) else theme
        if isinstance(name, Scalar) and name.resolved() is not None and name.text not in knowledge().themes:
            self._doubt(name.place, f"TechDocs does not bring the theme {shown(name.text)} along")

    def _read_folder(self, root: Mapping) -> bool:
        """Find the folder of the pages; whether it is there."""
        value = root.get("docs_dir")
        text = root.text("docs_dir") or "docs"
        place = value.place if value else Place(self._config)
        if isinstance(value, Scalar) and value.tag:
            self._doubt(place, "the folder of the pages comes from the environment")
            return False
        folder = None if text.startswith("/") else _joined(self._home, text)
        if folder is None or not (folder + "/").startswith(self._home + "/" if self._home else ""):
            self._problem(place, f"docs_dir {shown(text)} leads out of the folder of mkdocs.yml")
        elif folder == self._home:
            self._problem(place, "docs_dir is the folder of mkdocs.yml itself; MkDocs wants one below it")
        elif not self._repository.is_folder(folder) and not self._linked(folder):
            self._problem(place, f"the folder {folder} of docs_dir is not there")
        else:
            self._folder = folder
            self._read_links()
            return True
        return False

    def _linked(self, folder: str) -> bool:
        entry = self._repository.entries.get(folder)
        if entry is None or not entry.is_link:
            return False
        self._doubt(Place(folder), "the folder of the pages is a symbolic link")
        return True

    def _read_links(self) -> None:
        """TechDocs refuses a link that leads out of what it builds from."""
        inside = f"{self._home}/" if self._home else ""
        for path in self._repository.links(self._folder):
            target = self._repository.find(path)
            if target is not None and not target.startswith(inside):
                self._problem(Place(path), "the link leads out of the folder of mkdocs.yml; TechDocs refuses that")
            elif target is None and not self._is_linked_folder(path):
                self._problem(Place(path), "the link leads nowhere, or out of the repository")

    def _is_linked_folder(self, path: str) -> bool:
        return any(self._repository.find(f"{path}/{name}") for name in ("index.md", "README.md"))

    def _read_menu(self, root: Mapping) -> None:
        menu = root.get("nav")
        if menu is None or (isinstance(menu, Scalar) and menu.resolved() is None):
            return
        if not isinstance(menu, Sequence):
            self._problem(menu.place, "`nav` is no list")
            return
        for item in menu.items:
            self._read_item(item)

    def _read_item(self, item: Node) -> None:
        """One entry of the menu: a page, a title with a page, or a title with more entries."""
        if isinstance(item, Scalar) and item.text:
            self._read_target(item)
        elif isinstance(item, Mapping) and len(item.values) == 1:
            (below,) = item.values.values()
            if isinstance(below, Sequence):
                for each in below.items:
                    self._read_item(each)
            else:
                self._read_item(below)
        else:
            self._problem(item.place, "an entry of `nav` is a page, or one title with a page or a list")

    def _read_target(self, item: Scalar) -> None:
        """A page, a file, an address, or another mkdocs.yml."""
        self._entries += 1
        text = item.text.strip()
        if text.startswith((INCLUDE, INCLUDE_ALL)):
            self._read_include(item, text)
        elif text.startswith("/"):
            self._holes.append(Finding(item.place, f"{shown(text)} is no page: pages are named from {self._folder}/"))
        elif not _is_address(text) and (problem := self._hole(text)):
            self._holes.append(Finding(item.place, problem))

    def _hole(self, text: str) -> str | None:
        """Why the menu's entry leads to no page."""
        path = _joined(self._folder, text)
        if path is None or not path.startswith(self._folder + "/"):
            return f"{shown(text)} is not below {self._folder}"
        if path not in self._repository:
            if self._repository.stray(path):
                return f"{path} is not tracked by git"
            return f"{path} is a folder" if self._repository.is_folder(path) else f"{path} is not there"
        name = PurePosixPath(path)
        if name.name == "README.md" and str(name.with_name("index.md")) in self._repository:
            return f"{path} is left out, because index.md beside it is the same page"
        return None

    def _read_include(self, item: Scalar, text: str) -> None:
        """Another site of the same repository: what is wrong with it is wrong with this one."""
        if self._part:
            self._doubt(item.place, "an included menu includes another one")
            return
        for config in self._included(item, text):
            part = _SiteReader(self._repository, posixpath.dirname(config), part=True).read(config)
            if part.name and part.name in self._parts:
                self._problem(item.place, f"two included sites are called {shown(part.name)}")
            self._parts.add(part.name)
            self._entries += part.entries
            self._problems += part.problems
            self._doubts += part.doubts

    def _included(self, item: Scalar, text: str) -> Iterator[str]:
        wanted = _joined(self._home, text[len(INCLUDE) :].strip())
        if wanted is None or not wanted.endswith((".yml", ".yaml")):
            self._problem(item.place, f"{shown(text)} includes no mkdocs.yml of this repository")
        elif text.startswith(INCLUDE):
            if wanted in self._repository:
                yield wanted
            else:
                self._problem(item.place, f"the included {wanted} is not there")
        else:
            pattern = re.compile("/".join(_glob(part) for part in wanted.split("/")))
            found = list(islice(self._repository.paths(pattern), MAX_INCLUDES + 1))
            if len(found) > MAX_INCLUDES:
                self._doubt(item.place, f"it includes more than {MAX_INCLUDES} sites")
            elif not found:
                self._problem(item.place, f"nothing is called {shown(wanted)}")
            yield from found[:MAX_INCLUDES]

    def _pages(self) -> Iterator[str]:
        """The pages that the site has, without those that MkDocs leaves out; the first ones first."""
        prefix = self._folder + "/"
        for path in self._repository.paths(re.compile(re.escape(prefix) + r".+\.\w+")):
            hidden = any(part.startswith(".") for part in path[len(prefix) :].split("/"))
            if PurePosixPath(path).suffix in knowledge().pages and not hidden:
                yield path

    def _front(self) -> str | None:
        names = [
            "index.html",
            *(f"{stem}{suffix}" for stem in ("index", "README") for suffix in sorted(knowledge().pages)),
        ]
        return next((path for name in names if (path := f"{self._folder}/{name}") in self._repository), None)

    def _prose(self) -> str | None:
        front = self._front()
        pages = dict.fromkeys(([front] if front else []) + list(islice(self._pages(), MAX_READ)))
        for path in pages:
            try:
                if says_something(self._repository.text(path)):
                    return path
            except (Missing, Unreadable):
                continue
        return None

    def _at(self, name: str) -> str:
        return f"{self._home}/{name}" if self._home else name


def _names(items: Sequence) -> Iterator[Scalar]:
    """The names in a list whose items are a name, or one name with its options."""
    for item in items.items:
        if isinstance(item, Scalar):
            yield item
        elif isinstance(item, Mapping):
            yield from item.keys.values()


def _glob(part: str) -> str:
    return re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")


def _is_address(text: str) -> bool:
    """Whether MkDocs takes it for a link rather than for a page."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme or parts.netloc)


def says_something(text: str) -> bool:
    """Whether a page has a sentence that is neither a heading nor a scaffold's."""
    return read_document(text).words > 0
