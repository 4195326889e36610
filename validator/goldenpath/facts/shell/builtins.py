"""The shell's builtins that act on its state alone, and the programs that print what is known.

Those that lead the walk elsewhere (`eval`, `source`, `trap`, `exit`) are of `follow`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.bodies import read_names
from goldenpath.facts.shell.expansion import is_solid
from goldenpath.facts.shell.paths import WORKSPACES, absolute
from goldenpath.facts.shell.state import length_of
from goldenpath.facts.shell.status import FAILURE, SUCCESS, Status, asked
from goldenpath.facts.values import SOMEWHERE, Symbol, Value, display, literal, strip, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from goldenpath.facts.shell.state import Place, State


class Printer(Protocol):
    """Where the output of a command goes."""

    def print(self, text: Value, state: State, place: Place) -> None:
        """Print a text."""

    def print_unknown(self, call: Call) -> None:
        """Print what only a run knows."""


class Call(Struct, frozen=True):
    """A simple command that is being run."""

    words: tuple[Value, ...]
    state: State
    place: Place
    index: int
    offset: int
    given: Mapping[str, Value] = {}

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The words after the first."""
        return self.words[1:]

    def text(self, at: int) -> str | None:
        """Return a word if it is known."""
        return literal(self.words[at]) if at < len(self.words) else None


def _succeed(_call: Call) -> Status:
    return SUCCESS


def _fail(_call: Call) -> Status:
    return FAILURE


_TRANSLATIONS: Final = {
    (upper, lower): operator
    for first, second, operator in (("upper", "lower", ",,"), ("lower", "upper", "^^"))
    for upper, lower in (
        (f"[:{first}:]", f"[:{second}:]"),
        ("A-Z", "a-z") if first == "upper" else ("a-z", "A-Z"),
        ("[A-Z]", "[a-z]") if first == "upper" else ("[a-z]", "[A-Z]"),
    )
}


ENVIRONMENT: Final = "VIRTUAL_ENV"
"""The variable that names the environment of Python which has been activated."""


def _deactivate(call: Call) -> Status:
    call.state.variables[ENVIRONMENT] = None
    return SUCCESS


def _switch(state: State, option: str, *, on: bool) -> None:
    if option == "errexit":
        state.errexit = on
    elif option == "pipefail":
        state.pipefail = on
    elif option == "lastpipe":
        state.lastpipe = on


def assign_line(state: State, names: list[str], line: Value, separators: str | None = None) -> None:
    """Give the words of a line to names, the rest of it to the last one."""
    text = literal(line)
    if text is None:  # that of a single name, see is_told
        state.assign(names[0], strip(line))
        return
    if separators is None:
        words = text.split(None, len(names) - 1)
        words = [*words[:-1], words[-1].rstrip()] if words else []
    else:
        words = re.split(f"[{re.escape(separators)}]", text, maxsplit=len(names) - 1) if separators else [text]
    for at, name in enumerate(names):
        state.assign(name, value(words[at] if at < len(words) else ""))


def is_told(text: Value, names: list[str]) -> bool:
    """Tell whether it is known what `read` makes of each line of a text."""
    unknown = [part for part in text if isinstance(part, Symbol)]
    return not unknown or (len(names) == 1 and all(map(is_solid, unknown)))


def _echo(shell: Printer, call: Call) -> Status:
    shell.print(texts.echoed(call.arguments), call.state, call.place)
    return SUCCESS


def _printf(shell: Printer, call: Call) -> Status:
    if call.text(1) == "-v" and len(call.words) > 3:
        text = texts.formatted(call.words[3:])
        name = call.text(2)
        if name is None:
            call.state.assign_any()
        else:
            call.state.assign(name, texts.derived("shell", texts.shown(call.words)) if text is None else text)
        return SUCCESS
    text = texts.formatted(call.arguments)
    if text is None:
        shell.print_unknown(call)
    else:
        shell.print(text, call.state, call.place)
    return SUCCESS


def _cat(shell: Printer, call: Call) -> Status:
    files = [word for word in call.arguments if literal(word) != "-"]
    if not files and call.place.stdin is not None:
        shell.print(call.place.stdin, call.state, call.place)
    elif files and not any((literal(word) or "").startswith("-") for word in files):
        shell.print(value(*(call.state.read(path) for path in files)), call.state, call.place)
    else:
        shell.print_unknown(call)
    return replace(asked(texts.shown(call.words)), question=False)


def _head(shell: Printer, call: Call) -> Status:
    """`head -n1 FILE`: the first line of a text that is known, or all of a file of which one line is known later."""
    options, files = list[Value](), list[Value]()
    for word in call.arguments:
        (options if (literal(word) or "").startswith("-") or options[-1:] == [("-n",)] else files).append(word)
    said = "".join(literal(option) or "?" for option in options)
    text = call.state.read(files[0]) if files else call.place.stdin
    line = _first_line(text) if text is not None and len(files) < 2 and said in {"-n1", "-1"} else None
    if line is None:
        shell.print_unknown(call)
    else:
        shell.print(line, call.state, call.place)
    return replace(asked(texts.shown(call.words)), question=False)


def _first_line(text: Value) -> Value | None:
    """The first line of a text; None where only a run knows where that ends."""
    lines, rest = texts.lines_of(text)
    line = value(lines[0], "\n") if lines else rest
    in_words = [part for part in line if isinstance(part, Symbol) and not is_solid(part)]
    if not in_words:
        return line
    if [*strip(line)] == in_words and in_words[0].kind == "tags":
        return value(Symbol("line", f"first of '{display(value(in_words[0]))}'"), "\n")
    alone = line == tuple(in_words) and not lines and in_words[0].kind == "file" and "*" not in in_words[0].name
    return line if alone else None


def before_a_colon(call: Call) -> Value | None:
    """What stands in a line before its first colon, or its last one, where a filter asks for that; else None."""
    match call.words[0], *filter(("-e",).__ne__, call.arguments):
        case ("sed",), (str() as script,) if operator := _WITHOUT.get(script):
            pass
        case ("cut",), *told if "".join(literal(word) or "?" for word in told) == "-d:-f1":
            operator = "%%"
        case _:
            return None
    line = strip(call.place.stdin or ())
    in_a_line = all("\n" not in part if isinstance(part, str) else _is_in_a_line(part) for part in line)
    return value(*texts.removed(line, operator, value(":*")), "\n") if line and in_a_line else None


def _is_in_a_line(symbol: Symbol) -> bool:
    return is_solid(symbol) or symbol.kind in {"line", "item"}


_WITHOUT: Final = {
    f"s{mark}:{rest}{mark}{mark}": operator
    for mark in "/|,#"
    for rest, operator in (("[^:]*$", "%"), (".*", "%%"), (".*$", "%%"))
}
"""Scripts of sed that take away what begins with a colon, and how the shell would be told of it."""


def _tee(shell: Printer, call: Call) -> Status:
    append = any(call.text(at) in {"-a", "--append"} for at in range(1, len(call.words)))
    text = call.place.stdin
    if text is None:
        text = (*texts.derived("unknown", f"input of {texts.shown(call.words)} #{call.index}"), "\n")
    for path in call.arguments:
        if not (literal(path) or "").startswith("-"):
            if not append:
                call.state.truncate(path)
            call.state.append(path, text)
    shell.print(text, call.state, call.place)
    return replace(asked(texts.shown(call.words)), question=False)


def _tr(shell: Printer, call: Call) -> Status:
    operator = _TRANSLATIONS.get((call.text(1) or "", call.text(2) or ""))
    text = call.place.stdin
    if text is None or len(call.words) != 3:
        shell.print_unknown(call)
    elif operator is not None:
        shell.print(texts.cased(text, operator), call.state, call.place)
    elif call.text(1) in {"-d", "--delete"} and (call.text(2) or "?") in _BREAKS and _is_one_word(text):
        shell.print(strip(text), call.state, call.place)
    else:
        shell.print_unknown(call)
    return SUCCESS


_BREAKS: Final = frozenset({"\n", "\\n", "\r\n", "\\r\\n", "\\n\\r", "[:space:]", " \n", " \\n"})
"""How `tr` is told of breaks of lines, and of spaces."""


def _is_one_word(text: Value) -> bool:
    """Tell whether a text is a word in a line, or a file of which is found out later whether it holds but one."""
    return all(part == "\n" if isinstance(part, str) else is_solid(part) or part.kind == "file" for part in text)


def _basename(shell: Printer, call: Call) -> Status:
    return _path_part(shell, call, lambda path: path.rstrip("/").rpartition("/")[2] or "/")


def _dirname(shell: Printer, call: Call) -> Status:
    return _path_part(
        shell, call, lambda path: path.rstrip("/").rpartition("/")[0] or ("/" if path[:1] == "/" else ".")
    )


def _path_part(shell: Printer, call: Call, part: Callable[[str], str]) -> Status:
    word = call.words[1] if len(call.words) == 2 else ()
    root, rest = (word[:1], word[1:]) if word and word[0] in WORKSPACES else ((), word)
    path = literal(rest)
    if path is None or path.startswith("-") or (root and (path[:1] != "/" or path[-1] == "/")):
        shell.print_unknown(call)
    elif root and (found := part(path)).startswith("/"):
        shell.print(value(*root, found.rstrip("/"), "\n"), call.state, call.place)
    else:
        shell.print(value(part(path), "\n"), call.state, call.place)
    return SUCCESS


def _pwd(shell: Printer, call: Call) -> Status:
    shell.print(value(absolute(call.state.folder), "\n"), call.state, call.place)
    return SUCCESS


def _set(call: Call) -> Status:
    takes_name = ""
    for at, word in enumerate(call.arguments):
        text = literal(word) or ""
        if takes_name:
            _switch(call.state, text, on=takes_name == "-")
            takes_name = ""
        elif text == "--":
            call.state.positional = call.arguments[at + 1 :]
            break
        elif re.fullmatch(r"[-+][a-zA-Z]+", text):
            if "e" in text:
                _switch(call.state, "errexit", on=text[0] == "-")
            takes_name = text[0] if text.endswith("o") else ""
    return SUCCESS


def _shopt(call: Call) -> Status:
    """`shopt -uo errexit` is `set +o errexit`."""
    letters = "".join(text for word in call.arguments if (text := literal(word) or "").startswith("-"))
    for word in call.arguments if {"s", "u"} & {*letters} else ():
        option = literal(word) or ""
        if ("o" in letters) is (option != "lastpipe"):
            _switch(call.state, option, on="s" in letters)
    return SUCCESS


def _unset(call: Call) -> Status:
    for word in call.arguments:
        name = literal(word)
        if name is not None:
            call.state.variables[name] = None
            call.state.arrays.pop(name)
            call.state.integers.pop(name)
            call.state.variables.pop(length_of(name))
    return SUCCESS


def _shift(call: Call) -> Status:
    count = call.text(1) or "1"
    positional = call.state.positional
    if positional is not None and len(call.words) <= 2 and count.isdigit() and len(count) < 6:
        call.state.positional = positional[int(count) :]
    else:
        call.state.positional = None
    return SUCCESS


def _read(call: Call) -> Status:
    names = read_names([literal(word) for word in call.arguments])
    if literal(call.words[-1]) is None:
        call.state.assign_any()
    text = call.place.stdin
    lines, rest = texts.lines_of(text) if text is not None else ([], ())
    if text is not None and is_told(text, names):
        separators = call.given.get("IFS")
        assign_line(call.state, names, lines[0] if lines else rest, None if separators is None else literal(separators))
        return SUCCESS
    source = f"'{display(text)}'" if text is not None else f"input of {texts.shown(call.words)} #{call.index}"
    for at, name in enumerate(names):
        source = f"the rest of {source}" if at == 1 else source
        call.state.assign(name, texts.derived("line", f"{name} of {source}"))
    return asked(texts.bounded(f"{texts.shown(call.words)} from {source}"))


def _getopts(call: Call) -> Status:
    """Take the next option of the arguments, as far as they are known."""
    state, options, name = call.state, call.text(1), call.text(2) or ""
    given = call.arguments[2:] or state.positional
    start = literal(state.get("OPTIND") or ()) or "1"
    at, _, within = start.partition(".")
    index, offset = (int(at), int(within or 1)) if at.isdigit() else (1, 1)
    word = literal(given[index - 1]) if given is not None and index <= len(given) else None
    if given is None or options is None or (word is None and index <= len(given)):
        state.assign(name, texts.derived("unknown", f"option {name}"))
        state.assign("OPTARG", texts.derived("unknown", f"argument of option {name}"))
        return asked(texts.shown(call.words))
    if word is None or word in {"-", "--"} or not word.startswith("-"):
        state.assign("OPTIND", value(str(index + (word == "--"))))
        state.assign(name, value("?"))
        return FAILURE
    letter, rest = word[offset], word[offset + 1 :]
    takes = f"{letter}:" in options
    known = letter in options and letter != ":"
    state.assign(name, value(letter if known else "?"))
    if takes:
        state.assign("OPTARG", value(rest) if rest else given[index] if index < len(given) else ())
        state.assign("OPTIND", value(str(index + (1 if rest else 2))))
    else:
        state.assign("OPTIND", value(f"{index}.{offset + 1}" if rest else str(index + 1)))
    return SUCCESS


def _mapfile(call: Call) -> Status:
    names = [name for word in call.arguments if (name := literal(word)) and name.isidentifier()]
    text = call.place.stdin
    lines, rest = texts.lines_of(text) if text is not None else ([], ())
    told = text is not None and is_told(text, names[-1:])
    if literal(call.words[-1]) is None:
        call.state.assign_any()
    for name in names[-1:]:
        call.state.assign_array(name, (*lines, *([rest] if rest else [])) if told else None)
    return SUCCESS


def _popd(call: Call) -> Status:
    *folders, folder = call.state.folders or ((SOMEWHERE,),)
    call.state.folders = tuple(folders)
    call.state.enter(folder)
    return SUCCESS


ACTING: Final[Mapping[str, Callable[[Call], Status]]] = {
    ":": _succeed, "true": _succeed, "false": _fail, "set": _set, "shopt": _shopt, "unset": _unset, "shift": _shift,
    "read": _read, "mapfile": _mapfile, "readarray": _mapfile, "getopts": _getopts, "popd": _popd,
    "deactivate": _deactivate,
}  # fmt: skip
"""What changes the shell, or only answers."""

PRINTING: Final[Mapping[str, Callable[[Printer, Call], Status]]] = {
    "echo": _echo, "printf": _printf, "cat": _cat, "tee": _tee, "tr": _tr, "basename": _basename, "dirname": _dirname,
    "pwd": _pwd, "head": _head,
}  # fmt: skip
"""What prints."""
