"""What a script would run: the facts that `follow` finds out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Redirect(Struct, frozen=True):
    """`2>>file`: an operator, the descriptor that it is about (or 1 and 0 by default), and its target.

    The target of `<<` and `<<<` is the text that is handed over.
    """

    operator: str
    descriptor: str
    target: Value


class Command(Struct, frozen=True, kw_only=True):
    """A simple command that would run.

    `line` and `column` count from 0 in the script as given, each symbol as one character.
    `condition`: the undecided shell conditions that guard it, as canonical texts; empty when it always runs.
    `reachable`: False when it certainly does not run.
    `fatal`: whether the script fails when it fails.
    `substitution`: whether it runs inside `$(…)`, `<(…)` or backquotes.
    `stdin`: the text that it reads, when that comes from a here-document, a here-string, or a command that is known.
    `pipe_from`, `pipe_to`: the commands before and after it in its pipeline, as indices of `Script.commands`.
    """

    words: tuple[Value, ...]
    line: int
    column: int
    condition: frozenset[str] = frozenset()
    reachable: bool = True
    fatal: bool = True
    substitution: bool = False
    assignments: Mapping[str, Value] = {}
    redirects: tuple[Redirect, ...] = ()
    stdin: Value | None = None
    pipe_from: int | None = None
    pipe_to: int | None = None

    @property
    def program(self) -> str | None:
        """What runs once wrappers are taken off; None when only a run will know.

        A path into a `bin` directory is the program's name; another path is kept, for it is a script.
        """
        words = unwrapped(self.words)
        return program_name(words[0]) if words else None

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The words after `program`."""
        return unwrapped(self.words)[1:]


Reason: TypeAlias = Literal["dynamic", "eval", "output", "script", "source", "stdin", "syntax", "trap", "xargs"]
"""Why something could not be followed.

`dynamic`: the command's name is only known in a run; `eval`: so is the text of `eval`, `bash -c` or `ssh`;
`script`, `source`: a file runs, which the caller may have; `stdin`: a shell reads what is piped to it;
`output`: lines nobody knows go to a file of the runner such as `$GITHUB_OUTPUT`; `syntax`: bash would stop here;
`trap`: commands run at an exit or a signal; `xargs`: commands are put together from input.
"""


class Opaque(Struct, frozen=True):
    """Something that runs and cannot be followed; `command` is an index of `Script.commands`, if it is one of them."""

    reason: Reason
    text: str
    line: int
    column: int
    command: int | None = None


class Script(Struct, frozen=True, kw_only=True):
    """What a script would run, in order, and what it leaves behind.

    `variables`: the shell's variables at the end; `exported`: which of them its children see.
    `outputs`, `environment`, `path`, `summary`: what it writes to the files of the runner ($GITHUB_OUTPUT, $GITHUB_ENV,
    $GITHUB_PATH, $GITHUB_STEP_SUMMARY).
    `files`: what is known of the files that it writes.
    `substitutions`: for a symbol of kind `command`, the command whose output it is.
    `opaque`: what could not be followed. `fails`: whether the script certainly fails.
    """

    commands: tuple[Command, ...]
    variables: Mapping[str, Value]
    exported: frozenset[str]
    outputs: Mapping[str, Value]
    environment: Mapping[str, Value]
    path: tuple[Value, ...]
    summary: Value
    files: Mapping[Value, Value]
    substitutions: Mapping[Symbol, Command]
    opaque: tuple[Opaque, ...]
    fails: bool = False


# --- wrappers -------------------------------------------------------------------------------------------

_ASSIGNMENT: Final = regex(r"[A-Za-z_]\w*=", re.ASCII)
_BIN: Final = regex(r"(?:^|.*/)s?bin/([^/]+)", re.DOTALL)
_MAX_WRAPPERS: Final = 16

_WITH_ARGUMENT: Final[Mapping[str, frozenset[str]]] = {
    "sudo": frozenset({"-u", "--user", "-g", "--group", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t"}),
    "doas": frozenset({"-u", "-C"}),
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
    "time": frozenset({"-f", "-o"}),
    "timeout": frozenset({"-k", "--kill-after", "-s", "--signal"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "ionice": frozenset({"-c", "-n", "--class", "--classdata"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "exec": frozenset({"-a"}),
    "command": frozenset(),
    "builtin": frozenset(),
    "nohup": frozenset(),
    "setsid": frozenset(),
}
"""Programs that run the command in their arguments, and their options that take an argument."""


def unwrapped(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """Take `sudo`, `env A=b`, `timeout 5m` and their like off a command."""
    for _ in range(_MAX_WRAPPERS):
        name = program_name(words[0]) if words else None
        if name is None or name not in _WITH_ARGUMENT:
            break
        rest = _without_options(words[1:], _WITH_ARGUMENT[name])
        if name in {"env", "sudo"}:
            rest = _drop(rest, lambda text: bool(_ASSIGNMENT.match(text)))
        elif name == "timeout":
            rest = rest[1:]
        asks = name == "command" and {literal(word) for word in words[1 : len(words) - len(rest)]} & {"-v", "-V"}
        if not rest or asks:
            break
        words = rest
    return words


def _without_options(words: tuple[Value, ...], with_argument: frozenset[str]) -> tuple[Value, ...]:
    while words and (option := _head(words[0])).startswith("-"):
        if option == "--":
            return words[1:]
        words = words[2:] if literal(words[0]) in with_argument else words[1:]
    return words


def _drop(words: tuple[Value, ...], unwanted: Callable[[str], bool]) -> tuple[Value, ...]:
    while words and unwanted(_head(words[0])):
        words = words[1:]
    return words


def _head(word: Value) -> str:
    return word[0] if word and isinstance(word[0], str) else ""


def program_name(word: Value) -> str | None:
    """Return the name of the program that a word runs; None when only a run will know."""
    last = word[-1] if word else None
    if not isinstance(last, str):
        return None
    in_bin = _BIN.fullmatch(last)
    if in_bin is not None and (len(word) > 1 or last[0] in "/~"):
        return in_bin[1]
    return literal(word)
