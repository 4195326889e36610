"""Whether an image can be built from what the repository holds, by a workflow that does nothing before."""

from __future__ import annotations

import re
import shlex
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from goldenpath.facts.dockerfiles import Problem, expanded
from goldenpath.facts.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.dockerfiles import Dockerfile, Dockerfiles, Instruction
    from goldenpath.repository import Repository


def unfit(dockerfiles: Dockerfiles, path: str, repository: Repository, context: str) -> str:
    """Why `docker build` of a clean clone would fail, or needs what only the team knows; empty where nothing shows.

    `context` is the folder whose files it may copy.
    """
    try:
        dockerfile = dockerfiles.read(path)
    except Problem as problem:
        return f"{problem.place}: {problem}"
    return next(_reasons(dockerfile, repository, context), "")


def _reasons(dockerfile: Dockerfile, repository: Repository, context: str) -> Iterator[str]:
    tree = Tree(repository)
    for stage in dockerfile.needed():
        if stage.base is None:
            yield f"{stage.place.path}:{stage.place.line} begins with {stage.written}, which only your build knows"
        for each in stage.instructions:
            place = f"{each.place.path}:{each.place.line}"
            if each.keyword == "RUN" and any(flag == "mount" and _is_secret(value) for flag, value in each.flags):
                yield f"{place} needs a secret, which only your build has"
            for source in _copied(each):
                if not _is_there(source, tree, context):
                    yield (
                        f"{place} copies {source}, which is not in the repository: build it in a stage of the "
                        f"Dockerfile, then adopt again"
                    )


def _copied(instruction: Instruction) -> Iterator[str]:
    """The paths that an instruction takes from the repository, as far as they are known."""
    if instruction.keyword not in {"COPY", "ADD"} or instruction.flag("from") or instruction.documents:
        return
    text = instruction.text.strip()
    try:
        words = re.findall(r'"([^"]*)"', text) if text.startswith("[") else shlex.split(text)
    except ValueError:
        return
    for word in words[:-1]:
        if not re.match(r"[a-z]+://|git@", word):
            yield word


def _is_there(source: str, tree: Tree, context: str) -> bool:
    if expanded(source, {}) is None:  # a variable: of the build's own platform, mostly
        folder = dirname(source.partition("$")[0])
        return bool(folder) and tree.exists(join(context, folder))
    path = normpath(join(context, source.lstrip("/")))
    return path == "." or tree.exists(path) or bool(tree.find(path))


def _is_secret(mount: str) -> bool:
    return any(part in {"type=secret", "type=ssh"} for part in mount.split(","))
