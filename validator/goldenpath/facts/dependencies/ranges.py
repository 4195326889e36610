"""Whether a version is in a range, as pip, Poetry, npm and Cargo write ranges.

One small grammar for all of them: they share operators and order, and differ in what a bare version means and in how a
pre-release is written. What the grammar has not is None, never a guess.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from goldenpath.facts.regexes import regex

Dialect: TypeAlias = Literal["pep440", "poetry", "npm", "cargo"]

_Key: TypeAlias = tuple[tuple[int, ...], tuple[object, ...]]
"""A version's numbers without zeros at their end, and what comes before or after the release of those."""

_FINAL = (0,)
_OPERATOR = regex(r"(==?|!=|~=?|\^|[<>]=?)\s*")
_COMPARATOR = regex(r"(==?|!=|~=?|\^|[<>]=?)?v?((?:\d+|[xX*])(?:\.(?:\d+|[xX*]))*)([^\s,|]*)")
_VERSION = regex(r"v?(\d{1,18}(?:\.\d{1,18})*)(.*)")
_PYTHON_SUFFIX = regex(
    r"(?:[-_.]?(?P<pre>a|alpha|b|beta|c|rc|pre|preview)[-_.]?(?P<number>\d{0,18})|[-_.]?post[-_.]?(?P<post>\d{0,18})"
    r"|[-_.]?dev[-_.]?(?P<dev>\d{0,18}))?(?:\+[\w.]+)?",
    re.IGNORECASE,
)
_SEMVER_SUFFIX = regex(r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[\w.-]+)?")
_PHASES = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_SEMVER = frozenset({"npm", "cargo"})


def allows(wanted: str, version: str, dialect: Dialect) -> bool | None:
    """Whether a range has a version; None when that cannot be told."""
    key = _key(version, dialect)
    wanted = wanted.strip()
    if wanted in {"", "*", "x"} or wanted == version:
        return True
    if key is None:
        return None
    verdicts = [_all(part, key, dialect) for part in re.split(r"\|\|?", wanted)]
    return True if True in verdicts else None if None in verdicts else False


def _all(part: str, key: _Key, dialect: Dialect) -> bool | None:
    """Whether a version meets every comparator of one alternative."""
    part = re.sub(r"^\s*(\S+)\s+-\s+(\S+)\s*$", r">=\1 <=\2", part)
    texts = [text for text in re.split(r"[\s,]+", _OPERATOR.sub(r"\1", part)) if text]
    verdicts = [_one(text, key, dialect) for text in texts]
    return False if False in verdicts else None if None in verdicts or not texts else True


def _one(text: str, key: _Key, dialect: Dialect) -> bool | None:
    match = _COMPARATOR.fullmatch(text)
    if match is None:
        return None
    operator, numbers, suffix = match[1] or "", match[2].split("."), match[3]
    if numbers[0] in {"x", "X", "*"}:
        return True
    fixed = [int(number) for number in numbers if number.isdecimal()]
    open_ = len(fixed) < len(numbers) or (len(fixed) < 3 and dialect in _SEMVER)
    bound = _key(".".join(map(str, fixed)) + suffix, dialect)
    if bound is None or (suffix and len(fixed) < len(numbers)):
        return None
    if operator in {"^", "~", "~="} or (not operator and dialect == "cargo"):
        upper = _above(fixed, operator or "^")
        return None if upper is None else bound <= key and _below(key, upper)
    if operator in {"", "=", "==", "!="}:
        equal = key[0] >= _trimmed(fixed) and _below(key, _next(fixed, len(fixed) - 1)) if open_ else key == bound
        return equal != (operator == "!=")
    if open_ and operator in {">", "<="}:
        below = _below(key, _next(fixed, len(fixed) - 1))
        return below if operator == "<=" else not below
    if operator == ">" and key[0] == bound[0] and key[1] > _FINAL:
        return None  # whether a post-release counts is each tool's own
    if operator == "<":
        return key < bound if bound[1] != _FINAL else _below(key, tuple(fixed))
    return {">": key > bound, ">=": key >= bound, "<=": key <= bound}[operator]


def _above(fixed: list[int], operator: str) -> tuple[int, ...] | None:
    """The first release that `^`, `~` or `~=` no longer means."""
    if operator == "^":
        leading = next((index for index, number in enumerate(fixed) if number), len(fixed) - 1)
        return _next(fixed, leading)
    if operator == "~=":
        return _next(fixed, len(fixed) - 2) if len(fixed) > 1 else None
    return _next(fixed, min(1, len(fixed) - 1))


def _next(fixed: list[int], index: int) -> tuple[int, ...]:
    return (*fixed[:index], fixed[index] + 1)


def _below(key: _Key, upper: tuple[int, ...]) -> bool:
    """Whether a version is before a release, whose pre-releases do not count as before it."""
    return key[0] < _trimmed(upper)


def _trimmed(numbers: list[int] | tuple[int, ...]) -> tuple[int, ...]:
    end = len(numbers)
    while end > 1 and not numbers[end - 1]:
        end -= 1
    return tuple(numbers[:end])


def _key(text: str, dialect: Dialect) -> _Key | None:
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    phase = (_semver_phase if dialect in _SEMVER else _python_phase)(match[2])
    return None if phase is None else (_trimmed([int(number) for number in match[1].split(".")]), phase)


def _python_phase(suffix: str) -> tuple[object, ...] | None:
    match = _PYTHON_SUFFIX.fullmatch(suffix)
    if match is None:
        return None
    if match["dev"] is not None:
        return (-2, int(match["dev"] or 0))
    if match["pre"]:
        phase = match["pre"].lower()
        return (-1, _PHASES.get(phase, phase), int(match["number"] or 0))
    return _FINAL if match["post"] is None else (1, int(match["post"] or 0))


def _semver_phase(suffix: str) -> tuple[object, ...] | None:
    match = _SEMVER_SUFFIX.fullmatch(suffix)
    if match is None:
        return None
    if not match["pre"]:
        return _FINAL
    return (-1, *((0, int(each), "") if each.isdecimal() else (1, 0, each) for each in match["pre"].split(".")))
