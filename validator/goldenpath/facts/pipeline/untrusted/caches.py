"""Caches, which a run leaves for those that come later: on the default branch for all of them, releases too."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from goldenpath.facts.workflows import Job, Step

_OFF = {"", "false"}


class _Leaves(Struct, frozen=True, forbid_unknown_fields=True):
    when: str = ""
    unless: tuple[str, ...] = ()
    saves: tuple[str, ...] = ()


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    leaving: dict[str, _Leaves]
    restoring: frozenset[str]


@cache
def _table() -> _Table:
    return read_table("caches", _Table)


def leaves_cache(job: Job) -> bool:
    """Whether a job leaves a cache for later runs."""
    return any(map(_leaves, job.steps))


def takes_cache(job: Job) -> bool:
    """Whether a job takes what earlier runs have left."""
    return any(_leaves(step) or _called(step) in _table().restoring for step in job.steps)


def _leaves(step: Step) -> bool:
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
