"""The images that a chart of the repository deploys by its own values, where nobody tells it others."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Mapping
from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.pipeline.acts import image as image_of
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.nodes import Node

MANIFEST = "Chart.yaml"
_SAID = ("registry", "repository", "tag")
_DEEPEST = 8
"""How deep in values an image is looked for; nobody nests them deeper."""


def images_of(folder: str, others: Iterable[str], documents: Callable[[str], Iterable[Node]]) -> Iterator[Image]:
    """The images in the values of a chart and in `others` of which the last one counts, as charts by habit name them.

    Where a tag is empty, `appVersion` of the chart stands for it. `documents` reads a file.
    """
    chart = next(iter(documents(posixpath.join(folder, MANIFEST))), None)
    version = (chart.text("appVersion") or "") if isinstance(chart, Mapping) else ""
    told: dict[str, dict[str, str]] = {}
    for path in (posixpath.join(folder, "values.yaml"), *others):
        for document in documents(path):
            for key, image in _images(document):
                said = ((name, image.text(name)) for name in _SAID)
                told.setdefault(key, {}).update((name, text) for name, text in said if text is not None)
    for each in told.values():
        if name := each.get("repository"):
            whole = f"{each['registry']}/{name}" if each.get("registry") else name
            tag = each.get("tag") or version
            yield Image(image_of(value(whole)).name, value(tag) if tag else ())


def _images(node: Node, at: str = "", depth: int = 0) -> Iterator[tuple[str, Mapping]]:
    """What stands under `image` anywhere in the values, by where it does."""
    for name, each in node.values.items() if isinstance(node, Mapping) and depth < _DEEPEST else ():
        if isinstance(each, Mapping):
            if name == "image" or name.endswith("Image"):
                yield f"{at}.{name}", each
            yield from _images(each, f"{at}.{name}", depth + 1)
