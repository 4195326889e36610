"""Commands of which one is chosen: `if` and `case`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.shell import conditions, syntax
from goldenpath.facts.shell.answers import told_in
from goldenpath.facts.shell.status import (
    FAILURE,
    NONE,
    SUCCESS,
    Atoms,
    Status,
    asked,
    conjunction,
    either,
    not_all,
    together,
)
from goldenpath.facts.shell.syntax import Unfollowable
from goldenpath.facts.shell.text import bounded
from goldenpath.facts.shell.walk.forks import Forks, Way, nothing
from goldenpath.facts.shell.walk.limits import MAX_STEPS
from goldenpath.facts.values import replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.walker import Walker
    from goldenpath.facts.shell.walk.words import Words
    from goldenpath.facts.values import Value


class Choices:
    """Branches that are followed, each under its condition."""

    def __init__(self, codes: Codes, words: Words, forks: Forks, walker: Walker) -> None:
        self._codes = codes
        self._words = words
        self._forks = forks
        self._walker = walker

    def of_if(self, command: syntax.If, state: State, place: Place) -> Status:
        """Follow each branch whose condition may hold."""
        ways: list[Way] = []
        passed: list[Status] = []
        so_far: Atoms = NONE
        blamed: tuple[int, ...] = ()
        perhaps: tuple[int, ...] = ()
        closed = False
        before = state.possible
        for condition, body in command.branches:
            if closed:
                self._walker.dead((*condition, *body), state, place)
                continue
            status = self._forks.beyond(passed, self._walker.body(condition, state, place.asked().guarded(so_far)))
            if status.known is False:
                self._walker.dead(body, state, place)
                continue
            when = together(so_far, status.when_true)
            unless = status.when_false if not so_far else not_all(when)
            way = Way(when, unless, self._runner(body, SUCCESS), status.blame_true, status.perhaps)
            ways.append(replace(way, possible=state.with_telling(status.tells, held=True)))
            state.possible = state.with_telling(status.tells, held=False)
            passed.append(status)
            blamed = status.blame_false  # the others may fail, and one after them succeed
            perhaps += status.perhaps
            so_far = together(so_far, status.when_false)
            closed = status.known is True
        if closed:
            self._walker.dead(command.otherwise, state, place)
        else:
            way = Way(so_far, not_all(so_far), self._runner(command.otherwise, FAILURE), blamed, perhaps)
            ways.append(replace(way, possible=state.possible))
        state.possible = before
        return self._chosen(ways, state, place)

    def of_case(self, command: syntax.Case, state: State, place: Place) -> Status:
        """Follow each branch whose patterns may match."""
        expander = self._words.expander(state, place.asked())
        subject = expander.text(command.subject)
        before = state.possible
        ways: list[Way] = []
        passed: list[Status] = []
        so_far: Atoms = NONE
        blamed: tuple[int, ...] = ()
        perhaps: tuple[int, ...] = ()
        closed = False
        for patterns, body, _ending in self._fallen_through(command.items):
            status = FAILURE
            for pattern in patterns:
                fits = self._matched(subject, expander.pattern(pattern), state)
                status = status if fits.known is False else fits if status == FAILURE else either(status, fits)
            if closed or status.known is False:
                self._walker.dead(body, state, place)
                continue
            status = self._forks.beyond(passed, status)
            when, closed = together(so_far, status.when_true), status.known is True
            accused = blamed if closed else status.blame_true
            way = Way(when, not_all(when), self._runner(body, SUCCESS), accused, (*perhaps, *status.perhaps))
            ways.append(replace(way, possible=state.with_telling(status.tells, held=True)))
            state.possible = state.with_telling(status.tells, held=False)
            passed.append(status)
            blamed = status.blame_false
            perhaps += status.perhaps
            so_far = together(so_far, status.when_false)
        if not closed:
            ways.append(Way(so_far, not_all(so_far), nothing, blamed, perhaps, state.possible))
        state.possible = before
        return self._chosen(ways, state, place)

    def _matched(self, subject: Value, pattern: Value, state: State) -> Status:
        """Whether a word fits a pattern; an answer in it says that of the commands that it is about."""
        fits = conditions.compared(subject, pattern)
        symbol = told_in(subject)
        if symbol is None:
            return replace(fits, perhaps=self._codes.about(subject)) if fits.known is None else fits
        told = self._codes.of(
            symbol, lambda each: conditions.compared(replaced(subject, {symbol: each}), pattern).known, state, fits
        )
        return told or fits

    def _chosen(self, ways: list[Way], state: State, place: Place) -> Status:
        """Go the ways, and say how that ends where somebody asks: with the status of the one that was gone."""
        outcomes: list[tuple[Way, Status]] = []

        def heard(way: Way) -> Way:
            def run(branch: State, here: Place) -> Status:
                outcome = way.run(branch, here)
                outcomes.extend([] if branch.ended else [(way, self._alone(way, outcome))])
                return outcome

            return replace(way, run=run)

        if place.heeded or state.ended:
            return self._forks.choose(ways, state, place)
        self._forks.choose(list(map(heard, ways)), state, place)
        return _of_all(outcomes)

    def _alone(self, way: Way, outcome: Status) -> Status:
        """A status that blames only what was done on a way alone: nobody asks there of others unless it is gone."""
        true, false = (self._codes.only_where(way.when, each) for each in (outcome.blame_true, outcome.blame_false))
        others = {*outcome.blame_true, *outcome.blame_false} - {*true, *false}
        return replace(outcome, blame_true=true, blame_false=false, perhaps=(*outcome.perhaps, *sorted(others)))

    def _runner(self, body: syntax.Body, after: Status) -> Callable[[State, Place], Status]:
        def run(state: State, place: Place) -> Status:
            state.last = after
            return self._walker.body(body, state, place)

        return run

    @staticmethod
    def _fallen_through(
        items: Sequence[tuple[tuple[syntax.Word, ...], syntax.Body, str]],
    ) -> list[tuple[tuple[syntax.Word, ...], syntax.Body, str]]:
        """Let bodies that end in `;&` go on with the next one."""
        result: list[tuple[tuple[syntax.Word, ...], syntax.Body, str]] = []
        following: syntax.Body = ()
        for patterns, body, ending in reversed(items):
            whole = (*body, *following) if ending == ";&" else body
            if len(whole) > MAX_STEPS:
                raise Unfollowable("It falls through too many cases.")
            result.append((patterns, whole, ending))
            following = whole
        return result[::-1]


def _of_all(outcomes: list[tuple[Way, Status]]) -> Status:
    """How a choice ends of which only a run knows the way that is gone: by what leads there, or what is done there."""
    known = {outcome.known for _, outcome in outcomes}
    if len(known) < 2 and None not in known:
        return FAILURE if False in known else SUCCESS
    good = sorted(conjunction(way.when | each.when_true) for way, each in outcomes if each.known is not False)
    return replace(
        asked(bounded(" || ".join(good))),
        question=all(each.question or each.known is not None for _, each in outcomes),
        blame_false=tuple(
            at for way, each in outcomes for at in (way.blame if each.known is False else each.blame_false)
        ),
        blame_true=tuple(at for way, each in outcomes for at in (way.blame if each.known else each.blame_true)),
        perhaps=tuple(at for way, each in outcomes for at in (*way.perhaps, *each.perhaps)),
    )
