"""Answers that a variable keeps: values that say whether commands have succeeded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.expressions import not_empty
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.status import FAILED, FAILURE
from goldenpath.facts.shell.sums import summed
from goldenpath.facts.values import Symbol, Value, display, literal, replaced, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.facts.shell.state import State

CODES: Final = tuple(map(str, range(1, 256)))
"""The codes of commands that have failed."""
ANYTHING: Final = "*"
"""Whatever other value: any other number than 0, or any text that is not empty."""
ANY_SUM: Final = "##"
"""Whatever sum of codes: more than 0, and perhaps 256, with which a shell that is left says that all is well."""
_ANY_CODE: Final = "#"
"""The code of whatever failure, where all has gone well by another value than 0."""

BY_TRAP: Final = " as a trap sets it"
"""How the name of a symbol tells of a variable that is set after whatever command has failed."""
_NAMED: Final = regex(r"<(?:status|answer|remark) ([\d? ]+)[:>]")
"""How the name of a symbol tells of an answer that it was made of."""
_REMARK: Final = regex(r"<remark ([^<>]*)>")
_PLAIN: Final = regex(r"-?\w[\w.-]{0,30}")
"""Values of an answer: words that stay one, whether they are quoted or not."""
_TEXT: Final = regex(r"[^#:|*\n]{0,60}")
"""Those of others, which may be nothing, or several words."""
_OPEN: Final = frozenset({ANYTHING, ANY_SUM, _ANY_CODE})
_OPEN_NUMBERS: Final = {ANYTHING: frozenset(CODES), ANY_SUM: frozenset({*CODES, "256"})}
_MAX_VALUES: Final = 8
_SOMETHING: Final[Value] = (Symbol("answer", "something"),)
"""A text that is not empty."""


TURN: Final = "turn"
"""What a loop counts that ends as soon as a command has succeeded: its last number where that has always failed."""


class Answer(Struct, frozen=True):
    """What a value says of commands: `success` where each of them has succeeded, another one where one has failed.

    `blamed` names them as a symbol does: `3? 5`, where the one with the question mark only asks. Without `failures` it
    is the code of a command.
    """

    blamed: str
    success: str = "0"
    failures: tuple[str, ...] = ()

    @property
    def symbol(self) -> Symbol:
        """The symbol for such a value."""
        if not self.failures:
            return Symbol("status", self.blamed)
        plain = all(each in _OPEN or _PLAIN.fullmatch(each) for each in (self.success, *self.failures))
        return Symbol("answer" if plain else "remark", f"{self.blamed}:{self.success}:{'|'.join(self.failures)}")

    @property
    def commands(self) -> tuple[int, ...]:
        """The commands to blame."""
        return () if self.blamed == FAILED else blamed_in(self.blamed)

    @property
    def values(self) -> frozenset[str]:
        """What it may be."""
        listed = frozenset(CODES) if not self.failures or _ANY_CODE in self.failures else frozenset[str]()
        good = frozenset[str]() if self.blamed == FAILED else frozenset({self.success})
        return listed | good | (frozenset(self.failures) - {_ANY_CODE})

    def decided(self, values: Iterable[str], holds: Callable[[Value], bool | None]) -> dict[str, bool] | None:
        """For which of some values a question holds; None where only a run knows."""
        found: dict[str, bool] = {}
        for each in values:
            if each not in _OPEN_NUMBERS:
                outcomes = {holds(value(each))}
            elif not self.success:
                outcomes = {holds(_SOMETHING)}
            else:
                outcomes = {holds(value(code)) for code in _OPEN_NUMBERS[each]}
            outcome = outcomes.pop()
            if outcome is None or outcomes:
                return None
            found[each] = outcome
        return found


def blamed_in(names: str) -> tuple[int, ...]:
    """Return the commands that the name of a code lists."""
    return tuple(int(each.rstrip("?")) for each in names.split())


def succeeds(code: Value | None) -> bool | None:
    """Whether a text is the code of what succeeds (0), or of what fails; None where it is neither for certain."""
    if code == FAILURE.code:
        return False
    text = literal(code or ())
    return int(text) % 256 == 0 if text and text.lstrip("-").isdigit() else None


def answer_of(word: Value | None) -> Answer | None:
    """What a value says of commands; None where it says nothing of any."""
    symbol = word[0] if word and len(word) == 1 else ""
    return answer_by(symbol) if isinstance(symbol, Symbol) else None


def answer_by(symbol: Symbol) -> Answer | None:
    """What a symbol says of commands."""
    if symbol.kind == "status":
        return Answer(symbol.name)
    if symbol.kind not in {"answer", "remark"}:
        return None
    blamed, success, failures = symbol.name.split(":")
    return Answer(blamed, success, tuple(failures.split("|")))


def answers_named(symbol: Symbol) -> list[str]:
    """The commands that a symbol is about, or that what it was made of is about, as answers name them."""
    if symbol.kind == TURN:
        return [symbol.name.rpartition(":")[0]]
    answer = answer_by(symbol)
    return [answer.blamed] if answer else _NAMED.findall(symbol.name)


def as_one_word(word: Value) -> Value:
    """A word that is not quoted, as what it was made of where that is one word, or none at all."""
    symbol = word[0] if word and len(word) == 1 else None
    if not isinstance(symbol, Symbol) or symbol.kind != "words" or not (remark := _REMARK.fullmatch(symbol.name)):
        return word
    made_of = Symbol("remark", remark[1])
    answer = answer_by(made_of)
    one = answer is not None and all(not each or _PLAIN.fullmatch(each) for each in (answer.success, *answer.failures))
    return (made_of,) if one else word


def told_in(*texts: Value) -> Symbol | None:
    """The one answer that texts hold, whatever else they are known to hold; None where it is not the only unknown."""
    symbols = {part for text in texts for part in text if isinstance(part, Symbol)}
    symbol = symbols.pop() if len(symbols) == 1 else None
    return symbol if symbol and (symbol.kind == TURN or answer_by(symbol)) else None


def is_unset(name: str, known: Value | None) -> bool:
    """Tell whether a variable was never set here, and has no name as those of the environment have."""
    return known == (Symbol("variable", name),) and name.lower() == name


def is_good(text: Value | None, answer: Answer) -> bool:
    """Tell whether a value is the one that an answer has where all has gone well."""
    known = answer_of(text)
    if known is not None:
        return known.blamed != FAILED and known.success == answer.success
    return literal(text or ()) == answer.success or (answer.success == "0" and succeeds(text) is True)


def answer_between(success: Value | None, failure: Value | None, blamed: str = "") -> Answer | None:
    """The answer that has one of two values; None where these are not told apart by everybody who asks."""
    yes, no = literal(success or ()), literal(failure or ())
    if yes is None or not _TEXT.fullmatch(yes):
        return None
    if failure == FAILURE.code:
        return Answer(blamed) if yes == "0" else Answer(blamed, yes, (_ANY_CODE,)) if not yes.isdigit() else None
    if no is None and not yes and failure is not None and not_empty(failure):
        return Answer(blamed, "", (ANYTHING,))
    same = yes == no or (yes.isdigit() and (no or "").isdigit() and int(yes) == int(no or "0"))
    return None if no is None or same or not _TEXT.fullmatch(no) else Answer(blamed, yes, (no,))


def merged(answers: list[Answer], blamed: str = "") -> Answer | None:
    """The answer that is one of several, all of which are the same where all has gone well; None where they are not."""
    success = answers[0].success
    if any(each.success != success for each in answers):
        return None
    failures = tuple(dict.fromkeys(failure for each in answers for failure in each.failures))
    numbers = success == "0" and all(each in _OPEN or succeeds(value(each)) is False for each in failures)
    if not _OPEN_NUMBERS.keys().isdisjoint(failures) or len(failures) > _MAX_VALUES:
        some = numbers or (not success and all(failures))
        return Answer(blamed, success, (ANY_SUM if ANY_SUM in failures else ANYTHING,)) if some else None
    if all(each.failures for each in answers) and not (success == "0" and _ANY_CODE in failures):
        return Answer(blamed, success, failures)
    codes = all(each == _ANY_CODE or each in CODES for each in failures)
    return Answer(blamed) if numbers and codes else None


def lost(text: Value) -> Value:
    """What no longer tells a failure from a success, although it was made of an answer."""
    return (Symbol("lost", display(text).translate({ord("<"): "(", ord(">"): ")"})),)


def among(values: frozenset[str], good: Answer) -> Answer | None:
    """The answer that is as good as another one, and one of some values where something has failed."""
    listed = (_ANY_CODE, *sorted(values - {*CODES})) if values.issuperset(CODES) else tuple(sorted(values))
    codes = listed == (_ANY_CODE,) and good.success == "0"
    return merged([replace(good, failures=() if codes else listed)], good.blamed)


def image(symbol: Symbol, worth_of: Callable[[Value], Value | None]) -> Value | None:
    """What something says that is made of an answer, given what it is for each value of that; None for nothing."""
    answer = answer_by(symbol)
    if answer is None or answer.success not in answer.values:
        return None
    found: dict[str, str] = {}
    for each in answer.values:
        given = _SOMETHING if each in _OPEN_NUMBERS else value(each)
        result = worth_of(given)
        made = each if result == given == _SOMETHING else literal(_SOMETHING if result is None else result)
        if made is None or not (made in _OPEN_NUMBERS or _TEXT.fullmatch(made)):
            return None
        found[each] = made
    good, bad = found[answer.success], frozenset(made for each, made in found.items() if each != answer.success)
    if bad == {good}:
        return value(good)
    if good in bad:  # so that a failure is not to be told from a success
        return lost((symbol,))
    told = among(bad, Answer(answer.blamed, good))
    return (told.symbol,) if told else None


# --- sums -------------------------------------------------------------------------------------------------

_NAME: Final = regex(r"[A-Za-z_]\w*")
_NUMBER: Final = regex(r"-?(?:0|[1-9]\d{0,8})")
_UNITED: Final = regex(r"[\s()|+\w]*")
"""What comes to 0 where all that is in it does: the sum, or the union, of numbers that are never negative."""
_NOT_ZERO: Final = regex(r"(.*[^<>=!&|])(?:!=|>)\s*0\s*", re.DOTALL)
_ZERO: Final = regex(r"(.*[^<>=!&|])==\s*0\s*", re.DOTALL)


def worth(text: Value, state: State) -> Value | None:
    """What a sum that assigns nothing comes to, or what that says of commands; None where it says nothing of any."""
    held = held_in(text, state)
    symbols = dict.fromkeys(part for each in (text, *held.values()) for part in each if isinstance(part, Symbol))
    answers = [answer_by(symbol) for symbol in symbols]
    if not answers:
        result = _summed(text, held, {})
        return None if result is None else value(str(result))
    known = [answer for answer in answers if answer is not None]
    if len(known) < len(answers):
        return None
    if len(known) > 1:
        return _of_several(text, held, known)
    [symbol], [answer] = symbols, known
    if _is_open(answer) and answer.success != "0":
        return None
    results: dict[str, int] = {}
    for each in frozenset[str]().union(*(_OPEN_NUMBERS.get(each, {each}) for each in answer.values)):
        result = _summed(text, held, {symbol: value(each)})
        if result is None:
            return None
        results[each] = result
    return _image(text, symbol, answer, results)


def more_than(number: Value) -> Value | None:
    """What is more than a number which no longer says how much it is: some failure's code, and no success."""
    answer = answer_of(number)
    return FAILURE.code if answer and (answer.success == "0" or answer.blamed == FAILED) else None


def counts(text: Value, state: State) -> tuple[Symbol, Callable[[Value], bool | None]] | None:
    """The one answer that a sum is about, and whether it comes to something else than 0 given what that is."""
    held = held_in(text, state)
    symbol = told_in(text, *held.values())
    if symbol is None:
        return None

    def holds(meaning: Value) -> bool | None:
        result = _summed(text, held, {symbol: meaning})
        return None if result is None else result != 0

    return symbol, holds


def held_in(text: Value, state: State) -> dict[str, Value]:
    """What the variables are that a sum names."""
    names = (name for part in text if isinstance(part, str) for name in _NAME.findall(part))
    return {name: state.get(name) or () for name in names}


def described(text: Value, state: State) -> str:
    """Write a sum, with the answers that it is about."""
    held = (each for each in held_in(text, state).values() for part in each if isinstance(part, Symbol)
            and (answers_named(part) or BY_TRAP in part.name))  # fmt: skip
    return " of ".join(map(display, (text, *held)))


def _summed(text: Value, held: dict[str, Value], meaning: dict[Symbol, Value]) -> int | None:
    def value_of(name: str) -> int | None:
        known = literal(replaced(held.get(name, ()), meaning))
        return int(known or "0") if known is not None and (not known or _NUMBER.fullmatch(known)) else None

    said = literal(replaced(text, meaning))
    return summed(said, value_of) if said is not None else None


def _image(text: Value, symbol: Symbol, answer: Answer, results: dict[str, int]) -> Value | None:
    """What a sum over an answer says, given what it comes to for each value of that."""
    good = results.get(answer.success) if answer.success in answer.values else None
    bad = {result for each, result in results.items() if each != answer.success or good is None}
    if len({*results.values()}) == 1:
        return value(str(bad.pop()))
    if all(each == str(result) for each, result in results.items()):
        return (symbol,)
    fails = all(result % 256 for result in bad)
    if good is None or (good % 256 and fails and len(bad) > _MAX_VALUES):
        return FAILURE.code if fails else None
    if good in bad or not (good or fails):  # so that a failure is not to be told from a success
        return lost(text)
    if len(bad) <= _MAX_VALUES and not _is_open(answer):
        return (Answer(answer.blamed, str(good), tuple(map(str, sorted(bad)))).symbol,)
    return (Answer(answer.blamed, "0", (ANYTHING,)).symbol,) if not good and fails else None


def _of_several(text: Value, held: dict[str, Value], answers: list[Answer]) -> Value | None:
    """What the sum, or the union, of several answers says: it is 0 where all has gone well, and else it is not."""
    written = display(replaced(text, {part: (" 0 ",) for part in text if isinstance(part, Symbol)}))
    asked = _NOT_ZERO.fullmatch(written) or _ZERO.fullmatch(written)
    rest = {literal(each) for each in held.values()} - {None, "", "0"}
    plain = _UNITED.fullmatch(asked[1] if asked else written) is not None and not rest
    good = all(answer.success == "0" and answer.blamed != FAILED for answer in answers)
    if not plain or not good or any(each.startswith("-") for answer in answers for each in answer.failures):
        return None
    nothing: dict[Symbol, Value] = {answer.symbol: ("0",) for answer in answers}
    if _summed(text, held, nothing) != (1 if asked and _ZERO.fullmatch(written) else 0):
        return None
    blamed = " ".join(dict.fromkeys(name for answer in answers for name in answer.blamed.split()))
    if asked:
        return (Answer(blamed, *(("1", ("0",)) if _ZERO.fullmatch(written) else ("0", ("1",)))).symbol,)
    if "+" in written and sum(map(_most, answers)) > len(CODES):
        return (Answer(blamed, "0", (ANY_SUM,)).symbol,)
    return (Answer(blamed, "0", ("1",) if not {*"+|"} & {*written.replace("||", "")} else (ANYTHING,)).symbol,)


def _most(answer: Answer) -> int:
    """How much an answer adds to a sum where it is no longer counted how often something has failed."""
    numbers = [int(each) for each in answer.failures if each.isdigit()]
    return max(numbers) if numbers and len(numbers) == len(answer.failures) else len(CODES)


def _is_open(answer: Answer) -> bool:
    """Whether an answer may be any number."""
    return not _OPEN_NUMBERS.keys().isdisjoint(answer.values)
