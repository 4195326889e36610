"""Where text and files of outsiders become commands: evaluated, named in files of the runner, or run as they stand.

A run that anybody can cause (`workflow_run` after a pull request) may fetch what that other run has stored. Those files
are read as text of outsiders, and they are not to be run.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.pipeline.outsiders import has_lines, written_by_outsiders
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.tables import read_table
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.pipeline.state import Moment
    from goldenpath.facts.shell import Command, Script
    from goldenpath.repository import Place

_NUMBER = re.compile(r"\^[^.^$]*\$")
"""A pattern that text can only fit as a whole, and in which no sign stands for any other."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    interpreters: frozenset[str]
    inline: frozenset[str]
    evaluating: frozenset[str]
    building: frozenset[str]
    passing: frozenset[str]
    first_line: frozenset[str]


@cache
def _table() -> _Table:
    return read_table("injections", _Table)


def look(moment: Moment, script: Script, place_of: Callable[[Command], Place]) -> None:
    """Write down where a script makes commands of what outsiders have written."""
    folder = moment.step.node.text("working-directory") or ""
    for index, command in enumerate(script.commands):
        if not command.reachable:
            continue
        place, words = place_of(command), unwrapped(command.words)
        program = program_name(words[0]) if words else None
        if program == "cd" and len(words) > 1:
            folder = posixpath.join(folder, literal(words[1]) or "")
        _fetched(moment, program, words, place, script.commands[:index])
        for text in _evaluated(program, words, command):
            moment.exposes_script(read_by_outsiders(moment, text, script), place)
        if where := _run_from(moment, program, words, folder):
            moment.exposes("artifact", place, where)
        for each in command.redirects:
            if each.target in _NAMING and program in _table().passing and (path := _of_outsiders(moment, words[1:])):
                moment.exposes("environment", place, path)
    _named(moment, script, place_of)


_ENVIRONMENT = (Symbol("file", "GITHUB_ENV"),)
_NAMING = {_ENVIRONMENT, (Symbol("file", "GITHUB_PATH"),)}


# --- files of outsiders


def fetches(moment: Moment, into: Value, place: Place) -> None:
    """Files that another run has stored are laid down; anybody can have caused that run."""
    event = moment.frame.shared.event
    if event.by_outsider and event.name == "workflow_run" and not moment.dead:
        moment.state.outsiders_files[posixpath.normpath(display(into) or ".")] = place


def _fetched(
    moment: Moment, program: str | None, words: tuple[Value, ...], place: Place, before: Iterable[Command]
) -> None:
    if program == "gh" and words[1:3] == (("run",), ("download",)):
        fetches(moment, Words(words[3:], ("-D", "--dir", "-n", "--name", "-R", "-p")).first("-D --dir"), place)
    elif program == "unzip" and not any(each.program in {"curl", "wget"} for each in before):
        fetches(moment, Words(words[1:], ("-d",)).first("-d"), place)


def _within(moment: Moment, path: str) -> str:
    """The folder with files of outsiders in which a path lies; empty for none."""
    path = posixpath.normpath(path) if path else "."
    relative = not path.startswith(("/", "<", "-", ".."))
    for folder in moment.state.outsiders_files:
        if path == folder or path.startswith(f"{folder}/") or (folder == "." and relative):
            return folder
    return ""


def _of_outsiders(moment: Moment, words: Iterable[Value]) -> str:
    """The first of some words that is a path to a file of outsiders."""
    named = (display(word) for word in words if not display(word).startswith("-"))
    return next((path for path in named if re.search(r"[./]|<glob", path) and _within(moment, path)), "")


def _run_from(moment: Moment, program: str | None, words: tuple[Value, ...], folder: str) -> str:
    """The path by which a command runs what outsiders have stored; empty where it does not."""
    if not moment.state.outsiders_files or program is None:
        return ""
    called = posixpath.join(folder, display(words[0]))
    if "/" in program and _within(moment, called):
        return called
    rest = [word for word in words[1:] if not display(word).startswith("-")]
    if program in _table().interpreters and rest and _within(moment, posixpath.join(folder, display(rest[0]))):
        return posixpath.join(folder, display(rest[0]))
    if program in _table().building and _within(moment, folder):
        return f"{program} in {folder or 'the work tree'}"
    return ""


# --- text of outsiders


def read_by_outsiders(moment: Moment, of: Value, script: Script) -> Value:
    """A value in which what is read from files of outsiders, or made of text of theirs, is known as such."""
    read = {part: _read(moment, part, script) for part in dict.fromkeys(of)}  # a value that has grown repeats its parts
    return value(*map(read.__getitem__, of))


def _read(moment: Moment, part: str | Symbol, script: Script) -> str | Symbol:
    if isinstance(part, str) or _is_validated(part, script):
        return part
    what = ""
    if part.kind == "command":
        command = script.substitutions.get(part)
        what = _passed_on(moment, command, script) if command is not None else ""
    else:  # a file, or what the shell has made of one
        read = [part.name] if part.kind == "file" else re.findall(r"<file ([^<>]*)>", part.name)
        open_ = (each for each in read if not _is_validated(Symbol("file", each), script))
        what = next((each for each in open_ if _within(moment, each)), "")
    return Symbol("outsiders", f"{what}\t{moment.key}: {part.kind} {part.name}") if what else part


def _passed_on(moment: Moment, command: Command, script: Script) -> str:
    """What outsiders have written of the text that a command passes on."""
    words = unwrapped(command.words)
    if not words or program_name(words[0]) not in _table().passing:
        return ""
    handed = (part for part in command.stdin or () if part not in script.substitutions)
    from_input = (written_by_outsiders(_read(moment, part, script)) for part in handed)
    return _of_outsiders(moment, words[1:]) or next(filter(None, from_input), "")


def _is_validated(part: Symbol, script: Script) -> bool:
    """Whether the script holds it against a pattern that leaves no room for commands."""
    for command in script.commands:
        if command.words[:1] == (("[[",),):
            words = [display(word) for word in command.words]
            if "=~" in words and display((part,)) in words:
                return _NUMBER.fullmatch(words[words.index("=~") + 1]) is not None
    return False


def _evaluated(program: str | None, words: tuple[Value, ...], command: Command) -> Iterator[Value]:
    """The texts that a command runs as commands."""
    if not words:
        return
    if program is None:
        yield words[0]
    elif program in _table().evaluating:
        yield from words[1:]
    elif program in _table().interpreters:
        for option, text in pairwise(words[1:]):
            if literal(option) in _table().inline:
                yield text
        if len(words) == 1 and command.stdin is not None:
            yield command.stdin


def _named(moment: Moment, script: Script, place_of: Callable[[Command], Place]) -> None:
    """Say where text of several lines is written to `$GITHUB_ENV`: a line of it can name any other variable."""
    for name, written in script.environment.items():
        text = read_by_outsiders(moment, written, script)
        found = next(
            (each for part in dict.fromkeys(text) if (each := written_by_outsiders(part)) and has_lines(part)), ""
        )
        command = _writing(script, name)
        if found and command is not None and not _cuts_off(script, written) and not _is_fenced(script, name):
            moment.exposes("environment", place_of(command), found)
    for folder in script.path:
        text = read_by_outsiders(moment, folder, script)
        if found := next(filter(None, map(written_by_outsiders, dict.fromkeys(text))), ""):
            moment.exposes("environment", moment.step.place, found)


def _writing(script: Script, name: str) -> Command | None:
    """The command that writes a variable down for later steps."""
    marks = (f"{name}=", f"{name}<<")
    return next((each for each in script.commands if any(display(word).startswith(marks) for word in each.words)), None)


def _cuts_off(script: Script, written: Value) -> bool:
    """Whether only the first line of it is left."""
    commands = (script.substitutions.get(part) for part in written if isinstance(part, Symbol))
    return any(each is not None and each.program in _table().first_line for each in commands)


def _is_fenced(script: Script, name: str) -> bool:
    """Whether what ends the text is something that nobody can guess."""
    texts = [part for command in script.commands for part in (*command.words, *filter(None, [command.stdin]))]
    fence = re.compile(rf"(^|\n){re.escape(name)}<<[\w-]*<(?!github |loop )")
    return any(fence.search(display(text)) for text in texts)
