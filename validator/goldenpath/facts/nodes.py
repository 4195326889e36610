"""YAML as a tree with positions, parsed once, from bytes that nobody vouches for.

Scalars keep their text as written, so `on:` stays a key and `1.10` a version; `resolved()` gives YAML 1.2 values where
a schema wants them. Duplicate keys are an error, as they are for GitHub, or where asked for read as GitLab reads them.
Depth, size and what aliases expand to are bounded; anchors are shared, never copied.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from goldenpath.facts import libyaml
from goldenpath.facts.libyaml import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Place, Repository, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_DEPTH = 64
"""Deepest nesting. GitHub and Backstage files stay below 20; what is deeper is built to hurt."""

MAX_WEIGHT = 200_000
"""Most nodes of a file once its aliases are expanded."""


class Malformed(Exception):  # noqa: N818 - a finding about a file, not an error of the program
    """The file is not YAML that can be trusted. `place` says where, `str()` what is wrong."""

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(problem)
        self.place = place


class Unread(Malformed):
    """The file is more than is read here, or no text: that says nothing of what its own tool would make of it."""


class Scalar(Struct, frozen=True, gc=False, array_like=True, tag="scalar"):
    """A scalar: its text, how it was written (`""` plain, `'`, `"`, `|`, `>`), its explicit tag if any.

    `indent` has the blanks that a literal one (`|`) stands behind in the file.
    """

    place: Place
    text: str
    style: str = ""
    tag: str | None = None
    indent: int = 0

    def place_of(self, line: int, column: int) -> Place:
        """Where a line and column of the text (from 0) stand in the file; only literal text has kept that."""
        if self.style != "|":
            return self.place
        return Place(self.place.path, self.place.line + 1 + line, column + 1 + self.indent, self.place.source)

    def resolved(self) -> Any:  # noqa: ANN401 - YAML's scalars are a union that callers narrow by schema
        """The value by YAML 1.2's core schema: only plain scalars without a tag of their own are anything but text."""
        if self.style or self.tag:
            return self.text
        if self.text in _CONSTANTS:
            return _CONSTANTS[self.text]
        if _INTEGER.fullmatch(self.text):
            return int(self.text)
        if _BASED.fullmatch(self.text):
            return int(self.text, 0)
        if _FLOAT.fullmatch(self.text):
            return float(self.text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return self.text


class Joined(Struct, frozen=True):
    """A text put together from several scalars, each on lines of its own; `first` has the line at which each begins."""

    place: Place
    text: str
    scalars: tuple[Scalar, ...]
    first: tuple[int, ...]

    def place_of(self, line: int, column: int) -> Place:
        """Where a line and column of the text (from 0) stand in the file of their scalar."""
        index = bisect_right(self.first, line) - 1
        return self.scalars[index].place_of(line - self.first[index], column)


def joined(place: Place, scalars: Iterable[Scalar]) -> Joined:
    """The lines of all scalars, one after the other."""
    scalars = tuple(scalars)
    first = accumulate((scalar.text.count("\n") + 1 for scalar in scalars[:-1]), initial=0)
    return Joined(place, "\n".join(scalar.text for scalar in scalars), scalars, tuple(first))


class Sequence(Struct, frozen=True, array_like=True, tag="sequence"):
    """A list of nodes, with its explicit tag if any."""

    place: Place
    items: list[Node]
    tag: str | None = None


class Mapping(Struct, frozen=True, array_like=True, tag="mapping"):
    """A mapping by the text of its keys; `keys` has the key nodes, for where they stand."""

    place: Place
    values: dict[str, Node]
    keys: dict[str, Scalar]

    def get(self, *path: str) -> Node | None:
        """The node below a path of keys, or None where the path ends early."""
        node: Node | None = self
        for key in path:
            if not isinstance(node, Mapping):
                return None
            node = node.values.get(key)
        return node

    def text(self, *path: str) -> str | None:
        """The text of the scalar below a path of keys; None when there is none, or it is no scalar, or null."""
        node = self.get(*path)
        return node.text if isinstance(node, Scalar) and (node.style or node.text not in _NULLS) else None

    def items(self) -> Iterator[tuple[Scalar, Node]]:
        """Key and value nodes in the order of the file."""
        return ((self.keys[key], value) for key, value in self.values.items())


Node: TypeAlias = Scalar | Sequence | Mapping

_ANCHOR = regex(r"(?<![^\s\[\]{},:?-])&[^\s&]")
_NULLS = {"", "~", "null", "Null", "NULL"}
_CONSTANTS: dict[str, bool | None] = (
    dict.fromkeys(_NULLS)
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
)
_INTEGER = regex(r"[-+]?[0-9]{1,300}")
_BASED = regex(r"0(o[0-7]{1,300}|x[0-9a-fA-F]{1,300})")
_FLOAT = regex(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)(e[-+]?[0-9]+)?|[-+]?[0-9]+e[-+]?[0-9]+|[-+]?\.inf|\.nan", re.IGNORECASE)


def plain(node: Node | None) -> Any:  # noqa: ANN401 - see Scalar.resolved
    """The tree as plain dicts, lists and scalars, for a schema to convert. Bounded by MAX_WEIGHT at parsing."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.values.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.resolved() if node is not None else None


def scalars(root: Node) -> Iterator[Scalar]:
    """Every scalar value in the tree, in the order of the file; what stands behind several aliases comes once."""
    return (node for node in _all_of(root) if isinstance(node, Scalar))


def mappings(root: Node) -> Iterator[Mapping]:
    """Every mapping in the tree, in the order of the file; what stands behind several aliases comes once."""
    return (node for node in _all_of(root) if isinstance(node, Mapping))


def listed(node: Node | None) -> list[Mapping]:
    """The mappings among the items of a list; none where it is no list."""
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []


def _all_of(root: Node) -> Iterator[Node]:
    stack, seen = [root], set[int]()
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            yield node
            stack.extend(reversed(node.values.values() if isinstance(node, Mapping) else node.items))


def locate(root: Node, path: str) -> Place:
    """The place that a msgspec error path such as `$.spec.checks[...].tier` means, as near as the path leads."""
    node, place = root, root.place
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        if name and isinstance(node, Mapping) and name in node.values:
            place, node = node.keys[name].place, node.values[name]
        elif index and isinstance(node, Sequence) and int(index) < len(node.items):
            node = node.items[int(index)]
            place = node.place
        else:
            break
    return place


def read(repository: Repository, path: str) -> list[Node]:
    """The documents of a YAML file. Raises Missing, or Malformed also when the file cannot be read as text."""
    try:
        return parse(path, repository.text(path))
    except Unreadable as error:
        raise Unread(Place(path), str(error)) from None


def read_one(repository: Repository, path: str) -> Mapping | None:
    """The one document of a file that must be a mapping; None when the file is missing. Raises Malformed."""
    try:
        documents = read(repository, path)
    except Missing:
        return None
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise Malformed(documents[0].place if documents else Place(path), "it should hold one document, a mapping")
    return documents[0]


def parse(
    path: str, text: str, line: int = 0, column: int = 0, *, source: str = "", merging: bool = False
) -> list[Node]:
    """The documents of a YAML text, empty ones left out. Raises Malformed with the place of the problem.

    `line` and `column` are how far into the file the text begins, where it is not all of it; `source` names the
    repository where it is not the one that is judged. With `merging` a key that is there twice has its last value, and
    `<<` is replaced by what it names, in the order of the file: so does Ruby's parser, by which GitLab reads.
    """
    try:
        return _Composer(path, text, line + 1, column + 1, source, merging=merging).documents()
    except libyaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + line + 1, mark.column + column + 1) if mark else (0, 0)
        place = Place(path, *at, source)
        # Of a tab that indents libyaml says only that no token begins with it.
        there = "".join(text.split("\n")[mark.line : mark.line + 1])[mark.column :] if mark else ""
        problem = "a tab stands where spaces belong" if there.startswith("\t") else error.problem or error.context
        raise Malformed(place, f"it is not valid YAML: {problem}") from None
    except libyaml.ReaderError as error:
        before = text.encode()[: error.position] if libyaml.COUNTS_BYTES else text[: error.position].encode()
        place = Place(path, before.count(b"\n") + line + 1, 0, source)
        raise Malformed(place, f"it holds a character that YAML forbids (U+{error.character:04X})") from None
    except libyaml.YAMLError as error:
        raise Malformed(Place(path, source=source), f"it is not valid YAML: {str(error).splitlines()[0]}") from None


def shares_nodes(text: str) -> bool:
    """Whether a YAML text may have an anchor: written down, its nodes are many more than the text has."""
    return _ANCHOR.search(text) is not None


def parse_text(text: Scalar) -> list[Node]:
    """The documents of the YAML that a text of a file holds, as in a ConfigMap, at their places in that file.

    Only literal text (`|`) has kept its lines; all of any other stands where the text begins. Raises Malformed.
    """
    if text.style == "|":
        return parse(text.place.path, text.text, text.place.line, text.indent)
    try:
        documents = parse(text.place.path, text.text)
    except Malformed as error:
        raise Malformed(text.place, str(error)) from None
    copier = _Copier(lambda _: text.place)
    return [copier.copy(document) for document in documents]


def merged(documents: list[Node]) -> list[Node]:
    """The documents with what their merge keys (`<<`) bring, as Go's parser understands them. Raises Malformed."""
    copier = _Copier(lambda place: place)
    return [copier.copy(document) for document in documents]


class _Copier:
    """Copies nodes to other places, merge keys expanded; what aliases share stays shared.

    What a merge adds weighs no more than its alias did at parsing.
    """

    def __init__(self, place: Callable[[Place], Place]) -> None:
        self._place = place
        self._copies: dict[int, Node] = {}

    def copy(self, node: Node) -> Node:
        if id(node) not in self._copies:
            self._copies[id(node)] = self._copied(node)
        return self._copies[id(node)]

    def _copied(self, node: Node) -> Node:
        place = self._place(node.place)
        if isinstance(node, Scalar):
            return Scalar(place, node.text, node.style, node.tag, node.indent)
        if isinstance(node, Sequence):
            return Sequence(place, [self.copy(item) for item in node.items])
        values = {key: self.copy(value) for key, value in node.values.items()}
        keys = {text: Scalar(self._place(key.place), text, key.style, key.tag) for text, key in node.keys.items()}
        copied = Mapping(place, values, keys)
        return self._merge(copied) if "<<" in keys and not keys["<<"].style else copied

    def _merge(self, node: Mapping) -> Mapping:
        """The mapping, and behind its own keys those that it is merged with; earlier ones count."""
        brought = node.values["<<"]
        values = {key: value for key, value in node.values.items() if key != "<<"}
        keys = {key: scalar for key, scalar in node.keys.items() if key != "<<"}
        for other in brought.items if isinstance(brought, Sequence) else [brought]:
            if not isinstance(other, Mapping):
                raise Malformed(other.place, "a merge key (`<<`) takes a mapping, or a list of them")
            values = {**other.values, **values}
            keys = {**other.keys, **keys}
        return Mapping(node.place, values, keys)


class _Open:
    """A collection that is being read: its items so far, how much heavier than them it is, and how high."""

    __slots__ = ("anchor", "height", "items", "place", "tag", "weight")

    def __init__(self, place: Place, anchor: str | None, tag: str | None) -> None:
        self.place = place
        self.anchor = anchor
        self.tag = tag
        self.items: list[Node] = []
        self.weight = 1
        self.height = 1


class _Composer:
    """Builds nodes from libyaml's events without recursion, so that depth is ours to bound."""

    def __init__(self, path: str, text: str, line: int, column: int, source: str, *, merging: bool) -> None:
        self._path = path
        self._source = source
        self._line = line
        self._column = column
        self._text = text
        self._merging = merging
        self._lines: list[str] = []
        self._parser = libyaml.Parser(text)
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._open: list[_Open] = []
        self._roots: list[Node] = []

    def _place(self, event: Any) -> Place:  # noqa: ANN401
        mark = event.start_mark
        return Place(self._path, mark.line + self._line, mark.column + self._column, self._source)

    def _indent(self, line: int, text: str) -> int:
        """The blanks before a literal scalar that begins after this line: those of the file that the text lacks."""
        self._lines = self._lines or self._text.split("\n")
        offset, first = next(((at, each) for at, each in enumerate(text.split("\n")) if each.strip()), (0, ""))
        written = self._lines[line + 1 + offset] if line + 1 + offset < len(self._lines) else ""
        blanks = len(written) - len(written.lstrip(" ")) - (len(first) - len(first.lstrip(" ")))
        return max(blanks, 0) + self._column - 1

    def documents(self) -> list[Node]:
        path, source, opened, get_event = self._path, self._source, self._open, self._parser.get_event
        line, column = self._line, self._column
        while (event := get_event()) is not None:
            kind = type(event)
            if kind is ScalarEvent:
                # The one branch that counts: most events are scalars without tag or anchor, in a collection.
                mark, tag, style = event.start_mark, event.tag, event.style or ""
                if tag == "!":
                    tag, style = None, style or "'"
                indent = self._indent(mark.line, event.value) if style == "|" else 0
                place = Place(path, mark.line + line, mark.column + column, source)
                node = Scalar(place, event.value, style, tag, indent)
                if opened and event.anchor is None:
                    opened[-1].items.append(node)
                else:
                    self._add(node, 1, 0, event.anchor)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._begin(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                done = opened.pop()
                is_mapping = kind is MappingEndEvent
                collection = self._mapping(done) if is_mapping else Sequence(done.place, done.items, done.tag)
                self._add(collection, len(done.items) + done.weight, done.height, done.anchor)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent or kind is DocumentEndEvent:
                self._anchors = {}
        return [root for root in self._roots if not (isinstance(root, Scalar) and root.text == "" and not root.style)]

    def _begin(self, event: Any) -> None:  # noqa: ANN401
        if len(self._open) >= MAX_DEPTH:
            raise self._too_deep(self._place(event))
        self._open.append(_Open(self._place(event), event.anchor, event.tag))

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        if event.anchor not in self._anchors:
            raise Malformed(self._place(event), f"the alias *{event.anchor} has no anchor before it")
        self._add(*self._anchors[event.anchor], None)

    def _too_deep(self, place: Place) -> Malformed:
        return Unread(place, f"it is nested more than {MAX_DEPTH} levels deep")

    def _add(self, node: Node, weight: int, height: int, anchor: str | None) -> None:
        if weight > MAX_WEIGHT:
            raise Unread(node.place, f"it has more than {MAX_WEIGHT:,} nodes once its aliases are expanded")
        if len(self._open) + height > MAX_DEPTH:
            raise self._too_deep(node.place)
        if anchor:
            self._anchors[anchor] = (node, weight, height)
        if not self._open:
            self._roots.append(node)
            return
        parent = self._open[-1]
        parent.items.append(node)
        parent.weight += weight - 1  # it counts itself as an item
        parent.height = max(parent.height, height + 1)

    def _mapping(self, done: _Open) -> Mapping:
        values: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        items = iter(done.items)
        for key, value in zip(items, items, strict=True):
            if not isinstance(key, Scalar):
                raise Malformed(key.place, "a key is a list or a mapping; keys must be text")
            text = key.text
            if self._merging and text == "<<" and (merged := _merged_into(value)) is not None:
                for each in merged:
                    values.update(each.values)
                    keys.update(each.keys)
                continue
            if text in values and not self._merging:
                raise Malformed(key.place, f"the key {text!r} is there twice (first in line {keys[text].place.line})")
            values[text], keys[text] = value, key
        return Mapping(done.place, values, keys)


def _merged_into(node: Node) -> list[Mapping] | None:
    """The mappings that `<<` names, those that count most last; None where it names something else."""
    named = list(reversed(node.items)) if isinstance(node, Sequence) else [node]
    mappings = [each for each in named if isinstance(each, Mapping)]
    return mappings if len(mappings) == len(named) else None
