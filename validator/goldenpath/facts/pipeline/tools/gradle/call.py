"""A call of Gradle: where it runs, what it is told, and by which files its properties are set."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from goldenpath.facts.gradle.build import read_build
from goldenpath.facts.gradle.expressions import Expressions
from goldenpath.facts.gradle.model import join, table
from goldenpath.facts.gradle.settings import NAMES as SETTINGS
from goldenpath.facts.pipeline.effects import tidy, under
from goldenpath.facts.pipeline.testing import COMPILE_TESTS
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.gradle.model import Build, Project
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.words import Words
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_OTHER_FILES = "-b --build-file -c --settings-file -I --init-script --include-build -g --gradle-user-home"
_HARMLESS = regex(
    r"--(no-)?(daemon|build-cache|configuration-cache|parallel|watch-fs|scan|rerun-tasks|configure-on-demand|continue"
    r"|problems-report)"
    r"|--(info|debug|quiet|warn|stacktrace|full-stacktrace|offline|refresh-dependencies|console|profile|write-locks|rerun"
    r"|write-verification-metadata|max-workers|warning-mode|priority|dependency-verification|exclude-task|project-dir"
    r"|tests|system-prop|project-prop|image|gradle-version|configuration|property|project-cache-dir)|-[siqdwSxpFM]|-[DP].*"
)
"""Options that change no task, but for what is asked of them elsewhere."""
_OF_BUILD = regex(
    r"(.*/)?(gradlew|gradle\.properties|gradle/[^/]+\.toml|[^/]+\.gradle(\.kts)?)|(.*/)?buildSrc/.*\.(kt|java|groovy)"
)
"""Files by which a build is made, wherever they are."""
_SIGNS = regex(r"(?i)sign|sigstore")
_GOES_ON = regex(r"\\\r?\n[ \t]*")
_PROPERTY = regex(r"[ \t]*([^#!\s=:][^\s=:]*)[ \t]*[=: \t]?[ \t]*(.*)")
_OF_JAVA = ("GRADLE_OPTS", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")
_OF_GRADLE = frozenset({"rootProject", "name", "projectDir", "rootDir", "buildDir", "project", "path"})


class UnknownBuild(Exception):  # noqa: N818 - a limit of what is followed
    """Why it is not known what Gradle does."""


class Told:
    """What Gradle is told, and the build of a folder that it is for."""

    def __init__(self, words: Words, tree: Tree, folder: Value) -> None:
        self.words = words
        self._tree = tree
        self._where = folder

    def ask(self) -> None:
        """Whether all is known that it is told, and what the scripts say; raises UnknownBuild."""
        if any(self.words.has(each) for each in _OTHER_FILES.split()):
            raise UnknownBuild("it is told of other scripts, which are not read")
        other = next((name for name in self.words.options if not _HARMLESS.fullmatch(name)), "")
        if other:
            raise UnknownBuild(f"what {other} says is not known")
        if self.build.problem:
            raise UnknownBuild(self.build.problem)

    @cached_property
    def _folder(self) -> str:
        """Where Gradle is started."""
        where = literal(tidy(self._where))
        if where is None or where.startswith(("/", "..", "~")):
            raise UnknownBuild("it runs outside of the repository, or where only a run knows")
        return "" if where == "." else where

    @cached_property
    def build(self) -> Build:
        """The build of that folder, whose settings stand there or above."""
        above = [self._folder]
        while above[-1]:
            above.append(above[-1].rpartition("/")[0])
        having = (each for each in above if any(self._tree.text(join(each, name)) is not None for name in SETTINGS))
        return read_build(self._tree, next(having, self._folder))

    @property
    def is_there(self) -> bool:
        """Whether there is a build, be it read or not."""
        try:
            return bool(self.build.files)
        except UnknownBuild:
            return False

    @cached_property
    def base(self) -> str:
        """The project in whose folder it is started."""
        found = next((each.path for each in self.build.projects.values() if each.folder == self._folder), None)
        if found is None:
            raise UnknownBuild(f"{self._folder} is no project of its build")
        return found

    @cached_property
    def tasks(self) -> list[str]:
        """The tasks that are asked for."""
        found = [literal(word) for word in self.words.positionals]
        if None in found:
            raise UnknownBuild("which tasks run is only known in a run")
        return [each for each in found if each]

    @cached_property
    def left_out(self) -> frozenset[str]:
        """The tasks that it is told to leave out, in whatever project."""
        names = [literal(each) for each in self.words.of("-x --exclude-task")]
        if any(name is None or ":" in name.lstrip(":") or _SIGNS.search(name) for name in names):
            raise UnknownBuild("which tasks are left out, and of which project, is not followed")
        found = frozenset((name or "").lstrip(":") for name in names)
        if found & COMPILE_TESTS:
            raise UnknownBuild("tests that are not compiled are not run")
        return found

    @property
    def is_loose(self) -> bool:
        """Whether tasks may go on where others fail, or run at the same time as they do."""
        return any(name in self.words.options for name in ("--continue", "--parallel"))


class Call(Told):
    """A call of Gradle in a job."""

    def __init__(self, effects: CommandEffects) -> None:
        told = effects.words.first("-p --project-dir")
        where = effects.path(told) if told else effects.script.folder
        super().__init__(effects.words, effects.moment.frame.shared.tree, where)
        self.effects = effects

    def ask(self) -> None:
        """Whether all is known that it is told, and the files are those of the repository; raises UnknownBuild."""
        settings = self.effects.state.settings.get("gradle")
        if settings and settings.scripts:
            raise UnknownBuild(f"the job has written {settings.where}, which every build runs")
        super().ask()
        changed = next((path for path in self._written() if _OF_BUILD.fullmatch(path)), "")
        files = (path for path in self.build.files if self.effects.is_rewritten(value(path)))
        changed = changed or next(files, "")
        if changed or self.effects.state.has_foreign_files:
            raise UnknownBuild(f"the job has changed {changed or 'the files of the repository'}")

    def _written(self) -> Iterator[str]:
        """What the job may have written by now, or writes in this script."""
        state, script = self.effects.state, self.effects.script.script
        yield from (*state.replaced, *state.made, *script.changed, *script.made)

    @cached_property
    def builds(self) -> frozenset[str]:
        """The tasks that leave something in the folder `build`."""
        return frozenset(table().builds.split())

    @property
    def is_loose(self) -> bool:
        """The same by the files and variables that set properties, too."""
        parallel = "true" in {self._files.get("org.gradle.parallel"), self._system.get("org.gradle.parallel")}
        return parallel or super().is_loose

    def below(self, project: Project, path: str | Value) -> Value:
        """A path in a project."""
        return under(value(project.folder or "."), value(path))

    def projects(self, task: str, project: str, plugins: str, *, asked: bool) -> list[Project]:
        """The projects that have a task of one of these plugins and in which it runs: below where Gradle is started."""
        having = [each for each in self.build.projects.values() if not each.plugins.keys().isdisjoint(plugins.split())]
        base = self.base.rstrip(":")
        if project:
            path = project if project.startswith(":") else f"{base}:{project}"
            found = [each for each in having if each.path == path]
        else:
            found = [each for each in having if f"{each.path}:".startswith(f"{base}:")]
        if not found:
            raise UnknownBuild(f"no project is known that has the task {task}")
        if len(found) > 1 and not asked:
            raise UnknownBuild(f"of which project the task {task} runs is not followed")
        return found

    def expressions(self, project: Project) -> Expressions:
        """What expressions of a project stand for."""
        return Expressions(self.build, project, self._property, self.effects.variable)

    # Properties

    @cached_property
    def _property_files(self) -> list[str]:
        folders = {self.build.root, *(each.folder for each in self.build.projects.values())}
        paths = (join(folder, "gradle.properties") for folder in sorted(folders))
        return [path for path in paths if self._tree.text(path) is not None]

    @cached_property
    def _files(self) -> dict[str, str]:
        """What the files of properties say."""
        found: dict[str, str] = {}
        if settings := self.effects.state.settings.get("gradle"):
            raise UnknownBuild(f"the job has written {settings.where}, which sets properties")
        for path in self._property_files:
            for line in _GOES_ON.sub("", self._tree.text(path) or "").splitlines():
                if match := _PROPERTY.match(line):
                    found[match[1]] = match[2].strip()
        if any("\\" in name for name in found):
            raise UnknownBuild("a property is called by what is not read")
        return found

    @cached_property
    def _system(self) -> dict[str, str]:
        """The properties of the system that files set, or variables that Java reads."""
        start = "systemProp."
        found = {name.removeprefix(start): text for name, text in self._files.items() if name.startswith(start)}
        for variable in _OF_JAVA:
            told = self.effects.variable(variable)
            if literal(told) is None and "jib" in display(told):
                raise UnknownBuild(f"what {variable} says is only known in a run")
            words = (word[2:].partition("=") for word in (literal(told) or "").split() if word.startswith("-D"))
            found |= {name: text for name, _, text in words}
        return found

    def system_properties(self, start: str) -> list[str]:
        """The properties of the system that are set, of those that begin so."""
        named = [display(each).partition("=")[0] for each in self.words.of("-D --system-prop")]
        told = [name.removeprefix("-D") for name in self.words.options if name.startswith("-D")]
        return [name for name in (*told, *named, *self._system) if name.startswith(start)]

    def system_property(self, name: str) -> Value | None:
        """A property of the system: told by the command, or set elsewhere; None where nobody sets it."""
        told = self._told("-D --system-prop", name)
        text = self._system.get(name)
        return told if told is not None else None if text is None else value(text)

    def _told(self, options: str, name: str) -> Value | None:
        """What the command says of a property, of which the last word counts (`-Dx=y`, `--system-prop x=y`)."""
        found = self.words.options.get(f"{options[:2]}{name}", [])
        pairs = (partition(each, "=") for each in self.words.of(options))
        found = [*found, *(pair[1] for pair in pairs if pair and literal(pair[0]) == name)]
        return found[-1] if found else None

    def _property(self, name: str) -> Value | None:
        """A property of the project; None where nobody here says what it is."""
        told = self._told("-P --project-prop", name) or self.effects.variable(f"ORG_GRADLE_PROJECT_{name}")
        text = self._files.get(name, "")
        return told or (value(text) if text and "\\" not in text and name not in _OF_GRADLE else None)
