"""Which tasks Gradle runs: those that it is asked for, with all that these need, and what is done after them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.gradle.model import table
from goldenpath.facts.pipeline.tools.gradle.call import UnknownBuild

if TYPE_CHECKING:
    from goldenpath.facts.gradle.model import Rule
    from goldenpath.facts.pipeline.tools.gradle.call import Told

TESTERS = frozenset({"test", "integrationTest"})
"""Tasks that run tests; those of which a script says that they are of that type are called `test` here."""

MAX_DEPTH = 60
MAX_TASKS = 2_000


class Run(Struct):
    """A task that runs, in a project if one is named, and whether it was `asked` for.

    It is `tested` where the tests are surely over by then; None where they may be, for what needs it needs them, too.
    """

    name: str
    project: str
    asked: bool
    tested: bool | None


def runs(call: Told) -> list[Run]:
    """The tasks that run; raises UnknownBuild."""
    if not call.tasks:
        raise UnknownBuild("which tasks run where none is named is not read")
    planning = _Planning(call)
    tested = False
    for task in call.tasks:
        start = len(planning.runs)
        planning.add(task, asked=True, tested=tested)
        if planning.has_tests(task):
            planning.doubt(start)
        tested |= not call.is_loose and planning.has_tests(task)
    return planning.runs


class _Planning:
    def __init__(self, call: Told) -> None:
        self._build = call.build
        self._left_out = call.left_out
        self._about = table()
        self._known = {*self._about.harmless.split(), *self._about.builds.split(), *self._about.tasks, *_OF_REPORTS}
        self._seen: set[str] = set()
        self._last: set[int] = set()
        self.runs: list[Run] = []

    def add(self, task: str, *, asked: bool, tested: bool, depth: int = 0) -> None:
        """A task with all that it needs before it, and what is done after it."""
        project, _, name = task.rpartition(":")
        if name in self._left_out or (task in self._seen and not asked):
            return
        self._seen.add(task)
        if depth > MAX_DEPTH or len(self._seen) > MAX_TASKS:
            raise UnknownBuild("more tasks run than are followed")
        rules = self._rules(name)
        if name not in self._known and name not in self._build.tasks and not (publishes(name) or _stays(name)):
            raise UnknownBuild(f"what the task {name} does is not known")
        self._ask(name, rules)
        for each in self._before(name, rules):
            self.add(_in(project, each), asked=False, tested=tested, depth=depth + 1)
        called = "test" if self._is_test(name) else name
        self.runs.append(Run(called, project, asked, tested or self._needs_tests(name)))
        start = len(self.runs)
        for each in (each for rule in rules for each in rule.after):  # whatever becomes of the task itself
            self.add(_in(project, each), asked=False, tested=False, depth=depth + 1)
        self._last.update(range(start, len(self.runs)))

    def doubt(self, start: int) -> None:
        """Of what a task needs nobody knows the order, but for what that needs itself; what is last comes anyway."""
        for at in range(start, len(self.runs)):
            if self.runs[at].tested is False and at not in self._last:
                self.runs[at].tested = None

    def has_tests(self, task: str) -> bool:
        """Whether a task is one that tests, or needs one."""
        name = task.rpartition(":")[2]
        tied = (self.has_tests(each) for rule in self._rules(name) for each in rule.before) if _ties(name) else ()
        return name not in self._left_out and (self._is_test(name) or self._needs_tests(name) or any(tied))

    def _is_test(self, name: str) -> bool:
        registered = self._build.tasks.get(name)
        return name in TESTERS if registered is None else registered.type == "Test"

    def _needs_tests(self, task: str) -> bool:
        """Whether tests run before a task. What one needs that only ties others together may run after those."""
        waiting, seen = [task], set[str]()
        if _ties(task):
            waiting = [each for rule in self._build.rules.get(_PUBLISHING, []) for each in rule.before]
        while waiting:
            name = waiting.pop().rpartition(":")[2]
            if name not in seen and name not in self._left_out:
                seen.add(name)
                waiting += self._before(name, self._rules(name))
        return any(map(self._is_test, seen - {task}))

    def _rules(self, name: str) -> list[Rule]:
        """What scripts say of a task."""
        registered = self._build.tasks.get(name)
        above = _PUBLISHING if publishes(name) or _stays(name) else name
        said = [rule for each in dict.fromkeys((name, above, "*")) for rule in self._build.rules.get(each, [])]
        return [*said, *([registered.rule] if registered else [])]

    def _before(self, name: str, rules: list[Rule]) -> list[str]:
        packs = ("jar", "sourcesJar", "javadocJar") if publishes(name) else ()
        return [*packs, *self._about.tasks.get(name, "").split(), *(each for rule in rules for each in rule.before)]

    def _ask(self, name: str, rules: list[Rule]) -> None:
        """Whether the task is what the table says, or only ties others together; raises UnknownBuild."""
        registered = self._build.tasks.get(name)
        if registered and (registered.type and registered.type not in self._about.plain_types.split()):
            raise UnknownBuild(f"{registered.place}: what the task {name} does is not read")
        harmless = name in self._about.harmless.split()
        for rule in rules:
            if rule.acts or (rule.writes and name in _EXACT):
                raise UnknownBuild(f"{rule.place}: what is done by the task {name} is not read")
            may_test = registered is not None and registered.type == "Test" and rule.forgives is not False
            if may_test or (rule.off is not False and not harmless and (registered is None or registered.type)):
                raise UnknownBuild(f"{rule.place}: whether the task {name} runs is not followed")


_PUBLISHING = "PublishToMavenRepository"
"""By what scripts speak of all tasks that publish something."""
_OF_REPORTS = frozenset({"cyclonedxBom", "dependencyCheckAnalyze", "dependencyCheckAggregate"})
_EXACT = frozenset({"jib", "jibDockerBuild", "jibBuildTar", *_OF_REPORTS})
"""Tasks whose files are followed, so that nothing else may write them."""


def publishes(task: str) -> bool:
    """Whether a task publishes what is built."""
    return re.fullmatch(table().publishes, task) is not None


def _ties(task: str) -> bool:
    """Whether a task only ties those together that publish."""
    return publishes(task) and "Publication" not in task.replace("AllPublications", "") and "Staging" not in task


def _stays(task: str) -> bool:
    return re.fullmatch(table().stays, task) is not None


def _in(project: str, name: str) -> str:
    """A task as it is called from one of a project."""
    if name == "?":
        raise UnknownBuild("which task runs with another one is only known in a run")
    return name if ":" in name or not project else f"{project}:{name}"
