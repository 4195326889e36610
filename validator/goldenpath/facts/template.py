"""The template that a repository was made from and follows, by its Copier answers file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import Malformed, Mapping, Unread, read_one
from goldenpath.repository import Place

if TYPE_CHECKING:
    from goldenpath.repository import Repository

ANSWERS = ".copier-answers.yml"
"""Where Copier keeps what a service has answered."""


class Template(Struct, frozen=True):
    """What the answers file says: where the template lives, and its version here; each empty where it is not said.

    `problem` is why the file cannot be read, `found` whether there is one, `stray` whether git does not track it yet.
    """

    found: bool
    stray: bool = False
    source: str = ""
    version: str = ""
    source_place: Place = Place(ANSWERS)
    version_place: Place = Place(ANSWERS)
    problem: Finding | None = None
    unread: bool = False
    """Whether it is only goldenpath that cannot read it."""

    @property
    def followed(self) -> bool:
        """Whether `copier update` could bring a newer version of it."""
        return bool(self.source and self.version)


def template(repository: Repository) -> Template:
    """Read the answers file."""
    try:
        root = read_one(repository, ANSWERS)
    except Malformed as error:
        return Template(found=True, problem=Finding(error.place, str(error)), unread=isinstance(error, Unread))
    if root is None:
        return Template(found=False, stray=repository.stray(ANSWERS))
    source, version = root.text("_src_path") or "", root.text("_commit") or ""
    return Template(
        found=True,
        source=source,
        version=version,
        source_place=_place(root, "_src_path"),
        version_place=_place(root, "_commit"),
    )


def _place(root: Mapping, key: str) -> Place:
    node = root.get(key)
    return node.place if node is not None else root.place
