"""The words, assignments and redirections of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.shell import syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.answers import described, image, is_unset, more_than, told_in, worth
from goldenpath.facts.shell.expansion import Expander, Placeholders, calculate, number_of, whole_list
from goldenpath.facts.shell.paths import absolute, path_from
from goldenpath.facts.shell.script import Redirect
from goldenpath.facts.shell.state import length_of
from goldenpath.facts.shell.status import SUCCESS
from goldenpath.facts.shell.syntax import Unfollowable
from goldenpath.facts.shell.text import bounded_text
from goldenpath.facts.values import Symbol, Value, display, head, literal, replaced, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.frames import Frames
    from goldenpath.facts.shell.walk.leaving import Leaving
    from goldenpath.facts.shell.walk.limits import Limits
    from goldenpath.facts.shell.walk.output import Output
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.walker import Walker

_MEANS_ANOTHER: Final = frozenset({"BASH_ALIASES", "BASH_CMDS", "BASH_ENV"})
"""Variables by which bash runs another command than the one that is written, or one before it."""
_LOCAL: Final = frozenset({"declare", "local", "typeset"})
"""Those that make a variable the function's own."""


class Words:
    """What words expand to, and what that changes."""

    def __init__(
        self,
        placeholders: Placeholders,
        limits: Limits,
        frames: Frames,
        record: Record,
        output: Output,
        leaving: Leaving,
        walker: Walker,
    ) -> None:
        self._placeholders = placeholders
        self._limits = limits
        self._frames = frames
        self._record = record
        self._output = output
        self._leaving = leaving
        self._walker = walker
        self.substitution = SUCCESS
        """The status of the last substitution, which is that of a command that only assigns."""
        self.begun = 0
        """The first command of that substitution."""

    def expander(self, state: State, place: Place) -> Expander:
        """Return what expands words in a state; a substitution among them runs in a place."""
        return Expander(
            self._placeholders, lambda part, atoms: self._substituted(part, state, place.guarded(atoms)), state
        )

    def of(self, command: syntax.Simple, state: State, place: Place) -> tuple[Value, ...]:
        """Expand the words of a command; the assignments of `export A=b` are made, and kept as words."""
        expander = self.expander(state, place.asked())
        words: list[Value] = []
        told: list[Value] = []
        for word in command.words:
            if isinstance(word, syntax.Word):
                told += (fields := [field.text for field in expander.fields((word,))])
                words += fields
                continue
            assigned = self.assigned(word, state, place.asked())
            self._keep_outer(words, word.name, state)
            self.assign_all((word,), {word.name: assigned}, state)
            words.append(value(f"{word.name}=", assigned))
        if words and literal(words[0]) in syntax.DECLARATIONS:
            self._declare(words, told, command, state)
        return tuple(words)

    def _keep_outer(self, words: Sequence[Value], name: str, state: State) -> None:
        """Remember what a variable is outside of the function that makes it its own."""
        if self._frames.locals and self._makes_own(words):
            self._frames.locals[-1].setdefault(name, (state.variables.get(name), name in state.variables))

    @staticmethod
    def _makes_own(words: Sequence[Value]) -> bool:
        """Tell whether a declaration is of variables of the function: `-g` makes global ones, `-p` only tells."""
        options = ((literal(word) or "") for word in words[1:])
        kept = any(text.startswith("-") and {*text} & {*"gpfF"} for text in options)
        return bool(words) and literal(words[0]) in _LOCAL and not kept

    def _declare(self, words: list[Value], told: list[Value], command: syntax.Simple, state: State) -> None:
        names = [word.name for word in command.words if isinstance(word, syntax.Assignment)]
        bare = [text for word in words[1:] if (text := literal(word)) and text.isidentifier()]
        options = {text for word in words[1:] if (text := literal(word)) and text.startswith("-")}
        for name in bare:
            self._keep_outer(words, name, state)
            if self._frames.locals and self._makes_own(words):
                state.variables[name] = None
        for each in told[1:]:
            name, equals, rest = head(each).partition("=")
            if equals and name.isidentifier():  # `declare "$name=value"`
                self._keep_outer(words, name, state)
                state.assign(name, value(rest, *each[1:]))
            elif each and isinstance(each[0], Symbol):
                state.assign_any()
        names += bare
        if literal(words[0]) in _LOCAL and any("n" in option for option in options):
            for name in names:  # another name for a variable, by which it may be changed unseen
                state.let_go(literal(state.get(name) or ()))
        if any("i" in option for option in options):
            state.integers.update(dict.fromkeys(names))
        if literal(words[0]) == "export" or any("x" in option for option in options):
            state.exported.update(dict.fromkeys(names))

    def assigned(self, assignment: syntax.Assignment, state: State, place: Place) -> Value:
        """Return the text that an assignment gives, after making it if it is one to an array."""
        if assignment.name in _MEANS_ANOTHER:
            raise Unfollowable("It changes what commands mean.")
        expander = self.expander(state, place)
        if assignment.index is not None:
            calculate(expander.text(assignment.index), state)
        if isinstance(assignment.value, syntax.Word):
            text = expander.text(assignment.value)
            if assignment.name in state.integers and assignment.index is None:
                return _counted(assignment, text, state)
            if assignment.append and assignment.index is None and assignment.name not in state.arrays:
                text = bounded_text(value(_before(assignment.name, state), text))
            symbol = told_in(text) if len(text) > 1 else None
            return (symbol and image(symbol, lambda each: replaced(text, {symbol: each}))) or text
        fields = expander.fields(assignment.value)
        items = tuple(whole_list(display(field.text)) if field.loose else field.text for field in fields)
        length = number_of(items)
        if assignment.append:
            before = state.arrays.get(assignment.name)
            unknown = before is None and assignment.name in state.arrays
            counted = state.variables.get(length_of(assignment.name))
            if length and counted:
                length = worth(value("(", counted, ")+", length), state) or (more_than(counted) if items else None)
            elif unknown or counted:
                length = None
            items = (*((whole_list(assignment.name),) if unknown else before or ()), *items)
        state.assign_array(assignment.name, items, length)
        return ()

    @staticmethod
    def assign_all(assignments: Iterable[syntax.Assignment], given: Mapping[str, Value], state: State) -> None:
        """Set the variables of assignments whose texts are given."""
        for assignment in assignments:
            if assignment.index is not None:
                state.assign_array(assignment.name, None)
            elif isinstance(assignment.value, syntax.Word):
                state.assign(assignment.name, given[assignment.name])

    def _substituted(self, part: syntax.Substitution, state: State, place: Place) -> Value:
        """Run a substitution: what it prints, or the path of a `<(…)`."""
        self._limits.step()
        channel = self._output.channel(state, named=part.direction == "<")
        begun = len(self._record.commands)
        child = state.over()
        child.errexit = False
        here = replace(place.shell(errexit=state.errexit), heeded=True, substitution=place.substitution + 1)
        if part.direction:
            here = replace(here, fails=False)
        place = here if part.direction == ">" else replace(here, stdout=channel)
        child.traps = ()
        self.substitution = child.outcome(self._walker.body(part.body, child, place))
        self.begun = begun
        self._leaving.leave(child, place)
        state.adopt_files(child)
        if part.direction:
            return channel
        return texts.without_newlines(state.files.pop(channel) or ())

    def redirected(
        self, redirections: Sequence[syntax.Redirection], state: State, place: Place
    ) -> tuple[Place, tuple[Redirect, ...]]:
        """Apply redirections from left to right."""
        if not redirections:
            return place, ()
        expander = self.expander(state, place.asked())
        redirects: list[Redirect] = []
        for redirection in redirections:
            target = expander.text(redirection.target)
            operator = redirection.operator
            redirects.append(Redirect(operator, redirection.descriptor or ("0" if operator[0] == "<" else "1"), target))
            if operator[0] == "<":
                place = self._reading(operator, target, state, place)
            elif redirection.descriptor in {"", "1"}:
                place = self._writing(operator, target, state, place)
        return place, tuple(redirects)

    @staticmethod
    def _reading(operator: str, target: Value, state: State, place: Place) -> Place:
        if operator == "<&":
            return place
        text = state.read(target) if operator in {"<", "<>"} else target
        return replace(place, stdin=value(text, "\n") if operator == "<<<" else text, stdin_from=None)

    @staticmethod
    def _writing(operator: str, target: Value, state: State, place: Place) -> Place:
        known = literal(target)
        if known == "/dev/stdout" or (operator == ">&" and known == "1"):
            return place
        if known == "/dev/stderr" or (operator == ">&" and known is not None and known.rstrip("-").isdigit()):
            return replace(place, stdout=None)
        if not operator.endswith(">>") and not place.dead:
            state.truncate(target)
        return replace(place, stdout=absolute(path_from(state.folder, target)))


def _before(name: str, state: State) -> Value:
    """What a variable is that something is added to."""
    found = state.get(name)
    return () if found is None or is_unset(name, found) else found


def _counted(assignment: syntax.Assignment, text: Value, state: State) -> Value:
    """What a variable is that holds a number, and is set to a sum, or has one added."""
    text = text or ("0",)
    if assignment.append:
        text = value("(", _before(assignment.name, state) or "0", ")+(", text, ")")
    result = worth(text, state)
    return texts.derived("arithmetic", described(text, state)) if result is None else result
