"""What a statement has to name that is not understood, so that it could change what a build does.

A script may say whatever it likes of things that a release is not made of. To run a program, to tie tasks together or
to apply what stands elsewhere it has to call what does so by its name.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.gradle.model import plain_text, table, unread
from goldenpath.facts.gradle.scripts import Group, Word, words_in
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.gradle.scripts import Node, Statement

REACHES = regex(
    r"exec|javaexec|execute|ProcessBuilder|Runtime|ScriptEngine\w*|evaluate|GroovyShell|finalizedBy|dependsOn|doFirst"
    r"|doLast|\w+Evaluate|projectsEvaluated|taskGraph|whenTaskAdded|gradle|apply|plugins|pluginManager|startParameter"
    r"|allprojects|subprojects|tasks|get(Tasks|Plugin|Gradle|Subprojects|Allprojects|Ext)\w*|setBuildDir|Class|reflect|invoke\w*|setProperty|metaClass|(?i:.*(cosign|jib|sigstore).*)"
)
"""Names by which a statement could change which tasks there are, and what they do."""

_ACTS = regex(
    r"exec|javaexec|execute|ProcessBuilder|Runtime|ScriptEngine\w*|evaluate|GroovyShell|ant|Class|reflect|invoke\w*"
    r"|project|(?i:.*(cosign|jib|sigstore|docker|publish|upload|http|url|github).*)"
)
"""Names by which an action of a task does more than to write files and messages."""

HELPS = regex(
    r"(?m)^(?![ \t]*import\b).*\b(exec|javaexec|execute|ProcessBuilder|Runtime|finalizedBy|dependsOn|doLast|doFirst"
    r"|afterEvaluate|jib|tasks)\b"
)
"""Names by which the sources of a build, whose functions its scripts may call, could do so."""

_TEMPLATE = regex(r"\$\{([^}]*)\}")
_NAME = regex(r"[A-Za-z_]\w*")
_PARTS = frozenset({"plugins", "gradle", "tasks"})
"""What may also be a part of a longer name (`libs.plugins.x`)."""
_BUILD_FOLDERS = frozenset({"buildDir", "buildDirectory"})
_PROJECTS = frozenset({"project", "this", "rootProject"})
_SETTERS = frozenset({"set", "extra", "ext"})


def ask_harmless(nodes: Statement, file: str, also: frozenset[str] = frozenset()) -> None:
    """A statement that is not understood may name nothing of the kind; raises Unread."""
    if isinstance(nodes[0], Word) and nodes[0].text in {"import", "package"} and not any(map(_renames, nodes)):
        return
    before, named = "", ""
    for word in words_in(nodes):
        for name in _names(word):
            if (name in also or REACHES.fullmatch(name)) and not (before == "." and name in _PARTS):
                raise unread(file, word.line, f"what `{name}` changes here is only known in a run")
        if word.kind == "text" and (before == "." or word.text in _followed()):
            raise unread(file, word.line, f"what `{word.text[:40]}` is here is only known in a run")
        if named in _BUILD_FOLDERS and (word.text == "=" if word.kind == "sign" else word.text == "set"):
            raise unread(file, word.line, "the build is told of another folder to build in")
        before, named = word.text, word.text if word.kind == "name" else named if word.text == "." else ""
    if any(_names_project(part) for call in _calls(nodes) for part in call):
        raise unread(file, nodes, "a function is handed the project, and may change what runs")


def _renames(node: Node) -> bool:
    return isinstance(node, Word) and node.text == "as"


@cache
def _followed() -> frozenset[str]:
    """The names of extensions and tasks that are followed, by which scripts may get them."""
    return frozenset(table().extensions.split()) | {"jibDockerBuild", "jibBuildTar"}


def _names(word: Word) -> list[str]:
    """The names in a word: it, or those in a text."""
    if word.kind == "text":
        parts = _TEMPLATE.findall(word.text) if not word.raw and "$" in word.text else []
        return [name for part in parts for name in _NAME.findall(part)]
    return [word.text] if word.kind == "name" else []


def _calls(nodes: Statement) -> Iterator[tuple[Statement, ...]]:
    """The arguments of all calls in a statement."""
    waiting: list[Node] = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Group):
            if node.opened == "(":
                yield node.statements
            waiting += [each for statement in node.statements for each in statement]


def _names_project(nodes: Statement) -> bool:
    word = nodes[0] if len(nodes) == 1 else None
    return isinstance(word, Word) and word.kind == "name" and word.text in _PROJECTS


def does_more(nodes: Statement) -> bool:
    """Whether an action of a task does more than to write files and messages."""
    return any(
        (word.kind == "name" and _ACTS.fullmatch(word.text) is not None)
        or (word.kind == "text" and not word.raw and "$" in word.text and "(" in word.text)
        for word in words_in(nodes)
    )


def assigned(script: tuple[Statement, ...]) -> Iterator[str]:
    """The names that a script sets, wherever and as often as it does: `x = …`, `extra["x"] = …`, `ext.set("x", …)`."""
    waiting = list(script)
    while waiting:
        nodes = waiting.pop()
        for node, following in pairwise((*nodes, Word("line", "", 0))):
            if isinstance(node, Group):
                waiting += node.statements
            elif isinstance(following, Word) and following.kind in {"sign", "name"}:
                if following.text in {"=", "+=", ":", "by"}:
                    yield node.text
            elif node.text in _SETTERS and isinstance(following, Group) and following.statements:
                yield plain_text(following.statements[0][:1])
