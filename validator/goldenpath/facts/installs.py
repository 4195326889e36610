"""Commands that install dependencies: whether what they bring is fixed by a lock."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from goldenpath.facts.pipeline.words import Words, asked_of_git
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table
from goldenpath.facts.values import Value, display, value

if TYPE_CHECKING:
    from collections.abc import Callable


_VERSION = regex(r"(?<=.)@.*|==.*")
_BRINGS = frozenset({"merge", "rebase", "restore"})
_SWITCHES = frozenset({"checkout", "reset", "switch"})
_TAKE_VALUES_OF_GIT = ("-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan", "-m", "-s", "-X", "-F")
_SYMBOL = regex(r"<[a-z]")
_BRANCH = regex(r"(refs/(heads|remotes)|origin|upstream)/.+|main|master|develop|trunk")
_TAKE_VALUES = frozenset({"--python", "-p", "--prefix", "--target", "-t", "--index-url", "-i", "--cache-dir"})


class Install(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of installs.yaml, which says what its fields mean."""

    locked: tuple[str, ...] | Literal["always", "never"]
    at: tuple[str, ...] = ()
    version: str = r"=?\s*v?\d+(\.\d+)+([-+.]\w[\w.+-]*)?|\[[\d.]+\]"
    brings: str = ""
    in_ci: bool = False
    files: tuple[str, ...] = ()
    positional_files: bool = False
    verbs: tuple[str, ...] = ()
    floats: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    pinned: str = ""
    instead: str = ""
    of_system: bool = False
    bare: bool = False
    exact: str = ""
    alone: bool = False
    runs: bool = False
    relocks: bool = False
    data: bool = False
    named: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class Loose(NamedTuple):
    """Why what a command installs is not fixed, and what to run instead; it is `unsure` where it may be after all."""

    why: str
    instead: str
    unsure: bool = False


class Tool(Struct, frozen=True, forbid_unknown_fields=True):
    """How a language's tools are pinned where files are built."""

    title: str
    setup: tuple[str, ...]
    input: str
    file: str
    version: str
    files: tuple[str, ...]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """All of installs.yaml."""

    installs: dict[str, Install]
    harmless: str
    makers: str
    varying: tuple[str, ...]
    asking: tuple[str, ...]
    settled: str
    moving: str
    tools: dict[str, Tool]
    dated_backends: tuple[str, ...]
    python_builders: tuple[str, ...]
    undated_parents: tuple[str, ...]


@cache
def table() -> Table:
    """The table as it is written."""
    return read_table("installs", Table)


@cache
def _rows() -> dict[str, Install]:
    return {name: row for names, row in table().installs.items() for name in names.split(" | ")}


@cache
def _makers() -> frozenset[str]:
    return frozenset(table().makers.split())


@cache
def _programs() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in _rows())


def known_install(words: tuple[Value, ...]) -> tuple[Install, list[str]] | None:
    """What the table says of a command, and the words that are left of it; options may stand before its subcommand."""
    if next(filter(_is_name, map(display, words)), "") not in _programs():  # as of most
        return None
    texts = [display(word) for word in words]
    names = [index for index, text in enumerate(texts) if _is_name(text)]
    for length in range(min(len(names), 4), 0, -1):
        row = _rows().get(" ".join(texts[index] for index in names[:length]))
        if row and not (row.alone and len(names) > length):
            return row, [text for index, text in enumerate(texts) if index not in names[:length]]
    return None


def leaves_something(words: tuple[Value, ...]) -> bool:
    """Whether a command installs something, which is there afterwards, or runs what writes something."""
    known = known_install(words)
    if known is None:
        return newest_of(words, switched=False) != ""
    return not known[0].data and (not known[0].runs or makes_sources(words))


def makes_sources(words: tuple[Value, ...]) -> bool:
    """Whether a command changes what is built: by another commit or lock, or by a program that it fetches and runs."""
    known = known_install(words)
    if known is None:
        return newest_of(words, switched=False) != ""
    if known[0].relocks:
        return True
    programs = {_VERSION.sub("", each).rpartition("/")[2] for each in _run(known[1], known[0])} if known[0].runs else ()
    return not _makers().isdisjoint(programs)


def newest_of(words: tuple[Value, ...], *, switched: bool = True) -> str:
    """The branch of which git takes what it holds on that day, or which it is `switched` to; empty for none."""
    if words[:1] != (("git",),):
        return ""
    _, verb, rest = asked_of_git(words)
    if verb == "pull":
        return "the branch"
    if verb == "submodule":
        return "a branch of each submodule" if ("--remote",) in rest else ""
    given = Words(rest, _TAKE_VALUES_OF_GIT)
    named = [*given.positionals, *given.of("-s --source")] if verb in {*_BRINGS, *_SWITCHES} else []
    takes_files = verb == "checkout" and (("--",) in rest or len(named) > 1)
    if verb in _SWITCHES and not (switched or takes_files):
        return ""
    return next((name for name in map(display, named) if is_branch(name)), "")


def is_moving(address: str) -> bool:
    """Whether an address leads to another thing on another day."""
    return "://" in address and re.search(table().moving, address) is not None


def is_branch(name: str) -> bool:
    """Whether a reference is surely a branch, by its name."""
    return _BRANCH.fullmatch(name) is not None


def _is_name(text: str) -> bool:
    return text == "-m" or not (text.startswith("-") or "=" in text)


def loose(
    words: tuple[Value, ...],
    is_lock: Callable[[str], bool],
    *,
    in_ci: bool,
    beside: Callable[[str, list[str]], bool] = lambda _lock, _packages: False,
) -> Loose | None:
    """Why what a command installs is not fixed, and what to run instead; None when it is, or installs nothing.

    `is_lock` says whether a path names a lock, `beside` whether a lock of that name is there, and holds some packages.
    """
    known = known_install(words)
    if known is None:
        return None
    row, texts = known
    if not set(row.floats).isdisjoint(text.partition("=")[0] for text in texts):
        return Loose("it takes what is newest", row.instead)
    if row.locked == "always":
        return None
    if row.verbs:
        if not set(row.verbs) & set(texts):
            return None
        texts = [text for text in texts if text not in row.verbs]
    options = {text.partition("=")[0] for text in texts if text.startswith("-")}
    run = _run(texts, row) if row.runs else []
    if any(beside(lock, run) for lock in row.beside) and _is_plain(run):
        return None
    texts = run or texts
    if told := _values(texts, row.at):
        return _at_versions(told, texts, options, row)
    if row.locked != "never" and (
        options & set(row.locked) or (row.in_ci and in_ci) or _from_files(texts, options, row, is_lock)
    ):
        return None
    why = _by_names(texts, options, row)
    return Loose(why, row.instead) if why else None


def _by_names(texts: list[str], options: set[str], row: Install) -> str | None:
    """Why packages that are named where no lock says more are not fixed."""
    if row.locked == "never" or (row.of_system and row.pinned):
        return _unpinned(texts, row)
    return None if _are_alone(texts, options, row) else "it does not install from a lock"


def by_name(words: tuple[Value, ...]) -> list[str]:
    """The packages of a language's registry that a command installs by their names, in versions that nothing fixes."""
    known = known_install(words)
    if known is None or known[0].of_system or not loose(words, lambda _: False, in_ci=False):
        return []
    row, texts = known
    if row.beside and not row.runs:  # it names none, for its lock does
        return []
    texts = [text for text in texts if text not in row.verbs]
    packages = _packages(texts, _named_files(texts, row))
    return [each for each in packages if not _is_path(each) and not (row.pinned and re.fullmatch(row.pinned, each))]


def _unpinned(texts: list[str], row: Install) -> str | None:
    packages = [text for text in texts if not text.startswith("-")]
    if not row.pinned or (row.bare and not packages):
        return "it takes what is newest"
    unpinned = [each for each in packages if not re.fullmatch(row.pinned, each)]
    return f"nothing fixes the version of {unpinned[0]}" if unpinned else None


def _run(texts: list[str], row: Install) -> list[str]:
    """The packages whose program is fetched and run: those that options name, else the first word."""
    words = [value(text) for text in texts]
    given = Words(tuple(words), (*row.named, *row.takes))
    named = given.of(" ".join(row.named)) or given.positionals[:1]
    return list(map(display, named))


def _is_plain(packages: list[str]) -> bool:
    """Whether packages are called by their names alone, so that what lies there already is meant."""
    return not any("@" in each[1:] for each in packages)


def _from_files(texts: list[str], options: set[str], row: Install, is_lock: Callable[[str], bool]) -> bool:
    """Whether all that it installs is named by locks, or lies there already."""
    named = _named_files(texts, row)
    packages = _packages(texts, named)
    if options & set(row.local) and ("--no-index" in options or (not named and all(map(_is_path, packages)))):
        return True
    return bool(named) and all(map(is_lock, named)) and not packages


def _are_alone(texts: list[str], options: set[str], row: Install) -> bool:
    """Whether all that it installs is named at a version, and nothing comes along."""
    named = _named_files(texts, row)
    packages = _packages(texts, named)
    pinned = row.exact if "--no-deps" in options else row.pinned
    return bool(packages and pinned and not named) and all(re.fullmatch(pinned, each) for each in packages)


def _is_path(text: str) -> bool:
    return text == "." or text.startswith(("./", "/", "../", "<")) or text.endswith((".whl", ".tar.gz", ".gem"))


def _at_versions(told: list[str], texts: list[str], options: set[str], row: Install) -> Loose | None:
    """Why a package is not fixed by the versions that options tell, or what it needs is not."""
    if ranges := [version for version in told if _is_range(version, row)]:
        return Loose(f"{ranges[0]} may be one of several versions", row.instead)
    if not row.brings or options & set(row.local):
        return None
    needing = [each for each in _packages(texts, told) if not _is_path(each) and not re.fullmatch(row.exact, each)]
    return Loose(f"nothing fixes {row.brings}", row.instead, unsure=True) if needing else None


def _is_range(version: str, row: Install) -> bool:
    """Whether several versions fit what is told of one; what only a run knows is none."""
    return not _SYMBOL.search(version) and re.fullmatch(row.version, version) is None


def _named_files(texts: list[str], row: Install) -> list[str]:
    if row.positional_files:
        return [text for text in texts if not text.startswith("-")]
    return _values(texts, row.files)


def _values(texts: list[str], options: tuple[str, ...]) -> list[str]:
    """What stands behind options, in the next word or in the same one."""
    found = [after for option, after in pairwise(texts) if option in options]
    return found + [text.partition("=")[2] for text in texts if text.partition("=")[0] in options and "=" in text]


def _packages(texts: list[str], named: list[str]) -> list[str]:
    values = {after for option, after in pairwise(texts) if option in _TAKE_VALUES}
    return [text for text in texts if not text.startswith("-") and text not in values and text not in named]
