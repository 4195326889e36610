"""Folders that the workflows name themselves to work in: what stands there is made up for no test, but used."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Mapping
    from goldenpath.facts.workflows import Step, Workflows

_GOES_TO = regex(
    r"(?:\b(?:cd|pushd)[ \t]+|(?:--(?:manifest-path|project|directory|prefix|cwd|dir|package-path)|-C)(?:[ \t]+|=))"
    r"[\"']?(?P<path>[\w./-]+)"
)
"""How a command is told in which folder to work, or by which manifest."""
_REMARK = regex(r"(?m)^[ \t]*#.*")
_INPUTS = ("working-directory", "workdir", "cwd", "manifest-path", "project-directory", "package-path")
"""Inputs by which actions are told the same."""


def folders(workflows: Workflows) -> frozenset[str]:
    """The folders, and the files in them, that jobs are told to work in."""
    return frozenset(posixpath.normpath(each) for each in _named(workflows))


def _named(workflows: Workflows) -> Iterator[str]:
    for workflow in workflows.files:
        for job in workflow.jobs.values():
            base = _default(job.node) or _default(workflow.node)
            for step in job.steps:
                yield from _of_step(step, base)


def _of_step(step: Step, base: str) -> Iterator[str]:
    folder = step.node.text("working-directory") or base
    if step.run is not None:
        yield folder or "."
        script = _REMARK.sub("", step.run.text)
        yield from (posixpath.join(folder, match["path"]) for match in _GOES_TO.finditer(script))
    yield from (each for name in _INPUTS if (each := step.node.text("with", name)))


def _default(node: Mapping) -> str:
    return node.text("defaults", "run", "working-directory") or ""
