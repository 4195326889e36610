"""Words to values: parameter expansion, word splitting and quote removal, on partly known text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.expressions import not_empty, rendered
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.answers import ANYTHING, answer_of, described, image, told_in, worth
from goldenpath.facts.shell.bodies import COUNTS_UP, changed_by_sum
from goldenpath.facts.shell.state import length_of
from goldenpath.facts.shell.status import FAILURE, NONE, together
from goldenpath.facts.shell.syntax import Arithmetic, Parameter, Part, Substitution, Text, Unfollowable, Word
from goldenpath.facts.values import Symbol, Value, display, head, literal, replaced, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from goldenpath.facts.shell.state import State
    from goldenpath.facts.shell.status import Atoms

_PLACEHOLDER: Final = regex("[\ue000-\uf8ff]")
_FIRST_PLACEHOLDER: Final = 0xE000
_LAST_PLACEHOLDER: Final = 0xF8FF
_INTEGER: Final = regex(r"[-+]?\d{1,9}")
_ASSIGNS: Final = regex(r"\s*([A-Za-z_]\w*)\s*([-+*|&^]?)=(?!=)")
"""How a sum begins that assigns what it comes to."""
_ASKING: Final = frozenset("-=?+")
"""How operators end that ask whether a parameter is given."""
_REMOVING: Final = frozenset("#%")
_MAX_FIELDS: Final = 2048
_MAX_WORDS: Final = 256


class Field(Struct):
    """A word after expansion; `loose` when a symbol in it stood without quotes, so that it may be several or none."""

    text: Value
    loose: bool = False


class Placeholders:
    """Symbols as single characters of the private use area, so that the lexer takes each for a letter of a word."""

    def __init__(self) -> None:
        self._characters: dict[Symbol, str] = {}
        self._symbols: dict[str, Symbol] = {}

    def encode(self, text: Value) -> str | None:
        """Return a text with a character for each symbol; None when there are too many of them."""
        parts: list[str] = []
        for part in text:
            if isinstance(part, str):
                parts.append(part if part.isascii() else _PLACEHOLDER.sub("\ufffd", part))
                continue
            if part not in self._characters:
                code = _FIRST_PLACEHOLDER + len(self._characters)
                if code > _LAST_PLACEHOLDER:
                    return None
                self._characters[part], self._symbols[chr(code)] = chr(code), part
            parts.append(self._characters[part])
        return "".join(parts)

    def decode(self, text: str) -> Value:
        """Return a piece of encoded text with its symbols."""
        if text.isascii():
            return value(text)
        pieces: list[str | Symbol] = []
        start = 0
        for end, character in enumerate(text):
            if character in self._symbols:
                pieces += text[start:end], self._symbols[character]
                start = end + 1
        return value(*pieces, text[start:])


_SOLID: Final = frozenset({"answer", "digest", "job", "status"})
"""Kinds of symbols that are one word of one line, whatever they stand for."""

_SOLID_ON_GITHUB: Final = frozenset({
    "actor", "base_ref", "branch", "default_branch", "head_ref", "pull_request", "ref", "ref_name", "repository",
    "repository_id", "repository_owner", "repository_owner_id", "run_attempt", "run_id", "run_number", "sha", "tag",
})  # fmt: skip
"""Those of GitHub's that are, too: no ref has a space in it, no name of a repository or a user, and no number."""


def is_solid(symbol: Symbol) -> bool:
    """Whether a symbol is one word of one line, whatever it stands for."""
    return symbol.kind in _SOLID or (symbol.kind == "github" and symbol.name in _SOLID_ON_GITHUB)


class _Builder:
    """Fields in the making: text is added to the last one, until something ends it."""

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self._parts: list[str | Symbol | Value] = []
        self._open = False
        self._loose = False

    def add(self, text: str | Symbol | Value) -> None:
        """Continue the current field, even with nothing."""
        self._parts.append(text)
        self._open = True

    def end(self) -> None:
        """End the current field, if there is one."""
        if self._open:
            if len(self.fields) < _MAX_FIELDS:
                self.fields.append(Field(value(*self._parts), self._loose))
            self._parts, self._open, self._loose = [], False, False

    def split(self, text: Value, separators: str) -> None:
        """Add unquoted text, which ends fields where it has separators, and is nothing when it is empty."""
        for part in text:
            if isinstance(part, Symbol):
                self.add(Symbol("words", display((part,))) if part.kind == "remark" else part)
                self._loose = self._loose or not is_solid(part)
                continue
            start = 0
            for at, character in enumerate(part):
                if character in separators:
                    if at > start:
                        self.add(part[start:at])
                    self.end()
                    start = at + 1
            if part[start:]:
                self.add(part[start:])

    def add_unquoted(self, text: Value) -> None:
        """Add text of the script itself, which is not split although its symbols may be."""
        for part in text:
            self.add(part)
            self._loose = self._loose or (isinstance(part, Symbol) and not is_solid(part))


def calculate(text: Value, state: State) -> Value | None:
    """Do a sum, and give the variables that it changes what is known of them; return what it comes to, if known."""
    said = display(text)
    changed = changed_by_sum(said)
    if not changed:
        return worth(text, state)
    start = head(text)
    assigns = _ASSIGNS.match(start)
    rest = value(start[assigns.end() :], *text[1:]) if assigns else ()
    if assigns and len(changed) == 1 and "," not in said:
        result = worth(value(f"{assigns[1]}{assigns[2]}(", rest, ")") if assigns[2] else rest, state)
        state.assign(assigns[1], result if result is not None else texts.derived("arithmetic", said))
        return result
    if COUNTS_UP.fullmatch(said):
        [name] = changed
        before, after = worth((name,), state), worth((f"{name}+1",), state)
        state.assign(name, after if after is not None else texts.derived("arithmetic", said))
        return after if said.lstrip().startswith("+") else before
    for name in changed:
        state.assign(name, texts.derived("arithmetic", said))
    return None


class Expander:
    """Expands words in a state; commands in substitutions are followed by the function given."""

    def __init__(
        self, placeholders: Placeholders, substitute: Callable[[Substitution, Atoms], Value], state: State
    ) -> None:
        self._placeholders = placeholders
        self._substitute = substitute
        self._state = state
        self._condition: Atoms = NONE
        """Under which the word at hand is expanded."""

    def fields(self, words: Iterable[Word]) -> list[Field]:
        """Expand words as those of a command: braces, expansions, splitting, quote removal."""
        builder = _Builder()
        for word in words:
            for each in _braced(word):
                for part in each.parts:
                    self._add(part, builder)
                builder.end()
        return builder.fields

    def text(self, word: Word) -> Value:
        """Expand a word where no splitting takes place: assignments, redirections, here-documents, `case`."""
        return value(*(self._joined(part) for part in word.parts))

    def pattern(self, word: Word) -> Value:
        """Expand a word to a glob in which quoted text is escaped."""
        return value(*(self._glob(part) for part in word.parts))

    def _glob(self, part: Part) -> Value:
        joined = self._joined(part)
        if not part.quoted:
            return joined
        return value(*(texts.escaped(each) if isinstance(each, str) else each for each in joined))

    def _joined(self, part: Part) -> Value:
        if isinstance(part, Text):
            return self._placeholders.decode(part.text)
        values = self._values(part)
        return value(*(piece for at, each in enumerate(values) for piece in ((" ", each) if at else (each,))))

    def _add(self, part: Part, builder: _Builder) -> None:
        if isinstance(part, Text):
            decoded = self._placeholders.decode(part.text)
            if part.quoted:
                builder.add(decoded)
            else:
                builder.add_unquoted(decoded)
            return
        values = self._values(part)
        if not part.quoted:
            separators = literal(self._state.get("IFS") or ()) if "IFS" in self._state.variables else " \t\n"
            for at, each in enumerate(values):
                if at:
                    builder.end()
                builder.split(each, " \t\n" if separators is None else separators)
            return
        for at, each in enumerate(values):
            if at:
                builder.end()
            if isinstance(part, Parameter) and part.every and is_whole_list(each):
                builder.add_unquoted(each)
            else:
                builder.add(each)

    # Expansions

    def _values(self, part: Parameter | Substitution | Arithmetic) -> list[Value]:
        """Return what an expansion is worth: one text, or any number for `$@` and `${array[@]}`."""
        if isinstance(part, Substitution):
            return [self._substitute(part, self._condition)]
        if isinstance(part, Arithmetic):
            inner = self.text(part.word)
            known = literal(inner)
            if known is not None and _INTEGER.fullmatch(known.strip()):
                return [value(known.strip())]
            result = calculate(inner, self._state)
            return [texts.derived("arithmetic", described(inner, self._state)) if result is None else result]
        if part.every and part.operator != "length":
            return self._list(part)
        return [self._parameter(part)]

    def _items(self, name: str) -> tuple[Value, ...] | None:
        """Return the items of an array or the positional parameters; None when they are not known."""
        state = self._state
        if name in {"@", "*"}:
            return state.positional
        if name in state.arrays:
            return state.arrays[name]
        single = state.get(name)
        if single is None:
            return ()
        return None if single == (Symbol("variable", name),) else (single,)

    def _list(self, part: Parameter) -> list[Value]:
        items = self._items(part.name)
        if part.quoted and part.every == "*" and not part.operator and (told := self._told_of_items(part.name)):
            return [told]
        everything = whole_list(part.name)
        if part.operator[-1:] in _ASKING:
            chosen = self._items_or_default(items, everything, part)
        elif items == () and not (part.operator == ":" and part.index is None):  # `${@:0}` has the name of the script
            return []
        elif part.operator in {":", "indirect", "@"}:
            argument = self._argument(part)
            return [everything if items is None else whole_list(f"{part.name}{part.operator}{argument}")]
        else:
            with self._only_if(f"{rendered(everything)} != ''", given=None if items is None else True):
                change = self._change(part)
            chosen = None if items is None else [change(item) for item in items]
        if chosen is None:
            return [everything]
        if part.quoted and part.every == "*":
            return [value(*(piece for at, each in enumerate(chosen) for piece in ((" ", each) if at else (each,))))]
        return chosen

    def _items_or_default(
        self, items: tuple[Value, ...] | None, everything: Value, part: Parameter
    ) -> list[Value] | None:
        replacement = self._default(everything, part, given=None if items is None else bool(items))
        if items is None:
            return None
        if replacement is None or part.operator[-1] == "?":
            return [] if part.operator[-1] == "+" else list(items)
        return [replacement]

    def _argument(self, part: Parameter) -> str:
        argument = display(self._expanded(part.argument))
        if (part.operator, argument) == ("@", "P"):
            raise Unfollowable("It runs what a text says, for a prompt.")
        return argument

    def _expanded(self, word: Word | None) -> Value:
        return () if word is None else self.text(word)

    @contextmanager
    def _only_if(self, told: str, *, given: bool | None) -> Iterator[None]:
        """Let what is expanded run on a condition, unless that is met."""
        outer = self._condition
        self._condition = outer if given is not None else together(outer, frozenset({told}))
        try:
            yield
        finally:
            self._condition = outer

    def _lookup(self, part: Parameter) -> Value | None:
        """Return a parameter; None when it is certainly not set."""
        name, state = part.name, self._state
        if name.isdigit() and name != "0":
            if state.positional is None:
                return (Symbol("variable", name),)
            if int(name) <= len(state.positional):
                return state.positional[int(name) - 1]
            return (Symbol("variable", name),) if any(map(texts.has_glob, state.positional)) else None
        if name == "#":
            return number_of(state.positional) or (Symbol("variable", "#"),)
        if part.index is not None:
            return self._element(name, display(self.text(part.index)))
        if name in state.arrays:
            return self._element(name, "0")
        return state.get(name)

    def _element(self, name: str, index: str) -> Value | None:
        if name not in self._state.arrays and (index == "0" or self._state.get(name) is None):
            return self._state.get(name)
        items = self._state.arrays.get(name)
        if items is None or any(map(is_whole_list, items)):
            told = self._told_of_items(name) if index == "0" else None
            return told or (Symbol("variable", f"{name}[{index}]"),)
        if not _INTEGER.fullmatch(index):
            return texts.derived("array", f"{name}[{index}]")
        at = int(index) + (len(items) if index.startswith("-") else 0)
        if 0 <= at < len(items):
            return items[at]
        number = self._state.variables.get(length_of(name)) or number_of(items)
        return None if literal(number or ()) else (Symbol("variable", f"{name}[{index}]"),)

    def _told_of_items(self, name: str) -> Value | None:
        """What the items of an array say of commands where there are none but after a failure; else None."""
        items = self._state.arrays.get(name)
        known = name not in self._state.arrays or (items is not None and not any(map(is_whole_list, items)))
        length = answer_of(self._state.variables.get(length_of(name)))
        if known or length is None or length.success != "0":
            return None
        return (replace(length, success="", failures=(ANYTHING,)).symbol,)

    def _parameter(self, part: Parameter) -> Value:
        if part.operator == "length":
            return self._length(part)
        found = self._lookup(part)
        operator = part.operator
        symbol = told_in(found or ())
        if symbol is not None and operator and operator[-1] in "-+#%/:^,":
            made = image(symbol, lambda each: self._made_of(replaced(found or (), {symbol: each}), part))
            if made is not None:
                return made
        return self._made_of(found, part)

    def _made_of(self, found: Value | None, part: Parameter) -> Value:
        operator = part.operator
        if operator == "indirect":
            return self._indirect(found)
        if operator in {"-", "=", "?", "+", ":-", ":=", ":?", ":+"}:
            return self._or_default(found, part)
        given = self._is_given(found, empty_counts=operator[:1] in _REMOVING)
        if found is None or given is False:  # then what stands behind is not even expanded
            return found or ()
        with self._only_if(f"{rendered(found)} != ''", given=given):
            return self._change(part)(found)

    def _length(self, part: Parameter) -> Value:
        if part.every:
            length = self._state.variables.get(length_of(part.name)) if part.name in self._state.arrays else None
            return length or number_of(self._items(part.name)) or texts.derived("arithmetic", f"#{part.name}")
        found = self._lookup(part) or ()
        known = literal(found)
        return texts.derived("arithmetic", f"#{rendered(found)}") if known is None else value(str(len(known)))

    def _indirect(self, found: Value | None) -> Value:
        name = literal(found or ())
        return texts.derived("shell", f"!{rendered(found or ())}") if name is None else self._state.get(name) or ()

    def _or_default(self, found: Value | None, part: Parameter) -> Value:
        """Expand `${x:-default}` and its kin; without the colon only being unset counts."""
        operator = part.operator[-1]
        given = self._is_given(found, empty_counts=part.operator[0] == ":")
        replacement = self._default(found or (), part, given=given)
        if replacement is None or (given is None and not replacement) or operator == "?":
            return () if operator == "+" else found or ()
        if given is None:
            return texts.derived("shell", f"{rendered(found or ())}{part.operator}{rendered(replacement)}")
        if operator == "=":
            self._state.assign(part.name, replacement)
        return replacement

    def _default(self, found: Value, part: Parameter, *, given: bool | None) -> Value | None:
        """Expand what stands for a parameter, as far as it may do so; None where it surely does not."""
        if_given = part.operator[-1] == "+"
        if given is (not if_given):
            return None
        with self._only_if(f"{rendered(found)} {'!=' if if_given else '=='} ''", given=given):
            return self._expanded(part.argument)

    @staticmethod
    def _is_given(found: Value | None, *, empty_counts: bool) -> bool | None:
        if found is None:
            return False
        if empty_counts:
            return not_empty(found)
        outside = len(found) == 1 and isinstance(found[0], Symbol) and found[0].kind == "variable"
        return None if outside else True

    def _change(self, part: Parameter) -> Callable[[Value], Value]:
        """Expand what says how a text is to be changed, once for all items of a list; returns what changes one."""
        operator = part.operator
        if not operator:
            return lambda text: text
        if operator[0] in "#%/":
            pattern = () if part.argument is None else self.pattern(part.argument)
            by = self._expanded(part.replacement)
            if operator[0] == "/":
                return lambda text: texts.substituted(text, operator, pattern, by)
            return lambda text: texts.removed(text, operator, pattern)
        argument = self._argument(part)
        return lambda text: _cased_or_cut(text, operator, argument)


def _cased_or_cut(text: Value, operator: str, argument: str) -> Value:
    """Return a text in capitals or small letters, or a part of it."""
    if operator[0] in ",^" and not argument:
        return texts.cased(text, operator)
    known = literal(text)
    cut = _cut(known, argument) if operator == ":" and known is not None else None
    return texts.derived("shell", f"{rendered(text)}{operator}{argument}") if cut is None else value(cut)


def _cut(text: str, argument: str) -> str | None:
    """Return the part of a text that `offset:length` names; None when these are no numbers."""
    offset, colon, length = (piece.strip() for piece in argument.partition(":"))
    if not _INTEGER.fullmatch(offset) or (colon and not _INTEGER.fullmatch(length)):
        return None
    start = int(offset) if int(offset) >= 0 else len(text) + int(offset)
    if start < 0:
        return ""
    if not colon:
        return text[start:]
    return text[start : start + int(length)] if int(length) >= 0 else text[start : len(text) + int(length)]


def whole_list(name: str) -> Value:
    """Return what stands for any number of items of a list."""
    return texts.derived("array", name)


def number_of(items: Sequence[Value] | None) -> Value | None:
    """How many items there are: any number but 0 where a pattern among them may fit several files; None if unknown."""
    if items is None or any(map(is_whole_list, items)):
        return None
    return FAILURE.code if any(map(texts.has_glob, items)) else value(str(len(items)))


def is_whole_list(text: Value) -> bool:
    """Tell whether a text stands for any number of them."""
    return len(text) == 1 and isinstance(text[0], Symbol) and text[0].kind == "array"


def _braced(word: Word) -> list[Word]:
    """Expand `{a,b}` in the unquoted parts of a word."""
    words: list[list[Part]] = [[]]
    for part in word.parts:
        choices: list[Part] = [part]
        if isinstance(part, Text) and not part.quoted and "{" in part.text:
            choices = [Text(each) for each in texts.braces(part.text)]
        if len(choices) == 1:
            for parts in words:
                parts.extend(choices)
        elif len(choices) * len(words) > _MAX_WORDS:
            return [word]
        else:
            words = [[*parts, choice] for parts in words for choice in choices]
    return [Word(tuple(parts), word.offset) for parts in words] if len(words) > 1 else [word]
