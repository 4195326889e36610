"""Following a script: every command that it would run, in order, with what guards it and what its failure means.

A script is walked as its shell would walk it in a run that goes well: commands that act succeed, questions (`test`,
`grep`, the condition of an `if`) have both answers unless one is certain, and where two ways meet again, what differs
between them becomes a symbol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from goldenpath.facts.shell.layers import Layered
from goldenpath.facts.shell.ledgers import RUNNER_FILES
from goldenpath.facts.shell.paths import path_from
from goldenpath.facts.shell.script import SHELLS, Callees, Script, long_options
from goldenpath.facts.shell.state import State
from goldenpath.facts.shell.syntax import Unfollowable
from goldenpath.facts.shell.walk.follower import Follower
from goldenpath.facts.values import Symbol, Value, replaced

if TYPE_CHECKING:
    from collections.abc import Mapping


_RUNNER_CONTEXTS: Final[dict[Symbol, Value]] = {
    Symbol("unknown", f"github.{name.removeprefix('GITHUB_').lower()}"): (Symbol("file", name),)
    for name in RUNNER_FILES
}
_DEFAULT_TEMPLATES: Final = {
    "": "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
}
"""What GitHub runs for `shell:`; without one it is bash without pipefail."""


def follow(
    script: Value,
    variables: Mapping[str, Value],
    shell: str | None = None,
    arguments: tuple[Value, ...] | None = None,
    folder: Value = (),
    callees: Callees | None = None,
    files: Mapping[Value, Value] | None = None,
) -> Script:
    """Follow a script.

    `script` is the text after `${{ }}` was replaced, `variables` the environment that it starts in: what is not in it
    is a `Symbol("variable", name)`, for nobody knows the whole environment. `shell` is the step's `shell:`, `arguments`
    are the positional parameters of a script that is called with some. It begins in `folder`, where `files` have these
    texts by their paths from the workspace; what it calls in `callees`, the repository, is followed where it is called.

    Raises only `Unfollowable`: when the script is too large or too deep, or the shell is not of bash's kin.
    """
    flags = _flags_of(shell)
    state = State({**variables, **{name: (Symbol("file", name),) for name in RUNNER_FILES}}, arguments)
    state.errexit, state.pipefail = flags
    state.folder, state.files = path_from((), folder), Layered(dict(files or {}))
    follower = Follower(callees)
    status = follower.program(replaced(script, _RUNNER_CONTEXTS), state)
    return follower.result(state, status)


def _flags_of(shell: str | None) -> tuple[bool, bool]:
    """Return whether a `shell:` stops at errors, and whether at errors in pipelines."""
    template = _DEFAULT_TEMPLATES.get((shell or "").strip(), shell or "").split()
    if not template or template[0].rpartition("/")[2] not in SHELLS:
        raise Unfollowable(f"The shell {shell!r} is not followed.")
    options = long_options(template[1:])
    return "errexit" in options, "pipefail" in options
