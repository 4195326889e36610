"""Where a link of a catalog entity leads: to a file of this repository, or elsewhere."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec import Struct

from goldenpath.facts.addresses import MAX_LENGTH, parse_address
from goldenpath.facts.nodes import Malformed, read_one
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.catalog import Component
    from goldenpath.repository import Repository

MAX_SEGMENTS = 8
"""Most parts of an address that may be the name of a branch."""


READMES = ("README.md", "readme.md", "README.rst")
"""What the front page of a repository shows."""


class Destination(Struct, frozen=True):
    """A place in this repository: the paths that the link may mean, likeliest first, and the fragment behind `#`.

    `certain` is False where nothing says of which repository the address is, and only the names are alike.
    """

    paths: tuple[str, ...]
    anchor: str
    certain: bool = True


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    files: tuple[str, ...]
    fronts: tuple[str, ...]
    pages: tuple[str, ...]
    slugs: tuple[str, ...]
    locations: tuple[str, ...]


@cache
def _table() -> _Table:
    return read_table("forges", _Table)


def destination(url: str, component: Component, repository: Repository) -> Destination | None:
    """What an address means in this repository; None when it leads elsewhere."""
    if len(url) > MAX_LENGTH:
        return None
    whole, _, fragment = url.partition("#")
    whole, anchor = unquote(whole.partition("?")[0]), unquote(fragment)
    if file := _matched(_table().files, whole):
        return _if_own(file["slug"], component, Destination(tuple(_after_branch(file["rest"])), anchor))
    if front := _matched(_table().fronts, whole):
        return _if_own(front["slug"], component, Destination(READMES if anchor else (), anchor))
    if page := _matched(_table().pages, whole):
        return _of_page(page, anchor, component, repository)
    if "://" in url or parse_address(url):
        return None
    return Destination(tuple(_relative(whole, component)), anchor)


def _matched(patterns: Sequence[str], text: str) -> re.Match[str] | None:
    return next(filter(None, (re.fullmatch(pattern, text) for pattern in patterns)), None)


def _relative(path: str, component: Component) -> Iterator[str]:
    """A path from the entity's file, or from the root of the repository."""
    folder = component.home
    for base in dict.fromkeys([folder, ""]):
        joined = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
        if not joined.startswith("../") and joined not in {".", ".."}:
            yield joined


def _after_branch(rest: str) -> Iterator[str]:
    """The paths that follow the name of a branch, which may have slashes itself."""
    parts = rest.strip("/").split("/")
    return (posixpath.normpath("/".join(parts[start:])) for start in range(1, min(len(parts), MAX_SEGMENTS)))


def _if_own(slug: str, component: Component, found: Destination) -> Destination | None:
    """The destination, if the repository is the component's; uncertain when only its name speaks for it."""
    slug = slug.lower().removesuffix(".git")
    if own := set(_slugs(component)):
        return found if slug in own else None
    alike = slug.rpartition("/")[2] == component.ref.name.lower()
    return Destination(found.paths, found.anchor, certain=False) if alike else None


def _slugs(component: Component) -> Iterator[str]:
    """The repositories that a component's annotations name as its source."""
    annotations = component.annotations
    for name in _table().slugs:
        if value := annotations.get(name):
            yield value.text.strip("/ ").lower().removesuffix(".git")
    for name in _table().locations:
        url = annotations[name].text.removeprefix("url:").rstrip("/") if name in annotations else ""
        if match := _matched(_table().files, url) or _matched(_table().fronts, url):
            yield match["slug"].lower()


def _of_page(page: re.Match[str], anchor: str, component: Component, repository: Repository) -> Destination | None:
    """A page of TechDocs as the document that it is made from."""
    own = component.ref
    if [page[part].lower() for part in ("namespace", "kind", "name")] != [own.namespace, own.kind, own.name.lower()]:
        return None
    folder = _docs_folder(component, repository)
    name = (page["page"] or "").strip("/")
    stem = re.sub(r"(^|/)index\.html$|\.html$", "", name)
    paths = [f"{stem}.md", f"{stem}/index.md", f"{stem}/README.md"] if stem else ["index.md", "README.md"]
    return Destination(tuple(posixpath.normpath(posixpath.join(folder, path)) for path in paths), anchor)


def _docs_folder(component: Component, repository: Repository) -> str:
    """The folder that a component's TechDocs are made from, by `backstage.io/techdocs-ref` and mkdocs.yml."""
    reference = component.annotations.get("backstage.io/techdocs-ref")
    target = reference.text.removeprefix("dir:") if reference and reference.text.startswith("dir:") else "."
    folder = posixpath.normpath(posixpath.join(component.home, target))
    try:
        site = read_one(repository, posixpath.normpath(posixpath.join(folder, "mkdocs.yml")))
    except Malformed:
        site = None
    return posixpath.join(folder, (site.text("docs_dir") if site else None) or "docs")
