"""Whether a job has the sources of its pipeline's commit, or is told to take its folder as it finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.gitlab.variables import Variables

_FETCHING = {
    "GIT_STRATEGY": frozenset({"", "clone", "fetch"}),
    "GIT_CHECKOUT": frozenset({"", "1", "t", "T", "TRUE", "true", "True"}),
}
"""The variables that tell the runner what to fetch, and with what it fetches that commit."""
_DEEP = (("normal",), ("recursive",))
"""How it is told to fetch submodules."""


def commit_of(variables: Variables) -> Value:
    """What stands in a job's folder when its script begins: empty for the commit of its pipeline."""
    for name, fetching in _FETCHING.items():
        said = variables(name)
        if said and said != value(Symbol("variable", name)) and literal(said) not in fetching:
            return value(Symbol("left", f"what {name} leaves in its folder"))
    if follows_branches(variables):
        return value(Symbol("mixed", "submodules as they are by then"))
    return ()


def follows_branches(variables: Variables) -> bool:
    """Whether the runner is told to take what the branches of submodules hold by then, and not what the commit says."""
    flags, strategy = (variables(f"GIT_SUBMODULE_{name}") for name in ("UPDATE_FLAGS", "STRATEGY"))
    return "--remote" in display(flags or ()) and strategy in _DEEP
