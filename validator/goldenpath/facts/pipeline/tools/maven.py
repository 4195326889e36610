"""Maven, which builds, signs and deploys by the plugins that a pom.xml binds to its phases.

Plugins of the table are followed; one that is not known, or a parent that stands elsewhere, may do anything. Only the
poms of this repository are read: those of the modules, and the parents by their paths.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.pipeline.acts import Content, Files
from goldenpath.facts.pipeline.effects import Effects, tidy, under
from goldenpath.facts.pipeline.signing import NO_BUILD_SIGNATURE, is_attested
from goldenpath.facts.pipeline.tables import has_a_release, speaks_of_delivery, words_in
from goldenpath.facts.pipeline.testing import XML_COMMENT
from goldenpath.facts.pipeline.tools import jib
from goldenpath.facts.pipeline.tools.poms import MAX_POMS, SETTINGS_OF_RELEASE, Execution, Plugin, Pom, read_pom
from goldenpath.facts.pipeline.tools.settings import settings_of_maven
from goldenpath.facts.pipeline.words import Words, called_here
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table
from goldenpath.facts.values import Symbol, Value, display, literal, value, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.pipeline.acts import Piece
    from goldenpath.facts.pipeline.commands import CommandEffects

MAX_PARENTS = 8

_JIB = regex(r"(com\.google\.cloud\.tools:)?jib(-maven-plugin)?(:[\w.-]+)?:build")

_BUILDPACKS = regex(r"(org\.springframework\.boot:)?spring-boot(-maven-plugin)?(:[\w.-]+)?:build-image(-no-fork)?")
_OF_IMAGES = "spring-boot.build-image"

_PLUGIN = regex(r"maven-(.+)-plugin|(.+)-maven-plugin")
"""How plugins are called that have a short name."""

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

_UP_TO_DATE = "deploys what was built, and signed, before, if the plugin that packs it finds that nothing has changed"
"""Why it cannot be told whether a signature of an earlier build is one of what is deployed: `forceCreation` is off."""

_WRITTEN_BY_JIB = {
    "digest": "target/jib-image.digest",
    "imageId": "target/jib-image.id",
    "imageJson": "target/jib-image.json",
}


_RUNNERS = frozenset({"exec-maven-plugin", "maven-antrun-plugin"})
"""Plugins that run the commands which a pom names."""
_TAGS = regex(r"<(?:exec\b[^<>]*?executable|arg\b[^<>]*?(?:value|line))\s*=|<[^<>]*>")
"""What stands around words in a pom: tags, but for the words in those of Ant."""


class _Work(Struct, frozen=True, forbid_unknown_fields=True):
    goals: str
    phase: str
    off: dict[str, str]
    whole: str = ""


class _Plugins(Struct, frozen=True, forbid_unknown_fields=True):
    phases: str
    harmless: str
    publishers: str
    goals: str
    alone: str
    pgp: dict[str, _Work]
    sigstore: dict[str, _Work]
    sboms: dict[str, _Work]
    parents: str

    def is_known(self, plugin: str) -> bool:
        known = f"{self.harmless} {self.publishers}".split()
        return plugin in {*known, *self.pgp, *self.sigstore, *self.sboms}


@cache
def _table() -> _Plugins:
    return read_table("maven", _Plugins)


def perform(effects: CommandEffects) -> None:
    """Write down what `mvn` does, by its goals and the poms: in each leg of a matrix by those of its folder."""
    script, folder = effects.script, effects.script.folder
    for each, leg in effects.in_each_leg(folder).items():
        script.folder = each
        there, (root, unread) = effects.only_if(leg), _root(effects)
        if unread:
            there.not_followed(unread)
        else:
            _perform(there, root)
    script.folder = folder


def _root(effects: CommandEffects) -> tuple[str, str]:
    """The folder of the pom that is asked for first; or why that is not read."""
    told = effects.words.first("-f --file")
    where = under(tidy(effects.script.folder), tidy(told)) if told else tidy(effects.script.folder)
    path = literal(where) if where else "."
    if path is None:
        return "", "which pom.xml Maven reads is only known in a run"
    folder, _, name = path.rpartition("/")
    if path.endswith(".xml"):
        return folder, "" if name == "pom.xml" else f"what {path} says is not read: it is not called pom.xml"
    return "" if path == "." else path, ""


def _perform(effects: CommandEffects, root: str) -> None:
    goals = [literal(word) for word in effects.words.positionals]
    if None in goals or effects.state.has_foreign_files:
        effects.not_followed("which goals Maven runs is only known in a run")
        return
    settings = _set_elsewhere(effects, root)
    if None in settings:
        effects.not_followed("what MAVEN_ARGS adds is only known in a run")
        return
    effects.words = Words((*map(value, filter(None, settings)), *effects.all_words[1:]), effects.about.takes.split())
    goals = [literal(word) for word in effects.words.positionals]
    named = [each for each in goals if each]
    if named and all(map(_runs_alone, named)):
        return  # no phase runs, so nothing does that the poms bind
    if told := settings_of_maven(effects):
        effects.not_followed(f"what else Maven is told by {told} is not followed")
        return
    build = _Maven(effects, root)
    if unread := build.unread():
        effects.not_followed(f"Maven is told by {unread}")
        return
    unknown = build.unknown() or next((each for each in named if not _is_followed(each)), "")
    default = build.default_goals() if not named and not effects.words.has("-v --version") else set()
    if len(default) == 1:
        effects.instead((*effects.all_words, *map(value, default.pop().split()))).perform()
    elif default:
        effects.not_followed("which of the goals runs that poms name is not told apart")
    elif unknown:  # which the name of a phase does not vouch for where the poms say that it releases
        say = effects.unseen if build.is_said_to_release() else effects.not_followed
        say(f"what Maven's {unknown} does is not known")
    else:
        build.run(named)


def _set_elsewhere(effects: CommandEffects, root: str) -> list[str | None]:
    """The words that variables and files add to the command; None for what only a run knows."""
    found: list[str | None] = []
    tree = effects.moment.frame.shared.tree
    for name in effects.about.told_by:
        text = tree.text(f"{root}/{name}".removeprefix("/")) if "." in name else literal(effects.variable(name))
        whole = name in {"MAVEN_ARGS", ".mvn/maven.config"}  # the others are options of Java, which may set properties
        said = re.sub(r"(?m)^\s*#.*$", "", text or "").split() if text is not None or "." in name else [None]
        found += [word for word in said if whole or (word or "").startswith("-D")]
    return found


def _is_followed(goal: str) -> bool:
    table = _table()
    known = table.goals.split()
    return (
        goal in f"{table.phases} pre-site site site-deploy".split()
        or goal in known
        or goal.partition(":")[0] in known
        or _prefix(goal) in known
        or goal in {"release:perform", "deploy:deploy"}
        or _JIB.fullmatch(goal) is not None
        or _BUILDPACKS.fullmatch(goal) is not None
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
        self.poms: dict[str, Pom] = {}
        self._texts: list[str] = []
        self._read(root)
        self.parents: list[Pom] = []
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

    def _pom_in(self, folder: str) -> Pom:
        path = f"{folder}/pom.xml".removeprefix("/")
        if self.effects.is_rewritten(value(path)):
            return Pom(problem=f"what {path} says after the job may have changed it")
        text = self.effects.moment.frame.shared.tree.text(path)
        self._texts += [text] if text is not None else []
        return read_pom(text) if text is not None else Pom(problem="a pom.xml that is not in this repository")

    def _read_parents(self, folder: str) -> str:
        """Read what a pom inherits from, as far as it stands here; returns the parent that is neither here nor known.

        Maven takes the pom at the path if that is the one, and asks a repository of artifacts for it otherwise.
        """
        pom = self.poms[folder]
        for _ in range(MAX_PARENTS):
            if not pom.parent or any(each.is_called(pom.parent) for each in self._all()):
                return ""
            folder = _folder_of_parent(folder, pom)
            found = Pom() if folder.startswith(("..", "/")) else self._pom_in(folder)
            if not found.is_called(pom.parent):
                break
            self.parents.append(found)
            pom = found
        called = ":".join(pom.parent.get(key, "") for key in ("groupId", "artifactId"))
        return "" if called in _table().parents.split() else called

    def _all(self) -> list[Pom]:
        """The poms that are built, and those that they inherit from."""
        return [*self.poms.values(), *self.parents]

    def unread(self) -> str:
        """The first of the poms that cannot be read, and why; empty when all can."""
        return next((pom.problem for pom in self._all() if pom.problem), "")

    def unknown(self) -> str:
        """What is not known of the poms that are read; empty when all of it is."""
        if self.elsewhere:
            return f"parent {self.elsewhere}"
        return next((each.name for each in (*self._strangers(), *self._pushing())), "")

    def _strangers(self) -> list[Plugin]:
        """The plugins that are bound, and not known."""
        return [each for each in self._bound() if self._does_something(each) and not _table().is_known(each.name)]

    def _pushing(self) -> list[Plugin]:
        """Those that push, or may, as they are bound."""
        pushing = [each for each in self._bound() if {"build-image", "build-image-no-fork"} & {*each.goals}]
        return pushing + [each for each in self._bound() if each.name.startswith("jib-") and each.goals]

    def is_said_to_release(self) -> bool:
        """Whether what is not known is bound by the name of a release, or runs a command of one that the poms name."""
        strangers = self._strangers()
        if any(map(speaks_of_delivery, (goal for each in strangers for goal in each.goals))) or any(
            "push" in each.goals or (each.name.startswith("jib-") and "build" in each.goals)
            for each in (*strangers, *self._pushing())
        ):
            return True
        texts = self._texts if any(each.name in _RUNNERS for each in strangers) else []
        return any(has_a_release(words_in(_TAGS.sub(" ", XML_COMMENT.sub(" ", text)))) for text in texts)

    def _does_something(self, plugin: Plugin) -> bool:
        """Whether a plugin is more than configured for who calls it: any pom may name the goals that are run."""
        same = (each for pom in self._all() for each in pom.plugins if each.name == plugin.name)
        return any(each.goals or each.extends for each in same)

    def _bound(self) -> list[Plugin]:
        """The plugins that are bound, those of profiles only where they are on."""
        plugins = [plugin for pom in self._all() for plugin in pom.plugins if not plugin.managed]
        return [each for each in plugins if not each.profile or each.profile in self.profiles]

    def _lineage(self, folder: str) -> list[Pom]:
        """The pom of a folder and those that it inherits from, one from the other."""
        found = [self.poms[folder]]
        while len(found) <= MAX_PARENTS:
            own = found[-1].parent
            parent = next((each for each in self._all() if own and each.is_called(own)), None)
            if parent is None:
                break
            found.append(parent)
        return found

    def default_goals(self) -> set[str]:
        """What may run where no goal is named: what the pom says, those that it inherits from, or their profiles."""
        said = (each for pom in self._lineage(self.root) for each in pom.goals.items())
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
            self._build(reached, ships=reached == phases.index("deploy"), anew="clean" in goals)
        for goal in goals:
            if _JIB.fullmatch(goal):
                self._push_by_jib()
            elif _BUILDPACKS.fullmatch(goal):
                self._build_by_buildpacks()

    def _test_by_release(self) -> None:
        """The release plugin deploys by a build of its own, in which the tests run unless it is told otherwise."""
        given = {name: self.effects.words.of(f"-D{name}") for name in SETTINGS_OF_RELEASE}
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

    def _build(self, reached: int, *, ships: bool, anew: bool) -> None:
        effects, table = self.effects, _table()
        handed = [folder for folder in self.poms if self._is_handed_over(folder)] or list(self.poms)
        attested = ships and not anew and is_attested(effects, self._package(handed))
        for folder in self.poms:
            effects.made(under(value(folder), value("target")))
        package = self._package(handed)
        if attested and self._property("maven.jar.forceCreation", self.root) != "true":
            effects.act("signed", package, unsure=_UP_TO_DATE)
        if not self._sign(table.sigstore, handed, reached, effects.may_identify):
            self._sign(table.pgp, handed, reached, NO_BUILD_SIGNATURE)
        sboms = [
            self._described(name, self._package(folders), answer)
            for name, work in table.sboms.items()
            for answer, folders in self._by_answer(name, work, handed, reached)
        ]
        folder = self._folder_of_deployed() if ships else ""
        if folder:
            effects.made(under(value(self.root), value(folder)))
        elif ships:
            effects.act("shipped", package, *([Files(value("SBOM"), tuple(sboms))] if sboms else []))

    def _described(self, name: str, package: Files, unsure: str | None) -> Piece:
        """An SBOM that a plugin makes and attaches."""
        effects = self._by(name)
        effects.act("described", of=package, unsure=unsure)
        return Content("sbom", effects.origin(value("sbom")), package), ()

    def _package(self, folders: Iterable[str]) -> Files:
        """What is built in these folders."""
        return Files(value("package"), tuple(piece for each in folders for piece in self._target(each).pieces))

    def _is_handed_over(self, folder: str) -> bool:
        """Whether a module has more than a pom, and is deployed: nobody asks of publishers what they leave out."""
        if self.poms[folder].own.get("packaging") == "pom":
            return False
        others = {plugin.name for plugin in self._bound()} & {*_table().publishers.split()}
        skipped = self._settings_of("maven-deploy-plugin", folder).get("skip")
        return bool(others) or self._is_on(folder, skipped, "maven.deploy.skip") is not True

    def _sign(self, plugins: dict[str, _Work], handed: list[str], reached: int, problem: str | None) -> bool:
        """Write down what plugins sign; whether they sign any of it."""
        found = False
        for name, work in plugins.items():
            for answer, folders in self._by_answer(name, work, handed, reached):
                found = True
                self._by(name).act("signed", self._package(folders), problem=problem, unsure=answer)
        return found

    def _by(self, name: str) -> Effects:
        """What one plugin does of all that the command does."""
        effects, told = self.effects, Effects(self.effects.moment, self.effects.place, f"{self.effects.text} ({name})")
        told.guard, told.caller = effects.guard, effects.caller
        return told

    def _by_answer(
        self, name: str, work: _Work, handed: list[str], reached: int
    ) -> Iterator[tuple[str | None, list[str]]]:
        """The folders in which a plugin does its work, apart from those of which that is not sure, with the reason."""
        if work.whole and self._does(name, work, work.whole, self.root, reached) == "":
            yield None, handed
            return
        goals = f"{work.goals} {work.whole}"
        answers = {folder: self._does(name, work, goals, folder, reached) for folder in handed}
        for answer in dict.fromkeys(each for each in answers.values() if each is not None):
            yield answer or None, [folder for folder, each in answers.items() if each == answer]

    def _does(self, name: str, work: _Work, goals: str, folder: str, reached: int) -> str | None:
        """Whether a plugin does its work for a module: an empty text if so, None if not, else why nobody knows."""
        named = [plugin for _, plugin in self._said_of(name, folder)]
        if all(plugin.managed for plugin in named):
            return None
        bound: dict[str, Execution] = {}
        for own, plugin in self._said_of(name, folder):
            for each in plugin.executions:
                if own or each.inherited:
                    bound[each.id] = each.over(bound.get(each.id))
        above = self._lineage(folder)[-1].parent
        if not bound and above:
            return f"runs {name}, which its parent {above.get('artifactId')} may bind, or not"
        settings = self._settings_of(name, folder)
        answers = [
            self._runs(work, each, settings, folder, reached)
            for each in bound.values()
            if {*each.goals} & {*goals.split()}
        ]
        if True in answers:
            return ""
        return f"runs {name} or not by what only a run knows" if None in answers else None

    def _runs(
        self, work: _Work, execution: Execution, settings: dict[str, str], folder: str, reached: int
    ) -> bool | None:
        """Whether goals run that are bound to a phase, before anything is deployed; None if only a run knows."""
        phases = _table().phases.split()
        phase = self._meant(execution.phase, folder) if execution.phase else work.phase
        if phase is not None and (
            phase not in phases or not phases.index("package") <= phases.index(phase) <= min(reached, len(phases) - 2)
        ):
            return False
        said = {**settings, **execution.settings}
        off = [self._is_on(folder, said.get(setting), name) for setting, name in work.off.items()]
        if True in off:
            return False
        return None if None in off or phase is None else True

    def _said_of(self, name: str, folder: str) -> list[tuple[bool, Plugin]]:
        """What holds of a plugin for a module, what matters more later, each with whether its own pom says so."""
        found = [
            (at == 0, plugin)
            for at, pom in reversed([*enumerate(self._lineage(folder))])
            for plugin in pom.plugins
            if plugin.name == name and (not plugin.profile or plugin.profile in self.profiles)
        ]
        inherited = [each for each in found if each[0] or each[1].inherited]
        return sorted(inherited, key=lambda each: not each[1].managed)

    def _settings_of(self, name: str, folder: str) -> dict[str, str]:
        """The settings of a plugin for a module."""
        return {key: text for _, plugin in self._said_of(name, folder) for key, text in plugin.settings.items()}

    def _is_on(self, folder: str, said: str | None, name: str) -> bool | None:
        """Whether a setting is true: as the poms say, or else a property; None if only a run knows."""
        text = self._property(name, folder) if said is None else self._meant(said, folder)
        return None if text is None else text.lower() == "true"

    def _meant(self, text: str, folder: str) -> str | None:
        """A text of a pom with the property that it names; None if nobody says what that is."""
        for _ in range(MAX_PARENTS):
            if not text.startswith("${"):
                break
            text = self._property(text[2:-1], folder) or "${}"
        return None if "${" in text else text

    def _property(self, name: str, folder: str) -> str | None:
        """What a property is: by the command, or by the poms; empty if nobody sets it, None if only a run knows."""
        words = self.effects.words
        if f"-D{name}" in words.lone:
            return "true"
        if given := words.options.get(f"-D{name}"):
            return literal(given[-1])
        sets = [each.get(name) for pom in self._lineage(folder) for each in self._properties_of(pom)]
        return next((self._meant(each, folder) for each in sets if each is not None), "")

    def _properties_of(self, pom: Pom) -> Iterator[dict[str, str]]:
        """The properties that a pom sets, those of profiles that are on before its own."""
        yield from (said for profile, said in reversed(pom.properties.items()) if profile in self.profiles)
        yield pom.properties.get("", {})

    def _folder_of_deployed(self) -> str:
        """The folder of the build to which all is deployed instead of to whoever uses it; empty if there is none."""
        told = self.effects.words.first("-DaltDeploymentRepository")
        settings = self._settings_of("maven-deploy-plugin", self.root) if len(self.poms) == 1 else {}
        said = literal(told) if told else settings.get("altDeploymentRepository")
        match = _FOLDER.fullmatch(said or "")
        return match[1].replace("${project.build.directory}", "target") if match else ""

    def _target(self, folder: str) -> Files:
        return self.effects.files(under(value(folder), value("target")))

    def _said_by_jib(self, what: str) -> Value:
        """The file into which jib writes the digest, or the id: where it is told to, or its own."""
        told = self.effects.words.first(f"-Djib.outputPaths.{what}")
        return self.effects.path(told) if told else under(value(self.root), value(_WRITTEN_BY_JIB[what]))

    def _build_by_buildpacks(self) -> None:
        """Spring Boot's plugin builds an image, pushes it where it is told to, and says its digest nowhere."""
        effects = self.effects
        own = next((pom.packed for pom in self._lineage(self.root) if pom.packed), {})
        name, pushed = (
            self._meant(own[key], self.root) if key in own else self._property(f"{_OF_IMAGES}.{option}", self.root)
            for key, option in (("name", "imageName"), ("publish", "publish"))
        )
        if pushed is None:
            effects.not_followed("whether Spring Boot pushes its image is only known in a run")
            return
        given = effects.words.first(f"-D{_OF_IMAGES}.imageName") if "name" not in own else ()
        named = given or value(name or Symbol("template", own.get("name", "the image")))
        digest = Symbol("digest", effects.origin(value("buildpacks")))
        if pushed == "true":
            effects.built([named], digest, sbom=False)
        else:
            effects.local_tags.update(dict.fromkeys(called_here([named]), digest))

    def _push_by_jib(self) -> None:
        effects = self.effects
        said = effects.words.first("-Dimage") or effects.words.first("-Djib.to.image")
        own = next((pom.image for pom in self.poms.values() if pom.image), "")
        name = said or (value(own) if own and "${" not in own else value(Symbol("template", own or "jib.to.image")))
        jib.push(effects, [name], {what: self._said_by_jib(what) for what in _WRITTEN_BY_JIB})


def _folder_of_parent(folder: str, pom: Pom) -> str:
    """Where a pom looks for its parent: above, or where it says; `..` where that is not in the repository."""
    said = pom.parent.get("relativePath", "../pom.xml")
    path = posixpath.normpath(posixpath.join(folder, said.removesuffix("pom.xml"))) if said else ".."
    return "" if path == "." else path


def _names(of: Value) -> list[str]:
    return [literal(each) or "?" for each in words(of)]
