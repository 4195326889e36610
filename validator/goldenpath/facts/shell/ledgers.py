"""Files of the runner, and what a script writes to those that hold `key=value` lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.shell.layers import Layered, all_same, changed_in
from goldenpath.facts.shell.text import MAX_PARTS, bounded_text, lines_of, one_of
from goldenpath.facts.values import Symbol, Value, head, literal, value

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_VALUE_FILES: Final = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STATE")
"""Files of the runner that hold `key=value` lines."""

RUNNER_FILES: Final = (*KEY_VALUE_FILES, "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


class _Block(Struct, frozen=True):
    """`key<<delimiter`, and the lines that have been written after it."""

    key: str
    delimiter: Value
    lines: tuple[Value, ...] = ()

    def before_end(self, line: Value) -> Value | None:
        """What stands in a line before the delimiter: what a command has printed ends with a line of its own."""
        at = len(line) - len(self.delimiter)
        if at < 0 or line[at:] != self.delimiter:
            return None
        return line[:at] if at == 0 or (self.delimiter and isinstance(line[at - 1], Symbol)) else None

    def with_line(self, line: Value) -> _Block:
        """Return the block with one more line; of many, those before are one text."""
        before = self.lines if len(self.lines) < MAX_PARTS else (bounded_text(value(*self.lines)),)
        return replace(self, lines=(*before, value(line, "\n")))


class Ledger(Struct):
    """The `key=value` lines of a file of the runner, and what has been written of a line or block not complete.

    `unclear` are the lines of which only a run knows the key.
    """

    entries: Layered[str, Value]
    pending: Value = ()
    block: _Block | None = None
    unclear: tuple[Value, ...] = ()

    def over(self) -> Ledger:
        """Return a ledger that goes on from this one."""
        return Ledger(self.entries.over(), self.pending, self.block, self.unclear)

    def clear(self) -> None:
        """Forget what has been written."""
        self.entries.clear()
        self.pending, self.block, self.unclear = (), None, ()

    def join(self, ways: Sequence[Ledger]) -> None:
        """Become whichever of the ledgers that went on from here has been written."""
        if not all_same([(way.pending, way.block) for way in ways]):
            for way in ways:
                way.finish()
        for key, which in changed_in(self.entries, [way.entries for way in ways]):
            found = [ways[at].entries.get(key) for at in which]
            only = found[0]
            self.entries[key] = only if only is not None and all_same(found) else one_of(found)
        self.pending, self.block = ways[0].pending, ways[0].block
        self.unclear = tuple(dict.fromkeys(line for way in ways for line in way.unclear))[:MAX_PARTS]

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
        if self.block is not None:
            self._miss(value(self.block.key, *self.block.lines))
        self.block = None

    def _miss(self, line: Value) -> None:
        """Remember a line, of many only that there are others."""
        if len(self.unclear) < MAX_PARTS:
            self.unclear = (*self.unclear, line)

    def _take(self, line: Value) -> None:
        """Read a line: an entry, or a part of a block."""
        if self.block is not None:
            last = self.block.before_end(line)
            if last is None:
                self.block = self.block.with_line(line)
                return
            self.block = self.block.with_line(last) if last else self.block
            self.entries[self.block.key] = _without_newline(value(*self.block.lines))
            self.block = None
            return
        start = head(line)
        equals, here = start.find("="), start.find("<<")
        if here >= 0 and (equals < 0 or here < equals):
            self.block = _Block(start[:here], value(start[here + 2 :], *line[1:]))
        elif equals >= 0:
            self.entries[start[:equals]] = value(start[equals + 1 :], *line[1:])
        elif literal(line) is None:
            self._miss(line)


def _without_newline(text: Value) -> Value:
    last = text[-1] if text else ""
    return value(*text[:-1], last.removesuffix("\n")) if isinstance(last, str) else text


def runner_file(path: Value) -> str:
    """Return the variable that names a file of the runner, empty for any other file."""
    symbol = path[0] if len(path) == 1 else ""
    return symbol.name if isinstance(symbol, Symbol) and symbol.kind == "file" and symbol.name in RUNNER_FILES else ""
