"""How what a release ships is built, and what of it would be another thing on another day.

Four things make a build the same twice: its dependencies come from a lock, its base images and its tools are fixed, and
it writes no time but that of its sources. What stands against that is a Flaw, with its place; what cannot be seen, too.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.chances import (
    asked_elsewhere,
    asks_elsewhere,
    is_now,
    is_of_one_run,
    read_from,
    said_outside,
    told_by_chance,
)
from goldenpath.facts.dependencies.files import join, json, table, texts, toml
from goldenpath.facts.dockerfiles import Problem
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.image_builds import (
    ImageBuild,
    builds_image,
    has_no_dockerfile,
    script_of,
    takes_the_folder,
    words_given,
    words_of_list,
)
from goldenpath.facts.installs import is_branch, is_moving, known_install, loose, makes_sources, newest_of
from goldenpath.facts.installs import table as knowledge
from goldenpath.facts.nodes import Malformed, Mapping, Sequence
from goldenpath.facts.pipeline.acts import Files
from goldenpath.facts.pipeline.effects import fits, tidy
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import Words, shortened
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import is_ignored
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.paths import is_within
from goldenpath.facts.shell.script import program_name
from goldenpath.facts.values import Symbol, Value, display, lines, literal, value
from goldenpath.facts.values import shown as written
from goldenpath.facts.workflows import texts as texts_of
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from goldenpath.facts.dependencies import Dependencies
    from goldenpath.facts.dockerfiles import Dockerfile, Dockerfiles, Instruction
    from goldenpath.facts.installs import Loose, Tool
    from goldenpath.facts.pipeline.acts import Act, Recipe, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.workflows import Job, Step, Uses, Workflows
    from goldenpath.repository import Repository

_PINNED = regex(r".+@sha256:[0-9a-f]{64}")
_MAVEN = ("mvn", "mvnw", "./mvnw")
_PACKAGES = frozenset({"package", "verify", "install", "deploy"})
_TIMESTAMP, _NOW = "project.build.outputTimestamp", "build.timestamp"
_UNPACKED = regex(r"java -Djarmode=(?:tools|layertools) -jar \S+ (?:extract|list)\b.*")
_LANGUAGES = {
    "python": regex(r"(uv|python3? -m|poetry|hatch|flit|pdm|maturin) build\b.*|pyproject-build3?\b.*"),
    "go": regex(r"go build\b.*"),
    "node": regex(r"npm (pack|(stage )?publish)\b.*|JS-DevTools/npm-publish"),
    "rust": regex(r"cargo build\b.*"),
}
_WITHOUT_GIT = regex(r"(\*\*/|\./|/)?(\.git(/?\*{0,2})|\.\*|\*{1,2})/?")
"""A line of .dockerignore that leaves out git's folder."""
_RESOLVES = {
    "cargo": ("Cargo.toml", "dependencies", "Cargo.lock", frozenset({"build", "b", "run", "r", "rustc"})),
    "swift": ("Package.swift", ".package(", "Package.resolved", frozenset({"build", "run"})),
}
"""Programs that build: their manifest, how it asks for something, their lock, and the words by which they build."""
_SOURCES = {
    "python": (".py", ".pyi", "pyproject.toml", "setup.cfg"),
    "go": (".go",),
    "node": (".js", ".ts", ".mjs", ".cjs", ".json"),
    "rust": (".rs",),
}
"""How sources are called, and what says how they are packed, so that a new one among them is built with the others."""
_MANAGED = {
    "node": regex(r"(npx|npm exec|pnpm exec|yarn) semantic-release\b.*"),
    "go": regex(r"goreleaser build\b.*"),
    "rust": regex(r"cargo (publish|package)\b.*"),
    "dotnet": regex(r"dotnet (pack|publish|build)\b.*"),
    "dart": regex(r"(dart|flutter) pub publish\b.*"),
    "ruby": regex(r"rubygems/release-gem|gem build\b.*"),
}
"""Builders of which it is known what they take, and not all that they do with it."""
_PACKAGE_SCRIPT = regex(r"(npm|pnpm|yarn) (run|run-script)( (-s|--silent))? (?P<name>[\w:.-]*\w)( (-s|--silent))?")
_ANY = regex(r"\$\{[^{}]*\}|\$\w+")
_COMMIT = regex(r"[0-9a-f]{40}([0-9a-f]{24})?")
_OF_GIT = regex(r"git@[^:/]+:|(git|ssh)://|https?://[^#]*\.git(#|$)")
_TAKES_OF_CLONE = ("-b", "--branch", "--depth", "-o", "--origin", "-c", "--config", "--filter", "-j", "--revision")
_GIT_AT_COMMIT = regex(r"git (-C \S+ )?(checkout|switch|reset)( -\S+)* [0-9a-f]{40}([0-9a-f]{24})?")
_FETCHING = frozenset({"curl", "wget"})
_HASHED = "--hash=sha"
"""What a file of requirements says of a package, so that pip demands as much of all."""
_SNAPSHOT = regex(r"snapshot\.(debian|ubuntu)\.(org|com)/\S*\b2\d{7}T\d{6}Z|\brepro-sources-list\.sh\b")
"""How Debian's and Ubuntu's archives are named as they were on one day, and a script of theirs that does so."""
_MANAGER = regex(r"\bcorepack (?:prepare|install|use)\b[^&;|]*@\d|COREPACK_DEFAULT_TO_LATEST\W+0")
"""How Corepack is told which version of a package manager it takes by default, or to take that which it knows."""
_MADE = regex(
    r"(?:\bpip3? freeze|\bpip-compile|\buv pip compile)\b[^\n;&|]*?(?:>|-o|--output-file)[ =]*[\"']?([^\s;&|\"'>]+)"
)
"""The file of requirements that a build has written out of what was there, or newest, on that day."""
_OF_SUM = regex(r"(?i)sha(?:256|512)|checksum|\.(?:sum|asc|sig|minisig)\b")
_KEPT = ("target", "dst", "destination")
_ONLY_COPY = frozenset({"cp", "mv", "install", "tar", "cat", "ln", "rsync"})
_BESIDE_A_COPY = _ONLY_COPY | {"cd", "mkdir", "chmod", "chown", "rm", "echo", "ls", "set", "test", "[", "true", "find"}
_OF_ARCHIVES = frozenset({"apt", "apt-get", "aptitude"})
_HELD = "Fetch one version, and hold it against its sum"
_ISOLATED = {"uv": "--no-build-isolation", "python": "--no-isolation", "python3": "--no-isolation"}


_SAID_OF_JOB = regex(r"\$\{\{\s*(env|matrix)\.([\w-]+)\s*\}\}")


class Flaw(Struct, frozen=True):
    """Why a build may give something else on another day (`unsure`: that cannot be told), and what to do about it."""

    place: Place
    text: str
    remedy: str = ""
    unsure: bool = False


class _Inside(Struct, frozen=True):
    """Where a command runs: in which line of a Dockerfile, over which context, and by which scripts of a package.

    `snapshot` says that the Dockerfile speaks of an archive of packages as it was on one day, `manager` that it tells
    Corepack of a version. `made` are files of requirements that the build writes itself.
    """

    place: Place
    context: str
    scripts: tuple[str, ...] = ()
    snapshot: bool = False
    manager: bool = False
    made: frozenset[str] = frozenset()


class Recipes:
    """The ways in which things are built here."""

    def __init__(
        self, repository: Repository, dockerfiles: Dockerfiles, dependencies: Dependencies, workflows: Workflows
    ) -> None:
        self._repository = repository
        self._dockerfiles = dockerfiles
        self._workflows = workflows
        self._locks = {path for project in dependencies.projects for path in project.locks}
        self._flaws: dict[tuple[int, int], tuple[Run, Act, tuple[list[Flaw], list[Finding]]]] = {}
        self._instructions: dict[tuple[Place, str], list[Flaw]] = {}
        self._jobs: dict[str, list[Job]] = {}
        self._setups: dict[tuple[str, str, str], list[tuple[Step, Uses]]] = {}
        self._installs: dict[tuple[int, str], tuple[Run, list[tuple[Act, Flaw | Finding]]]] = {}

    def flaws(self, run: Run, act: Act) -> tuple[list[Flaw], list[Finding]]:
        """What is wrong with how an act of a run builds, and the places that prove the rest."""
        key = id(run), id(act)  # which are kept beside it, so that they lend their identities to no others
        if key not in self._flaws:
            self._flaws[key] = run, act, self._flaws_of(run, act)
        return self._flaws[key][2]

    def _flaws_of(self, run: Run, act: Act) -> tuple[list[Flaw], list[Finding]]:
        recipe = act.recipe
        if recipe is None:
            return [Flaw(act.place, f"how {act.text} builds is not followed", unsure=True)], []
        branch = display(act.guard.commit[:1])
        moved = [_of_branch(branch, act.place)] if is_branch(branch) else []
        if recipe.tool.split()[0] == "ko":
            found = self._ko(run, act, recipe)
        elif builds_image(act, recipe):
            before = self._before(run, act, sources_only=True) if takes_the_folder(recipe) else []
            legs = (self._image_in_leg(run, act, each) for each in run.recipes_of(recipe))
            found = list(dict.fromkeys([*before, *(each for leg in legs for each in leg)]))
        else:
            found = self._files(run, act, recipe)
        proof = [each for each in found if isinstance(each, Finding)]
        return [*moved, *(each for each in found if isinstance(each, Flaw))], proof

    def _image_in_leg(self, run: Run, act: Act, recipe: Recipe) -> list[Flaw | Finding]:
        laid = [*self._laid_into(run, act, recipe), *self._dated(run, act, recipe)] if takes_the_folder(recipe) else []
        return [*laid, *self._image(run, act, recipe)]

    def _laid_into(self, run: Run, act: Act, recipe: Recipe) -> list[Flaw]:
        """What is wrong with how files are built that an image takes as they are, by their names or their folder's."""
        given = ImageBuild(recipe)
        taken = None if has_no_dockerfile(recipe) or given.unseen else self._taken(given)
        built = (each for each in run.of_kind("built") if taken and run.precedes(each, act))
        files = (each for each in built if any(_is_taken(target, taken or []) for target in each.targets))
        return [flaw for each in files for flaw in self.flaws(run, each)[0]]

    def _dated(self, run: Run, act: Act, recipe: Recipe) -> list[Flaw]:
        """What the job has written among the files around an image, which takes them, that no other run has."""
        written_ = _left_before(run, act)
        given = ImageBuild(recipe) if written_ and not has_no_dockerfile(recipe) else None
        if given is None or given.unseen:
            return []
        copied = ["" if each == "." else each.removesuffix("/.") for each in self._copies(given)]
        ignored = [
            join(given.context, each.strip("/")) for each in self._text(join(given.context, ".dockerignore")).split()
        ]
        found = []
        for each, path in written_:
            left_out = any(is_within(path, one) or fits(path, one) for one in ignored)
            inside = path in {"", "."} and "" in copied  # what a tool comes in stands beside what is taken by its name
            taken = any(is_within(path, one) or is_within(one, path) or fits(path, one) for one in copied)
            if (inside or (taken and path not in {"", "."})) and not left_out:
                found.append(_left(each, path, "the image"))
        return found

    def _stamped(self, run: Run, act: Act, language: str, folder: str) -> list[Flaw]:
        """What the job has written into the sources of files, or beside them in a package, that no other run has."""
        return [
            _left(each, path, "what is built")
            for each, path in _left_before(run, act)
            if is_within(path, folder) and (path.endswith(_SOURCES[language]) or self._is_taken_along(path, language))
        ]

    def _is_taken_along(self, path: str, language: str) -> bool:
        """Whether a file that is no source may be taken, too: any of the commit, or in a package of Python."""
        of_package = join(posixpath.dirname(path), "__init__.py")
        return (of_package if language == "python" else path) in self._repository

    def _leaves_out_git(self, dockerfile: str) -> bool:
        """Whether a build of the whole work tree is told to leave out the folder in which git keeps it."""
        told = self._text(f"{dockerfile}.dockerignore") or self._text(".dockerignore")
        return any(map(_WITHOUT_GIT.fullmatch, told.split()))

    def _copies(self, given: ImageBuild) -> list[str]:
        """The files and folders that an image takes from around it, or patterns of them."""
        try:
            dockerfile = self._dockerfiles.read(given.file, given.arguments)
        except Problem:
            return []
        copies = [
            each
            for stage in dockerfile.needed(given.target)
            for each in stage.instructions
            if each.keyword in {"ADD", "COPY"} and not each.flag("from")
        ]
        named = (_ANY.sub("*", word) for each in copies for word in _copied(each.text))
        return [
            join(given.context, word.removeprefix("./").strip("/"))
            for word in named
            if not word.startswith("<<") and "://" not in word
        ]

    def _taken(self, given: ImageBuild) -> list[str]:
        """The files and folders that an image takes from around it, by name: the folder itself may hold anything."""
        held = self._repository
        return [
            path
            for path in self._copies(given)
            if path not in {"", ".", given.context} and not (path in held or held.is_folder(path))
        ]

    # --- images

    def _image(self, run: Run, act: Act, recipe: Recipe) -> list[Flaw | Finding]:
        place = act.place
        if has_no_dockerfile(recipe):
            base = literal(recipe.input("base")) or ""
            text = f"how {shown(recipe.tool)} builds an image is not followed"
            loose_one = [_unpinned(base, place)] if base and not _PINNED.fullmatch(base) else []
            return [*loose_one, Flaw(place, text, unsure=True)]
        found: list[Flaw | Finding] = [*_undated(recipe, place)]
        given = ImageBuild(recipe)
        if given.unseen:
            return [*found, Flaw(place, given.unseen, unsure=True)]
        try:
            dockerfile = self._dockerfiles.read(given.file, given.arguments)
        except Problem as error:
            return [*found, Flaw(error.place, f"the Dockerfile cannot be followed: {error}", unsure=True)]
        if not dockerfile.needed(given.target):
            return [*found, Flaw(place, f"{given.file} has no stage {given.target!r}", unsure=True)]
        found += self._of_images(dockerfile, given.target)
        if takes_the_folder(recipe) and given.context in {"", "."} and not self._leaves_out_git(given.file):
            found += _of_history(dockerfile, given.target)
        instructions = [each for stage in dockerfile.needed(given.target) for each in stage.instructions]
        snapshot, manager = (any(said.search(each.text) for each in instructions) for said in (_SNAPSHOT, _MANAGER))
        made = frozenset(_name(path) for each in instructions for path in _MADE.findall(each.text))
        for each in instructions:
            key = each.place, given.context
            if key not in self._instructions:  # other images may be built by the same file
                inside = _Inside(each.place, given.context, snapshot=snapshot, manager=manager, made=made)
                self._instructions[key] = list(self._of_instruction(each, inside))
            found += self._instructions[key]
        declared = {each.text.partition("=")[0].strip() for each in instructions if each.keyword == "ARG"}
        found += _labelled(recipe, place, declared, _paths_left(run, act))
        if recipe.tool == "goreleaser":
            found.append(Flaw(place, "how GoReleaser builds what it lays into an image is not followed", unsure=True))
        return found

    def _of_images(self, dockerfile: Dockerfile, target: str) -> Iterator[Flaw | Finding]:
        for each in dockerfile.foreign(target):
            if each.reference is None:
                text = f"which image {shown(each.written)} is, only a build knows"
                yield Flaw(each.place, text, unsure=True)
            elif not _PINNED.fullmatch(each.reference):
                yield _unpinned(each.written, each.place)
            else:
                yield Finding(each.place, f"by its digest: {shown(each.written)}")

    def _of_instruction(self, each: Instruction, inside: _Inside) -> Iterator[Flaw]:
        named = _copied(each.text) if each.keyword == "ADD" else []
        cloned = [word for word in named if _OF_GIT.match(word)]
        if any("://" in word for word in named if word not in cloned) and not each.flag("checksum"):
            yield Flaw(each.place, "ADD downloads a file without --checksum", "Give ADD the file's --checksum")
        if any(not _COMMIT.fullmatch(word.partition("#")[2].partition(":")[0]) for word in cloned):
            text = "ADD clones what a repository holds on that day"
            yield Flaw(each.place, text, "Name the commit that is meant (`#COMMIT` behind its address)")
        if each.keyword != "RUN":
            return
        yield from self._of_shell(script_of(each), inside)
        yield from _out_of_a_cache(each)

    def _of_shell(self, text: str, inside: _Inside) -> Iterator[Flaw]:
        try:
            script = follow(value(text), {})
        except Unfollowable as error:
            yield Flaw(inside.place, f"RUN cannot be followed: {error.reason}", unsure=True)
            return
        for opaque in script.opaque:
            yield Flaw(inside.place, f"{shown(opaque.text)} cannot be followed", unsure=True)
        commands = [command for command in script.commands if command.reachable]
        names = {command.program for command in commands}
        fixed = any(_GIT_AT_COMMIT.fullmatch(" ".join(map(display, command.words))) for command in commands)
        for command in commands:
            if not fixed and command.program == "git":
                yield from _of_git(command.words, inside.place)
            words = command.called
            of_file = not command.substitution or any(_OF_SUM.search(display(word)) for word in words)
            yield from self._of_command(words, inside, checked=of_file and bool(names & {"sha256sum", "sha512sum"}))

    def _of_command(self, words: tuple[Value, ...], inside: _Inside, *, checked: bool) -> Iterator[Flaw]:
        place = inside.place
        text = shortened(" ".join(display(word) for word in words))
        if known := known_install(words):
            found = self._of_install_in_image(words, text, inside)
            yield from found
            if found or not known[0].runs:
                return
        yield from self._without_lock(words, place, inside.context)
        program = literal(words[0]) or ""
        if program in _MAVEN:
            yield from self._maven(words, inside)
            return
        if _UNPACKED.fullmatch(" ".join(map(display, words))):  # what Spring Boot has packed in this build
            return
        if program in _FETCHING:
            yield from () if checked else _of_fetching(words, text, place)
            return
        if asks_elsewhere(text):
            yield Flaw(place, f"what `{text}` tells may be another thing tomorrow", unsure=True)
            return
        if why := told_by_chance(words, text):
            yield Flaw(place, why, unsure=True)
        if match := _PACKAGE_SCRIPT.fullmatch(" ".join(literal(word) or "?" for word in words)):
            yield from self._of_package_script(match["name"], inside)
            return
        about, _ = known_command([literal(word) or "" for word in words[:4]])
        if program not in knowledge().harmless.split() and not (about and about.is_told):
            yield Flaw(place, f"what `{text}` brings into the image is not followed", unsure=True)

    def _without_lock(self, words: tuple[Value, ...], place: Place, folder: str) -> Iterator[Flaw]:
        """A build that resolves what its manifest asks for, where no lock says in which version."""
        said = [display(word) for word in words]
        manifest, asking, lock, verbs = _RESOLVES.get(said[0], ("", "", "", frozenset()))
        builds = bool(verbs.intersection(said[1:])) and not {"--locked", "--frozen"}.intersection(said)
        asks = builds and any(asking in self._text(each) for each in self._called(manifest, folder))
        if asks and not self._called(lock, ""):  # that of a workspace lies above
            text = f"`{shortened(' '.join(said))}` takes the newest of what {manifest} allows: there is no {lock}"
            yield Flaw(place, text, f"Commit the {lock} that {said[0]} writes")

    def _of_install_in_image(self, words: tuple[Value, ...], text: str, inside: _Inside) -> list[Flaw]:
        context = inside.context
        why = loose(
            words,
            lambda path: self._is_lock(path, context),
            in_ci=False,
            beside=lambda lock, packages: self._holds(lock, packages, context),
        )
        if inside.manager and [display(word) for word in words[:2]] == ["corepack", "enable"]:
            return []
        if why and inside.snapshot and program_name(words[0]) in _OF_ARCHIVES:
            said = f"`{text}`: whether all of it comes from an archive as it was on one day is not followed"
            return [Flaw(inside.place, said, unsure=True)]
        if why:
            return [_not_fixed(inside.place, text, why)]
        made = (name for word in words if (name := _name(display(word))) in inside.made)
        return [
            Flaw(inside.place, f"{shown(name)}, which `{text}` takes, is written then", unsure=True) for name in made
        ]

    def _holds(self, lock: str, packages: list[str], context: str) -> bool:
        """Whether a lock of that name enters a build, and holds these packages, or programs, where it names such."""
        lock, _, word = lock.partition("#")
        paths = [each for each in self._called(lock, context) if not is_ignored(each, self._repository)]
        paths = [each for each in paths if not word or word in self._text(each)]
        if not (packages and lock.endswith(".json")):
            return bool(paths)
        texts = [self._text(path) for path in paths]
        return any(all(re.search(rf'["/]{re.escape(each)}"', text) for each in packages) for text in texts)

    def _text(self, path: str) -> str:
        try:
            return self._repository.text(path)
        except (Missing, Unreadable):  # it holds nothing
            return ""

    def _maven(self, words: tuple[Value, ...], inside: _Inside) -> Iterator[Flaw]:
        """Maven writes the time of day into every archive, unless the project names another."""
        place, texts = inside.place, [display(word) for word in words]
        if not _PACKAGES.intersection(texts) or any(_TIMESTAMP in text for text in texts):
            return
        if {"-f", "--file"}.intersection(texts):
            yield Flaw(place, "Maven is given another pom.xml, which is not followed", unsure=True)
            return
        from goldenpath.facts.dependencies.maven import said_of  # only Maven's projects wait for an XML parser

        try:
            said = said_of(_TIMESTAMP, self._repository, join(inside.context, "pom.xml"))
        except Malformed as error:
            yield Flaw(error.place, f"when Maven dates its archives cannot be told: {error}", unsure=True)
            return
        if said.value and _NOW not in said.value:
            return
        if said.value is None and said.parent and said.parent not in knowledge().undated_parents:
            text = f"the project does not date its archives; {shown(said.parent)}, a parent elsewhere, may"
            yield Flaw(place, text, unsure=True)
        else:
            remedy = f"Set the property {_TIMESTAMP} in pom.xml"
            yield Flaw(place, "the archives that Maven makes hold the time of the build", remedy)

    def _of_package_script(self, name: str, inside: _Inside) -> Iterator[Flaw]:
        """What a script of the one package.json that enters the build runs."""
        named = [
            path for path in self._called("package.json", inside.context) if not is_ignored(path, self._repository)
        ]
        if len(named) != 1:
            why = f"there is {'more than one' if named else 'no'} package.json"
            yield Flaw(inside.place, f"whose script {shown(name)} is cannot be told: {why}", unsure=True)
            return
        try:
            scripts = table(json(self._repository, named[0])[0], "scripts")
        except Malformed as error:
            yield Flaw(error.place, f"what its scripts run cannot be told: {error}", unsure=True)
            return
        if name not in scripts or name in inside.scripts:
            why = f"runs {shown(name)} again" if name in scripts else f"has no script {shown(name)}"
            yield Flaw(inside.place, f"{named[0]} {why}", unsure=True)
            return
        for each in (f"pre{name}", name, f"post{name}"):
            if each in scripts:
                yield from self._of_shell(str(scripts[each]), replace(inside, scripts=(*inside.scripts, name)))

    def _is_lock(self, path: str, context: str) -> bool:
        """Whether a path in a build means a lock: every file of that name in the context is one."""
        called = self._called(path.rpartition("/")[2], context)
        return bool(called) and all(each in self._locks or _HASHED in self._text(each) for each in called)

    def _called(self, name: str, context: str) -> list[str]:
        """The files of a name that may enter a build."""
        prefix = join(context, "")
        return [
            each for each in self._repository.entries if each.startswith(prefix) and f"/{each}".endswith(f"/{name}")
        ]

    def _ko(self, run: Run, act: Act, recipe: Recipe) -> list[Flaw | Finding]:
        """What an image of ko is put on, and what builds the program in it."""
        from goldenpath.facts import ko

        about, _ = known_command(recipe.tool.split())
        found = [*ko.flaws(self._repository, recipe, act.place, about)]
        if any(map(is_now, (recipe.epoch, *words_given(recipe).of("--image-label --image-annotation --ldflags")))):
            text = "the time of the build is written into the image: as its date, a label, or in the program"
            found.append(Flaw(act.place, text, "Write the commit's time there, or none"))
        found += _numbered(
            words_given(recipe).of("--image-label --image-annotation --ldflags"), act.place, _paths_left(run, act)
        )
        return [*found, *self._of_tools(run, act, "go", (literal(tidy(recipe.folder)) or "").removeprefix("."))]

    def _of_tools(self, run: Run, act: Act, language: str, folder: str) -> list[Flaw | Finding]:
        """Whether what builds it is fixed: the image that its job runs in, or the tools that the job sets up."""
        image = run.images.get(act.guard.job)
        return [_of_image_of_job(*image)] if image else [*self._of_tool(act, knowledge().tools[language], folder)]

    def _is_set_up(self, run: Run, act: Act, language: str) -> bool:
        """Whether it is seen where the tools come from, for all but those who need not take them from the job."""
        taken = language != "go" or act.guard.job in run.images
        return taken or any(self._setups_before(_started(act), knowledge().tools[language]))

    # --- files

    def _files(self, run: Run, act: Act, recipe: Recipe) -> list[Flaw | Finding]:
        tool = recipe.tool
        language = next((name for name, form in _LANGUAGES.items() if form.fullmatch(tool)), None)
        folder = (literal(tidy(recipe.folder)) or "").removeprefix(".")
        if tool in knowledge().python_builders:  # which date what they build, by tools of their own
            loose_ones, _ = self._backend(recipe, literal(tidy(recipe.input("path"))) or "")
            return [*(loose_ones or _of_archive(recipe, act.place))]
        if language is None:
            managed = next((name for name, form in _MANAGED.items() if form.fullmatch(tool)), None)
            taken = self._before(run, act, sources_only=managed == "go") if managed else []
            taken += self._of_tools(run, act, managed, folder) if managed and self._is_set_up(run, act, managed) else []
            return [*taken, *_of_archive(recipe, act.place)]
        found = self._before(run, act, sources_only=False)
        found += self._of_tools(run, act, language, folder)
        found += self._stamped(run, act, language, folder)
        found += self._without_lock(recipe.words, act.place, folder)
        if language == "python":
            found += self._python(recipe, act.place, folder)
        elif language == "go":
            found += _go(recipe, act.place, _paths_left(run, act))
        return found

    def _before(self, run: Run, act: Act, *, sources_only: bool) -> list[Flaw | Finding]:
        """What the job of a build has installed before it, or only what of that changes the sources."""
        job = act.guard.job
        if (id(run), job) not in self._installs:  # a run that is kept beside it lends its identity to no other
            acts = [each for each in run.of_kind("installed") if each.guard.job == job]
            said = [(each, self._of_install(each, each.recipe)) for each in acts if each.recipe]
            self._installs[id(run), job] = run, said
        before = [each for each in self._installs[id(run), job][1] if each[0].guard.order < act.guard.order]
        return [said for each, said in before if not each.targets and (not sources_only or _changes_sources(each))]

    def _of_install(self, act: Act, recipe: Recipe) -> Flaw | Finding:
        """Whether what a command installs is locked: asked of all that its job builds."""
        if branch := newest_of(recipe.words):
            return _of_branch(branch, act.place)
        if literal(recipe.words[0]) in _FETCHING:
            return Flaw(act.place, f"`{act.text}` gets what is newest", _HELD)
        why = loose(
            recipe.words,
            lambda path: path.removeprefix("./") in self._locks,
            in_ci=True,
            beside=lambda lock, packages: self._holds(lock, packages, ""),
        )
        if why:
            return _not_fixed(act.place, act.text, why)
        return Finding(act.place, f"from a lock: {act.text}")

    def _of_tool(self, act: Act, tool: Tool, folder: str) -> Iterator[Flaw | Finding]:
        """Whether the job that builds says which version of the language's tools it takes."""
        pinned = next((path for name in tool.files if (path := self._fixed_by(name, folder))), None)
        for step, uses in self._setups_before(_started(act), tool):
            version, file = step.node.text("with", tool.input), step.node.text("with", tool.file)
            ref = uses.ref if uses.repository == "dtolnay/rust-toolchain" else ""
            named = self._meant(uses.place, (version or ref).strip())
            fixed = bool(named) and all(re.fullmatch(tool.version, each) for each in named)
            if fixed or (file and self._fixes(file, tool)):
                yield Finding(uses.place, f"{tool.title} {version or ref or f'of {file}'}")
                return
            if version or file:
                text = f"{tool.title} {shown(version or file or '')} may be another one tomorrow"
                unsure = pinned is not None or (bool(version) and not named)
                yield Flaw(uses.place, text, f"Name one version of {tool.title}", unsure=unsure)
                return
        if pinned:
            yield Finding(Place(pinned), f"{tool.title}'s version")
        else:
            text = f"nothing says which {tool.title} builds it"
            yield Flaw(act.place, text, f"Pin {tool.title} with {tool.setup[0]} and a version")

    def _meant(self, place: Place, text: str) -> list[str]:
        """What a text of a job may be, where a variable or the matrix says it; empty where only a run knows."""
        found, job = _SAID_OF_JOB.fullmatch(text), self._job_of(place)
        workflow = self._workflows.by_path(place.path)
        if "${{" not in text or found is None or job is None or workflow is None:
            return [text] if text and "${{" not in text else []
        kind, name = found.groups()
        if kind == "env":
            told = [job.node.text("env", name) or workflow.node.text("env", name)]
        else:
            legs = job.node.get("strategy", "matrix", "include")
            told = [*texts_of(job.node.get("strategy", "matrix", name))]
            told += [
                each.text(name)
                for each in (legs.items if isinstance(legs, Sequence) else ())
                if isinstance(each, Mapping)
            ]
        known = [each for each in told if each]
        return [] if any("${{" in each for each in known) else known

    def _fixed_by(self, file: str, folder: str) -> str | None:
        """Where a file that fixes a tool stands, with the word in it that makes it do so (`file#word`), if it does."""
        name, _, word = file.partition("#")
        path = join(folder, name)
        return path if path in self._repository and word in self._text(path) else None

    def _fixes(self, file: str, tool: Tool) -> bool:
        """Whether a file names one version of a tool."""
        text = self._text(file.removeprefix("./"))
        if file.endswith("go.mod"):
            return re.search(r"^(go|toolchain go) ?\d+\.\d+\.\d+", text, re.MULTILINE) is not None
        return any(re.search(tool.version, line) for line in text.splitlines()[:20])

    def _setups_before(self, place: Place, tool: Tool) -> Iterator[tuple[Step, Uses]]:
        """The steps that set a language's tools up in the job in which something stands, up to there."""
        job = self._job_of(place)
        if job is None:
            return
        if (place.path, job.id, tool.title) not in self._setups:
            names = {name.lower() for name in tool.setup}
            used = ((step, step.uses) for step in job.steps if step.uses is not None)
            setups = [(step, uses) for step, uses in used if uses.repository.lower() in names]
            self._setups[place.path, job.id, tool.title] = setups
        setups = self._setups[place.path, job.id, tool.title]
        yield from (each for each in setups if _at(each[0].place) <= _at(place))

    def _job_of(self, place: Place) -> Job | None:
        """The job in which something stands; None for what stands in no workflow of this repository."""
        workflow = None if place.source else self._workflows.by_path(place.path)
        if workflow is None:
            return None
        if place.path not in self._jobs:
            self._jobs[place.path] = sorted(workflow.jobs.values(), key=lambda job: _at(job.place))
        jobs = self._jobs[place.path]
        at = bisect_right(jobs, _at(place), key=lambda job: _at(job.place))
        return jobs[at - 1] if at else None

    def _python(self, recipe: Recipe, place: Place, folder: str) -> Iterator[Flaw]:
        """Whether what builds a package is locked, and dates it."""
        flaws, backend = self._backend(recipe, folder)
        yield from flaws
        if backend and backend not in knowledge().dated_backends:
            yield from _undated(recipe, place, of_image=False)

    def _backend(self, recipe: Recipe, folder: str) -> tuple[list[Flaw], str]:
        """What is loose about the build backend, and its name; empty where that cannot be told.

        It comes from a registry, too, unless the build is told to take what is installed.
        """
        try:
            data, index = toml(self._repository, join(folder, "pyproject.toml"))
        except Malformed as error:
            return [Flaw(error.place, f"what builds it cannot be told: {error}", unsure=True)], ""
        system: dict[str, Any] = table(data, "build-system")
        requires = texts(system.get("requires"))
        words = {display(word).partition("=")[0] for word in recipe.words}
        hashed = {"--require-hashes"} <= words and bool({"--build-constraint", "--build-constraints", "-b"} & words)
        isolated = _ISOLATED.get(recipe.tool.split()[0], "") not in words
        backend = str(system.get("build-backend", "setuptools")).partition(".build")[0]
        if isolated and not hashed and (loose_ones := [each for each in requires if "==" not in each]):
            text = f"the build takes the newest {shown(loose_ones[0])}"
            remedy = "Install the build backend from a lock, and build without isolation"
            return [Flaw(index.place(loose_ones[0]), text, remedy)], backend
        return [], backend


def _started(act: Act) -> Place:
    """Where a step starts what builds."""
    return (act.recipe.by if act.recipe else None) or act.caller or act.place


def _unpinned(image: str, place: Place) -> Flaw:
    text = f"{shown(image)} names an image without its digest"
    return Flaw(place, text, f"Pin {image} by its digest (name:tag@sha256:…)")


def _of_image_of_job(image: Value, place: Place) -> Flaw | Finding:
    """Whether the image that a job runs in brings the same tools tomorrow."""
    name = written(image)
    if _PINNED.fullmatch(display(image)):
        return Finding(place, f"tools by the digest of {name}")
    text = f"the tools come from {name}, an image without its digest"
    return Flaw(place, text, f"Pin {name} by its digest (name:tag@sha256:…)")


def _is_told_by_others(of: Value) -> bool:
    """Whether a value is what a step says that has not been seen to say it, or what a command asks others for."""
    said = (part for part in of if isinstance(part, Symbol) and part.kind == "output")
    return any(said) or bool(asked_elsewhere(of))


def _undated(recipe: Recipe, place: Place, *, of_image: bool = True) -> Iterator[Flaw]:
    """Why a build writes the time of day."""
    words = words_given(recipe)
    stamp = words.first("--timestamp") if of_image else ()
    epoch = stamp or recipe.epoch or words.first("--source-date-epoch")
    told = (*recipe.words, *lines(recipe.input("build-args")))
    given = "\n".join(map(display, told))
    dating = [each for each in told if "SOURCE_DATE_EPOCH=" in display(each)]
    if any(map(is_now, (epoch, *dating))):
        yield Flaw(place, "SOURCE_DATE_EPOCH is the time of the build", "Date the build by its commit")
    elif any(map(is_of_one_run, (epoch, *dating))):
        yield Flaw(place, "SOURCE_DATE_EPOCH is another one in each run", "Date the build by its commit")
    elif unsaid := next(filter(_is_told_by_others, (epoch, *dating)), None):
        yield Flaw(place, f"whether {shown(written(unsaid))} is the commit's time is not followed", unsure=True)
    elif not epoch and "SOURCE_DATE_EPOCH=" not in given:
        text = "nothing dates the build: SOURCE_DATE_EPOCH is not set"
        yield Flaw(place, text, "Set SOURCE_DATE_EPOCH to the commit's time (`git log -1 --format=%ct`)")
    elif stamp or words.has("--rewrite-timestamp"):
        return
    elif of_image and "rewrite-timestamp=true" not in "\n".join((given, display(recipe.input("outputs")))):
        text = "the files of the layers keep the time of the build"
        yield Flaw(place, text, "Add rewrite-timestamp=true to the outputs of the image's build")


def _of_fetching(words: tuple[Value, ...], text: str, place: Place) -> Iterator[Flaw]:
    """A file that is fetched and not held against its sum."""
    addresses = (display(word) for word in words if "://" in display(word))
    if any(map(is_moving, addresses)):
        yield Flaw(place, f"`{text}` gets what is newest", _HELD)
    else:
        yield Flaw(place, f"whether `{text}` always gets the same cannot be told", unsure=True)


def _labelled(recipe: Recipe, place: Place, declared: set[str], left: Collection[str]) -> Iterator[Flaw]:
    """The time of the build in a label, or in an argument that the Dockerfile declares."""
    words = words_given(recipe)
    labels = (*words.of("--label --annotation"), *map(recipe.input, ("labels", "annotations")))
    arguments = (*words.of("--build-arg"), *lines(recipe.input("build-args")))
    told = (*labels, *(each for each in arguments if display(each).partition("=")[0] in declared))
    if any(map(is_now, told)):
        remedy = "Write the commit's time there, or none"
        yield Flaw(place, "the time of the build is written into the image, as a label or an argument", remedy)
    yield from _numbered(told, place, left)


def _numbered(told: Iterable[Value], place: Place, left: Collection[str]) -> Iterator[Flaw]:
    """What no other run has, or need not have, in what is written into what is built."""
    told = list(told)
    if asked := next(filter(None, map(asked_elsewhere, told)), ""):
        remedy = "Write there what the commit says, or what is fixed by its sum"
        yield Flaw(place, f"what `{asked}` tells is written into what is built", remedy, unsure=not is_moving(asked))
    if read := next(filter(None, (read_from(each, left) for each in told)), ""):
        text = f"what `{read}` reads another run need not find there, and it is written into what is built"
        yield Flaw(place, text, "Write there what the commit says, or what is fixed by its sum", unsure=True)
    if number := next(filter(is_of_one_run, told), None):
        text = f"{shown(written(number))} is another one in each run, and is written into what is built"
        yield Flaw(place, text, "Write there what the commit says, or nothing")
    if outside := next(filter(said_outside, told), None):
        text = f"what {shown(written(outside))} holds is not said by the sources, and is written into what is built"
        yield Flaw(place, text, unsure=True)


def _at(place: Place) -> tuple[int, int]:
    """Where in its file something stands: all of a workflow may stand in one line."""
    return place.line, place.column


def _copied(text: str) -> list[str]:
    """The words of COPY or ADD but for the last one, which says where they go."""
    return (words_of_list(text) or text.split())[:-1]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _out_of_a_cache(run: Instruction) -> Iterator[Flaw]:
    """A RUN that but copies what builds before it have left in a cache (`--mount=type=cache`) into the image."""
    mounts = [dict(each.partition("=")[::2] for each in said.split(",")) for flag, said in run.flags if flag == "mount"]
    caches = [next((each[key] for key in _KEPT if key in each), "") for each in mounts if each.get("type") == "cache"]
    try:
        commands = follow(value(script_of(run)), {}).commands if any(caches) else ()
    except Unfollowable:  # which is said already
        return
    if not {command.program for command in commands} <= _BESIDE_A_COPY:
        return  # a program that knows what it finds there makes it anew, or takes it for what it is
    for command in commands:
        words = [display(word).strip("\"'") for word in command.words[1:]] if command.program in _ONLY_COPY else []
        words = words if command.program in {"cat", "tar"} else words[:-1]  # the last one says where it goes
        if any(_lies_in(word, cache.strip("\"'").rstrip("/")) for word in words for cache in caches if cache):
            text = (
                f"`{shortened(' '.join(map(display, command.words)))}` takes what a build before it has left in a cache"
            )
            yield Flaw(run.place, text, unsure=True)


def _of_history(dockerfile: Dockerfile, target: str) -> Iterator[Flaw]:
    """All of the work tree is laid into an image: with what git notes of that very checkout, and when it was made."""
    for each in (each for stage in dockerfile.laid_down(target) for each in stage.instructions):
        copied = {word.rstrip("/") or "." for word in _copied(each.text)} if each.keyword in {"ADD", "COPY"} else set()
        if not each.flag("from") and copied & {".", ".git"}:
            remedy = "Leave .git out of it in .dockerignore"
            yield Flaw(each.place, f"`{each.keyword} {each.text}` takes .git along", remedy, unsure=True)
            return


def _left_before(run: Run, act: Act) -> list[tuple[Act, str]]:
    """What was written down before something is built, that another run need not write there, and where it lies."""
    return [
        (each, next((literal(of.pattern) or "" for of in each.targets if isinstance(of, Files)), ""))
        for each in run.of_kind("installed")
        if each.targets and run.precedes(each, act)
    ]


def _paths_left(run: Run, act: Act) -> set[str]:
    """Where that lies."""
    return {path for _, path in _left_before(run, act)} - {"", "."}


def _left(each: Act, path: str, taker: str) -> Flaw:
    text = f"`{each.text}` leaves in {shown(path or '.')} what another run need not, and {taker} may take it"
    return Flaw(each.place, text, unsure=True)


def _lies_in(path: str, folder: str) -> bool:
    """Whether a path, which may begin anywhere, leads into a folder."""
    if path.startswith("/"):
        return is_within(path, folder)
    parts = path.removeprefix("./").split("/")
    return any(f"{folder}/".endswith(f"/{'/'.join(parts[:end])}/") for end in range(1, min(len(parts), 8) + 1))


def _is_taken(target: Target, taken: list[str]) -> bool:
    """Whether a file that was built is one of these, or lies in one of these folders."""
    path = literal(target.pattern) if isinstance(target, Files) else None
    return path is not None and any(
        is_within(path, each) or is_within(each, path) or fits(path, each) for each in taken
    )


def _go(recipe: Recipe, place: Place, left: Collection[str]) -> Iterator[Flaw]:
    """A Go binary holds the paths of its sources, and whatever is linked into it."""
    if not any("-trimpath" in display(word) for word in recipe.words):
        yield Flaw(place, "the binary holds the paths of the machine (no -trimpath)", "Build with `go build -trimpath`")
    if any(is_now(word) for word in recipe.words):
        yield Flaw(place, "the time of the build is linked into the binary", "Link the commit's time, or none")
    yield from _numbered(recipe.words, place, left)


def _changes_sources(installed: Act) -> bool:
    """Whether what a command has installed is part of the sources, rather than a tool."""
    words = installed.recipe.words if installed.recipe else ()
    return bool(words) and (literal(words[0]) in _FETCHING or makes_sources(words))


def _not_fixed(place: Place, text: str, why: Loose) -> Flaw:
    remedy = f"Install from the lock: {why.instead}"
    return Flaw(place, f"`{text}`: {why.why}", "" if why.unsure else remedy, unsure=why.unsure)


def _of_branch(branch: str, place: Place) -> Flaw:
    return Flaw(place, f"it builds what {branch} holds on that day", "Build the commit that the run is of")


def _of_git(words: tuple[Value, ...], place: Place) -> Iterator[Flaw]:
    """A clone is whatever the repository holds on that day, unless a commit of it is checked out."""
    if branch := newest_of(words):
        yield _of_branch(branch, place)
    given = Words(words[2:], _TAKES_OF_CLONE)
    revision = literal(given.first("--revision")) or ""
    if literal(words[1] if len(words) > 1 else ()) == "clone" and not _COMMIT.fullmatch(revision):
        named = literal(given.first("-b --branch"))
        text = f"it clones what {'the branch or tag ' + named if named else 'a repository'} holds on that day"
        remedy = "Check out the commit that is meant (`git checkout --detach COMMIT`)"
        yield Flaw(place, text, remedy, unsure=bool(named))


def _of_archive(recipe: Recipe, place: Place) -> Iterator[Flaw]:
    words: Iterable[str] = [display(word).partition("=")[0] for word in recipe.words]
    if "tar" in list(words)[:1]:
        if "--mtime" not in words or "--sort" not in words:
            remedy = "Give tar --sort=name, --mtime, --owner=0, --group=0 and --numeric-owner"
            yield Flaw(place, "the archive holds the times and the order of the files on that machine", remedy)
    else:
        if any(map(is_now, recipe.words)):
            yield Flaw(place, "the time of the build is linked into the binary", "Link the commit's time, or none")
        yield Flaw(place, f"how {shown(recipe.tool)} builds is not followed", unsure=True)


def recipes(
    repository: Repository, dockerfiles: Dockerfiles, dependencies: Dependencies, workflows: Workflows
) -> Recipes:
    """How things are built in this repository."""
    return Recipes(repository, dockerfiles, dependencies, workflows)
