"""What an expression of a build script stands for: texts, variables, properties and what the environment says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.gradle.chains import chain
from goldenpath.facts.gradle.model import flat, plain_text
from goldenpath.facts.gradle.scripts import NotPlain, Word, read
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, value

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.gradle.model import Build, Project
    from goldenpath.facts.gradle.scripts import Statement

MAX_DEPTH = 8

_PART = regex(r"\$\{([^{}]*)\}|\$([A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*)")
_TEXTS = frozenset({"toString", "get"})
_OWNERS = frozenset({"project", "rootProject", "providers"})
_PROPERTIES = frozenset({"findProperty", "property", "gradleProperty"})


class Expressions:
    """What the expressions of a project stand for, where `told` knows properties and `variable` the environment."""

    def __init__(
        self, build: Build, project: Project, told: Callable[[str], Value | None], variable: Callable[[str], Value]
    ) -> None:
        self._assigned = build.assigned
        path = project.path.rpartition(":")[2]
        self._names = {("project", "name"): path or build.name, ("rootProject", "name"): build.name}
        self._project = project
        self._told = told
        self._variable = variable

    def value(self, nodes: Statement, depth: int = 0) -> Value:
        """What it stands for; a symbol for what only a run knows."""
        found = self._known(nodes, depth) if depth < MAX_DEPTH else None
        return found or value(Symbol("template", flat(nodes)))

    def _known(self, nodes: Statement, depth: int) -> Value | None:
        for at, node in enumerate(nodes):
            if isinstance(node, Word) and node.kind == "sign" and node.text == "+":
                return value(self.value(nodes[:at], depth + 1), self.value(nodes[at + 1 :], depth + 1))
            if isinstance(node, Word) and node.kind == "sign" and node.text == "?:":
                first = self._known(nodes[:at], depth + 1)
                if first is None:
                    return None
                return first or self._known(nodes[at + 1 :], depth + 1)
        if len(nodes) == 1 and isinstance(nodes[0], Word):
            word = nodes[0]
            if word.kind == "text":
                return self._text(word, depth)
            return self._named(word.text, depth) if word.kind == "name" else value(word.text)
        return self._called(nodes, depth)

    def _text(self, word: Word, depth: int) -> Value | None:
        if "\\" in word.text:
            return None
        if word.raw:
            return value(word.text)
        parts: list[str | Value] = []
        at = 0
        for match in _PART.finditer(word.text):
            parts += [word.text[at : match.start()], self._inner(match[1] or match[2], depth)]
            at = match.end()
        return value(*parts, word.text[at:])

    def _inner(self, text: str, depth: int) -> Value:
        try:
            statements = read(text)
        except NotPlain:
            statements = ()
        return self.value(statements[0], depth + 1) if len(statements) == 1 else value(Symbol("template", text))

    def _named(self, name: str, depth: int) -> Value | None:
        """A variable that is set once, or a property."""
        sets = self._project.variables.get(name, [])
        if sets or self._assigned.get(name, 0):
            only = sets[0] if len(sets) == self._assigned.get(name, 0) == 1 else None
            return None if only is None else self.value(only, depth + 1)
        return self._told(name)

    def _called(self, nodes: Statement, depth: int) -> Value | None:
        """`System.getenv("X")`, `project.findProperty("x")`, `providers.gradleProperty("x").get()`, `x.toString()`."""
        said = chain(nodes)
        if not said.links or (said.rest and not (flat(said.rest[:1]) == "as" and len(said.rest) in {2, 3})):
            return None
        links = said.links
        while len(links) > 1 and links[-1].name in _TEXTS and not links[-1].arguments:
            links = links[:-1]
        names = tuple(link.name for link in links)
        if names in self._names:
            return value(self._names[names]) or None
        while len(links) > 1 and links[0].name in _OWNERS:
            links = links[1:]
        last = links[-1]
        if last.arguments is None:
            return self._named(last.name, depth) if len(links) == 1 and last.block is None else None
        text = plain_text(last.arguments[0]) if len(last.arguments) == 1 else ""
        names = tuple(link.name for link in links)
        if text and names in {("System", "getenv"), ("environmentVariable",)}:
            return self._variable(text)
        return self._named(text, depth) if text and len(links) == 1 and last.name in _PROPERTIES else None
