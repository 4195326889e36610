"""Where a script may go several ways, and where those meet again."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.answers import (
    Answer,
    among,
    answer_between,
    answer_by,
    answer_of,
    blamed_in,
    is_good,
    is_unset,
    lost,
    merged,
)
from goldenpath.facts.shell.state import Left, Place, State
from goldenpath.facts.shell.status import FAILED, SUCCESS, Atoms, Status, conjunction, not_all, together
from goldenpath.facts.values import Symbol, Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.frames import Frames
    from goldenpath.facts.shell.walk.record import Record

_GUARDS_OF: Final = {
    "left": "guards",
    "returned": "function_guards",
    "broken": "loop_guards",
    "continued": "loop_guards",
}


class Way(Struct, frozen=True):
    """One way that a script may go: what holds then, what holds otherwise, and what is run.

    `blame`, `perhaps`: the commands whose failure leads there, or may do so in a way that is not followed. `possible`:
    what answers may be there.
    """

    when: Atoms
    unless: Atoms
    run: Callable[[State, Place], Status]
    blame: tuple[int, ...] = ()
    perhaps: tuple[int, ...] = ()
    possible: Mapping[Symbol, frozenset[str]] | None = None


def nothing(_state: State, _place: Place) -> Status:
    """Go on."""
    return SUCCESS


class Forks:
    """Ways that are followed one after the other."""

    def __init__(self, record: Record, codes: Codes, frames: Frames) -> None:
        self._record = record
        self._codes = codes
        self._frames = frames

    def choose(self, ways: list[Way], state: State, place: Place) -> Status:
        """Go the only way there is, or fork."""
        if state.ended:
            return SUCCESS
        if len(ways) == 1:
            return ways[0].run(state, place)
        self.take(state, place, ways)
        return SUCCESS

    def beyond(self, passed: Sequence[Status], status: Status) -> Status:
        """What a condition says that is asked where others did not hold: who fails may have led another way there.

        It has not where its failure is what lets those not hold, or where it runs only behind them.
        """

        def counts(index: int) -> bool:
            condition = self._record.commands[index].condition
            return all(index in each.blame_false or each.when_false <= condition for each in passed)

        if not passed:
            return status
        true, false = (tuple(filter(counts, blamed)) for blamed in (status.blame_true, status.blame_false))
        return replace(status, blame_true=true, blame_false=false)

    def take(self, state: State, place: Place, ways: list[Way]) -> None:
        """Follow each way on its own, then bring together those that go on."""
        survivors: list[tuple[Way, State]] = []
        ended: list[tuple[Way, State]] = []
        spans: list[tuple[int, int]] = []
        for way in ways:
            self._record.doubt(way.when | way.unless, way.perhaps)
            branch, first = state.over(), len(self._record.commands)
            branch.possible = state.possible if way.possible is None else way.possible
            way.run(branch, place.guarded(way.when))
            (ended if branch.ended else survivors).append((way, branch))
            spans += [] if branch.ended else [(first, len(self._record.commands))]
        for way, branch in ended:
            condition = place.condition | branch.condition
            if branch.ended == "failed":
                self._record.blame(way.blame, way.perhaps, condition)
            elif branch.leaving.known is False and (
                branch.ended == "returned" or (branch.ended == "left" and place.in_group)
            ):
                perhaps = self._record.perhaps_behind(way.blame, way.perhaps, condition)
                ends = self._frames.returns_by if branch.ended == "returned" else self._frames.leaves_by
                ends(self._record.always_behind(way.blame, condition), perhaps)
        self._rule_out(state, place, [*survivors, *ended])
        if not survivors:
            endings = {branch.ended for _, branch in ended}
            endings = endings - {"failed"} or endings  # nothing comes after a failure
            state.join([branch for _, branch in ended if branch.ended != "failed"] or [ended[0][1]])
            state.ended = endings.pop() if len(endings) == 1 else "left"
            return
        only = len(survivors) == 1 and all(branch.ended == "failed" for _, branch in ended)
        if only:
            self._record.relieve(*spans[0], survivors[0][0].when - place.condition - state.condition)
        ranges = [range(*span) for span in spans]
        going = [(*each, own) for each, own in zip(survivors, ranges, strict=True)]
        told = self._told(state, going)
        left = self._left(state, going, ended)
        self._go_on(state, survivors, ended, presumed=only)
        state.left = (*state.left, *left)
        for name, code in told.items():
            state.assign(name, code)

    def _rule_out(self, state: State, place: Place, ways: list[tuple[Way, State]]) -> None:
        """Let commands fail the script where none of the values with which they say that they have failed goes on."""
        before = state.possible
        for symbol in {
            each for way, _ in ways for each, values in (way.possible or {}).items() if values != before.get(each)
        }:
            answer = answer_by(symbol)
            if answer is None:
                continue

            def bad(possible: Mapping[Symbol, frozenset[str]], answer: Answer = answer) -> bool:
                return not possible.get(answer.symbol, answer.values) <= {answer.success}

            accused = [branch for way, branch in ways if bad(before if way.possible is None else way.possible)]
            failing = [branch for branch in accused if _fails(branch)]
            if not failing or any(bad(branch.possible) for branch in accused if branch not in failing):
                continue
            condition = place.condition.union(*(branch.condition for branch in accused))
            blamed = self._record.always_behind(answer.commands, condition)
            if all(branch.ended == "failed" for branch in failing):
                self._record.make_fatal(blamed)
            else:
                self._frames.returns_by(blamed)

    def _told(self, before: State, survivors: list[tuple[Way, State, range]]) -> dict[str, Value]:
        """The variables that hold an answer whichever way was taken: `code=0; a || code=1; b || code=$?`."""
        changed: dict[str, list[tuple[Way, State, range]]] = {}
        for survivor in survivors if len(survivors) > 1 else ():
            for name in survivor[1].variables.own:
                changed.setdefault(name, []).append(survivor)
        found: dict[str, Value] = {}
        for name, ways in sorted(changed.items(), key=itemgetter(0)):
            known = before.get(name)
            if before.is_doubted(name) or all(branch.get(name) is known for _, branch, _ in ways):
                continue
            taken = [(way, branch, branch.get(name), own) for way, branch, own in ways]
            answer = self._worsened(name, known, taken)
            if answer is None and len(survivors) == 2:
                answer = self._chosen([(way, branch.get(name)) for way, branch, _ in survivors])
            if answer is not None:
                found[name] = (answer.symbol,)
            elif (base := answer_of(known)) and any(_forgets(base, branch, text) for _, branch, text, _ in taken):
                found[name] = lost(value(name, *known or ()))
        return found

    def _left(
        self, before: State, survivors: list[tuple[Way, State, range]], ended: list[tuple[Way, State]]
    ) -> list[Left]:
        """What the variables are with which a turn of a loop was left."""
        leaving = [(way, branch, range(0)) for way, branch in ended if branch.ended in {"broken", "continued"}]
        names = dict.fromkeys(name for _, branch, _ in leaving for name in branch.variables.own)
        told = self._told(before, [*survivors, *leaving]) if names else {}
        found = [Left(name, before.get(name), told.get(name)) for name in names]
        return [*(each for _, branch, _ in leaving for each in branch.left if each not in before.left), *found]

    def _worsened(
        self, name: str, known: Value | None, ways: list[tuple[Way, State, Value | None, range]]
    ) -> Answer | None:
        """The answer of a variable that some ways have set to another value, each after a failure: `a || failed=1`."""
        base = answer_of(known)
        success = value(base.success) if base else _presumed(name, known)
        if base is not None and base.blamed == FAILED:
            return None
        blamed: list[int] = []
        answers = [base] if base else []
        for way, branch, text, own in ways:
            if text == known:
                continue
            added, answer = _added(way, branch, text, base, success, own)
            if answer is None:
                return None
            blamed += added
            answers.append(answer)
        names = base.blamed.split() if base else []
        names += [each for each in self._codes.names(blamed) if each not in names]
        return merged(answers, " ".join(names)) if names else None

    def _chosen(self, ways: list[tuple[Way, Value | None]]) -> Answer | None:
        """The answer of a variable that has one value after a success, and another after a failure: `a && ok=1`."""
        if bool(ways[0][0].blame) is bool(ways[1][0].blame):
            return None
        (failing, failure), (_, success) = sorted(ways, key=lambda each: not each[0].blame)
        answer = answer_between(success, failure, " ".join(self._codes.names(failing.blame)))
        is_asked = answer is not None and answer.success != "0" and all(map(self._codes.is_question, failing.blame))
        return None if is_asked else answer

    def _go_on(
        self, state: State, survivors: list[tuple[Way, State]], ended: list[tuple[Way, State]], *, presumed: bool
    ) -> None:
        """Continue after a fork: what was left elsewhere becomes a condition for all that follows."""
        guards: dict[str, Atoms] = {}
        for name in ("guards", "function_guards", "loop_guards"):
            before: Atoms = getattr(state, name)
            guards[name] = before
            for way, branch in survivors:
                added: Atoms = getattr(branch, name) - before
                certain = presumed or not way.when
                guards[name] = together(guards[name], added if certain or not added else _implied(way.when, added))
        for way, branch in ended:
            if branch.ended != "failed":
                kind = _GUARDS_OF[branch.ended]
                guards[kind] = together(guards[kind], way.unless)
        state.join([branch for _, branch in survivors])
        for name, atoms in guards.items():
            setattr(state, name, atoms)


def _forgets(base: Answer, branch: State, text: Value | None) -> bool:
    """Tell whether a variable says on a way that all has gone well, whatever its answer was before."""
    possible = branch.possible.get(base.symbol, base.values)
    return literal(text or ()) == base.success and not possible <= {base.success}


def _fails(branch: State) -> bool:
    """Tell whether a way has failed the script, or the function."""
    return branch.ended == "failed" or (branch.ended == "returned" and branch.leaving.known is False)


def _presumed(name: str, known: Value | None) -> Value | None:
    """What a variable is that nobody has set: nothing, unless it has a name as the environment's variables have."""
    return (("0",) if name[0] == "#" else ()) if is_unset(name, known) else known


def _added(
    way: Way, branch: State, text: Value | None, base: Answer | None, success: Value | None, own: range
) -> tuple[tuple[int, ...], Answer | None]:
    """The commands whose failure a text tells besides, once a way was taken; no answer where it is none."""
    answer = answer_of(text)
    if answer is None or answer.blamed == FAILED:
        failed = answer_between(success, text)
        return way.blame, failed if way.blame else None
    values = branch.possible.get(answer.symbol, answer.values)
    good = literal(success or ())
    if good is not None and good not in values and way.blame:  # it is known there that something has failed
        return way.blame, among(values, Answer("", good))
    before = base.blamed if base else ""
    if not f"{answer.blamed} ".startswith(f"{before} " if before else "") or not is_good(success, answer):
        return (), None
    added = blamed_in(answer.blamed[len(before) :])
    return added, replace(answer, blamed="") if all(index in own for index in added) else None


def _implied(when: Atoms, added: Atoms) -> Atoms:
    """Return the atom that says: if one way was taken, then what that way demands."""
    unless = conjunction(not_all(when))
    return frozenset({texts.bounded(f"({unless}) || ({conjunction(added)})")})
