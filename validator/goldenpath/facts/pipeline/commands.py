"""Steps that run a script: its commands, one by one."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from goldenpath.facts.identities import takes_any
from goldenpath.facts.installs import known_install
from goldenpath.facts.pipeline.acts import Content, Files, Image, Recipe, image, same_name
from goldenpath.facts.pipeline.contexts import text_with
from goldenpath.facts.pipeline.effects import NOT_FOR_USERS, TRIAL_INDEX, Effects, name_of, part_of, tidy, under
from goldenpath.facts.pipeline.injections import Injections
from goldenpath.facts.pipeline.programs import PATH, PATH_OF_MACHINE, at_home, folders_of, only_program_in
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.signing import in_doubt, own_service, why_not
from goldenpath.facts.pipeline.tables import (
    NOTHING,
    STARTED_ELSEWHERE,
    is_image_of,
    is_installer,
    is_rehearsal,
    is_released_alone,
    known_command,
    speaks_of_release,
)
from goldenpath.facts.pipeline.testing import may_test, tests
from goldenpath.facts.pipeline.words import (
    Words,
    digests_in,
    filled,
    globbed,
    head,
    is_one,
    only_rehearses,
    shortened,
    subcommand_first,
    without_daemon,
    without_label,
)
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.shell.state import WORKSPACE, WORKSPACES, bounded_text, is_within, path_from
from goldenpath.facts.values import Symbol, Value, display, lines, literal, partition, replaced, shown, value
from goldenpath.facts.values import words as words_of
from goldenpath.repository import Place

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Joined, Scalar
    from goldenpath.facts.pipeline.acts import Target
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.pipeline.state import Moment
    from goldenpath.facts.pipeline.tables import Scan
    from goldenpath.facts.shell import Command, Opaque, Script

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

SHELLS = regex(
    r"(?:\S*/)?(?:bash|sh)"
    r"(?: (?:--noprofile|--norc|--posix|--login|-[eluxo]+|-[eux]*o|errexit|nounset|xtrace|pipefail|\{0\}))*"
)
"""Shells that run a script as it stands; `bash -n {0}`, say, does not."""
ARCHIVES = ("oci-archive:", "docker-archive:", "oci:", "dir:", "docker-daemon:", "containers-storage:", "tarball:")
"""What an image is copied to that stays on the machine."""
INLINE = ("-c", "-e", "-p", "--eval", "--print")
"""Options by which an interpreter is handed its program."""
STARTS = regex(r"/(trigger/pipeline|dispatches|buildWithParameters|pipelines?/?$)")
"""Addresses at which other services start a pipeline."""

VARIABLES = ("repository", "repository_owner", "sha", "ref", "ref_name", "ref_type", "event_name", "actor", "run_id",
             "run_number", "workflow", "server_url")  # fmt: skip
"""What GitHub sets in the environment of every script, as `GITHUB_…`."""

_LOGIN = regex(r" (-\w*l\w*|--login)\b")
_SOURCED = regex(r"BASH_ENV|BASH_FUNC_.*%%")
"""Variables with commands that bash reads before a script."""
_LOOPED = regex(r"'<loop [^<>]*>' or '<loop [^<>]*><item <tags ([^<>]*)>>(?::[^<>@]*)?@<digest ([^<>]*)> '")
"""How the shell says what a variable holds to which a loop has added `name@digest` for each tag."""
_TAGGED = regex(r"<tags [^<>]*> != ''|read .* from '<tags [^<>]*>\n?'")
"""How it says that there is a tag, without which there would be no image either."""
_NAMES = regex(r"[A-Za-z_]\w*")
_LISTED = regex(r"<tags ([^<>]*)>")
_NAMED = regex(r"([^<>\s]+):<tags [^<>]*>\s*")


_LANGUAGES = {"pwsh": "script.ps1", "powershell": "script.ps1", "python": "script.py"}
"""What a file of the language is called in which another shell is programmed."""

_LEADS = regex(
    r"(?<![\w.-])(make|gmake|npm|pnpm|yarn|bun|npx|source|bash|sh|hatch|uv|poetry|pdm|tox|nox|just|task|go-task|action_path)(?![\w.-])"
    r"|\bPATH=|(?<![\w.-])\.\.?/|\.(ba)?sh\b|(?<![\w/.-])[\w.-]+/[\w/.-]*[\w-](?![\w/:@])|ACTION_PATH|WORKSPACE"
    r"|(?m:^|[;&|]) *\. "
)
"""What a script has in it that leads to others, which see all of the environment."""


@lru_cache(maxsize=2_000)
def _followed(script: Value, variables: tuple[tuple[str, Value], ...], shell: str | None, folder: Value) -> Script:
    """The script, followed once for all events on which it runs alike."""
    return follow(script, dict(variables), shell, folder=folder)


class ScriptEffects:
    """A script, of the step or of what the step runs (`node`): its commands in the order in which they would run."""

    def __init__(self, moment: Moment, node: Scalar | None = None) -> None:
        self.moment = moment
        self.node = node or moment.step.run
        self.folder: Value = ()
        self.meanings: dict[Symbol, Value] = {}
        self.script: Script
        self.injections: Injections

    def perform(self) -> None:
        """Follow the script, and write down what each command does."""
        moment, node = self.moment, self.node
        assert node is not None  # noqa: S101 - asked by the caller
        shell = moment.step.node.text("shell") or moment.state.shell
        look = moment.look()
        if shell and not SHELLS.fullmatch(shell.strip()):
            self._in_another_language(node, shell)
            return
        if shell and _LOGIN.search(shell) and moment.state.programs.profiled:
            self._unseen(node.place, "run:", "its shell begins with a profile that this job has written")
            return
        if twisting := next(filter(_SOURCED.fullmatch, moment.environment), None):
            self._unseen(node.place, "run:", f"its shell begins with what {twisting} says")
            return
        folder = moment.step.node.text("working-directory")
        self.folder = text_with(folder, look) if folder else moment.state.folder
        try:
            text = self._text(node.text)
            self._exposed(text)
            self.script = self._followed(text, shell)
            self.injections = Injections(moment, self.script)
        except Unfollowable as error:
            self._unseen(node.place, "run:", error.reason)
            return
        if twist := next((each for each in self.script.commands if each.reachable and _twists(each)), None):
            self._unseen(
                self._place(twist.line, twist.column, twist.path),
                shown(twist.words[0]),
                "it changes what commands mean",
            )
            self._carry_over()
            return
        self.injections.look(lambda each: self._place(each.line, each.column, each.path))
        opaque = {each.command: each for each in self.script.opaque if each.command is not None}
        self.moment.frame.shared.budget.spend(len(self.script.commands))
        for index, command in enumerate(self.script.commands):
            if command.reachable:
                self._command(command, opaque.get(index))
        for each in self.script.opaque:
            if each.command is None and each.reason in UNSEEN_REASONS:
                place = self._place(each.line, each.column, each.path)
                self._unseen(place, each.text, UNSEEN_REASONS[each.reason])
        self._carry_over()

    def _in_another_language(self, node: Scalar | Joined, shell: str) -> None:
        """A script for another shell, which is not followed: what it could do, it says."""
        text = text_with(node.text, self.moment.look())
        self._exposed(text)
        program = shell.split(maxsplit=1)[0]
        name = _LANGUAGES.get(program.rpartition("/")[2])
        if name == _LANGUAGES["pwsh"] and _only_tells(node.text):
            return
        may = self.moment.spoken(display(text), name=name) if name else ANYTHING
        called, why = self.moment.step.node.text("name") or shell, f"a script for {program} is not followed"
        self.moment.unseen(node.place, called, why, self.moment.guard(), may)

    def _text(self, written: str) -> Value:
        """The script as the shell gets it."""
        return text_with(written, self.moment.look())

    def _exposed(self, text: Value) -> None:
        """Say at which line text that outsiders write becomes part of the script."""
        before = ""
        for part in text:
            self.moment.exposes_script((part,), self._place(before.count("\n"), 0))
            before += part if isinstance(part, str) else ""

    def _unseen(self, place: Place, text: str, reason: str) -> None:
        self.moment.unseen(place, text, reason, self.moment.guard(), ANYTHING)

    def _place(self, line: int, column: int, path: str = "") -> Place:
        assert self.node is not None  # noqa: S101
        return Place(path, line + 1, column + 1) if path else self.node.place_of(line, column)

    def called_from(self, command: Command) -> Place | None:
        """Where the step calls what a command stands in; None for a command of the step's own."""
        first = command.callers[0] if command.callers and command.path else None
        return self._place(first.line, first.column) if first is not None else None

    def _followed(self, text: Value, shell: str | None) -> Script:
        """The script and what it leads to, followed once for all runs that do not differ in what is read there."""
        assert self.node is not None  # noqa: S101
        if not _LEADS.search(self.node.text) and "PATH" not in self.moment.environment:
            return _followed(text, self._variables(self.node.text, leads=False), shell, self.folder)
        spoken = {"PATH", *_NAMES.findall(self.node.text)}
        checkout = self._checkout(spoken)
        key = (
            text,
            shell,
            self.folder,
            checkout.foreign,
            checkout.written,
            checkout.made,
            checkout.forged,
            checkout.system,
        )
        variables = dict(self._variables(self.node.text, leads=True))
        tree = self.moment.frame.shared.tree
        known = tree.followed.setdefault(key, [])
        for names, given, script in known:
            if given == {name: variables[name] for name in names & variables.keys()}:
                return script
        if tree.commands_left <= 0:
            raise Unfollowable("all scripts that lead to others are too many to be followed")
        script = follow(text, variables, shell, folder=self.folder, callees=checkout)
        tree.commands_left -= len(script.commands) + 1
        known.append((frozenset(spoken), {name: variables[name] for name in spoken & variables.keys()}, script))
        return script

    def _checkout(self, spoken: set[str]) -> Checkout:
        """The repository as the job has it by now; all names in what is read of it become `spoken`."""
        from goldenpath.facts.pipeline.called import Checkout, is_other_commit

        state, shared = self.moment.state, self.moment.frame.shared
        tree = shared.tree

        def read(path: str) -> str | None:
            spoken.update(tree.names(path))
            return tree.text(path)

        foreign = (
            "it stands where another repository has been checked out"
            if state.has_foreign_files
            else "it stands where another commit has been checked out"
            if is_other_commit(state.commit, shared.event.ref)
            else ""
        )
        standing = (path for each in state.workspace.written if (path := literal(each)))  # type: ignore[arg-type]
        made = state.made.union(standing)
        written = frozenset(state.replaced | state.beside.keys())
        forged = state.programs.forged
        return Checkout(
            read, tree.exists, tree.find, tree.named, foreign, written, made, forged, state.system, tree.makes
        )

    def _variables(self, text: str, *, leads: bool) -> tuple[tuple[str, Value], ...]:
        """The step's environment, with what GitHub sets on every runner, as far as the script speaks of it.

        What it leads to may speak of all of it.
        """
        look, spoken = self.moment.look(), set(_NAMES.findall(text))
        if leads:
            spoken |= {"CI", "GITHUB_ACTIONS", *(f"GITHUB_{name.upper()}" for name in VARIABLES)}
            spoken |= self.moment.environment.keys()
        given: dict[str, Value] = {name: value("true") for name in ("CI", "GITHUB_ACTIONS") if name in spoken}
        for name in VARIABLES:
            if f"GITHUB_{name.upper()}" in spoken:
                known = look(("github", name))
                given |= {f"GITHUB_{name.upper()}": known} if isinstance(known, tuple) else {}
        if self.moment.frame.folder:
            given["GITHUB_ACTION_PATH"] = value(WORKSPACE, "/", self.moment.frame.folder)
        given |= {name: each for name, each in self.moment.environment.items() if name in spoken}
        return tuple(given.items())

    def _carry_over(self) -> None:
        """What the script leaves behind for the steps after it."""
        moment = self.moment
        if moment.dead:
            return
        moment.state.made |= self.script.made
        moment.state.replaced |= self.script.changed
        moment.say({name: self.kept(written) for name, written in self.script.outputs.items()})
        for name, written in self.script.environment.items():
            moment.state.variables.write(name, self.kept(written), moment.frame.conditions | moment.runs.atoms)
            moment.carry({name: self.kept(written)})
        if self.script.path:  # whatever it depends on: a program that may be another one is not that program
            before = moment.environment.get("PATH") or PATH
            folders = (part for each in reversed(self.script.path) for part in (self.kept(each), ":"))
            moment.state.variables.write("PATH", value(*folders, before), frozenset())
        moment.trusts(list(moment.environment.values()))

    def known(self, of: Value) -> Value:
        """A value with what has become known of its symbols, and of files that hold the digest of a push."""
        if literal(of) is not None:
            return of
        for part in of:
            if isinstance(part, Symbol) and part.kind == "file" and part not in self.meanings:
                for piece, conditions in self.moment.state.workspace.read(value(part.name), self.moment.conditions):
                    if piece is not None and piece[0].kind == "reference" and not conditions:
                        self.meanings[part] = reference_of(piece[0].of)
                    elif piece is not None and piece[0].digest and not conditions:
                        self.meanings[part] = value(piece[0].digest)
                    elif piece is not None and piece[0].kind == "image-id":
                        self.meanings[part] = value(Symbol("image-id", part.name))
        return replaced(of, self.meanings) if self.meanings else of

    def kept(self, of: Value) -> Value:
        """A value as other scripts see it, where the output of an equal command may be another one."""
        parts = bounded_text(self.injections.read(self.known(of)))
        if not any(isinstance(part, Symbol) and part.kind == "command" for part in parts):
            return parts
        return value(
            *(
                Symbol(part.kind, f"{self.moment.key}: {part.name}")
                if isinstance(part, Symbol) and part.kind == "command"
                else part
                for part in parts
            )
        )

    def means(self, command: Command, meaning: Value) -> None:
        """From now on the output of a command, if the script uses it, is known."""
        for symbol, origin in self.script.substitutions.items():
            if origin is command or origin == command:
                self.meanings[symbol] = meaning

    def _command(self, command: Command, opaque: Opaque | None) -> None:
        words = tuple(self.known(word) for word in unwrapped(command.words))
        if not words:
            return
        if _is_sudo_or_nothing(words[0]) and len(words) > 1:
            words, opaque = words[1:], None
        if one := self._one_of_several(words):
            words, opaque = (value(one), *words[1:]), None
        name = program_name(words[0])
        if name and name.rpartition("/")[2] in {"mvnw", "gradlew"}:  # scripts, but everybody's
            name, opaque = name.rpartition("/")[2], None
        place = self._place(command.line, command.column, command.path)
        self.folder = command.folder
        effects = CommandEffects(self, place, (value(name), *words[1:]) if name else words, command)
        if command.leads:
            effects.redirect()
        elif opaque is not None and opaque.reason == "xargs":
            effects.by_xargs()
        elif name not in {"mvnw", "gradlew"} and len(words[0]) > 1 and self.moment.frame.shared.tree.named(name or ""):
            effects.not_followed(UNSEEN_REASONS["dynamic"])
        elif opaque is not None and opaque.reason in UNSEEN_REASONS:
            effects.by_script(opaque.why or UNSEEN_REASONS[opaque.reason])
        else:
            effects.perform()

    def _one_of_several(self, words: tuple[Value, ...]) -> str | None:
        """The first of the programs of which only a run knows which it is, where the table says the same of all."""
        symbol = words[0][0] if len(words[0]) == 1 else None
        if not isinstance(symbol, Symbol) or symbol.kind != "unknown":
            return None
        chosen = _CHOSEN.fullmatch(symbol.name)
        names = sorted(chosen.groups()) if chosen else sorted(self.moment.frame.shared.alternatives.get(symbol, ()))
        rows = [known_command([name, *(literal(word) or "" for word in words[1:4])])[0] for name in names]
        same = bool(rows) and rows[0] is not None and all(row == rows[0] for row in rows)
        return names[0] if same and not any(map(is_released_alone, names)) else None


_CHOSEN = regex(r".* && '([\w.-]+)' \|\| '([\w.-]+)'", re.DOTALL)
"""An expression that is one of two texts, whatever it asks."""


def _only_tells(script: str) -> bool:
    """Whether a script of PowerShell does no more than to say something."""
    from goldenpath.facts.pipeline.inline import is_harmless_powershell

    return is_harmless_powershell(script)


_SUDO = regex(r".*>[ ]?/dev/null( 2>&1)? \|\| echo [\"']?sudo( -\w+)*[\"']?( #\d+)?", re.DOTALL)


def _is_sudo_or_nothing(word: Value) -> bool:
    """Whether a word is `$(docker info >/dev/null 2>&1 || echo sudo)`, which runs what follows, as root or not."""
    symbol = word[0] if len(word) == 1 else None
    return isinstance(symbol, Symbol) and symbol.kind == "command" and _SUDO.fullmatch(symbol.name) is not None


_TWISTING = frozenset({"export", "declare", "typeset", "alias", "hash", "set"})


def _twists(command: Command) -> bool:
    """Whether the commands after it may be others than they read (`alias`, `hash -p`), or not run (`set -n`)."""
    name, *arguments = (literal(word) or "" for word in command.words)
    if name not in _TWISTING:
        return False
    options = [word for word in arguments if word.startswith("-") and not word.startswith("--")]
    return (
        (name in {"export", "declare", "typeset"} and any("f" in word and "x" in word[1:] + name for word in options))
        or (name == "alias" and any("=" in word for word in arguments))
        or (name == "hash" and any("p" in word for word in options))
        or (name == "set" and ("noexec" in arguments or any("n" in word for word in options)))
    )


TRIALS = frozenset({"nightly", "edge", "dev", "snapshot", "canary", "unstable", "devel", "develop"})
"""Tags of images that nobody takes for a release."""

_RUNS_GORELEASER = ("https://goreleaser.com/static/run", "https://git.io/goreleaser")
_GO_RUN: tuple[Value, ...] = (("go",), ("run",))
_GO_TOOL: tuple[Value, ...] = (("go",), ("tool",))
_GO_BIN = "~/go/bin/"
_MAX_STAGES = 16
"""Most stages of a pipe that are looked through for the one that fetches something."""


_HANDS_OVER = (
    "-v", "--volume", "--mount", "-e", "--env", "--privileged", "--net", "--pid", "--ipc", "--device", "--cap-add",
    "--secret", "--security-opt", "--userns", "--gpus",
)  # fmt: skip
"""Options by which a container gets files, variables or a part of the machine."""
_IN_BACKGROUND = regex(r"-[itP]*d[itP]*")


class CommandEffects(Effects):
    """One command of a script."""

    def __init__(self, script: ScriptEffects, place: Place, words: tuple[Value, ...], command: Command) -> None:
        text = " ".join(shown(word) for word in words)
        conditions = frozenset(atom for atom in command.condition if not _TAGGED.fullmatch(atom))
        guard = script.moment.guard(conditions, fatal=command.fatal)
        super().__init__(script.moment, place, shortened(text), guard)
        self.script = script
        self.all_words = words
        self.command = command
        self.caller = script.called_from(command)
        self.about = NOTHING
        self.words = Words((), ())

    def perform(self) -> None:
        """Find the command in the table, wrappers taken off, and write down what it does."""
        words = self.all_words
        while True:
            if self._is_displaced(words):
                self.not_followed("this job has put another program in its place")
                return
            if self._as_told(words):
                return
            words = subcommand_first(words)
            about, length = known_command([literal(word) or "" for word in words[:4]])
            if about is None:
                self._unknown_program(words)
                return
            self.about, self.words = about, Words(words[length:], about.takes.split())
            inner = self._inner(words[:length])
            if inner is None:
                break
            if not inner:
                return
            words = inner
            if about.does == "wrap" and about.why and is_released_alone(literal(words[0]) or ""):
                self.not_followed(about.why)
                return
        if not only_rehearses(self.words):
            self._do(words)

    def _inner(self, verb: tuple[Value, ...]) -> tuple[Value, ...] | None:
        """The command that this one runs; None where it is what it is."""
        if self.about.does != "wrap":
            program = self._of_another_module(verb)
            return None if program is None else (value(program), *self.words.rest[1:])
        if self.about.behind and ("--",) in self.all_words:
            return unwrapped(self.all_words[self.all_words.index(("--",)) + 1 :])
        return self.words.rest

    def _of_another_module(self, verb: tuple[Value, ...]) -> str | None:
        """The program of the table that `go run` makes of another module, or `go tool` of one in go.mod."""
        if verb not in {_GO_RUN, _GO_TOOL} or not self.words.positionals:
            return None
        from goldenpath.facts.pipeline.golang import of_another_module, tool_of

        named = literal(self.words.positionals[0]) or ""
        package = named if verb == _GO_RUN else tool_of(self.moment.frame.shared.tree, named)
        program = of_another_module(package)
        if program is None or known_command([program])[0] is None:
            return None
        # Of which module a version without `@` is, and what `go tool` runs, go.mod says: that of the repository.
        changed = is_released_alone(program) and self.state.has_foreign_files
        return None if changed else program

    def _do(self, words: tuple[Value, ...]) -> None:
        """Write down what the table says of a command."""
        about = self.about
        self.redirect()
        if tests(about, [literal(word) or shown(word) for word in words[1:]]):
            self.act("tested", unsure=self._of_others())
        if known_install(words):
            self.act("installed", recipe=self.recipe())
        self.moment.uses(self.place, self.text, self._writes() | self._identity())
        if about.scans is not None:
            self._scan(about.scans)
        getattr(self, "_" + about.does.replace("-", "_"))()

    def _of_others(self) -> str | None:
        """Why what is tested here may be no code of this repository."""
        folder = literal(path_from((), self.script.folder)) or ""
        elsewhere = any(is_within(folder, each) for each in self.state.beside)
        return "tests what another repository has" if elsewhere or self.state.has_foreign_files else None

    def variable(self, name: str) -> Value:
        """A variable as the command sees it: set for it alone, exported by the script, or given to the step."""
        return self.command.environment.get(name) or self.moment.environment.get(name, ())

    def _is_displaced(self, words: tuple[Value, ...]) -> bool:
        """Whether a file of the job's own may run by the name of a program."""
        name = literal(words[0]) if words else None
        if not name:
            return False
        folders = [self._place_of(folder) for folder in folders_of(self.variable("PATH"))]
        if folders and is_released_alone(name) and any(map(self._is_of_others, folders)):
            return True
        if self.state.programs.displaced(name, folders, self.moment.frame.shared.tree.exists):
            return True
        files = [under(folder, (name,)) for folder in folders]
        return any(self.pieces(file) and not self.state.programs.is_own(file) for file in files)

    def _is_of_others(self, folder: Value) -> bool:
        """Whether a folder of the work tree is one of another repository."""
        path = literal(folder)
        within = path is not None and not path.startswith(("/", "~", ".."))
        return within and (
            self.state.has_foreign_files or any(is_within(path or "", each) for each in self.state.beside)
        )

    def _place_of(self, path: Value) -> Value:
        """A path as seen from the workspace, or from the root of the machine."""
        return tidy(path_from(self.script.folder, path))

    def _as_told(self, words: tuple[Value, ...]) -> bool:
        """Write down what the contract says of a command; whether it says anything."""
        home = self.moment.frame.home
        knowledge = home.knowledge if home else None
        known = [literal(word) or "" for word in words]
        found = knowledge.of_command(known) if knowledge and knowledge.commands else None
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

    def recipe(self) -> Recipe:
        """The command's words, wrappers included, and what dates it."""
        return Recipe(self.all_words, folder=self.script.folder, epoch=self.variable("SOURCE_DATE_EPOCH"))

    def _unknown_program(self, words: tuple[Value, ...]) -> None:
        program = literal(words[0]) if words else None
        self.redirect()
        if program is None:
            self.not_followed("which program runs here is only known in a run")
        elif "/" in program:
            self.not_followed(UNSEEN_REASONS["script"])
        elif program and not is_rehearsal([program]):
            self.not_followed(f"what {program} does is not known")

    def not_followed(self, why: str, may: frozenset[str] = ANYTHING) -> None:
        """Something runs that is not followed; what is called a test or a check, or by one, releases nothing."""
        chain = (*(caller.words for caller in self.command.callers), self.all_words)
        if [literal(word) for word in self.all_words[1:]] in (["--help"], ["--version"], ["version"]):
            self.state.epoch += 1
            return
        tests_perhaps = bool(self.all_words) and any(map(may_test, chain))
        if tests_perhaps and not self.moment.has_just("tested", self.guard):
            self.act("tested", unsure=why)
        if not any(self._rehearses(words) for words in chain):
            self.unseen(why, may)
            return
        self.state.epoch += 1
        said = " ".join(shown(word) for words in chain for word in words)
        if re.search(r"scan|secur|audit|vuln|verif|trivy|grype", said):
            self.act("unseen", problem=why, may=frozenset({"verify", "scan"}))
        if "*" in (reach := self.moment.reach()):
            self.moment.uses(self.place, self.text, reach, why)

    def _rehearses(self, words: tuple[Value, ...]) -> bool:
        """Whether a command is called by the name of something that releases nothing."""
        program = literal(words[0]) if words else None
        said = [shown(word) for word in words[1:] if not shown(word).startswith("-") and "=" not in shown(word)]
        if program is None:
            return False
        if any(literal(word) in INLINE for word in words[1:]):
            return not speaks_of_release(" ".join(said))
        if "/" in program:
            return is_rehearsal([program.rpartition("/")[2]])
        return is_rehearsal([word.rpartition("/")[2] for word in said if word != "run"])

    def by_script(self, why: str) -> None:
        """A script runs that is not followed: what it could do is said in it, if it is one of this repository.

        One that is fetched may be known to install something, or to run GoReleaser.
        """
        address = display(self._addresses()) if why == UNSEEN_REASONS["stdin"] else ""
        if address in _RUNS_GORELEASER:
            told = tuple(word for word in self.all_words[1:] if literal(word) not in {"-s", "--", "-"})
            words = (value("goreleaser"), *(told or (value("release"),)))
            CommandEffects(self.script, self.place, words, self.command).perform()
            return
        if is_installer(address):
            # What it brings may be any program, unless its address names one: that of cosign need not be cosign's.
            self.filled(value(PATH_OF_MACHINE.rstrip("/")), self._addresses(), only_program_in(address))
            self.redirect()
            return
        path = literal(self._place_of(self.all_words[0]))
        known = path is not None and self.moment.frame.shared.tree.text(path) is not None
        self.not_followed(why, self.moment.spoken(self._said(), [path]) if known and path else ANYTHING)

    def _said(self) -> str:
        return " ".join(display(word) for word in self.all_words)

    def _nothing(self) -> None:
        """None of the acts that a release is made of."""

    def _run_tool(self) -> None:
        from goldenpath.facts.pipeline import tools

        tools.perform(self.about.tool, self, self.words, self.script.folder)

    def _unseen(self) -> None:
        asked = any(literal(word) in self.about.when.split() for word in self.all_words) and speaks_of_release(
            self.text
        )
        if (asked or not self.about.when) and (may := frozenset(self.about.may) or self._spoken()):
            self.not_followed(self.about.why, may)

    def _spoken(self) -> frozenset[str]:
        """What it could do by what it is told, and by the program of the repository that it is handed."""
        if [literal(word) for word in self.all_words[:2]] == ["go", "generate"]:
            return self._generated()
        if [literal(word) for word in self.all_words[:2]] == ["go", "run"]:
            return self._run_from_source()
        if literal(self.all_words[0]) in {"gradle", "gradlew"}:
            from goldenpath.facts.pipeline.spoken import powers_of_gradle

            return powers_of_gradle(self.moment.frame.shared.tree, self._said())
        inline = any(literal(word) in INLINE for word in self.all_words)
        if self._is_module_that_does_nothing():
            return frozenset()
        path = literal(self._place_of(self.words.positionals[0])) if self.words.positionals else None
        if path and not inline and self.moment.frame.shared.tree.text(path) is not None:
            return self.moment.spoken(self._said(), [path])
        return self.moment.spoken(self._said(), name="inline") if inline else ANYTHING

    def _is_module_that_does_nothing(self) -> bool:
        """Whether Python runs a module by the name of a program that does none of these acts, and none from here."""
        name = literal(self.all_words[2]) if len(self.all_words) > 2 else None
        if (
            not name
            or literal(self.all_words[1]) != "-m"
            or not (literal(self.all_words[0]) or "").startswith("python")
        ):
            return False
        tree = self.moment.frame.shared.tree
        about, _ = known_command([name, *(literal(word) or "" for word in self.all_words[3:6])])
        own = tree.named(f"{name}.py") or any(tree.exists(path) for path in (name, f"src/{name}"))
        return about is not None and about.does == "nothing" and not own

    def _generated(self) -> frozenset[str]:
        """What `go generate` could do: nothing, where the Go files of the repository name programs that do nothing."""
        from goldenpath.facts.pipeline.spoken import directives_of_go

        directives = directives_of_go(self.moment.frame.shared.tree)
        if directives is None or self._writes_go():
            return ANYTHING
        return frozenset() if all(map(self._does_nothing, directives)) else ANYTHING

    def _run_from_source(self) -> frozenset[str]:
        """What `go run` could do, by what the sources of a program here speak of."""
        from goldenpath.facts.pipeline import golang
        from goldenpath.facts.pipeline.spoken import powers_of_words

        package = literal(self._place_of(self.words.positionals[0])) if self.words.positionals else None
        if package is None or self._writes_go():
            return ANYTHING
        folder = posixpath.dirname(package) or "." if package.endswith(".go") else package
        read = golang.source(self.moment.frame.shared.tree, folder)
        if read is None:
            return ANYTHING
        text, starts_others = read
        if starts_others:
            return self.moment.spoken(f"{self._said()}\n{text}")
        return self.moment.spoken(self._said()) | powers_of_words([text])  # what it names is no program of its

    def _writes_go(self) -> bool:
        """Whether the job may have other sources of Go than the repository."""
        script, state = self.script.script, self.state
        files = (literal(path) or "" for path in state.workspace.written if isinstance(path, tuple))
        written = {*state.made, *state.replaced, *script.made, *script.changed, *files}
        return state.has_foreign_files or any(path.endswith(".go") for path in written)

    def _does_nothing(self, words: list[str]) -> bool:
        """Whether a command is a program of the table that does none of these acts, and no other one of its name."""
        about, _ = known_command(words[:4])
        return about is not None and about.does == "nothing" and not self._is_displaced(((words[0],),))

    def _verify(self) -> None:
        """A signature or provenance is held against whom it must come from."""
        problem = own_service(self.words, self.variable) or self._whose() or self._of_what()
        unsure = self._careless()
        for word in self.words.positionals:
            start = head(word)
            as_file = self.about.files is not None or (self.about.to_file_without and not start.startswith("oci://"))
            target = self.seen(word) if as_file else self.own_image(word)
            asks = self.about.to_file_without and not self.words.has("--bundle-from-oci")
            self.act("verified", target, problem=problem, unsure=unsure, asks_store=asks)

    def _whose(self) -> str | None:
        """Why it would take the signature of anybody."""
        if any(self.words.of(self.about.key)):
            return None
        for asked, options in (("identity", self.about.identity), ("issuer", self.about.issuer)):
            given = [option for option in options.split() if self.words.first(option)]
            if options and not given:
                return f"takes the signature of anybody: it names no {asked}"
            if given and all("regex" in option and takes_any(asked, self.words.first(option)) for option in given):
                return f"takes the signature of anybody: its pattern for the {asked} leaves open whose it is"
        return None

    def _careless(self) -> str | None:
        """What a verification by a certificate does without, although it tells when the certificate was good."""
        options = ("--insecure-ignore-tlog", "--insecure-ignore-sct")
        given = next((each for each in options if self.words.has(each)), "")
        with_key = any(self.words.of(self.about.key))
        return f"takes a certificate that no log may have seen ({given})" if given and not with_key else None

    def _of_what(self) -> str | None:
        kind = literal(self.words.first(self.about.kind)) if self.about.kind else ""
        if kind and re.search(r"sbom|spdx|cyclonedx|vuln", kind, re.IGNORECASE):
            return "verifies what it holds, not where it comes from"
        claims = literal(self.words.first("--check-claims")) == "false"
        return "does not look at the digest (--check-claims=false)" if claims else None

    def _scan(self, scan: Scan) -> None:
        """Known vulnerabilities are looked for, and refused if something says from where on."""
        said = {literal(word) for word in self.all_words}
        refusing = [literal(each) for each in self.words.of(scan.cutoff)]
        if not refusing and (named := self.variable(scan.variable)):
            refusing = [literal(named)]
        problem = scan.overlooks(self.words.first(scan.kinds), self.words.first(scan.severities))
        problem = problem or scan.spares(self.words.of(scan.states)) or self._omits(scan)
        unsure = self.in_doubt_about(self._settings(scan))
        if scan.cutoff and (not refusing or set(refusing) <= {"0", "false"}):
            problem = f"only reports what it finds: nothing says from where on it fails ({scan.cutoff.split()[0]})"
        elif scan.reports and said & set(scan.reports.split()):
            problem = "only reports what it finds"
        subjects = self.words.positionals or [value(".")]
        for word in subjects[:1] if scan.of != "dependencies" else [value(".")]:
            self._scanned(scan, word, problem, unsure)

    def _settings(self, scan: Scan) -> list[str]:
        """The files that set a scanner: one that it is told, or its own."""
        named = [literal(self.path(each)) or "" for each in self.words.of("-c --config")] if scan.settings else []
        return named or scan.settings.split()

    def _omits(self, scan: Scan) -> str | None:
        """Why it would look at nothing: what it leaves out by its options, by variables, or by a file of its own."""
        from goldenpath.facts.pipeline.omissions import everything, settled

        prefix = scan.variable.partition("_")[0]
        names = (f"{prefix}_{each.lstrip('-').replace('-', '_').upper()}" for each in self.about.leaves_out.split())
        settings = settled(self.moment.frame.shared.tree, self._settings(scan))
        found = everything((*self.words.of(self.about.leaves_out), *map(self.variable, names), *settings))
        return f"leaves out everything ({found})" if found else None

    def _scanned(self, scan: Scan, word: Value, problem: str | None, unsure: str | None) -> None:
        start = head(word)
        if scan.of == "sbom" or start.startswith("sbom:"):
            file = self.seen(value(start.removeprefix("sbom:"), *word[1:]))
            described = [content.of for content, _ in file.pieces if content.of is not None]
            unseen = None if described else "scans a file of which nobody has seen that it is an SBOM"
            self.act("scanned", *(described or [file]), problem=problem, unsure=unseen or unsure)
        elif scan.of == "subject":
            self.act("scanned", self._subject(word), problem=problem, unsure=unsure)
        else:
            self.act("scanned", self.looked_into(self.seen(word)), problem=problem, unsure=unsure)

    def _writes(self) -> frozenset[str]:
        """What it writes with the token: a build that surely stays on the machine needs none for a registry."""
        said = [literal(word) for word in self.all_words]
        stays = self.about.does == "build" and None not in said and not self._is_pushed()
        to_registry = any("registry" in (each or "") for each in said)
        return self.about.writes - {"packages"} if stays and not to_registry else self.about.writes

    def _log_in(self) -> None:
        self.moment.state.has_secrets = True
        self.moment.state.has_login = True

    def _identity(self) -> frozenset[str]:
        """The right to an identity, where a command asks for its token itself."""
        asked = any("ACTIONS_ID_TOKEN_REQUEST" in display(word) for word in self.all_words)
        return frozenset({"id-token"}) if asked else frozenset()

    def _check_out(self) -> None:
        """Files of a pull request may take the place of those of the repository."""
        if self.about.whole:
            if self.moment.frame.shared.event.by_outsider:
                self.moment.exposes("files", self.place, self.text)
        else:
            self.moment.exposes_files(value(*(part for word in self.all_words for part in (*word, " "))), self.place)
            self._switch()

    def _switch(self) -> None:
        """`git checkout v1` and `git switch main`: other files from now on, if it is no file that is named."""
        if literal(self.all_words[1]) == "clone" and self.words.positionals:
            address, *into = self.words.positionals
            name = value(display(name_of(address)).removesuffix(".git"))
            self.filled(into[0] if into else name, value(address, "/"))
        names = [] if ("--",) in self.all_words or self.words.options else self.words.positionals
        if len(names) == 1 and literal(self.all_words[1]) in {"checkout", "switch"}:
            path = literal(names[0])
            if not path or self.moment.frame.shared.tree.text(path) is None:
                self.brings(value(Symbol("unknown", f"{self.place}")) if self.guard.conditions else names[0])

    def _start_cluster(self) -> None:
        if not self.moment.dead:
            self.state.has_own_cluster = True

    def by_xargs(self) -> None:
        """`… | xargs -I {} cosign sign {}@$DIGEST`: the command runs for each line that is handed over."""
        given = Words(self.all_words[1:], ("-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"))
        mark = literal(given.first("-I"))
        if not given.rest:
            return
        handed = lines(self.script.known(self.command.stdin or ()))
        for line in handed[:64] or [value(Symbol("line", "…"))]:
            for item in self._listed(line):
                inner = tuple(filled(word, mark, item) for word in given.rest) if mark else (*given.rest, item)
                effects = CommandEffects(self.script, self.place, inner, self.command)
                if not handed:
                    conditions = effects.guard.conditions | {"xargs is handed something"}
                    effects.guard = msgspec.structs.replace(effects.guard, conditions=conditions)
                effects.perform()

    # Files

    def path(self, of: Value) -> Value:
        """A path as seen from the workspace, wherever the script has changed to."""
        if of and (of[0] in WORKSPACES or (isinstance(of[0], str) and of[0].startswith(("/", "../")))):
            return tidy(path_from(self.script.folder, of))
        return under(tidy(self.script.folder), tidy(of))

    def seen(self, pattern: Value) -> Files:
        """The files that a path in the script means."""
        return self.files(self.path(globbed(pattern)))

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
            return next((self.script.known(word) for word in words[1:] if not display(word).startswith("-")), ())
        return ()

    def redirect(self) -> None:
        """What is redirected into a file replaces what is known of it, until the command says better."""
        for each in self.command.redirects:
            if each.operator in {">", ">|", ">>", "&>"} and each.descriptor in {"", "1"}:
                path = self.path(self.script.known(each.target))
                if literal(path) == "/dev/null":
                    continue
                longer = each.operator == ">>" and any(piece[0].kind == "index" for _, piece, _ in self.pieces(path))
                if not longer:  # what a list has, it keeps
                    self._overwrite(path)
                self._write(self.script.known(each.target), self._addresses())

    def _write(self, path: Value, address: Value = ()) -> None:
        """A file is written, with what stands at an address or with what only the job knows."""
        if not self.moment.dead:
            self.state.programs.write(self._place_of(path), address)

    def written(self, path: Value, address: Value = ()) -> None:
        """A program of the field may have been written, or laid into a folder by its name."""
        if is_released_alone(literal(name_of(path)) or ""):
            self._write(path, address)

    def overwritten(self, path: Value) -> None:
        """A file that may be followed has another content."""
        self._overwrite(self.path(path))

    def filled(self, folder: Value, address: Value, called: str = "") -> None:
        """A folder gets what nobody can list."""
        if not self.moment.dead:
            root = literal(folder) == "/"  # which is the work tree's sign elsewhere
            self.state.programs.fill(folder if root else self._place_of(folder), address, called)

    def origin_of(self, path: Value) -> Value | None:
        """Where a file comes from: an address, or empty for none; None where nobody knows."""
        at = self._place_of(path)
        origin = self.state.programs.origin(at)
        return () if origin is None and self.moment.frame.shared.tree.exists(literal(at) or "") else origin

    def _addresses(self) -> Value:
        """Where what a command prints comes from; empty unless it, or what feeds it, fetches that from elsewhere."""
        command, commands = self.command, self.script.script.commands
        for _ in range(_MAX_STAGES):
            words = tuple(self.script.known(word) for word in unwrapped(command.words))
            if program_name(words[0]) in {"curl", "wget"}:
                found = [word for word in words[1:] if "://" in display(word)]
                return found[0] if len(found) == 1 else ()
            if command.pipe_from is None:
                break
            command = commands[command.pipe_from]
        return ()

    def _overwrite(self, path: Value) -> None:
        """A file that is followed gets another content: what jq and its like make of an SBOM, or something else."""
        if name_of(path) == (".npmrc",) and not self.moment.dead:
            from goldenpath.facts.pipeline.npm import WRITTEN

            self.state.registry = WRITTEN
        standing = [piece for _, piece, _ in self.pieces(path)]
        read = [self.path(word) for word in self.all_words[1:]]
        sources = [piece[0] for source in read if source != path for _, piece, _ in self.pieces(source)]
        sbom = next((content for content in sources if content.kind in {"sbom", "derived"}), None)
        if sbom is not None:
            same = self.all_words[0] == ("cat",) and len(self.all_words) == 2
            self.put(path, sbom if same else Content("derived", self.origin(path), sbom.of))
        elif standing:
            self.put(path, Content("other", self.origin(path)))

    def _write_files(self) -> None:
        """`tee`: its files get what it is handed; what fed it has said so already if that was an SBOM or a list."""
        fed = self.command.pipe_from is not None and bool(self.words.positionals)
        for word in self.words.positionals:
            self._write(word, self._addresses())
            kinds = {piece[0].kind for _, piece, _ in self.pieces(self.path(word))}
            if not fed or kinds.isdisjoint({"sbom", "index"}):
                self._overwrite(self.path(word))

    def _transfer(self) -> None:
        """`curl` and `wget` write files, or send something to where releases are kept."""
        if self._starts_a_pipeline():
            self.unseen(STARTED_ELSEWHERE)
        letters = "".join(option[1] for option in self.about.out.split() if len(option) == len("-x"))
        bundled = self._after(rf"-\w+[{letters}]")
        self._fetch([*self.words.of(self.about.out), *bundled])
        for path in map(self.path, (*self.words.of(self.about.out), *bundled)):
            self._overwrite(path)
            folder = (literal(path) or "").rpartition("/")[0]
            if folder and self.pieces(value(folder)) and not self.pieces(path):
                self.put(path, Content("other", self.origin(path)))
        packages = any("/packages/" in display(word) for word in self.words.positionals)
        uploads = self.words.of("-T --upload-file") if packages else []
        if uploads:  # to a registry of packages, as GitLab has one in each project
            self.act("shipped", *(self.seen(word) for word in uploads))
        elif self.words.of(self.about.when) and speaks_of_release(" ".join(map(shown, self.words.positionals))):
            self.unseen(self.about.why)

    def _fetch(self, named: list[Value]) -> None:
        """What is fetched stands in the files that are named, else in those of the addresses' own names."""
        folder = self.words.first(self.about.folder)
        for path in named:
            self._write(path, self._addresses())
        for address in self.all_words[1:] if not named else ():
            if "://" in display(address):
                self._write(value(folder, "/", name_of(address)) if folder else name_of(address), address)

    def _starts_a_pipeline(self) -> bool:
        """Whether it asks another service to run something: `curl -X POST …/trigger/pipeline`."""
        addresses = [display(word) for word in (*self.words.positionals, *self.words.of("--url"))]
        return any(STARTS.search(address) for address in addresses) and bool(self.words.of(self.about.when))

    def _after(self, option: str) -> list[Value]:
        """The words behind those that are such an option, also one with others before it (`-Lo`, `czf`)."""
        return [word for before, word in pairwise(self.all_words) if re.fullmatch(option, display(before))]

    def _change_files(self) -> None:
        """A program changes files where they stand (`sed -i`, `strip`, `upx`)."""
        wanted = tuple(self.about.when.split())
        if wanted and not any(option.startswith(wanted) for option in self.words.options):
            return
        for word in self.words.positionals:
            for _, (content, part), _ in self.pieces(self.path(globbed(word))):
                path = self.path(globbed(word))
                kind = {"sbom": "derived"}.get(content.kind, content.kind)
                self.put(path, Content(kind, self.origin(path), content.of), part and ())  # type: ignore[arg-type]

    def _copy_files(self) -> None:
        into = self.words.first("-t --target-directory")
        *sources, target = [*self.words.positionals, *([into] if into else [])] or [()]
        if self.about.why and re.match(r"[^/]+:", display(target)):
            self.unseen(self.about.why)
        goal = self.path(target)
        folder = bool(into) or len(sources) > 1 or display(target).endswith("/") or literal(goal) == "."
        for source in sources:
            wanted = self.path(globbed(source))
            self._copy_program(globbed(source), target)
            for path, (content, part), _ in self.pieces(wanted):
                whole = part_of(path, wanted) == () and path == wanted and not display(source).endswith(("*", "/."))
                copy = under(goal, name_of(path)) if folder and (whole or literal(wanted) is None) else goal
                if folder and not whole and "*" not in display(wanted):
                    copy = under(goal, name_of(wanted))
                elif path != wanted and literal(path) and "*" in display(wanted):
                    copy = under(goal, name_of(path))
                self.put(copy, content, part)

    def _copy_program(self, source: Value, target: Value) -> None:
        """What the repository, an address or the job itself has made may be run by its name from now on."""
        if self.moment.dead:
            return
        programs = self.state.programs
        at, goal = self._place_of(source), self._place_of(target)
        origin, known = programs.origin(at), literal(at)
        if known is not None and self.moment.frame.shared.tree.exists(known.partition("*")[0].rstrip("/")):
            origin = ()
            programs.copy_folder(known.partition("*")[0].rstrip("/"), goal)
        programs.copy(at, goal, whole=display(source).endswith(("*", "/.", "/")))
        if origin is not None or self.pieces(at):
            for path in (goal, under(goal, name_of(at))):
                programs.write(path, origin or ())
        elif not _is_called(at, name := literal(name_of(at_home(goal))) or "?") and is_released_alone(name):
            programs.write(goal, ())  # whatever the machine calls otherwise

    def _move_files(self) -> None:
        self._copy_files()
        for source in self.words.positionals[:-1]:
            self.state.programs.remove(self._place_of(source))
            for path, _, _ in self.pieces(self.path(globbed(source))):
                if path == self.path(source):
                    self.put(path, None)

    def _remove_files(self) -> None:
        for word in self.words.positionals:
            self.state.programs.remove(self._place_of(word))
            wanted = self.path(globbed(word))
            for path, _, _ in self.pieces(wanted):
                if part_of(path, wanted) == ():
                    self.put(path, None)

    def _build_files(self) -> None:
        out = self.words.first(self.about.out) or (value(self.about.folder) if self.about.folder else ())
        if out:
            asked = [kind for option, kind in self.about.kinds.items() if self.words.has(option)]
            kinds = tuple(dict.fromkeys(asked or self.about.kinds.values()))
            self.made(self.path(out), opaque=self.about.opaque, kinds=kinds)

    def _pack(self) -> None:
        named = self._after(r"-?[a-zA-Z]*f|--file")
        ends = [word for word in self.all_words[1:] if re.search(r"\.(tar|tgz|7z|tar\.\w+|zip)$", display(word))]
        archives = [word for word in named or ends if word != ("-",)]  # what goes on to a pipe is no file
        mode = _mode_of_tar(self.all_words)
        if mode == "x":
            self._extract(archives[0] if archives else ())
        if not archives or mode:
            return
        path = self.path(archives[0])
        packed = [piece for word in self.words.positionals for _, piece, _ in self.pieces(self.path(globbed(word)))]
        sboms = [content for content, _ in packed if content.kind == "sbom"]
        if packed and len(sboms) == len(packed):
            self.put(path, sboms[0])
        else:
            self.made(path, opaque=True)

    def _extract(self, archive: Value) -> None:
        """Programs that are unpacked are from where the archive is, if anybody knows that."""
        from goldenpath.facts.pipeline import arrivals

        members = [word for word in self.words.positionals if word not in {archive, self.all_words[1]}]
        strips = any(option.startswith("--strip") for option in self.words.options)
        folder = self.words.first("-C --directory") or value(".")
        origin = self.origin_of(archive) if archive else self._addresses() or None
        arrivals.unpack(self, archive, () if strips else members, folder, origin)

    def _install_programs(self) -> None:
        """`go install`: what the repository holds, or a package by its address."""
        for package in self.words.positionals:
            path, _, _ = display(package).partition("@")
            name = re.sub(r"/v\d+$", "", path).rpartition("/")[2]
            if head(package).startswith("."):
                self._write(value(_GO_BIN, *name_of(package)))
            else:
                self.written(value(_GO_BIN, name), value(f"https://{path}/"))

    def _list_digests(self) -> None:
        listed = [self.seen(word) for word in self.words.positionals]
        if self.written_to() and listed:
            of = Files(listed[0].pattern, tuple(piece for files in listed for piece in files.pieces))
            path = self.path(self.written_to())
            if any(each.operator == ">>" for each in self.command.redirects):
                before = (content.of for _, (content, _), _ in self.pieces(path) if content.kind == "index")
                standing = (piece for each in before if isinstance(each, Files) for piece in each.pieces)
                of = Files(of.pattern, (*standing, *of.pieces))
            self.put(path, Content("index", self.origin(path), of))

    def _install(self) -> None:
        """Built files are installed into an environment, which an SBOM may then be made of; or somebody's programs."""
        for package in self.words.positionals:
            self.written(value(PATH_OF_MACHINE, re.split(r"[=<>~!\[@]", display(package))[0]))
        into = self.words.first("--python -p --target -t --prefix")
        named = [self.path(globbed(word)) for word in self.words.positionals]
        installed = [
            Files(path, tuple(piece for _, piece, _ in found)) for path in named if (found := self.pieces(path))
        ]
        if into and installed:
            self.put(self.path(into), Content("installed", self.origin(into), installed[0]))

    # Signing

    def identity_problem(self) -> str | None:
        """Why it cannot sign here."""
        kept = head(self.variable("COSIGN_REPOSITORY"))
        if NOT_FOR_USERS.match(kept):
            return f"keeps its signature where nobody looks for it ({kept})"
        for key in self.words.of("--key") if self.about.does != "verify" else ():
            if any(content.kind == "key" for _, (content, _), _ in self.pieces(self.path(key))):
                return "signs with a key that this job has made, which nobody knows"
        own = own_service(self.words, self.variable)
        return self.about.no_signature or own or why_not(self.about, self.words, self.state)

    def _doubt(self) -> str | None:
        return in_doubt(self.about, self.words, self.variable)

    def _sign(self) -> None:
        for each in self._images() or [Image(())]:
            self.act("signed", each, problem=self.identity_problem(), unsure=self._doubt())

    def _sign_files(self) -> None:
        if self.about.when and not set(self.about.when.split()) & self.words.options.keys():
            return
        for word in self.words.positionals:
            self.act("signed", self.seen(word), problem=self.identity_problem(), unsure=self._doubt())

    def _attest(self) -> None:
        self._attested(self._images())

    def _attest_files(self) -> None:
        self._attested([self.seen(word) for word in self.words.positionals])

    def _attach(self) -> None:
        self._attested(self._images())

    def _attested(self, targets: list[Image] | list[Files]) -> None:
        kind = literal(self.words.first(self.about.kind)) if self.about.kind else "sbom"
        if kind is not None and not re.search(r"sbom|spdx|cyclonedx", kind):
            return
        predicate = self.words.first(self.about.predicate)
        problem = self.identity_problem() if self.about.does != "attach" else None
        self.attested(targets, self.path(predicate) if predicate else (), problem)

    def _images(self) -> list[Image]:
        return [image(each) for word in self.words.positionals for each in self._listed(word)]

    def _listed(self, word: Value) -> list[Value]:
        """A word, or all that it stands for when it has several lines, or comes from the tags of metadata-action."""
        if any(isinstance(part, str) and "\n" in part for part in word):
            return [each for line in lines(word) for each in self._listed(line)]
        for index, part in enumerate(word):
            if not isinstance(part, Symbol):
                continue
            looped = _LOOPED.fullmatch(part.name) if part.kind == "unknown" and len(word) == 1 else None
            if looped:
                names = self.state.tag_lists.get(looped[1], [])
                return [value(name, "@", Symbol("digest", looped[2])) for name in names] or [word]
            rest = word[index + 1 :]
            if part.kind == "loop" and rest and isinstance(rest[0], Symbol):
                continue
            if part.kind in {"item", "line", "tags"} and (names := self._names_in(part)):
                return [value(name, *rest) for name in names]
        return [word]

    def _names_in(self, symbol: Symbol) -> list[Value]:
        if symbol.kind == "tags":
            return self.state.tag_lists.get(symbol.name, [])
        listed, named = _LISTED.search(symbol.name), _NAMED.fullmatch(symbol.name)
        if named:
            return [value(named[1])]
        return self.state.tag_lists.get(listed[1], []) if listed else []

    # SBOMs

    def _describe(self) -> None:
        files = self.words.of(self.about.file)
        if self.about.output:  # without an output that machines read, syft writes a table for people
            outputs = [partition(output, "=") or (output, ()) for output in self.words.of(self.about.output)]
            readable = [file for form, file in outputs if literal(form) not in {"table", "text", "template"}]
            files = files if readable and files else readable
        elif not files:
            files = [()]
        subject = self.words.positionals[0] if self.words.positionals else ()
        of, is_wanted = self._subject(subject), self._is_sbom_wanted()
        for file in dict.fromkeys(file or self.written_to() for file in files):
            path = self.path(file) if file else ()
            if is_wanted:
                self.described(of, path)
            elif path:
                self.put(path, Content("other", self.origin(path)))

    def _is_sbom_wanted(self) -> bool:
        """Whether a program that makes reports of several kinds is asked for an SBOM, and of something."""
        if self.words.of(self.about.leaves_out):
            from goldenpath.facts.pipeline.omissions import everything

            if everything(self.words.of(self.about.leaves_out)):
                return False
        wanted = self.about.only.split()
        return not wanted or any(literal(each) in wanted for each in self.words.of(self.about.formats))

    def _describe_folder(self) -> None:
        if not self._is_sbom_wanted():
            return
        kinds = {"environment", "requirements", "poetry", "pipenv", "mod", "app", "bin"}
        subjects = [word for word in self.words.positionals if literal(word) not in kinds]
        of = self._subject(value("dir:", *(subjects[0] if subjects else value("."))))
        file = self.words.first(self.about.file) or self.written_to()
        self.described(of, self.path(file) if file else ())

    def _describe_and_attest(self) -> None:
        for word in self.words.positionals:
            subject = self.own_image(word)
            self.act("described", of=subject)
            self.act("attested", subject, of=subject, problem=self.identity_problem())

    def _subject(self, of: Value) -> Target:
        """What an SBOM is made of: files by scheme or shape, else an image."""
        start = of[0] if of and isinstance(of[0], str) else ""
        for scheme in ("dir:", "file:", "oci-archive:", "docker-archive:", "oci-dir:"):
            if start.startswith(scheme):
                if any(isinstance(part, str) and not {"*", "?"}.isdisjoint(part) for part in of):
                    return Files(of)  # no folder is called `file:dist`, so the shell leaves the pattern as it is
                return self.looked_into(self.seen(value(start.removeprefix(scheme), *of[1:])))
        files = self.pieces(self.path(globbed(of)))
        if (files and start != ".") or start in {".", "./"} or start.startswith(("./", "../", "/")):
            return self.looked_into(self.seen(of))
        return self.own_image(of)

    # Images

    def own_image(self, reference: Value) -> Image:
        """An image by reference: by its digest if it was built on this very machine under that name."""
        named = image(reference)
        start = reference[0] if reference and isinstance(reference[0], str) else ""
        digest = None if start.startswith("registry:") else self.state.local_tags.get(without_daemon(reference))
        own = digest is not None and digest.kind == "digest" and not named.digest
        return Image(named.name, named.tag, value(digest)) if own and digest else named

    def _symbol(self) -> Symbol:
        return Symbol("digest", f"{self.moment.key}/{self.all_words[0][0]} {len(self.moment.frame.shared.acts)}")

    def _is_pushed(self) -> bool:
        """Whether what is built goes to a registry, too: by an option, or because nothing keeps it back."""
        outputs = " ".join(display(each) for each in self.words.of("-o --output"))
        asked = self.words.has(self.about.push) or "push=true" in outputs or "type=registry" in outputs
        return asked or (bool(self.about.keeps) and not self.words.has(self.about.keeps))

    def _build(self) -> None:
        from goldenpath.facts.pipeline.actions import exported_names

        named = self.words.positionals[self.about.named :][:1] if self.about.named is not None else []
        tags = [*named, *self.words.of(self.about.tags)]
        tags += [name for each in self.words.of("-o --output") for name in exported_names(each)]
        if any(may_test(caller.words) for caller in self.command.callers) or may_test(tuple(self.words.of("--target"))):
            self.act("tested", unsure="what is run while an image is built is not followed")
        pushed = self._is_pushed()
        symbol = Symbol(
            "digest",
            f"{self.moment.key}/{self.command.line}:{len(self.state.local_tags)}:{len(self.moment.frame.shared.acts)}",
        )
        for file in self.words.of(self.about.wrong):
            self.put(self.path(file), Content("image-id", self.origin(file)))
        for file in self.words.of(self.about.metadata):
            self.put(self.path(file), Content("metadata", self.origin(file), digest=symbol))
        if pushed and not self.words.has(self.about.keeps):
            self.built(tags, symbol, sbom=self._adds_sbom())
            self.state.pushed.update(dict.fromkeys(tags, symbol))
            self._refer_to(Image(image(tags[0]).name if tags else (), digest=value(symbol)))
        else:
            self.state.local_tags.update(dict.fromkeys(tags, symbol))

    def _adds_sbom(self) -> bool:
        """Whether a build adds an SBOM: `--sbom`, of which the last one counts, is short for `--attest type=sbom`."""
        from goldenpath.facts.pipeline.actions import attests_sbom

        asked = literal(next(reversed(self.words.of(self.about.sbom)), value("false"))) != "false"
        return asked or any(map(attests_sbom, self.words.of(self.about.attests)))

    def _refer_to(self, built: Image) -> None:
        """Some programs say the reference of what they have pushed, or write it into a file."""
        for file in self.words.of(self.about.refers):
            self.put(self.path(file), Content("reference", self.origin(file), built))
        if self.about.refers:
            self.script.means(self.command, reference_of(built))

    def _run_image(self) -> None:
        """A container runs a program that the image is named for, an image from here to try it out, or anything."""
        for index, word in enumerate(self.words.rest[:1]):
            named = image(word)
            built = [each for act in self.moment.frame.shared.acts for each in act.targets if act.kind == "built"]
            own = any(isinstance(each, Image) and same_name(each.name, named.name) for each in built)
            program = (name_of(named.name), *self.words.rest[index + 1 :])
            known = known_command([literal(each) or "" for each in program[:4]])[0] is not None
            if known and is_image_of(literal(program[0]) or "", display(named.name)):
                CommandEffects(self.script, self.place, program, self.command).perform()
            elif not own and word not in self.state.local_tags and (may := self._may_in_container()):
                self.not_followed("what runs in a container is not followed", may)

    def _may_in_container(self) -> frozenset[str]:
        """What a container could do: with nothing in its hands it can but answer, in the background not even that."""
        words, rest = self.all_words, self.words.rest
        own = Words(words[: len(words) - len(rest)], self.about.takes.split())
        if any(option.startswith(_HANDS_OVER) for option in own.options) or not all(map(literal, rest[1:])):
            return ANYTHING
        detached = own.has("-d --detach") or any(map(_IN_BACKGROUND.fullmatch, own.options))
        return frozenset() if detached else frozenset({"verify", "scan", "test"})

    def _pull(self) -> None:
        """An image that somebody else has built is on the machine now; pushing it on is no build."""
        for reference in self.words.positionals:
            self.state.local_tags[reference] = Symbol("pulled", display(reference))

    def _tag(self) -> None:
        if len(self.words.positionals) > 1:
            source, target = self.words.positionals[:2]
            if source in self.state.local_tags:
                self.state.local_tags[target] = self.state.local_tags[source]
            else:
                self.state.local_tags.pop(target, None)

    def _push(self) -> None:
        references = self.words.positionals[:1]
        if len(self.words.positionals) > 1 and references[0] in self.state.local_tags:  # a destination of its own
            self.state.local_tags[self.words.positionals[1]] = self.state.local_tags[references[0]]
        references = self.words.positionals[1:2] or references
        if self.words.has("-a --all-tags"):
            names = [image(reference).name for reference in references]
            references = [tag for tag in self.state.local_tags if image(tag).name in names] or references
        for reference in references:
            unknown = Symbol("digest", f"{self.moment.key}/{self.command.line}:{display(reference)}")
            symbol = self.state.local_tags.get(reference, unknown)
            if symbol.kind == "pulled" or head(reference).startswith(ARCHIVES):
                continue
            self.state.pushed[reference] = symbol
            for file in self.words.of(self.about.metadata):
                self.put(self.path(file), Content("metadata", self.origin(file), digest=symbol))
            self.built([reference], symbol, sbom=False)

    def _push_digest(self) -> None:
        """`docker inspect` of an image that was pushed from here says the digest that the push has recorded."""
        template = display(self.words.first("-f --format"))
        for reference in self.words.positionals[-1:] if "RepoDigests" in template else []:
            symbol = self.state.pushed.get(reference)
            if symbol:
                self.script.means(self.command, value(image(reference).name, "@", symbol))

    def _read_digest(self) -> None:
        """`jq` of the metadata that a build has left says its digest."""
        query = " ".join(display(word) for word in self.all_words[1:])
        said = [part for part in self.script.known(self.command.stdin or ()) if isinstance(part, Symbol)]
        if "containerimage.digest" in query and len(said) == 1 and said[0].kind == "digest":
            self.script.means(self.command, value(said[0]))
        for word in self.words.positionals:
            for _, (content, _), conditions in self.pieces(self.path(word)):
                if (
                    content.kind == "metadata"
                    and content.digest
                    and not conditions
                    and "containerimage.digest" in query
                ):
                    self.script.means(self.command, value(content.digest))

    def _look_up(self) -> None:
        self.script.means(self.command, value(Symbol("looked-up", self.text)))

    def _move(self) -> None:
        positionals = self.words.positionals
        goal = head(positionals[-1]) if positionals else ""
        if len(positionals) > 1 and head(positionals[0]).startswith(ARCHIVES) and not goal.startswith(ARCHIVES):
            self._push_archive(positionals[1])
            return
        if self.about.source == 1 and (len(positionals) != 1 or not is_one(positionals[0])):
            self._index()
        elif len(positionals) >= self.about.source and not goal.startswith(ARCHIVES):
            source = image(positionals[-self.about.source])
            digest = source.digest or self._pushed_as(source)
            named = [image(each) for each in self.words.of(self.about.tags) or positionals[1:]]
            copies = [
                Image(each.name, digest=digest)
                for each in named
                if digest and not self.about.whole and (source.digest or same_name(each.name, source.name) is False)
            ]
            trial = all((literal(each.tag) or literal(each.name)) in TRIALS for each in named)
            if self.about.whole:
                self._copy_proofs(source, named)
            targets = (source, *dict.fromkeys(copy for copy in copies if "/" in shown(copy.name)))
            self.act("shipped", *targets, for_trial=trial)

    def _copy_proofs(self, source: Image, copies: list[Image]) -> None:
        """What has been signed and attested of an image by then, in this job, goes with it under its other names."""
        for act in list(self.moment.frame.shared.acts) if source.digest else ():
            if act.kind in {"signed", "attested"} and act.guard.job == self.guard.job and source in act.targets:
                for copy in (Image(each.name, digest=source.digest) for each in copies):
                    of = copy if act.of == source else act.of
                    doubt = {"problem": act.problem, "unsure": act.unsure, "astray": act.astray}
                    self.act(act.kind, copy, of=of, conditions=act.guard.all_conditions, **doubt)

    def _pushed_as(self, named: Image) -> Value:
        """The digest that this run has built under a name and a tag, the last one if there are several."""
        acts = reversed(self.moment.frame.shared.acts)
        built = (each for act in acts if act.kind == "built" for each in act.targets if isinstance(each, Image))
        return next(
            (each.digest for each in built if named.tag and (each.name, each.tag) == (named.name, named.tag)), ()
        )

    def _push_archive(self, reference: Value) -> None:
        """An image that stands on the machine is pushed; a file may get its digest."""
        symbol = self._symbol()
        for file in self.words.of(self.about.metadata):
            self.put(self.path(file), Content("metadata", self.origin(file), digest=symbol))
        self.built([reference], symbol, sbom=False)

    def _index(self) -> None:
        """Parts that were pushed by digest become one image, whose digest nobody knows here if no file gets it."""
        if self.words.of(self.about.metadata):
            self._push()
            return
        why = "an image index is put together from parts; that is not followed yet"
        self.act("unseen", digest=Symbol("index", self.moment.key), problem=why, may=frozenset({"build", "ship"}))

    # Shipping

    def _pack_and_ship(self) -> None:
        """A package is built and published at once, without a signature."""
        if self.about.when and not self.words.has(self.about.when):
            self._ship()
            return
        if any(TRIAL_INDEX.search(display(word)) for word in self.all_words):
            return
        package = Files(value("package"), ((Content("built", self.origin(value("package"))), ()),))
        self.act("built", package, recipe=self.recipe())
        self.act("shipped", package)

    def _ship(self) -> None:
        """A deployment or publication may name the images or the files that it is about."""
        goal = shown(self.words.positionals[-1]) if self.words.positionals else ""
        tried = any(TRIAL_INDEX.search(display(word)) for word in self.all_words)
        if not goal.startswith(self.about.into):  # it fetches
            for path in self.words.positionals[-1:]:
                self.written(path)
                self.filled(path, ())
            return
        if tried or (self.about.to_cluster and self.state.has_own_cluster):
            return
        by_digest = [each for word in self.all_words for each in digests_in(word)]
        images = [] if by_digest else [*map(image, self.words.of(self.about.image)), *self._set_images()]
        if self.about.to_cluster and not (by_digest or images) and self._may_deploy():
            images = [Image(())]
        namespace = self.words.first(self.about.namespace) if self.about.to_cluster else None
        self.act("shipped", *by_digest, *images, *self._files(), namespace=namespace)

    def _may_deploy(self) -> bool:
        """Whether it may let a cluster pull images, which it does not name."""
        from goldenpath.facts.pipeline.deployments import may_deploy

        return may_deploy(self.moment.frame.shared.tree, self.all_words, self.words, self.path)

    def _set_images(self) -> list[Image]:
        """Images that a deployment is told behind a `=`: `set image deploy/shop shop=NAME`, `--set image.tag=TAG`."""
        told = [partition(each, "=") for word in self.all_words for each in words_of(_without_option(word))]
        setting = self.about.to_cluster and (("set",), ("image",)) in pairwise(self.all_words)
        found = []
        for key, said in ((display(each[0]), each[1]) for each in told if each):
            if key == "image" or key.endswith(".image") or (setting and not key.startswith("-")):
                found.append(image(said))
            elif self.about.to_cluster and key.endswith("image.tag"):
                found.append(Image((), said))
        return found

    def _files(self) -> list[Files]:
        paths = self.words.positionals[self.about.files :] if self.about.files is not None else []
        found = [self.seen(path) for path in paths]
        return found or ([self.seen(value(self.about.folder))] if self.about.folder else [])

    def _release(self) -> None:
        """`gh release create` and `upload`: a draft is not public yet."""
        shared = self.moment.frame.shared
        creates = self.about.folder == "create"
        draft = self.words.has("--draft -d") if creates else shared.drafted is not None
        paths = self.words.positionals[1:]
        self.ship([self.seen(without_label(path)) for path in paths], draft=draft)

    def _edit_release(self) -> None:
        """`gh release edit --draft=false` publishes the draft; a candidate that becomes the latest ships, too."""
        published = literal(self.words.first("--draft")) == "false"
        if published or literal(self.words.first("--prerelease")) == "false" or "--latest" in self.words.options:
            shared = self.moment.frame.shared
            self.act("shipped", *(shared.drafted or []))
            if published and not self.moment.dead and not self.guard.conditions:
                shared.drafted = shared.draft = None

    def _push_git(self) -> None:
        """What is pushed may be a manifest from which others deploy; a tag or a page is none."""
        said = " ".join(display(word) for word in self.all_words)
        if not re.search(r"gh-pages|--tags|refs/tags|<github tag>|<gitlab CI_COMMIT_TAG>|--delete|\bv?\d+\.\d+", said):
            self.unseen("what is pushed to git is not followed", frozenset({"ship"}))


def _without_option(word: Value) -> Value:
    """A word without `--set=` before it."""
    return value(re.sub(r"^--set(-string)?=", "", head(word)), *word[1:]) if head(word) else word


def _is_called(path: Value, name: str) -> bool:
    """Whether a file is called by the name of a program, as `cosign-linux-amd64` is."""
    return (literal(name_of(at_home(path))) or "").startswith(name)


def _mode_of_tar(words: tuple[Value, ...]) -> str:
    """Whether tar is to extract (`x`) or to list (`t`): by letters that begin with a dash, or are the first word."""
    if literal(words[0]) not in {"tar", "bsdtar", "gtar"}:
        return ""
    bundles = [display(word) for at, word in enumerate(words[1:]) if not at or display(word).startswith("-")]
    long = {"--extract": "x", "--get": "x", "--list": "t"}
    letters = (re.match(r"-?[A-Za-z]*?([xt])[A-Za-z]*$", bundle) for bundle in bundles)
    return next((long[each] for each in bundles if each in long), "") or next((it[1] for it in letters if it), "")


def reference_of(of: Target | None) -> Value:
    """An image as it is named by its digest."""
    if not isinstance(of, Image):
        return ()
    return value(of.name, "@", of.digest) if of.name else value("@", of.digest)
