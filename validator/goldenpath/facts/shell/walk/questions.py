"""Questions that a shell answers itself: `[ … ]`, `[[ … ]]` and `(( … ))`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import conditions, syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.answers import counts, held_in, told_in
from goldenpath.facts.shell.expansion import calculate
from goldenpath.facts.shell.status import FAILURE, SUCCESS, Status, asked
from goldenpath.facts.values import Symbol, Value, display, literal, replaced

if TYPE_CHECKING:
    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.leads import Leads
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.words import Words

_GREP: Final = regex(r"(?:-[qxEFs]+|--quiet|--silent)*")
"""Options of `grep` that ask for a whole line at most."""
_EXTENDED: Final = frozenset("+?()|")
"""What means itself in the patterns of a plain `grep`."""
_ANSWER: Final = Symbol("answer", "")
"""The answer that a question is about, whichever it is."""
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
        asks = asked(texts.bounded(f"(( {display(text).strip()} ))"))
        told: Status | None = None
        if about := counts(text, state):
            told = self._codes.of(*about, state, asks)
        result = calculate(text, state)
        if told is None and result is not None:
            symbol = told_in(result)
            told = self._codes.of(symbol, _differs, state, asks) if symbol else None
            told = told or (FAILURE if literal(result) == "0" else SUCCESS if literal(result) else None)
        if told is None:
            told = replace(asks, perhaps=self._codes.about(text, *held_in(text, state).values()))
        return self._codes.heed(told, state, place)

    def let(self, call: Call) -> Status:
        """`let a=b c=d`: sums, of which the last one is the answer."""
        status = SUCCESS
        for at, word in enumerate(call.arguments):
            here = call.place if at == len(call.arguments) - 1 else call.place.asked()
            status = self.sum(word, call.state, here)
        return status

    def grep(self, call: Call, otherwise: Status) -> Status:
        """Ask whether a text that holds an answer has a line with something in it."""
        symbol = told_in(call.place.stdin or ())
        words = [literal(word) for word in call.arguments]
        options = "".join(word for word in words[:-1] if word)
        pattern = words[-1] if words else None
        if symbol is None or pattern is None or not _GREP.fullmatch(options):
            return replace(otherwise, perhaps=self._codes.about(*call.words, call.place.stdin or ()))

        def holds(meaning: Value) -> bool | None:
            text = literal(replaced(call.place.stdin or (), {symbol: meaning}))
            if text is None or ("E" not in options and not _EXTENDED.isdisjoint(pattern)):
                return None
            said = f"^{pattern.strip('^$')}$" if "x" in options else pattern
            return None if "F" in options and not pattern.isalnum() else conditions.has_match(text, said)

        told = self._codes.of(symbol, holds, call.state, otherwise)
        return self._codes.heed(told, call.state, call.place) if told else otherwise

    def _tested(self, tokens: list[conditions.Token], index: int, state: State, place: Place) -> Status:
        """What a test says; one of how a command has ended (`[ $? -ne 0 ]`) says what that command does."""
        negated = len(tokens) == 3 and tokens[0].operator == "!"
        asked_for = tokens[1:] if negated else tokens
        if len(asked_for) == 2 and asked_for[0].operator in _IS_THERE and self._leads.stands(asked_for[1].text, state):
            return FAILURE if negated else SUCCESS
        told: list[Status] = []

        def tell(part: list[conditions.Token]) -> Status | None:
            found = self._told(part, state)
            told.extend([found] if found else ())
            return found

        status = conditions.tested(tokens, tell)
        if told:
            return self._codes.heed(status, state, place)
        return replace(status, blame_false=(index,), question=True)

    def _told(self, tokens: list[conditions.Token], state: State) -> Status | None:
        """What a comparison says of the commands that the one answer in it is about; None where it is about none."""
        symbol = told_in(*(token.text for token in tokens))
        about = self._codes.about(*(token.text for token in tokens))
        if symbol is None and not about:
            return None
        otherwise = conditions.tested(tokens)
        if symbol is None:
            return replace(otherwise, perhaps=about) if otherwise.known is None else None

        if number := conditions.with_number(tokens, symbol):
            return self._codes.of(symbol, number, state, otherwise)
        parts = tuple(_with(token, {symbol: (_ANSWER,)}) for token in tokens)
        return self._codes.of(symbol, lambda meaning: _outcome(parts, meaning), state, otherwise)


@lru_cache(maxsize=4_000)
def _outcome(tokens: tuple[conditions.Token, ...], meaning: Value) -> bool | None:
    """Whether a test holds, given what the answer in it is: scripts ask the same of each of their codes."""
    return conditions.tested([_with(token, {_ANSWER: meaning}) for token in tokens]).known


def _with(token: conditions.Token, meanings: dict[Symbol, Value]) -> conditions.Token:
    return conditions.Token(replaced(token.text, meanings), token.operator, replaced(token.pattern, meanings))


def _differs(number: Value) -> bool | None:
    known = literal(number)
    return None if known is None else known != "0"


def _token(word: Value) -> conditions.Token:
    """Return a word of `[ … ]`, where nothing is a pattern."""
    known = literal(word)
    quoted = tuple(texts.escaped(part) if isinstance(part, str) else part for part in word)
    return conditions.Token(word, known, quoted)
