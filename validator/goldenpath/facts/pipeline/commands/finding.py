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
from goldenpath.facts.values import Symbol, literal, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

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
"""What is followed of it; what removes or changes files is read from the whole command."""


def find(effects: CommandEffects) -> None:
    """The command behind `-exec`: `find` tells of its failure if it is run once for all (`+`), not for each (`;`)."""
    words = effects.all_words
    start = next((at for at, word in enumerate(words) if literal(word) in {"-exec", "-execdir"}), len(words))
    end = next((at for at in range(start, len(words)) if literal(words[at]) in {";", "\\;", "+"}), start)
    command = words[start + 1 : end]
    about, _ = known_command([literal(each) or "" for each in command[:4]])
    if ("-delete",) in words or (about is not None and about.does == "remove-files"):
        _remove(effects)
    edits = command[:1] and (command[0] in _EDITING or (about is not None and about.does == "edit"))
    edit_by_another(effects)
    if about is None or not (about.does in _FOLLOWED or about.tests is not None or edits):
        return
    found = value(Symbol("command", " ".join(map(shown, words[:start]))))
    found = found if edits else globbed(found)
    inner = effects.instead(tuple(filled(word, "{}", found) for word in command))
    if literal(words[end]) != "+":
        inner.guard = msgspec.structs.replace(inner.guard, fatal=False, fatal_in_leg=False)
    elif about.does not in _FOLLOWED:  # who tests what is not there is content
        finds = f"{effects.text} finds anything"
        inner.guard = msgspec.structs.replace(inner.guard, conditions=inner.guard.conditions | {finds})
    inner.perform()
