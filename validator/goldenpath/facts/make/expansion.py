"""Variables and functions of make, on partly known text ("How to Use Variables", "Functions for Transforming Text")."""

from __future__ import annotations

import posixpath
import re
import shlex
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from goldenpath.facts.expressions import not_empty
from goldenpath.facts.pipeline.tables import has_a_release, words_in
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import WORKSPACE, path_from
from goldenpath.facts.values import Symbol, Value, display, fields, literal, strip, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DEPTH: Final = 40
"""Variables that refer to each other."""

MAX_EXPANSIONS: Final = 20_000
MAX_TEXT: Final = 1 << 16

_SET_BY_RUNNERS: Final = regex(
    r"(GITHUB|RUNNER|ACTIONS|ImageOS|JAVA_HOME|GOROOT)\w*|HOME|PATH|USER|CI|TMPDIR|LANG|PWD|LOGNAME|HOSTNAME"
)
"""Variables that are in the environment of every script although no workflow says so."""

_BUILT_IN: Final[Mapping[str, str]] = {
    "MAKE": "make", "SHELL": "/bin/sh", ".SHELLFLAGS": "-c", "RM": "rm -f", "CC": "cc", "CXX": "g++", "AR": "ar",
    "MAKELEVEL": "0", ".RECIPEPREFIX": "", "MAKE_VERSION": "4.3", "INSTALL": "install",
}  # fmt: skip

_SHELL_ANSWERS: Final = regex(
    r"(?P<here>pwd)|git rev-parse --show-toplevel|echo\s+(?P<text>[\w./:@-]+)|echo\s+\"?\$\{?(?P<name>\w+)\}?\"?"
    r"|(?P<system>uname( -s)?)(\s+2>\s*/dev/null)?"
)
_TRANSLATED: Final = regex(
    r"echo[ \t]+(?P<text>'(?!-)[\w./:@-]+'|(?!-)[\w./:@-]+)"
    r"(?P<by>([ \t]*\|[ \t]*tr([ \t]+('[\w \[\]:./-]*'|[\w\[\]:./-]+))+)+)"
)
_RANGES: Final = {
    "a-z": ascii_lowercase, "[:lower:]": ascii_lowercase, "A-Z": ascii_uppercase, "[:upper:]": ascii_uppercase,
    "0-9": digits, "[:digit:]": digits,
}  # fmt: skip
"""Sets of tr that everybody knows."""
_BOTH: Final = 2
_SILENT: Final = regex(
    r"((?:(?:mkdir|touch|true)(?:[ \t]+(?:-p|[^\s;&|`$()<>#-][^\s;&|`$()<>]*))*"
    r"|test(?:[ \t]+(?:\"[^\"`$\\]*\"|[^\s;&|`$()<>#\"]+))+)[ \t]*(&&[ \t]*|;[ \t]*|\Z))+"
)
"""Commands that print nothing, and make nothing but folders and empty files."""
_READS: Final = regex(
    r"\s*(cat|head|jq|cut|tr|awk|grep)(\s[^|;&<>`$()\n]*)?(\|\s*(head|jq|cut|tr|awk|grep)\s[^|;&<>`$()\n]*)*"
)
"""Commands that print what stands in a file, or a part of it, and do nothing else."""
_FOLDERS: Final = regex(
    r"variable (HOME|RUNNER_TEMP|RUNNER_TOOL_CACHE|JAVA_HOME\w*|GOROOT\w*)|command go env (GOPATH|GOBIN|GOROOT)( #\d+)?"
)
"""Symbols that stand for a folder of the machine: one path, and none of this repository."""
_ONE_WORD: Final = regex(
    r"sha|ref|ref_name|tag|repository|repository_owner|run_id|run_number|actor"
    r"|CI_(COMMIT_(SHA|SHORT_SHA|REF_NAME|REF_SLUG|TAG)|PIPELINE_I?ID|PROJECT_(ID|NAME|PATH)|REGISTRY(_IMAGE)?)"
)
"""What stands for one word, and never for none, of what GitHub and GitLab say of a run."""
_STAND_IN: Final = regex(r"<[\w-]+>")
_GLOB: Final = regex(r"[*?\[]")
_MARK: Final = "\0"
_ABSOLUTE: Final = regex(r"\0(?:/(\S*))?")


def is_elsewhere(name: str) -> bool:
    """Whether a name is that of a file in a folder of the machine."""
    return _STAND_IN.match(name) is not None


class Tree(Protocol):
    """What is in the folder in which make runs, and on what system (`uname`; empty: not known)."""

    system: str

    def exists(self, path: str) -> bool | None:
        """Whether a path is there; None where that is not known."""

    def find(self, pattern: str) -> list[str]:
        """The paths that fit a pattern of the shell."""


class Unclear(Exception):  # noqa: N818 - it says why nothing is concluded, and reads so where raised
    """What make would do here is not concluded; `reason` says why, and at which line of which file if it is known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Variable(Struct, frozen=True):
    """A variable: its text, and whether references in it are looked up each time that it is used."""

    text: Value
    recursive: bool
    origin: str = "file"


class Variables:
    """All variables that a Makefile can see, and what references to them are worth.

    `environment` gives a variable of the environment (None: not set), `tree` knows what is in the folder.
    """

    def __init__(self, folder: str, environment: Callable[[str], Value | None], tree: Tree) -> None:
        self.folder = folder
        self.defined: dict[str, Variable] = {}
        self.automatic: dict[str, Value] = {}
        self.overlay: Mapping[str, Variable] = {}
        self.reads_now = False
        """Whether a file that `$(shell …)` reads holds what it does when the line that asks for it runs."""
        self.may_be_given = False
        """Whether the environment may have variables that nobody has seen."""
        self.evaluate: Callable[[str], None] = _refuse
        self._environment = environment
        self._tree = tree
        self._folders: dict[str, Symbol] = {}
        self._depth = 0
        self._left = MAX_EXPANSIONS

    # --- looking up

    def get(self, name: str) -> Variable | None:
        """A variable by name; None when it is not defined."""
        given = self.defined.get(name)
        if given is not None and given.origin in {"command line", "override"}:
            return given
        found = self.overlay.get(name) or given or self._of_environment(name)
        if found is None and name in _BUILT_IN:
            return Variable(value(_BUILT_IN[name]), recursive=False, origin="default")
        if found is None and name == "CURDIR":
            return Variable(value(WORKSPACE, *(["/", self.folder] if self.folder else [])), recursive=False)
        return found

    def _of_environment(self, name: str) -> Variable | None:
        if name in {"SHELL", "MAKE", ".SHELLFLAGS"}:
            return None
        text = self._environment(name)
        unknown = text == (Symbol("variable", name),)
        if text is None or (unknown and not _SET_BY_RUNNERS.fullmatch(name)):
            return None
        return Variable(text, recursive=True, origin="environment")

    def in_environment(self, name: str) -> bool:
        """Whether the environment has a variable of this name."""
        return self._of_environment(name) is not None

    # --- expanding

    def expand(self, text: str | Value) -> Value:
        """A text with all its references replaced."""
        if not isinstance(text, str):
            return _bounded(value(*(self.expand(part) if isinstance(part, str) else part for part in text)))
        parts: list[str | Symbol | Value] = []
        at = 0
        while (dollar := text.find("$", at)) >= 0:
            parts.append(text[at:dollar])
            after = text[dollar + 1 : dollar + 2]
            if after in {"(", "{"}:
                end = closing(text, dollar + 1)
                parts.append(self._reference(text[dollar + 2 : end]))
                at = end + 1
                continue
            parts.append(self._variable(after) if after not in {"$", ""} else "$")
            at = dollar + 2
        return _bounded(value(*parts, text[at:]))

    def _reference(self, body: str) -> Value:
        self._left -= 1
        if self._left < 0 or self._depth >= MAX_DEPTH:
            raise Unclear("its variables refer to each other too often")
        self._depth += 1
        try:
            name, _, rest = body.partition(" ") if re.match(r"[a-z-]+ ", body) else body.partition("\t")
            function = _FUNCTIONS.get(name)
            if function is not None and len(name) < len(body):
                return function(self, arguments(rest.lstrip(" \t")))
            return self._named(body)
        finally:
            self._depth -= 1

    def _named(self, body: str) -> Value:
        if "$" in body.partition(":")[0]:
            known = literal(self.expand(body))
            if known is None:
                return _unknown("reference", body)
            body = known
        name, colon, change = body.partition(":")
        if colon and "=" in change:
            old, _, new = change.partition("=")
            pattern, by = (old, new) if "%" in old else (f"%{old}", f"%{new}")
            return _patsubst(self, [pattern, by, f"$({name})"])
        known = literal(self.expand(body)) if "$" in body else body
        return self._variable(known) if known is not None else _unknown("reference", body)

    def _variable(self, name: str) -> Value:
        if name in self.automatic:
            return self.automatic[name]
        found = self.get(name)
        if found is None:
            return ()
        if not found.recursive:
            return found.text
        self._left -= 1
        if self._left < 0 or self._depth >= MAX_DEPTH:
            raise Unclear(f"the variable {name} refers to itself, or variables refer to each other too often")
        self._depth += 1
        try:
            return self.expand(found.text)
        finally:
            self._depth -= 1

    def exists(self, path: str) -> bool | None:
        """Whether a path is there, as seen from the folder in which make runs."""
        return None if is_elsewhere(path) else self._tree.exists(path)

    def stood_for(self, part: str | Symbol) -> str | None:
        """A part of a name as a text: a folder of the machine by what stands for it, None for what only a run knows."""
        if isinstance(part, str):
            return part
        found = _FOLDERS.fullmatch(f"{part.kind} {part.name}")
        if found is None:
            return None
        name = f"<{found[1] or found[2]}>"
        self._folders[name] = part
        return name

    def names(self, text: Value) -> str | None:
        """The names that a text comes to, with folders of the machine by what stands for them; None if not known."""
        parts = [self.stood_for(part) for part in text]
        return None if None in parts else "".join(filter(None, parts))

    def path(self, name: str) -> Value:
        """What a name stands for, wherever it begins with a folder of the machine."""
        parts: list[str | Symbol] = []
        at = 0
        for found in _STAND_IN.finditer(name):
            parts += [name[at : found.start()], self._folders.get(found[0], found[0])]
            at = found.end()
        return value(*parts, name[at:])

    def found(self, patterns: str) -> list[str]:
        """Paths, and for patterns the paths that fit them."""
        return [path for each in patterns.split() for path in (self._tree.find(each) if _GLOB.search(each) else [each])]

    def filled(self, needs: str) -> list[str]:
        """Prerequisites, with files for patterns; what fits none, or names a stem, make leaves as it is."""
        return [path for each in needs.split() for path in ((self.found(each) if "%" not in each else []) or [each])]

    def relative(self, text: Value) -> Value:
        """A text in which paths below the workspace begin at the folder in which make runs."""
        if WORKSPACE not in text:
            return text
        up = posixpath.relpath(".", self.folder or ".")
        marked = value(*(_MARK if part == WORKSPACE else part for part in text))
        parts = (_ABSOLUTE.sub(lambda at: posixpath.normpath(posixpath.join(up, at[1] or ".")), part)
                 if isinstance(part, str) else part for part in marked)  # fmt: skip
        return value(*parts)

    def answer(self, command: str) -> Value | None:
        """What a command of `$(shell …)` prints, where that is no secret."""
        found = _SHELL_ANSWERS.fullmatch(command.strip())
        if found is None:
            return _translated(command.strip())
        if found["text"]:
            return value(found["text"])
        if found["name"]:
            return self._environment(found["name"]) if self.in_environment(found["name"]) else ()
        if found["system"]:
            return value(self._tree.system) if self._tree.system and found["system"] in {"uname", "uname -s"} else None
        return value(WORKSPACE, *(["/", self.folder] if found["here"] and self.folder else []))

    def written(self, text: Value) -> str:
        """A text as one could write it in a Makefile, with variables for what only a run knows."""
        parts = []
        for part in text:
            if isinstance(part, Symbol):
                name = (
                    f".{part.kind} {part.name}".replace("$", "").replace("(", "[").replace(")", "]").replace("\n", " ")
                )
                self.defined[name] = Variable((part,), recursive=False)
                part = f"$({name})"  # noqa: PLW2901
            parts.append(part)
        return "".join(parts)

    def call(self, name: str, given: list[Value]) -> Value:
        """`$(call name,…)`: the variable with `$(1)` … replaced."""
        found = self.get(name)
        if found is None:
            return ()
        kept = dict(self.automatic)
        self.automatic |= {str(number): each for number, each in enumerate((value(name), *given))}
        self.automatic |= {str(number): () for number in range(len(given) + 1, 10)}
        try:
            return self.expand(found.text) if found.recursive else found.text
        finally:
            self.automatic = kept


def _refuse(_text: str) -> None:
    raise Unclear("it has an $(eval …) that is not followed")


def _bounded(text: Value) -> Value:
    if sum(len(part) for part in text if isinstance(part, str)) > MAX_TEXT:
        raise Unclear("its variables grow beyond all use")
    return text


def _unknown(what: str, text: str) -> Value:
    return (Symbol("unknown", f"make: {what} {text}"[:500]),)


def closing(text: str, start: int) -> int:
    """The position of the parenthesis that closes the one at `start`. Raises Unclear without one."""
    opening = text[start]
    ending = ")" if opening == "(" else "}"
    depth = 0
    for at in range(start, len(text)):
        if text[at] == opening:
            depth += 1
        elif text[at] == ending:
            depth -= 1
            if not depth:
                return at
    raise Unclear("it has a reference that does not end")


def arguments(text: str) -> list[str]:
    """The arguments of a function: what stands between commas that are in no parentheses."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(text):
        if character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == "," and depth <= 0:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]


# --- functions


def _pure(work: Callable[..., str], most: int) -> Callable[[Variables, list[str]], Value]:
    """A function of texts alone: known where they are. What it has more commas than arguments is part of the last."""

    def function(variables: Variables, given: list[str]) -> Value:
        given = [*given[: most - 1], ",".join(given[most - 1 :])] if len(given) > most else given
        expanded = [variables.expand(each) for each in given]
        known = [text for each in expanded if (text := literal(each)) is not None]
        if len(known) < len(expanded):
            return _unknown(work.__name__.strip("_<>"), ",".join(map(display, expanded)))
        try:
            return value(work(*known))
        except (TypeError, ValueError, IndexError):
            raise Unclear("it has a function with arguments that make refuses") from None

    return function


def fits(pattern: str, word: str) -> str | None:
    """The stem of a word under a pattern with `%`; None when it does not fit. Without `%` the stem is empty."""
    if "%" not in pattern:
        return "" if word == pattern else None
    head, _, tail = pattern.partition("%")
    if len(word) >= len(head) + len(tail) and word.startswith(head) and word.endswith(tail):
        return word[len(head) : len(word) - len(tail)]
    return None


def _subst(old: str, new: str, text: str) -> str:
    return text.replace(old, new) if old else text


def _patsubst_text(pattern: str, by: str, text: str) -> str:
    def one(word: str) -> str:
        stem = fits(pattern.strip(), word)
        return word if stem is None else by.strip().replace("%", stem, 1) if "%" in pattern else by.strip()

    return " ".join(map(one, text.split()))


_patsubst = _pure(_patsubst_text, 3)


def _filter(patterns: str, text: str) -> str:
    return " ".join(word for word in text.split() if any(fits(each, word) is not None for each in patterns.split()))


def _filter_out(patterns: str, text: str) -> str:
    return " ".join(word for word in text.split() if all(fits(each, word) is None for each in patterns.split()))


def _word(number: str, text: str) -> str:
    return next(iter(text.split()[int(number) - 1 : int(number)]), "")


def _wordlist(first: str, last: str, text: str) -> str:
    return " ".join(text.split()[int(first) - 1 : int(last)])


def _each(work: Callable[[str], str]) -> Callable[[str], str]:
    def function(text: str) -> str:
        return " ".join(filter(None, map(work, text.split())))

    function.__name__ = work.__name__
    return function


def _dir(path: str) -> str:
    return path[: path.rfind("/") + 1] or "./"


def _notdir(path: str) -> str:
    return path[path.rfind("/") + 1 :]


def _suffix(path: str) -> str:
    name = _notdir(path)
    return name[name.rfind(".") :] if "." in name else ""


def _basename(path: str) -> str:
    return path[: len(path) - len(_suffix(path))]


def _join(one: str, other: str) -> str:
    first, second = one.split(), other.split()
    longest = max(len(first), len(second))
    padded = (each + [""] * (longest - len(each)) for each in (first, second))
    return " ".join(left + right for left, right in zip(*padded, strict=True))


def _if(variables: Variables, given: list[str]) -> Value:
    then, otherwise = given[1] if len(given) > 1 else "", ",".join(given[2:])
    decided = not_empty(strip(variables.expand(given[0].strip())))
    if decided is None:
        one, other = _unless_stopped(variables, then), _unless_stopped(variables, otherwise)
        if one is None or other is None:
            return one or other or ()
        return one if one == other else _unknown("if", ",".join(given))
    return variables.expand(then if decided else otherwise)


def _unless_stopped(variables: Variables, text: str) -> Value | None:
    """A text, or None for one with which make stops."""
    return None if re.match(r"\s*\$[({]error\b", text) else variables.expand(text)


def _or(variables: Variables, given: list[str]) -> Value:
    found: Value = ()
    for each in given:
        found = strip(variables.expand(each))
        decided = not_empty(found)
        if decided is None:
            return found if each is given[-1] else _unknown("or", ",".join(given))
        if decided:
            return found
    return found


def _and(variables: Variables, given: list[str]) -> Value:
    found: Value = ()
    for each in given:
        found = strip(variables.expand(each))
        decided = not_empty(found)
        if decided is None and each is not given[-1]:
            return _unknown("and", ",".join(given))
        if decided is False:
            return ()
    return found


def _is_one_word(symbol: Symbol) -> bool:
    return symbol.kind in {"github", "gitlab"} and _ONE_WORD.fullmatch(symbol.name) is not None


def _foreach(variables: Variables, given: list[str]) -> Value:
    name, listed, body = (*given[:2], ",".join(given[2:]))
    items = variables.expand(listed)
    if not all(isinstance(part, str) or _is_one_word(part) for part in items):
        return _unknown("foreach", ",".join(given))
    kept = dict(variables.automatic)
    parts: list[Value | str] = []
    for item in fields(items):
        variables.automatic[name.strip()] = item
        parts += [*([" "] if parts else []), variables.expand(body)]
    variables.automatic = kept
    return value(*parts)


def _call(variables: Variables, given: list[str]) -> Value:
    name = literal(strip(variables.expand(given[0])))
    if name is None:
        return _unknown("call", ",".join(given))
    if name in _FUNCTIONS:
        return _FUNCTIONS[name](variables, given[1:])
    return variables.call(name, [variables.expand(each) for each in given[1:]])


def _translated(command: str) -> Value | None:
    """What `echo TEXT | tr SET SET` prints; None for whatever else tr is told."""
    found = _TRANSLATED.fullmatch(command)
    if found is None:
        return None
    text = found["text"].strip("'")
    for step in found["by"].split("|")[1:]:
        words = shlex.split(step)[1:]
        sets = [_characters(word) for word in words if word != "-d"]
        if not all(sets) or len(sets) != (1 if words[:1] == ["-d"] else _BOTH) or len(set(map(len, sets))) > 1:
            return None
        given, becomes, gone = (sets[0], sets[1], "") if len(sets) == _BOTH else ("", "", sets[0])
        text = text.translate(str.maketrans(given, becomes, gone))
    return value(text)


def _characters(written: str) -> str:
    """The characters of a set of tr; empty where it is neither a range that everybody knows nor plain."""
    plain = written == "-" or not {"-", "[", "]", ":"} & set(written)
    return _RANGES.get(written) or (written if plain and len(set(written)) == len(written) else "")


def _shell(variables: Variables, given: list[str]) -> Value:
    """What a command prints is known in a run only; it is the same wherever it is asked for alike."""
    text = variables.expand(",".join(given))
    if _SILENT.fullmatch("".join(part if isinstance(part, str) else "_" for part in strip(text))):
        return ()
    if has_a_release(words_in(display(text))):
        raise Unclear(f"it releases as it is read: {display(text)}"[:200])
    answer = variables.answer(literal(text) or "")
    if answer is None and variables.reads_now and _READS.fullmatch(literal(text) or ""):
        return value(f"$({literal(text)})")  # its shell finds out the same
    return (Symbol("command", f"{display(text)} #00"[-500:]),) if answer is None else answer


def _wildcard(variables: Variables, given: list[str]) -> Value:
    text = literal(variables.relative(variables.expand(",".join(given))))
    if text is None or "~" in text:
        return (Symbol("command", f"wildcard {text} #00"),)
    text = " ".join(variables.found(text))
    there = {path: variables.exists(path) for path in text.split()}
    if None in there.values():
        return _unknown("wildcard", text)
    return value(" ".join(path for path, found in there.items() if found))


def _absolute(variables: Variables, given: list[str]) -> Value:
    text = variables.expand(",".join(given))
    known = literal(text)
    if known is not None and len(known.split()) != 1:
        return _unknown("abspath", known)
    path = path_from(value(variables.folder), strip(text))
    outside = bool(path) and (isinstance(path[0], Symbol) or path[0].startswith("/"))
    return path if outside else value(WORKSPACE, "/", path) if path else (WORKSPACE,)


def _eval(variables: Variables, given: list[str]) -> Value:
    variables.evaluate(variables.written(variables.expand(",".join(given))))
    return ()


def _error(variables: Variables, given: list[str]) -> Value:
    raise Unclear(f"it stops: {display(variables.expand(','.join(given))).strip()}"[:200])


def _silent(variables: Variables, given: list[str]) -> Value:
    variables.expand(",".join(given))  # which may have a `$(shell …)`
    return ()


def _named(variables: Variables, given: list[str]) -> Variable | None:
    """The variable of a name, which may be put together of others."""
    name = variables.expand(",".join(given))
    known = literal(name)
    if known is None:
        raise Unclear(f"which variable {display(name)} is, only a run knows"[:200])
    return variables.get(known.strip())


def _raw(variables: Variables, given: list[str]) -> Value:
    found = _named(variables, given)
    return found.text if found is not None else ()


def _origin(variables: Variables, given: list[str]) -> Value:
    found = _named(variables, given)
    return value(found.origin if found is not None else "undefined")


def _flavor(variables: Variables, given: list[str]) -> Value:
    found = _named(variables, given)
    return value("undefined" if found is None else "recursive" if found.recursive else "simple")


_FUNCTIONS: Final[Mapping[str, Callable[[Variables, list[str]], Value]]] = {
    "subst": _pure(_subst, 3),
    "patsubst": _patsubst,
    "strip": _pure(lambda text: " ".join(text.split()), 1),
    "findstring": _pure(lambda wanted, text: wanted if wanted in text else "", 2),
    "filter": _pure(_filter, 2),
    "filter-out": _pure(_filter_out, 2),
    "sort": _pure(lambda text: " ".join(sorted(set(text.split()))), 1),
    "word": _pure(_word, 2),
    "wordlist": _pure(_wordlist, 3),
    "words": _pure(lambda text: str(len(text.split())), 1),
    "firstword": _pure(lambda text: " ".join(text.split()[:1]), 1),
    "lastword": _pure(lambda text: " ".join(text.split()[-1:]), 1),
    "dir": _pure(_each(_dir), 1),
    "notdir": _pure(_each(_notdir), 1),
    "suffix": _pure(_each(_suffix), 1),
    "basename": _pure(_each(_basename), 1),
    "addsuffix": _pure(lambda end, text: " ".join(word + end for word in text.split()), 2),
    "addprefix": _pure(lambda start, text: " ".join(start + word for word in text.split()), 2),
    "join": _pure(_join, 2),
    "realpath": _absolute,
    "abspath": _absolute,
    "if": _if,
    "or": _or,
    "and": _and,
    "foreach": _foreach,
    "call": _call,
    "shell": _shell,
    "wildcard": _wildcard,
    "eval": _eval,
    "error": _error,
    "info": _silent,
    "warning": _silent,
    "value": _raw,
    "origin": _origin,
    "flavor": _flavor,
}


def folder_of(path: str) -> str:
    """`$(@D)` and its like: the folder of a path, without the slash."""
    return posixpath.dirname(path) or "."
