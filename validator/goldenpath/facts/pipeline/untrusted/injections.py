"""Where text and files of outsiders become commands: evaluated, named in files of the runner, or run as they stand.

A run that anybody can cause (`workflow_run` after a pull request) may fetch what that other run has stored. Those files
are read as text of outsiders, and they are not to be run.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.pipeline.contexts import ANY_OUTPUT
from goldenpath.facts.pipeline.untrusted.outsiders import (
    has_lines,
    is_about_somebody,
    is_of_files,
    written_by_outsiders,
)
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.tables import read_table
from goldenpath.facts.values import FED_BY, Symbol, Value, display, literal, value
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.shell import Command, Script

MAX_FOLDERS = 50
"""Most folders with files of outsiders that are told apart."""

MAX_STAGES = 5
"""Most commands of a pipe through which text is followed."""

_NUMBER = regex(r"\^[^.^$]*\$")
"""A pattern that text can only fit as a whole, and in which no sign stands for any other."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    interpreters: frozenset[str]
    inline: frozenset[str]
    evaluating: frozenset[str]
    building: frozenset[str]
    reading: frozenset[str]
    passing: frozenset[str]
    recoding: tuple[str, ...]
    environment: frozenset[str]
    filling_in: frozenset[str]
    first_line: frozenset[str]
    bringing: tuple[str, ...]
    fetching: tuple[str, ...]
    telling: frozenset[str]


@cache
def table() -> _Table:
    """The table as it is written."""
    return read_table("injections", _Table)


_EVENT = "event_path"
"""What is in every name of the file with the event."""

_ENVIRONMENT = (Symbol("file", "GITHUB_ENV"),)
_OUTPUT = (Symbol("file", "GITHUB_OUTPUT"),)
_NAMING = {_ENVIRONMENT, (Symbol("file", "GITHUB_PATH"),)}
_FENCE = regex(r"(?:^|\n)([\w-]+)<<[\w-]*<(?!github |loop )")
"""The end of a text of several lines, if it is one that nobody can guess."""
_FILLING = frozenset({"just", "task", "go-task", "mise"})
"""Programs that put what they are told into recipes that they hand to a shell."""
_AWK = frozenset({"awk", "gawk", "mawk", "nawk"})
_SED = frozenset({"sed", "gsed"})
_RUNS = regex(
    r"(?:^|[;{\n])[ \t\d$,]*+(?:/[^/]*/[ \t]*+)?"
    r"(?:e(?:\s|$|;)|s([^\w\s\\])(?:\\.|(?!\1)[^\\])*\1(?:\\.|(?!\1)[^\\])*\1[gpiImM\d]*e)"
)
"""A program for sed that has the pattern space run as a command, or one of its own."""
_WORKED_OUT = frozenset({"command", "shell"})
_FILLED_IN = "{}"
_ENTRY = regex(r"([\w-]+)(?:=|<<)")


def fetches(moment: Moment, into: Value, place: Place) -> None:
    """Files that another run has stored are laid down; anybody can have caused that run."""
    event, files = moment.frame.shared.event, moment.state.outsiders_files
    if event.by_outsider and event.name == "workflow_run" and not moment.dead and len(files) < MAX_FOLDERS:
        files[posixpath.normpath(display(into) or ".")] = place


class Injections:
    """What a script makes of text and files of outsiders."""

    def __init__(self, moment: Moment, script: Script) -> None:
        self._moment = moment
        self._script = script

    def look(self, place_of: Callable[[Command], Place]) -> None:
        """Write down where it makes commands of them."""
        moment = self._moment
        folder = moment.step.node.text("working-directory") or ""
        downloads = False
        for command in self._script.commands:
            if not command.reachable:
                continue
            words = unwrapped(command.words)
            program = program_name(words[0]) if words else None
            if program == "cd" and len(words) > 1:
                folder = posixpath.join(folder, literal(words[1]) or "")
            elif program == "gh" and words[1:3] == (("run",), ("download",)):
                into = Words(words[3:], ("-D", "--dir", "-n", "--name", "-R", "-p")).first("-D --dir")
                fetches(moment, into, place_of(command))
            elif program == "unzip" and not downloads:
                fetches(moment, Words(words[1:], ("-d",)).first("-d"), place_of(command))
            downloads |= program in {"curl", "wget"}
            if moment.frame.shared.event.by_outsider:
                self._bring(program, words, place_of(command))
                self._accept(words, command, place_of(command))
            self._fill_in(program, words, folder)
            for text in _evaluated(program, words, command):
                moment.exposes_script(self.read(text), place_of(command))
            if moment.state.outsiders_files:
                self._use_files(program, words, command, place_of(command), folder)
        for part, path, line in self._script.filled_in:
            moment.exposes_script((part,), Place(path, line + 1))
        self._look_at_environment(place_of)

    def _fill_in(self, program: str | None, words: tuple[Value, ...], folder: str) -> None:
        """A tool puts text into the recipes that it runs."""
        if program not in _FILLING:
            return
        from goldenpath.facts.pipeline.untrusted import templates

        environment, read = self._moment.environment, self._moment.frame.shared.tree.text
        found = templates.filled_in(words, self._is_theirs, environment, read, folder)
        for text, path, line in found:
            self._moment.exposes_script(self.read(text), Place(path, line))

    def _is_theirs(self, part: Symbol) -> bool:
        return bool(written_by_outsiders(self._known(part)))

    # Files

    def _use_files(
        self, program: str | None, words: tuple[Value, ...], command: Command, place: Place, folder: str
    ) -> None:
        """Files of outsiders are run, or passed on as variables or outputs of the step, whatever these are called."""
        if where := self._run_from(program, words, folder):
            self._moment.exposes("artifact", place, where)
        if program not in table().passing or not (path := self._file_among(words[1:])):
            return
        if command.stdout == _OUTPUT and not command.substitution:
            self._moment.say({ANY_OUTPUT: value(Symbol("outsiders", f"{path}\t{self._moment.key}: {path}"))})
        if any(each.target in _NAMING for each in command.redirects):
            self._moment.exposes("environment", place, path)

    def _bring(self, program: str | None, words: tuple[Value, ...], place: Place) -> None:
        """What an address names is brought and run, or but fetched: files of a change that outsiders propose, maybe."""
        if program is None:
            return
        said = " ".join([program, *(literal(word) or "?" for word in words[1:]), ""])
        brings = any(said.startswith(f"{each} ") for each in table().bringing)
        if brings or any(said.startswith(f"{each} ") for each in table().fetching):
            for before, word in pairwise(words):
                if literal(before) not in table().telling and (brings or is_of_files(word)):
                    self._moment.exposes_address(word, place, unsure=not brings)

    def _accept(self, words: tuple[Value, ...], command: Command, place: Place) -> None:
        """A change that outsiders propose is approved or merged, be it but once the rules of its branch allow that."""
        from goldenpath.facts.pipeline.untrusted.proposals import by_command  # few runs are caused by outsiders

        if not any(map(is_about_somebody, command.condition)) and (accepted := by_command(words)):
            self._moment.exposes("proposal", place, accepted.what, unsure=accepted.unsure)

    def _folder_of(self, path: str) -> str:
        """The folder with files of outsiders in which a path lies; empty for none."""
        path = posixpath.normpath(path) if path else "."
        relative = not path.startswith(("/", "<", "-", ".."))
        for folder in self._moment.state.outsiders_files:
            if path == folder or path.startswith(f"{folder}/") or (folder == "." and relative):
                return folder
        return ""

    def _file_among(self, words: Iterable[Value]) -> str:
        """The first of some words that is a path to a file of outsiders."""
        if not self._moment.state.outsiders_files:
            return ""
        named = (text for word in words if not (text := display(word)).startswith("-"))
        return next((path for path in named if re.search(r"[./]|<glob", path) and self._folder_of(path)), "")

    def _run_from(self, program: str | None, words: tuple[Value, ...], folder: str) -> str:
        """The path by which a command runs what outsiders have stored; empty where it does not."""
        if program is None:
            return ""
        called = posixpath.join(folder, display(words[0]))
        if "/" in program and self._folder_of(called):
            return called
        rest = [word for word in words[1:] if not display(word).startswith("-")]
        if program in table().interpreters and rest:
            called = posixpath.join(folder, display(rest[0]))
            return called if self._folder_of(called) else ""
        only_reads = len(words) > 1 and literal(words[1]) in table().reading
        if program in table().building and not only_reads and self._folder_of(folder):
            return f"{program} in {folder or 'the work tree'}"
        return ""

    # Text

    def read(self, of: Value) -> Value:
        """A value in which what is read from files of outsiders, or made of text of theirs, is known as such."""
        if not self._moment.state.outsiders_files and not any(map(_is_read, of)):
            return of  # as most are
        return value(*(self._known(part) for part in of))

    def _known(self, part: str | Symbol) -> str | Symbol:
        if isinstance(part, str):
            return part
        what = self._passed_on(part) if part.kind == "command" else self._read_from(part)
        if not what or display((part,)) in self._validated:
            return part
        return Symbol("outsiders", f"{what}\t{self._moment.key}: {part.kind} {part.name}")

    def _read_from(self, part: Symbol) -> str:
        """The file of outsiders that is read, or of which the shell has made something."""
        if part.kind == "file" and _EVENT in part.name.lower():
            return "github.event"
        if not self._moment.state.outsiders_files:
            return ""
        read = [part.name] if part.kind == "file" else re.findall(r"<file ([^<>]*)>", part.name)
        open_ = (each for each in read if self._folder_of(each))
        return next((each for each in open_ if f"<file {each}>" not in self._validated), "")

    def _passed_on(self, part: Symbol, stages: int = MAX_STAGES) -> str:
        """What outsiders have written of the text that a command passes on."""
        command = self._script.substitutions.get(part)
        words = unwrapped(command.words) if command is not None else ()
        program = program_name(words[0]) if words else None
        if command is None or program is None:
            return ""
        handed = command.stdin or ()
        takes = program in table().passing | table().interpreters
        texts = (display((each,)).partition(FED_BY)[0] for each in (part, *handed))
        if program == "gh" or (takes and any(_EVENT in text.lower() for text in texts)):
            from goldenpath.facts.pipeline.untrusted import payload

            return payload.said_by_client(words) if program == "gh" else payload.read_by(program, words)
        if program not in table().passing or not stages:
            return ""
        before = (each for each in handed if isinstance(each, Symbol) and each in self._script.substitutions)
        from_input = (
            written_by_outsiders(self._known(each)) for each in handed if each not in self._script.substitutions
        )
        from_pipe = (self._passed_on(each, stages - 1) for each in before)
        return self._file_among(words[1:]) or next(filter(None, (*from_input, *from_pipe)), "")

    @cached_property
    def _validated(self) -> frozenset[str]:
        """What the script holds against a pattern that leaves no room for commands."""
        found = set()
        for command in self._script.commands:
            if command.words[:1] == (("[[",),) and ("=~",) in command.words[:-1]:
                words = [display(word) for word in command.words]
                if _NUMBER.fullmatch(words[words.index("=~") + 1]):
                    found.update(words)
        return frozenset(found)

    # The environment of later steps

    def _look_at_environment(self, place_of: Callable[[Command], Place]) -> None:
        """Say where text of several lines is written to `$GITHUB_ENV`: a line of it can name any other variable."""
        for name, written in self._script.environment.items():
            text = map(self._known, dict.fromkeys(written))
            found = next((each for part in text if (each := written_by_outsiders(part)) and has_lines(part)), "")
            if found and name in self._entries and not self._cuts_off(written):
                self._moment.exposes("environment", place_of(self._entries[name]), found)
        for folder in self._script.path:
            if found := next(filter(None, map(written_by_outsiders, self.read(folder))), ""):
                self._moment.exposes("environment", self._moment.step.place, found)

    @cached_property
    def _entries(self) -> dict[str, Command]:
        """The commands that write variables down for later steps, by name, but for those that nobody can end early."""
        entries: dict[str, Command] = {}
        fenced: set[str] = set()
        for command in self._script.commands:
            for word in (*command.words, command.stdin or ()):
                text = display(word)
                fenced.update(_FENCE.findall(text))
                if match := _ENTRY.match(text):
                    entries.setdefault(match[1], command)
        return {name: command for name, command in entries.items() if name not in fenced}

    def _cuts_off(self, written: Value) -> bool:
        """Whether only the first line of it is left."""
        commands = (self._script.substitutions.get(part) for part in written if isinstance(part, Symbol))
        return any(each is not None and each.program in table().first_line for each in commands)


def runs_text(words: Iterable[Value]) -> bool:
    """Whether words have an interpreter among them that is handed a text to run."""
    return any(
        program_name(by) in table().interpreters and literal(option) in table().inline for by, option in pairwise(words)
    )


def _is_read(part: str | Symbol) -> bool:
    return isinstance(part, Symbol) and part.kind in {"command", "file"}


def _evaluated(program: str | None, words: tuple[Value, ...], command: Command) -> Iterator[Value]:
    """The texts that a command runs as commands."""
    if not words:
        return
    if program is None:
        yield words[0]
    elif program in table().evaluating:
        yield from words[1:]
    elif program in table().interpreters:
        for option, text in pairwise(words[1:]):
            if literal(option) in table().inline:
                yield text
        if len(words) == 1 and command.stdin is not None:
            yield command.stdin
    elif program in _AWK:
        yield from Words(words[1:], ("-v", "-F", "-f", "--assign", "--field-separator", "--file")).positionals[:1]
    elif program in _SED:
        yield from _evaluated_by_sed(words, command)
    else:
        yield from _evaluated_by_another(program, words, command)


def _evaluated_by_sed(words: tuple[Value, ...], command: Command) -> Iterator[Value]:
    """What sed runs by its command `e` and the flag of `s///`, which its program may get by a text that is put into it.

    What a shell or a program has made of a text before may have taken the signs that end a part of that program.
    """
    given = Words(words[1:], ("-e", "--expression", "-f", "--file", "-l", "-s"))
    if given.has("--sandbox"):
        return
    for program in given.of("-e --expression") or given.positionals[:1]:
        yield tuple(part for part in program if isinstance(part, str) or part.kind not in _WORKED_OUT)
        if _RUNS.search(display(program)):
            yield command.stdin or ()


def _evaluated_by_another(program: str, words: tuple[Value, ...], command: Command) -> Iterator[Value]:
    """The texts that a command hands to an interpreter (`docker run IMAGE sh -c …`), and what xargs puts into them."""
    for by, option, text in zip(words[1:], words[2:], words[3:], strict=False) if len(words) > 3 else ():
        if program_name(by) in table().interpreters and literal(option) in table().inline:
            yield text
            if program == "xargs" and _FILLED_IN in display(text):
                yield command.stdin or ()
