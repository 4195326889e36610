"""Codes of commands: what `$?`, or a variable that has kept it, says of the commands that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.answers import (
    BY_TRAP,
    TURN,
    answer_by,
    answers_named,
    as_one_word,
    blamed_in,
    succeeds,
    told_in,
)
from goldenpath.facts.shell.status import FAILED, FAILURE, SUCCESS, Atoms, Status, Telling, asked, conjunction
from goldenpath.facts.values import Symbol, Value, literal, replaced, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.facts.shell.answers import Answer
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.record import Record

QUESTIONS: Final = frozenset({
    "[", "cmp", "command", "diff", "egrep", "fgrep", "grep", "hash", "test", "type", "which", "pgrep", "rg",
})  # fmt: skip
"""Commands that one runs for the answer: `a && b` does not presume that they succeed."""


_NOTHING_TO_DO: Final = {"pytest": "5", "py.test": "5"}
"""With which code programs say that there was nothing to do (`no tests collected`), which nothing has failed by."""

_MAX_CHAIN: Final = 4
"""Commands that hand on an answer, one to the other, which are looked through."""


class Codes:
    """What the code of a command, or another answer that is kept, tells."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def of(
        self, symbol: Symbol, holds: Callable[[Value], bool | None], state: State, otherwise: Status
    ) -> Status | None:
        """The status of a question about an answer, given for which values it holds; None for no answer.

        It is what it would be `otherwise` where only a run knows, or not all failures are told from a success.
        """
        if symbol.kind == TURN:
            return self._of_turn(symbol, holds, otherwise)
        answer = answer_by(symbol)
        if answer is None:
            return None
        found = answer.decided(state.possible.get(symbol, answer.values), holds)
        if found is None:
            return replace(otherwise, perhaps=answer.commands)
        self._be_content(answer, found)
        true = frozenset(each for each, outcome in found.items() if outcome)
        false = frozenset(found) - true
        if not true or not false:
            return SUCCESS if true else FAILURE
        tells = Telling(symbol, answer.success, answer.commands, true, false)
        status = replace(self.blaming(answer.commands), question="?" in answer.blamed)
        if tells.surely(false):
            return replace(status, tells=tells)
        return (
            replace(status, tells=tells.negated()).negated() if tells.surely(true) else replace(otherwise, tells=tells)
        )

    def set_apart(self, status: Status) -> Answer | None:
        """What a failed command says by its code, if that says more than that it has failed."""
        answer = answer_by(status.code[0]) if isinstance(status.code[0], Symbol) else None
        return answer if answer and answer.blamed != FAILED and self._nothing_to_do(answer) else None

    def _nothing_to_do(self, answer: Answer) -> str:
        """The code by which the commands of an answer say that there was nothing to do, empty for none."""
        if answer.failures:
            return ""
        commands = (self._record.commands[index].words for index in answer.commands)
        known = (filter(None, (_NOTHING_TO_DO.get(literal(word) or "") for word in words)) for words in commands)
        codes = {next(each, "") for each in known}
        return codes.pop() if len(codes) == 1 else ""

    def _be_content(self, answer: Answer, found: dict[str, bool]) -> None:
        """Take no notice of the code by which a program says that there was nothing to do, where it is set apart."""
        code = self._nothing_to_do(answer)
        others = {outcome for each, outcome in found.items() if each not in {code, answer.success}}
        if not code or code not in found or len(others) != 1 or found[code] in others:
            return
        del found[code]
        for index in answer.commands:
            self._record.commands[index] = replace(self._record.commands[index], content=True)

    @staticmethod
    def _of_turn(symbol: Symbol, holds: Callable[[Value], bool | None], otherwise: Status) -> Status:
        """The status of a question about the turn in which a loop was left: known where its commands always failed."""
        named, _, last = symbol.name.rpartition(":")
        blamed, outcome = blamed_in(named), holds(value(last))
        if outcome is None:
            return replace(otherwise, perhaps=blamed)
        return replace(otherwise, blame_true=blamed) if outcome else replace(otherwise, blame_false=blamed)

    def code(self, word: Value, state: State) -> Status | None:
        """With what status a word lets a shell end that is left with it; None where it is no answer."""
        word = as_one_word(word)
        symbol = told_in(word)
        if symbol is None:
            return None

        def holds(meaning: Value) -> bool | None:
            said = replaced(word, {symbol: meaning})
            return succeeds(said) if said else state.last.known  # `exit $code` of nothing says how it was before

        found = self.of(symbol, holds, state, asked(texts.shown((word,))))
        return replace(found, tells=None) if found else None

    def about(self, *words: Value) -> tuple[int, ...]:
        """The commands of whose answers words are made, in a way that is not followed."""
        found: dict[int, None] = {}
        waiting = list(words)
        for _ in range(_MAX_CHAIN):
            symbols = [part for word in waiting for part in word if isinstance(part, Symbol)]
            waiting = []
            for symbol in symbols or ():
                if BY_TRAP in symbol.name:
                    return tuple(range(len(self._record.commands)))
                names = answers_named(symbol)
                found.update(dict.fromkeys(index for each in names if each != FAILED for index in blamed_in(each)))
                if (index := self._record.symbols.get(symbol)) is not None:
                    command = self._record.commands[index]
                    waiting += [*command.words, command.stdin or ()]
        return tuple(found)

    def blaming(self, blamed: tuple[int, ...]) -> Status:
        """The status of what succeeds unless one of some commands fails."""
        told = conjunction(frozenset(texts.shown(self._record.commands[index].words) for index in blamed))
        status = asked(texts.bounded(told))
        return replace(status, blame_false=blamed, question=any(map(self.is_question, blamed)))

    def only_where(self, atoms: Atoms, blamed: tuple[int, ...]) -> tuple[int, ...]:
        """Those of the commands that run only where something holds."""
        return self._record.always_behind(blamed, atoms)

    def is_question(self, index: int) -> bool:
        """Tell whether a command is one that asks."""
        return literal(self._record.commands[index].words[0]) in QUESTIONS | {"[["}

    def accidents(self, status: Status) -> tuple[int, ...]:
        """Those of the commands to blame for a failure that may fail by accident: they act, rather than ask."""
        blamed = status.blame_false if status.known is None else ()
        return tuple(at for at in blamed if at not in self._record.harmless and not self.is_question(at))

    def names(self, blamed: Iterable[int]) -> list[str]:
        """Name commands as an answer does."""
        return [f"{index}{'?' * self.is_question(index)}" for index in dict.fromkeys(blamed)]

    def heed(self, status: Status, state: State, place: Place) -> Status:
        """A status that fails the script where it is told: by it the commands do that it is about."""
        if status.known is None and not place.dead and place.fatal(errexit=state.errexit):
            condition = place.condition | state.condition
            self._record.blame(status.blame_false, status.perhaps, condition)
            state.possible = state.with_telling(status.tells, held=True)
        return status
