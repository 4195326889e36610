"""`find … -exec`: a command that is run for what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import filled, globbed
from goldenpath.facts.values import Symbol, literal, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

_FOLLOWED = frozenset({"sign-files", "attest-files", "list-digests", "verify"})
"""What is followed of it; what removes or changes files is read from the whole command."""


def find(effects: CommandEffects) -> None:
    """The command behind `-exec`: `find` tells of its failure if it is run once for all (`+`), not for each (`;`)."""
    words = effects.all_words
    start = next((at for at, word in enumerate(words) if literal(word) in {"-exec", "-execdir"}), len(words))
    end = next((at for at in range(start, len(words)) if literal(words[at]) in {";", "\\;", "+"}), start)
    command = words[start + 1 : end]
    about, _ = known_command([literal(each) or "" for each in command[:4]])
    if about is None or (about.does not in _FOLLOWED and about.tests is None):
        return
    found = globbed(value(Symbol("command", " ".join(map(shown, words[:start])))))
    inner = effects.instead(tuple(filled(word, "{}", found) for word in command))
    if literal(words[end]) != "+":
        inner.guard = msgspec.structs.replace(inner.guard, fatal=False, fatal_in_leg=False)
    elif about.does not in _FOLLOWED:  # who tests what is not there is content
        finds = f"{effects.text} finds anything"
        inner.guard = msgspec.structs.replace(inner.guard, conditions=inner.guard.conditions | {finds})
    inner.perform()
