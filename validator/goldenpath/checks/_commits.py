"""Whether what looks at the sources looks at those of the commit that is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix
from goldenpath.checks._findings import Candidate
from goldenpath.facts.pipeline.acts import is_left
from goldenpath.facts.values import literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.values import Value


def of_another(act: Act, released: Iterable[Act], verb: str) -> Candidate | None:
    """What is wrong about an act that tests or scans (`verb`) another commit than these acts build or ship.

    Whoever ships from a folder into which nothing was fetched takes what he ships from elsewhere; what jobs before have
    handed to him is what he ships.
    """
    for seen, commit in dict.fromkeys(_commits(act, each) for each in released):
        if commit == seen and not is_left(commit):
            continue
        name, other = (shown(each) if each else "the commit of the run" for each in (seen, commit))
        if literal(seen) is None or literal(commit) is None:
            return Candidate(act, unsure=f"{verb} {name}, and whether that is {other} is only known in a run")
        fix = Fix(f"Check out the commit that is released where it {verb}: without `ref:`", "minutes")
        return Candidate(act, wrong=f"{verb} {name}, not {other}, which is released", fix=fix)
    return None


def _commits(act: Act, released: Act) -> tuple[Value, Value]:
    """The commits that an act has seen, and that was released."""
    if released.kind != "shipped":
        return act.guard.commit, released.guard.commit
    seen, commit = _without_handed(act.guard.commit), _without_handed(released.guard.commit)
    return seen, () if is_left(commit) else commit


def _without_handed(commit: Value) -> Value:
    return value(*(part for part in commit if isinstance(part, str) or part.kind != "handed"))
