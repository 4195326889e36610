"""Leaving a shell, a function or a loop, and what runs then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.shell.answers import BY_TRAP
from goldenpath.facts.shell.bodies import assigned_in, called_in
from goldenpath.facts.shell.parsing import parse
from goldenpath.facts.shell.script import Opaque
from goldenpath.facts.shell.state import Trap
from goldenpath.facts.shell.status import FAILURE, NONE, SUCCESS, Status, asked
from goldenpath.facts.values import Symbol, Value, literal, shown

if TYPE_CHECKING:
    from goldenpath.facts.shell import syntax
    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.state import Ending, Place, State
    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.frames import Frames
    from goldenpath.facts.shell.walk.limits import Limits
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.walker import Walker


_PRESUMED: Final = replace(SUCCESS, question=True)
"""The status of who leaves with a code that nobody knows, and says nothing of any command."""
_PSEUDO_SIGNALS: Final = frozenset({"DEBUG", "ERR", "RETURN"})


class Leaving:
    """`exit`, `return`, `break`, `continue` and traps."""

    def __init__(self, limits: Limits, record: Record, codes: Codes, frames: Frames, walker: Walker) -> None:
        self._limits = limits
        self._record = record
        self._codes = codes
        self._frames = frames
        self._walker = walker
        self._run_at_any_time: set[str] = set()
        """The commands that are run by traps which may run at any time."""

    def exit(self, call: Call) -> Status:
        """Leave the shell."""
        return self._stop(call, "left")

    def return_(self, call: Call) -> Status:
        """Leave a function or a sourced script; elsewhere bash only complains."""
        return self._stop(call, "returned") if self._frames.locals or self._frames.sourcing else FAILURE

    def _stop(self, call: Call, ending: Ending) -> Status:
        """Leave a shell or a function; with an error it fails the script where nobody heeds it otherwise."""
        status, place, state = self._code(call), call.place, call.state
        fatal = not place.dead and (place.fails if ending == "left" else place.fatal(errexit=state.errexit))
        state.ended = "failed" if fatal and status.known is False else ending
        state.leaving = status
        if fatal:
            self._codes.heed(status, state, replace(place, tail=True))
        return status

    def _code(self, call: Call) -> Status:
        """With what status a shell or a function is left: the one that is said, else that of the last command."""
        code = (call.text(1) or "").strip().lstrip("-")
        if code.isdigit():
            return FAILURE if int(code) % 256 else SUCCESS
        bare = len(call.words) == 1
        if bare and call.state.last.known is True:
            return SUCCESS
        kept = call.state.last if bare else self._codes.code(call.words[1], call.state)
        if kept is None:
            about = self._codes.about(call.words[1])
            kept = replace(asked(shown(call.words[1])), question=False, perhaps=about) if about else _PRESUMED
        has_failed = kept.known is None and kept.when_false <= call.place.condition | call.state.condition
        return FAILURE if has_failed else kept

    def break_(self, call: Call) -> Status:
        """Leave a loop."""
        call.state.ended = "broken" if self._frames.loops else ""
        return SUCCESS

    def continue_(self, call: Call) -> Status:
        """Leave a turn of a loop."""
        call.state.ended = "continued" if self._frames.loops else ""
        return SUCCESS

    def trap(self, call: Call) -> Status:
        """Keep what runs when the shell is left, or when something goes wrong."""
        words = [word for word in call.arguments if literal(word) != "--"]
        if len(words) > 1 and literal(words[0]) not in {"", "-", "-p", "-l"}:
            if is_opaque(words[0]):
                self._record.give_up("trap", call)
                call.state.let_go(None)
            else:
                leaving = any((literal(word) or "").upper() in {"EXIT", "0"} for word in words[1:])
                if {shown(word).upper() for word in words[1:]} & _PSEUDO_SIGNALS:
                    said = "".join(part if isinstance(part, str) else "_" for part in words[0])
                    self._let_go(parse(said).body, call.state)
                sure = not call.place.dead and not call.place.condition | call.state.condition
                kept = Trap(
                    words[0],
                    "" if leaving else shown(words[-1]),
                    frozenset(self._record.fatal_since(0)) if leaving and sure else None,
                )
                call.state.traps = (*call.state.traps, kept)
        elif words and literal(words[0]) == "-":
            call.state.traps = ()
        return SUCCESS

    def defined(self, command: syntax.Function, state: State) -> None:
        """Heed a function that a trap calls which was set before."""
        if command.name in self._run_at_any_time:
            self._let_go((command.body,), state)

    def _let_go(self, body: tuple[object, ...], state: State) -> None:
        """Forget what a trap sets that may run at any time, by itself or in functions."""
        waiting, names = [body], dict[str, None]()
        while waiting:
            node = waiting.pop()
            names.update(dict.fromkeys(assigned_in(node)))
            called = called_in(node) - self._run_at_any_time
            self._run_at_any_time |= called
            waiting += [(state.functions[each][0],) for each in called if each in state.functions]
        for name in names:
            state.let_go(name, BY_TRAP)

    def leave(self, state: State, place: Place) -> None:
        """Run the traps of a shell that is left; one with an `exit` of its own may hide how the shell has ended."""
        traps, state.traps = state.traps, ()
        blamed = self._record.fatal_since(0) if traps else ()
        status = self._codes.blaming(blamed) if blamed else SUCCESS
        for text, signal, after in traps:
            last = state.over()
            last.ended, last.last = "", FAILURE if signal.upper() == "ERR" else status
            here = replace(place, heeded=True, tail=False).guarded(frozenset({f"trap {signal}"}) if signal else NONE)
            before, self._record.inside = self._record.inside, self._record.inside or self._record.last_position()
            self._limits.deeper()
            self._walker.text(text, last, here)
            self._limits.depth -= 1
            if after is not None and _succeeds(last) and last.guards == state.guards:
                self._record.spare({*self._record.fatal_since(0)} - after)
                state.ended, state.leaving = "left", SUCCESS
            elif signal.upper() == "ERR" and last.leaving.known is False and last.guards == state.guards:
                self._record.make_unsure(self._record.spared())  # what fails the script anyway does it by this as well
            elif signal.upper() in {"", "ERR"} and _may_hide(last, state, blamed):
                self._record.opaque.append(
                    Opaque("trap", shown(text), *self._record.inside[1:], path=self._record.inside[0])
                )
            self._record.inside = before
            last.ended = ""
            state.adopt_files(last)


def _succeeds(state: State) -> bool:
    """Tell whether a shell was surely left with a success."""
    return state.ended == "left" and state.leaving == SUCCESS


def _may_hide(last: State, state: State, blamed: tuple[int, ...]) -> bool:
    """Tell whether a trap may end a shell with another code than that of whatever has failed in it."""
    same = last.ended == "left" and last.leaving.known is None and {*blamed} <= {*last.leaving.blame_false}
    return not same and bool(last.ended or last.guards != state.guards)


def is_opaque(script: Value) -> bool:
    """Tell whether a script is so little known that following it would be guessing: it begins with a symbol."""
    return bool(script) and isinstance(script[0], Symbol)
