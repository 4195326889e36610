"""`./configure` and `make` of the GNU build system: what Autoconf and Automake generate in a run from what is here.

Nobody has the generated files, but they do what Autoconf's and Automake's own macros do, which build, test and install,
and what configure.ac, Makefile.am and the macros of the repository say besides. As with CMake and Meson that is no
release, where none of them speaks of a program that could hand something out or sign it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.making import NAMES as MAKEFILES
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import is_within, path_from
from goldenpath.facts.values import display, literal, partition

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.tree import Tree

MAX_CHARACTERS = 2_000_000
"""Most characters of such sources; more may say anything."""

_SOURCES = regex(r"(.*/)?(configure\.(ac|in)|(GNU)?Makefile\.am|.*\.(m4|am))")
_REMARK = regex(r"(?<!\\\n)(?m:^[ \t]*(?:#|dnl\b)[^\n]*$)")
"""A line that is a comment, and no part of the one before it."""
_HANDS_OUT = regex(
    r"(?i)\b(git[ \t]+push|gh|glab|curl|wget|scp|sftp|rsync|ssh|ftp|lftp|docker|podman|buildah|skopeo|crane|oras|ko"
    r"|cosign|attest\w*|gpg2?|sq|minisign|signify|twine|npm|aws|gsutil|gcloud|az|kubectl|helm|upload\w*|publish\w*"
    r"|deploy\w*)\b"
)
_GOALS = frozenset({
    "all", "check", "clean", "dist", "dist-bzip2", "dist-gzip", "dist-xz", "dist-zip", "distcheck", "distclean",
    "install", "install-data", "install-exec", "install-strip", "installcheck", "maintainer-clean",
})  # fmt: skip
"""What Automake makes by these names in every project."""
_TESTING = frozenset({"check", "distcheck"})
_TESTS = regex(r"TESTS[ \t]*\+?=[ \t]*[\w$]")
_SUBDIRS = regex(r"SUBDIRS[ \t]*\+?=([^\n]*)")
_CHANGES_WHAT_IS_MADE = regex(r"\w*TESTS\w*|SUBDIRS|SHELL|MAKEFLAGS|check\w*")
"""Variables by which make is told to leave tests out, or to do something else."""
_TAKES = ("-C", "--directory", "-j", "--jobs", "-l")
_PLAIN = frozenset({*_TAKES, "-s", "--silent", "-k", "-w", "--no-print-directory", "--output-sync", "-O"})


def builds(effects: CommandEffects) -> bool:
    """Whether a command is one of these that surely only builds; tests that it runs are written down."""
    folder = _folder(effects)
    tree, state = effects.moment.frame.shared.tree, effects.state
    if folder is None or state.has_foreign_files:
        return False
    written = state.replaced | effects.rewriting()
    if any(is_within(path, each) for path in tree.fitting(_SOURCES) for each in written):
        return False
    texts = [tree.text(path) for path in tree.fitting(_SOURCES)]
    if None in texts or sum(len(text or "") for text in texts) > MAX_CHARACTERS:
        return False
    if any(_HANDS_OUT.search(_REMARK.sub("", text or "")) for text in texts):
        return False
    if _TESTING.intersection(map(literal, effects.all_words[1:])) and _has_tests(tree, folder):
        effects.act("tested")
    return True


def _has_tests(tree: Tree, folder: str) -> bool:
    """Whether `make check` surely runs tests: they are named outside of conditions, here or in a folder named so."""
    own = _unconditional(tree.text(posixpath.join(folder, "Makefile.am")) or "")
    if any(map(_TESTS.match, own)):
        return True
    below = [name for line in own if (named := _SUBDIRS.match(line)) for name in named[1].split()]
    paths = [posixpath.normpath(posixpath.join(folder, name, "Makefile.am")) for name in below]
    return any(_TESTS.match(line) for path in paths for line in _unconditional(tree.text(path) or ""))


def _unconditional(text: str) -> list[str]:
    """The lines of a Makefile.am that hold whatever configure has found."""
    lines, depth = list[str](), 0
    for line in _REMARK.sub("", text).replace("\\\n", " ").splitlines():
        word = line.split(" ")[0].rstrip()
        depth += (word == "if") - (word == "endif")
        if not depth:
            lines.append(line)
    return lines


def _folder(effects: CommandEffects) -> str | None:
    """The folder whose configure or Makefile runs that are generated; None where they are not, or something else is."""
    exists, program = effects.moment.frame.shared.tree.exists, literal(effects.all_words[0])
    if program in {"make", "gmake"}:
        given = Words(effects.all_words[1:], _TAKES)
        at = effects.script.folder
        for each in given.of("-C --directory"):
            at = path_from(at, each)
        folder = literal(at) if at else ""
        told = [partition(word, "=") for word in given.positionals]
        goals = [literal(word) for word, split in zip(given.positionals, told, strict=True) if split is None]
        changed = any(_CHANGES_WHAT_IS_MADE.fullmatch(display(split[0])) for split in told if split)
        plain = {option[:2] if option.startswith("-j") else option for option in given.options} <= _PLAIN
        if folder is None or changed or not plain or not _GOALS.issuperset(goals) or _has(effects, folder, MAKEFILES):
            return None
        return folder if exists(posixpath.join(folder, "Makefile.am")) and _is_configured(effects, folder) else None
    path = literal(effects.place_of(effects.all_words[0]))
    if path is None or posixpath.basename(path) != "configure" or exists(path) or path.startswith(("/", "~", "..")):
        return None
    folder = posixpath.dirname(path)
    return folder if _is_configured(effects, folder) else None


def _is_configured(effects: CommandEffects, folder: str) -> bool:
    """Whether Autoconf finds its source in a folder."""
    return _has(effects, folder, ("configure.ac", "configure.in"))


def _has(effects: CommandEffects, folder: str, names: tuple[str, ...]) -> bool:
    return any(effects.moment.frame.shared.tree.exists(posixpath.join(folder, name)) for name in names)
