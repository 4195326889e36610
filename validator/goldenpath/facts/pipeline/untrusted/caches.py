"""Caches, which a run leaves for those that come later: on the default branch for all of them, releases too."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.workflows import Job, Step, Workflows

_OFF = {"", "false"}
_OF_GITHUB = "type=gha"
_OPTIONS = regex(r"(?m)^[^#\n]*\bcache-(to|from)[ =][\"']?(?:[\w=,.-]{0,200},)?type=gha\b")
"""How a command, or a setting of a target, names GitHub's cache."""
_DEEPEST = 5
"""How many actions of the repository that use each other are looked into."""


class _Leaves(Struct, frozen=True, forbid_unknown_fields=True):
    when: str = ""
    unless: tuple[str, ...] = ()
    saves: tuple[str, ...] = ()


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    leaving: dict[str, _Leaves]
    restoring: frozenset[str]
    building: frozenset[str]


@cache
def _table() -> _Table:
    return read_table("caches", _Table)


def leaves_cache(job: Job, workflows: Workflows) -> bool:
    """Whether a job leaves a cache for later runs."""
    return any(map(_leaves, _steps(job.steps, workflows)))


def takes_cache(job: Job, workflows: Workflows) -> bool:
    """Whether a job takes what earlier runs have left."""
    return any(_leaves(step) or _takes(step) for step in _steps(job.steps, workflows))


def _steps(steps: Iterable[Step], workflows: Workflows, depth: int = 0) -> Iterator[Step]:
    """Steps, and those of the actions of this repository that are used there."""
    for step in steps:
        yield step
        if step.uses is not None and step.uses.is_local and depth < _DEEPEST:
            action = workflows.action(step.uses.path)
            yield from _steps(getattr(action, "steps", None) or (), workflows, depth + 1)


def _takes(step: Step) -> bool:
    return _called(step) in _table().restoring or _builds_with(step, "from")


def _builds_with(step: Step, way: str) -> bool:
    """Whether an image is built with GitHub's cache: by an input of that name, or by an option."""
    script = step.run.text if step.run is not None else ""
    builds = _called(step) in _table().building
    if builds and _OF_GITHUB in _given(step, f"cache-{way}"):
        return True
    told = _given(step, "set") if builds else script
    return _OF_GITHUB in told and any(each[1] == way for each in _OPTIONS.finditer(told))


def _leaves(step: Step) -> bool:
    if _builds_with(step, "to"):
        return True
    about = _table().leaving.get(_called(step))
    if about is None:
        return False
    name, _, default = about.when.partition("=")
    return (
        (not name or _given(step, name, default) not in _OFF)
        and all(_given(step, each) in _OFF for each in about.unless)
        and all(_given(step, each, "true") == "true" for each in about.saves)
    )


def _called(step: Step) -> str:
    uses = step.uses
    return "/".join(filter(None, (uses.repository, uses.path))).lower() if uses is not None else ""


def _given(step: Step, name: str, default: str = "") -> str:
    return (step.node.text("with", name) or default).lower()
