"""Paths in a container, as the machine beside it sees them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.values import Value, display, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.pipeline.words import Words


def as_outside(words: Iterable[Value], own: Words) -> tuple[Value, ...]:
    """The words of a program with the folders that are mounted for it (`-v "$PWD:/out"`) in the place of its own."""
    mounted = list(mounts(own))
    return tuple(_outside(word, mounted) for word in words)


def mounts(own: Words) -> Iterator[tuple[str, Value]]:
    """What is mounted: where in the container, and what of the machine; volumes that have a name are of neither."""
    for given in own.of("-v --volume"):
        source, target = partition(given, ":") or (value(), value())
        path = display(target).partition(":")[0]
        if path.startswith("/") and display(source)[:1] in {"/", ".", "~", "<"}:
            yield path.rstrip("/"), source
    for given in own.of("--mount"):
        parts = [partition(each, "=") or (each, ()) for each in _fields(given)]
        named = {literal(key): told for key, told in parts}
        path = display(named.get("target") or named.get("dst") or named.get("destination") or ())
        bound = named.get("source") or named.get("src")
        if path.startswith("/") and bound:
            yield path.rstrip("/"), bound


def _fields(given: Value) -> Iterator[Value]:
    """What commas separate."""
    while split := partition(given, ","):
        yield split[0]
        given = split[1]
    yield given


def _outside(word: Value, mounted: list[tuple[str, Value]]) -> Value:
    """A word in which the path of a mounted folder, at its start or behind `=` or `:`, is that of the machine."""
    for target, source in mounted:
        pattern = re.compile(rf"(?:^|(?<=[=:])){re.escape(target)}(?=/|$)")
        for index, part in enumerate(word):
            if not isinstance(part, str) or (found := pattern.search(part)) is None:
                continue
            if (index == 0 or found.start()) and (found.end() < len(part) or index == len(word) - 1):
                before, after = part[: found.start()], part[found.end() :]
                return value(*word[:index], before, *source, after, *word[index + 1 :])
    return word


def in_text(word: Value, mounted: list[tuple[str, Value]]) -> Value:
    """A word in which the paths of mounted folders are those of the machine wherever they stand, as in a script."""
    for target, source in mounted:
        pattern = re.compile(rf"(?<![\w./$}}-]){re.escape(target)}(?![\w.-])")
        parts = (_split(part, pattern, source) if isinstance(part, str) else (part,) for part in word)
        word = value(*(piece for part in parts for piece in part))
    return word


def _split(part: str, pattern: re.Pattern[str], source: Value) -> Iterator[str | Value]:
    """A text with a folder in the place of all that fits a pattern."""
    first, *others = pattern.split(part)
    yield first
    for each in others:
        yield source
        yield each
