"""Questions that a shell answers itself: `[ … ]`, `[[ … ]]` and `(( … ))`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.shell import conditions, syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.expansion import calculate
from goldenpath.facts.shell.status import FAILURE, SUCCESS, Status, asked
from goldenpath.facts.shell.walk.codes import Codes, answer_by, answer_of, told_by_sum
from goldenpath.facts.values import Symbol, Value, display, literal, replaced, value

if TYPE_CHECKING:
    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.leads import Leads
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.words import Words

_IS_THERE: Final = frozenset({"-e", "-f", "-r", "-s"})


class Questions:
    """Tests and sums."""

    def __init__(self, record: Record, codes: Codes, words: Words, leads: Leads) -> None:
        self._record = record
        self._codes = codes
        self._words = words
        self._leads = leads

    def bracket(self, call: Call) -> Status:
        """Ask `[ … ]` or `test`."""
        words = call.arguments
        if call.text(0) == "[" and words and literal(words[-1]) == "]":
            words = words[:-1]
        return self._tested([_token(word) for word in words], call.index, call.state, call.place)

    def double_bracket(self, command: syntax.Test, state: State, place: Place) -> Status:
        """Ask `[[ … ]]`."""
        expander = self._words.expander(state, place.asked())
        tokens = [conditions.Token(expander.text(word), word.plain(), expander.pattern(word)) for word in command.words]
        words = (("[[",), *(token.text for token in tokens), ("]]",))
        index = self._record.add(words, command.offset, state, place, (), {})
        return self._tested(tokens, index, state, place)

    def sum(self, text: Value, state: State, place: Place) -> Status:
        """`(( … ))`: it may count a variable up, or ask for the code that one holds."""
        said = display(text).strip()
        answer = answer_of(told_by_sum(text, state))
        if answer is not None and (told := self._codes.of(answer, lambda each: each != "0")) is not None:
            return self._codes.heed(told, state, place)
        calculate(said, state)
        return asked(texts.bounded(f"(( {said} ))"))

    def _tested(self, tokens: list[conditions.Token], index: int, state: State, place: Place) -> Status:
        """What a test says; one of how a command has ended (`[ $? -ne 0 ]`) says what that command does."""
        negated = len(tokens) == 3 and tokens[0].operator == "!"
        asked_for = tokens[1:] if negated else tokens
        if len(asked_for) == 2 and asked_for[0].operator in _IS_THERE and self._leads.stands(asked_for[1].text, state):
            return FAILURE if negated else SUCCESS
        if (told := self._told(tokens)) is not None:
            return self._codes.heed(told, state, place)
        return replace(conditions.tested(tokens), blame_false=(index,), question=True)

    def _told(self, tokens: list[conditions.Token]) -> Status | None:
        """What a test says of the commands that the one answer in it is about; None where it says nothing of any."""
        symbols = {part for token in tokens for part in token.text if isinstance(part, Symbol)}
        symbol = symbols.pop() if len(symbols) == 1 else None
        answer = answer_by(symbol) if symbol else None
        if symbol is None or answer is None or not (answer.failure or _is_about_zero(tokens)):
            return None

        def holds(each: str) -> bool | None:
            meaning = {symbol: value(each)}
            return conditions.tested(
                [
                    conditions.Token(replaced(token.text, meaning), token.operator, replaced(token.pattern, meaning))
                    for token in tokens
                ]
            ).known

        return self._codes.of(answer, holds)


def _is_about_zero(tokens: list[conditions.Token]) -> bool:
    """Whether a test compares something with 0, which alone tells codes apart."""
    compared = tokens[1:] if tokens[0].operator == "!" else tokens
    return len(compared) == 3 and literal(compared[2].text) == "0"


def _token(word: Value) -> conditions.Token:
    """Return a word of `[ … ]`, where nothing is a pattern."""
    known = literal(word)
    quoted = tuple(texts.escaped(part) if isinstance(part, str) else part for part in word)
    return conditions.Token(word, known, quoted)
