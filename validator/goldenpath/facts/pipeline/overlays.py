"""Code of the repository that may be another one after something was laid over it, or is gone.

What is built of it then is nothing that tests before that have seen. Code that nothing is built of is in nobody's way:
tests, documentation, tools, the sources of others, and what has been made of other code.
"""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import fits
from goldenpath.facts.pipeline.scattered import is_outside
from goldenpath.facts.pipeline.tested_folders import is_aside, is_called_test, is_test
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import is_within
from goldenpath.facts.values import literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

CODE = regex(
    r"(?i).*\.(?:c|cc|cjs|clj|cpp|cs|dart|exs?|fs|go|h|hpp|hs|java|jsx?|kt|lua|mjs|ml|php|pl|pm|py|rb|rs|scala|swift|tsx?|vb|zig)"
)
_MADE = regex(r"/(?:\.?build|dist|out|target|vendor|node_modules)/|\.min\.\w+$")
"""Where what stands in a repository has been made of other code, or elsewhere."""
_GENERATED = regex(r"/(?:_*(?:auto)?gen(?:erated)?_*)(?:/|$)|\.(?:pb|gen|g)\.\w+$")
"""Where what stands there is generated again once it is gone."""


def lay(effects: Effects, path: Value, by: Value, *, handed: bool = False) -> None:
    """Something that nobody has seen is laid to a path: a file by that name, or all that a folder then holds."""
    if not handed:
        lose_tests(effects, literal(path), "written over them")
    _mix(effects, path, value(by, " over ", path), handed=handed)


def anywhere(path: Value) -> Value:
    """A path as a pattern, in which any name stands for what only a run knows; empty for one out of the work tree."""
    if is_outside(path):
        return ()
    parts: list[str] = []
    for at, part in enumerate(path):
        after = path[at + 1] if at + 1 < len(path) else "/"
        whole = "".join(parts)[-1:] in {"", "/"} and isinstance(after, str) and after.startswith("/")
        if isinstance(part, str):
            parts.append(part)
        elif listed := literal(globbed((part,))):
            folder, _, name = listed.rpartition("/")
            parts.append(f"{folder}/**/{name}" if part.kind == "command" and folder else listed)
        else:
            parts.append("**" if whole else "*" if at else "**/*")
    return value("".join(parts).removeprefix("./"))


def remove(effects: Effects, path: Value) -> None:
    """Nothing stands any more at a path, or below it."""
    remove_some(effects, path, lambda _path: True)


def remove_some(effects: Effects, folder: Value, wanted: Callable[[str], bool]) -> None:
    """Nothing stands any more at the paths in a folder that are `wanted`."""
    _lose_tests(effects, literal(folder), "removed them", lambda path: is_test(path) and wanted(path))
    _mix(
        effects,
        folder,
        value("nothing any more at ", folder),
        lambda path: wanted(path) and not _GENERATED.search(f"/{path}"),
    )


def lose_tests(effects: Effects, path: str | None, how: str) -> None:
    """Others may stand in the place of tests, by their names or in a folder that is named."""
    if path not in {None, "", "."}:
        _lose_tests(effects, path, how, is_called_test)


def _lose_tests(effects: Effects, path: str | None, how: str, wanted: Callable[[str], bool]) -> None:
    """Remember which tests are gone, as far as what has done so to them says it."""
    if path is None or effects.moment.dead or not effects.state.has_files:
        return
    spread = "**" in path
    if spread and not is_called_test(path):  # nobody knows where, or of what
        return
    found = _standing(effects.moment.frame.shared.tree, path)
    lost = (each for each in found if CODE.fullmatch(each) and wanted(each) and (not spread or fits(each, path)))
    effects.state.lost.update(dict.fromkeys(lost, f"{effects.text} ({effects.place}) has {how}"))


def code_removed_at(tree: Tree, path: str) -> Iterator[str]:
    """The files with tests, and with code of which something is built, that are gone with what stands at a path."""
    return (each for each in _standing(tree, path) if CODE.fullmatch(each) and (is_test(each) or _is_built_from(each)))


def _standing(tree: Tree, path: str) -> Iterator[str]:
    """The files at a path, below it, or where a pattern says; of one that is spread over the tree all with code."""
    return (each for _, each in tree.taken(path.rstrip("/"))) if _is_plain(path) else tree.fitting(CODE)


def _mix(
    effects: Effects,
    path: Value,
    what: Value,
    wanted: Callable[[str], bool] = lambda _path: True,
    *,
    handed: bool = False,
) -> None:
    at = literal(path)
    if at is None or effects.moment.dead:
        return
    folders = [""] if effects.state.has_files else effects.state.own
    if any(_holds_code(effects, folder, within, wanted) for folder in folders for within in _within(at, folder)):
        effects.mixes(what, handed=handed)


def _within(path: str, folder: str) -> Iterator[str]:
    """A path as seen from the folder in which the repository stands: all of it where that lies in it."""
    if not folder or path.startswith("**"):
        yield path
    elif path in {"", "."} or is_within(folder, path):
        yield ""
    elif is_within(path, folder):
        yield path[len(folder) :].lstrip("/")


def _holds_code(effects: Effects, home: str, path: str, wanted: Callable[[str], bool]) -> bool:
    """Whether code of which something is built stands at a path, below it, or where a pattern says."""
    tree = effects.moment.frame.shared.tree
    meant = _spread(tree, path) if "**" in path else _standing(tree, path)
    code = (each for each in meant if CODE.fullmatch(each) and _is_built_from(each))
    standing = (posixpath.join(home, each) for each in code)
    return any(wanted(each) and not is_of_others(effects, each) for each in standing)


@lru_cache(maxsize=100)
def _spread(tree: Tree, path: str) -> tuple[str, ...]:
    """The files with code that a pattern fits, or lie in a folder that it fits; a script may ask again and again."""
    return tuple(each for each in _standing(tree, path) if fits(each, path) or fits(each, f"{path}/**"))


def _is_built_from(path: str) -> bool:
    """Whether something may be built of code: no test, and nothing made of other code."""
    return not (_MADE.search(f"/{path}") or is_called_test(path) or is_aside(path))


def _is_plain(path: str) -> bool:
    """Whether a path is one that the shell finds at once: not the whole tree, nor spread over it."""
    return path not in {"", "."} and "**" not in path


def is_of_others(effects: Effects, path: str) -> bool:
    """Whether another repository lies there."""
    return any(is_within(path, each) for each in (*effects.state.beside, *effects.state.cloned))
