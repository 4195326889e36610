"""jib, which builds and pushes images without a Docker daemon, and writes down their digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content, image
from goldenpath.facts.values import Symbol, Value, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.effects import Effects


def push(effects: Effects, names: list[Value], files: dict[str, Value]) -> None:
    """An image is built and pushed under these names; `files` are those of its digest, its id and its metadata."""
    digest = Symbol("digest", effects.origin(value("jib")))
    effects.built(names, digest, sbom=False)
    effects.state.pushed.update(dict.fromkeys(names, digest))
    write(effects, files, digest)


def write(effects: Effects, files: dict[str, Value], digest: Symbol) -> None:
    """The digest of what has been built is written down, and the id."""
    for what, path in files.items():
        if what == "imageId":
            effects.put(path, Content("image-id", effects.origin(image(path).name)))
        else:
            effects.put(path, Content("metadata", effects.origin(path), digest=digest))
