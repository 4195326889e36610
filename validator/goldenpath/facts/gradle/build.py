"""A build of Gradle, read from its settings and the scripts of its projects; nothing of it is run.

What is plain is understood. Of the rest a script may say whatever leads to nothing that a release is made of
(reaching.py); where it may lead to that, nobody knows what the build does (`problem`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.gradle import tasks
from goldenpath.facts.gradle.chains import chain, set_by, settings
from goldenpath.facts.gradle.model import Build, Project, Scope, Unread, join, plain_text, table, unread
from goldenpath.facts.gradle.plugins import aliases_of, plugins_of
from goldenpath.facts.gradle.reaching import HELPS, REACHES, ask_harmless, assigned
from goldenpath.facts.gradle.scripts import Group, NotPlain, Word, read, words_in
from goldenpath.facts.gradle.settings import NAMES as SETTINGS
from goldenpath.facts.gradle.settings import Settings, ask_repositories
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from goldenpath.facts.gradle.chains import Chain
    from goldenpath.facts.gradle.scripts import Statement
    from goldenpath.facts.tree import Tree

MAX_SCRIPTS = 400
"""Most scripts of a build that are read."""

MAX_SOURCES = 2_000
"""Most files of sources of the build itself."""

_BUILDS = ("build.gradle", "build.gradle.kts")
_SOURCE = regex(r".*\.(kts?|java|groovy|gradle)")
_SCRIPT_PLUGIN = regex(r".*/src/main/(?:kotlin|groovy)/(?:.*/)?([\w.-]+?)\.gradle(?:\.kts)?")
_ROOTS = ("$rootDir/", "${rootDir}/", "$rootProject.projectDir/", "${rootProject.projectDir}/")
_DECLARES = frozenset({"val", "var", "def", "const", "private", "final", "static"})
_MODIFIES = frozenset({"ext", "extra", "String", "set", *_DECLARES})
_PROJECTS = frozenset({"allprojects", "subprojects", "project", "configure"})
_NAMES_ITS_OWN = frozenset({"plugins", "tasks", "gradle", "jib"})
"""What the extensions that are followed may name of a build."""


@lru_cache(maxsize=16)
def read_build(tree: Tree, root: str) -> Build:
    """Read the build whose settings, or only script, stand in a folder."""
    build = Build(root)
    try:
        _Reading(tree, build).perform()
    except Unread as unread_here:
        build.problem = str(unread_here)
    return build


class _Reading:
    """Reads a build; raises Unread at the first statement that could make it another one."""

    def __init__(self, tree: Tree, build: Build) -> None:
        self.tree = tree
        self.build = build
        self.aliases = aliases_of(tree.text(join(build.root, "gradle/libs.versions.toml")) or "")
        self.conventions: dict[str, str] = {}

    def perform(self) -> None:
        """Read the settings, and then all scripts."""
        root = self.build.root
        self.build.projects[":"] = Project(":", root)
        path = self._first(root, SETTINGS)
        said = Settings(self.build, path)
        for statement in self._script(path) if path else ():
            said.take(statement)
        self.aliases = {} if said.own_catalogs else self.aliases
        self._own_sources(said.included)
        scripts = [(project, self._first(project.folder, _BUILDS)) for project in self.build.projects.values()]
        if not any(path for _, path in scripts):
            raise Unread("no script of a build stands there")
        for project, script in scripts:
            if script:
                self._run(Scope(script, [project]))

    def _first(self, folder: str, names: tuple[str, ...]) -> str:
        paths = (join(folder, name) for name in names)
        return next((path for path in paths if self.tree.text(path) is not None), "")

    def _script(self, path: str) -> tuple[Statement, ...]:
        if len(self.build.files) >= MAX_SCRIPTS:
            raise Unread("it has more scripts than are read")
        try:
            script = read(self.tree.text(path) or "")
        except NotPlain as error:
            raise unread(path, error.line, str(error)) from None
        if path not in self.build.files:
            self.build.files.append(path)
            for name in assigned(script):
                self.build.assigned[name] = self.build.assigned.get(name, 0) + 1
        return script

    def _own_sources(self, included: list[str]) -> None:
        """The sources of the build itself: plugins that are scripts, and functions that scripts may call."""
        for folder in included:
            if folder.startswith("..") or not self.tree.exists(folder):
                raise Unread(f"the build {folder} does not stand here")
        waiting = [join(self.build.root, "buildSrc"), *included]
        for _ in range(MAX_SOURCES):
            if not waiting:
                return
            self._source(waiting.pop(), waiting)
        raise Unread("the build has more sources of its own than are read")

    def _source(self, path: str, waiting: list[str]) -> None:
        text = self.tree.text(path)
        if text is None:
            waiting += self.tree.find(f"{path}/*") if self.tree.exists(path) else []
        elif match := _SCRIPT_PLUGIN.fullmatch(path):
            self.conventions[match[1]] = path
        elif path.rpartition("/")[2] not in SETTINGS + _BUILDS and _SOURCE.fullmatch(path):
            self.build.files.append(path)
            if found := HELPS.search(text):
                line = text.count("\n", 0, found.end()) + 1
                raise unread(path, line, "what the sources of the build do is not followed")

    # Scripts

    def _run(self, scope: Scope) -> None:
        for project in scope.projects:
            if scope.file in project.sources:
                return
            project.sources.append(scope.file)
        for statement in self._script(scope.file):
            self._statement(statement, scope)

    def _statement(self, nodes: Statement, scope: Scope) -> None:
        said = chain(nodes)
        lone = said.last if len(said.links) == 1 and not said.rest else None
        block = lone.block.statements if lone and lone.block and not lone.arguments else None
        if said.name == "plugins" and block is not None:
            for plugin, applied, line in plugins_of(said, scope.file, self.aliases):
                if applied:
                    self._apply(plugin, scope, line)
        elif said.name == "buildscript" and block is not None:
            self._of_script(block, scope)
        elif said.name == "apply":
            self._apply_by(nodes, said, scope)
        elif said.name in _PROJECTS and lone and lone.block:
            inner = Scope(scope.file, self._meant(nodes, said, scope))
            for each in lone.block.statements:
                self._statement(each, inner)
        elif said.name in {"tasks", "task"}:
            tasks.take(self.build, nodes, said, scope)
        elif said.name in table().extensions.split():
            self._extension(nodes, said, scope)
        else:
            self._other(nodes, said, scope, block)

    def _other(self, nodes: Statement, said: Chain, scope: Scope, block: tuple[Statement, ...] | None) -> None:
        """Variables, what Groovy says of tasks by their names alone, and what is not followed."""
        name = said.name
        if name in _DECLARES or (name in {"ext", "extra"} and said.rest):
            self._variable(nodes, scope)
        elif name == "ext" and block is not None:
            for each in settings(block):
                self._set(scope, ".".join(each.path), each.to)
            ask_harmless(nodes, scope.file)
        elif said.path in {("group",), ("version",)}:
            for each in set_by(said):
                self._set(scope, name, each.to)
            ask_harmless(nodes, scope.file)
        elif block is not None and not REACHES.fullmatch(name):
            tasks.rule_for(self.build, [name], block, scope)
        elif len(said.links) == 2 and said.last.name in tasks.SAYS and not REACHES.fullmatch(name):
            tasks.rule_for(self.build, [name], (nodes[2:],), scope)
        else:
            ask_harmless(nodes, scope.file)

    def _of_script(self, block: tuple[Statement, ...], scope: Scope) -> None:
        for nodes in block:
            said = chain(nodes)
            if said.path == ("repositories",):
                ask_repositories(said, scope.file)
            else:
                ask_harmless(nodes, scope.file)

    def _meant(self, nodes: Statement, said: Chain, scope: Scope) -> list[Project]:
        """The projects that a block is about."""
        given = said.last.arguments or ()
        word = "".join(word.text for part in given for word in words_in(part))
        every = list(self.build.projects.values())
        inside = [each for each in every if any(_is_below(each.path, own.path) for own in scope.projects)]
        if "allprojects" in {said.name, word}:
            return inside
        if "subprojects" in {said.name, word}:
            return [each for each in inside if each not in scope.projects]
        project = self.build.projects.get(plain_text(given[0])) if said.name == "project" and given else None
        if project is None:
            raise unread(scope.file, nodes, "which projects this is about is only known in a run")
        return [project]

    # Plugins

    def _apply_by(self, nodes: Statement, said: Chain, scope: Scope) -> None:
        """`apply plugin: "x"`, `apply(plugin = "x")`, `apply from: "x.gradle"`."""
        parts = said.last.arguments if said.last.arguments is not None else (said.rest,)
        words = [node for part in parts for node in part]
        key = words[0].text if words and isinstance(words[0], Word) else ""
        last = words[-1] if len(words) == 3 and len(said.links) == 1 and not said.last.block else None
        if not isinstance(last, Word) or last.kind != "text" or key not in {"plugin", "from"}:
            raise unread(scope.file, nodes)
        if key == "plugin":
            self._apply(last.text, scope, said.line)
            return
        start = next((each for each in _ROOTS if last.text.startswith(each)), "")
        folder = self.build.root if start else scope.file.rpartition("/")[0]
        path = join(folder, last.text.removeprefix(start))
        if self.tree.text(path) is None:
            raise unread(scope.file, nodes, "what it applies is not read")
        self._run(Scope(path, scope.projects))

    def _apply(self, plugin: str, scope: Scope, line: int) -> None:
        known = table().plugins.split() + table().followed.split()
        plugin = plugin.removeprefix("org.gradle.")
        if plugin in self.conventions:
            self._run(Scope(self.conventions[plugin], scope.projects))
        elif plugin not in known and not any(each.endswith("*") and plugin.startswith(each[:-1]) for each in known):
            raise unread(scope.file, line, f"what the plugin {plugin} does is not known")
        for project in scope.projects:
            project.plugins.setdefault(plugin, f"{scope.file}:{line}")

    # Extensions and variables

    def _extension(self, nodes: Statement, said: Chain, scope: Scope) -> None:
        """What an extension is told that is followed."""
        for word in words_in(nodes[1:]):
            if word.kind == "name" and REACHES.fullmatch(word.text) and word.text not in _NAMES_ITS_OWN:
                raise unread(scope.file, word.line, f"what `{word.text}` changes here is only known in a run")
        found = [each._replace(path=each.path[1:]) for each in set_by(said)]
        for project in scope.projects:
            project.said.setdefault(said.name, []).extend((scope.file, each) for each in found)

    def _variable(self, nodes: Statement, scope: Scope) -> None:
        """`val x = …`, `def x = …`, `val x by tasks.registering(Copy::class) { … }`, `ext.x = …`."""
        ends = next((at for at, node in enumerate(nodes) if _is(node, "=", "by")), len(nodes))
        words = [node.text for node in nodes[:ends] if isinstance(node, Word) and node.kind == "name"]
        name = next((word for word in words if word not in _MODIFIES), "")
        to = nodes[ends + 1 :]
        inner = chain(to)
        if inner.name == "tasks":
            by_name = inner.path[1:2] and inner.path[1] in tasks.BY_PROPERTY
            tasks.take(self.build, to, inner, scope, name if by_name else "")
        else:
            ask_harmless(nodes, scope.file)
        self._set(scope, name, to or None)

    def _set(self, scope: Scope, name: str, to: Statement | None) -> None:
        for project in scope.projects:
            project.variables.setdefault(name, []).append(to)


def _is(node: Word | Group, *texts: str) -> bool:
    return isinstance(node, Word) and node.kind in {"sign", "name"} and node.text in texts


def _is_below(path: str, above: str) -> bool:
    return above == ":" or path == above or path.startswith(f"{above}:")
