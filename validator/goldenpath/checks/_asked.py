"""Which of the artifacts that a run releases a check asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Files, Image, of_leg
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from goldenpath.checks._findings import Artifact
    from goldenpath.facts.pipeline.acts import Piece


def images_first(artifacts: list[Artifact]) -> list[Artifact]:
    """The images where there are any, else the files that something is built into, each for itself."""
    images = [artifact for artifact in artifacts if isinstance(artifact.target, Image)]
    return images or [each for artifact in built_alone(artifacts) for each in _one_by_one(artifact)]


def _one_by_one(artifact: Artifact) -> list[Artifact]:
    """What is published at once need not have been looked at at once."""
    files = artifact.target
    if not isinstance(files, Files) or len(files.pieces) < 2:
        return [artifact]
    return [_part(artifact, files, piece) for piece in files.pieces]


def _part(artifact: Artifact, files: Files, piece: Piece) -> Artifact:
    return replace(artifact, target=Files(files.pattern, (piece,), files.scattered))


def kind_by_kind(artifacts: list[Artifact]) -> list[Artifact]:
    """Each kind for itself of what a build lays into a folder: `*.whl` and `*.tar.gz` may be looked at one by one."""
    return [each for artifact in artifacts for part in _one_by_one(artifact) for each in _by_kind(part)]


def _by_kind(artifact: Artifact) -> list[Artifact]:
    files = artifact.target
    if not isinstance(files, Files) or len(files.pieces) != 1 or of_leg(files.pieces[0][1])[1]:
        return [artifact]
    content, part = files.pieces[0]
    return [_part(artifact, files, (content, value(part, kind))) for kind in content.kinds] or [artifact]


def built_alone(artifacts: list[Artifact]) -> list[Artifact]:
    """Without the files that nothing is built into: there is nothing in them to list, to scan or to build again."""
    return [each for each in map(_without_plain, artifacts) if each is not None] or artifacts


def not_own(artifacts: list[Artifact]) -> list[Artifact]:
    """Without text of the repository that is released as it stands there: it comes from no build."""
    return [each for each in artifacts if not (isinstance(each.target, Files) and each.target.own)] or artifacts


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
