"""What commands lead to in this repository: its scripts, the targets of its Makefiles, the scripts of its packages.

A job sees the repository as it has checked it out. What it may have changed since then, or has from elsewhere, is not
followed; nor is what is written in another language than that of the shell.
"""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.pipeline.commands.mounts import in_text, mounts
from goldenpath.facts.pipeline.matrices import IN_LEG
from goldenpath.facts.pipeline.tables import is_base, known_command
from goldenpath.facts.pipeline.untrusted.outsiders import chosen_by_outsiders
from goldenpath.facts.pipeline.words import Words, command_in, is_in_background, without_version
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import absolute, is_within_any, path_from
from goldenpath.facts.shell.script import Called, Lead, long_options, program_name, unwrapped
from goldenpath.facts.shell.walk.limits import MAX_CHARACTERS
from goldenpath.facts.tasks import TOOLS
from goldenpath.facts.tasks.model import quoted
from goldenpath.facts.values import Value, head, literal, replaced, shown, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from goldenpath.facts.pipeline.matrices import Meanings
    from goldenpath.facts.pipeline.state import JobRun
    from goldenpath.facts.shell.script import Surroundings
    from goldenpath.facts.tasks.model import Task

    Runner: TypeAlias = Callable[["Checkout", tuple[Value, ...], Surroundings], Lead | None]

SHELL = regex(r"#!\s*(?:\S*/env\s+(?:-S\s+)?)?(?:\S*/)?(?:ba|da|a|k|z)?sh(?P<options>(?:\s+\S+)*)\s*")
"""The first line of a script for a shell."""

INSTALLED = regex(r"(.*/)?(\.?venv|node_modules|vendor|\.?bin|target|\.tox|\.nox)/(.*/)?[^/]+|(.*/)?\.?\w*bin/[^/]+")
"""Programs that are installed into a work tree: no files of the repository, unless they are tracked."""

WRAPPER = regex(r"(.*/)?(mvnw|gradlew)")
"""Scripts that fetch and run a program of the table."""
_WRAPS = regex(r"(?i)(gradle|maven)[-_.]?wrapper")
"""What a script of such a name speaks of that is one."""

_FLAGS = r"(-{0,2}(no-print-directory|silent)|-?[srw]+|\s)*"
TELL_MAKE = {"MAKEFLAGS": _FLAGS, "GNUMAKEFLAGS": _FLAGS, "MAKEFILES": ""}
"""The variables that tell make what else to do, and what does not matter of it."""

TELL_COMPOSE = ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES", "COMPOSE_PROJECT_DIRECTORY")
"""The variables that tell Compose which files and services it is for."""

_COMPOSE = frozenset({"compose", "docker-compose", "podman-compose"})

REWRITTEN = "an earlier step may have written it"
"""Why a file of the repository is not what the repository says."""

MAX_MAKES = 16
"""Most answers to the same call of make that are remembered."""


class Made(Struct):
    """What a make was found to lead to, with the variables that it asked for and the files that it read."""

    answers: dict[str, Value | None]
    reads: list[str]
    lead: Lead | None = None


class Checkout(Struct, frozen=True):
    """The repository as a job has it.

    `foreign` says why none of it is what the repository says, `written` which of its files the job has written itself,
    `made` which files it has made besides, `stands` which of them are surely there, `forged` which are not the programs
    of their names, `left` the texts of files that jobs before it have left. `system` is what `uname` says; empty where
    nobody knows. `legs` is what symbols of the matrix mean in each leg, where that is known. `makes` remembers, for all
    jobs, what make was found to run. `may_export` says that an action may have set variables that nobody has seen.
    """

    read: Callable[[str], str | None]
    exists: Callable[[str], bool]
    find: Callable[[str], list[str]]
    named: Callable[[str], list[str]]
    foreign: str = ""
    written: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    forged: frozenset[str] = frozenset()
    system: str = ""
    legs: tuple[Meanings, ...] = ()
    makes: dict[object, list[Made]] = {}
    left: tuple[tuple[str, Value], ...] = ()
    stands: frozenset[str] = frozenset()
    may_export: bool = False

    def unwrapped(self, words: tuple[Value, ...]) -> tuple[Value, ...]:
        """A command without `uv run`, `npx` and their like before it."""
        while True:
            words = unwrapped(words)
            about, length = known_command([program_name(words[0]) or "", *(literal(word) or "" for word in words[1:4])])
            if about is None or about.does != "wrap" or literal(words[0]) in {"hatch", "pdm"}:
                return words
            rest = command_in(about, words[length:])
            if not rest:
                return words
            words = without_version(rest) if about.why else rest

    def script(self, path: str, *, run: bool) -> Lead:
        """The script of that path."""
        if path in self.forged:
            return Lead(unseen=REWRITTEN)
        left = dict(self.left).get(path)
        if left is not None and not run and not self.unseen(path):
            return Lead((Called(text=left, path=""),))
        text = self.text(path)
        installed = text is None and not self.exists(path) and INSTALLED.fullmatch(path)
        wraps = WRAPPER.fullmatch(path) and (text is None or _WRAPS.search(text))
        if wraps or (installed and (run or not self.unseen(path))):
            return Lead(program=path.rpartition("/")[2])
        if unseen := self.unseen(path):
            return Lead(unseen=unseen)
        if text is None:
            return Lead(unseen=f"there is no text in {path}" if self.exists(path) else f"there is no {path} here")
        first = text.partition("\n")[0]
        shebang = SHELL.fullmatch(first)
        if run and first.startswith("#!") and shebang is None:
            return Lead(
                unseen=f"it is a script for {first[2:].split()[-1].rpartition('/')[2] if first[2:].split() else '?'}"
            )
        if len(text) > MAX_CHARACTERS:
            return Lead(unseen=f"a script of more than {MAX_CHARACTERS:,} characters is not followed")
        options = shebang["options"].split() if run and shebang is not None else []
        return Lead((Called(text=value(text), path=path, exact=True, options=frozenset(long_options(options))),))

    def program(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """What a program leads to that reads the repository."""
        runner = _RUNNERS.get(literal(words[0]) or "")
        if runner is None:
            return None
        if literal(surroundings.folder) is not None:
            lead = runner(self, words, surroundings)
            if lead is None or not lead.unseen:
                return lead
        leads = self._in_each_leg(runner, words, surroundings) if self.legs else {}
        return _of_legs(leads, surroundings.folder) if len(leads) > 1 else runner(self, words, surroundings)

    def _in_each_leg(
        self, runner: Runner, words: tuple[Value, ...], surroundings: Surroundings
    ) -> dict[tuple[Value, ...], Lead | None]:
        """What a program leads to in each leg, by the folder in which it runs there, and its words if they matter."""
        from goldenpath.facts.tasks import told_by_variables

        words = told_by_variables(words, surroundings.environment)
        found: dict[tuple[Value, ...], Lead | None] = {}
        for leg in map(dict, self.legs):
            there = replace(surroundings, folder=path_from((), replaced(surroundings.folder, leg)))
            own = tuple(replaced(word, leg) for word in words)
            if (there.folder,) in found or (there.folder, *own) in found:
                continue
            lead = runner(self, words, there)
            if lead is None or not lead.unseen or own == words:
                found[(there.folder,)] = lead
            else:
                found[(there.folder, *own)] = runner(self, own, there)
        return found

    def task(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """The scripts of a task that tox, just, Rake and their like would run."""
        from goldenpath.facts.tasks import task, told_by_variables

        folder = literal(surroundings.folder)
        if folder is None or folder.startswith(("/", "~", "..")):
            return Lead(unseen="where it runs is only known in a run")
        found = task(told_by_variables(words, surroundings.environment), self.read, folder)
        return None if found is None else self._task(found)

    def _task(self, found: Task) -> Lead:
        """What a task leads to."""
        called = [
            Called(
                text=each.text,
                path=each.path,
                line=each.line - 1,
                options=frozenset(long_options(each.shell.split()[1:])),
                folder=value(each.folder),
                ignored=not each.heeded,
            )
            for each in found.scripts
        ]
        unseen = found.unseen or next(filter(None, (self.unseen(each.path) for each in called)), "")
        return Lead(tuple(called), unseen, reads=frozenset(each.path for each in called))

    def make(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """The recipes that `make` would run: found out once for all calls that do not differ in what make asks."""
        made = surroundings.made | self.made
        key = words, surroundings.folder, made, self.foreign, self.written, self.forged, self.system, self.may_export
        known = self.makes.setdefault(key, [])
        for each in known:
            if all(surroundings.environment(name) == answer for name, answer in each.answers.items()):
                for path in each.reads:
                    self.read(path)  # which is how the caller learns what it depends on
                return each.lead
        found = Made({}, [])
        found.lead = self._made_by(words, surroundings, found)
        known[MAX_MAKES - 1 :] = [found]
        return found.lead

    def _made_by(self, words: tuple[Value, ...], surroundings: Surroundings, noted: Made) -> Lead | None:
        """What make runs; what it reads and asks the environment for is `noted`."""
        from goldenpath.facts.make.expansion import Unclear
        from goldenpath.facts.pipeline.making import lead_of

        def read(path: str) -> str | None:
            noted.reads.append(path)
            return self.read(path)

        def environment(name: str) -> Value | None:
            return noted.answers.setdefault(name, surroundings.environment(name))

        try:
            return lead_of(replace(self, read=read), words, replace(surroundings, environment=environment))
        except Unclear as error:
            return Lead(unseen=error.reason)

    def package(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """The scripts of package.json that a package manager would run."""
        from goldenpath.facts.pipeline.packages import lead_of

        return lead_of(self, words, surroundings)

    def several(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """The scripts of package.json that `npm-run-all` would run."""
        from goldenpath.facts.pipeline.packages import lead_of_several

        return lead_of_several(self, words, surroundings)

    def turbo(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """The scripts of the packages of a workspace that Turborepo would run."""
        from goldenpath.facts.pipeline.tools.turbo import lead_of

        return lead_of(self, words, surroundings)

    def project(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """The scripts of pyproject.toml that `hatch run` and its like would run."""
        from goldenpath.facts.pipeline.packages import lead_of_project

        return lead_of_project(self, words, surroundings)

    def container(self, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
        """What `docker run` runs in a container that has this repository; None for any other container.

        Of an image that has a program of its own but what surely writes files is followed.
        """
        if any(map(_COMPOSE.__contains__, map(literal, words[:2]))):
            from goldenpath.facts.pipeline.tools.compose import lead_of

            return lead_of(self, words, surroundings)
        about, length = known_command([literal(word) or "" for word in words[:4]])
        if about is None or about.does != "run-image":
            return None
        given = Words(words[length:], about.takes.split())
        name, *told = given.rest or ((),)
        command = [*given.of("--entrypoint")[:1], *told]
        standing = list(_standing(given, surroundings))
        plain = bool(literal(name)) and is_base(literal(name) or "")
        if not (standing and any(command)) or not (plain or _writes_files(command)):
            return None
        seen = (in_text(word, [(target, absolute(place)) for target, place in standing]) for word in command if word)
        text = value(*(part for word in seen for part in (quoted(word), " ")))
        passed = {name: text for each in given.of("-e --env") for name, text in _passed(each, surroundings)}
        folder, unheeded = _worked_in(given, standing), is_in_background(given)
        script = Called(text=text, path="", folder=folder, variables=passed, clean=True, ignored=unheeded)
        return Lead((script,), itself=not plain)

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none."""
        return self.read(path)

    def unseen(self, path: str) -> str:
        """Why a file is not what the repository says it is."""
        if self.foreign:
            return self.foreign
        return REWRITTEN if is_within_any(path, self.written) else ""


def _of_legs(leads: dict[tuple[Value, ...], Lead | None], folder: Value) -> Lead | None:
    """What a program leads to whose folder, or words, are others in each leg; one lead for all legs that agree."""
    if not any(leads.values()):
        return None
    found = {leg: lead or Lead(itself=True) for leg, lead in leads.items()}
    if len({lead.itself for lead in found.values()}) > 1:
        return Lead(unseen="it leads to scripts of the repository in some legs of a matrix alone")
    leads_alike = [_with(lead, partial(_as_in_any, leg[0], folder)) for leg, lead in found.items()]
    unseen = next((lead.unseen for lead in found.values() if lead.unseen), "")
    bare = [_with(lead, _without_place) for lead in leads_alike]
    if not unseen and all((each.scripts, each.after) == (bare[0].scripts, bare[0].after) for each in bare):
        told = leads_alike[:1]
    else:
        of_words = len({leg[0] for leg in found}) == 1
        names = (IN_LEG + " ".join(shown(word) or "." for word in leg[of_words:]) for leg in found)
        told = [_with(lead, partial(_only_in, name)) for name, lead in zip(names, found.values(), strict=True)]
    return Lead(
        tuple(script for lead in told for script in lead.scripts),
        unseen,
        reads=frozenset().union(*(lead.reads for lead in found.values())),
        makes=frozenset.intersection(*(lead.makes for lead in found.values())),
        cost=sum(lead.cost for lead in found.values()),
        itself=told[0].itself,
        after=tuple(script for lead in told for script in lead.after),
    )


def _with(lead: Lead, change: Callable[[Called], Called]) -> Lead:
    return replace(lead, scripts=tuple(map(change, lead.scripts)), after=tuple(map(change, lead.after)))


def _as_in_any(own: Value, folder: Value, script: Called) -> Called:
    """A script of one leg, with the folder that stands for that of any leg in the place of its own."""
    return replace(script, folder=folder) if script.folder == own else script


def _without_place(script: Called) -> Called:
    return replace(script, path="", line=0)


def _only_in(leg: str, script: Called) -> Called:
    return replace(script, condition=script.condition | {leg})


def why_foreign(state: JobRun, own: Value) -> str:
    """Why nothing that stands in the folder of a job is what the commit of the run says; empty where it is that."""
    if state.has_foreign_files:
        return "it stands where another repository has been checked out"
    return "it stands where another commit has been checked out" if is_other_commit(state.commit, own) else ""


def is_other_commit(ref: Value, own: Value) -> bool:
    """Whether a ref that is checked out is surely another one than that of the run, or one that outsiders choose."""
    known = literal(ref)
    if known is not None:
        return bool(known) and not (literal(own) or "").endswith(f"/{known.removeprefix('refs/heads/')}")
    found = chosen_by_outsiders(ref)
    return found is not None and not found[1] and not found[0].endswith(("workflow_run.head_sha", "merge_commit_sha"))


def _passed(given: Value, surroundings: Surroundings) -> Iterator[tuple[str, Value]]:
    """The variable that `--env NAME=value`, or `--env NAME`, hands to a container."""
    start = head(given)
    name, equals, text = start.partition("=")
    if equals:
        yield name, value(text, *given[1:])
    elif len(given) == 1 and (known := surroundings.environment(name)) is not None:
        yield name, known


def _standing(given: Words, surroundings: Surroundings) -> Iterator[tuple[str, Value]]:
    """Where in a container folders of this repository stand, and which."""
    for target, source in mounts(given):
        place = path_from(surroundings.folder, source)
        known = literal(place)
        if target and known is not None and not known.startswith(("/", "~", "..")):
            yield target, place


def _worked_in(given: Words, standing: list[tuple[str, Value]]) -> Value:
    """The folder in which a container works, as a path of this repository where it is one."""
    at = given.first("-w --workdir") or value("/")
    for target, place in standing:
        below = posixpath.relpath(literal(at) or "/", target)
        if not below.startswith(".."):
            return path_from(place, value(below))
    return at


def _writes_files(command: list[Value]) -> bool:
    """Whether a command only writes, moves or removes files, whatever image has the program."""
    about, _ = known_command([literal(word) or "" for word in command[:1]])
    return about is not None and (about.does in _WRITING or literal(command[0]) == "perl")


_WRITING = frozenset({"change-files", "copy-files", "edit", "move-files", "remove-files", "write-files"})

_RUNNERS: dict[str, Runner] = {
    **dict.fromkeys(("make", "gmake"), Checkout.make),
    **dict.fromkeys(("npm", "pnpm", "yarn", "bun"), Checkout.package),
    **dict.fromkeys(("npm-run-all", "run-s"), Checkout.several),
    "turbo": Checkout.turbo,
    **dict.fromkeys(("hatch", "pdm"), Checkout.project),
    **dict.fromkeys((*TOOLS, "python", "python3"), Checkout.task),
    **dict.fromkeys(("docker", "podman", "nerdctl", "docker-compose", "podman-compose"), Checkout.container),
}
"""Programs that run what is written in the repository under a name: here those of other tools join in."""
