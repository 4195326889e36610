"""Where the commands of a script lead in its repository: to scripts by their paths, and to what programs read there."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.expansion import is_solid
from goldenpath.facts.shell.paths import is_within, path_from
from goldenpath.facts.shell.script import SHELLS, Called, Callees, Lead, Surroundings, program_name
from goldenpath.facts.shell.text import lines_of
from goldenpath.facts.values import Symbol, Value, literal, partition, value

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from goldenpath.facts.shell.state import State

_PATH: Final = Symbol("variable", "PATH")
_PLAIN: Final = regex(r"[\w./:@%+,-]*")
_SETS: Final = regex(r"(export )?[A-Za-z_]\w*=" + _PLAIN.pattern)
_SCOPED: Final = regex(r"@[\w.-]+/[\w.@-]+")
"""What npm calls a package of somebody's, which is a path only where there is one."""
_OF_NODE: Final = regex(
    r"--(no-(warnings|deprecation)|enable-source-maps|expose[-_]gc|trace-[\w-]+|unhandled-rejections=\w+"
    r"|(max[-_]old[-_]space|stack)[-_]size=\d+|experimental-(vm-modules|modules|fetch|strip-types|worker)"
    r"|experimental-specifier-resolution=\w+|no-experimental-[\w-]+)"
)
"""Options of Node.js by which it runs nothing but the program that is named behind them."""
_INSTALLED: Final = regex(
    r"(?:.*/)?node_modules/(?:\.bin/(?P<linked>[\w.-]+)|(?P<package>(?:@[\w.-]+/)?\w[\w.-]*)/"
    r"(?:bin/_?(?!(?:cli|index|main|run)\b)(?P<program>[\w-]+)(?:\.[cm]?js)?|(?!.*node_modules/).+))"
)
"""A program of a package that npm has installed: by its name among the programs, or by that of the package."""
_OF_PHP: Final = regex(
    r"-n|-d ?(memory_limit|max_execution_time|error_reporting|display_errors|date\.timezone|zend\.assertions"
    r"|phar\.readonly|xdebug\.mode|pcov\.\w+|opcache\.enable(_cli)?)=[\w.,/~-]*"
)
"""Options of PHP by which it runs nothing but the program that is named behind them."""
_BY_COMPOSER: Final = regex(r"(?:.*/)?vendor/bin/[\w.-]+")
_CHANGED: Final = Lead(unseen="it may have been changed here before")


class Leads:
    """Where commands lead in a repository; nowhere without one."""

    def __init__(self, callees: Callees | None) -> None:
        self._callees = callees

    def exists(self, path: str) -> bool:
        """Tell whether the repository has a file or a folder, as far as is known."""
        return self._callees is not None and (not path or self._callees.exists(path))

    def stands_in(self, folder: str, state: State) -> bool:
        """Tell whether a folder is surely there, with a file that others have left in it."""
        left = self._callees.stands if self._callees is not None else ()
        return any(
            is_within(path, folder)
            and not any(is_within(path, each) or is_within(each, path) for each in state.changed)
            for path in left
        )

    def stands(self, word: Value, state: State) -> bool:
        """Tell whether a file that others have left is surely there."""
        path = literal(path_from(state.folder, word))
        known = path is not None and self._callees is not None and path in self._callees.stands
        return known and not any(is_within(path or "", each) for each in state.changed)

    def of(
        self, words: tuple[Value, ...], state: State, given: Mapping[str, Value], made: frozenset[str]
    ) -> Lead | None:
        """Tell what a command leads to; None for one that does not lead to the repository.

        `given` are the variables that are set for it alone, `made` the files that commands before it have made.
        """
        if self._callees is None:
            return None
        words = self._callees.unwrapped(words)
        path = _path_of_script(words[0], state)
        if path is not None and not (_SCOPED.fullmatch(literal(words[0]) or "") and not self._callees.exists(path)):
            return self._run(path, words, state)
        if (shadow := self.shadow(words, state, given.get("PATH") or state.get("PATH"))) is not None:
            return shadow
        program = program_name(words[0])
        if program is None or program in SHELLS:
            return None

        def environment(name: str) -> Value | None:
            return given[name] if name in given else _exported(name, state)

        lead = self._callees.program((value(program), *words[1:]), Surroundings(state.folder, environment, made))
        is_changed = lead is not None and any(is_within(path, each) for path in lead.reads for each in state.changed)
        return _CHANGED if is_changed else lead

    def without_interpreter(self, words: tuple[Value, ...], state: State) -> tuple[Value, ...]:
        """A command without `node` or `php` before a program that npm or Composer has installed."""
        if self._callees is None or literal(words[0]) not in {"node", "php"}:
            return words
        return self._without_php(words, state) if literal(words[0]) == "php" else self._without_node(words, state)

    def _without_php(self, words: tuple[Value, ...], state: State) -> tuple[Value, ...]:
        """The same of `php -d memory_limit=-1 vendor/bin/phpstan`."""
        rest = words[1:]
        while rest and (option := literal(rest[0]) or "").startswith("-"):
            count = 2 if option == "-d" else 1
            if not _OF_PHP.fullmatch(" ".join(literal(word) or "" for word in rest[:count])):
                return words
            rest = rest[count:]
        return rest if rest and self._is_installed(rest[0], _BY_COMPOSER, state) else words

    def _is_installed(self, word: Value, pattern: re.Pattern[str], state: State) -> bool:
        """Whether a word is the path of a program that is neither in the repository nor written here."""
        path = _path_of_script(word, state)
        if self._callees is None or path is None or pattern.fullmatch(path) is None:
            return False
        return not self._callees.exists(path) and _written(path, word, state) is None

    def _without_node(self, words: tuple[Value, ...], state: State) -> tuple[Value, ...]:
        """The same of `node node_modules/jest/bin/jest.js`."""
        rest = tuple(dropwhile(lambda word: _OF_NODE.fullmatch(literal(word) or ""), words[1:]))
        path = _path_of_script(rest[0], state) if rest else None
        installed = _INSTALLED.fullmatch(path) if path is not None else None
        if installed is None or not self._is_installed(rest[0], _INSTALLED, state):
            return words
        return (value(installed["linked"] or installed["program"] or installed["package"]), *rest[1:])

    def shadow(self, words: tuple[Value, ...], state: State, path: Value | None) -> Lead | None:
        """Tell what takes the place of a program where `PATH` leads into the repository."""
        name = literal(words[0])
        if self._callees is None or not name or not path or path == (_PATH,):
            return None
        own = {known for each in state.files if (known := literal(each))}
        files = {*self._callees.named(name), *(each for each in own if each.rpartition("/")[2] == name)}
        for folder in _folders(path) if files else ():
            at = path_from(state.folder, value(folder or ".", "/", name))
            if (known := literal(at)) in files:
                return self._run(known or "", words, state)
            if known is None and not (isinstance(at[0], Symbol) and at[0].kind == "variable"):
                return Lead(unseen=f"which {name} runs is only known in a run: PATH may lead to one of this repository")
        return None

    def script(self, word: Value, state: State) -> Lead | None:
        """Tell what a script does that a shell reads; None when nobody knows."""
        path = literal(path_from(state.folder, word))
        lead = _written(path or "", word, state)
        if lead is None and path and self._callees is not None and not path.startswith(("/", "~", "../")):
            return self._callees.script(path, run=False)
        return lead

    def _run(self, path: str, words: tuple[Value, ...], state: State) -> Lead:
        """Tell what a script does that is run by its name; what the script at hand has written itself is followed."""
        assert self._callees is not None  # noqa: S101 - asked by the caller
        lead = _written(path, words[0], state) or self._callees.script(path, run=True)
        called = [replace(each, name=words[0], arguments=words[1:]) for each in lead.scripts]
        return replace(lead, scripts=tuple(called))


def _exported(name: str, state: State) -> Value | None:
    """Return a variable as a child sees it; None when it is certainly not set there."""
    return state.get(name) if name in state.exported or name not in state.variables else None


def _path_of_script(word: Value, state: State) -> str | None:
    """Return the path in the repository that a command runs; None when it is a program or lies elsewhere."""
    if not any(isinstance(part, str) and "/" in part for part in word):
        return None
    path = literal(path_from(state.folder, word))
    return path if path and not path.startswith(("/", "~", "../")) else None


def _written(path: str, word: Value, state: State) -> Lead | None:
    """Return what is known of a script that has been written or changed here."""
    at = path_from(state.folder, word)
    if at in state.files:
        text = state.files[at]
        if literal(text) is None and not only_sets(text):
            return Lead(unseen="what it runs is written in a run")
        return Lead((Called(text=text, path=""),))
    return _CHANGED if any(is_within(path, each) for each in state.changed) else None


def only_sets(text: Value) -> bool:
    """Tell whether a text does nothing but set variables to words as they stand, of which no shell makes more."""
    complete, rest = lines_of(text)
    return all(map(_sets, filter(None, (*complete, rest))))


def _sets(line: Value) -> bool:
    head, *rest = line
    if not (isinstance(head, str) and _SETS.fullmatch(head)):
        return False
    return all(_PLAIN.fullmatch(part) if isinstance(part, str) else is_solid(part) for part in rest)


def _folders(path: Value) -> Iterator[Value]:
    """The folders of a `PATH`."""
    while split := partition(path, ":"):
        folder, path = split
        yield folder
    yield path
