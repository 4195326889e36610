"""The settings of a build (settings.gradle): its projects, the builds that it includes, and where plugins come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.gradle.chains import chain
from goldenpath.facts.gradle.model import Project, Unread, join, plain_text, table, unread
from goldenpath.facts.gradle.plugins import plugins_of
from goldenpath.facts.gradle.reaching import ask_harmless
from goldenpath.facts.gradle.scripts import Word, words_in

if TYPE_CHECKING:
    from goldenpath.facts.gradle.chains import Chain
    from goldenpath.facts.gradle.model import Build
    from goldenpath.facts.gradle.scripts import Statement

MAX_PROJECTS = 200
"""Most projects of a build that are read."""

NAMES = ("settings.gradle", "settings.gradle.kts")
_CHANGES = frozenset({
    "include", "includeBuild", "includeFlat", "projectDir", "buildFileName", "children", "useModule", "settings",
})  # fmt: skip
"""Names by which settings could change which projects there are, and what their plugins are."""
_WAYS = frozenset({"file", "File", "new", "settingsDir", "rootDir"})


class Settings:
    """What settings say of a build.

    `included` are the folders of the builds that they include; `own_catalogs` says that they name versions themselves.
    """

    def __init__(self, build: Build, path: str) -> None:
        self.build = build
        self.path = path
        self.included: list[str] = []
        self.own_catalogs = False

    def take(self, nodes: Statement) -> None:
        """Read one statement."""
        said = chain(nodes)
        self.own_catalogs |= any(word.text == "versionCatalogs" for word in words_in(nodes))
        if said.path == ("include",):
            for name in self._texts(nodes, said):
                self._include(name)
        elif said.path == ("includeBuild",) and not said.last.block:
            self.included += [join(self.build.root, name) for name in self._texts(nodes, said)]
        elif said.path == ("project", "projectDir") and said.links[0].arguments:
            self._move(nodes, said)
        elif said.path == ("pluginManagement",) and said.last.block:
            self._of_plugins(said.last.block.statements)
        elif said.path == ("plugins",) and said.last.block:
            known = table().settings_plugins.split()
            for name, applied, line in plugins_of(said, self.path, {}):
                if applied and name not in known:
                    raise unread(self.path, line, f"what the plugin {name} does is not known")
        elif said.path == ("rootProject", "name") and not said.last.arguments:
            self.build.name = plain_text(said.rest[1:])
        else:
            ask_harmless(nodes, self.path, _CHANGES)

    def _of_plugins(self, block: tuple[Statement, ...]) -> None:
        for nodes in block:
            said = chain(nodes)
            if said.path == ("repositories",):
                ask_repositories(said, self.path)
            elif said.path == ("includeBuild",) and not said.last.block:
                self.included += [join(self.build.root, name) for name in self._texts(nodes, said)]
            elif said.path != ("plugins",):  # which says of versions alone
                ask_harmless(nodes, self.path, _CHANGES)

    def _include(self, name: str) -> None:
        parts = [part for part in name.strip(":").split(":") if part]
        for count in range(1, len(parts) + 1):
            called = ":" + ":".join(parts[:count])
            if called in self.build.projects:
                continue
            if len(self.build.projects) >= MAX_PROJECTS:
                raise Unread(f"{self.path}: it has more projects than are read")
            self.build.projects[called] = Project(called, join(self.build.root, "/".join(parts[:count])))

    def _move(self, nodes: Statement, said: Chain) -> None:
        """`project(":shop").projectDir = file("services/shop")`."""
        names = [word.text for word in words_in(nodes) if word.kind == "text"]
        ways = {word.text for word in words_in(said.rest) if word.kind == "name"}
        project = self.build.projects.get(f":{names[0].strip(':')}") if names else None
        if project is None or len(names) != 2 or "$" in names[1] or ways - _WAYS:
            raise unread(self.path, nodes, "where a project stands is not read")
        project.folder = join(self.build.root, names[1])

    def _texts(self, nodes: Statement, said: Chain) -> list[str]:
        """The texts that a statement is about, where it has nothing else."""
        given = said.last.arguments if said.last.arguments is not None else (said.rest,)
        words = [node for part in given for node in part]
        texts = [node for node in words if isinstance(node, Word) and node.kind == "text" and "$" not in node.text]
        others = [node for node in words if node not in texts and not (isinstance(node, Word) and node.text == ",")]
        if others or not texts:
            raise unread(self.path, nodes, "what is included is only known in a run")
        return [node.text for node in texts]


def ask_repositories(said: Chain, path: str) -> None:
    """Plugins come from where everybody gets them; raises Unread."""
    known = table().repositories.split()
    for nodes in said.last.block.statements if said.last.block else ():
        if chain(nodes).name not in known:
            raise unread(path, nodes, "plugins come from a repository that not everybody gets them from")
