"""What a pom.xml says: its plugins with what is bound of them, modules, parent, profiles and properties."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from xml.parsers import expat

import msgspec
from msgspec import Struct

MAX_POMS = 60
MAX_DEPTH = 64

SETTINGS_OF_RELEASE = ("arguments", "goals")
"""What the release plugin hands to the build that it lets run, and which goals that has."""


class Execution(Struct):
    """Goals of a plugin that are bound to a phase: the one that they are made for where none is named."""

    id: str = "default"
    phase: str = ""
    goals: list[str] = []
    settings: dict[str, str] = {}
    inherited: bool = True

    def over(self, other: Execution | None) -> Execution:
        """What holds where a pom binds what another one has bound by the same name."""
        if other is None:
            return self
        goals, settings = [*other.goals, *self.goals], {**other.settings, **self.settings}
        return msgspec.structs.replace(self, phase=self.phase or other.phase, goals=goals, settings=settings)


class Plugin(Struct):
    """A plugin that a pom names: the profile that it is of, and what is bound of it.

    One that `extends` Maven may bind goals by itself. `settings` are those that may turn it off, or say where it
    deploys.
    """

    name: str = ""
    profile: str = ""
    managed: bool = False
    executions: list[Execution] = []
    settings: dict[str, str] = {}
    extends: bool = False
    inherited: bool = True

    @property
    def goals(self) -> list[str]:
        """All goals that are bound."""
        return [goal for execution in self.executions for goal in execution.goals]


class Pom(Struct):
    """What a pom says: its plugins and modules, its own coordinates and its parent's, the profiles that are on anyway.

    `switches` are the properties that turn a profile on, each with the value that it must have (empty: any), `goals`
    are what runs where nobody names one, and `properties` what is set, by the profile that says so. `image` is that of
    jib, `packed` what Spring Boot is told of the one that it builds, and `released` has the settings of the release
    plugin, by their names.
    """

    own: dict[str, str] = {}
    plugins: list[Plugin] = []
    modules: list[str] = []
    parent: dict[str, str] = {}
    on: list[str] = []
    switches: dict[str, tuple[str, str]] = {}
    goals: dict[str, str] = {}
    properties: dict[str, dict[str, str]] = {}
    released: dict[str, list[str]] = {}
    image: str = ""
    packed: dict[str, str] = {}
    problem: str = ""

    def is_called(self, parent: dict[str, str]) -> bool:
        """Whether it is the one that another pom names as its parent; group and version it may inherit itself."""
        return all(
            self.own.get(key, self.parent.get(key) if key != "artifactId" else None) == parent.get(key)
            for key in ("groupId", "artifactId", "version")
        )


@lru_cache(maxsize=MAX_POMS)
def read_pom(text: str) -> Pom:
    """Read a pom."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - expat takes it by position
    except (expat.ExpatError, _RefusedError):
        return Pom(problem="a pom.xml that cannot be read")
    return reader.pom


class _RefusedError(Exception):
    """A file that is built to hurt."""


class _Reader:
    """Takes a pom apart as it is parsed."""

    def __init__(self) -> None:
        self.pom = Pom()
        self._path: list[str] = []
        self._text = ""
        self._profile = ""
        self._switch = {"name": "", "value": ""}
        self._properties: dict[str, str] = {}
        self._goal = ""
        self._before = 0

    def refuse(self, *_: object) -> None:
        raise _RefusedError

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise _RefusedError
        self._path.append(name.rpartition(":")[2])
        self._text = ""
        if self._path[-2:] == ["plugins", "plugin"] and "reporting" not in self._path:
            self.pom.plugins.append(Plugin(managed="pluginManagement" in self._path))
        if self._path[-2:] == ["executions", "execution"] and self.pom.plugins:
            self.pom.plugins[-1].executions.append(Execution())
        if self._path[-1] == "profile":
            self._before = len(self.pom.plugins)
            self._profile = self._goal = ""
            self._switch = {"name": "", "value": ""}
            self._properties = {}

    def characters(self, data: str) -> None:
        self._text += data[:500]

    def end(self, _name: str) -> None:
        path, text = self._path, self._text.strip()
        if path == ["project", "properties", "arguments"]:  # which are the release plugin's
            self._of_release("arguments", text)
        self._ended(path, text)
        self._path.pop()
        self._text = ""

    def _ended(self, path: list[str], text: str) -> None:
        plugin = self.pom.plugins[-1] if self.pom.plugins and "plugin" in path and "reporting" not in path else None
        if path[-1] == "profile" or "activation" in path or path[-3:] == ["profiles", "profile", "id"]:
            self._of_profile(text)
        elif path[-2:] == ["modules", "module"]:
            self.pom.modules.append(text)
        elif path[:-1] == ["project", "parent"]:
            self.pom.parent[path[-1]] = text
        elif path[:-1] == ["project"] and path[-1] in {"groupId", "artifactId", "version", "packaging"}:
            self.pom.own[path[-1]] = text
        elif path[:-1] == ["project", "properties"]:
            self.pom.properties.setdefault("", {})[path[-1]] = text
        elif path[-3:-1] == ["profile", "properties"]:
            self._properties[path[-1]] = text
        elif path[-2:] == ["build", "defaultGoal"]:
            self._goal = text
            self.pom.goals |= {"": text} if path[:-2] == ["project"] else {}
        elif plugin is not None:
            self._of_plugin(plugin, text)

    def _of_profile(self, text: str) -> None:
        path, name = self._path, self._profile or "?"
        if path[-1] == "id":
            self._profile = text
        elif path[-2:] == ["activation", "activeByDefault"] and text == "true":
            self.pom.on.append(self._profile)
        elif path[-3:-1] == ["activation", "property"] and path[-1] in self._switch:
            self._switch[path[-1]] = text
        elif path[-1] == "profile":
            for each in self.pom.plugins[self._before :]:
                each.profile = name
            self.pom.goals[name] = self._goal
            self.pom.properties[name] = self._properties
            if self._switch["name"]:
                self.pom.switches[name] = self._switch["name"], self._switch["value"]

    def _of_plugin(self, plugin: Plugin, text: str) -> None:
        path = self._path
        execution = plugin.executions[-1] if plugin.executions and "execution" in path else None
        bound: Any = execution or plugin
        if path[-3:] == ["plugins", "plugin", "artifactId"]:
            plugin.name = text
        elif path[-3:] == ["plugins", "plugin", "extensions"]:
            plugin.extends = text != "false"
        elif path[-2] in {"plugin", "execution"} and path[-1] == "inherited":
            bound.inherited = text != "false"
        elif execution and path[-2] == "execution" and path[-1] in {"id", "phase"}:
            setattr(execution, path[-1], text)
        elif execution and path[-2:] == ["goals", "goal"]:
            execution.goals.append(text)
        elif path[-3:] == ["configuration", "to", "image"]:
            self.pom.image = text
        elif path[-3:-1] == ["configuration", "image"] and path[-1] in {"name", "publish"}:
            self.pom.packed[path[-1]] = text
        elif path[-2] == "configuration" and path[-1].startswith(("skip", "altDeployment")):
            bound.settings[path[-1]] = text
        elif path[-2] == "configuration" and plugin.name in {"", "maven-release-plugin"}:
            self._of_release(path[-1], text)

    def _of_release(self, name: str, text: str) -> None:
        if name in SETTINGS_OF_RELEASE:
            self.pom.released.setdefault(name, []).append(text)
