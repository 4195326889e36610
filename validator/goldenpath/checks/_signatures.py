"""Whether anybody gets to see a signature that a program has written into a file."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Files
from goldenpath.facts.pipeline.effects import part_of
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run

_BETWEEN = regex(r"[\s'\";|&()=,<>`]+")
_ONLY_READS = ("verify-blob", "verify-blob-attestation", "sign-blob")
_ONLY_MAKES = regex(r"\bmkdir\b[^;&|\n]*")
"""A folder that is made has nothing in it yet."""


def is_lost(run: Run, act: Act) -> bool:
    """Whether all files with a signature are surely left where they are: nothing stores, ships or names one of them."""
    if not act.into or act.caller or act.guard.job not in run.jobs or any("ship" in each.may for each in run.acts):
        return False
    steps = [step for entered in run.jobs.values() for step in entered.job.steps]
    if any(step.uses is not None and step.uses.is_local for step in steps):
        return False
    patterns = [
        target.pattern
        for each in run.of_kind("stored", "shipped")
        for target in each.targets
        if isinstance(target, Files)
    ]
    words = {word for step in steps if step.run is not None for word in _words(step.run.text)}
    return not any(
        literal(path) is None
        or any(literal(each) is None or part_of(path, each) is not None for each in patterns)
        or any(_covers(word, literal(path) or "") for word in words)
        for path in act.into
    )


def _words(script: str) -> Iterator[str]:
    """The words of a script but for folders that are made, and lines that only sign files, or verify them."""
    for line in _ONLY_MAKES.sub("", script.replace("\\\n", " ")).splitlines():
        if not any(each in line for each in _ONLY_READS):
            yield from _BETWEEN.split(line)


def _covers(word: str, path: str) -> bool:
    """Whether a word may name a file, from whatever folder: by its name, a pattern, or a folder that it lies in."""
    *folders, name = path.split("/")
    if "*" in word:
        return any(fnmatchcase(each, word.removeprefix("./")) for each in (path, name, *_below(folders, name)))
    return word.rstrip("/").rpartition("/")[2] in {name, ".", *folders}


def _below(folders: list[str], name: str) -> Iterator[str]:
    """A path as seen from each of the folders in which it lies."""
    yield from ("/".join((*folders[at:], name)) for at in range(1, len(folders)))
