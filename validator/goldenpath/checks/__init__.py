"""The checks: one file each, whose docstring is its page, and whose `check` function proves one thing or says why not.

A check's module has

- a docstring: first line the title, true when the check passes; then Markdown (`## What`, `## Why`, `## Fix`,
  `## Before`, `## After`; the code of the last two begins with a comment that names its file, and a test tries it);
- `APPLIES`: the catalog types it is about, or EVERY_TYPE;
- `FIX`: the shortest fix in general, with the files of the template that would do; an outcome may carry a more
  particular one;
- `check(…) -> Outcome`: its parameters name facts, `component` (the one being judged, or None), or `settings`.

The file's name in kebab-case is the check's id. Checks of an organisation's own are modules of the same shape, found by
the entry point group `goldenpath.checks` when a contract names them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from msgspec import UNSET, Struct, UnsetType

from goldenpath.facts import parameters
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.repository import Place

Verdict = Literal["pass", "fail", "unknown", "not-applicable"]
Role = Literal[
    "called", "built", "carried", "signed", "described", "verified", "shipped", "declared", "missing", "unseen",
]  # fmt: skip
Effort = Literal["minutes", "hours", "days"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)
"""From the least on."""

EVERY_TYPE: frozenset[str] = frozenset({"*"})

_ID = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Evidence(Struct, frozen=True):
    """A place that proves a verdict, or where the proof breaks.

    `line` and `column` count from 1; 0 means the file as a whole, or, for the role `missing`, that it should be there.
    `source` is there for a place in another repository that was handed in, and names it: `owner/name@ref`.
    """

    role: Role
    path: str
    line: int
    column: int
    text: str
    source: str | UnsetType = UNSET

    @property
    def file(self) -> str:
        """The file, with its repository where that is another one."""
        return f"{self.source}:{self.path}" if self.source else self.path


class Fix(Struct, frozen=True):
    """The one next action for a check that is not met, and how long it takes a developer who has not done it before.

    `files` are those that the template would have made, and that meet the check: a guide shows them filled in.
    """

    summary: str
    effort: Effort
    files: tuple[str, ...] = ()


class Outcome(Struct, frozen=True):
    """What a check found. `reason` is there for `unknown` (whom one would have to ask) and `not-applicable`."""

    verdict: Verdict
    summary: str
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None
    fix: Fix | None = None


class Template(Struct, frozen=True, forbid_unknown_fields=True):
    """The suite that an organisation's services are made from and follow, and the oldest release that is still good."""

    source: str
    minimum: str


class AlertRoute(Struct, frozen=True, forbid_unknown_fields=True):
    """A route of a central Alertmanager: alerts with these labels (`*` stands for any text) page by this product."""

    match: dict[str, str]
    receiver: str


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What a platform's contract says about itself; checks that depend on it name `settings` as a parameter.

    `None` means every form that the knowledge tables have.
    """

    owner_kinds: tuple[str, ...] = ("group", "user")
    oncall: tuple[str, ...] | None = None
    oncall_annotations: tuple[str, ...] = ()
    chat: tuple[str, ...] | None = None
    chat_annotations: tuple[str, ...] = ()
    slo_forms: tuple[str, ...] | None = None
    template: Template | None = None
    alert_routes: tuple[AlertRoute, ...] | None = None


class Check(Struct, frozen=True):
    """One loaded check."""

    id: str
    title: str
    page: str
    applies: frozenset[str]
    fix: Fix
    judge: Callable[..., Outcome]
    needs: tuple[str, ...]

    def applies_to(self, component_type: str) -> bool:
        """Whether the check is about components of this catalog type."""
        return self.applies is EVERY_TYPE or component_type in self.applies


def evidence(role: Role, place: Place, text: str) -> Evidence:
    """Evidence at a place."""
    return Evidence(role, place.path, place.line, place.column, text, place.source or UNSET)


def passed(summary: str, *proof: Evidence) -> Outcome:
    """The check is met; every place that proves it is named."""
    return Outcome("pass", summary, proof)


def failed(summary: str, *proof: Evidence, fix: Fix | None = None) -> Outcome:
    """The check is not met; the evidence says where it breaks."""
    return Outcome("fail", summary, proof, fix=fix)


def unknown(summary: str, reason: str, *proof: Evidence, fix: Fix | None = None) -> Outcome:
    """It cannot be decided from this repository; the reason says what is out of sight."""
    return Outcome("unknown", summary, proof, reason, fix)


def not_applicable(reason: str) -> Outcome:
    """The question does not arise."""
    return Outcome("not-applicable", reason, reason=reason)


def shipped_ids() -> tuple[str, ...]:
    """The ids of the checks in this package, in alphabetical order."""
    from pkgutil import iter_modules  # the one thing here that a check of a repository does without

    names = (name for _, name, is_package in iter_modules(__path__) if not is_package and name[0] != "_")
    return tuple(sorted(name.replace("_", "-") for name in names))


def own_ids() -> tuple[str, ...]:
    """The ids of checks that other installed packages bring."""
    from importlib.metadata import entry_points

    return tuple(sorted(point.name for point in entry_points(group="goldenpath.checks")))


def is_shipped(check_id: str) -> bool:
    """Whether the check is one of this package; it is not loaded for that."""
    return _ID.fullmatch(check_id) is not None and (Path(__file__).parent / f"{_module_name(check_id)}.py").is_file()


@cache
def load(check_id: str) -> Check:
    """The check of that id, shipped or brought by another package. Raises KeyError when there is none."""
    return _as_check(check_id, _module(check_id))


def _module_name(check_id: str) -> str:
    return check_id.replace("-", "_")


def _module(check_id: str) -> Any:  # noqa: ANN401 - a module of the shape above
    if not _ID.fullmatch(check_id):
        raise KeyError(check_id)
    name = f"{__name__}.{_module_name(check_id)}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
    from importlib.metadata import entry_points

    for point in entry_points(group="goldenpath.checks", name=check_id):
        return point.load()
    raise KeyError(check_id)


def _as_check(check_id: str, module: Any) -> Check:  # noqa: ANN401
    title, _, page = (module.__doc__ or "").strip().partition("\n")
    needs = parameters(module.check)
    return Check(check_id, title.rstrip("."), page.strip(), module.APPLIES, module.FIX, module.check, needs)
