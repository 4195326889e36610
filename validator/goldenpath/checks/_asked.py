"""Which of the artifacts that a run releases a check asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Files, Image

if TYPE_CHECKING:
    from goldenpath.checks._findings import Artifact


def images_first(artifacts: list[Artifact]) -> list[Artifact]:
    """The images where there are any, else the files that something is built into, each for itself."""
    images = [artifact for artifact in artifacts if isinstance(artifact.target, Image)]
    return images or [each for artifact in built_alone(artifacts) for each in _one_by_one(artifact)]


def _one_by_one(artifact: Artifact) -> list[Artifact]:
    """What is published at once need not have been looked at at once."""
    files = artifact.target
    if not isinstance(files, Files) or len(files.pieces) < 2:
        return [artifact]
    return [replace(artifact, target=Files(files.pattern, (piece,), files.scattered)) for piece in files.pieces]


def built_alone(artifacts: list[Artifact]) -> list[Artifact]:
    """Without the files that nothing is built into: there is nothing in them to list, to scan or to build again."""
    return [each for each in map(_without_plain, artifacts) if each is not None] or artifacts


def _without_plain(artifact: Artifact) -> Artifact | None:
    files = artifact.target
    if not isinstance(files, Files):
        return artifact
    if files.own:
        return None
    pieces = tuple(piece for piece in files.pieces if piece[0].kind != "plain")
    if len(pieces) == len(files.pieces):
        return artifact
    return replace(artifact, target=Files(files.pattern, pieces, files.scattered)) if pieces else None
