"""What the shell does to text, on text of which parts may only be known by where they come from.

Every function decides as much as all possible values have in common, and puts a symbol where they differ.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from goldenpath.facts.expressions import ends_with, has_part, rendered, same_text, starts_with
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.quoting import unescaped
from goldenpath.facts.values import Symbol, Value, display, literal, mirrored, value, without_algorithm

if TYPE_CHECKING:
    from collections.abc import Sequence

_GLOB_LIMIT: Final = 1 << 20
"""Characters of text times characters of pattern up to which a glob is matched."""

_NAME_LIMIT: Final = 400
MAX_PARTS: Final = 1 << 10
_MAX_TEXT: Final = 1 << 16
_WORD: Final = regex(r"[^\s'\"]+")
_DIGEST_CHARACTERS: Final = regex(r"[0-9a-z:]*")
_ESCAPED: Final = regex(r"\\(.)", re.DOTALL)
_GLOB_CHARACTER: Final = regex(r"[*?\[]")
_BRACES: Final = regex(r"\{([^{}]*,[^{}]*|(-?\d{1,6})\.\.(-?\d{1,6}))\}")
_BRACE_LIMIT: Final = 256
_FORMAT: Final = regex(r"%(?:%|[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?([sbqdiucxXof]))")


def derived(kind: str, name: str) -> Value:
    """Return one symbol for a value that is computed from others; equal computations give equal symbols."""
    return (Symbol(kind, bounded(name)),)


def bounded(name: str) -> str:
    """Keep a long name short but its own: the beginning, and a fingerprint of the whole."""
    if len(name) <= _NAME_LIMIT:
        return name
    from zlib import adler32, crc32

    data = name.encode("utf-8", "replace")
    return f"{name[:_NAME_LIMIT]}… {len(data)}-{crc32(data):08x}{adler32(data):08x}"


def bounded_text(text: Value) -> Value:
    """Return a text, or a symbol for one that grew beyond all use."""
    if len(text) <= MAX_PARTS and sum(len(part) for part in text if isinstance(part, str)) <= _MAX_TEXT:
        return text
    return derived("unknown", display(text))


def one_of(values: Sequence[Value | None]) -> Value:
    """Return a symbol for a value that is one of several."""
    texts = {"unset" if each is None else f"'{display(each)}'" for each in values}
    return derived("unknown", " or ".join(sorted(texts)))


def shown(words: tuple[Value, ...]) -> str:
    """Write a command as one canonical line; words with blanks in them are quoted."""
    return bounded(" ".join(_shown(word) for word in words))


def _shown(word: Value) -> str:
    known = literal(word)
    if known is None:
        return "".join(part if isinstance(part, str) else f"<{rendered((part,)).strip('<>')}>" for part in word)
    return known if _WORD.fullmatch(known) else f"'{known}'"


# --- patterns -------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    """Write quoted text so that a pattern takes it literally."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)


@lru_cache(maxsize=512)
def _elements(pattern: str) -> tuple[str, ...]:
    r"""Split a pattern into `*`, `?`, `[…]` and single characters (`\x` for an escaped one)."""
    elements: list[str] = []
    at = 0
    while at < len(pattern):
        width = 1
        if pattern[at] == "\\":
            width = 2
        elif pattern[at] == "[":
            close = pattern.find("]", at + 3 if pattern[at + 1 : at + 2] in {"!", "^"} else at + 2)
            width = close + 1 - at if close > 0 else 1
        elements.append(pattern[at : at + width])
        at += width
    return tuple(elements)


def _fits(character: str, element: str) -> bool:
    if element == "?":
        return True
    if len(element) > 2 and element[0] == "[":  # brackets around at least one character
        negated = element[1] in "!^"
        return _in_set(character, element[2 if negated else 1 : -1]) is not negated
    return character == element[-1]


def _in_set(character: str, members: str) -> bool:
    """Tell whether a bracket expression without its brackets has a character; classes are those of ASCII."""
    at = 0
    while at < len(members):
        if members.startswith("[:", at) and (close := members.find(":]", at)) > 0:
            test = _CLASSES.get(members[at + 2 : close])
            if test is not None and test.fullmatch(character):
                return True
            at = close + 2
        elif members[at + 1 : at + 2] == "-" and at + 2 < len(members):
            if members[at] <= character <= members[at + 2]:
                return True
            at += 3
        else:
            if members[at] == character:
                return True
            at += 1
    return False


_CLASSES: Final = {
    "alnum": regex(r"[A-Za-z0-9]"),
    "alpha": regex(r"[A-Za-z]"),
    "digit": regex(r"[0-9]"),
    "lower": regex(r"[a-z]"),
    "space": regex(r"[ \t\n\v\f\r]"),
    "upper": regex(r"[A-Z]"),
    "xdigit": regex(r"[0-9A-Fa-f]"),
}


def _glob(text: str, pattern: str) -> bool | None:
    """Match a whole text; None when text and pattern are too long to try."""
    elements = _elements(pattern)
    if len(text) * len(elements) > _GLOB_LIMIT:
        return None
    at = element = mark = 0
    star = -1
    while at < len(text):
        if element < len(elements) and elements[element] == "*":
            star, mark = element, at
            element += 1
        elif element < len(elements) and _fits(text[at], elements[element]):
            at, element = at + 1, element + 1
        elif star >= 0:
            mark += 1
            at, element = mark, star + 1
        else:
            return False
    return all(each == "*" for each in elements[element:])


def matches(text: Value, pattern: Value) -> bool | None:
    """Say whether a text fits a glob (its quoted parts escaped); None when that depends on the run."""
    glob = literal(pattern)
    if glob is None:
        return same_text(text, plain(pattern)) if not _has_glob(pattern) else None
    known = literal(text)
    if known is not None:
        return _glob(known, glob)
    if not _has_glob(pattern):
        return same_text(text, plain(pattern))
    return _fits_shape(text, glob)


def _fits_shape(text: Value, glob: str) -> bool | None:
    """Decide the common shapes `x*`, `*x`, `*x*` on partly known text, and whatever differs before the first `*`."""
    core = glob.strip("*")
    if not _has_glob((core,)) and not core.endswith("\\"):
        wanted = plain((core,)) if core else ()
        head, tail = not glob.startswith("*"), not glob.endswith("*")
        if not head and not tail:
            return has_part(text, wanted) if wanted else True
        if not tail:
            return starts_with(text, wanted)
        if not head:
            return ends_with(text, wanted)
    before = "" if "\\" in glob else _GLOB_CHARACTER.split(glob)[0]
    return False if starts_with(text, value(before)) is False else None


def _has_glob(pattern: Value) -> bool:
    return any(isinstance(part, str) and _GLOB_CHARACTER.search(_ESCAPED.sub("", part)) for part in pattern)


def plain(pattern: Value) -> Value:
    """Return the text that a pattern without wildcards stands for."""
    return value(*(_ESCAPED.sub(r"\1", part) if isinstance(part, str) else part for part in pattern))


def has_glob(text: Value) -> bool:
    """Tell whether an unquoted text would be expanded to file names."""
    return _has_glob(text)


# --- `${name operator pattern}` ----------------------------------------------------------------------------


_ALGORITHMS = (("sha256:",), ("*:",))
"""What is taken from before a digest."""
_MAY_BE_DIGESTS = frozenset({"digest", "hex", "command", "file"})


def removed(text: Value, operator: str, pattern: Value) -> Value:
    """Take a matching prefix (`#`, `##`) or suffix (`%`, `%%`) away."""
    if operator[0] == "#" and pattern in _ALGORITHMS and len(text) == 1:
        symbol = text[0]
        if isinstance(symbol, Symbol) and symbol.kind in _MAY_BE_DIGESTS:
            return (without_algorithm(symbol),)
    glob = literal(pattern)
    known = literal(text)
    if glob is not None and known is not None and len(known) ** 2 * len(glob) <= _GLOB_LIMIT * 16:
        return value(_removed_literally(known, operator, glob))
    if glob is not None:
        outcome = _removed_partly(text, operator, glob)
        if outcome is not None:
            return outcome
    return derived("shell", f"{rendered(text)}{operator}{rendered(pattern)}")


def _removed_literally(text: str, operator: str, glob: str) -> str:
    lengths = range(len(text) + 1)
    for length in lengths if len(operator) == 1 else reversed(lengths):
        if operator[0] == "#" and _glob(text[:length], glob):
            return text[length:]
        if operator[0] == "%" and _glob(text[len(text) - length :], glob):
            return text[: len(text) - length]
    return text


def _removed_partly(text: Value, operator: str, glob: str) -> Value | None:
    """Decide a literal prefix or suffix, and `*x` / `x*` where no symbol can hide another x."""
    if operator[0] == "%":
        left = _removed_partly(mirrored(text), operator.replace("%", "#"), _mirrored_glob(glob))
        return None if left is None else mirrored(left)
    if not _has_glob((glob,)):
        prefix = plain((glob,))
        decided = starts_with(text, prefix)
        if decided is False:
            return text
        return _without_head(text, literal(prefix) or "") if decided else None
    mark = glob[1:]
    if not glob.startswith("*") or not mark or _has_glob((mark,)):
        return None
    return _after(text, literal(plain((mark,))) or "", last=operator == "##")


def _after(text: Value, mark: str, *, last: bool) -> Value | None:
    """Return what follows a mark, or all when there is none; None when a symbol may hide one."""
    for at in range(len(text) - 1, -1, -1) if last else range(len(text)):
        part = text[at]
        if isinstance(part, Symbol):
            if _may_contain(part, mark):
                return None
            continue
        index = part.rfind(mark) if last else part.find(mark)
        if index >= 0:
            return value(part[index + len(mark) :], *text[at + 1 :])
    return text


def _may_contain(symbol: Symbol, mark: str) -> bool:
    return symbol.kind != "digest" or bool(_DIGEST_CHARACTERS.fullmatch(mark))


def _without_head(text: Value, head: str) -> Value:
    first = text[0] if text else ""
    return value(first[len(head) :], *text[1:]) if isinstance(first, str) else text


def _mirrored_glob(glob: str) -> str:
    return "".join(reversed(_elements(glob)))


def substituted(text: Value, operator: str, pattern: Value, by: Value) -> Value:
    """Replace the first match (`/`), every match (`//`), or one at the beginning (`/#`) or end (`/%`)."""
    known, glob = literal(text), literal(pattern)
    if known is None or glob is None or _has_glob(pattern):
        return derived("shell", f"{rendered(text)}{operator}{rendered(pattern)}/{rendered(by)}")
    wanted = literal(plain(pattern)) or ""
    if not wanted:
        return value(by, text) if operator == "/#" else value(text, by) if operator == "/%" else text
    if operator == "/#":
        return value(by, known[len(wanted) :]) if known.startswith(wanted) else text
    if operator == "/%":
        return value(known[: -len(wanted)], by) if known.endswith(wanted) else text
    pieces = known.split(wanted) if operator == "//" else known.split(wanted, 1)
    joined: list[str | Value] = [pieces[0]]
    for piece in pieces[1:]:
        joined += [by, piece]
    return value(*joined)


def cased(text: Value, operator: str) -> Value:
    """Change case: `,,` and `^^` of all characters, `,` and `^` of the first."""
    lower = operator[0] == ","
    if len(operator) == 1:
        first = text[0] if text else ""
        if not isinstance(first, str):
            return derived("shell", f"{rendered(text)}{operator}")
        return value(first[:1].lower() if lower else first[:1].upper(), first[1:], *text[1:])
    return value(*(_cased(part, lower=lower) for part in text))


def _cased(part: str | Symbol, *, lower: bool) -> str | Symbol:
    if isinstance(part, str):
        return part.lower() if lower else part.upper()
    if part.kind == "digest" and lower:
        return part
    kind = "lower" if lower else "upper"
    return part if part.kind == kind else Symbol(kind, rendered((part,)))


# --- words ----------------------------------------------------------------------------------------------


def braces(text: str) -> list[str]:
    """Expand `{a,b}` and `{1..3}` in unquoted text."""
    done: list[str] = []
    waiting = [text]
    while waiting and len(done) + len(waiting) < _BRACE_LIMIT:
        each = waiting.pop()
        match = _BRACES.search(each)
        if match is None:
            done.append(each)
            continue
        choices = match[1].split(",") if match[2] is None else _counted(int(match[2]), int(match[3]))
        waiting += [each[: match.start()] + choice + each[match.end() :] for choice in reversed(choices)]
    return done + waiting[::-1]


def _counted(first: int, last: int) -> list[str]:
    step = 1 if first <= last else -1
    return [str(number) for number in range(first, last + step, step)][:_BRACE_LIMIT]


def without_newlines(text: Value) -> Value:
    """Drop line breaks at the end, as a command substitution does."""
    last = text[-1] if text else ""
    return value(*text[:-1], last.rstrip("\n")) if isinstance(last, str) else text


def lines_of(text: Value) -> tuple[list[Value], Value]:
    """Split at line breaks: the complete lines, and what follows the last one."""
    complete: list[Value] = []
    current: list[str | Symbol] = []
    for part in text:
        if isinstance(part, Symbol):
            current.append(part)
            continue
        *ended, rest = part.split("\n")
        for line in ended:
            complete.append(value(*current, line))
            current = []
        current.append(rest)
    return complete, value(*current)


# --- what builtins print --------------------------------------------------------------------------------


def echoed(arguments: tuple[Value, ...]) -> Value:
    """Return what `echo` prints, with its options `-n`, `-e` and `-E`."""
    newline, escapes = "\n", False
    rest = list(arguments)
    while rest and (option := literal(rest[0])) and re.fullmatch(r"-[neE]+", option):
        newline = "" if "n" in option else newline
        escapes = "e" in option
        rest.pop(0)
    parts: list[Value | str] = []
    for argument in rest:
        parts += ([" "] if parts else []) + [_decoded(argument) if escapes else argument]
    if len(rest) > 1 and not rest[0]:
        parts.insert(0, "")
    return value(*parts, newline)


def _decoded(text: Value) -> Value:
    return value(*(unescaped(part) if isinstance(part, str) else part for part in text))


def formatted(arguments: tuple[Value, ...]) -> Value | None:
    """Return what `printf` prints; None when its format is not known or needs arithmetic."""
    template = literal(arguments[0]) if arguments else None
    if template is None:
        plain_text = bool(arguments) and not any("%" in part for part in arguments[0] if isinstance(part, str))
        return _decoded(arguments[0]) if plain_text else None
    if template.startswith("-"):
        return None
    waiting = list(arguments[1:])
    parts: list[str | Value] = []
    while True:
        before = len(waiting)
        piece = _formatted_once(template, waiting)
        if piece is None:
            return None
        parts.append(piece)
        if not waiting or len(waiting) == before:
            return value(*parts)


def _formatted_once(template: str, waiting: list[Value]) -> Value | None:
    parts: list[str | Value] = []
    at = 0
    for match in _FORMAT.finditer(template):
        parts.append(unescaped(template[at : match.start()]))
        at = match.end()
        if match[0] == "%%":
            parts.append("%")
        elif len(match[0]) > 2 or match[1] not in "sbdiu":
            return None
        else:
            argument = waiting.pop(0) if waiting else value("" if match[1] in "sb" else "0")
            parts.append(_decoded(argument) if match[1] == "b" else argument)
    return value(*parts, unescaped(template[at:]))
