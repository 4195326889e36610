"""A build of Gradle as its scripts say it, and the table of what plugins and tasks do."""

from __future__ import annotations

from functools import cache
from posixpath import normpath
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.gradle.chains import Setting  # noqa: TC001 - a type of fields
from goldenpath.facts.gradle.scripts import Word, line_of, words_in
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from goldenpath.facts.gradle.scripts import Statement


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """The table of Gradle's plugins and tasks, which says itself what each of these is."""

    plugins: str
    settings_plugins: str
    followed: str
    repositories: str
    extensions: str
    types: dict[str, str]
    plain_types: str
    tasks: dict[str, str]
    harmless: str
    builds: str
    publishes: str
    publishers: str
    uploads: str
    stays: str


@cache
def table() -> Table:
    """What is known of Gradle's plugins and tasks."""
    return read_table("gradle", Table)


class Rule(Struct):
    """What scripts say of a task: what runs before it and after it, and whether it runs at all.

    It `writes` where an action is added, and `acts` where that does more than to write files and messages; `off` is
    None where only a run knows, as `forgives` is, which says that its failure fails nothing. `said` is what else a
    block for it sets.
    """

    place: str
    before: list[str] = []
    after: list[str] = []
    acts: bool = False
    writes: bool = False
    off: bool | None = False
    forgives: bool | None = False
    said: list[Setting] = []


class Project(Struct):
    """A project of a build: its plugins with the places where they are applied, and what their extensions are told.

    `variables` has what each name is set to, as often as it is; None for what is not read.
    """

    path: str
    folder: str
    plugins: dict[str, str] = {}
    said: dict[str, list[tuple[str, Setting]]] = {}
    variables: dict[str, list[Statement | None]] = {}
    sources: list[str] = []


class Task(Struct):
    """A task that a script registers."""

    type: str
    place: str
    rule: Rule


class Build(Struct):
    """A build, by the folder in which its settings stand; `problem` says which statement could make it another one.

    `name` is what its settings call it, and `assigned` says how often its scripts set something by a name.
    """

    root: str
    name: str = ""
    projects: dict[str, Project] = {}
    tasks: dict[str, Task] = {}
    rules: dict[str, list[Rule]] = {}
    files: list[str] = []
    assigned: dict[str, int] = {}
    problem: str = ""


class Scope(Struct):
    """Where a statement stands: the script, and the projects that it is about."""

    file: str
    projects: list[Project]


class Unread(Exception):  # noqa: N818 - a limit of what is read
    """Something could make the build another one than what is read."""


def unread(file: str, nodes: Statement | int, why: str = "") -> Unread:
    """What stands in a script, at a line or a statement, that could do so."""
    if isinstance(nodes, int):
        return Unread(f"{file}:{nodes}: {why}")
    said = " ".join(word.text for word in words_in(nodes))[:60]
    return Unread(f"{file}:{line_of(nodes)}: {why or f'`{said}` may change what runs'}")


_CLOSED = {"(": ")", "[": "]", "{": "}"}


def flat(nodes: Statement) -> str:
    """A statement as one text."""
    texts = []
    for node in nodes:
        if isinstance(node, Word):
            texts.append(node.text)
        else:
            texts.append(f"{node.opened}{','.join(map(flat, node.statements))}{_CLOSED[node.opened]}")
    return "".join(texts)


def plain_text(nodes: Statement) -> str:
    """A text that is plain, else nothing."""
    word = nodes[0] if len(nodes) == 1 else None
    return word.text if isinstance(word, Word) and word.kind == "text" and "$" not in word.text else ""


def join(folder: str, path: str) -> str:
    """A path below a folder of the repository."""
    joined = normpath(f"{folder}/{path}" if folder else path)
    return "" if joined == "." else joined
