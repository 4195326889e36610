"""One command of a script: which one of the table it is, and what it does to the job and its files."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from goldenpath.facts.installs import leaves_something
from goldenpath.facts.pipeline.acts import Content, Files, Image, Recipe, image
from goldenpath.facts.pipeline.cleaning import lose_signatures
from goldenpath.facts.pipeline.commands import clobbering
from goldenpath.facts.pipeline.commands.does import doing
from goldenpath.facts.pipeline.commands.editing import edit_by_another, edit_by_file, write_over, written_behind
from goldenpath.facts.pipeline.effects import (
    NOT_FOR_USERS,
    Effects,
    below,
    folder_of,
    has_name_for_users,
    name_of,
    tidy,
    under,
)
from goldenpath.facts.pipeline.lists import several
from goldenpath.facts.pipeline.matrices import IN_LEG
from goldenpath.facts.pipeline.overlays import anywhere, lay
from goldenpath.facts.pipeline.parts import OF_PYTEST
from goldenpath.facts.pipeline.programs import PATH_OF_MACHINE, folders_of, only_program_in
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.scattered import is_outside, is_workspace
from goldenpath.facts.pipeline.signing import own_service, why_not, with_variables
from goldenpath.facts.pipeline.tables import (
    MOST_NAMES,
    NOTHING,
    is_installer,
    is_rehearsal,
    is_released_alone,
    known_command,
    scopes_of_address,
    speaks_of_release,
)
from goldenpath.facts.pipeline.tested_folders import folders_tested
from goldenpath.facts.pipeline.testing import (
    leaves_all_out,
    may_skip,
    may_test,
    none_to_find,
    own_settings,
    say_to_skip,
    settled_not_to,
    tests,
    told_elsewhere,
)
from goldenpath.facts.pipeline.words import (
    ENGINES,
    INLINE,
    LATEST,
    PICKING,
    Words,
    command_in,
    filled,
    globbed,
    is_handed_a_release,
    only_rehearses,
    shortened,
    subcommand_first,
    without_daemon,
    without_version,
)
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.paths import WORKSPACES, is_within, path_from
from goldenpath.facts.shell.script import SHELLS, STREAM, is_stream, program_name, unwrapped
from goldenpath.facts.values import Symbol, Value, display, head, lines, literal, partition, replaced, shown, value

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from goldenpath.facts.pipeline.scripts import ScriptEffects
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.shell import Command
    from goldenpath.facts.shell.script import Redirect
    from goldenpath.facts.tree import Tree
    from goldenpath.repository import Place


UNSEEN_REASONS = {
    "dynamic": "which program runs here is only known in a run",
    "eval": "what is evaluated here is only known in a run",
    "script": "it is no script of this repository",
    "source": "it is no script of this repository",
    "stdin": "what a shell reads here is only known in a run",
    "syntax": "it is no valid script",
    "trap": "what runs at the end of the script is not followed",
}
"""Why a script cannot be followed, in words. Lines that nobody knows in an output are no act, and are left out."""

_TAGGED = regex(r"<tags [^<>]*> != ''|read .* from '<tags [^<>]*>\n?'")
"""How the shell says that there is a tag, without which there would be no image either."""
_LISTED = regex(r"<command ([^<>]*)> != ''")
"""How it says that a listing names anything, which it does of files that stand there."""
_READ = regex(r"read [^<>']*from '<file ((?:[^<>]|<glob [^<>]+>)+)>'")
"""How it says that there is a line in what files hold."""
_ASKS = regex(
    r"--help|--version|version|(--)?((gen|generate)[- ])?man(pages?)?( --?(dir|directory|out|output)[ =][\w./-]+)?"
    r"|(--)?((gen|generate)[- ])?(shell[- ])?completions?[ =](bash|elvish|fish|nushell|powershell|zsh)"
)
"""What programs are asked for that only say something of themselves: in a manual, or to a shell that completes them."""
_RUNS_GORELEASER = ("https://goreleaser.com/static/run", "https://git.io/goreleaser")
_WRITES_ANEW = PICKING | {"envsubst", "gsed", "node", "perl", "python", "python3", "ruby"}
"""Programs after which what is piped through them need not be what it was."""
_INTERPRETER = regex(
    r"(.*/)?(python|pypy|ipython|node|nodejs|deno|bun|tsx|ts-node|ruby|perl|php|lua|R|Rscript|julia|pwsh|powershell"
    r"|(ba|da|a|k|z|fi)?sh|osascript|groovy|scala|elixir|emacs|vim|nvim|jshell|awk)[\d.]*(\.exe)?"
)
"""Programs that take another one as a text; whatever others are handed by the same options may be anything."""
_LEAVES_TO_OTHERS = frozenset({"nothing", "unseen", "may-ship"})
"""What the table says of programs that release nothing of what their words name by themselves."""
_MAY_RUN_A_TEXT = _LEAVES_TO_OTHERS | {
    "change-files", "change-sources", "check-out", "compress", "edit", "exchange", "fetch", "pack", "point-elsewhere",
    "push-git", "transfer",
}  # fmt: skip
"""And of those that may be told to run a command beside what they do."""
_GIVEN_A_TOKEN = frozenset({"gh", "hub", "ghr", "goreleaser", "semantic-release", "changelogithub"})
"""Programs that write on GitHub with the token that their environment names."""
_KO = frozenset({"ko", "ko-resolve"})
_BY_LOGIN = frozenset({"buildah", "cosign", "crane", "docker", *_KO, "oras", "podman", "regctl"})
"""Programs that write to a registry with what a login has left behind."""
_BY_GIT = frozenset({"gh-pages", "git", "mike", "mkdocs"})
"""Programs that push with what a checkout has left behind for git."""
_STANDS_ALONE = frozenset(
    {"nothing", "edit", "unseen", "may-ship", "ship", "build-files", "describe", "sign-files", "run-tool"}
)
"""What programs do of which nobody could mean one of the machine's own by the same name (`install`)."""
_OF_GITHUB = regex(r"https://github\.com/[^/]+/([^/]+)/(?:releases/download|archive)/")
"""Where on GitHub what a repository releases is fetched from."""
_COSIGN: tuple[Value, ...] = (("cosign",),)
_GO_RUN: tuple[Value, ...] = (("go",), ("run",))
_GO_TOOL: tuple[Value, ...] = (("go",), ("tool",))
_CALLED_A_TEST = regex(r"[-_]tests?$")
"""How programs are called that test, and nothing else (`elm-test`)."""
_OF_OTHERS = "tests what another repository has"
_VENDORED = regex(r"(.*/)?(node_modules|bower_components|site-packages|_?vendor|third[_-]?party)(/.*)?")
"""Folders with the sources of others."""
_CHOOSING = frozenset({"-k", "-m", "--ignore", "--deselect", "--lf", "--last-failed"})
"""Options of pytest that leave tests out."""
_RUNS_TEXT = regex(r"-[a-z]*c")
"""The option of a shell that is followed by a script."""
_MAX_STAGES = 16
"""Most stages of a pipe that are looked through for the one that fetches something."""


class _Reading(NamedTuple):
    """What the words of a command say alone: its row of the table, the verb by which it was found, and the rest.

    `inner` is the command that it runs, where it runs another one.
    """

    about: CommandKnowledge | None
    verb: tuple[Value, ...]
    words: Words
    inner: tuple[Value, ...]
    tests: bool
    installs: bool


@lru_cache(maxsize=2_000)
def _read(words: tuple[Value, ...]) -> _Reading:
    """Read a command, once for all runs in which it is the same."""
    words = subcommand_first(words)
    about, length = known_command([literal(word) or "" for word in words[:MOST_NAMES]])
    if about is None:
        return _Reading(None, (), _NO_WORDS, (), tests=False, installs=False)
    asked_to_test = tests(about, [literal(word) or shown(word) for word in words[1:]])
    given = Words(words[length:], about.takes.split())
    inner = command_in(about, words[length:]) if about.does == "wrap" else ()
    named = (*words[:length], *without_version(inner)) if about.why else words
    if named != words and known_command([literal(word) or "" for word in named[:MOST_NAMES]])[1] > length:
        return _read(named)  # as what the program is called that this one fetches (`pipx run build==1.2.2`)
    return _Reading(about, words[:length], given, inner, asked_to_test, leaves_something(words))


@lru_cache(maxsize=2_000)
def as_reported(words: tuple[Value, ...]) -> str:
    """A command as a report shows it."""
    return shortened(" ".join(map(shown, words)))


@lru_cache(maxsize=2_000)
def _identity(words: tuple[Value, ...]) -> frozenset[str]:
    """The right to an identity, where a command asks for its token itself."""
    asked = any("ACTIONS_ID_TOKEN_REQUEST" in display(word) for word in words)
    return frozenset({"id-token"}) if asked else frozenset()


_NO_WORDS = Words((), ())
_MANIFEST = regex(r"\.(?:ya?ml|json)$")
_UPWARDS = regex(r"/|(?:.*/)?\.\./")
"""How paths begin that lead out of the folder, or go up on the way."""
_KEY_IN_VARIABLE = "env://"
_BUILTINS = frozenset(
    {":", ".", "[", "cd", "echo", "exit", "export", "false", "printf", "pwd", "read", "set", "shift", "test", "true"}
)
"""What a shell does itself, wherever PATH leads, unless another program is to run it."""


_GITHUBS = regex(r"ghcr\.io|docker\.pkg\.github\.com|containers\..+\.ghe\.com")


def _is_for_others(name: Value) -> bool:
    """Whether an image surely goes to a registry that is none of GitHub's: without a registry, to Docker's."""
    registry, slash, _ = head(name).removeprefix("docker://").partition("/")
    return bool(slash or literal(name)) and _GITHUBS.fullmatch(registry) is None


_OF_BUILDERS = regex(r"\.(gradle|kts|npmrc|properties|xml)$")
_GRAPHQL = (("gh",), ("api",), ("graphql",))
_OF_RUNNER = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
_KEPT_BY_NOBODY = frozenset({("/dev/null",), *((Symbol("file", name),) for name in _OF_RUNNER)})
"""Where what is redirected is no file that a later command finds; the runner reads some of it by itself."""


_OPENING = frozenset({">", ">|", ">>", "&>", "&>>", ">&", "<>"})
"""How a shell opens a file to write into it; `>&` may name another descriptor instead."""
_DESCRIPTOR = regex(r"\d*-?")


def _opens(redirect: Redirect) -> bool:
    """Whether a redirection opens a file, be it only to empty it, that somebody may find there."""
    to_another = redirect.operator == ">&" and _DESCRIPTOR.fullmatch(display(redirect.target))
    return redirect.operator in _OPENING and redirect.target not in _KEPT_BY_NOBODY and not to_another


_TAKES_OF_XARGS = (
    "-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E", "--arg-file", "--delimiter", "--max-args", "--max-chars",
    "--max-procs", "--process-slot-var",
)  # fmt: skip
_TOGETHER = regex(r"-[0rtxpo]+(?=[InPLdasE])")
"""Options of xargs without a value, in front of one with it: `-tI`, `-rn1`."""


_PROMPTS = regex(r"-[0rtxo]*p|--interactive$")
"""How xargs is told to ask before each command: on a terminal, which no runner has."""


def _apart(word: Value) -> Value:
    """An option of xargs that takes a value, without those that stand before it in the same word."""
    first = head(word)
    return value(_TOGETHER.sub("-", first, count=1), *word[1:]) if _TOGETHER.match(first) else word


class CommandEffects(Effects):
    """One command of a script."""

    def __init__(self, script: ScriptEffects, place: Place, words: tuple[Value, ...], command: Command) -> None:
        super().__init__(script.moment, place, as_reported(words))
        self.fatal = command.fatal
        self.skipped_by = as_reported(command.skipped_by)
        self.behind = frozenset(script.place_of(script.script.commands[each]) for each in command.behind)
        self.script = script
        self.all_words = self._whole = words
        self.command = command
        self.caller = script.called_from(command)
        if command.condition:
            self.conditions = frozenset(atom for atom in command.condition if not self._is_sure(atom))
        self.asked = words[1:]
        self.about = NOTHING
        self.words = _NO_WORDS
        self.is_handed_over = False
        """Whether somebody else runs it, so that nobody has followed the script that it hands to a shell."""

    def perform(self) -> None:
        """Find the command in the table, wrappers taken off, and write down what it does."""
        words = self.all_words
        while True:
            if self.is_displaced(words):
                self.not_followed("this job has put another program in its place")
                return
            if self._as_told(words) or self._by_shell(words):
                return
            reading = _read(words)
            about = reading.about
            self.asked = reading.words.rest[1:] if reading.verb == _GO_RUN else words[1:]
            if about is None:
                self._unknown_program(words)
                return
            self.about, self.words = about, self._completed(about, reading)
            if reading.installs and about.does == "wrap":
                self.act("installed", recipe=self.recipe())
            inner = self._inner(reading)
            if inner is None:
                break
            if not inner:
                self._told_by_options(words)
                return
            words = unwrapped(inner)
            if about.does == "wrap":
                self.all_words = words
                if about.why and is_released_alone(literal(words[0]) or ""):
                    self.not_followed(about.why)
                    return
        self._do(reading)

    def _told_by_options(self, words: tuple[Value, ...]) -> None:
        """It runs no command of its arguments, but may run one that an option names (`--command='npm publish'`)."""
        if is_handed_a_release(words):
            self.not_followed("it is handed a command that releases")

    def _completed(self, about: CommandKnowledge, reading: _Reading) -> Words:
        """The words of a command, with what variables say of it."""
        told = reading.verb[:1] == _COSIGN
        return with_variables(about, reading.words, self.variable) if told else reading.words

    def _inner(self, reading: _Reading) -> tuple[Value, ...] | None:
        """The command that this one runs; None where it is what it is."""
        if self.about.does != "wrap":
            program = self._of_another_module(reading.verb)
            return None if program is None else (value(program), *self.words.rest[1:])
        if self.about.behind and ("--",) in self.all_words:
            return unwrapped(self.all_words[self.all_words.index(("--",)) + 1 :])
        return without_version(reading.inner) if self.about.why else reading.inner

    def _of_another_module(self, verb: tuple[Value, ...]) -> str | None:
        """The program of the table that `go run` makes of another module, or `go tool` of one in go.mod."""
        if verb not in {_GO_RUN, _GO_TOOL} or not self.words.positionals:
            return None
        from goldenpath.facts.pipeline.tools.golang import of_another_module, tool_of

        named = literal(self.words.positionals[0]) or ""
        package = named if verb == _GO_RUN else tool_of(self.moment.frame.shared.tree, named)
        program = of_another_module(package)
        if program is None or known_command([program])[0] is None:
            return None
        # Of which module a version without `@` is, and what `go tool` runs, go.mod says: that of the repository.
        changed = is_released_alone(program) and self.state.has_foreign_files
        return None if changed else program

    def _do(self, reading: _Reading) -> None:
        """Write down what the table says of a command."""
        if only_rehearses(self.words):
            self._rehearse()
            return
        about = self.about
        self._clobbers()
        if about.does in _LEAVES_TO_OTHERS:
            edit_by_another(self)
        if about.does in _MAY_RUN_A_TEXT and is_handed_a_release(self.all_words):
            self.not_followed("it is handed a command that releases")
        if about.does == "sign-files":
            self._writes_unseen()
        if reading.tests and about.tool != "gradle":  # whose scripts may say more of that
            self.test(reading.verb)
        if reading.installs:
            self.act("installed", recipe=self.recipe())
        self._uses()
        if self.all_words[:3] == _GRAPHQL:
            self.moment.uses(self.place, self.text, frozenset("*"), "what is asked of GraphQL is not followed")
        doing(about.does)(self)
        self._look_for_vulnerabilities()
        if self.command.stdin:
            from goldenpath.facts.pipeline.commands import images

            images.pick(self)

    def _look_for_vulnerabilities(self) -> None:
        """It scans, be it by the way."""
        if self.about.scans is None and self.about.audits is None:
            return
        from goldenpath.facts.pipeline.commands import scanning

        if self.about.scans is not None:
            scanning.scan(self, self.about.scans)
        if self.about.audits is not None:
            scanning.audit(self, self.about.audits)

    def _rehearse(self) -> None:
        """Nothing is done; but git and semantic-release ask the forge whether they might push, as only who may can."""
        if self.words.has("--dry-run") and (self.about.does == "push-git" or self.about.tool == "semantic-release"):
            self._uses()

    def _uses(self) -> None:
        """It needs rights of the job's token."""
        self.moment.uses(self.place, self.text, self._writes() | _identity(self.all_words))

    def test(
        self, verb: tuple[Value, ...] = (), doubt: str | None = None, *, is_read: bool = False, is_heeded: bool = True
    ) -> None:
        """Tests are run, unless something beside the command says otherwise; `doubt` is why that cannot be told.

        `is_read` says that its own files have been asked for that, `is_heeded` that it fails where the tests do.
        """
        tree, folder = self.moment.frame.shared.tree, path_from((), self.script.folder)
        legs = self.in_each_leg(folder)
        asked = {each: self._why_unsure(verb, doubt, each, is_read=is_read) for each in legs}
        if len({*asked.values()}) == 1:  # as where there is but one leg
            legs, asked = {folder: frozenset()}, {folder: asked.popitem()[1]}
        if all(unsure is False for unsure in asked.values()):
            return
        guard = self.guard
        heeded = guard if is_heeded else msgspec.structs.replace(guard, fatal=False, fatal_in_leg=False)
        for each, unsure in asked.items():
            if unsure is False:
                continue
            conditions, in_leg = heeded.conditions | legs[each], heeded.in_leg | legs[each]
            self.guard = msgspec.structs.replace(heeded, conditions=conditions, in_leg=in_leg) if legs[each] else heeded
            for part in folders_tested(tree, each, self.command.words, self.words.positionals):
                of_others = _OF_OTHERS if _VENDORED.fullmatch(display(part)) else None
                doubt = unsure or of_others or self._misses_some(literal(part))
                doubt = doubt or none_to_find(self.about, self.all_words, tree, literal(part) or "")
                self.act("tested", folder=part, unsure=doubt)
        self.guard = guard
        if not self.fatal:
            from goldenpath.facts.pipeline.commands import scanning

            scanning.report(self, None)

    def in_each_leg(self, folder: Value) -> dict[Value, frozenset[str]]:
        """What a folder is in each leg of the matrix that it names, with what holds in that one alone."""
        if literal(folder) is not None:
            return {folder: frozenset()}
        found = [path_from((), replaced(folder, dict(leg))) for leg in self.state.meanings([folder])] or [folder]
        return {each: frozenset({IN_LEG + (shown(each) or ".")}) for each in found}

    def _why_unsure(
        self, verb: tuple[Value, ...], doubt: str | None, folder: Value, *, is_read: bool
    ) -> str | Literal[False] | None:
        """Why it cannot be told that tests are run in a folder; None where they are, False where surely none are."""
        tree = self.moment.frame.shared.tree
        said = told_elsewhere(self.about, self.variable, tree, folder)
        if say_to_skip(self.about, said) or self._names_no_test(verb, said, tree, folder):
            return False
        told = self.state.settings.get("maven") if self.about.tool == "maven" else None
        doubt = doubt or (f"may run none, by {told.where}, which the job has written" if told else None)
        doubt = doubt or self._left_out_by_npm(tree) or self.in_doubt_about(own_settings(self.about, folder))
        settled = may_skip(self.about, self.all_words, self.variable)
        settled = settled or (
            None if is_read else settled_not_to(self.about, tree, folder, [*map(display, self.all_words), *said])
        )
        return doubt or self.of_others() or settled or self._finds_none(tree, said, literal(folder) or "")

    def _misses_some(self, folder: str | None) -> str | None:
        """Why tests of a folder may be too few: some of the repository's are gone from there, or written over."""
        lost = (at for path, at in self.state.lost.items() if is_within(path, folder or ""))
        return f"may miss some tests, for {at}" if (at := next(lost, None)) else None

    def _left_out_by_npm(self, tree: Tree) -> str | None:
        """Why npm may not run the scripts of a package that lead here."""
        if not self.state.settings or not self.command.callers:
            return None
        from goldenpath.facts.pipeline.packages import left_out

        return left_out(self.state.settings, tree.text, (*self.command.callers, self.command))

    def _finds_none(self, tree: Tree, said: list[str], folder: str) -> str | None:
        """Why there may be no tests where somebody is content with none: of those that are asked for, or at all.

        Some may be `said` elsewhere.
        """
        if no_tests := none_to_find(self.about, (*self.all_words, *map(value, said)), tree, folder):
            return no_tests
        if not self.command.content:
            return None
        chosen = any(literal(word) in _CHOOSING for word in self.asked) or bool(self.words.positionals)
        none = chosen or not tree.has(OF_PYTEST.pattern)
        return "may find no tests, with which its script is content" if none else None

    def _names_no_test(self, verb: tuple[Value, ...], said: list[str], tree: Tree, folder: Value) -> bool:
        """Whether tests are asked for by a name or a tag that none of the repository has, be it `said` elsewhere."""
        if not self.state.has_foreign_files and leaves_all_out(self.about, (*self.all_words, *map(value, said)), tree):
            return True
        if not self.about.filters:
            return False
        from goldenpath.facts.pipeline.filters import names_none

        words = (*(word for word in self.asked if word not in verb), *map(value, said))
        return names_none(self.about.filters, words, tree, folder)

    def of_others(self) -> str | None:
        """Why what is tested here may be no code of this repository."""
        place, others = path_from((), self.script.folder), (*self.state.beside, *self.state.cloned)
        folder = literal(place)
        elsewhere = any(folder is None or is_within(folder, each) for each in others)
        if elsewhere or self.state.has_foreign_files:
            return _OF_OTHERS
        return "tests what stands beyond the repository" if is_outside(place) and not is_workspace(place) else None

    def variable(self, name: str) -> Value:
        """A variable as the command sees it: set for it alone, exported by the script, or given to the step.

        In a container it sees those that it is handed, by their values or by their names.
        """
        outside = self.command.environment.get(name) or self.moment.environment.get(name, ())
        if self.container is None or self.container.has("--env-host"):
            return outside
        given = (partition(each, "=") or (each, outside) for each in self.container.of("-e --env"))
        return {literal(named): text for named, text in given}.get(name, ())

    @property
    def around(self) -> Words | None:
        """The options of the container around it, of which its own command tells, or one that has led to it."""
        calls = (subcommand_first(each.called) for each in reversed(self.command.callers) if each.program in ENGINES)
        for words in () if self.container else calls:
            about, length = known_command([literal(word) or "" for word in words[:MOST_NAMES]])
            if about is not None and about.does == "run-image":
                given = Words(words[length:], about.takes.split())
                return Words(words[length : len(words) - len(given.rest)], about.takes.split())
        return self.container

    def is_displaced(self, words: tuple[Value, ...]) -> bool:
        """Whether a file of the job's own may run by the name of a program."""
        name = literal(words[0]) if words else None
        if not name or (name in _BUILTINS and words is self.all_words):
            return False
        others = self.state.has_foreign_files or self.state.beside
        if others and is_released_alone(name) and any(map(self._is_of_others, self._looked_in())):
            return True
        if self.state.programs.displaced(name, self._looked_in, self.moment.frame.shared.tree.exists):
            return True
        files = (under(folder, (name,)) for folder in (self._looked_in() if self.state.workspace.written else ()))
        return any(self.pieces(file) and not self.state.programs.is_own(file) for file in files)

    def _looked_in(self) -> list[Value]:
        """The folders of the `PATH` in which programs are looked for, but for the machine's own."""
        return [self.place_of(folder) for folder in folders_of(self.variable("PATH"))]

    def _is_of_others(self, folder: Value) -> bool:
        """Whether a folder of the work tree is one of another repository."""
        path = literal(folder)
        within = path is not None and not path.startswith(("/", "~", ".."))
        return within and (
            self.state.has_foreign_files or any(is_within(path or "", each) for each in self.state.beside)
        )

    def place_of(self, path: Value) -> Value:
        """A path as seen from the workspace, or from the root of the machine."""
        return tidy(path_from(self.script.folder, path))

    def anywhere(self, path: Value) -> Value:
        """A path as seen from the workspace, a pattern where only a run knows some of it; empty for one out of it."""
        if path[:1] and path[0] in WORKSPACES:
            return anywhere(self.place_of(path))
        meant = anywhere(path)
        return (self.place_of(meant) or value(".")) if meant else ()

    def _as_told(self, words: tuple[Value, ...]) -> bool:
        """Write down what the contract says of a command; whether it says anything."""
        home = self.moment.frame.home
        knowledge = home.knowledge if home else None
        if not (knowledge and knowledge.commands):
            return False
        found = knowledge.of_command([literal(word) or "" for word in words])
        if found is None:
            return False
        from goldenpath.facts.pipeline.told import Performance

        told, length = found
        rest = Words(words[length:], told.about.options)
        given = {option.lower(): rest.first(option) for option in told.about.options}
        given["argument"] = rest.positionals[0] if rest.positionals else ()
        performance = Performance(told, self.place, self.text, given, f"{self.moment.key}:{self.guard.order}")
        self.moment.frame.shared.uses.append(performance.use(self.state.key))
        for act in performance.acts(self.state.permissions, self.guard):
            order = len(self.moment.frame.shared.acts)
            self.moment.act(msgspec.structs.replace(act, guard=msgspec.structs.replace(self.guard, order=order)))
        return True

    @cached_property
    def engine(self) -> Value:
        """The engine on another machine that docker or podman is told to use; empty for one of the job's own."""
        from goldenpath.facts.pipeline.commands.engines import elsewhere

        return elsewhere(self)

    @property
    def local_tags(self) -> dict[Value, Symbol]:
        """The images by the names that they have where the engine is."""
        return self.state.remote_tags.setdefault(self.engine, {}) if self.engine else self.state.local_tags

    def instead(self, words: tuple[Value, ...]) -> CommandEffects:
        """What the command does if it runs these words."""
        effects = CommandEffects(self.script, self.place, words, self.command)
        effects.is_handed_over = True
        return effects

    def _by_shell(self, words: tuple[Value, ...]) -> bool:
        """Somebody lets a shell run a text (`xargs sh -c '…'`); of its commands nobody learns whether they fail."""
        if not self.is_handed_over or not words or program_name(words[0]) not in SHELLS:
            return False
        at = next((at for at, word in enumerate(words) if _RUNS_TEXT.fullmatch(literal(word) or "")), None)
        if at is None or len(words) == at + 1:
            self.not_followed(UNSEEN_REASONS["script"])
            return True
        try:
            script = follow(words[at + 1], self.command.environment, arguments=words[at + 3 :])
        except Unfollowable as error:
            self.not_followed(error.reason)
            return True
        for each in script.commands:
            if each.reachable and not each.leads:
                inner = self.instead(unwrapped(each.words))
                inner.guard = msgspec.structs.replace(self.guard, fatal=False, fatal_in_leg=False)
                inner.perform()
        for reason in sorted({each.reason for each in script.opaque} - {"output"}):  # which is no act
            self.not_followed(UNSEEN_REASONS.get(reason, UNSEEN_REASONS["dynamic"]))
        return True

    def recipe(self) -> Recipe:
        """The command's words, wrappers included, and what dates it."""
        return Recipe(self._whole, folder=self.script.folder, epoch=self.variable("SOURCE_DATE_EPOCH"))

    def _unknown_program(self, words: tuple[Value, ...]) -> None:
        program = literal(words[0]) if words else None
        self._writes_unseen()
        edit_by_another(self)
        if program is None:
            self.not_followed("which program runs here is only known in a run")
        elif "/" in program and not program.startswith("@"):
            self.not_followed(UNSEEN_REASONS["script"])
        elif program and (not is_rehearsal([program]) or is_handed_a_release(words)):
            self.not_followed(f"what {program} does is not known")
        elif program and (words is not self._whole or _CALLED_A_TEST.search(program)):
            self._perhaps_tests(f"what {program} does is not known")

    def not_followed(self, why: str, may: frozenset[str] = ANYTHING) -> None:
        """Something runs that is not followed; what is called a test or a check, or by one, releases nothing."""
        if _ASKS.fullmatch(" ".join(literal(word) or "?" for word in self.asked)):
            self.state.epoch += 1
            return
        self._writes_unseen()
        self._perhaps_tests(why)
        chain = self._chain()
        vouched = self._origin_of_script() is None and any(map(self._rehearses, chain))
        if not vouched or self._is_said_to_release():
            self.unseen(why, may)
            return
        self.state.epoch += 1
        said = self.said()
        self._loses_digests(lambda path: display(name_of(path)) in said)
        self._clobbers()
        said = " ".join(shown(word) for words in chain for word in words)
        if re.search(r"scan|secur|audit|vuln|verif|trivy|grype|clair", said):
            self.act("unseen", problem=why, may=frozenset({"verify", "scan"}))
        if "*" in (reach := self.moment.reach()):
            self.moment.uses(self.place, self.text, reach, why)

    def _is_said_to_release(self) -> bool:
        """Whether a program of the repository says so itself, or may: then its name vouches for nothing."""
        from goldenpath.facts.pipeline.commands import powers

        return powers.is_said_to_release(self)

    def _chain(self) -> tuple[tuple[Value, ...], ...]:
        """The commands that have led to this one, and itself."""
        return (*(caller.words for caller in self.command.callers), self.all_words)

    def _perhaps_tests(self, why: str) -> None:
        """What is called a test or a check, or by one, may be the tests."""
        if any(map(may_test, self._chain())) and not self.moment.has_just("tested", self.guard):
            self.act("tested", unsure=why)

    def _clobbers(self) -> None:
        """Nothing is known any more of digests that stand where the command puts or removes what nobody lists."""
        if self.state.workspace.written:
            named = clobbering.clobbered(literal(self.all_words[0]), self.all_words[1:])
            targets = [literal(self.path(value(each))) or each for each in named]
            if targets:
                self._loses_digests(lambda path: clobbering.is_within_any(path, targets))
                self._changes(literal(self.all_words[0]), targets)
        for folder in clobbering.unpacked_into(literal(self.all_words[0]), self.all_words[1:]):
            self.scatter(below(self.path(folder), value(Symbol("unknown", "what is unpacked"))))

    def _changes(self, program: str | None, targets: list[str]) -> None:
        """What a program removes, or changes where it stands: nobody follows what becomes of an SBOM."""
        if program == "find":
            from goldenpath.facts.pipeline import cleaning

            cleaning.perhaps_remove(self, targets)
        for target in targets if program in clobbering.CHANGES_IN_PLACE else ():
            self._remakes(value(target))

    def _remakes(self, at: Value) -> None:
        """Something is made of an SBOM, or in its place, and nobody follows what that is."""
        for path, (content, _), _ in self.pieces(at):
            if content.kind == "sbom" and path == at:
                self.put(path, Content("derived", self.origin(path), content.of))

    def _writes_unseen(self) -> None:
        """Whatever a program does, it writes into the file that stands behind `-o`."""
        for named in written_behind(self):
            at = self.path(named)
            self._remakes(at)
            if any(content.kind == "built" for _, (content, _), _ in self.pieces(at)):
                self.scatter(at)

    def _loses_digests(self, changed: Callable[[Value], bool]) -> None:
        """Nobody knows any more what digests stand in files that something may have written."""
        for path in list(self.state.workspace.written) if self.state.workspace.has_digests else ():
            assert isinstance(path, tuple)  # noqa: S101 - files are written under their paths
            if changed(path) and any(content.digest or content.text for _, (content, _), _ in self.pieces(path)):
                self.put(path, Content("other", self.origin(path)))

    def _rehearses(self, words: tuple[Value, ...]) -> bool:
        """Whether a command is called by the name of something that releases nothing."""
        program = literal(words[0]) if words else None
        said = [shown(word) for word in words[1:] if not shown(word).startswith("-") and "=" not in shown(word)]
        if program is None:
            return False
        if _INTERPRETER.fullmatch(program) and any(literal(word) in INLINE for word in words[1:]):
            # what a shell is handed is followed, unless nobody knows it
            return program not in SHELLS and not speaks_of_release(" ".join(said))
        if "/" in program:
            return is_rehearsal([program.rpartition("/")[2]])
        return is_rehearsal([word.rpartition("/")[2] for word in said if word != "run"])

    def by_script(self, why: str) -> None:
        """A script runs that is not followed: what it could do is said in it, if it is one of this repository.

        One that is fetched may be known to install something, or to run GoReleaser.
        """
        fetched = self.addresses() if why == UNSEEN_REASONS["stdin"] else self._origin_of_script() or ()
        address = display(fetched)
        if address in _RUNS_GORELEASER:
            told = tuple(word for word in self.all_words[1:] if literal(word) not in {"-s", "--", "-"})
            words = (value("goreleaser"), *(told or (value("release"),)))
            self.instead(words).perform()
            return
        if is_installer(address):
            # What it brings may be any program, unless its address names one: that of cosign need not be cosign's.
            self.filled(value(PATH_OF_MACHINE.rstrip("/")), fetched, only_program_in(address))
            return
        from goldenpath.facts.pipeline.commands import autotools

        if autotools.builds(self):
            return
        if name := self._fetched():
            self.instead((value(name), *self.all_words[1:])).perform()
            return
        edit_by_file(self, self.all_words[0])
        edit_by_another(self)
        from goldenpath.facts.pipeline.commands import powers

        powers.export(self)
        path = literal(self.place_of(self.all_words[0]))
        known = path is not None and self.moment.frame.shared.tree.text(path) is not None
        self.not_followed(why, self.moment.spoken(self.said(), [path]) if known and path else ANYTHING)

    def _origin_of_script(self) -> Value | None:
        """Where a script comes from that runs by its name, or by a shell: empty if the job wrote it."""
        of_shell = literal(self.all_words[0]) in SHELLS
        named = [word for word in self.all_words[of_shell:] if not display(word).startswith("-")]
        return self.state.programs.own_origin(self.place_of(named[0])) if named else None

    def _fetched(self) -> str:
        """The program of the table that stands in a file of its name, fetched from the repository of that name."""
        name, at = literal(name_of(self.all_words[0])) or "", self.place_of(self.all_words[0])
        about, _ = known_command([name])
        if about is None or about.does not in _STANDS_ALONE:
            return ""
        if is_released_alone(name):
            return name if self.state.programs.is_own(at) else ""
        found = _OF_GITHUB.match(display(self.state.programs.origin(at) or ()))
        return name if found is not None and found[1] == name else ""

    def said(self) -> str:
        """All words in one text."""
        return " ".join(display(word) for word in self.all_words)

    def _writes(self) -> frozenset[str]:
        """What it writes with the token: nothing where a secret opens the registry or git, nor for what stays here."""
        tool, writes = self.about.tool or literal(self.all_words[0]), self.about.writes
        if tool in _BY_GIT and self.state.git_has_own_token is False:
            return writes - {"contents"}
        if self.state.registry_by_secret and tool in _BY_LOGIN:
            return writes - {"packages"}
        if self.moment.frame.shared.event.name == "issues" and self.said().startswith("gh issue "):
            return writes - {"pull-requests"}  # its number is an issue's; elsewhere it may be a proposal's
        if tool == "cosign" and head(self.words.first("--key")) and not self.words.has("--issue-certificate"):
            return writes - {"id-token"}
        if self._pushes_elsewhere(tool):
            return writes - {"packages"}
        if tool == "goreleaser":
            from goldenpath.facts.pipeline.tools import goreleaser

            writes = goreleaser.used(self, self.words, self.script.folder, writes)
        if tool in _GIVEN_A_TOKEN and self.is_token_of_others(map(self.variable, ("GH_TOKEN", "GITHUB_TOKEN"))):
            by_git = tool == "semantic-release" and self.state.keeps_credentials
            return writes if by_git else writes & {"id-token", "packages"}
        if self.about.does == "request":
            from goldenpath.facts.pipeline.commands.requests import of_github_client

            request = of_github_client(self)
            return scopes_of_address(request.address) if request.method != "GET" else frozenset()
        if self.about.does != "build":
            return writes
        said = [literal(word) for word in self.all_words]
        stays = None not in said and not self.is_pushed()
        to_registry = any("registry" in (each or "") for each in said)
        return writes - {"packages"} if stays and not to_registry else writes

    def _pushes_elsewhere(self, tool: str | None) -> bool:
        """Whether an image that it pushes, or that ko builds, surely does not go to GitHub's registry."""
        if tool in _KO:
            from goldenpath.facts.pipeline.tools.ko import stays

            return stays(self) or _is_for_others(self.variable("KO_DOCKER_REPO"))
        names = self.words.positionals if self.about.does == "push" else ()
        return bool(names) and all(map(_is_for_others, names))

    def by_xargs(self) -> None:
        """`… | xargs -I {} cosign sign {}@$DIGEST`: the command runs for each line that is handed over."""
        given = Words(tuple(map(_apart, self.all_words[1:])), _TAKES_OF_XARGS)
        mark = literal(given.first("-I"))
        if not given.rest:
            return
        told = self.all_words[-len(given.rest) :]
        asks = any(_PROMPTS.match(display(word)) for word in self.all_words[1 : -len(given.rest)])
        asked = frozenset({"somebody says yes to xargs"} if asks else ())
        handed = lines(self.script.known(self.command.stdin or ()))
        for line in handed[:64] or [value(Symbol("line", "…"))]:
            for item in several(line, self.state.tag_lists):
                inner = tuple(filled(word, mark, item) for word in told) if mark else (*told, item)
                effects = self.instead(inner)
                if conditions := asked | (set() if handed else {"xargs is handed something"}):
                    conditions |= effects.guard.conditions
                    effects.guard = msgspec.structs.replace(effects.guard, conditions=conditions)
                effects.perform()

    # Files

    def path(self, of: Value) -> Value:
        """A path as seen from the workspace, wherever the script has changed to."""
        if is_stream(of):  # which no other step has
            return value(Symbol(STREAM, f"{self.moment.key}: {display(of)}"))
        first = of[0] if of else ""
        if first in WORKSPACES or of == ("..",) or (isinstance(first, str) and _UPWARDS.match(first)):
            return tidy(path_from(self.script.folder, of))
        return under(tidy(self.script.folder), tidy(of))

    def seen(self, pattern: Value) -> Files:
        """The files that a path in the script means."""
        return self.files(self.path(globbed(pattern)))

    def _is_sure(self, atom: str) -> bool:
        """Whether what the script asks for always holds where there is something to be released."""
        if listed := _LISTED.fullmatch(atom):
            pattern = globbed(value(Symbol("command", listed[1])))
            return literal(pattern) is not None and any(not where for *_, where in self.pieces(self.path(pattern)))
        if read := _READ.fullmatch(atom):
            return bool(self.script.each_line(read[1]))
        return _TAGGED.fullmatch(atom) is not None

    def rewriting(self) -> frozenset[str]:
        """The files and folders that the script changes."""
        return self.script.script.changed

    def written_to(self) -> Value:
        """The file that standard output goes to, by redirection or by `tee`, if any."""
        if self.command.stdout:
            return self.script.known(self.command.stdout)
        if self.command.pipe_to is None:
            return ()
        follower = self.script.script.commands[self.command.pipe_to]
        words = unwrapped(follower.words)
        if words and program_name(words[0]) == "tee":
            self.script.teed.add(self.command.pipe_to)
            return next((self.script.known(word) for word in words[1:] if not display(word).startswith("-")), ())
        return ()

    def redirect(self) -> None:
        """What is printed into a file replaces what is known of it, until the command says better."""
        for each in filter(_opens, self.command.redirects):
            target = self.script.known(each.target)
            if each.descriptor in {"", "1"}:
                self._prints_into(target, longer=each.operator.endswith(">>"))
            self._puts_into(target)
            lengthened = self.state.lengthened
            (lengthened.add if each.operator.endswith(">>") else lengthened.discard)(self.place_of(target))
        if is_stream(self.command.stdout):
            path = self.path(self.command.stdout)
            self.overwrite(path)
            known = self.state.programs.origin(self.command.stdout)
            self.write(self.command.stdout, self.addresses() if known is None else ())
        elif self.command.stdout and self.command.stdout not in _KEPT_BY_NOBODY and not self._has_own_output():
            self._redirected_with_group(self.script.known(self.command.stdout))
        else:
            self.script.prints_to = self.path(self.script.known(self.command.stdout)) if self.command.leads else ()
        write_over(self)

    def _has_own_output(self) -> bool:
        """Whether it is said of the command itself where its output goes."""
        return any(each.descriptor in {"", "1"} and each.operator[0] != "<" for each in self.command.redirects)

    def _prints_into(self, target: Value, *, longer: bool) -> None:
        """What is printed stands in a file, of which no more is known; a list that gets `longer` keeps what it has."""
        from goldenpath.facts.pipeline.commands import sources

        path, address = self.path(target), self.addresses()
        if not (longer and any(piece[0].kind == "index" for _, piece, _ in self.pieces(path))):
            self.overwrite(path)
        self.write(target, () if longer else address)
        if address:
            lay(self, self.place_of(target), address)
            if self.about.does != "request":  # which says so itself
                sources.leaves(self, target)
        sources.dates(self, path, (*self.all_words, self.command.stdin or ()))
        if _MANIFEST.search(display(path)) and not self.moment.dead:
            from goldenpath.facts.pipeline import deployments

            deployments.render(self, path)

    def _redirected_with_group(self, file: Value) -> None:
        """The group of commands that this one is in prints into a file; what stood there is gone with the first."""
        path = self.path(file)
        if self.script.prints_to != path and self.pieces(path):
            self.overwrite(path)
        self.script.prints_to = path
        self._puts_into(file)

    def _puts_into(self, file: Value) -> None:
        """What is printed into a file may change a source."""
        from goldenpath.facts.pipeline.commands import sources

        sources.prints(self, file)

    def write(self, path: Value, address: Value = ()) -> None:
        """A file is written, with what stands at an address or with what only the job knows."""
        if not self.moment.dead:
            self.state.programs.write(self.place_of(path), address)

    def written(self, path: Value, address: Value = ()) -> None:
        """A program of the field may have been written, or laid into a folder by its name."""
        if is_released_alone(literal(name_of(path)) or ""):
            self.write(path, address)

    def overwritten(self, path: Value) -> None:
        """A file that may be followed has another content."""
        self.overwrite(self.path(path))

    def filled(self, folder: Value, address: Value, called: str = "") -> None:
        """A folder gets what nobody can list."""
        if not self.moment.dead:
            root = literal(folder) == "/"  # which is the work tree's sign elsewhere
            self.state.programs.fill(folder if root else self.place_of(folder), address, called)

    def origin_of(self, path: Value) -> Value | None:
        """Where a file comes from: an address, or empty for none; None where nobody knows."""
        at = self.place_of(path)
        origin = self.state.programs.origin(at)
        return () if origin is None and self.moment.frame.shared.tree.exists(literal(at) or "") else origin

    def addresses(self) -> Value:
        """Where what a command prints comes from; empty unless it, or what feeds it, fetches that from elsewhere."""
        command, commands = self.command, self.script.script.commands
        for _ in range(_MAX_STAGES):
            words = tuple(self.script.known(word) for word in unwrapped(command.words))
            if program_name(words[0]) in {"curl", "wget"}:
                found = [word for word in words[1:] if "://" in display(word)]
                return found[0] if len(found) == 1 else ()
            if command.pipe_from is None or program_name(words[0]) in _WRITES_ANEW:
                break
            command = commands[command.pipe_from]
        return ()

    def overwrite(self, path: Value) -> None:
        """A file that is followed gets another content: what jq and its like make of an SBOM, or something else."""
        if literal(path):
            lose_signatures(self, path)
        if name_of(path) == (".npmrc",) and not self.moment.dead:
            from goldenpath.facts.pipeline.tools.npm import WRITTEN

            self.state.registry = WRITTEN
        if _OF_BUILDERS.search(display(name_of(path))):
            from goldenpath.facts.pipeline.tools import settings

            settings.note(self, path)
        standing = [piece for _, piece, _ in self.pieces(path)] if self.state.workspace.written else []
        folder = folder_of(path)
        beside = not standing and folder and self.pieces(folder) and has_name_for_users(path)
        if literal(path) is None or not (standing or beside):
            self.scatter(path)
        if not (self.state.workspace.written or self.script.printed):  # as in most jobs: no file is followed
            return
        read = [self.path(word) for word in self.all_words[1:]]
        sources = [piece[0] for source in read if source != path for _, piece, _ in self.pieces(source)]
        from goldenpath.facts.pipeline.commands.handing import FOLLOWED, handed, picked

        sources += [each] if (each := handed(self)) is not None else []
        told = next((content for content in sources if content.kind in FOLLOWED), None)
        if told is not None:
            self.put(path, picked(told, self.command))
        elif standing:
            self.put(path, Content("other", self.origin(path)))
        elif beside:
            self.put(path, Content("plain", self.origin(path)))

    def after(self, option: re.Pattern[str]) -> list[Value]:
        """The words behind those that are such an option, also one with others before it (`-Lo`, `czf`)."""
        return [word for before, word in pairwise(self.all_words) if option.fullmatch(display(before))]

    # Images and their signatures

    def identity_problem(self) -> str | None:
        """Why it cannot sign here."""
        kept = head(self.variable("COSIGN_REPOSITORY"))
        if NOT_FOR_USERS.match(kept):
            return f"keeps its signature where nobody looks for it ({kept})"
        for key in self.words.of("--key") if self.about.does != "verify" else ():
            if any(content.kind == "key" for _, (content, _), _ in self.pieces(self.path(key))):
                return "signs with a key that this job has made, which nobody knows"
            name = display(key).removeprefix(_KEY_IN_VARIABLE)
            if head(key).startswith(_KEY_IN_VARIABLE) and self._is_set_empty(name):
                return f"has no key to sign with: the variable {name} is empty"
        own = own_service(self.words)
        return self.about.no_signature or own or why_not(self.about, self.words, self.state, self.around)

    def _is_set_empty(self, name: str) -> bool:
        """Whether a variable is surely there, and holds nothing: a secret that a caller does not hand over is none."""
        given = {**self.moment.environment, **self.command.environment}
        return name in given and literal(given[name]) == ""

    def own_image(self, reference: Value) -> Image:
        """An image by reference: by its digest if it was built on this very machine under that name."""
        named = image(reference)
        start = head(reference)
        digest = None if start.startswith("registry:") else self.local_tags.get(without_daemon(reference))
        own = digest is not None and digest.kind == "digest" and not named.digest
        return Image(named.name, named.tag or LATEST, value(digest)) if own and digest else named

    def is_pushed(self) -> bool:
        """Whether what is built goes to a registry, too: by an option, or because nothing keeps it back."""
        outputs = " ".join(display(each) for each in self.words.of("-o --output"))
        asked = self.words.has(self.about.push) or "push=true" in outputs or "type=registry" in outputs
        return asked or (bool(self.about.keeps) and not self.words.has(self.about.keeps))
