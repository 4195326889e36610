"""Questions that a shell answers itself: `[ … ]`, `[[ … ]]` and `(( … ))`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import conditions, syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.bodies import COUNTS_UP, changed_by_sum
from goldenpath.facts.shell.state import FAILURE, SUCCESS, Place, State, Status, asked
from goldenpath.facts.shell.walk.codes import Codes, succeeds
from goldenpath.facts.values import Value, display, literal

if TYPE_CHECKING:
    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.leads import Leads
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.words import Words

_IS_ZERO: Final = frozenset({"-eq", "=", "=="})
_IS_OTHER: Final = frozenset({"-ne", "!=", "-gt"})
_IS_THERE: Final = frozenset({"-e", "-f", "-r", "-s"})
_HOLDS: Final = regex(r"(?:([A-Za-z_]\w*)|<status [^<>]*>)\s*(?:(==|!=|>)\s*0)?")
"""What asks `(( … ))` whether the code of a command is that of a success, or of a failure."""


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
        if match := _HOLDS.fullmatch(said):
            code = state.get(match[1]) if match[1] else text[:1]
            if (kept := self._codes.kept(code or ())) is not None:
                return self._codes.heed(kept if match[2] == "==" else kept.negated(), state, place)
        for name in changed_by_sum(said):
            before = state.get(name)
            fails = COUNTS_UP.fullmatch(said) and (succeeds(before) is not None or self._codes.kept(before or ()))
            state.assign(name, FAILURE.code if fails else texts.derived("arithmetic", said))
        return asked(texts.bounded(f"(( {said} ))"))

    def _tested(self, tokens: list[conditions.Token], index: int, state: State, place: Place) -> Status:
        """What a test says; one of how a command has ended (`[ $? -ne 0 ]`) says what that command does."""
        negated = len(tokens) == 3 and tokens[0].operator == "!"
        asked_for = tokens[1:] if negated else tokens
        if len(asked_for) == 2 and asked_for[0].operator in _IS_THERE and self._leads.stands(asked_for[1].text, state):
            return FAILURE if negated else SUCCESS
        kept = self._codes.kept(tokens[0].text) if len(tokens) == 3 and literal(tokens[2].text) == "0" else None
        if kept is not None and tokens[1].operator in _IS_ZERO | _IS_OTHER:
            return self._codes.heed(kept if tokens[1].operator in _IS_ZERO else kept.negated(), state, place)
        return replace(conditions.tested(tokens), blame_false=(index,), question=True)


def _token(word: Value) -> conditions.Token:
    """Return a word of `[ … ]`, where nothing is a pattern."""
    known = literal(word)
    quoted = tuple(texts.escaped(part) if isinstance(part, str) else part for part in word)
    return conditions.Token(word, known, quoted)
