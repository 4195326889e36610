"""What is another thing each time that it is asked: the time of day, numbers drawn by lot, names of machines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.installs import table
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import FED_BY, Symbol, Value, display, literal

if TYPE_CHECKING:
    from collections.abc import Collection

_GIVEN_TIME = regex(r"--(date|reference)\b|-[a-zA-Z]*[dr]")
"""How `date` is told which time to write."""
_VARYING = frozenset(Symbol("variable", name) for name in ("RANDOM", "SRANDOM", "EPOCHSECONDS", "EPOCHREALTIME"))


_BY_KERNEL = regex(r"/dev/u?random\b|/proc/")
_OF_DAY = regex(
    r"github\.event\.repository\.(updated_at|pushed_at|size|forks|watchers|\w+_count)|.*org\.opencontainers\.image\.created"
)
"""What GitHub says of a repository that is another thing on another day, and when docker/metadata-action has run."""
_OUTSIDE = regex(
    r"variable vars\..*|secret .*|runner (name|temp)|github (triggering_)?actor(_id)?"
    r"|variable (GITHUB_(TRIGGERING_)?ACTOR(_ID)?|GITLAB_USER_\w+)"
)
"""What neither the sources nor the run's commit say: settings, and who has started a run."""
_OF_RUN = regex(
    r"RUNNER_NAME|HOSTNAME|CI_RUNNER_\w+|run_(id|number|attempt)|GITHUB_RUN_(ID|NUMBER|ATTEMPT)|CI_(PIPELINE_(ID|IID|URL)|JOB_(ID|URL))"
)
"""What numbers a run, or leads to it."""
_OF_STEP = regex(r"^\S+/\S+: ")
"""What stands before a command of another step."""
_STARTED = frozenset({"CI_PIPELINE_CREATED_AT", "CI_JOB_STARTED_AT"})
_BETWEEN = regex(re.escape(FED_BY) + r"|\$\(|<command ")
"""What stands between the commands of a pipeline, or before one whose answer is handed to another."""
_NUMBER = regex(r" #\d+(?=[> ]|$).*")
_FILE = regex(r"<file ([^<>]*)>")
"""What is read of a file, in the name of what the shell has made of it, too."""
_WORD = regex(r"[^\s'\"()=,;]+")
"""The words of a command, and of a program that it is handed (`open('v.json')`)."""
_OF_FORGES = frozenset({"github", "gitlab", "variable"})


def told_by_chance(words: tuple[Value, ...], text: str) -> str:
    """Why a command (its `text`) may bring something else into an image each time; empty where it does not."""
    said = [display(word) for word in words]
    if said[0] == "date" and not any(_GIVEN_TIME.match(literal(word) or "--date") for word in words[1:]):
        return f"the time of the build, which `{text}` tells, may get into the image"
    if any(map(_varies, words)) or any(said[: len(each)] == each for each in map(str.split, table().varying)):
        return f"`{text}` gives something else each time, which may get into the image"
    if dates_an_archive(words):
        return f"the archive that `{text}` packs holds the times of its files"
    return ""


def dates_an_archive(words: tuple[Value, ...]) -> bool:
    """Whether a command packs files, and writes down when each of them was changed.

    That is when they were checked out, or made in the build; rewriting the times of a layer leaves them in its files.
    """
    program, *said = map(display, words)
    letters = set("".join(_LETTERS.findall(" ".join(said))))
    options = {word.partition("=")[0] for word in said if word.startswith("--")}
    operands = [word for word in said if not word.startswith("-")]
    letters |= set(said[0] if program in _BY_LETTERS and said and said[0] in operands else "")
    match program:
        case "tar" | "bsdtar" | "gtar":
            creates = "c" in letters or "--create" in options
            kept = ("f" in letters or "--file" in options) and "-" not in said
            return creates and kept and not {"--mtime", "--sort"} <= options
        case "gzip" | "pigz":
            return bool(operands) and letters.isdisjoint("ndltV") and options.isdisjoint(_NOT_DATED)
        case "zip":
            return len(operands) > 1
    return False


_LETTERS = regex(r"(?<!\S)-(\w+)")
_BY_LETTERS = frozenset({"tar", "bsdtar", "gtar"})
"""What is told by letters without a dash, too (`tar czf`)."""
_NOT_DATED = frozenset({"--no-name", "--decompress", "--uncompress", "--list", "--test", "--version", "--help"})


def _varies(of: Value) -> bool:
    """Whether a variable of the shell is in it that is another one each time, or a number of the kernel's."""
    return any(part in _VARYING or _BY_KERNEL.search(part if isinstance(part, str) else part.name) for part in of)


def is_now(of: Value) -> bool:
    """Whether the time of the build is in a value."""
    symbols = [part for part in of if isinstance(part, Symbol)]
    return any(part.kind == "now" or part.name in _STARTED or _tells_now(part.name.split()) for part in symbols)


def is_of_one_run(of: Value) -> bool:
    """Whether there is something in a value that no other run has: its number, or one that is drawn by lot."""
    symbols = [part for part in of if isinstance(part, Symbol)]
    drawn = (each for part in symbols for each in table().varying if _calls(part, each))
    numbers = (part for part in symbols if part.kind in _OF_FORGES and _OF_RUN.fullmatch(part.name))
    of_day = (part for part in symbols if part.kind == "unknown" and _OF_DAY.fullmatch(part.name))
    return _varies(of) or any(numbers) or any(of_day) or any(drawn)


def said_outside(of: Value) -> bool:
    """Whether there is something in a value that neither the sources nor the commit of the run say."""
    return any(isinstance(part, Symbol) and _OUTSIDE.fullmatch(f"{part.kind} {part.name}") for part in of)


def asked_elsewhere(of: Value) -> str:
    """The command that has asked others for what is in a value: whatever they say by then; empty where none has."""
    symbols = [part for part in of if isinstance(part, Symbol)]
    asking = (each for part in symbols for each in _commands(part) if not _is_settled(each))
    return next(asking, "")


def read_from(of: Value, paths: Collection[str]) -> str:
    """The command that has read one of these files for what is in a value; empty where none has."""
    symbols = [part for part in of if isinstance(part, Symbol)] if paths else []
    said = [f"cat {name}" for part in symbols for name in _FILE.findall(display((part,)))]
    said += [each for part in symbols for each in _commands(part)]
    return next((each for each in said if any(_names(word, paths) for word in _WORD.findall(each))), "")


def _names(word: str, paths: Collection[str]) -> bool:
    """Whether a word may name one of these files, from the folder in which the command runs."""
    name = word.removeprefix("./")
    return any(path == name or path.endswith(f"/{name}") for path in paths if name)


def asks_elsewhere(said: str) -> bool:
    """Whether a command asks others."""
    return any(f"{said} ".startswith(f"{each} ") for each in table().asking)


def _commands(part: Symbol) -> list[str]:
    """The commands of which one has printed a part of a value, in this step or in one before it, and others feed it."""
    if part.kind != "command":
        return []
    return [_NUMBER.sub("", each).strip(" )") for each in _BETWEEN.split(_OF_STEP.sub("", part.name))]


def _is_settled(command: str) -> bool:
    """Whether what a command tells is said by the sources and by its words, as far as everybody knows its program."""
    program = command.split(" ", 1)[0]
    settled = program in table().settled.split() or ("/" in program and not program.startswith("/"))
    return settled and not asks_elsewhere(command)


def _calls(part: Symbol, program: str) -> bool:
    """Whether a part of a value is what a program has printed."""
    return any(f"{each} ".startswith(f"{program} ") for each in _commands(part))


def _tells_now(words: list[str]) -> bool:
    """Whether a command is `date`, and it is given no other time to write."""
    return "date" in words and not any(map(_GIVEN_TIME.match, words[words.index("date") :]))
