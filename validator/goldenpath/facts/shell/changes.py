"""Which files of the work tree a program may have changed: what is called after it is no longer what git keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.values import Value

EVERYTHING: Final[Value] = ()
"""The path of the folder that all files are in."""

_MOVING: Final = frozenset({
    "checkout", "switch", "pull", "merge", "reset", "rebase", "apply", "am", "cherry-pick", "revert", "restore",
    "stash", "read-tree", "submodule",
})  # fmt: skip
"""Commands of git that put other files into the work tree."""
_STAYING: Final = regex(
    r"checkout( -q| --quiet)* (-[bB] \S+|--orphan \S+|--( \S+)*|\.|-f)|switch (-c|-C|--create) \S+"
    r"|reset( --hard| --soft)?( HEAD)?|stash( push.*| -u| save.*)?|restore (?!.*(--source|-s)).*"
    r"|submodule (init|status|sync).*"
)
"""Those of them that leave the files of the commit at hand."""
_WRITING: Final = frozenset({"rm", "unlink", "truncate", "shred"})
_COPYING: Final = frozenset({"cp", "mv", "ln", "install", "rsync"})
_EDITING: Final = frozenset({"sed", "perl", "yq"})
_IN_PLACE: Final = regex(r"-\w*i|--in-?place.*")
_FETCHING: Final = frozenset({"curl", "wget"})
_INTO: Final = regex(r"-\w*[oO]|--output(-document)?")


def changed_by(program: str | None, arguments: tuple[Value, ...]) -> Iterator[Value]:
    """Yield the paths that a program writes to, as far as its arguments say."""
    words = [literal(word) or "" for word in arguments]
    if program == "patch" or (program == "git" and _moves(words)):
        yield EVERYTHING
    elif program in _COPYING:
        yield from arguments[-1:]
    elif program in _WRITING or (program in _EDITING and any(map(_IN_PLACE.fullmatch, words))):
        yield from arguments
    elif program in _FETCHING:
        yield from (into for word, into in zip(words, arguments[1:], strict=False) if _INTO.fullmatch(word))


def _moves(words: list[str]) -> bool:
    """Tell whether git with these words puts files of another commit into the work tree."""
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in {"-C", "-c"} else words[1:]
    return bool(words) and words[0] in _MOVING and not _STAYING.fullmatch(" ".join(words).strip())
