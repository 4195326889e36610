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
    mounts = list(_mounts(own))
    return tuple(_outside(word, mounts) for word in words)


def _mounts(own: Words) -> Iterator[tuple[str, Value]]:
    """What is mounted: where in the container, and what of the machine; volumes that have a name are of neither."""
    for given in own.of("-v --volume"):
        source, target = partition(given, ":") or ((), ())
        path = display(target).partition(":")[0]
        if path.startswith("/") and display(source)[:1] in {"/", ".", "~", "<"}:
            yield path.rstrip("/"), source
    for given in own.of("--mount"):
        parts = [partition(each, "=") or (each, ()) for each in _fields(given)]
        named = {literal(key): told for key, told in parts}
        path = display(named.get("target") or named.get("dst") or named.get("destination") or ())
        if path.startswith("/") and (source := named.get("source") or named.get("src")):
            yield path.rstrip("/"), source


def _fields(given: Value) -> Iterator[Value]:
    """What commas separate."""
    while split := partition(given, ","):
        yield split[0]
        given = split[1]
    yield given


def _outside(word: Value, mounts: list[tuple[str, Value]]) -> Value:
    """A word in which the path of a mounted folder, at its start or behind `=` or `:`, is that of the machine."""
    for target, source in mounts:
        pattern = re.compile(rf"(?:^|(?<=[=:])){re.escape(target)}(?=/|$)")
        for index, part in enumerate(word):
            found = pattern.search(part) if isinstance(part, str) else None
            if found and (index == 0 or found.start()) and (found.end() < len(part) or index == len(word) - 1):
                before, after = part[: found.start()], part[found.end() :]
                return value(*word[:index], before, *source, after, *word[index + 1 :])
    return word
