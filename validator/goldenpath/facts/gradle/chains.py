"""What a statement of a build script is: a chain of names, each perhaps called, and what is said behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from goldenpath.facts.gradle.scripts import Group, Word, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.gradle.scripts import Statement


class Link(Struct):
    """One name of a chain: its type in angle brackets, the arguments that it is called with, and its block."""

    name: str
    line: int
    of: str = ""
    arguments: tuple[Statement, ...] | None = None
    block: Group | None = None


class Chain(NamedTuple):
    """A statement: `tasks.named("jar") { … }` has two links, `image = "x"` one, and `= "x"` as its rest."""

    links: list[Link]
    rest: Statement
    line: int

    @property
    def name(self) -> str:
        """The first name."""
        return self.links[0].name if self.links else ""

    @property
    def path(self) -> tuple[str, ...]:
        """All names."""
        return tuple(link.name for link in self.links)

    @property
    def last(self) -> Link:
        """The last link."""
        return self.links[-1]


class Setting(NamedTuple):
    """What a block sets: by which names, to what, and in which line; `to` is None where that is not read."""

    path: tuple[str, ...]
    to: Statement | None
    line: int


def chain(nodes: Statement) -> Chain:
    """Read a statement."""
    links: list[Link] = []
    at = 0
    while at < len(nodes):
        node = nodes[at]
        if not isinstance(node, Word) or node.kind != "name":
            break
        link = Link(node.text, node.line)
        at += 1
        link.of, at = _type(nodes, at)
        if at < len(nodes) and isinstance(group := nodes[at], Group) and group.opened == "(":
            link.arguments, at = group.statements, at + 1
        if at < len(nodes) and isinstance(group := nodes[at], Group) and group.opened == "{":
            link.block, at = group, at + 1
        links.append(link)
        if not _is_sign(nodes, at, ".", "?."):
            break
        at += 1
    return Chain(links, nodes[at:], line_of(nodes))


def _type(nodes: Statement, at: int) -> tuple[str, int]:
    """The type in angle brackets at a place, if one stands there, and the place behind it."""
    if not _is_sign(nodes, at, "<"):
        return "", at
    for end in range(at + 1, min(at + 8, len(nodes))):
        if _is_sign(nodes, end, ">"):
            inner = nodes[at + 1 : end]
            return "".join(node.text for node in inner if isinstance(node, Word)).rpartition(".")[2], end + 1
    return "", at


def _is_sign(nodes: Statement, at: int, *signs: str) -> bool:
    node = nodes[at] if at < len(nodes) else None
    return isinstance(node, Word) and node.kind == "sign" and node.text in signs


def settings(block: tuple[Statement, ...], above: tuple[str, ...] = ()) -> Iterator[Setting]:
    """What a block sets, and the blocks in it: `image = x`, `image.set(x)`, `image(x)`, `image x` and `setImage(x)`."""
    for statement in block:
        said = chain(statement)
        if not said.links:
            yield Setting(above, None, said.line)
            continue
        yield from set_by(said, above)


def set_by(said: Chain, above: tuple[str, ...] = ()) -> Iterator[Setting]:
    """What one statement sets."""
    path = (*above, *said.path)
    called = [link for link in said.links if link.arguments is not None or link.block is not None]
    last = said.last
    if not called and _is_sign(said.rest, 0, "="):
        yield Setting(path, said.rest[1:], said.line)
    elif not called and said.rest and not (isinstance(said.rest[0], Word) and said.rest[0].kind == "sign"):
        yield Setting(path, said.rest, said.line)
    elif called != [last] or said.rest:
        yield Setting(path, None, said.line)
    elif last.block is not None:
        if last.arguments:
            yield Setting(path, None, said.line)
        else:
            yield from settings(last.block.statements, path)
    elif last.arguments is not None and len(last.arguments) == 1:
        yield Setting(_set(path), last.arguments[0], said.line)
    else:
        yield Setting(_set(path), None, said.line)


def _set(path: tuple[str, ...]) -> tuple[str, ...]:
    """What a setter sets: `image.set(…)`, `setImage(…)`."""
    if path[-1] == "set" and len(path) > 1:
        return path[:-1]
    name = path[-1]
    return (*path[:-1], name[3].lower() + name[4:]) if name.startswith("set") and name[3:4].isupper() else path


def items(nodes: Statement) -> list[Statement] | None:
    """The parts of a list: `setOf(a, b)`, `listOf(…)`, `[a, b]`, or one alone; None where that is not plain."""
    if len(nodes) == 1 and isinstance(nodes[0], Group):
        return list(nodes[0].statements) if nodes[0].opened == "[" else None
    if len(nodes) == 2 and isinstance(nodes[1], Group) and nodes[1].opened == "(":
        name = nodes[0].text if isinstance(nodes[0], Word) else ""
        return list(nodes[1].statements) if name in {"setOf", "listOf", "mutableSetOf", "mutableListOf"} else None
    return [nodes]
