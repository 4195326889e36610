"""Maven, which builds, signs and deploys by the plugins that a pom.xml binds to its phases.

Plugins of the table are followed; one that is not known, or a parent that stands elsewhere, may do anything. Only the
poms of this repository are read: those of the modules, and the parents by their paths.
"""

from __future__ import annotations

import posixpath
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from msgspec import Struct

from goldenpath.facts.pipeline.acts import Content, Files, image
from goldenpath.facts.pipeline.effects import lacking, tidy, under
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table
from goldenpath.facts.values import Symbol, Value, display, literal, value, words

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

NO_BUILD_SIGNATURE = "signs with PGP, which says who holds a key and nothing of the build: that is no build signature"
MAX_POMS = 60
MAX_PARENTS = 8
MAX_DEPTH = 64

_JIB = regex(r"(com\.google\.cloud\.tools:)?jib(-maven-plugin)?(:[\w.-]+)?:build")

_PLUGIN = regex(r"maven-(.+)-plugin|(.+)-maven-plugin")
"""How plugins are called that have a short name."""

_SETTINGS_OF_RELEASE = ("arguments", "goals")
"""What the release plugin hands to the build that it lets run, and which goals that has."""
_SKIPS_TESTS = regex(
    r"-D(skipTests|skipITs|maven\.test\.skip|maven\.test\.failure\.ignore)(?!=false)|-fn\b|--fail-never|\$\{"
)
"""How a build is told to skip its tests, or not to mind them; what a property says may be that."""
_TESTS = regex(r"(?<![\w:-])(test|package|verify|install|deploy)(?![\w:-])")
"""Phases of the lifecycle by which tests are over."""

_FOLDER = regex(
    r"(?:[\w.-]+::){0,2}file:(?://)?(?:\$\{(?:project\.)?basedir\}/|\./)*((?:\$\{project\.build\.directory\}|\w)[\w./-]*)"
)
"""A repository of artifacts that is a folder of the build, as an option of Maven's deploy plugin names it."""

_WRITTEN_BY_JIB = {"digest": "target/jib-image.digest", "imageId": "target/jib-image.id"}


class _Plugins(Struct, frozen=True, forbid_unknown_fields=True):
    phases: str
    harmless: str
    goals: str
    alone: str
    pgp: str
    sigstore: str
    sboms: str
    parents: str

    def is_known(self, plugin: str) -> bool:
        return plugin in f"{self.harmless} {self.pgp} {self.sigstore} {self.sboms}".split()


@cache
def _table() -> _Plugins:
    return read_table("maven", _Plugins)


class _Plugin(Struct):
    """A plugin that a pom names: the profile that it is of, and the goals that are run.

    One that `extends` Maven may bind goals by itself.
    """

    name: str = ""
    profile: str = ""
    managed: bool = False
    goals: list[str] = []
    extends: bool = False


class _Pom(Struct):
    """What a pom says: its plugins and modules, its own coordinates and its parent's, the profiles that are on anyway.

    `switches` are the properties that turn a profile on, each with the value that it must have (empty: any), `goals`
    are what runs where nobody names one, by the profile that says so, `image` is that of jib, `deployed` where the
    deploy plugin puts all that is deployed, and `released` has the settings of the release plugin, by their names.
    """

    own: dict[str, str] = {}
    plugins: list[_Plugin] = []
    modules: list[str] = []
    parent: dict[str, str] = {}
    on: list[str] = []
    switches: dict[str, tuple[str, str]] = {}
    goals: dict[str, str] = {}
    released: dict[str, list[str]] = {}
    image: str = ""
    deployed: str = ""
    problem: str = ""

    def is_called(self, parent: dict[str, str]) -> bool:
        """Whether it is the one that another pom names as its parent; group and version it may inherit itself."""
        return all(
            self.own.get(key, self.parent.get(key) if key != "artifactId" else None) == parent.get(key)
            for key in ("groupId", "artifactId", "version")
        )


def perform(effects: CommandEffects) -> None:
    """Write down what `mvn` does, by its goals and the poms."""
    folder = effects.words.first("-f --file")
    where = under(tidy(effects.script.folder), tidy(folder)) if folder else tidy(effects.script.folder)
    path = literal(where) or "" if where else "."
    root = path.rpartition("/")[0] if path.endswith(".xml") else "" if path == "." else path
    if path.endswith(".xml") and path.rpartition("/")[2] != "pom.xml":
        effects.not_followed(f"what {path} says is not read: it is not called pom.xml")
        return
    goals = [literal(word) for word in effects.words.positionals]
    if None in goals or effects.state.has_foreign_files:
        effects.not_followed("which goals Maven runs is only known in a run")
        return
    named = [each for each in goals if each]
    if named and all(map(_runs_alone, named)):
        return  # no phase runs, so nothing does that the poms bind
    build = _Maven(effects, root)
    unknown = build.unknown() or next((each for each in named if not _is_followed(each)), "")
    default = build.default_goals() if not named and not effects.words.has("-v --version") else set()
    if len(default) == 1:
        effects.instead((*effects.all_words, *map(value, default.pop().split()))).perform()
    elif default:
        effects.not_followed("which of the goals runs that poms name is not told apart")
    elif unknown:
        effects.not_followed(f"what Maven's {unknown} does is not known")
    else:
        build.run(named)


def _is_followed(goal: str) -> bool:
    table = _table()
    known = table.goals.split()
    return (
        goal in f"{table.phases} pre-site site site-deploy test-compile integration-test".split()
        or goal in known
        or goal.partition(":")[0] in known
        or _prefix(goal) in known
        or goal in {"release:perform", "deploy:deploy"}
        or _JIB.fullmatch(goal) is not None
    )


def _runs_alone(goal: str) -> bool:
    """Whether a goal is one of a plugin that does nothing of a release, and lets no phase run before it."""
    return _prefix(goal) in _table().alone.split()


def _prefix(goal: str) -> str:
    """The short name of the plugin of a goal, which may be written with its coordinates: `group:artifact:1.2:goal`."""
    plugin = goal.rpartition(":")[0].split(":")
    if len(plugin) == 1:
        return plugin[0]
    match = _PLUGIN.fullmatch(plugin[1])
    return (match[1] or match[2]) if match else ""


class _Maven:
    """A build of the poms below a folder."""

    def __init__(self, effects: CommandEffects, root: str) -> None:
        self.effects = effects
        self.root = root
        self.poms: dict[str, _Pom] = {}
        self._read(root)
        self.parents: list[_Pom] = []
        self.elsewhere = next(filter(None, map(self._read_parents, list(self.poms))), "")
        self.profiles = {name for each in effects.words.of("-P --activate-profiles") for name in _names(each)}
        switches = (each for pom in self._all() for each in pom.switches.items())
        self.profiles |= {name for name, switch in switches if self._is_given(*switch)}
        self.profiles |= {name for pom in self._all() for name in pom.on if not self.profiles}

    def _is_given(self, name: str, wanted: str) -> bool:
        """Whether the command line has a property as a profile wants it; with a `!` before it, as it does not."""
        words = self.effects.words
        given = words.options.get(f"-D{name.removeprefix('!')}")
        if name.startswith("!"):
            return given is None
        value_of = "true" if f"-D{name}" in words.lone else literal(given[0]) if given else None
        if given is None or not wanted:
            return given is not None
        return (value_of != wanted[1:]) if wanted.startswith("!") else value_of == wanted

    def _read(self, folder: str) -> None:
        if folder in self.poms or len(self.poms) >= MAX_POMS:
            return
        self.poms[folder] = self._pom_in(folder)
        for module in self.poms[folder].modules:
            self._read("/".join(part for part in (folder, module.strip("/")) if part))

    def _pom_in(self, folder: str) -> _Pom:
        path = f"{folder}/pom.xml".removeprefix("/")
        if self.effects.is_rewritten(value(path)):
            return _Pom(problem=f"what {path} says after the job may have changed it")
        text = self.effects.moment.frame.shared.tree.text(path)
        return _pom(text) if text is not None else _Pom(problem="a pom.xml that is not in this repository")

    def _read_parents(self, folder: str) -> str:
        """Read what a pom inherits from, as far as it stands here; returns the parent that is neither here nor known.

        Maven takes the pom at the path if that is the one, and asks a repository of artifacts for it otherwise.
        """
        pom = self.poms[folder]
        for _ in range(MAX_PARENTS):
            if not pom.parent or any(each.is_called(pom.parent) for each in self._all()):
                return ""
            folder = _folder_of_parent(folder, pom)
            found = _Pom() if folder.startswith(("..", "/")) else self._pom_in(folder)
            if not found.is_called(pom.parent):
                break
            self.parents.append(found)
            pom = found
        called = ":".join(pom.parent.get(key, "") for key in ("groupId", "artifactId"))
        return "" if called in _table().parents.split() else called

    def _all(self) -> list[_Pom]:
        """The poms that are built, and those that they inherit from."""
        return [*self.poms.values(), *self.parents]

    def unknown(self) -> str:
        """What is not known of the poms; empty when all of it is."""
        problem = next((pom.problem for pom in self._all() if pom.problem), "")
        if problem or self.elsewhere:
            return problem or f"parent {self.elsewhere}"
        bound = [each for each in self._bound() if self._does_something(each) and not _table().is_known(each.name)]
        pushing = [each for each in self._bound() if {"build-image", "build-image-no-fork"} & {*each.goals}]
        pushing += [each for each in self._bound() if each.name.startswith("jib-") and each.goals]
        return next((each.name for each in (*bound, *pushing)), "")

    def _does_something(self, plugin: _Plugin) -> bool:
        """Whether a plugin is more than configured for who calls it: any pom may name the goals that are run."""
        same = (each for pom in self._all() for each in pom.plugins if each.name == plugin.name)
        return any(each.goals or each.extends for each in same)

    def _bound(self) -> list[_Plugin]:
        """The plugins that are bound, those of profiles only where they are on."""
        plugins = [plugin for pom in self._all() for plugin in pom.plugins if not plugin.managed]
        return [each for each in plugins if not each.profile or each.profile in self.profiles]

    def _lineage(self) -> list[_Pom]:
        """The pom that is built and those that it inherits from, one from the other."""
        found = [self.poms[self.root]]
        while len(found) <= MAX_PARENTS:
            own = found[-1].parent
            parent = next((each for each in self._all() if own and each.is_called(own)), None)
            if parent is None:
                break
            found.append(parent)
        return found

    def default_goals(self) -> set[str]:
        """What may run where no goal is named: what the pom says, those that it inherits from, or their profiles."""
        said = (each for pom in self._lineage() for each in pom.goals.items())
        return {goal for profile, goal in said if goal and (not profile or profile in self.profiles)}

    def run(self, goals: list[str]) -> None:
        """Write down what the goals do."""
        phases = _table().phases.split()
        reached = max((phases.index(goal) for goal in goals if goal in phases), default=-1)
        if {"release:perform", "deploy:deploy"} & {*goals}:
            reached = phases.index("deploy")
        if "release:perform" in goals:
            self._test_by_release()
        if reached >= phases.index("package"):
            self._build(signs=reached >= phases.index("verify"), ships=reached == phases.index("deploy"))
        for goal in goals:
            if _JIB.fullmatch(goal):
                self._push_by_jib()

    def _test_by_release(self) -> None:
        """The release plugin deploys by a build of its own, in which the tests run unless it is told otherwise."""
        given = {name: self.effects.words.of(f"-D{name}") for name in _SETTINGS_OF_RELEASE}
        texts = {name: [display(each) for each in given[name]] + self._said_of_release(name) for name in given}
        if any(literal(each) is None for values in given.values() for each in values):
            self.effects.act("tested", unsure="lets a build run of which only a run knows whether it tests")
        elif any(map(_SKIPS_TESTS.search, texts["arguments"])) or not all(map(_TESTS.search, texts["goals"])):
            return
        elif any(_SKIPS_TESTS.search(f"{option}=") for option in self.effects.words.options):
            self.effects.act("tested", unsure="may pass on that tests are skipped to the build that it lets run")
        else:
            self.effects.act("tested")

    def _said_of_release(self, name: str) -> list[str]:
        """What the poms say of a setting of the release plugin."""
        return [text for pom in self._all() for text in pom.released.get(name, [])]

    def _build(self, *, signs: bool, ships: bool) -> None:
        effects = self.effects
        for folder in self.poms:
            effects.made(under(value(folder), value("target")))
        package = Files(value("package"), tuple(p for folder in self.poms for p in self._target(folder).pieces))
        names = [plugin.name for plugin in self._bound()]
        if signs and set(names) & {*_table().sigstore.split()}:
            problem = lacking(("id-token",), effects.state.permissions, effects.state.key)
            effects.act("signed", package, problem=problem)
        elif signs and set(names) & {*_table().pgp.split()} and "-Dgpg.skip" not in effects.words.options:
            effects.act("signed", package, problem=NO_BUILD_SIGNATURE)
        sbom = Files(value("SBOM"), ((Content("sbom", effects.origin(value("sbom")), package), ()),))
        described = bool(set(names) & {*_table().sboms.split()})
        if described:
            effects.act("described", of=package)
        folder = self._folder_of_deployed() if ships else ""
        if folder:
            effects.made(under(value(self.root), value(folder)))
        elif ships:
            effects.act("shipped", package, *([sbom] if described else []))

    def _folder_of_deployed(self) -> str:
        """The folder of the build to which all is deployed instead of to whoever uses it; empty if there is none."""
        told = self.effects.words.first("-DaltDeploymentRepository")
        said = literal(told) if told else self.poms[self.root].deployed if len(self.poms) == 1 else ""
        match = _FOLDER.fullmatch(said or "")
        return match[1].replace("${project.build.directory}", "target") if match else ""

    def _target(self, folder: str) -> Files:
        return self.effects.files(under(value(folder), value("target")))

    def _said_by_jib(self, what: str) -> Value:
        """The file into which jib writes the digest, or the id: where it is told to, or its own."""
        told = self.effects.words.first(f"-Djib.outputPaths.{what}")
        return self.effects.path(told) if told else under(value(self.root), value(_WRITTEN_BY_JIB[what]))

    def _push_by_jib(self) -> None:
        effects = self.effects
        said = effects.words.first("-Dimage") or effects.words.first("-Djib.to.image")
        own = next((pom.image for pom in self.poms.values() if pom.image), "")
        name = said or (value(own) if own and "${" not in own else value(Symbol("template", own or "jib.to.image")))
        digest = Symbol("digest", effects.origin(value("jib")))
        effects.built([name], digest, sbom=False)
        effects.state.pushed[name] = digest
        file, written = (self._said_by_jib(each) for each in ("digest", "imageId"))
        effects.put(file, Content("metadata", effects.origin(file), digest=digest))
        effects.put(written, Content("image-id", effects.origin(image(written).name)))


def _folder_of_parent(folder: str, pom: _Pom) -> str:
    """Where a pom looks for its parent: above, or where it says; `..` where that is not in the repository."""
    said = pom.parent.get("relativePath", "../pom.xml")
    path = posixpath.normpath(posixpath.join(folder, said.removesuffix("pom.xml"))) if said else ".."
    return "" if path == "." else path


def _names(of: Value) -> list[str]:
    return [literal(each) or "?" for each in words(of)]


@lru_cache(maxsize=MAX_POMS)
def _pom(text: str) -> _Pom:
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
        return _Pom(problem="a pom.xml that cannot be read")
    return reader.pom


class _RefusedError(Exception):
    """A file that is built to hurt."""


class _Reader:
    """Takes a pom apart as it is parsed."""

    def __init__(self) -> None:
        self.pom = _Pom()
        self._path: list[str] = []
        self._text = ""
        self._profile = ""
        self._switch = {"name": "", "value": ""}
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
            self.pom.plugins.append(_Plugin(managed="pluginManagement" in self._path))
        if self._path[-1] == "profile":
            self._before = len(self.pom.plugins)
            self._profile = self._goal = ""
            self._switch = {"name": "", "value": ""}

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
        elif path[:-1] == ["project"] and path[-1] in {"groupId", "artifactId", "version"}:
            self.pom.own[path[-1]] = text
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
            if self._switch["name"]:
                self.pom.switches[name] = self._switch["name"], self._switch["value"]

    def _of_plugin(self, plugin: _Plugin, text: str) -> None:
        if self._path[-3:] == ["plugins", "plugin", "artifactId"]:
            plugin.name = text
        elif self._path[-3:] == ["plugins", "plugin", "extensions"]:
            plugin.extends = text != "false"
        elif self._path[-2:] == ["goals", "goal"]:
            plugin.goals.append(text)
        elif self._path[-3:] == ["configuration", "to", "image"]:
            self.pom.image = text
        elif self._path[-4:] == ["plugins", "plugin", "configuration", "altDeploymentRepository"]:
            if plugin.name == "maven-deploy-plugin" and "profile" not in self._path and not plugin.managed:
                self.pom.deployed = text
        elif self._path[-2] == "configuration" and plugin.name in {"", "maven-release-plugin"}:
            self._of_release(self._path[-1], text)

    def _of_release(self, name: str, text: str) -> None:
        if name in _SETTINGS_OF_RELEASE:
            self.pom.released.setdefault(name, []).append(text)
