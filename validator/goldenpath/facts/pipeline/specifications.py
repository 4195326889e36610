"""Files of the repository that say which images a platform runs: manifests, tasks, jobs of Nomad, compose files."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Malformed, parse
from goldenpath.facts.pipeline.acts import Image, image, is_of_registry, same_name
from goldenpath.facts.pipeline.kustomizations import named_in
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, head, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.values import Value

_OF_NOMAD = regex(r'^\s*image\s*=\s*"([^"\n]+)"', re.MULTILINE)
_VARIABLE = regex(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^{}]*))?\}|([A-Za-z_]\w*))")
_OPEN = regex(r"\$|\{\{")
"""What something else fills in: a template, or the platform itself."""
_WRITTEN_AS = (".json", ".yaml", ".yml")
_ENVIRONMENT = ".env"
"""Where Compose looks for variables that nothing else says."""


class Untold(Exception):  # noqa: N818 - a finding about a manifest, not an error of the program
    """Which images a manifest names cannot be read; `str()` says why."""


class Specifications:
    """The files that tell a platform what to run, and the images of this run that they name."""

    def __init__(self, effects: Effects) -> None:
        self._state = effects.state
        self._tree = effects.moment.frame.shared.tree
        self._is_rewritten = effects.is_rewritten
        self._variable_here = effects.variable
        acts = [act for act in effects.moment.frame.shared.acts if act.kind == "built"]
        self.built = [each for act in acts for each in act.targets if isinstance(each, Image)]

    def images_in(self, paths: Iterable[str]) -> list[Image]:
        """The images of this run that files and folders name, but for what something else fills in. Raises Untold."""
        try:
            named = [each for path in paths for file in self._files(path) for each in self._said_in(file)]
        except Malformed as error:
            raise unread(error) from None
        return self.of_this_run(named)

    def of_this_run(self, named: Iterable[Image]) -> list[Image]:
        """Those of some images that were built here, as a platform pulls them; a tag alone may be that of any."""
        own = (each for each in named if not each.name or any(_may_be_of(each.name, it.name) for it in self.built))
        return [_pulled(each) for each in own]

    def documents(self, path: str) -> list[Node]:
        """What a file of the repository says; nothing of one that may name what was built by now. Raises Malformed."""
        edited = [words for words in self._state.edited.get(path, ()) if words[0] != ("kustomize",)]
        changed = not edited and self._is_rewritten(value(path))
        if changed or any(map(self.speaks_of_built, edited)):
            return []
        return parse(path, self._tree.text(path) or "")

    def speaks_of_built(self, words: Iterable[Value]) -> bool:
        """Whether words may put what was built into a text: by what only a run knows, or by a tag of it."""
        tags = {literal(each.tag) for each in self.built} - {"", None}
        parts = [part for word in words for part in word]
        return any(isinstance(part, Symbol) or any(tag in part for tag in tags if tag) for part in parts)

    def may_be_of_this_run(self, address: Value) -> bool:
        """Whether what lies at an address belongs to an image that is built here, by the last two parts of its name."""
        segments = {*re.split(r"[/?#@:]", head(address).lower())}
        names = (head(each.name).lower().rstrip("/").split("/")[-2:] for each in self.built)
        return any(len(name) > 1 and segments.issuperset(name) for name in names)

    def _files(self, path: str) -> list[str]:
        if self._tree.is_file(path):
            return [path]
        return [each for _, each in self._tree.taken(path) if each.endswith(_WRITTEN_AS)]

    def _said_in(self, path: str) -> Iterator[Image]:
        if path.endswith((".nomad", ".hcl")):
            told = self._state.edited.get(path) or self._is_rewritten(value(path))
            named = [value(each) for each in _OF_NOMAD.findall("" if told else self._tree.text(path) or "")]
        else:
            named = [written(each) for each in named_in(self.documents(path))]
        filled = (self._filled(each, posixpath.dirname(path)) for each in named)
        yield from (image(each) for each in filled if not any(isinstance(it, str) and _OPEN.search(it) for it in each))

    def _filled(self, named: Value, folder: str) -> Value:
        """A name with the variables of the environment in their places, or what stands for those that are not set."""
        text, end = literal(named) or "", 0
        parts: list[str | Value] = []
        set_elsewhere = self._tree.is_file(posixpath.join(folder, _ENVIRONMENT))
        for found in _VARIABLE.finditer(text):
            known = self._variable_here(found[1] or found[3])
            default = () if set_elsewhere or not found[2] else value(found[2])
            parts += [text[end : found.start()], known or default or value(found[0])]
            end = found.end()
        return value(*parts, text[end:]) if parts else named


def _may_be_of(named: Value, built: Value) -> bool:
    """Whether an image that is named in words may be one of which only a run knows the whole name."""
    same, text = same_name(named, built), literal(named)
    if same is not None or text is None:
        return bool(same)
    told = any(re.search(r"\w", part) if isinstance(part, str) else is_of_registry(part) for part in built)
    pattern = "".join(re.escape(part) if isinstance(part, str) else _standing_for(part) for part in built)
    return told and re.fullmatch(pattern, text, re.IGNORECASE) is not None


def _standing_for(symbol: Symbol) -> str:
    """What may stand in the place of a part of a name, as a pattern."""
    if is_of_registry(symbol):
        return _REGISTRY if symbol.name == "CI_REGISTRY" else rf"{_REGISTRY}/[^/]+(?:/[^/]+)+"
    name = symbol.name.rstrip(">").rpartition(" ")[2]  # also of one in lower case
    return {"repository": "[^/]+/[^/]+", "repository_owner": "[^/]+"}.get(name, "[^/]+(?:/[^/]+)*")


_REGISTRY = r"(?:registry|[\w.-]*gitlab)[\w.-]*(?<!k8s\.io)(?<!redhat\.com)(?::\d+)?"
"""How registries of a GitLab are called."""


def unread(error: Malformed) -> Untold:
    """A manifest that is none, as a reason."""
    return Untold(f"which images {error.place} names cannot be read: {error}")


def written(named: Image) -> Value:
    """An image as a manifest writes it."""
    tag, digest = (value(sign, each) if each else () for sign, each in ((":", named.tag), ("@", named.digest)))
    return value(named.name, tag, digest)


def _pulled(named: Image) -> Image:
    """An image as a cluster pulls it: without a tag or digest the one that is called `latest`."""
    told = named.tag or named.digest or literal(named.name) is None
    return named if told else Image(named.name, value("latest"))
