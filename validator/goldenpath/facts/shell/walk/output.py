"""Where the output of commands goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.script import STREAM
from goldenpath.facts.shell.status import Status, asked
from goldenpath.facts.values import FED_BY, Symbol, Value, head, value

if TYPE_CHECKING:
    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.script import Reason
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.record import Record

_LONGEST: Final = 300
_NUMBER: Final = regex(r" #\d+$")
_FEED: Final = frozenset({"command", "file"})
_SET_OUTPUT: Final = regex(r"::set-output name=([^:,]+)::")


class Output:
    """What commands print: to files, pipes, substitutions or the log."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._channels = 0

    def print_unknown(self, call: Call) -> None:
        """Print a symbol that stands for what this command prints in a run."""
        if call.place.stdout is None:
            return
        symbol = Symbol("command", f"{texts.shown(call.words)}{_fed_by(call.place.stdin)} #{call.index}")
        self._record.symbols[symbol] = call.index
        self.print((symbol, "\n"), call.state, call.place)

    def print(self, text: Value, state: State, place: Place) -> None:
        """Print a text to where the output goes; a line for the runner is read as the runner reads it."""
        if place.stdout is not None:
            state.append(place.stdout, text)
            return
        start = head(text)
        match = _SET_OUTPUT.match(start)
        if match is not None and not place.dead:
            state.ledgers["GITHUB_OUTPUT"].entries[match[1]] = texts.without_newlines(
                value(start[match.end() :], *text[1:])
            )

    def channel(self, state: State, *, named: bool = False) -> Value:
        """Return a file that only this walk knows: a pipe, or the output of a substitution, which may have a name."""
        self._channels += 1
        channel = (Symbol(STREAM if named else "pipe", str(self._channels)),)
        state.files[channel] = ()
        return channel

    def out_of_sight(self, reason: Reason, call: Call, why: str = "") -> Status:
        """Leave a command that runs something which is not followed."""
        self._record.give_up(reason, call, why)
        self.print_unknown(call)
        return replace(asked(texts.shown(call.words)), question=False)


def _fed_by(stdin: Value | None) -> str:
    """How what a command prints is called, too: by what feeds it, but for what would make it too long."""
    named = "".join(
        f"{FED_BY}{_named(part)}" for part in stdin or () if isinstance(part, Symbol) and part.kind in _FEED
    )
    return named if len(named) <= _LONGEST else f"{FED_BY}…"


def _named(part: Symbol) -> str:
    return _NUMBER.sub("", part.name) if part.kind == "command" else f"cat {part.name}"
