"""Whether what looks at the sources looks at those of the commit that is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix
from goldenpath.checks._findings import Candidate
from goldenpath.facts.pipeline.acts import is_left
from goldenpath.facts.values import literal, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Act


def of_another(act: Act, released: Iterable[Act], verb: str) -> Candidate | None:
    """What is wrong about an act that tests or scans (`verb`) another commit than these acts build or ship.

    Whoever ships from a folder into which nothing was fetched takes what he ships from elsewhere.
    """
    seen = act.guard.commit
    commits = (() if each.kind == "shipped" and is_left(each.guard.commit) else each.guard.commit for each in released)
    for commit in dict.fromkeys(commits):
        if commit == seen and not is_left(commit):
            continue
        name, other = (shown(each) if each else "the commit of the run" for each in (seen, commit))
        if literal(seen) is None or literal(commit) is None:
            return Candidate(act, unsure=f"{verb} {name}, and whether that is {other} is only known in a run")
        fix = Fix(f"Check out the commit that is released where it {verb}: without `ref:`", "minutes")
        return Candidate(act, wrong=f"{verb} {name}, not {other}, which is released", fix=fix)
    return None
