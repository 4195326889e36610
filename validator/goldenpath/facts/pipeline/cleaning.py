"""What is gone from a work tree once it is cleaned, and with it the signatures that nothing has handed on yet."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Content, Files
from goldenpath.facts.pipeline.effects import fits, part_of
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.values import literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.pipeline.words import Words
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value


def empty(effects: Effects, folder: Value, doubt: frozenset[str] = frozenset()) -> None:
    """All is gone that stands in a folder; perhaps, where that is in doubt."""
    for path in tuple(effects.state.workspace.near(folder)):
        if part_of(path, folder) == ():
            _remove(effects, path, doubt)
    lose_signatures(effects, folder)


def clean(effects: CommandEffects, folder: Value, words: Words) -> None:
    """`git clean` removes what git does not have: of what it is told to ignore nothing, all (`-x`) or that alone."""
    options = words.options.keys()
    letters = {letter for each in options if not each.startswith("--") for letter in each[1:]}
    if "n" in letters or "--dry-run" in options:
        return
    tree = effects.moment.frame.shared.tree
    named = words.positionals or [folder or value(".")]
    within = [effects.path(globbed(each)) or value(".") for each in named]
    deep = "d" in letters or bool(words.positionals)
    for path in _standing(effects, within):
        ignored = _is_ignored(tree, path) if "x" not in letters else "X" in letters
        spared = ignored is not None and ignored != ("X" in letters)
        if tree.is_file(path) or spared or not (deep or _is_beside_others(tree, path)):
            continue
        if "X" in letters or not any(_names(literal(each) or "*", path) for each in words.of("-e --exclude")):
            _remove(effects, value(path), frozenset({f"{effects.text} removes {path}"} if ignored is None else ()))
            lose_signatures(effects, value(path))


def stash(effects: CommandEffects, words: Words) -> None:
    """`git stash -u` takes along what git does not have, and may bring it back."""
    if words.has("-u --include-untracked -a --all"):
        empty(effects, value("."), frozenset({f"{effects.text} takes it away"}))


def perhaps_remove(effects: Effects, targets: list[str]) -> None:
    """What lies in these folders, or fits these patterns, may be gone: a program asks more of it than its name."""
    for target in map(value, targets):
        for path in tuple(effects.state.workspace.near(target)):
            if part_of(path, target) == ():
                _remove(effects, path, frozenset({f"{effects.text} removes {shown(path)}"}))
        lose_signatures(effects, target)


def cover(effects: Effects, path: Value) -> None:
    """What nobody has seen is laid to a path: over an SBOM, a digest or a signature there; perhaps, in a folder."""
    if effects.moment.dead:
        return
    place = path or value(".")
    for each in tuple(effects.state.workspace.near(place)):
        contents = (content for _, (content, _), _ in effects.pieces(each))
        is_followed = any(content.kind == "sbom" or content.digest or content.text for content in contents)
        if is_followed and part_of(each, place) == ():
            doubt = frozenset() if each == place else frozenset({f"{effects.text} has another {shown(each)}"})
            other = (Content("other", effects.origin(each)), ())
            effects.state.workspace.write(each, other, effects.guard.conditions | doubt)
    lose_signatures(effects, place)


def lose_signatures(effects: Effects, pattern: Value) -> None:
    """The signatures of files are gone with these, if this job has written them and nothing has handed them on."""
    if effects.moment.dead:
        return
    acts = effects.moment.frame.shared.acts
    for at in _own_signatures(effects):
        act = acts[at]
        if any(_meet(each, pattern) for each in act.into) and not _is_handed_on(act, acts[at + 1 :]):
            acts[at] = replace(act, unsure=act.unsure or f"may be taken away again by {effects.text} ({effects.place})")


def _own_signatures(effects: Effects) -> list[int]:
    """Where among the acts those stand by which this job has written signatures that nobody has lost."""
    state, acts = effects.state, effects.moment.frame.shared.acts
    new = range(state.acts_looked_at, len(acts))
    state.signing += [at for at in new if acts[at].into and acts[at].guard.job == state.key]
    state.acts_looked_at = len(acts)
    state.signing = [at for at in state.signing if not acts[at].unsure]
    return state.signing


def _remove(effects: Effects, path: Value, doubt: frozenset[str]) -> None:
    if not effects.moment.dead:
        effects.state.workspace.write(path, None, effects.guard.conditions | doubt)


def _standing(effects: Effects, within: list[Value]) -> Iterator[str]:
    """The files that a job has written there, as far as their names are known."""
    for each in within:
        for path in tuple(effects.state.workspace.near(each)):
            named = literal(path)
            if named is not None and part_of(path, each) == () and _stands(effects, path):
                yield named


def _stands(effects: Effects, path: Value) -> bool:
    """Whether something may stand at a path that the job has written."""
    return any(what is not None for what, _ in effects.state.workspace.read(path, effects.guard.conditions))


def _is_beside_others(tree: Tree, path: str) -> bool:
    """Whether git has other files in the folder of a file."""
    folder = path.rpartition("/")[0]
    return not folder or tree.exists(folder)


def _is_ignored(tree: Tree, path: str) -> bool | None:
    """Whether git ignores a file that it does not have; None where an exception, or a folder's own file, may tell."""
    lines = [each.strip() for each in (tree.text(".gitignore") or "").splitlines()]
    told = any(_names(each, path) for each in lines if each and each[0] not in "#!")
    folders = path.split("/")[:-1]
    own = any(tree.is_file("/".join((*folders[: at + 1], ".gitignore"))) for at in range(len(folders)))
    return None if own or (told and any(each.startswith("!") for each in lines)) else told


def _names(pattern: str, path: str) -> bool:
    """Whether a line of a `.gitignore` is about a file, or a folder above it."""
    parts, wanted = path.split("/"), pattern.strip("/")
    above = ["/".join(parts[: at + 1]) for at in range(len(parts))]
    above = above[:-1] if pattern.endswith("/") else above
    anchored = "/" in pattern.rstrip("/")
    return any(fits(each, wanted) if anchored else fnmatchcase(each.rpartition("/")[2], wanted) for each in above)


def _meet(one: Value, other: Value) -> bool:
    """Whether two paths or patterns may mean the same file."""
    path, pattern = globbed(one), literal(other)
    named = literal(path)
    return part_of(path, other) is not None or bool(named and pattern and "*" in named and fits(pattern, named))


def _is_handed_on(act: Act, later: list[Act]) -> bool:
    """Whether what an act has written is published by then, or stored by its job."""
    for each in later:
        hands_on = each.kind == "shipped" or (each.kind == "stored" and each.guard.job == act.guard.job)
        files = [target.pattern for target in each.targets if isinstance(target, Files)] if hands_on else []
        meets = any(literal(one) is None or _meet(path, one) for one in files for path in act.into)
        if meets or "ship" in each.may:
            return True
    return False
