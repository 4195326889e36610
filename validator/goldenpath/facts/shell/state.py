"""What a shell knows while a script is followed, and how two ways through it are brought together."""

from __future__ import annotations

import posixpath
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from msgspec import UNSET, Struct
from msgspec.structs import replace

from goldenpath.facts.shell.layers import Layered
from goldenpath.facts.shell.text import bounded, derived, lines_of
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.facts.shell.syntax import Command

KEY_VALUE_FILES: Final = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STATE")
"""Files of the runner that hold `key=value` lines."""

RUNNER_FILES: Final = (*KEY_VALUE_FILES, "GITHUB_PATH", "GITHUB_STEP_SUMMARY")

_MAX_TEXT: Final = 1 << 16
_MAX_PARTS: Final = 1 << 10

_ANY: Final = ""
"""The name of whatever variable."""

SOMEWHERE: Final = Symbol("unknown", "folder")
"""A folder of which nobody knows which it is."""

_K = TypeVar("_K")
_V = TypeVar("_V")

Ending: TypeAlias = Literal["", "failed", "left", "returned", "broken", "continued"]
"""How a way through a script stopped: the script failed, it was left, or a function, loop or turn of it was."""

Atoms: TypeAlias = frozenset[str]
NONE: Final[Atoms] = frozenset()

_MAX_ATOMS: Final = 32
"""Conditions that are kept apart; more of them are said as one, so that what each command adds to costs the same."""


class Place(Struct, frozen=True):
    """Where a command stands.

    `condition`: the atoms that guard it. `dead`: it certainly does not run. `heeded`: its failure stops a shell under
    `set -e`. `tail`: its status is that of its shell. `fails`: the failure of its shell fails the script.
    `stdout`: the file that it writes to, None for the log. `stdin`, `stdin_from`: the text, and the command, it reads.
    """

    condition: Atoms = NONE
    dead: bool = False
    heeded: bool = True
    tail: bool = True
    fails: bool = True
    substitution: bool = False
    stdout: Value | None = None
    stdin: Value | None = None
    stdin_from: int | None = None

    def guarded(self, atoms: Atoms) -> Place:
        """Return the same place behind some more conditions."""
        return replace(self, condition=together(self.condition, atoms)) if atoms else self

    def inner(self) -> Place:
        """Return a place from which more commands follow."""
        return replace(self, tail=False) if self.tail else self

    def asked(self) -> Place:
        """Return a place where failure is an answer, not an error."""
        return replace(self, heeded=False, tail=False)

    def shell(self, *, errexit: bool) -> Place:
        """Return the place of the body of a subshell that stands here."""
        return replace(self, tail=True, fails=self.fatal(errexit=errexit))

    def fatal(self, *, errexit: bool) -> bool:
        """Tell whether the script fails when a command fails here."""
        return self.fails and ((self.heeded and errexit) or self.tail)


class Status(Struct, frozen=True):
    """Whether a command succeeds.

    `known`: decided or None. `when_true`, `when_false`: the atoms that hold then. `blame_false`, `blame_true`: the
    commands whose failure alone makes it so. `question`: whether the command asks rather than acts, so that its failure
    is no accident.
    """

    known: bool | None = True
    when_true: Atoms = NONE
    when_false: Atoms = NONE
    blame_false: tuple[int, ...] = ()
    blame_true: tuple[int, ...] = ()
    question: bool = False

    def negated(self) -> Status:
        """Return the status after `!`."""
        known = None if self.known is None else not self.known
        return Status(known, self.when_false, self.when_true, self.blame_true, self.blame_false, self.question)

    @property
    def code(self) -> Value:
        """What `$?` is then: a symbol that names the commands to blame (`3? 5`: 3 only asks), where they are known."""
        if self.known:
            return ("0",)
        if self.known is False:
            return (Symbol("status", FAILED),)
        if self.blame_true or not self.blame_false:
            return (Symbol("variable", "?"),)
        return (Symbol("status", " ".join(f"{index}{'?' * self.question}" for index in self.blame_false)),)


FAILED: Final = "failed"
"""How the status of a command is called that has failed, with whatever number."""

SUCCESS: Final = Status()
FAILURE: Final = Status(known=False)


def asked(text: str) -> Status:
    """Return the status of a question that only a run answers."""
    return Status(None, frozenset({text}), frozenset({negation(text)}), question=True)


def negation(text: str) -> str:
    """Write the opposite of an atom."""
    if text.startswith("!(") and _is_closed(text[1:]):
        return text[2:-1]
    if text.startswith("!") and " && " not in text and " || " not in text:
        return text[1:]
    for one, other in ((" == ", " != "), (" != ", " == ")):
        if text.count(one) == 1 and " && " not in text and " || " not in text:
            return text.replace(one, other)
    return f"!({text})"


def _is_closed(text: str) -> bool:
    """Whether the parenthesis with which a text begins is closed at its end, and not before."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return at == len(text) - 1
    return False


def conjunction(atoms: Atoms) -> str:
    """Write several atoms as one."""
    return " && ".join(f"({atom})" if " || " in atom or " && " in atom else atom for atom in sorted(atoms))


def together(one: Atoms, other: Atoms) -> Atoms:
    """Return what holds where both do."""
    atoms = one | other
    return atoms if len(atoms) <= _MAX_ATOMS else frozenset({bounded(conjunction(atoms))})


def not_all(atoms: Atoms) -> Atoms:
    """Return what holds when some of the atoms do not."""
    return frozenset({negation(conjunction(atoms))}) if atoms else NONE


def both(one: Status, other: Status) -> Status:
    """Return the status of `one && other`."""
    if one.known is False or other.known is False:
        known: bool | None = False
    else:
        known = True if one.known and other.known else None
    when_true = together(one.when_true, other.when_true)
    blame = one.blame_false + other.blame_false
    return Status(known, when_true, not_all(when_true), blame, (), one.question or other.question)


def either(one: Status, other: Status) -> Status:
    """Return the status of `one || other`."""
    return both(one.negated(), other.negated()).negated()


class _Block(Struct, frozen=True):
    """`key<<delimiter`, and the lines that have been written after it."""

    key: str
    delimiter: Value
    lines: tuple[Value, ...] = ()

    def with_line(self, line: Value) -> _Block:
        """Return the block with one more line; of many, those before are one text."""
        before = self.lines if len(self.lines) < _MAX_PARTS else (bounded_text(value(*self.lines)),)
        return replace(self, lines=(*before, value(line, "\n")))


class Ledger(Struct):
    """The `key=value` lines of a file of the runner, and what has been written of a line or block not complete."""

    entries: Layered[str, Value]
    pending: Value = ()
    block: _Block | None = None
    unclear: bool = False

    def over(self) -> Ledger:
        """Return a ledger that goes on from this one."""
        return Ledger(self.entries.over(), self.pending, self.block, self.unclear)

    def clear(self) -> None:
        """Forget what has been written."""
        self.entries.clear()
        self.pending, self.block, self.unclear = (), None, False

    def join(self, ways: Sequence[Ledger]) -> None:
        """Become whichever of the ledgers that went on from here has been written."""
        if not _all_same([(way.pending, way.block) for way in ways]):
            for way in ways:
                way.finish()
        for key, which in _changed(self.entries, [way.entries for way in ways]):
            found = [ways[at].entries.get(key) for at in which]
            only = found[0]
            self.entries[key] = only if only is not None and _all_same(found) else _one_of(found)
        self.pending, self.block = ways[0].pending, ways[0].block
        self.unclear = any(way.unclear for way in ways)

    def write(self, text: Value) -> None:
        """Append text; lines of which only a run will know the key make it unclear."""
        lines, rest = lines_of(value(self.pending, text))
        for line in lines:
            self._take(line)
        self.pending = bounded_text(rest)

    def finish(self) -> None:
        """Take what was written last for a complete line."""
        if self.pending:
            self.write(("\n",))
        self.unclear = self.unclear or self.block is not None
        self.block = None

    def _take(self, line: Value) -> None:
        """Read a line: an entry, or a part of a block."""
        if self.block is not None:
            if line != self.block.delimiter:
                self.block = self.block.with_line(line)
                return
            self.entries[self.block.key] = _without_newline(value(*self.block.lines))
            self.block = None
            return
        head = line[0] if line and isinstance(line[0], str) else ""
        equals, here = head.find("="), head.find("<<")
        if here >= 0 and (equals < 0 or here < equals):
            self.block = _Block(head[:here], value(head[here + 2 :], *line[1:]))
        elif equals >= 0:
            self.entries[head[:equals]] = value(head[equals + 1 :], *line[1:])
        elif literal(line) is None:
            self.unclear = True


def _without_newline(text: Value) -> Value:
    last = text[-1] if text else ""
    return value(*text[:-1], last.removesuffix("\n")) if isinstance(last, str) else text


def bounded_text(text: Value) -> Value:
    """Return a text, or a symbol for one that grew beyond all use."""
    if len(text) <= _MAX_PARTS and sum(len(part) for part in text if isinstance(part, str)) <= _MAX_TEXT:
        return text
    return derived("unknown", display(text))


Function: TypeAlias = "tuple[Command, Any, Any]"
"""The body of a function, and where it is written."""


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
        "last",
        "lastpipe",
        "leaving",
        "ledgers",
        "left",
        "loop_guards",
        "pipefail",
        "positional",
        "traps",
        "variables",
    )

    def __init__(self, variables: dict[str, Value | None], positional: tuple[Value, ...] | None) -> None:
        self.variables = Layered(variables)
        self.arrays = Layered[str, "tuple[Value, ...] | None"]()
        self.exported = Layered[str, None](dict.fromkeys(variables))
        self.functions = Layered[str, Function]()
        self.positional = positional
        self.errexit = self.pipefail = self.lastpipe = False
        self.fickle = Layered[str, None]()
        self.doubted = Layered[str, None]()
        self.guards = self.function_guards = self.loop_guards = NONE
        self.ended: Ending = ""
        self.last = self.leaving = SUCCESS
        self.left: tuple[Left, ...] = ()
        self.files = Layered[Value, Value]()
        self.changed = Layered[str, None]()
        self.folder: Value = ()
        self.folders: tuple[Value, ...] = ()
        self.traps: tuple[tuple[Value, str], ...] = ()
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
        for name, which in _changed(self.functions, [way.functions for way in ways]):
            self.functions[name] = next(ways[at].functions[name] for at in which if name in ways[at].functions)
        self._join_files(ways)
        self.errexit = all(way.errexit for way in ways)
        self.pipefail = all(way.pipefail for way in ways)
        self.lastpipe = any(way.lastpipe for way in ways)
        self.enter(first.folder if _all_same([way.folder for way in ways]) else (SOMEWHERE,))
        self.positional = first.positional if _all_same([way.positional for way in ways]) else None
        self.traps = tuple(dict.fromkeys(trap for way in ways for trap in way.traps))
        if any(way.left for way in ways):
            self.left = tuple(dict.fromkeys(each for way in ways for each in way.left))
        for name in _OF_THE_FIRST:
            setattr(self, name, getattr(first, name))

    def take_left(self) -> tuple[Left, ...]:
        """Return with what the turn of a loop was left, and forget it."""
        left, self.left = self.left, ()
        return left

    def _join_variables(self, ways: Sequence[State]) -> None:
        for name, which in _changed(self.variables, [way.variables for way in ways]):
            found = [ways[at].get(name) for at in (which if name != "PWD" else range(len(ways)))]
            self.variables[name] = found[0] if _all_same(found) else _one_of(found)
        for name, which in _changed(self.arrays, [way.arrays for way in ways]):
            arrays = [ways[at].arrays.get(name) for at in which]
            self.arrays[name] = arrays[0] if _all_same(arrays) else _common(name, arrays)
        for way in ways:
            self.exported.join(way.exported)
            self.fickle.join(way.fickle)
            self.doubted.join(way.doubted)

    def _join_files(self, ways: Sequence[State]) -> None:
        for path, which in _changed(self.files, [way.files for way in ways]):
            texts = [ways[at].text_at(path) for at in which]
            self.files[path] = texts[0] if _all_same(texts) else _one_of(texts)
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
        self.variables[name] = derived("unknown", name) if name in self.fickle else bounded_text(text)
        self.doubted.pop(name)
        self.arrays.pop(name)

    def assign_any(self) -> None:
        """Set a variable of which only a run knows which: no variable keeps an answer then, nor begins one."""
        self.doubted.update(dict.fromkeys(self.variables))
        for name, text in self.variables.items():
            if text and isinstance(text[0], Symbol) and text[0].kind in {"answer", "status"}:
                self.assign(name, derived("unknown", name))

    def is_doubted(self, name: str) -> bool:
        """Tell whether a variable may have been set by what did not say that it sets this one."""
        return name in self.doubted or _ANY in self.doubted

    def let_go(self, name: str | None) -> None:
        """Let a variable be changed unseen from here on; None where only a run knows which."""
        if name is None:
            self.assign_any()
            self.doubted[_ANY] = None
            return
        self.fickle[name] = None
        if name in self.arrays:
            self.arrays[name] = None
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


WORKSPACE: Final = Symbol("variable", "GITHUB_WORKSPACE")
WORKSPACES: Final = frozenset({
    WORKSPACE, Symbol("unknown", "github.workspace"), Symbol("gitlab", "CI_PROJECT_DIR"),
})  # fmt: skip


def path_from(folder: Value, path: Value) -> Value:
    """Return a path as seen from the workspace, given the folder in which it is used; empty for the workspace itself.

    A path that leads out of the workspace stays as it is: absolute, with `..`, or with a symbol at its beginning.
    """
    if path and path[0] in WORKSPACES:
        rest = value(*path[1:])
        path, folder = _tail_of(rest), ()
    elif path and (isinstance(path[0], Symbol) or path[0].startswith(("/", "~"))):
        return path
    known, base = literal(path), literal(folder)
    if known is not None and base is not None:
        joined = posixpath.normpath(posixpath.join(base, known) or ".")
        return value("" if joined == "." else joined)
    return value(folder, "/", path) if folder and path else folder or path


def is_somewhere(path: Value) -> bool:
    """Tell whether a path leads to, or into, a folder of which nobody knows which it is."""
    return path[:1] == (SOMEWHERE,)


def is_within(path: str, folder: str) -> bool:
    """Tell whether a path is a folder, or lies in it; all do in the empty one."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def absolute(folder: Value) -> Value:
    """Return a folder as `pwd` prints it."""
    outside = bool(folder) and (isinstance(folder[0], Symbol) or folder[0].startswith(("/", "~")))
    return folder if outside else value(WORKSPACE, "/", folder) if folder else (WORKSPACE,)


def _tail_of(path: Value) -> Value:
    return value(path[0].lstrip("/"), *path[1:]) if path and isinstance(path[0], str) else path


def runner_file(path: Value) -> str:
    """Return the variable that names a file of the runner, empty for any other file."""
    symbol = path[0] if len(path) == 1 else ""
    return symbol.name if isinstance(symbol, Symbol) and symbol.kind == "file" and symbol.name in RUNNER_FILES else ""


_OF_THE_FIRST: Final = ("ended", "folders", "function_guards", "guards", "last", "leaving", "loop_guards")
"""What a state has of the first way that it joins: whoever joins them says better."""


def _changed(own: Layered[_K, _V], ways: Sequence[Layered[_K, _V]]) -> Iterator[tuple[_K, list[int]]]:
    """What the ways that went on from a mapping have changed, and in which of them to look for it, in their order.

    These are those that have changed it, and one of the others, in all of which it is what it was. What is in none of
    them any more is taken away.
    """
    found: dict[_K, list[int]] = {}
    for at, way in enumerate(ways):
        for key in way.own:
            found.setdefault(key, []).append(at)
    for key, which in found.items():
        if len(which) < len(ways):
            other = next((at for at, each in enumerate(which) if at != each), len(which))
            which.insert(other, other)
        if any(key in ways[at] for at in which):
            yield key, which
        else:
            own.pop(key)


def _common(name: str, arrays: list[tuple[Value, ...] | None]) -> tuple[Value, ...] | None:
    """Return with what several arrays begin, and that there may be more."""
    if any(items is None for items in arrays):
        return None
    columns = zip(*(items or () for items in arrays), strict=False)
    start = tuple(column[0] for column in takewhile(_all_same, columns))
    return (*start, derived("array", name)) if start else None


def _all_same(items: Sequence[object]) -> bool:
    return all(item == items[0] for item in items)


def _one_of(values: Sequence[Value | None]) -> Value:
    """Return a symbol for a value that is one of several."""
    texts = {"unset" if each is None else f"'{display(each)}'" for each in values}
    return derived("unknown", " or ".join(sorted(texts)))
