"""Whether commands succeed, and the conditions under which they do."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.shell.text import bounded
from goldenpath.facts.values import Symbol, Value

Atoms: TypeAlias = frozenset[str]
NONE: Final[Atoms] = frozenset()

_MAX_ATOMS: Final = 32
"""Conditions that are kept apart; more of them are said as one, so that what each command adds to costs the same."""


class Telling(Struct, frozen=True):
    """With which values of an answer that was kept a question succeeds, and with which it fails.

    `good` is the value where all has gone well, any other one that of a failure among the commands `blamed`.
    """

    symbol: Symbol
    good: str
    blamed: tuple[int, ...]
    true: frozenset[str]
    false: frozenset[str]

    def negated(self) -> Telling:
        """Return what the opposite question tells."""
        return replace(self, true=self.false, false=self.true)

    def surely(self, outcome: frozenset[str]) -> tuple[int, ...]:
        """The commands whose failure surely leads to an outcome."""
        return self.blamed if (self.true | self.false) - {self.good} <= outcome else ()


class Status(Struct, frozen=True):
    """Whether a command succeeds.

    `known`: decided or None. `when_true`, `when_false`: the atoms that hold then. `blame_false`, `blame_true`: the
    commands whose failure alone makes it so. `question`: whether the command asks rather than acts, so that its failure
    is no accident. `tells`: what it tells of an answer that was kept. `perhaps`: the commands whose failure may make it
    so or so, which is not followed.
    """

    known: bool | None = True
    when_true: Atoms = NONE
    when_false: Atoms = NONE
    blame_false: tuple[int, ...] = ()
    blame_true: tuple[int, ...] = ()
    question: bool = False
    tells: Telling | None = None
    perhaps: tuple[int, ...] = ()

    def negated(self) -> Status:
        """Return the status after `!`."""
        known = None if self.known is None else not self.known
        return Status(
            known,
            self.when_false,
            self.when_true,
            self.blame_true,
            self.blame_false,
            self.question,
            self.tells.negated() if self.tells else None,
            self.perhaps,
        )

    @property
    def code(self) -> Value:
        """What `$?` is then: a symbol that names the commands to blame (`3? 5`: 3 only asks), where they are known."""
        if self.known:
            return ("0",)
        if self.known is False:
            return (Symbol("status", FAILED),)
        if self.blame_true or not self.blame_false:
            return (Symbol("variable", "?"),)
        return (Symbol("status", " ".join(f"{index}{'?' * self.question}" for index in self.blame_false)),)


FAILED: Final = "failed"
"""How the status of a command is called that has failed, with whatever number."""

SUCCESS: Final = Status()
FAILURE: Final = Status(known=False)


def asked(text: str) -> Status:
    """Return the status of a question that only a run answers."""
    return Status(None, frozenset({text}), frozenset({negation(text)}), question=True)


@lru_cache(maxsize=1024)
def negation(text: str) -> str:
    """Write the opposite of an atom: those of a script are asked for at each file that it reads."""
    if text.startswith("!(") and _is_closed(text[1:]):
        return text[2:-1]
    if text.startswith("!") and " && " not in text and " || " not in text:
        return text[1:]
    for one, other in ((" == ", " != "), (" != ", " == ")):
        if text.count(one) == 1 and " && " not in text and " || " not in text:
            return text.replace(one, other)
    return f"!({text})"


def _is_closed(text: str) -> bool:
    """Whether the parenthesis with which a text begins is closed at its end, and not before."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return at == len(text) - 1
    return False


def conjunction(atoms: Atoms) -> str:
    """Write several atoms as one."""
    return " && ".join(f"({atom})" if " || " in atom or " && " in atom else atom for atom in sorted(atoms))


def together(one: Atoms, other: Atoms) -> Atoms:
    """Return what holds where both do."""
    atoms = one | other
    return atoms if len(atoms) <= _MAX_ATOMS else frozenset({bounded(conjunction(atoms))})


def not_all(atoms: Atoms) -> Atoms:
    """Return what holds when some of the atoms do not."""
    return frozenset({negation(conjunction(atoms))}) if atoms else NONE


def both(one: Status, other: Status) -> Status:
    """Return the status of `one && other`."""
    if one.known is False or other.known is False:
        known: bool | None = False
    else:
        known = True if one.known and other.known else None
    when_true = together(one.when_true, other.when_true)
    tells = _told_by_both(one, other)
    blamed = one.blame_false + other.blame_false
    if tells:
        blamed += tuple(index for index in tells.surely(tells.false) if index not in blamed)
    return Status(
        known,
        when_true,
        not_all(when_true),
        blamed,
        tells.surely(tells.true) if tells else _alone(one, other),
        one.question or other.question,
        tells,
        one.perhaps + other.perhaps,
    )


def _alone(one: Status, other: Status) -> tuple[int, ...]:
    """The commands whose failure makes both succeed, where one of the two does anyway: `sign || false` fails by it."""
    return one.blame_true if other.known else other.blame_true if one.known else ()


def _told_by_both(one: Status, other: Status) -> Telling | None:
    """What two questions tell together of the answer that they are about."""
    if one.tells and other.tells and one.tells.symbol == other.tells.symbol:
        return replace(one.tells, true=one.tells.true & other.tells.true, false=one.tells.false | other.tells.false)
    return other.tells if one.known else one.tells if other.known else None


def either(one: Status, other: Status) -> Status:
    """Return the status of `one || other`."""
    return both(one.negated(), other.negated()).negated()
