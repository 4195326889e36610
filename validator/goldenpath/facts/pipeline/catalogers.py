"""What a describer is told to look for: everything, a part of it, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import tidy
from goldenpath.facts.pipeline.omissions import everything, setting
from goldenpath.facts.values import literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.pipeline.scanners import Lister
    from goldenpath.facts.values import Value


_KINDS = frozenset({"os", "library"})
"""The kinds that Trivy tells apart, which together are all packages."""


def narrowed(
    effects: Effects,
    lister: Lister,
    told: Callable[[str], list[Value]],
    config: Iterable[Value] = (),
    path: Callable[[Value], Value] = tidy,
) -> tuple[bool, str | None]:
    """Whether it lists nothing at all, and else why it may list but a part, by its options, variables and files.

    `path` says where in the workspace a file is: its own ones are looked for in the folder in which it runs.
    """
    named = [*config] or [each for each in [effects.variable(f"{lister.prefix}_CONFIG")] if each]
    files = [literal(path(each)) or "" for each in named or map(value, lister.settings.split())]

    def said(option: str, key: str) -> list[Value]:
        """The option, else the variable, else the file of its own."""
        variable = effects.variable(f"{lister.prefix}_{key.replace('-', '_').upper()}")
        return told(option) or [each for each in (variable or setting(effects, files, [key]),) if each]

    if everything(said(lister.leaves_out, lister.leaves_out.lstrip("-"))):
        return True, None
    base, picked = (_names(said(f"--{option}", key)) for option, key in (lister.base, lister.picks))
    part = _picked(lister, base, picked)
    if part is None and (written := effects.in_doubt_about(files)):
        return False, written
    return part == "", f"lists only what some catalogers find ({part})" if part else None


def some_kinds(said: Iterable[Value]) -> str | None:
    """Why an SBOM is of a part alone, where these are the kinds of packages that it is told to list."""
    told = list(said)
    kinds = set(_names(told))
    return f"lists only packages of some kinds ({', '.join(sorted(kinds))})" if told and not kinds >= _KINDS else None


def _names(said: Iterable[Value]) -> list[str]:
    return [name for each in said for name in (literal(each) or "?").replace(" ", "").split(",") if name]


def _picked(lister: Lister, base: list[str], picked: list[str]) -> str | None:
    """The catalogers of which alone something is heard, empty for none; None where all are asked."""
    beside = set(lister.beside.split())
    whole = {*lister.whole.split(), *beside}
    added = [each for each in picked if each.startswith("+")]
    removed = {each[1:] for each in picked if each.startswith("-")}
    within = {each for each in picked if each[0] not in "+-"}
    none = (
        bool(removed & set(lister.whole.split())) or "none" in {*base, *within} or (bool(base) and beside >= set(base))
    )
    if none:
        return " ".join(added)
    return ", ".join(sorted(({*base, *within} - whole) | {f"-{each}" for each in removed - beside})) or None
