"""What a script of bash or sh is made of, as a tree."""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

MAX_DEPTH: Final = 60
"""Levels of compound commands, substitutions and expansions inside each other."""
DECLARATIONS: Final = frozenset({"declare", "export", "local", "readonly", "typeset"})
"""Builtins whose arguments are assignments."""


class Unfollowable(Exception):  # noqa: N818 - it says what a script is, and reads so where raised
    """A script that is too large, too deep or not of this kind: nothing can be said of it but why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SyntaxFault(Exception):  # noqa: N818 - a fault of the script that is read, not of the reader
    """Where (an offset) and why bash would refuse a script."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset = offset
        self.sentence = sentence


# --- words ----------------------------------------------------------------------------------------------


class Text(Struct, frozen=True):
    """Characters that stand for themselves."""

    text: str
    quoted: bool = False


class Parameter(Struct, frozen=True):
    """`$name` or `${name[index] operator argument / replacement}`; the operator of `${#name}` is `length`."""

    name: str
    quoted: bool
    index: Word | None = None
    operator: str = ""
    argument: Word | None = None
    replacement: Word | None = None

    @property
    def every(self) -> str:
        """`@` or `*` where it stands for every item, in words of their own or in one; else nothing."""
        said = self.name if self.index is None else self.index.plain()
        return said if said in {"@", "*"} else ""


class Substitution(Struct, frozen=True):
    """`$(…)` or backquotes; `<(…)` and `>(…)` when a direction is given."""

    body: Body
    quoted: bool
    direction: str = ""


class Arithmetic(Struct, frozen=True):
    """`$((…))`, whose own expansions are kept as a word."""

    word: Word
    quoted: bool


Part: TypeAlias = Text | Parameter | Substitution | Arithmetic


class Word(Struct, frozen=True):
    """A word before expansion."""

    parts: tuple[Part, ...]
    offset: int

    def plain(self) -> str | None:
        """The text of a word without quotes and expansions, such as a reserved word has; else None."""
        if not self.parts:
            return ""
        part = self.parts[0]
        return part.text if len(self.parts) == 1 and isinstance(part, Text) and not part.quoted else None


# --- commands -------------------------------------------------------------------------------------------


class Assignment(Struct, frozen=True):
    """`name=value`, `name+=value`, `name[index]=value`, or `name=(…)` when the value is a tuple of words."""

    name: str
    value: Word | tuple[Word, ...]
    append: bool
    index: Word | None
    offset: int


class Redirection(Struct):
    """`fd operator target`. A here-document's target is its body, filled in when its lines have been read."""

    operator: str
    descriptor: str
    target: Word


class Simple(Struct, frozen=True):
    """Assignments, words and redirections: the only kind of command that does something itself."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word | Assignment, ...]
    redirections: tuple[Redirection, ...]
    offset: int


class Test(Struct, frozen=True):
    """`[[ … ]]`: its words and operators in order."""

    words: tuple[Word, ...]
    offset: int


class Sum(Struct, frozen=True):
    """`(( … ))`."""

    word: Word
    offset: int


class Group(Struct, frozen=True):
    """`{ …; }`, or `( … )` in a shell of its own."""

    body: Body
    subshell: bool


class If(Struct, frozen=True):
    """`if`/`elif` as pairs of condition and body, and `else`."""

    branches: tuple[tuple[Body, Body], ...]
    otherwise: Body


class While(Struct, frozen=True):
    """`while`, or `until`."""

    condition: Body
    body: Body
    until: bool


class For(Struct, frozen=True):
    """`for`/`select` over words; over the positional parameters when there are none; a count when name is empty."""

    name: str
    words: tuple[Word, ...] | None
    body: Body
    offset: int


class Case(Struct, frozen=True):
    """`case`: for each item its patterns, its body, and how it ends (`;;`, `;&` or `;;&`)."""

    subject: Word
    items: tuple[tuple[tuple[Word, ...], Body, str], ...]
    offset: int


class Function(Struct, frozen=True):
    """`name() body`."""

    name: str
    body: Command


class Redirected(Struct, frozen=True):
    """A compound command with redirections."""

    body: Compound
    redirections: tuple[Redirection, ...]
    offset: int


Compound: TypeAlias = Test | Sum | Group | If | While | For | Case
Command: TypeAlias = Simple | Function | Redirected | Compound


class Pipeline(Struct, frozen=True):
    """`! a | b | c`."""

    stages: tuple[Command, ...]
    negated: bool


class Statement(Struct, frozen=True):
    """`a && b || c`, with the operator before each pipeline (the first one's is empty)."""

    pipelines: tuple[tuple[str, Pipeline], ...]
    background: bool
    offset: int


Body: TypeAlias = tuple[Statement, ...]


def in_place(command: Command, of: Statement) -> Statement:
    """A command as a statement, in the place of another one."""
    return Statement((("", Pipeline((command,), negated=False)),), background=False, offset=of.offset)


class Program(Struct, frozen=True):
    """What would run, and where it breaks off."""

    body: Body
    fault: SyntaxFault | None = None
