"""Where a script may go several ways, and where those meet again."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.state import SUCCESS, Atoms, Place, State, Status, conjunction, not_all, together
from goldenpath.facts.shell.walk.codes import Codes, blamed_by, blamed_in, succeeds
from goldenpath.facts.values import Symbol, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.shell.walk.frames import Frames
    from goldenpath.facts.shell.walk.record import Record

_GUARDS_OF: Final = {
    "left": "guards",
    "returned": "function_guards",
    "broken": "loop_guards",
    "continued": "loop_guards",
}


class Way(Struct, frozen=True):
    """One way that a script may go: what holds then, what holds otherwise, and what is run."""

    when: Atoms
    unless: Atoms
    run: Callable[[State, Place], Status]
    blame: tuple[int, ...] = ()


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

    def take(self, state: State, place: Place, ways: list[Way]) -> None:
        """Follow each way on its own, then bring together those that go on."""
        survivors: list[tuple[Way, State]] = []
        ended: list[tuple[Way, State]] = []
        spans: list[tuple[int, int]] = []
        for way in ways:
            branch, first = state.over(), len(self._record.commands)
            way.run(branch, place.guarded(way.when))
            (ended if branch.ended else survivors).append((way, branch))
            spans += [] if branch.ended else [(first, len(self._record.commands))]
        for way, branch in ended:
            if branch.ended == "failed":
                self._record.make_fatal(way.blame)
            elif branch.ended == "returned" and branch.leaving.known is False:
                self._frames.returns_by(way.blame)
        if not survivors:
            endings = {branch.ended for _, branch in ended}
            state.join([branch for _, branch in ended if branch.ended != "failed"] or [ended[0][1]])
            state.ended = endings.pop() if len(endings) == 1 else "left"
            return
        only = len(survivors) == 1 and all(branch.ended == "failed" for _, branch in ended)
        if only:
            self._record.relieve(*spans[0], survivors[0][0].when - place.condition - state.condition)
        ranges = [range(*span) for span in spans]
        codes = self._told(state, [(*each, own) for each, own in zip(survivors, ranges, strict=True)])
        self._go_on(state, survivors, ended, presumed=only)
        for name, code in codes.items():
            state.assign(name, code)

    def _told(self, before: State, survivors: list[tuple[Way, State, range]]) -> dict[str, Value]:
        """The variables that hold the code of commands whichever way was taken: `code=0; a || code=1; b || code=$?`."""
        changed: dict[str, list[tuple[Way, State, range]]] = {}
        for survivor in survivors if len(survivors) > 1 else ():
            for name in survivor[1].variables.own:
                changed.setdefault(name, []).append(survivor)
        found: dict[str, Value] = {}
        for name, ways in sorted(changed.items(), key=itemgetter(0)):
            known = before.get(name)
            base = blamed_by(known)
            if base is None or all(branch.get(name) is known for _, branch, _ in ways):
                continue
            added = [_added(way, branch.get(name), known, base, own) for way, branch, own in ways]
            if None in added:
                continue
            more = {index: f"{index}{'?' * self._codes.is_question(index)}" for each in added for index in each or ()}
            told = " ".join(filter(None, (base, *(each for each in more.values() if f" {each} " not in f" {base} "))))
            if told:
                found[name] = (Symbol("status", told),)
        return found

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


def _added(way: Way, code: Value | None, before: Value | None, base: str, own: range) -> tuple[int, ...] | None:
    """The commands whose failure a code tells besides, once a way was taken; None where it tells something else."""
    if code == before:
        return ()
    if succeeds(code) is False:
        return way.blame or None
    blamed = blamed_by(code)
    if blamed is None or not f"{blamed} ".startswith(f"{base} " if base else ""):
        return None
    added = blamed_in(blamed[len(base) :])
    return added if all(index in own for index in added) else None


def _implied(when: Atoms, added: Atoms) -> Atoms:
    """Return the atom that says: if one way was taken, then what that way demands."""
    unless = conjunction(not_all(when))
    return frozenset({texts.bounded(f"({unless}) || ({conjunction(added)})")})
