"""What a task is made of, whatever tool runs it."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import Struct

from goldenpath.facts.comments import without_comments
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, head, literal, shown, value

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    Read: TypeAlias = Callable[[str], str | None]

MAX_TASKS = 200
"""Most tasks that one command leads to."""


class Script(Struct, frozen=True):
    """Commands that a tool hands to a shell, and where they are written (line from 1).

    `shell` is what runs them, as GitHub writes it; `heeded` says that their failure is one of the task.
    """

    text: Value
    path: str
    line: int
    folder: str
    shell: str = "sh -e {0}"
    heeded: bool = True


class Task(Struct, frozen=True):
    """The scripts that a command leads to, in order, and why there may be more or others (`unseen`)."""

    scripts: tuple[Script, ...] = ()
    unseen: str = ""


class Arguments:
    """The words of a command: options with their values, and the rest, as far as they are known."""

    def __init__(self, words: tuple[Value, ...], takes: frozenset[str] = frozenset()) -> None:
        """Tell options from others; those in `takes` are followed by a value."""
        self.options: dict[str, list[str]] = {}
        self.rest: list[str] = []
        self.values: list[Value] = []
        """The same as `rest`, as far as they are known."""
        self.behind: list[str] | None = None
        """What stands behind `--`."""
        self.unclear = any(literal(word) is None for word in words)
        pending = ""
        for each in words:
            word = shown(each)
            if self.behind is not None:
                self.behind.append(word)
            elif pending:
                self.options.setdefault(pending, []).append(word)
                pending = ""
            elif word == "--":
                self.behind = []
            elif word.startswith("-"):
                name, _, given = word.partition("=")
                if name in takes and not given:
                    pending = name
                else:
                    self.options.setdefault(name, []).append(given)
            else:
                self.rest.append(word)
                self.values.append(each)

    def has(self, *names: str) -> bool:
        """Whether one of these options is there."""
        return not self.options.keys().isdisjoint(names)

    def of(self, *names: str) -> list[str]:
        """The values of these options."""
        return [each for name in names for each in self.options.get(name, [])]


def is_told(word: Value) -> bool:
    """Whether a word is surely one, and no option, though a run says a part of it: a tag, a commit, a name."""
    symbols = [part for part in word if isinstance(part, Symbol)]
    begun = bool(head(word)) and not head(word).startswith("-")
    return all(_ONE_WORD.fullmatch(f"{each.kind} {each.name}") or (begun and each.kind == "output") for each in symbols)


_ONE_WORD = regex(
    r"github (tag|sha|ref|ref_name|repository(_owner)?|run_(id|number|attempt)|actor|event\.release\.tag_name)"
    r"|gitlab CI_(COMMIT_(TAG|SHA|SHORT_SHA|REF_NAME|REF_SLUG)|REGISTRY(_IMAGE)?|PROJECT_(ID|PATH|NAME)|PIPELINE_I?ID)"
    r"|(digest|matrix) .*"
)


def filled(text: str, pattern: re.Pattern[str], meaning: Callable[[str], str | Value | None], tool: str) -> Value:
    """A text in which each place that the pattern finds is replaced by what its first group means.

    What has no meaning that is known becomes a symbol.
    """
    parts: list[str | Symbol | Value] = []
    end = 0
    for match in pattern.finditer(text):
        known = meaning(match[1].strip())
        parts += [text[end : match.start()], Symbol("unknown", f"{tool} {match[0]}") if known is None else known]
        end = match.end()
    return value(*parts, text[end:])


def quoted(word: Value) -> Value:
    """A word as one can write it in a script."""
    return value(*(shlex.quote(part) if isinstance(part, str) else value('"', part, '"') for part in word))


_LAST_COMMA = regex(r'("(?:[^"\\\n]|\\.)*"?)|,(?=\s*[}\]])')


def relaxed(text: str) -> dict[str, Any]:
    """An object in JSON that may have comments, and a comma at an end; empty where it is none."""
    plain = _LAST_COMMA.sub(lambda found: found[1] or "", without_comments(text))
    try:
        read = msgspec.json.decode(plain)
    except msgspec.DecodeError:
        return {}
    return read if isinstance(read, dict) else {}


def joined(folder: str, path: str) -> str:
    """A path below a folder, as `read` takes it."""
    path = posixpath.normpath(posixpath.join(folder, path))
    return "" if path == "." else path


def find(read: Read, folder: str, names: tuple[str, ...], *, upwards: bool = False) -> tuple[str, str] | None:
    """The first of these files that is there, with its text: in a folder, or in one above it."""
    while True:
        for name in names:
            if (text := read(joined(folder, name))) is not None:
                return joined(folder, name), text
        if not upwards or folder in {"", "."}:
            return None
        folder = posixpath.dirname(folder)
