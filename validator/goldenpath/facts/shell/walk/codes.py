"""Codes of commands: what `$?`, or a variable that has kept it, says of the commands that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.state import FAILED, FAILURE, Place, State, Status, asked, conjunction
from goldenpath.facts.values import Symbol, Value, literal

if TYPE_CHECKING:
    from goldenpath.facts.shell.walk.record import Record

QUESTIONS: Final = frozenset({
    "[", "cmp", "command", "diff", "egrep", "fgrep", "grep", "hash", "test", "type", "which", "pgrep", "rg",
})  # fmt: skip
"""Commands that one runs for the answer: `a && b` does not presume that they succeed."""


class Codes:
    """What the code of a command tells."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def kept(self, word: Value) -> Status | None:
        """The status of a command that a word stands for: `$?`, or a variable that has kept it."""
        symbol = word[0] if len(word) == 1 else ""
        if not isinstance(symbol, Symbol) or symbol.kind != "status":
            return None
        if symbol.name == FAILED:
            return FAILURE
        return replace(self.blaming(blamed_in(symbol.name)), question="?" in symbol.name)

    def blaming(self, blamed: tuple[int, ...]) -> Status:
        """The status of what succeeds unless one of some commands fails."""
        told = conjunction(frozenset(texts.shown(self._record.commands[index].words) for index in blamed))
        status = asked(texts.bounded(told))
        return replace(status, blame_false=blamed, question=any(map(self.is_question, blamed)))

    def is_question(self, index: int) -> bool:
        """Tell whether a command is one that asks."""
        return literal(self._record.commands[index].words[0]) in QUESTIONS | {"[["}

    def heed(self, status: Status, state: State, place: Place) -> Status:
        """A status that fails the script where it is told: by it the commands do that it is about."""
        if status.known is None and not place.dead and place.fatal(errexit=state.errexit):
            for index in status.blame_false:
                if place.condition | state.condition <= self._record.commands[index].condition:
                    self._record.make_fatal((index,))
        return status


def succeeds(code: Value | None) -> bool | None:
    """Whether a text is the code of what succeeds (0), or of what fails; None where it is neither for certain."""
    if code == FAILURE.code:
        return False
    text = literal(code or ())
    return int(text) % 256 == 0 if text and text.isdigit() else None


def blamed_by(code: Value | None) -> str | None:
    """The commands whose failure a code tells, as its symbol names them; None where it is not the code of anything."""
    if succeeds(code):
        return ""
    symbol = code[0] if code and len(code) == 1 else ""
    return symbol.name if isinstance(symbol, Symbol) and symbol.kind == "status" and symbol.name != FAILED else None


def blamed_in(names: str) -> tuple[int, ...]:
    """Return the commands that the name of a code lists."""
    return tuple(int(each.rstrip("?")) for each in names.split())
