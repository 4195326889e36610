"""Loops: turn by turn over what is known, one turn for any number of them otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.expressions import not_empty, rendered
from goldenpath.facts.shell import syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.answers import ANY_SUM, ANYTHING, TURN, answer_of, is_good, is_unset, merged
from goldenpath.facts.shell.bodies import (
    assigned_in,
    counted_in,
    grown_in,
    leaves_function,
    leaves_quietly,
    reads,
    takes_arguments,
    takes_rest,
    turn_of,
    worsened_in,
)
from goldenpath.facts.shell.builtins import assign_line, is_told
from goldenpath.facts.shell.expansion import Field, calculate
from goldenpath.facts.shell.retries import last_turn, until_success
from goldenpath.facts.shell.state import length_of
from goldenpath.facts.shell.status import FAILURE, NONE, SUCCESS, Status, asked, not_all
from goldenpath.facts.shell.syntax import Unfollowable
from goldenpath.facts.shell.walk.forks import Forks, Way, nothing
from goldenpath.facts.shell.walk.limits import MAX_TURNS
from goldenpath.facts.values import Symbol, Value, display, literal

if TYPE_CHECKING:
    from collections.abc import Collection

    from goldenpath.facts.shell.state import Ending, Left, Place, State
    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.frames import Frames
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.walker import Walker
    from goldenpath.facts.shell.walk.words import Words


class Loops:
    """Turns of loops."""

    def __init__(
        self, record: Record, codes: Codes, frames: Frames, words: Words, forks: Forks, walker: Walker
    ) -> None:
        self._record = record
        self._codes = codes
        self._frames = frames
        self._words = words
        self._forks = forks
        self._walker = walker

    def run(self, command: syntax.For | syntax.While, state: State, place: Place) -> Status:
        """Follow a loop."""
        self._frames.loops += 1
        possible = state.possible
        if isinstance(command, syntax.For):
            status = self._for(command, state, place)
        else:
            status = self._while(command, state, place)
        self._frames.loops -= 1
        state.possible = possible  # another turn, or none, may have been the last one
        return status

    def _for(self, command: syntax.For, state: State, place: Place) -> Status:
        if retry := last_turn(command, lambda body: self._ends(body, state, place)):
            status = self._walker.body(retry, state, place)
            if command.name and not state.ended:
                self._left_at(command, state)
            for name in counted_in(command.body):
                self._add_up(length_of(name) if name in state.arrays else name, state)
            return status
        if not command.name:
            for count in command.words or ():
                calculate(self._words.expander(state, place.asked()).text(count), state)
            return self._turns_unknown(
                command, state, place, "", asked(f"a turn of the loop on line {self._line(command)}")
            )
        if command.words is None:
            known = state.positional is not None
            fields = (
                [Field(text) for text in state.positional or ()]
                if known
                else [Field((Symbol("array", "@"),), loose=True)]
            )
        else:
            fields = self._words.expander(state, place.asked()).fields(command.words)
        if len(fields) > MAX_TURNS:
            raise Unfollowable(f"A loop takes more than {MAX_TURNS} turns.")
        if any(field.loose for field in fields):
            self._forget(command.body, state, self._line(command))
        return self._turns(command, fields, state, place)

    def _ends(self, body: syntax.Body, state: State, place: Place) -> bool:
        """Whether commands that do nothing but to ask and to tell surely leave the script, or the function."""
        commands, opaque, trial = len(self._record.commands), len(self._record.opaque), state.over()
        self._walker.body(body, trial, place.inner())
        self._record.take_back(commands, opaque)
        return trial.ended not in {"", "continued", "broken"}

    def _left_at(self, command: syntax.For, state: State) -> None:
        """Keep which turn was the last one: any of them where a command has succeeded, else the last there is."""
        known = state.get(command.name)
        answer = answer_of(known)
        if answer is not None and len(answer.failures) == 1:
            state.assign(command.name, (Symbol(TURN, f"{answer.blamed}:{answer.failures[0]}"),))
        elif literal(known or ()) in {None, "0"}:
            state.assign(command.name, texts.derived("loop", f"{command.name} on line {self._line(command)}"))

    def _turns(self, command: syntax.For, fields: list[Field], state: State, place: Place) -> Status:
        outer = state.loop_guards
        status = SUCCESS
        for at, field in enumerate(fields):
            several = texts.has_glob(field.text)
            here = place if at == len(fields) - 1 and not several else place.inner()
            if field.loose:
                text = field.text
                some = Status(not_empty(text), frozenset({f"{rendered(text)} != ''"}), question=True)
                status = self._turns_unknown(command, state, here, command.name, some, _item_of(text))
            elif texts.has_glob(field.text):
                status = self._turn_of_files(command, field.text, state, here)
            else:
                state.assign(command.name, field.text)
                status = self._turn(command.body, state, here)
            if state.ended == "continued":
                state.ended = ""
            if state.ended:
                break
        if state.loop_guards != outer:  # another turn may have been the last one
            self._forget(command.body, state, self._line(command))
        state.loop_guards = outer
        state.ended = "" if state.ended == "broken" else state.ended
        if not fields:
            self._walker.dead(command.body, state, place)
        return status

    def _turn_of_files(self, command: syntax.For, pattern: Value, state: State, place: Place) -> Status:
        """Follow one turn for each file that a pattern fits, of which there is one at least, if not by that name.

        What is collected from turn to turn stays: its one item stands for those of all.
        """
        worsened = self._forget(command.body, state, self._line(command), grown_in(command.body))
        one = texts.derived("loop", f"{command.name} on line {self._line(command)}")
        state.assign(command.name, one if leaves_quietly(command.body) else texts.derived("glob", display(pattern)))
        status = self._turn(command.body, state, place)
        state.assign(command.name, one)
        self._settle(worsened, counted_in(command.body), state)
        return _of_last(status)

    def _turns_unknown(
        self, command: syntax.For, state: State, place: Place, name: str, some: Status, item: Value = ()
    ) -> Status:
        """Follow one turn for any number of them."""
        worsened = self._forget(command.body, state, self._line(command))

        outcomes: list[Status] = []

        def turn(branch: State, here: Place) -> Status:
            if name:
                branch.assign(name, item)
            outcomes.append(self._turn_of_many(command.body, branch, here, worsened))
            return outcomes[-1]

        if some.known:
            return turn(state, place)
        self._forks.take(state, place, [Way(some.when_true, not_all(some.when_true), turn), Way(NONE, NONE, nothing)])
        return _by_turns(outcomes, place, self._line(command))

    def _turn(self, body: syntax.Body, state: State, place: Place) -> Status:
        """Follow a turn, and bring together how it ends and how it was left before."""
        outer, possible = state.take_left(), state.possible
        status = self._walker.body(body, state, place)
        state.possible = possible
        for each in state.take_left():
            answer = _with_left(state.get(each.name), each)
            state.variables[each.name] = texts.derived("loop", each.name) if answer is None else answer
        state.left = outer
        return status

    def _line(self, command: syntax.For) -> int:
        return self._record.position(command.offset)[1] + 1

    def _while(self, command: syntax.While, state: State, place: Place) -> Status:
        names = reads(command.condition)
        if names and place.stdin is not None and is_told(place.stdin, names):
            return self._read_lines(command, names, state, place)
        if self._unrolled(command, state, place):
            return SUCCESS
        if retry := until_success(command):
            return self._walker.body(retry, state, place)
        status = self._turns_while(command, names, state, place)
        for name in names if not state.ended else ():
            state.assign(name, texts.derived("loop", f"{name} when there was no more line"))
        return status

    def _turns_while(self, command: syntax.While, names: list[str], state: State, place: Place) -> Status:
        """Follow one turn for any number of them, of as many lines as there are."""
        outer, outcomes = state.loop_guards, list[Status]()
        line = self._record.position(command.condition[0].offset)[1] + 1
        worsened = self._forget(turn_of(command), state, line)
        status = self._walker.body(command.condition, state, place.asked())
        if len(names) == 1 and place.stdin is not None:
            state.assign(names[0], texts.derived("line", f"{names[0]} of each line of '{display(place.stdin)}'"))
        left = status if command.until else status.negated()
        if not place.dead and place.fails and not leaves_quietly(command.body):
            if place.fatal(errexit=state.errexit) or not leaves_function(command.body):
                self._record.make_fatal(left.blame_false)
            else:
                self._frames.returns_by(left.blame_false)
        status = left.negated()
        if status.known is False:
            self._walker.dead(command.body, state, place)
        elif not state.ended:
            entered, passed = (state.with_telling(status.tells, held=held) for held in (True, False))

            def turn(branch: State, here: Place) -> Status:
                outcomes.append(self._turn_of_many(command.body, branch, here, worsened))
                return outcomes[-1]

            ways = [Way(status.when_true, status.when_false, turn, status.blame_true, status.perhaps, entered)]
            ways += [] if status.known else [Way(NONE, NONE, nothing, possible=passed)]
            self._forks.choose(ways, state, place)
            self._told_by_turns(left.blame_false, command, state)
        state.loop_guards = outer
        return _by_turns(outcomes, place, line)

    def _told_by_turns(self, blamed: tuple[int, ...], loop: syntax.While, state: State) -> None:
        """Let what turns count tell of the commands after whose failures there is another turn, which may be left."""
        counted = counted_in(loop.body)
        for name in counted:  # one turn has been followed, and there may have been several
            self._add_up(name, state)
        names = " ".join(self._codes.names(blamed))
        for name in assigned_in(turn_of(loop)) if names and leaves_quietly(loop.body) else ():
            known = state.get(name)
            settled = not known or literal(known) is not None or name in state.arrays
            if answer_of(known) is None and (not settled or name in counted):
                state.variables[name] = texts.derived("loop", f"{name} by <status {names}>")

    def _unrolled(self, command: syntax.While, state: State, place: Place) -> bool:
        """Follow a loop over known arguments turn by turn; returns whether each turn was certain."""
        if state.positional is None or not takes_arguments(command):
            return False
        commands, opaque, trial = len(self._record.commands), len(self._record.opaque), state.over()
        for _ in range(MAX_TURNS):
            status = self._walker.body(command.condition, trial, place.asked())
            goes_on = status.negated().known if command.until else status.known
            if goes_on is None:
                break
            if goes_on and not trial.ended:
                self._turn(command.body, trial, place.inner())
            ended: Ending = trial.ended
            if not goes_on or ended not in {"", "continued"}:
                trial.ended = "" if ended == "broken" else ended
                trial.loop_guards = state.loop_guards
                state.join([trial])
                return True
            trial.ended = ""
        self._record.take_back(commands, opaque)
        return False

    def _turn_of_many(self, body: syntax.Body, state: State, place: Place, worsened: dict[str, Value | None]) -> Status:
        """Follow one turn for any number of them."""
        status = self._turn(body, state, place.inner())
        if state.ended in {"broken", "continued"}:
            state.ended = ""
        self._settle(worsened, counted_in(body), state)
        return _of_last(status)

    def _read_lines(self, command: syntax.While, names: list[str], state: State, place: Place) -> Status:
        """Follow `while read` over text that is known; a last line that does not end takes no turn of its own."""
        lines, rest = texts.lines_of(place.stdin or ())
        if rest and takes_rest(command.condition):
            lines, rest = [*lines, rest], ()
        if len(lines) > MAX_TURNS:
            raise Unfollowable(f"A loop takes more than {MAX_TURNS} turns.")
        outer = state.loop_guards
        status = SUCCESS
        inner = replace(place, stdin=None)
        for at, line in enumerate(lines):
            assign_line(state, names, line)
            status = self._turn(command.body, state, inner if at == len(lines) - 1 else inner.inner())
            if state.ended == "continued":
                state.ended = ""
            if state.ended:
                break
        else:
            assign_line(state, names, rest)
        state.ended = "" if state.ended == "broken" else state.ended
        state.loop_guards = outer
        return status

    @staticmethod
    def _forget(body: syntax.Body, state: State, line: int, grown: Collection[str] = ()) -> dict[str, Value | None]:
        """Forget what a loop changes: at the beginning of a turn it may be from the turn before.

        What is only `grown` is left as it is. Returns what the variables are that only ever get worse, which are, too.
        """
        worsened = worsened_in(body)
        names = assigned_in(body)
        for name in names:
            if name in worsened or name in grown:
                continue
            if name in state.arrays:
                state.assign_array(name, None)
            else:
                state.variables[name] = texts.derived("loop", f"{name} on line {line}")
        kept = (length_of(name) if name in state.arrays else name for name in names if name in worsened)
        before = {name: state.get(name) for name in kept}
        # What nothing has set is empty, as it is where its answer is made of it.
        return {name: () if is_unset(name, known) else known for name, known in before.items()}

    @staticmethod
    def _settle(worsened: dict[str, Value | None], counted: frozenset[str], state: State) -> None:
        """Forget answers of a turn that say what has succeeded in it: it may have failed in others."""
        for name, before in worsened.items():
            if name.startswith("#") and state.get(name) != before:
                state.arrays[name[1:]] = None
            answer = answer_of(state.get(name))
            if answer is not None and not is_good(before, answer):
                state.variables[name] = texts.derived("loop", name)
            elif name.removeprefix("#") in counted:
                Loops._add_up(name, state)
        for name in counted:
            if name in state.arrays:
                Loops._add_up(length_of(name), state)

    @staticmethod
    def _add_up(name: str, state: State) -> None:
        """Let what a turn has counted be what it may be by several of them: for a number, any that is not 0."""
        known = state.get(name)
        answer = answer_of(known)
        if answer is not None and answer.failures and ANY_SUM not in answer.failures:
            state.variables[name] = (replace(answer, failures=(ANYTHING,)).symbol,)
        elif answer is None and (literal(known or ()) or "0").strip("0").isdigit():
            state.variables[name] = FAILURE.code


def _with_left(now: Value | None, left: Left) -> Value | None:
    """What a variable is at the end of a turn, which may have been left before; None where it is no answer."""
    known, answer = answer_of(now), answer_of(left.answer)
    if answer is None or now in {left.before, left.answer}:
        return left.answer
    if known is None or not is_good(left.before, answer) or not is_good(now, answer):
        return None
    blamed = dict.fromkeys([*known.blamed.split(), *answer.blamed.split()])
    found = merged([known, answer], " ".join(blamed))
    return (found.symbol,) if found else None


def _of_last(status: Status) -> Status:
    """How a loop ends of which one turn stands for all: as the last one does, whatever has failed in others."""
    unheard = status.blame_false + status.blame_true + status.perhaps
    return replace(status, blame_false=(), blame_true=(), tells=None, perhaps=unheard)


def _by_turns(outcomes: list[Status], place: Place, line: int) -> Status:
    """How a loop ends that takes any number of turns: where somebody asks, as the last of them does."""
    if place.heeded or all(outcome.known for outcome in outcomes):
        return SUCCESS
    unheard = tuple(at for each in outcomes for at in (*each.blame_false, *each.blame_true, *each.perhaps))
    return replace(asked(f"the last turn of the loop on line {line} succeeds"), question=False, perhaps=unheard)


def _item_of(text: Value) -> Value:
    return texts.derived("item", display(text))
