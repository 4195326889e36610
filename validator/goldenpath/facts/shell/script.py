"""What a script would run: the facts that `follow` finds out."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, fields, head, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


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
    `fatal`: whether the script fails when it fails; `unsure`: it may, but what becomes of its status is not followed.
    `behind`: the commands that have to succeed for it to be reached (`a && b`), as indices, but for those that ask and
    those that do not fail in practice; `skipped_by`: one of them whose failure does not fail the script.
    `substitution`: in how many it runs of `$(…)`, `<(…)` or backquotes.
    `stdin`: the text that it reads, when that comes from a here-document, a here-string, or a command that is known.
    `pipe_from`, `pipe_to`: the commands before and after it in its pipeline, as indices of `Script.commands`.
    `path`: the file of the repository that it stands in, by line and column there; empty in the script as given.
    `folder`: where it runs. `stdout`: the file that it prints to. `environment`: those variables in its environment
    that change what programs do. `callers`: the commands that lead to it, the first one first. `leads`: whether it
    does nothing itself but leads to commands that come after it. `over`: the command that waits for it, as an index,
    where it runs in the background. `content`: whether the script is content with the code by which it says that there
    was nothing to do.
    """

    words: tuple[Value, ...]
    line: int
    column: int
    condition: frozenset[str] = frozenset()
    reachable: bool = True
    fatal: bool = True
    unsure: bool = False
    behind: tuple[int, ...] = ()
    skipped_by: tuple[Value, ...] = ()
    substitution: int = 0
    assignments: Mapping[str, Value] = {}
    redirects: tuple[Redirect, ...] = ()
    stdin: Value | None = None
    pipe_from: int | None = None
    pipe_to: int | None = None
    path: str = ""
    folder: Value = ()
    stdout: Value = ()
    environment: Mapping[str, Value] = {}
    callers: tuple[Command, ...] = ()
    leads: bool = False
    over: int | None = None
    content: bool = False

    @property
    def program(self) -> str | None:
        """What runs once wrappers are taken off; None when only a run will know.

        A path into a `bin` directory is the program's name; another path is kept, for it is a script.
        """
        words = unwrapped(self.words)
        return program_name(words[0]) if words else None

    @property
    def called(self) -> tuple[Value, ...]:
        """The command with its program called by name, wrappers taken off."""
        return (*((value(self.program),) if self.program else self.words[:1]), *self.arguments)

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The words after `program`."""
        return unwrapped(self.words)[1:]


def in_order(commands: tuple[Command, ...]) -> list[tuple[int, Command]]:
    """Commands with their indices, in the order in which they are over."""
    if all(command.over is None for command in commands):
        return list(enumerate(commands))  # as nearly always
    return sorted(enumerate(commands), key=lambda each: each[0] if each[1].over is None else each[1].over)


Reason: TypeAlias = Literal["dynamic", "eval", "output", "script", "source", "stdin", "syntax", "trap", "xargs"]
"""Why something could not be followed.

`dynamic`: the command's name is only known in a run; `eval`: so is the text of `eval`, `bash -c` or `ssh`;
`script`, `source`: a file runs, which the caller may have; `stdin`: a shell reads what is piped to it;
`output`: lines nobody knows go to a file of the runner such as `$GITHUB_OUTPUT`; `syntax`: bash would stop here;
`trap`: commands run at an exit or a signal; `xargs`: commands are put together from input.
"""


class Opaque(Struct, frozen=True):
    """Something that runs and cannot be followed; `command` is an index of `Script.commands`, if it is one of them.

    `why` says more than the reason does.
    """

    reason: Reason
    text: str
    line: int
    column: int
    command: int | None = None
    path: str = ""
    why: str = ""


class Script(Struct, frozen=True, kw_only=True):
    """What a script would run, in order, and what it leaves behind.

    `variables`: the shell's variables at the end; `exported`: which of them its children see.
    `outputs`, `environment`, `path`, `summary`: what it writes to the files of the runner ($GITHUB_OUTPUT, $GITHUB_ENV,
    $GITHUB_PATH, $GITHUB_STEP_SUMMARY); `exports`: the lines for $GITHUB_ENV of which only a run knows what they set.
    `files`: what is known of the files that it writes.
    `substitutions`: for a symbol of kind `command`, the command whose output it is.
    `opaque`: what could not be followed. `made`: the files that were made on the way; `changed`: the files and folders
    that are no longer what they were, the empty path for all. `fails`: whether the script certainly fails. `filled_in`:
    what make has put into the texts of recipes, each with the file and the line (from 0).
    """

    commands: tuple[Command, ...]
    variables: Mapping[str, Value]
    exported: frozenset[str]
    outputs: Mapping[str, Value]
    environment: Mapping[str, Value]
    exports: tuple[Value, ...]
    path: tuple[Value, ...]
    summary: Value
    files: Mapping[Value, Value]
    substitutions: Mapping[Symbol, Command]
    opaque: tuple[Opaque, ...]
    made: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    fails: bool = False
    filled_in: tuple[tuple[Symbol, str, int], ...] = ()


# --- what commands lead to --------------------------------------------------------------------------------


class Called(Struct, frozen=True, kw_only=True):
    """A script that a command leads to, followed where the command stands.

    `path`, `line`: the file and the line (from 0) that its text begins at; `exact` when the file holds just this text,
    so that columns mean something. `name` is its `$0`. `arguments`: its positional parameters; None for those of the
    shell that sources it. `options`: the long names of its shell's options. `variables`: what its environment has
    beside the caller's. `folder`: where it runs, None where the caller is. `sourced`: whether it runs in the shell of
    the caller. `clean`: whether nothing of the caller's environment is in its own. `condition`: what must hold for it
    to run. `ignored`: whether its failure is nobody's. `filled`: whether values were put into its text as they are.
    """

    text: Value
    path: str
    line: int = 0
    exact: bool = False
    name: Value = ()
    arguments: tuple[Value, ...] | None = ()
    options: frozenset[str] = frozenset()
    variables: Mapping[str, Value] = {}
    folder: Value | None = None
    filled: bool = False
    sourced: bool = False
    clean: bool = False
    condition: frozenset[str] = frozenset()
    ignored: bool = False


class Lead(Struct, frozen=True):
    """What a command leads to: scripts in order, or why that is not followed.

    `program` is the name of a program that is no file of the repository although its path could be one. `reads` are the
    files that say what runs, `makes` those that are there afterwards, `cost` the characters that were read. `itself`
    says that the command also does what it is known for, between the scripts before it and those `after` it.
    """

    scripts: tuple[Called, ...] = ()
    unseen: str = ""
    program: str = ""
    reads: frozenset[str] = frozenset()
    makes: frozenset[str] = frozenset()
    cost: int = 0
    itself: bool = False
    after: tuple[Called, ...] = ()


class Surroundings(Struct, frozen=True):
    """What a command finds where it runs: its folder, its environment (None: not set), and files made for it before."""

    folder: Value
    environment: Callable[[str], Value | None]
    made: frozenset[str]


class Callees(Protocol):
    """A repository, as commands call what is in it."""

    def unwrapped(self, words: tuple[Value, ...]) -> tuple[Value, ...]:
        """A command without the programs before it that run what is in their arguments (`uv run`, `npx`)."""

    @property
    def exists(self) -> Callable[[str], bool]:
        """Tells whether there is a file or a folder of a path."""

    @property
    def stands(self) -> frozenset[str]:
        """The files that are surely there although they may be none of the repository."""

    @property
    def named(self) -> Callable[[str], list[str]]:
        """Finds the files of a name, in whatever folder."""

    def script(self, path: str, *, run: bool) -> Lead:
        """The script of that path; `run` when it is run as a program, by the interpreter that it names itself."""

    def program(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """What a program leads to that reads the repository (`make`); None for one that does not."""


STREAM: Final = "stream"
"""The kind of symbols for what a `<(…)` hands to a command as if it were a file."""


def is_stream(path: Value) -> bool:
    """Tell whether a path is what stands for a `<(…)`."""
    return len(path) == 1 and isinstance(path[0], Symbol) and path[0].kind == STREAM


SHELLS: Final = frozenset({"bash", "sh", "dash", "ash", "zsh", "ksh"})
"""Shells whose scripts are followed."""

# --- wrappers -------------------------------------------------------------------------------------------

_ASSIGNMENT: Final = regex(r"[A-Za-z_]\w*=", re.ASCII)
_PREFIX: Final = regex(r"'(?:\.?v?env/bin/)?'(?: or '(?:\.?v?env/bin/)?')+")
"""How the shell says of a variable that it is empty, or the folder of programs of an environment of Python."""
_BIN: Final = regex(r"(?:^|.*/)(?:s?bin|kaniko)/([^/]+)", re.DOTALL)  # kaniko's image has but one program
_MAX_WRAPPERS: Final = 16

_WITH_ARGUMENT: Final[Mapping[str, frozenset[str]]] = {
    "sudo": frozenset({"-u", "--user", "-g", "--group", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t"}),
    "doas": frozenset({"-u", "-C"}),
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
    "cross-env": frozenset(),
    "time": frozenset({"-f", "-o"}),
    "timeout": frozenset({"-k", "--kill-after", "-s", "--signal"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "ionice": frozenset({"-c", "-n", "--class", "--classdata"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "exec": frozenset({"-a"}),
    "command": frozenset(),
    "builtin": frozenset(),
    "nohup": frozenset(),
    "setpriv": frozenset(),
    "unbuffer": frozenset(),
    "chronic": frozenset(),
    "xvfb-run": frozenset({"-s", "--server-args", "-n", "--server-num", "-e", "-f", "-p", "-w"}),
    "setsid": frozenset(),
}
"""Programs that run the command in their arguments, and their options that take an argument."""
_DETACHING: Final = {"sudo": regex(r"-[AbEHknPS]*b[AbEHknPS]*|--background"), "setsid": regex(r"-[cfw]*f[cfw]*|--fork")}
"""Those that do not wait for the command, by their options."""


@lru_cache(maxsize=1_000)
def unwrapped(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """Take `sudo`, `env A=b`, `timeout 5m` and their like off a command."""
    for _ in range(_MAX_WRAPPERS):
        name = program_name(words[0]) if words else None
        if name is None or name not in _WITH_ARGUMENT:
            break
        rest = _without_options(words[1:], _WITH_ARGUMENT[name])
        if name in {"env", "sudo", "cross-env"}:
            rest = _drop(rest, lambda text: bool(_ASSIGNMENT.match(text)))
        elif name == "timeout":
            rest = rest[1:]
        asks = name == "command" and {literal(word) for word in words[1 : len(words) - len(rest)]} & {"-v", "-V"}
        if not rest or asks:
            break
        words = rest
    return words


_PYTHON: Final = regex(r"python[23]?(\.\d+t?)?|pypy3?(\.\d+)?|py")
"""Python by its version, by another maker, and the program that starts it on Windows."""
_LAUNCHED: Final = regex(r"-\d(\.\d+)?t?(-\d+|-arm64)?")
_CLUSTERED: Final = regex(r"-(?P<flags>[bBdEIOPqsSuvx]*)(?:m(?P<module>[\w.]*)|c)")
"""Flags of Python in one word with the option that says what runs (`-Im pip`)."""


def of_python(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """Python as it is called everywhere: `python3.12 -Im pip` is `python3 -I -m pip`, and so is `py -3.12 -Im pip`."""
    name = program_name(words[0]) if words else None
    if name is None or not name.startswith("py") or _PYTHON.fullmatch(name) is None:
        return words
    rest = words[1:]
    while name == "py" and rest and _LAUNCHED.fullmatch(literal(rest[0]) or ""):
        rest = rest[1:]
    at = 0
    while at < len(rest) and head(rest[at]).startswith("-"):
        said = literal(rest[at]) or ""
        if found := _CLUSTERED.fullmatch(said):
            asked = "-c" if found["module"] is None else "-m"
            parts = (f"-{found['flags']}" if found["flags"] else "", asked, found["module"])
            rest = (*rest[:at], *(value(each) for each in parts if each), *rest[at + 1 :])
            break
        at += 2 if said in {"-W", "-X"} else 1
    plain = words[0] if name in {"python", "python3"} else value("python3" if "3" in name else "python")
    return (plain, *rest)


def split_by_env(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return a command with the words in it into which `env -S "A=b program word"` splits its text."""
    at = next((at for at, word in enumerate(words) if program_name(word) == "env"), None)
    if at is None or (at and program_name(words[0]) not in _WITH_ARGUMENT):
        return words
    for index in range(at + 1, len(words)):
        found = _SPLITS.match(head(words[index]))
        if found is not None:
            said = value(head(words[index])[found.end() :], *words[index][1:])
            taken = 1 if said else 2
            flags = (value(f"-{found['flags']}"),) if found["flags"] else ()
            text = said or (words[index + 1] if index + 1 < len(words) else ())
            return (*words[:index], *flags, *_words_in(text), *words[index + taken :])
        if not head(words[index]).startswith("-"):
            break
    return words


_SPLITS: Final = regex(r"-(?P<flags>[0iv]*)S|--split-string=?")


def _words_in(text: Value) -> list[Value]:
    """The words of a text, as quotes hold them together where all of it is known."""
    known = literal(text)
    try:
        return list(map(value, shlex.split(known))) if known is not None else fields(text)
    except ValueError:
        return fields(text)


def is_detached(words: tuple[Value, ...]) -> bool:
    """Tell whether a program before a command leaves it to itself, so that nobody hears of its failure."""
    for at, word in enumerate(words[: len(words) - len(unwrapped(words))]):
        options = _DETACHING.get(program_name(word) or "")
        if options and any(options.fullmatch(head(each)) for each in _options(words[at + 1 :])):
            return True
    return False


def _options(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """The options that come first; what follows one may be its argument."""
    return tuple(takewhile(lambda word: head(word).startswith("-") and head(word) != "--", words))


def given_to(words: tuple[Value, ...]) -> dict[str, Value]:
    """Return the variables that `env A=b` and `sudo A=b` before a command give to it."""
    given: dict[str, Value] = {}
    before = words[: len(words) - len(unwrapped(words))]
    for word in before:
        if _ASSIGNMENT.match(head(word)):
            name, _, text = head(word).partition("=")
            given[name] = value(text, *word[1:])
    return given


def _without_options(words: tuple[Value, ...], with_argument: frozenset[str]) -> tuple[Value, ...]:
    while words and (option := head(words[0])).startswith("-"):
        if option == "--":
            return words[1:]
        words = words[2:] if literal(words[0]) in with_argument else words[1:]
    return words


def _drop(words: tuple[Value, ...], unwanted: Callable[[str], bool]) -> tuple[Value, ...]:
    while words and unwanted(head(words[0])):
        words = words[1:]
    return words


@lru_cache(maxsize=1_000)
def program_name(word: Value) -> str | None:
    """Return the name of the program that a word runs; None when only a run will know."""
    last = word[-1] if word else None
    if not isinstance(last, str):
        return None
    if len(word) == 2 and isinstance(word[0], Symbol) and word[0].kind == "unknown" and _PREFIX.fullmatch(word[0].name):
        return last
    in_bin = _BIN.fullmatch(last)
    if in_bin is not None and (len(word) > 1 or last[0] in "/~"):
        return in_bin[1]
    return literal(word)


def long_options(words: Iterable[str]) -> set[str]:
    """Return the long names of the options that are switched on by words such as `-eo pipefail`."""
    options: set[str] = set()
    takes_name = False
    for word in words:
        if takes_name:
            options.add(word)
            takes_name = False
        elif re.fullmatch(r"-[a-zA-Z]+", word):
            takes_name = "o" in word
            options |= {"errexit"} if "e" in word else set()
            options |= {"noexec"} if "n" in word else set()
            options |= {"command"} if "c" in word else set()
            options |= {"stdin"} if "s" in word else set()
    return options
