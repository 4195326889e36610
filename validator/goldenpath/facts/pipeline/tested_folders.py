"""Which folders of the repository a command tests, by what it is told of them."""

from __future__ import annotations

import posixpath
from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.parts import OF_ALL, OF_PYTEST, parts
from goldenpath.facts.pipeline.testing import takes_a_value
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import is_within, path_from
from goldenpath.facts.values import Symbol, display, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_IN = frozenset(
    ["-C", "--chdir", "--dir", "--directory", "--cwd", "--prefix", "--project-dir", "--root", "--rootDir", "-f",
     "--file", "--manifest-path"]
)  # fmt: skip
"""Options, of programs that test and of those that let them run, with the folder in which they do, or a file there."""
_PARTS = frozenset(["-p", "-pl", "--package", "--projects", "-rf", "--resume-from"])
"""Options with the parts of the repository that are tested, by their folders or by their names; with what follows."""
_TAKE_PATHS = frozenset(
    ["ava", "bats", "behave", "deno", "dotnet", "jest", "mocha", "nose2", "pest", "phpunit", "playwright", "prove",
     "py.test", "pytest", "rspec", "vitest"]
)  # fmt: skip
"""Programs whose words are folders and files of tests, or parts of their paths."""
_PROJECTS = regex(rf"{OF_PYTEST.pattern}|.*\.(?:cs|fs|vb)proj")
"""Files of tests, or of a project of tests, that stand for the folder in which they are."""
_NOT = ("!", "-")
"""What stands before a part of a build of Maven that is left out."""
_MANIFESTS = ("Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts")
_BESIDE = regex(
    r"(?:.*/)?(?:\..*|docs?|documentation|web-?site|sites?|(?:\w+[-_])?benchmarks?|bench|benches|fuzz|tools?|scripts?"
    r"|hack|xtask|buildSrc|build-logic)/.*"
)
"""Parts that are not released: documentation, and what builds."""
_TESTS = regex(r"(?:.*/)?(?:[\w.-]+[-_])?(?:e2e|tests?)(?:[-_][\w.-]+)?/.*")
"""Parts that are tests alone, which may ask all others."""
_TEST_FILES = regex(r"(?:.*/)?(?:(?:test_|conftest\b)[^/]*|[^/]*(?:[._-](?:test|spec)|Tests?|Spec|IT)\.\w+)")
"""How files with tests are called."""


def folders_tested(tree: Tree, folder: Value, words: tuple[Value, ...], positionals: Iterable[Value]) -> list[Value]:
    """The folders below the one of a command that it is told to test; that one where it is told none.

    `words` are all of the command, with those of what lets the program run. In each leg of a matrix it may be another.
    """
    options = [_option(word, following) for word, following in pairwise((*words, ()))]
    for option, given in options:
        if option in _IN and (inside := _folder(tree, path_from(folder, given))) is not None:
            folder = inside
    listed = [name for option, given in options if option in _PARTS for name in display(given).split(",")]
    named = [name for name in listed if not name.startswith(_NOT)]
    left_out = [name[1:] for name in listed if name.startswith(_NOT)]
    left_out += [display(given) for option, given in options if option == "--exclude"]
    by_path = any((literal(word) or "").rpartition("/")[2] in _TAKE_PATHS for word in words)
    values = {word for option, word in pairwise(words) if takes_a_value(option)}
    said = (*positionals, *map(value, named))
    named_parts = (_part(tree, folder, word, by_path=by_path and word not in values) for word in said)
    tasks = [word.strip(":").rpartition(":")[0] for word in map(display, positionals) if ":" in word]
    called = (_called(tree, folder, name) for name in (*named, *tasks) if name)
    found = list(dict.fromkeys(part for part in (*named_parts, *called) if part is not None))
    return found or (_others(tree, folder, left_out) if left_out else []) or [folder]


def left_untested(tree: Tree, folders: tuple[str, ...], of: str) -> str | None:
    """A part of a build of which none of these folders is, where only parts of that build are tested; None for all.

    `of` is the folder of what is released, empty for all of the repository. What a manifest above the parts puts
    together is none.
    """
    if any(_TESTS.fullmatch(f"{folder}/") for folder in folders):
        return None
    for homes, asks_nothing in parts(tree, folders):
        homes.discard("")
        if not any(is_within(folder, home) for folder in folders for home in homes):
            continue
        for home in sorted(homes):
            tested = any(_overlap(home, folder) for folder in folders)
            if not tested and _overlap(home, of) and not asks_nothing(f"{home}/"):
                return home
    return "." if _leaves_out_root(tree, folders, of) else None


def _leaves_out_root(tree: Tree, folders: tuple[str, ...], of: str) -> bool:
    """Whether these lie in modules of Go below the one at the root, which has tests of its own, and is released."""
    below = {posixpath.dirname(path) for path in tree.named("go.mod")}
    if "" not in below:
        return False

    def is_below(path: str) -> bool:
        return any(is_within(path, home) for home in below if home)

    tested = not all(map(is_below, folders)) or is_below(of)
    return not tested and not all(map(is_below, tree.fitting(_OF_GO)))


_OF_GO = regex(r".*_test\.go")


def is_called_test(path: str) -> bool:
    """Whether a file is called as those with tests are."""
    return _TEST_FILES.fullmatch(path) is not None


def is_test(path: str) -> bool:
    """Whether a file holds tests of what stands beside it, by its name or its folder."""
    folders = posixpath.dirname(path).split("/")
    return (is_called_test(path) or _TESTS.fullmatch(path) is not None) and not any(map(OF_ALL.fullmatch, folders))


def is_aside(path: str) -> bool:
    """Whether what stands at a path is no part of what is released: documentation, tools, tests, what others have."""
    return _TESTS.fullmatch(path) is not None or is_beside(path)


def is_beside(path: str) -> bool:
    """The same, but for tests."""
    from goldenpath.facts.dependencies import knowledge

    return any(pattern.fullmatch(path) for pattern in (_BESIDE, knowledge().ignored))


def _overlap(one: str, other: str) -> bool:
    return is_within(one, other) or is_within(other, one)


def _option(word: Value, following: Value) -> tuple[str, Value]:
    """An option and what it is given, behind a `=` or by the next word."""
    split = partition(word, "=")
    return (display(split[0]), split[1]) if split else (display(word), following)


def _folder(tree: Tree, path: Value) -> Value | None:
    """The folder that a path names, or whose file it does; a leg of a matrix may say which it is."""
    known = literal(path)
    if known is None:
        return path if any(isinstance(part, Symbol) and part.kind == "matrix" for part in path) else None
    if not tree.exists(known):
        return None
    return path if tree.text(known) is None else value(posixpath.dirname(known))


def _part(tree: Tree, folder: Value, word: Value, *, by_path: bool = False) -> Value | None:
    """The folder below that a word names as a path (`./shop/...`), or as a package of Bazel (`//shop:all`).

    By path alone one without a slash may be named, or a file that stands for its folder.
    """
    start, last = (part if isinstance(part, str) else "" for part in (word[0], word[-1])) if word else ("", "")
    known = literal(path_from(folder, word)) if by_path and word else None
    if known and _PROJECTS.fullmatch(known) and tree.is_file(known):
        return value(posixpath.dirname(known))
    named = any(isinstance(part, str) and "/" in part for part in word) or (known and tree.is_folder(known))
    if start.startswith("-") or not named:
        return None
    if start.startswith("//"):
        word = (partition(word, ":") or (word,))[0]
        word = value(start.lstrip("/").partition(":")[0], *word[1:])
        last = word[-1] if word and isinstance(word[-1], str) else ""
    if last.endswith(("/...", "/")):
        word = value(*word[:-1], last.removesuffix("...").rstrip("/"))
    path = path_from(folder, word)
    text = literal(path)
    return None if text is not None and tree.text(text) is not None else _folder(tree, path)


def _others(tree: Tree, folder: Value, left_out: Iterable[str]) -> list[Value]:
    """The folders of the parts of a build that are left when some are not tested; none where none of these is known."""
    known = [_part(tree, folder, value(name)) or _called(tree, folder, name) for name in left_out]
    without = {home for each in known if each is not None and (home := literal(each)) is not None}
    others = (home for home in sorted(_parts_below(tree, folder)) if not any(is_within(home, out) for out in without))
    return [value(home) for home in others if not any(is_within(out, home) for out in without)] if without else []


def _parts_below(tree: Tree, folder: Value) -> set[str]:
    """The folders below one that have a manifest of their own."""
    base = literal(folder)
    homes = {posixpath.dirname(path) for manifest in _MANIFESTS for path in tree.named(manifest)}
    return {home for home in homes if home and base is not None and is_within(home, base)}


def _called(tree: Tree, folder: Value, name: str) -> Value | None:
    """The folder of the part of a build that is called so: by Cargo, Maven (`:shop`), or before a task of Gradle's."""
    base, names = literal(folder), name.strip(":").split(":")
    below = _parts_below(tree, folder)
    exact = posixpath.join(base or "", *names)
    alike = {exact} & below or {home for home in below if home.rpartition("/")[2] == names[-1]}
    return value(alike.pop()) if len(alike) == 1 else None
