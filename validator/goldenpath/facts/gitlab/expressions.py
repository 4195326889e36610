"""GitLab's expressions (`rules:if`, `only:variables`), decided as far as they can be without a run.

The grammar is that of GitLab's own parser: variables, texts, `null` and patterns, compared by `==`, `!=`, `=~`, `!~`,
joined by `&&` and `||`. A variable that nobody sets is null; one that only the project's settings could set is unknown.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.expressions import not_empty, same_text, starts_with
from goldenpath.facts.regexes import regex
from goldenpath.facts.releases import DEFAULT_BRANCHES
from goldenpath.facts.shell.status import FAILURE, SUCCESS, asked, both, conjunction, either
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.facts.shell.status import Atoms, Status

    Look: TypeAlias = Callable[[str], Value | None]

MAX_LENGTH: Final = 10_000
"""Most characters of an expression; what is longer is not decided."""

MAX_TERMS: Final = 500
MAX_NESTING: Final = 40

_TOKEN: Final = regex(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')
      | (?P<variable>\$\{\w+\}|\$\w+)
      | (?P<null>null\b)
      | (?P<pattern>/(?:\\.|[^/\\])+/[ismU]*)
      | (?P<operator>&&|\|\||==|!=|=~|!~|[()]))""",
    re.VERBOSE,
)
_FIXED: Final = regex(r"\^(?P<head>(?:[\w/-]|\\[./-])*)(?P<rest>.*)", re.DOTALL)
_QUANTIFIER: Final = regex(r"[*+?{]")


class MalformedRule(ValueError):  # noqa: N818 - it names what is wrong, and reads so where raised
    """An expression that GitLab would refuse."""


class Pattern(Struct, frozen=True):
    """A regular expression as it is written, slashes and flags included."""

    text: str


Operand: TypeAlias = "Value | Pattern | None"


def decide(text: str, look: Look) -> Status:
    """Decide an expression as far as it goes. Raises MalformedRule."""
    return _Parser(_tokens(text), look).whole()


@lru_cache(maxsize=1_000)
def _tokens(text: str) -> tuple[tuple[str, str], ...]:
    if len(text) > MAX_LENGTH:
        raise MalformedRule("it is too long")
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise MalformedRule(f"GitLab cannot read {text[at : at + 20].strip()!r} in it")
        found.append((str(match.lastgroup), match[0].strip()))
        at = match.end()
    if len(found) > MAX_TERMS:
        raise MalformedRule("it is too long")
    return tuple(found)


class _Parser:
    """Comparisons bind tighter than `&&`, and that tighter than `||`."""

    def __init__(self, tokens: tuple[tuple[str, str], ...], look: Look) -> None:
        self._tokens = tokens
        self._look = look
        self._at = self._nested = 0

    def whole(self) -> Status:
        found = self._either()
        if self._at < len(self._tokens):
            raise MalformedRule(f"{self._tokens[self._at][1]!r} stands where nothing can follow")
        return found

    def _operator(self, *wanted: str) -> str:
        """The operator that comes next, if it is one of these; it is taken."""
        if self._at < len(self._tokens) and self._tokens[self._at][1] in wanted:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _either(self) -> Status:
        found = self._both()
        while self._operator("||"):
            found = _or(found, self._both())
        return found

    def _both(self) -> Status:
        found = self._comparison()
        while self._operator("&&"):
            found = _and(found, self._comparison())
        return found

    def _comparison(self) -> Status:
        if self._operator("("):
            self._nested += 1
            if self._nested > MAX_NESTING:
                raise MalformedRule("it is nested too deep")
            found = self._either()
            self._nested -= 1
            if not self._operator(")"):
                raise MalformedRule("a parenthesis is not closed")
            return found
        left, name = self._operand()
        operator = self._operator("==", "!=", "=~", "!~")
        if not operator:
            return _is_there(left, name)
        right, other = self._operand()
        compare = _equal if operator in {"==", "!="} else _matches
        found = compare(left, name, right, other)
        return found.negated() if operator[0] == "!" else found

    def _operand(self) -> tuple[Operand, str]:
        """What comes next, and how it is to be called."""
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "the end")
        self._at += 1
        if kind == "variable":
            known = self._look(text.strip("${}"))
            return known, _called(known) or f"${text.strip('${}')}"
        if kind == "text":
            return value(text[1:-1]), f"'{text[1:-1]}'"
        if kind == "pattern":
            return Pattern(text), text
        if kind == "null":
            return None, text
        raise MalformedRule(f"{text!r} stands where a variable, a text or a pattern should")


def _and(one: Status, other: Status) -> Status:
    if SUCCESS in {one, other}:
        return other if one == SUCCESS else one
    return both(one, other)


def _or(one: Status, other: Status) -> Status:
    if FAILURE in {one, other}:
        return other if one == FAILURE else one
    found = either(one, other)
    if found.known is None and one.known is None and other.known is None:
        return replace(found, when_true=any_of((one.when_true, other.when_true)))
    return found


def any_of(alternatives: Iterable[Atoms]) -> Atoms:
    """What holds when one of several conjunctions does, as one atom in a fixed order."""
    texts = sorted({conjunction(atoms) for atoms in alternatives})
    return frozenset({" || ".join(texts)})


def _called(known: Value | None) -> str:
    """A variable by what it holds, so that conditions on the same thing read alike; empty where nothing is known."""
    if known and all(isinstance(part, str) or part.kind in {"variable", "gitlab"} for part in known):
        return "".join(part if isinstance(part, str) else f"${part.name}" for part in known)
    return display(known or ())


def _is_there(known: Operand, name: str) -> Status:
    if known is None or isinstance(known, Pattern):
        return FAILURE if known is None else SUCCESS
    found = not_empty(known)
    return asked(name) if found is None else _decided(found)


def _decided(answer: bool) -> Status:  # noqa: FBT001 - the answer itself
    return SUCCESS if answer else FAILURE


def _equal(left: Operand, name: str, right: Operand, other: str) -> Status:
    if isinstance(left, Pattern) or isinstance(right, Pattern):
        return _decided(left == right)
    if left is None or right is None:
        known = left if right is None else right
        return asked(f"{name} == {other}") if known and is_open(known) else _decided(left == right)
    same = False if _are_tag_and_branch(left, right) else same_text(left, right)
    return asked(f"{name} == {other}") if same is None else _decided(same)


def _are_tag_and_branch(left: Value, right: Value) -> bool:
    """Whether the name of a tag is compared with that of a branch, which no tag for a release has."""
    return any(
        one == (Symbol("gitlab", "CI_COMMIT_TAG"),) and literal(other) in DEFAULT_BRANCHES
        for one, other in ((left, right), (right, left))
    )


def is_open(of: Value) -> bool:
    """Whether a value is nothing but a variable that perhaps nobody sets."""
    return len(of) == 1 and isinstance(of[0], Symbol) and of[0].kind == "variable"


def _matches(left: Operand, name: str, right: Operand, other: str) -> Status:
    if isinstance(right, tuple):  # a variable or a text that holds a pattern
        text = literal(right)
        right = Pattern(text) if text is not None and re.fullmatch(r"/.+/[ismU]*", text, re.DOTALL) else right
    if right is None:
        return FAILURE
    subject: Value = left if isinstance(left, tuple) else ()
    found = matches(subject, right.text) if isinstance(right, Pattern) else None
    return asked(f"{name} =~ {other}") if found is None else _decided(found)


def matches(subject: Value, pattern: str) -> bool | None:
    """Whether a text fits a pattern in slashes; None when that depends on the run, or would take too long to tell."""
    written, _, flags = pattern[1:].rpartition("/")
    text = literal(subject)
    if text is None:
        return _begins_otherwise(subject, written) if "i" not in flags else None
    if not _is_cheap(written, text):
        return None
    try:
        return re.search(written, text, re.IGNORECASE if "i" in flags else 0) is not None
    except (re.error, RecursionError, OverflowError):
        return None


def _begins_otherwise(subject: Value, written: str) -> bool | None:
    """What the beginning of a text decides: nothing but the head of a pattern is looked at."""
    fixed = _FIXED.match(written)
    if fixed is None or "|" in written or _QUANTIFIER.match(fixed["rest"]):
        return None
    found = starts_with(subject, value(fixed["head"].replace("\\", "")))
    return found if found is False or not fixed["rest"] else None


def _is_cheap(pattern: str, text: str) -> bool:
    """Whether a backtracking matcher surely comes to an end: few repetitions, none of a group, over a short text."""
    repetitions = len(_QUANTIFIER.findall(pattern))
    if re.search(r"\)\s*[*+{]", pattern):
        return repetitions <= 4 and len(text) <= 12
    return (repetitions <= 6 and len(text) <= 30) or (repetitions <= 3 and len(text) <= 200)
