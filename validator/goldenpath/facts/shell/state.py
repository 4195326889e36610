"""What a shell knows while a script is followed, and how two ways through it are brought together."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from msgspec import UNSET, Struct
from msgspec.structs import replace

from goldenpath.facts.shell.layers import Layered, all_same, changed_in
from goldenpath.facts.shell.ledgers import KEY_VALUE_FILES, Ledger, runner_file
from goldenpath.facts.shell.paths import absolute, is_within, path_from
from goldenpath.facts.shell.status import NONE, SUCCESS, Atoms, Status, together
from goldenpath.facts.shell.text import bounded_text, derived, one_of
from goldenpath.facts.values import SOMEWHERE, Symbol, Value, display, is_somewhere, literal, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from goldenpath.facts.shell.status import Telling
    from goldenpath.facts.shell.syntax import Command

_ANY: Final = ""
"""The name of whatever variable."""

Ending: TypeAlias = Literal["", "failed", "left", "returned", "broken", "continued"]
"""How a way through a script stopped: the script failed, it was left, or a function, loop or turn of it was."""


class Place(Struct, frozen=True):
    """Where a command stands.

    `condition`: the atoms that guard it. `dead`: it certainly does not run. `heeded`: its failure stops a shell under
    `set -e`. `tail`: its status is that of its shell. `fails`: the failure of its shell fails the script.
    `in_group`: whether its shell is that of a `( … )`. `behind`: the commands that have to succeed for it to be reached
    (`a && b`), but for those that ask. `stdout`: the file that it writes to, None for the log. `stdin`,
    `stdin_from`: the text, and the command, it reads.
    """

    condition: Atoms = NONE
    dead: bool = False
    heeded: bool = True
    tail: bool = True
    fails: bool = True
    substitution: int = 0
    in_group: bool = False
    behind: tuple[int, ...] = ()
    stdout: Value | None = None
    stdin: Value | None = None
    stdin_from: int | None = None

    def guarded(self, atoms: Atoms) -> Place:
        """Return the same place behind some more conditions."""
        return replace(self, condition=together(self.condition, atoms)) if atoms else self

    def inner(self) -> Place:
        """Return a place from which more commands follow."""
        return replace(self, tail=False) if self.tail else self

    def after(self, accidents: tuple[int, ...]) -> Place:
        """Return the same place behind some commands that have to succeed."""
        return replace(self, behind=ends_of((*self.behind, *accidents))) if accidents else self

    def asked(self) -> Place:
        """Return a place where failure is an answer, not an error."""
        return replace(self, heeded=False, tail=False)

    def shell(self, *, errexit: bool) -> Place:
        """Return the place of the body of a subshell that stands here."""
        return replace(self, tail=True, fails=self.fatal(errexit=errexit), in_group=False)

    def fatal(self, *, errexit: bool) -> bool:
        """Tell whether the script fails when a command fails here."""
        return self.fails and ((self.heeded and errexit) or self.tail)


def ends_of(commands: tuple[int, ...]) -> tuple[int, ...]:
    """Return the first of some commands, and the last: those of a long list fail alike."""
    half = _MOST_BEHIND // 2
    return commands if len(commands) <= _MOST_BEHIND else (*commands[:half], *commands[-half:])


_MOST_BEHIND: Final = 32
"""Commands that are remembered of those that have to succeed for another one to be reached."""


def length_of(name: str) -> str:
    """Return the name of the variable that keeps how many items an array has."""
    return f"#{name}"


Function: TypeAlias = "tuple[Command, Any, Any]"
"""The body of a function, and where it is written."""


class Trap(NamedTuple):
    """What is run at a signal, none for the end of the shell.

    `after`: the commands whose failure did not let it come to that, None where it may not have been set.
    """

    text: Value
    signal: str
    after: frozenset[int] | None


class Left(Struct, frozen=True):
    """A variable as a turn of a loop was left with it: what it was before, and its answer whichever way was taken."""

    name: str
    before: Value | None
    answer: Value | None


class State:
    """The variables, options and files of a shell.

    It goes on in a state of its own on each way that it may go, stays as it is meanwhile, and joins those ways after.
    """

    __slots__ = (
        "arrays",
        "changed",
        "doubted",
        "ended",
        "errexit",
        "exported",
        "fickle",
        "files",
        "folder",
        "folders",
        "function_guards",
        "functions",
        "guards",
        "integers",
        "last",
        "lastpipe",
        "leaving",
        "ledgers",
        "left",
        "loop_guards",
        "pipefail",
        "positional",
        "possible",
        "traps",
        "variables",
    )

    def __init__(self, variables: dict[str, Value | None], positional: tuple[Value, ...] | None) -> None:
        self.variables = Layered(variables)
        self.arrays = Layered[str, "tuple[Value, ...] | None"]()
        self.exported = Layered[str, None](dict.fromkeys(variables))
        self.integers = Layered[str, None]()
        """The variables that hold a number, so that what is assigned to them is a sum (`declare -i`)."""
        self.functions = Layered[str, Function]()
        self.positional = positional
        self.errexit = self.pipefail = self.lastpipe = False
        self.fickle = Layered[str, str]()
        self.doubted = Layered[str, None]()
        self.guards = self.function_guards = self.loop_guards = NONE
        self.ended: Ending = ""
        self.last = self.leaving = SUCCESS
        self.left: tuple[Left, ...] = ()
        self.files = Layered[Value, Value]()
        self.changed = Layered[str, None]()
        self.folder: Value = ()
        self.folders: tuple[Value, ...] = ()
        self.possible: Mapping[Symbol, frozenset[str]] = {}
        """The values that answers may still have: others have led elsewhere."""
        self.traps: tuple[Trap, ...] = ()
        self.ledgers = {name: Ledger(Layered()) for name in KEY_VALUE_FILES}

    def over(self) -> State:
        """Return a state that goes on from this one."""
        twin = State.__new__(State)
        for name in self.__slots__:
            own = getattr(self, name)
            setattr(twin, name, own.over() if isinstance(own, Layered) else own)
        twin.ledgers = {name: ledger.over() for name, ledger in self.ledgers.items()}
        return twin

    def join(self, ways: Sequence[State]) -> None:
        """Become whichever of the ways that went on from here the shell has gone; what differs becomes a symbol."""
        first = ways[0]
        self._join_variables(ways)
        for name, which in changed_in(self.functions, [way.functions for way in ways]):
            self.functions[name] = next(ways[at].functions[name] for at in which if name in ways[at].functions)
        self._join_files(ways)
        self.errexit = all(way.errexit for way in ways)
        self.pipefail = all(way.pipefail for way in ways)
        self.lastpipe = any(way.lastpipe for way in ways)
        self.enter(first.folder if all_same([way.folder for way in ways]) else (SOMEWHERE,))
        self.positional = first.positional if all_same([way.positional for way in ways]) else None
        self.traps = tuple(dict.fromkeys(trap for way in ways for trap in way.traps))
        self.possible = {
            symbol: frozenset[str]().union(*(way.possible[symbol] for way in ways))
            for symbol in first.possible
            if all(symbol in way.possible for way in ways)
        }
        if any(way.left for way in ways):
            self.left = tuple(dict.fromkeys(each for way in ways for each in way.left))
        for name in _OF_THE_FIRST:
            setattr(self, name, getattr(first, name))

    def take_left(self) -> tuple[Left, ...]:
        """Return with what the turn of a loop was left, and forget it."""
        left, self.left = self.left, ()
        return left

    def _join_variables(self, ways: Sequence[State]) -> None:
        for name, which in changed_in(self.variables, [way.variables for way in ways]):
            found = [ways[at].get(name) for at in (which if name != "PWD" else range(len(ways)))]
            self.variables[name] = found[0] if all_same(found) else one_of(found)
        for name, which in changed_in(self.arrays, [way.arrays for way in ways]):
            arrays = [ways[at].arrays.get(name) for at in which]
            self.arrays[name] = arrays[0] if all_same(arrays) else _common(name, arrays)
        for way in ways:
            self.exported.join(way.exported)
            self.integers.join(way.integers)
            self.fickle.join(way.fickle)
            self.doubted.join(way.doubted)

    def _join_files(self, ways: Sequence[State]) -> None:
        for path, which in changed_in(self.files, [way.files for way in ways]):
            texts = [ways[at].text_at(path) for at in which]
            self.files[path] = texts[0] if all_same(texts) else one_of(texts)
        for name, ledger in self.ledgers.items():
            ledger.join([way.ledgers[name] for way in ways])
        for way in ways:
            self.changed.join(way.changed)

    def adopt_files(self, child: State) -> None:
        """Keep what a subshell leaves behind: files, but no variables."""
        self._join_files([child])
        if child.ended == "failed":
            self.ended = "failed"

    def outcome(self, status: Status) -> Status:
        """Return the status of this shell, whose last command had the one given: that of `exit`, if it was left."""
        return self.leaving if self.ended in {"left", "returned"} else status

    @property
    def condition(self) -> Atoms:
        """What must be true because the script was not left before."""
        return self.guards | self.function_guards | self.loop_guards

    def get(self, name: str) -> Value | None:
        """Return a variable; None when it is certainly not set, a symbol when nothing is known of it."""
        found = self.variables.found(name)
        if found is not UNSET:
            return found
        if name == "?":
            return self.last.code
        return absolute(self.folder) if name == "PWD" else (Symbol("variable", name),)

    def assign(self, name: str, text: Value) -> None:
        """Set a variable."""
        changed = self.fickle.get(name)
        self.variables[name] = bounded_text(text) if changed is None else derived("unknown", f"{name}{changed}")
        self.doubted.pop(name)
        self.arrays.pop(name)
        self.variables.pop(length_of(name))

    def assign_array(self, name: str, items: tuple[Value, ...] | None, length: Value | None = None) -> None:
        """Set an array, and how many items it has."""
        self.arrays[name] = items
        if length is None:
            self.variables.pop(length_of(name))
        else:
            self.variables[length_of(name)] = length

    def assign_any(self) -> None:
        """Set a variable of which only a run knows which: no variable keeps an answer then, nor begins one."""
        self.doubted.update(dict.fromkeys(self.variables))
        for name, text in self.variables.items():
            if text and isinstance(text[0], Symbol) and text[0].kind in {"answer", "status"}:
                self.assign(name, derived("unknown", name))

    def with_telling(self, tells: Telling | None, *, held: bool) -> Mapping[Symbol, frozenset[str]]:
        """What answers may be once a question was answered that tells of one of them."""
        return {**self.possible, tells.symbol: tells.true if held else tells.false} if tells else self.possible

    def is_doubted(self, name: str) -> bool:
        """Tell whether a variable may have been set by what did not say that it sets this one."""
        return name in self.doubted or _ANY in self.doubted

    def let_go(self, name: str | None, how: str = "") -> None:
        """Let a variable be changed unseen from here on, as its name says then; None where only a run knows which."""
        if name is None:
            self.assign_any()
            self.doubted[_ANY] = None
            return
        self.fickle[name] = how
        if name in self.arrays:
            self.assign_array(name, None)
        else:
            self.assign(name, ())

    def append(self, path: Value, text: Value) -> None:
        """Write to the end of a file."""
        runner = runner_file(path)
        if runner in self.ledgers:
            self.ledgers[runner].write(text)
        elif path != ("/dev/null",):
            self.change(path)
            at = path_from(self.folder, path)
            before = () if runner and at not in self.files else self.text_at(at)
            self.files[at] = bounded_text(value(before, text))

    def truncate(self, path: Value) -> None:
        """Empty a file."""
        runner = runner_file(path)
        if runner in self.ledgers:
            self.ledgers[runner].clear()
        elif path != ("/dev/null",):
            self.change(path)
            self.files[path_from(self.folder, path)] = ()

    def change(self, path: Value) -> None:
        """Remember that a file, or something in a folder, is no longer what it was; the empty path stands for all."""
        known = literal(path_from(self.folder, path))
        if known is not None and not known.startswith(("/", "~", "..")):
            self.changed[known] = None

    def spoil(self, path: Value) -> None:
        """Let a program change a file, or what is in a folder, so that nothing is known of it any more.

        What git brings into the work tree leaves the files alone that it does not keep.
        """
        self.change(path)
        at = path_from(self.folder, path)
        folder = literal(at)
        for each in list(self.files) if path else ():
            known = literal(each)
            if each[: len(at)] == at if folder is None else known is not None and is_within(known, folder):
                self.files[each] = derived("unknown", f"{display(each)} by another program")

    def read(self, path: Value) -> Value:
        """Return what is known of a file."""
        return self.text_at(path_from(self.folder, path))

    def text_at(self, path: Value) -> Value:
        """Return what is known of a file, by its path as seen from the workspace."""
        if path == ("/dev/null",):
            return ()
        return self.files[path] if path in self.files else (Symbol("file", display(path)),)

    def enter(self, folder: Value) -> None:
        """Go into a folder; what stands in one of which nobody knows which it is need not stand in another one."""
        self.folder = folder
        if is_somewhere(folder):
            for path in [each for each in self.files if is_somewhere(each)]:
                self.files.pop(path)


_OF_THE_FIRST: Final = ("ended", "folders", "function_guards", "guards", "last", "leaving", "loop_guards")
"""What a state has of the first way that it joins: whoever joins them says better."""


def _common(name: str, arrays: list[tuple[Value, ...] | None]) -> tuple[Value, ...] | None:
    """Return with what several arrays begin, and that there may be more."""
    if any(items is None for items in arrays):
        return None
    columns = zip(*(items or () for items in arrays), strict=False)
    start = tuple(column[0] for column in takewhile(all_same, columns))
    return (*start, derived("array", name)) if start else None
