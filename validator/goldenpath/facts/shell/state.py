"""What a shell knows while a script is followed, and how two ways through it are brought together."""

from __future__ import annotations

import posixpath
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.shell.text import derived, lines_of
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from goldenpath.facts.shell.syntax import Command

KEY_VALUE_FILES: Final = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STATE")
"""Files of the runner that hold `key=value` lines."""

RUNNER_FILES: Final = (*KEY_VALUE_FILES, "GITHUB_PATH", "GITHUB_STEP_SUMMARY")

_MAX_TEXT: Final = 1 << 16
_MAX_PARTS: Final = 1 << 10

_UNKNOWN_FOLDER: Final[Value] = (Symbol("unknown", "folder"),)

_K = TypeVar("_K")

Ending: TypeAlias = Literal["", "failed", "left", "returned", "broken", "continued"]
"""How a way through a script stopped: the script failed, it was left, or a function, loop or turn of it was."""

Atoms: TypeAlias = frozenset[str]
NONE: Final[Atoms] = frozenset()


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
        return replace(self, condition=self.condition | atoms) if atoms else self

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
        """What `$?` is then: a symbol that names the commands to blame, where they are known."""
        if self.known:
            return ("0",)
        if self.known is False:
            return (Symbol("status", FAILED),)
        if self.blame_true or not self.blame_false:
            return (Symbol("variable", "?"),)
        return (Symbol("status", " ".join(["asked"] * self.question + [str(index) for index in self.blame_false])),)


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


def not_all(atoms: Atoms) -> Atoms:
    """Return what holds when some of the atoms do not."""
    return frozenset({negation(conjunction(atoms))}) if atoms else NONE


def both(one: Status, other: Status) -> Status:
    """Return the status of `one && other`."""
    if one.known is False or other.known is False:
        known: bool | None = False
    else:
        known = True if one.known and other.known else None
    when_true = one.when_true | other.when_true
    blame = one.blame_false + other.blame_false
    return Status(known, when_true, not_all(when_true), blame, (), one.question or other.question)


def either(one: Status, other: Status) -> Status:
    """Return the status of `one || other`."""
    return both(one.negated(), other.negated()).negated()


class Ledger(Struct):
    """The `key=value` lines of a file of the runner, and what has been written of a line that is not complete."""

    entries: dict[str, Value]
    pending: Value = ()
    unclear: bool = False

    def write(self, text: Value) -> None:
        """Append text; lines of which only a run will know the key make it unclear."""
        lines, rest = lines_of(value(self.pending, text))
        at = 0
        while at < len(lines):
            taken = self._take(lines, at)
            if not taken:
                rest = value(*(part for line in lines[at:] for part in (line, "\n")), rest)
                break
            at += taken
        self.pending = bounded_text(rest)

    def finish(self) -> None:
        """Take what was written last for a complete line."""
        if self.pending:
            self.write(("\n",))
            self.unclear = self.unclear or bool(self.pending)
            self.pending = ()

    def _take(self, lines: list[Value], at: int) -> int:
        """Read the entry that begins at a line; returns how many lines it has, 0 when its end is not written yet."""
        line = lines[at]
        head = line[0] if line and isinstance(line[0], str) else ""
        equals, here = head.find("="), head.find("<<")
        if here >= 0 and (equals < 0 or here < equals):
            delimiter = value(head[here + 2 :], *line[1:])
            end = next((i for i in range(at + 1, len(lines)) if lines[i] == delimiter), 0)
            if end:
                joined = value(*(part for each in lines[at + 1 : end] for part in (each, "\n")))
                self.entries[head[:here]] = _without_newline(joined)
            return end + 1 - at if end else 0
        if equals >= 0:
            self.entries[head[:equals]] = value(head[equals + 1 :], *line[1:])
        elif literal(line) is None:
            self.unclear = True
        return 1


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


class State:
    """The variables, options and files of a shell. Copied for each way that it may go, and merged after."""

    __slots__ = (
        "arrays",
        "changed",
        "ended",
        "errexit",
        "exported",
        "files",
        "folder",
        "folders",
        "function_guards",
        "functions",
        "guards",
        "last",
        "leaving",
        "ledgers",
        "loop_guards",
        "pipefail",
        "positional",
        "traps",
        "variables",
    )

    def __init__(self, variables: dict[str, Value | None], positional: tuple[Value, ...] | None) -> None:
        self.variables = variables
        self.arrays: dict[str, tuple[Value, ...] | None] = {}
        self.exported = set(variables)
        self.functions: dict[str, Function] = {}
        self.positional = positional
        self.errexit = self.pipefail = False
        self.guards = self.function_guards = self.loop_guards = NONE
        self.ended: Ending = ""
        self.last = self.leaving = SUCCESS
        self.files: dict[Value, Value] = {}
        self.changed: frozenset[str] = frozenset()
        self.folder: Value = ()
        self.folders: tuple[Value, ...] = ()
        self.traps: tuple[tuple[Value, str], ...] = ()
        self.ledgers = {name: Ledger({}) for name in KEY_VALUE_FILES}

    def copy(self) -> State:
        """Return a state that may change without this one."""
        twin = State.__new__(State)
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.variables, twin.arrays, twin.files = dict(self.variables), dict(self.arrays), dict(self.files)
        twin.exported, twin.functions = set(self.exported), dict(self.functions)
        twin.ledgers = {name: Ledger(dict(it.entries), it.pending, it.unclear) for name, it in self.ledgers.items()}
        return twin

    def adopt(self, other: State) -> None:
        """Become another state."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    def adopt_files(self, child: State) -> None:
        """Keep what a subshell leaves behind: files, but no variables."""
        self.files, self.ledgers, self.changed = child.files, child.ledgers, child.changed
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
        if name in self.variables:
            return self.variables[name]
        if name == "?":
            return self.last.code
        return absolute(self.folder) if name == "PWD" else (Symbol("variable", name),)

    def assign(self, name: str, text: Value) -> None:
        """Set a variable."""
        self.variables[name] = bounded_text(text)
        self.arrays.pop(name, None)

    def append(self, path: Value, text: Value) -> None:
        """Write to the end of a file."""
        runner = runner_file(path)
        if runner in self.ledgers:
            self.ledgers[runner].write(text)
        elif path != ("/dev/null",):
            self.change(path)
            before = self.files.get(path, () if runner else (Symbol("file", display(path)),))
            self.files[path] = bounded_text(value(before, text))

    def truncate(self, path: Value) -> None:
        """Empty a file."""
        runner = runner_file(path)
        if runner in self.ledgers:
            self.ledgers[runner] = Ledger({})
        elif path != ("/dev/null",):
            self.change(path)
            self.files[path] = ()

    def change(self, path: Value) -> None:
        """Remember that a file, or something in a folder, is no longer what it was; the empty path stands for all."""
        known = literal(path_from(self.folder, path))
        if known is not None and not known.startswith(("/", "~", "..")):
            self.changed |= {known}

    def read(self, path: Value) -> Value:
        """Return what is known of a file."""
        if path == ("/dev/null",):
            return ()
        return self.files.get(path, (Symbol("file", display(path)),))


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


def merged(states: list[State]) -> State:
    """Return what holds whichever of the states the shell is in; what differs becomes a symbol."""
    first = states[0]
    if len(states) == 1:
        return first
    result = first.copy()
    for name in _keys(state.variables for state in states):
        found = [state.get(name) for state in states]
        result.variables[name] = found[0] if _all_same(found) else _one_of(found)
    for name in _keys(state.arrays for state in states):
        arrays = [state.arrays.get(name) for state in states]
        result.arrays[name] = arrays[0] if _all_same(arrays) else _common(name, arrays)
    for path in _keys(state.files for state in states):
        texts = [state.read(path) for state in states]
        result.files[path] = texts[0] if _all_same(texts) else _one_of(texts)
    for name in KEY_VALUE_FILES:
        result.ledgers[name] = _merged_ledgers([state.ledgers[name] for state in states])
    result.exported = set[str]().union(*(state.exported for state in states))
    result.functions = {name: body for state in reversed(states) for name, body in state.functions.items()}
    result.errexit = all(state.errexit for state in states)
    result.pipefail = all(state.pipefail for state in states)
    result.changed = frozenset().union(*(state.changed for state in states))
    result.folder = first.folder if _all_same([state.folder for state in states]) else _UNKNOWN_FOLDER
    result.traps = tuple(dict.fromkeys(trap for state in states for trap in state.traps))
    result.positional = first.positional if _all_same([state.positional for state in states]) else None
    return result


def _merged_ledgers(ledgers: list[Ledger]) -> Ledger:
    if not _all_same([ledger.pending for ledger in ledgers]):
        for ledger in ledgers:
            ledger.finish()
    entries: dict[str, Value] = {}
    for key in _keys(ledger.entries for ledger in ledgers):
        found = [ledger.entries.get(key) for ledger in ledgers]
        only = found[0]
        entries[key] = only if only is not None and _all_same(found) else _one_of(found)
    return Ledger(entries, ledgers[0].pending, any(ledger.unclear for ledger in ledgers))


def _keys(mappings: Iterable[Mapping[_K, object]]) -> list[_K]:
    return list(dict.fromkeys(key for mapping in mappings for key in mapping))


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
