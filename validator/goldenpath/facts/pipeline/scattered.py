"""Files that are written by names of which nobody knows whether they are those of others, or lie among them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import NO_DIGEST, is_accompanying
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORKSPACE = regex(r"/(home/runner/work|github/workspace|__w|builds)(/|$)")
_OUTSIDE = regex(
    r"(/|~|\.\./|<file GITHUB_|<(secret|runner|hex|now|stream) "
    r"|<command (mktemp|go env|brew|npm (root|config)|which|command -v|xdg)"
    r"|<(variable|unknown|shell) [^<>]*"
    r"\b(HOME|TMPDIR|TEMP|TMP|PATH|XDG_\w+|GO(PATH|BIN|ROOT)|RUNNER_\w+|GITHUB_(?!WORKSPACE)\w+|runner\.\w+)\b).*"
)
"""How paths begin that lead out of the work tree."""
_PROOF = regex(r".*(attestation|provenance|sigstore|intoto|sbom|spdx|cyclonedx|cdx)[^/]*\.jsonl?", re.IGNORECASE)
"""How a proof is called that goes with what it is of."""
_ONE_NAME = regex(r"(basename|date|git|uname) .*")
"""Commands that print a name in which there is no folder."""
_NAME = r"'(?:\.?[\w-][\w.-]*)?'"
_NAMES = regex(rf"(?:unset|{_NAME})(?: or (?:unset|{_NAME}))+|(?:[^'|][^|]{{0,200}} && {_NAME} \|\| )+{_NAME}")
"""How a symbol is called that stands for one of several names: `'' or '.exe'`, `matrix.os == 'x' && '.exe' || ''`."""


@lru_cache(maxsize=2_000)
def may_be_ours(name: Value) -> bool:
    """Whether a file of this name may lie in the work tree, and be more than what accompanies others."""
    tail = name[-1] if name and isinstance(name[-1], str) else ""
    goes_along = is_accompanying(name) or _PROOF.fullmatch(tail) is not None
    return bool(name) and not goes_along and not is_outside(name)


@lru_cache(maxsize=2_000)
def is_outside(path: Value) -> bool:
    """Whether a path surely leads out of the work tree."""
    return _OUTSIDE.match(display(path)) is not None


def is_workspace(path: Value) -> bool:
    """Whether a path from the root of the machine leads to where runners have the work tree of a job."""
    return _WORKSPACE.match(display(path)) is not None


@lru_cache(maxsize=2_000)
def may_touch(name: Value, pattern: Value) -> bool:
    """Whether a file of this name may be one of those that a path or a pattern means, or lie in a folder of them."""
    written, meant = _globbed(name), _globbed(pattern)
    if meant == "." or (isinstance(name[0], Symbol) and not _is_one_name(name[0])):
        return True
    here, there = written.split("/"), meant.split("/")
    if "**" in there:
        here, there = here[: there.index("**")], there[: there.index("**")]
    return len(here) >= len(there) and all(map(_may_be_one, here, there))


class Scattered:
    """Files that are written by such names, each with what wrote it."""

    def __init__(self) -> None:
        self._by_folder: dict[str, dict[Value, str]] = {}
        """By the folder in which the first step of their paths leads; by a star where that may be any."""

    def __len__(self) -> int:
        return sum(map(len, self._by_folder.values()))

    def write(self, name: Value, origin: str) -> None:
        """A file is written by a name."""
        first = _globbed(name).partition("/")[0]
        anywhere = "*" in first or not isinstance(name[0], str)
        self._by_folder.setdefault("*" if anywhere else first, {})[name] = origin

    def items(self) -> Iterator[tuple[Value, str]]:
        """Each name, and what wrote the file."""
        return (item for names in self._by_folder.values() for item in names.items())

    def touching(self, pattern: Value) -> frozenset[str]:
        """What wrote those that may be one of what a path or a pattern means, or lie in a folder of them."""
        first = _globbed(pattern).partition("/")[0]
        anywhere = "*" in first or first == "."
        folders = self._by_folder.values() if anywhere else (self._by_folder.get(each, {}) for each in ("*", first))
        return frozenset(origin for names in folders for name, origin in names.items() if may_touch(name, pattern))


def _is_one_name(symbol: Symbol) -> bool:
    """Whether a symbol surely stands for a name alone, and for no path."""
    printed = symbol.kind == "command" and _ONE_NAME.match(symbol.name) is not None
    return printed or symbol.kind in NO_DIGEST or is_one_of_names(symbol)


def is_one_of_names(symbol: Symbol) -> bool:
    """Whether a symbol stands for one of several names that are known, none of which is a path."""
    return symbol.kind == "unknown" and _NAMES.fullmatch(symbol.name) is not None


def _globbed(path: Value) -> str:
    return "".join(part if isinstance(part, str) else "*" for part in path)


def _may_be_one(one: str, other: str) -> bool:
    """Whether two patterns without a slash may fit the same name, by how they begin and end."""
    if "*" not in one and "*" not in other:
        return one == other
    (start, end), (other_start, other_end) = _ends(one), _ends(other)
    begins = start.startswith(other_start) or other_start.startswith(start)
    return begins and (end.endswith(other_end) or other_end.endswith(end))


def _ends(pattern: str) -> tuple[str, str]:
    """What stands before the first star of a pattern, and behind the last."""
    return pattern.partition("*")[0], pattern.rpartition("*")[2]
