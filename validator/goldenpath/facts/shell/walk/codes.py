"""Codes of commands: what `$?`, or a variable that has kept it, says of the commands that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.status import FAILED, FAILURE, SUCCESS, Status, asked, conjunction
from goldenpath.facts.shell.sums import summed
from goldenpath.facts.values import Symbol, Value, literal, replaced, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.record import Record

QUESTIONS: Final = frozenset({
    "[", "cmp", "command", "diff", "egrep", "fgrep", "grep", "hash", "test", "type", "which", "pgrep", "rg",
})  # fmt: skip
"""Commands that one runs for the answer: `a && b` does not presume that they succeed."""


_PLAIN: Final = regex(r"\w[\w.-]{0,30}")
"""Values of an answer: words that stay one, whether they are quoted or not."""


class Answer(Struct, frozen=True):
    """What a value says of commands: `success` where each of them has succeeded, `failure` where one has failed.

    `blamed` names them as a symbol does: `3? 5`, where the one with the question mark only asks. Without a `failure`
    it is the code of a command, which is any number but 0 then.
    """

    blamed: str
    success: str = "0"
    failure: str = ""

    @property
    def symbol(self) -> Symbol:
        """The symbol for such a value."""
        if self.failure:
            return Symbol("answer", f"{self.blamed}:{self.success}:{self.failure}")
        return Symbol("status", self.blamed)

    @property
    def commands(self) -> tuple[int, ...]:
        """The commands to blame."""
        return blamed_in(self.blamed)


class Codes:
    """What the code of a command, or another answer that is kept, tells."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def of(self, answer: Answer, holds: Callable[[str], bool | None]) -> Status | None:
        """The status of a question about an answer, given for which values it holds; None where only a run knows."""
        yes, no = holds(answer.success), holds(answer.failure or "1")
        if yes is None or no is None:
            return None
        if answer.blamed == FAILED or yes is no:
            return SUCCESS if no else FAILURE
        status = replace(self.blaming(answer.commands), question="?" in answer.blamed)
        return status if yes else status.negated()

    def code(self, word: Value) -> Status | None:
        """With what status a word lets a shell end that is left with it; None where it is no answer."""
        answer = answer_of(word)
        return self.of(answer, lambda each: bool(succeeds(value(each)))) if answer else None

    def blaming(self, blamed: tuple[int, ...]) -> Status:
        """The status of what succeeds unless one of some commands fails."""
        told = conjunction(frozenset(texts.shown(self._record.commands[index].words) for index in blamed))
        status = asked(texts.bounded(told))
        return replace(status, blame_false=blamed, question=any(map(self.is_question, blamed)))

    def is_question(self, index: int) -> bool:
        """Tell whether a command is one that asks."""
        return literal(self._record.commands[index].words[0]) in QUESTIONS | {"[["}

    def names(self, blamed: Iterable[int]) -> list[str]:
        """Name commands as an answer does."""
        return [f"{index}{'?' * self.is_question(index)}" for index in dict.fromkeys(blamed)]

    def heed(self, status: Status, state: State, place: Place) -> Status:
        """A status that fails the script where it is told: by it the commands do that it is about."""
        if status.known is None and not place.dead and place.fatal(errexit=state.errexit):
            self._record.make_fatal(self._record.always_behind(status.blame_false, place.condition | state.condition))
        return status


def succeeds(code: Value | None) -> bool | None:
    """Whether a text is the code of what succeeds (0), or of what fails; None where it is neither for certain."""
    if code == FAILURE.code:
        return False
    text = literal(code or ())
    return int(text) % 256 == 0 if text and text.isdigit() else None


def answer_of(word: Value | None) -> Answer | None:
    """What a value says of commands; None where it says nothing of any."""
    symbol = word[0] if word and len(word) == 1 else ""
    return answer_by(symbol) if isinstance(symbol, Symbol) else None


def is_good(text: Value | None, answer: Answer) -> bool:
    """Tell whether a value is the one that an answer has where all has gone well."""
    known = answer_of(text)
    if known is not None:
        return (known.success, known.failure) == (answer.success, answer.failure)
    return literal(text or ()) == answer.success or (not answer.failure and succeeds(text) is True)


def is_code(word: Value | None) -> bool:
    """Tell whether a value is the code of commands, rather than another answer."""
    answer = answer_of(word)
    return answer is not None and not answer.failure


def answer_by(symbol: Symbol) -> Answer | None:
    """What a symbol says of commands."""
    return Answer(*symbol.name.split(":")) if symbol.kind in {"answer", "status"} else None


def answer_between(success: Value | None, failure: Value | None, blamed: str = "") -> Answer | None:
    """The answer that has one of two values; None where these are not told apart by everybody who asks."""
    if succeeds(success) and succeeds(failure) is False:
        return Answer(blamed)
    yes, no = literal(success or ()) or "", literal(failure or ()) or ""
    plain = (
        _PLAIN.fullmatch(yes) and _PLAIN.fullmatch(no) and not (yes.isdigit() and no.isdigit() and int(yes) == int(no))
    )
    return Answer(blamed, yes, no) if plain and yes != no else None


_CODES: Final = frozenset({1, 2, 3, 10, 42, 100, 127, 137, 254})
"""Codes of failures that stand for all of them, with those that a sum names."""
_NAME_IN_SUM: Final = regex(r"[A-Za-z_]\w*")
_NUMBER_IN_SUM: Final = regex(r"\d{1,3}")


def told_by_sum(text: Value, state: State) -> Value | None:
    """What a sum over the one answer in it says of commands; None where it says nothing of any."""
    said = [part for part in text if isinstance(part, Symbol)]
    written = " ".join(part for part in text if isinstance(part, str))
    held = {name: state.get(name) or () for name in _NAME_IN_SUM.findall(written)}
    symbols = {*said, *(part for each in held.values() for part in each if isinstance(part, Symbol))}
    symbol = symbols.pop() if len(symbols) == 1 else None
    answer = answer_by(symbol) if symbol else None
    if symbol is None or answer is None:
        return None

    def result(each: str) -> int | None:
        def value_of(name: str) -> int | None:
            known = literal(replaced(held[name], {symbol: value(each)})) or "0"
            return int(known) if known.isdigit() and str(int(known)) == known else None

        return summed(literal(replaced(text, {symbol: value(each)})) or "", value_of)

    near = {int(each) + by for each in _NUMBER_IN_SUM.findall(written) for by in (-1, 0, 1)}
    codes = sorted(_CODES.union(each for each in near if 0 < each < 256))  # where it may come to something else
    good, bad = (
        result(answer.success),
        [result(each) for each in ([answer.failure] if answer.failure else map(str, codes))],
    )
    if good is None or None in bad:
        return None
    fails = [bool((each or 0) % 256) for each in bad]
    if all(fails) and (good % 256 or answer.blamed == FAILED):
        return FAILURE.code
    if len({*bad}) == 1 and (good == bad[0] or answer.blamed == FAILED):
        return value(str(bad[0]))
    worse = bad[0] if len({*bad}) == 1 else 1 if all(fails) and not good else None
    found = answer_between(value(str(good)), value(str(worse)), answer.blamed) if worse is not None else None
    return (found.symbol,) if found else None


def blamed_in(names: str) -> tuple[int, ...]:
    """Return the commands that the name of a code lists."""
    return tuple(int(each.rstrip("?")) for each in names.split())
