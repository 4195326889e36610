"""`find … -exec`: a command that is run for what it finds."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

import msgspec

from goldenpath.facts.pipeline.commands.editing import edit_by_another
from goldenpath.facts.pipeline.overlays import remove_some
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import filled, globbed
from goldenpath.facts.shell.script import SHELLS, program_name
from goldenpath.facts.values import Symbol, display, literal, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.values import Value

_REMOVES_NO_FILES = frozenset({"-empty", "l"})


def _remove(effects: CommandEffects) -> None:
    """What is found is removed: what is called by one of these names, or lies in a folder that is."""
    said = [literal(word) or "" for word in effects.all_words[1:]]
    if not _REMOVES_NO_FILES.isdisjoint(said):  # but empty folders, or links
        return
    folders = list(takewhile(lambda each: not each.startswith(("-", "!", "(", "\\(")), said)) or ["."]
    negated = not {"!", "-not"}.isdisjoint(said)
    names = [] if negated else [name for option, name in pairwise(said) if option in _NAMES]
    fits = re.compile("|".join(map(translate, names))).match
    in_folder = cache(lambda path: any(map(fits, path.split("/"))))
    for folder in folders:
        place = effects.place_of(value(folder))
        start = len(literal(place) or "")

        def is_found(path: str, start: int = start) -> bool:
            above, _, name = path[start:].strip("/").rpartition("/")
            return not names or bool(fits(name) or in_folder(above) or fits(f"./{above}/{name}"))

        remove_some(effects, place, is_found)


_NAMES = frozenset({"-name", "-iname", "-path", "-wholename"})
_EDITING = frozenset({("sed",), ("gsed",), ("perl",), ("awk",), ("gawk",), ("ruby",)})
_FOLLOWED = frozenset({"sign-files", "attest-files", "list-digests", "verify"})
"""What becomes of what is found by these."""
_OF_FILES = frozenset({
    "nothing", "edit", "remove-files", "write-files", "change-sources", "patch", "compress", "decompress", "pack",
    "save", "export",
})  # fmt: skip
"""What is read from the whole command, if it does anything that matters."""
_WRITING = frozenset({"change-files", "copy-files", "move-files"})
_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_ENDS = frozenset({";", "\\;", "+"})


def find(effects: CommandEffects) -> None:
    """The commands behind `-exec`: `find` tells of their failure if they are run once for all (`+`), not for each."""
    words = effects.all_words
    if ("-delete",) in words:
        _remove(effects)
    edit_by_another(effects)
    start = None
    for at, word in enumerate(words):
        if start is None and literal(word) in _RUNS:
            start = at
        elif start is not None and literal(word) in _ENDS:
            found_by, command = words[:start], words[start + 1 : at]
            if command:  # else find refuses it
                _run(effects, found_by, command, asks="ok" in display(words[start]), once=word == ("+",))
            start = None


def _run(
    effects: CommandEffects, found_by: tuple[Value, ...], command: tuple[Value, ...], *, asks: bool, once: bool
) -> None:
    """A command is run for what is found."""
    about, _ = known_command([literal(each) or "" for each in command[:4]])
    if about is not None and about.does == "remove-files":
        _remove(effects)
    edits = command[0] in _EDITING or (about is not None and about.does == "edit")
    tests = about is not None and about.tests is not None
    shell = program_name(command[0]) in SHELLS
    if about is not None and about.does in _OF_FILES and not (tests or edits or shell):
        return
    found = value(Symbol("command", " ".join(map(shown, found_by))))
    found = found if edits else globbed(found, below=about is not None and about.does in _WRITING)
    inner = effects.instead(tuple(filled(word, "{}", found) for word in command))
    conditions = inner.guard.conditions | ({"somebody says yes to find"} if asks else set())
    if not once:
        inner.guard = msgspec.structs.replace(inner.guard, fatal=False, fatal_in_leg=False)
    elif tests:  # who tests what is not there is content
        conditions |= {f"{effects.text} finds anything"}
    inner.guard = msgspec.structs.replace(inner.guard, conditions=conditions)
    inner.perform()
