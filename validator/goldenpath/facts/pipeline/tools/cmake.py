"""Targets of CMake that run tests: `test`, which is its own, and those of CMakeLists.txt that are called like that."""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.testing import may_test
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import Symbol, Value, literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.tree import Tree

MAX_FILES = 500
"""Most files of CMake in which a target is looked for."""

_FILES = regex(r"(.*/)?(CMakeLists\.txt|[^/]+\.cmake)")
_BUILDS = regex(r"(.*/)?(CMakeLists\.txt|meson\.build)")
_OWN = frozenset({"test", "RUN_TESTS"})
_COMMENT = regex(r"#[^\n]*")
_TARGET = regex(r"\badd_custom_target\s{0,9}\(\s{0,99}([\w.-]{1,99})([^()]{0,2000})\)")
_KEYWORD = regex(
    r"\b(COMMAND|DEPENDS|BYPRODUCTS|WORKING_DIRECTORY|COMMENT|JOB_POOL|JOB_SERVER_AWARE|VERBATIM|USES_TERMINAL"
    r"|COMMAND_EXPAND_LISTS|SOURCES)\b"
)
_OF_SHELLS = frozenset({"||", "&&", "|", ";", "&"})


def build(effects: CommandEffects) -> None:
    """`cmake --build FOLDER --target NAME …`, and `ninja NAME …` of what CMake or Meson has written."""
    by_ninja = literal(effects.all_words[0]) == "ninja"
    tree = effects.moment.frame.shared.tree
    if effects.words.has("-n --dry-run") or (by_ninja and next(tree.fitting(_BUILDS), None) is None):
        return
    given, others = effects.words.of("-t --target"), effects.words.positionals
    for target in others if by_ninja else [*given, *others[1:]]:
        name = literal(target)
        if name in _OWN:
            effects.act("tested", unsure=effects.of_others())
        elif name is None or may_test((target,)):
            _build_target(effects, tree, target)


def _build_target(effects: CommandEffects, tree: Tree, target: Value) -> None:
    """A target that may run tests: its commands, if they are written down in one place."""
    acts = effects.moment.frame.shared.acts
    before = len(acts)
    found = _targets(tree).get(literal(target) or "", [])
    for words in _commands(found[0]) if len(found) == 1 else ():
        effects.instead(unwrapped(words)).perform()
    if not any(act.kind == "tested" for act in acts[before:]):
        effects.act("tested", unsure=f"what the target {shown(target)} of CMake runs is not followed")


@lru_cache(maxsize=2)
def _targets(tree: Tree) -> dict[str, list[str]]:
    """What the files of CMake say of each target: read once, however many are built."""
    paths = list(tree.fitting(_FILES))
    found: dict[str, list[str]] = {}
    for path in paths if len(paths) <= MAX_FILES else ():
        for name, body in _TARGET.findall(_COMMENT.sub("", tree.text(path) or "")):
            found.setdefault(name, []).append(body)
    return found


def _commands(body: str) -> Iterator[tuple[Value, ...]]:
    parts = _KEYWORD.split(body)
    for keyword, text in zip(parts[1::2], parts[2::2], strict=True):
        try:
            words = shlex.split(text)
        except ValueError:
            continue
        if keyword == "COMMAND" and words and _OF_SHELLS.isdisjoint(words):
            yield tuple(map(_word, words))


def _word(text: str) -> Value:
    if text == "${CMAKE_CTEST_COMMAND}":
        return value("ctest")
    return value(Symbol("unknown", text)) if "$" in text else value(text)
