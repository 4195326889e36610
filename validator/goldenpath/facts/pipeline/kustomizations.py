"""The images of what kustomize builds: those of the manifests that it reads, with its own `images` in their place."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Mapping, Scalar, Sequence, mappings, parse_text
from goldenpath.facts.pipeline.acts import Image, image
from goldenpath.facts.values import partition, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LEADS = ("resources", "bases", "components")
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")


def file_of(tree: Tree, folder: str) -> str | None:
    """The file by which a folder is one of kustomize's; None for any other."""
    return next((path for name in _FILES if tree.is_file(path := posixpath.join(folder, name))), None)


class Kustomized:
    """What kustomize builds of a folder; `documents` reads a manifest, and says nothing of one that a job has changed.

    `edits` are the words by which `kustomize edit set image` has changed a kustomization, by its path.
    """

    def __init__(
        self, tree: Tree, documents: Callable[[str], Iterable[Node]], edits: dict[str, deque[tuple[Value, ...]]]
    ) -> None:
        self._tree = tree
        self._documents = documents
        self._edits = edits
        self._seen = set[str]()

    def images(self, folder: str) -> list[Image]:
        """The images of all that a folder leads to in the repository; each folder is read once."""
        path = file_of(self._tree, folder)
        if path is None or path in self._seen:
            return []
        self._seen.add(path)
        root = next((each for each in self._documents(path) if isinstance(each, Mapping)), None)
        if root is None:
            return []
        found = [each for key in _LEADS for led in texts(root.get(key)) for each in self._led_to(folder, led)]
        patched = [each for key in _PATCHES for each in self._patched(folder, root.get(key))]
        names = {each.name for each in patched}
        found = [*(each for each in found if each.name not in names), *patched]
        return [self._replaced(each, root, path) for each in found]

    def _led_to(self, folder: str, named: str) -> list[Image]:
        path = posixpath.normpath(posixpath.join(folder, named))
        if self._tree.is_folder(path):
            return self.images(path)
        return [*named_in(self._documents(path))] if self._tree.is_file(path) else []

    def _patched(self, folder: str, patches: Node | None) -> Iterator[Image]:
        """The images that patches name, in files of their own or in the text of the kustomization."""
        for each in patches.items if isinstance(patches, Sequence) else ():
            patch = each.get("patch") or each.get("path") if isinstance(each, Mapping) else each
            if isinstance(patch, Scalar):
                path = posixpath.normpath(posixpath.join(folder, patch.text))
                yield from named_in(self._documents(path) if self._tree.is_file(path) else parse_text(patch))

    def _replaced(self, named: Image, root: Mapping, path: str) -> Image:
        """An image as the kustomization would have it: by what was edited last, else by what its file says."""
        for words in reversed(self._edits.get(path, ())):
            for word in reversed(words):
                split = partition(word, "=")
                new = image(split[1] if split else word)
                if named.name == (split[0] if split else new.name):
                    return Image(named.name, new.tag, new.digest) if new.name == ("*",) else new
        rules = root.get("images")
        for rule in rules.items if isinstance(rules, Sequence) else ():
            if isinstance(rule, Mapping) and named.name == value(rule.text("name") or ""):
                tag, digest = value(rule.text("newTag") or ""), value(rule.text("digest") or "")
                name = value(rule.text("newName") or "") or named.name
                return Image(name, tag, digest) if tag or digest else Image(name, named.tag, named.digest)
        return named


def named_in(documents: Iterable[Node]) -> Iterator[Image]:
    """The images that manifests name anywhere, or that a patch of JSON puts in the place of others."""
    for document in documents:
        for each in mappings(document):
            replaces = (each.text("path") or "").endswith("/image")
            if name := each.text("value") if replaces else each.text("image") or each.text("Image"):
                yield image(value(name))
