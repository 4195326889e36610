"""Steps that run a script: its commands, one by one."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from goldenpath.facts.nodes import Scalar
from goldenpath.facts.pipeline import lines_of_files
from goldenpath.facts.pipeline.acts import PROOFS, reference_of
from goldenpath.facts.pipeline.changes import Changes
from goldenpath.facts.pipeline.commands import UNSEEN_REASONS, CommandEffects, as_reported
from goldenpath.facts.pipeline.contexts import text_with
from goldenpath.facts.pipeline.effects import Effects, tidy, under
from goldenpath.facts.pipeline.kept import held, of_fresh_file
from goldenpath.facts.pipeline.overlays import lay
from goldenpath.facts.pipeline.programs import PATH
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.tables import (
    is_released_alone,
    known_command,
)
from goldenpath.facts.pipeline.twisting import expands_aliases, is_sourced, twists
from goldenpath.facts.pipeline.untrusted.injections import Injections
from goldenpath.facts.pipeline.untrusted.tokens import write_down
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.paths import WORKSPACE
from goldenpath.facts.shell.script import in_order, program_name, unwrapped
from goldenpath.facts.shell.text import bounded_text
from goldenpath.facts.shell.walk.record import reads_all
from goldenpath.facts.tasks import SPOKEN_OF
from goldenpath.facts.values import (
    Symbol,
    Value,
    display,
    is_somewhere,
    literal,
    partition,
    replaced,
    shown,
    value,
    whole_digest,
    without_algorithm,
)
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.nodes import Joined
    from goldenpath.facts.pipeline.acts import Content
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.shell import Command, Opaque, Script

SHELLS = regex(
    r"(?:\S*/)?(?:bash|sh)"
    r"(?: (?:--noprofile|--norc|--posix|--login|-[eElTuvxo]+|errexit|nounset|xtrace|pipefail|\{0\}))*"
)
"""Shells that run a script as it stands; `bash -n {0}`, say, does not."""

_OF_MSYS2 = "bash --login -eo pipefail {0}"
"""What msys2/setup-msys2 calls `msys2 {0}`, by which steps on Windows have a bash of their own."""

VARIABLES = ("repository", "repository_owner", "sha", "ref", "ref_name", "ref_type", "event_name", "actor", "run_id",
             "run_number", "workflow", "workflow_ref", "server_url")  # fmt: skip
"""What GitHub sets in the environment of every script, as `GITHUB_…`."""
_SET_BY_GITHUB = {f"GITHUB_{name.upper()}": ("github", name) for name in VARIABLES} | {
    "RUNNER_OS": ("runner", "os"), "RUNNER_ARCH": ("runner", "arch"),
}  # fmt: skip

_LOGIN = regex(r" (-\w*l\w*|--login)\b")
"""Options of a shell that make it read a profile first."""
_NAMES = regex(r"[A-Za-z_]\w*")
_CHOSEN = regex(r".* && '([\w.-]+)' \|\| '([\w.-]+)'", re.DOTALL)
"""An expression that is one of two texts, whatever it asks."""
_FOUND = regex(r"(?:which|command -v|type -[pP]) ([\w.-]+) #\d+")
_FOUND_BY_NAME = regex(rf"(?:{_FOUND.pattern}|<command |[>'\n]| or )+")
"""How the shell says where a program of some name stands, or one of several."""
_SUDO = regex(r".*>[ ]?/dev/null( 2>&1)? \|\| echo [\"']?sudo( -\w+)*[\"']?( #\d+)?", re.DOTALL)
_BEHIND = regex(r"<command (.*)>##?'\*@'", re.DOTALL)
"""How the shell calls what `${REFERENCE#*@}` leaves of the output of a command."""
_LINE = regex(r"\w+ of (?:'<file ([^'*]+|<glob [^'<>]+>)>'|each line of '<file ([^']+)>')")
"""How the shell calls the first line of a file, or its first word, and each line of one, or of several."""
_ALGORITHM = "sha256:"
_ENVIRONMENT = Symbol("file", "GITHUB_ENV")
_READING = frozenset(
    {"[", "[[", "awk", "cat", "echo", "grep", "head", "ls", "printf", "sort", "tail", "tee", "test", "touch", "wc"}
)
"""Programs that do not write into a file that they name, or of which the shell knows what they write."""
_OF_ONE_SCRIPT = {"command": "command", "answer": "unknown", "status": "unknown", "job": "unknown"}
"""Kinds of symbols whose names number the commands of a script, and what they are to other scripts."""
_OPEN = frozenset({"file", "hex", "line", "shell"})
"""Kinds of symbols of which more can be known than what they are called, whatever the commands before have said."""
_LANGUAGES = {"pwsh": "script.ps1", "powershell": "script.ps1", "python": "script.py"}
"""What a file of the language is called in which another shell is programmed."""

_LEADS = regex(
    r"(?<![\w.-])(make|gmake|npm|pnpm|yarn|bun|npx|source|bash|sh|hatch|uv|poetry|pdm|tox|nox|just|task|go-task"
    r"|composer|deno|rake|turbo|mise"
    r"|((docker|podman)-)?compose|action_path|(docker|podman|nerdctl)\s+(container\s+)?run)(?![\w.-])"
    r"|\bPATH=|(?<![\w.-])\.\.?/|\.(ba)?sh\b|(?<![\w/.-])[\w.-]+/[\w/.-]*[\w-](?![\w/:@])|ACTION_PATH|WORKSPACE"
    r"|(?m:^|[;&|]) *\. "
)
"""What a script has in it that leads to others, which see all of the environment."""
_ASKS = regex(r"(?<![\w-])(-[efrs] |(cd|pushd) [^&|;\n]{1,200}(&&|\|\|))")
"""How a script asks whether a file is there, or a folder, and does something else if it is or is not."""


@lru_cache(maxsize=2_000)
def leads_on(script: str) -> bool:
    """Whether a script leads to others."""
    return _LEADS.search(script) is not None


@lru_cache(maxsize=2_000)
def _names_in(script: str) -> frozenset[str]:
    """What may be a variable of which a script speaks."""
    return frozenset(_NAMES.findall(script))


_BY_TRAP: Final = "by a trap"
_BY_STATUS: Final = "what becomes of its status is not followed"
_BY_SKIPPING: Final = "for it is left out where {} fails"


@lru_cache(maxsize=2_000)
def _followed(
    script: Value,
    variables: tuple[tuple[str, Value], ...],
    shell: str | None,
    folder: Value,
    left: tuple[tuple[Value, Value], ...],
) -> Script:
    """The script, followed once for all events on which it runs alike."""
    return follow(script, dict(variables), shell, folder=folder, files=dict(left))


class ScriptEffects:
    """A script, of the step or of what the step runs (`node`): its commands in the order in which they would run.

    `by` is the shell that runs it where that is not the step's, `has_aliases` says that it may be any.
    """

    has_aliases = False

    def __init__(self, moment: Moment, node: Scalar | None = None, by: str = "") -> None:
        self.moment = moment
        self.node = node or moment.step.run
        self._by = by
        self.folder: Value = ()
        self.meanings: dict[Symbol, Value] = {}
        self.files: dict[Value, Value] = {}
        """What is known of the files that the script has written, once it has been followed."""
        self.printed: dict[int, Content] = {}
        """What commands hand to those behind them in their pipes, by their indices."""
        self.teed: set[int] = set()
        """The commands that write what those before them in their pipes have said of it already (`tee`)."""
        self.prints_to: Value = ()
        """The file into which the group of commands prints that the last one was in, if it was in one that does."""
        self.exporting: dict[str, list[str]] = {}
        """The texts of the programs that it runs and nobody follows, by their commands."""
        self.judged: dict[str | Symbol, Content] = {}
        """The reports that the script has read, by the commands that read them, and what their output stands for."""
        self.script: Script
        self.injections: Injections

    def perform(self) -> None:
        """Follow the script, and write down what each command does."""
        moment, shell, look = self.moment, self._shell(), self.moment.look
        node = self.node
        assert node is not None  # noqa: S101 - asked by the caller
        folder = moment.step.node.text("working-directory")
        self.folder = text_with(folder, look) if folder else moment.state.folder
        if shell and not SHELLS.fullmatch(shell.strip()):
            self._in_another_language(node, shell)
            return
        if shell and _LOGIN.search(shell) and moment.state.programs.profiled:
            self._unseen(node.place, "run:", "its shell begins with a profile that this job has written")
            return
        if twisting := next((name for name in sorted(moment.telling) if is_sourced(name)), None):
            self._unseen(node.place, "run:", f"its shell begins with what {twisting} says")
            return
        try:
            text = self._text(node.text)
            self._exposed(text)
            self.script = self._followed(text, shell)
            self.injections = Injections(moment, self.script)
        except Unfollowable as error:
            self._unseen(node.place, "run:", error.reason)
            return
        aliases = self.has_aliases or expands_aliases(self.script.commands, shell)
        if twist := next(
            (each for each in self.script.commands if each.reachable and twists(each, aliases=aliases)), None
        ):
            self._unseen(
                self._place(twist.line, twist.column, twist.path),
                shown(twist.words[0]),
                "it changes what commands mean",
            )
            self._carry_over()
            return
        self.injections.look(lambda each: self._place(each.line, each.column, each.path))
        opaque = {each.command: each for each in self.script.opaque if each.command is not None}
        moment.frame.shared.budget.spend(len(self.script.commands))
        before = len(moment.frame.shared.acts)
        for index, command in in_order(self.script.commands):
            if command.reachable:
                first = len(moment.frame.shared.acts)
                self._command(command, opaque.get(index))
                if command.unsure and not command.fatal:
                    skipped_by = as_reported(command.skipped_by)
                    self._may_fail_unnoticed(first, _BY_SKIPPING.format(skipped_by) if skipped_by else _BY_STATUS)
        self._not_followed(before)
        self._carry_over()
        moment.fails = self.script.fails

    def _not_followed(self, before: int) -> None:
        """Say what of the script is not followed; a trap that is not may hide that one of its acts has failed."""
        for each in self.script.opaque:
            if each.command is None and each.reason in UNSEEN_REASONS:
                place = self._place(each.line, each.column, each.path)
                self._unseen(place, each.text, UNSEEN_REASONS[each.reason])
                if each.reason == "syntax":  # as of `rm -rf !(web)`: it may change any source
                    lay(Effects(self.moment, place, each.text), value("."), value(each.text))
        if any(each.reason == "trap" for each in self.script.opaque):
            self._may_fail_unnoticed(before, _BY_TRAP)

    def _may_fail_unnoticed(self, first: int, why: str) -> None:
        """Say of what the script proves, from an act on, that only a run knows whether its failure fails the script."""
        acts = self.moment.frame.shared.acts
        for at in range(first, len(acts)):
            act = acts[at]
            if act.kind in PROOFS:
                guard = replace(act.guard, fatal=act.guard.fatal or why != _BY_TRAP, skipped_by="")
                acts[at] = replace(act, guard=guard, unsure=act.unsure or f"may fail unnoticed, {why}")

    def _shell(self) -> str | None:
        """The shell that runs it, or the one by which it is followed, in whose words it is then."""
        shell = self._by or self.moment.step.node.text("shell") or self.moment.state.shell
        if shell == "msys2 {0}":
            return _OF_MSYS2
        if shell and (same := _in_bash(self.node, shell)):
            self.node = same
            return "bash {0}"
        return shell

    def _in_another_language(self, node: Scalar | Joined, shell: str) -> None:
        """A script for another shell, which is not followed: what it could do, it says."""
        text = text_with(node.text, self.moment.look)
        self._exposed(text)
        program = shell.split(maxsplit=1)[0]
        name = _LANGUAGES.get(program.rpartition("/")[2])
        if name == _LANGUAGES["pwsh"] and _only_tells(node.text):
            return
        said = _in_python(text) if name == _LANGUAGES["python"] else display(text)
        may = self.moment.spoken(said, name=name) if name else ANYTHING
        called = " ".join((self.moment.step.node.text("name") or shell).split())
        if name:
            from goldenpath.facts.pipeline.commands.editing import edit_by_text
            from goldenpath.facts.pipeline.exporting import export_by_program

            export_by_program(self.moment, [said], called)

            edit_by_text(Effects(self.moment, node.place, called), text, partial(under, self.folder))
        why = f"a script for {program} is not followed"
        self.moment.unseen(node.place, called, why, self.moment.guard(), may)

    def _text(self, written: str) -> Value:
        """The script as the shell gets it."""
        return text_with(written, self.moment.look)

    def _exposed(self, text: Value) -> None:
        """Say at which line text that outsiders write becomes part of the script."""
        before = ""
        for part in text:
            if isinstance(part, str):
                before += part
            else:
                self.moment.exposes_script((part,), self._place(before.count("\n"), 0))

    def _unseen(self, place: Place, text: str, reason: str) -> None:
        self.moment.unseen(place, text, reason, self.moment.guard(), ANYTHING)

    def place_of(self, command: Command) -> Place:
        """Where a command stands."""
        return self._place(command.line, command.column, command.path)

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
        alone = not leads_on(self.node.text) and "PATH" not in self.moment.environment
        left = tuple(self._left().items())
        if alone and not (self.moment.state.workspace.written and _ASKS.search(self.node.text)):
            return _followed(text, self._variables(self.node.text, leads=False), shell, self.folder, left)
        from goldenpath.facts.pipeline.called import TELL_COMPOSE, TELL_MAKE

        spoken = {"PATH", *TELL_COMPOSE, *TELL_MAKE, *SPOKEN_OF, *_names_in(self.node.text)}
        variables = dict(self._variables(self.node.text, leads=True))
        checkout = self._checkout(spoken, (text, self.folder, *variables.values()))
        key = (
            text,
            shell,
            self.folder,
            left,
            checkout.foreign,
            checkout.written,
            checkout.made,
            checkout.forged,
            checkout.system,
            checkout.legs,
            checkout.left,
            checkout.stands,
            checkout.may_export,
        )
        tree = self.moment.frame.shared.tree
        known = tree.followed.setdefault(key, [])
        for names, given, script in known:
            if given == {name: variables[name] for name in names & variables.keys()}:
                if isinstance(script, Unfollowable):  # which has cost the most
                    raise script
                return script
        if tree.commands_left <= 0:
            raise Unfollowable("all scripts that lead to others are too many to be followed")
        try:
            script = follow(text, variables, shell, folder=self.folder, callees=checkout, files=dict(left))
        except Unfollowable as error:
            known.append((*_spoken_of(spoken, variables), error))
            raise
        tree.commands_left -= len(script.commands) + 1
        if any(reads_all(command.words) for command in script.commands):
            spoken |= variables.keys()  # which a command may ask for without that a script names them
        known.append((*_spoken_of(spoken, variables), script))
        return script

    def _checkout(self, spoken: set[str], told: Iterable[Value]) -> Checkout:
        """The repository as the job has it by now; all names in what is read of it become `spoken`.

        What is `told` to the script may differ from leg to leg of the matrix.
        """
        from goldenpath.facts.pipeline.called import Checkout, why_foreign

        state, shared = self.moment.state, self.moment.frame.shared
        tree = shared.tree

        def read(path: str) -> str | None:
            spoken.update(tree.names(path))
            return tree.text(path)

        foreign = why_foreign(state, shared.event.ref)
        standing = {path: each for each in state.workspace.written if (path := literal(each))}  # type: ignore[arg-type]
        made = state.made.union(standing)
        stands = frozenset(path for path, each in standing.items() if self._stands(each))
        written = frozenset(state.replaced | state.beside.keys())
        forged = frozenset(state.programs.forged)
        legs = state.meanings(told)
        return Checkout(
            read, tree.exists, tree.find, tree.named, foreign, written, made, forged, state.system, legs, tree.makes,
            tuple(state.left.items()), stands.union(state.left), state.may_export,
        )  # fmt: skip

    def _left(self) -> dict[Value, Value]:
        """The texts of files that surely stand here, of those by which a shell sets variables to digests."""
        workspace = self.moment.state.workspace
        return workspace.texts(self.moment.conditions) if workspace.told else {}

    def _stands(self, path: object) -> bool:
        """Whether something is surely at a path."""
        found = self.moment.state.workspace.read(path, self.moment.state.conditions)
        return bool(found) and found[0][0] is not None and not found[0][1]

    def _variables(self, text: str, *, leads: bool) -> tuple[tuple[str, Value], ...]:
        """The step's environment, with what GitHub sets on every runner, as far as the script speaks of it.

        What it leads to may speak of all of it.
        """
        look, spoken = self.moment.look, _names_in(text)
        if leads:
            spoken |= {"CI", "GITHUB_ACTIONS", *_SET_BY_GITHUB, *self.moment.environment}
        given: dict[str, Value] = {name: value("true") for name in ("CI", "GITHUB_ACTIONS") if name in spoken}
        for variable, path in _SET_BY_GITHUB.items():
            if variable in spoken:
                known = look(path)
                if isinstance(known, tuple) and known != (Symbol("runner", path[1]),):
                    given[variable] = known
        if self.moment.frame.folder:
            given["GITHUB_ACTION_PATH"] = value(WORKSPACE, "/", self.moment.frame.folder)
        environment = self.moment.environment
        given |= {name: environment[name] for name in sorted(spoken & environment.keys())}
        return tuple(given.items())

    def _carry_over(self) -> None:
        """What the script leaves behind for the steps after it."""
        moment = self.moment
        if moment.dead:
            return
        if self.script.files:
            self._keep_digests()
        moment.state.made |= self.script.made
        moment.state.replaced |= self.script.changed
        moment.say({name: self.kept(written) for name, written in self.script.outputs.items()})
        for name, written in self.script.environment.items():
            moment.state.variables.write(name, self.kept(written), moment.frame.conditions | moment.runs.atoms)
            moment.carry({name: self.kept(written)})
        self.exporting |= {
            as_reported(each.words): [_ENVIRONMENT.name] for each in filter(_may_export, self.script.commands)
        }
        if self.script.exports or self.exporting:
            self._export()
        if self.script.path:  # whatever it depends on: a program that may be another one is not that program
            before = moment.environment.get("PATH") or PATH
            folders = (part for each in reversed(self.script.path) for part in (self.kept(each), ":"))
            moment.state.variables.write("PATH", value(*folders, before), frozenset())
        moment.state.has_secrets |= moment.has_secret_variable

    def _export(self) -> None:
        """Say what the script, and programs in it, set by names that are only known in a run."""
        from goldenpath.facts.pipeline.exporting import export_by_program, export_by_script

        export_by_script(self.moment, self.script)
        for said, texts in self.exporting.items():
            export_by_program(self.moment, texts, said)

    @cached_property
    def git_asked(self) -> dict[str, list[Command]]:
        """The commands by which git is asked for a tag, or for another branch, by what it is asked for."""
        found: dict[str, list[Command]] = {"tag": [], "checkout": [], "switch": []}
        for command in self.script.commands:
            for verb in found.keys() & set(map(literal, command.words)):
                found[verb].append(command)
        return found

    @cached_property
    def programs(self) -> frozenset[str]:
        """The programs that the script runs, as far as anybody knows them."""
        return frozenset(filter(None, (each.program for each in self.script.commands)))

    @cached_property
    def changes(self) -> Changes:
        """What the script's commands may have changed of them."""
        return Changes(self.script.commands)

    def _keep_digests(self) -> None:
        """Files that hold a digest of a build, or an image by it, are as good as those that a builder writes itself."""
        effects, left = Effects(self.moment, self.moment.step.place, ""), self._left()
        written = {tidy(path): text for path, text in self.script.files.items()}
        self.files = {path: self.kept(text) for path, text in written.items()}
        for path, text in self.files.items():
            if is_somewhere(path) or left.get(path) == text:
                continue
            write_down(self, path, written[path])
            content = held(of_fresh_file(text) if self._is_fresh(path) else text, effects.origin(path))
            if content and not self.changes.may_touch(path):
                effects.put(self.kept(path), content)

    def _is_fresh(self, path: Value) -> bool:
        """Whether nothing stood at a path when the script began, as far as this repository and its steps are seen."""
        state, known = self.moment.state, literal(path) or ""
        stood = known in state.replaced or self.moment.frame.shared.tree.exists(known)
        return not stood and not any(state.workspace.near(path))

    def known(self, of: Value) -> Value:
        """A value with what has become known of its symbols, and of files that hold the digest of a push."""
        if literal(of) is not None:
            return of  # as most are
        symbols = [part for part in of if isinstance(part, Symbol)]
        if not self.meanings and _OPEN.isdisjoint([symbol.kind for symbol in symbols]):
            return of
        for part in symbols:
            if part.kind == "file" and part not in self.meanings:
                self._read(part)
            elif part.kind == "line" and (line := _LINE.fullmatch(part.name)) and part not in self.meanings:
                found = self.first_line(line[1]) if line[1] else self.each_line(line[2])
                self.meanings |= {part: found} if found else {}
            elif part.kind == "shell" and (behind := _BEHIND.fullmatch(part.name)):
                split = partition(self.meanings.get(Symbol("command", behind[1]), ()), "@")
                self.meanings |= {part: split[1]} if split else {}
        of = replaced(of, self.meanings) if self.meanings else of
        return self._joined(of) if any(isinstance(part, Symbol) and part.kind == "hex" for part in of) else of

    def first_line(self, name: str) -> Value:
        """What files are worth that hold one line, or each of those that a loop reads; empty where that is unknown."""
        self._read(file := Symbol("file", name))
        return self.meanings.get(file, ())

    def each_line(self, name: str) -> Value:
        """The same of files that `read` goes through, which leaves out a line that does not end."""
        return self.first_line(name) if lines_of_files.end_their_lines(self.moment, name) else ()

    def _read(self, file: Symbol) -> None:
        """Find out what a file is worth that holds one word in one line: the digest of a push, or an image by it."""
        if pattern := lines_of_files.pattern_of(file.name):
            found = lines_of_files.each_image(self.moment, pattern)
            self.meanings |= {file: found} if found else {}
            return
        for piece, conditions in self.moment.state.workspace.read(self._path(file), self.moment.conditions):
            if piece is not None and piece[0].kind == "reference" and not conditions:
                self.meanings[file] = reference_of(piece[0].of)
            elif piece is not None and piece[0].digest and not conditions:
                self.meanings[file] = value(piece[0].digest)
            elif piece is not None and piece[0].kind == "image-id":
                self.meanings[file] = value(Symbol("image-id", file.name))

    def _path(self, file: Symbol) -> Value:
        """The path of a file that is read, also below a folder that only a run knows (`$(mktemp -d)/digest`)."""
        if "<" not in file.name:
            return value(file.name)
        paths = (path for path in self.moment.state.workspace.written if isinstance(path, tuple))
        return next((path for path in paths if display(path) == file.name), value(file.name))

    def _joined(self, of: Value) -> Value:
        """A value in which a digest without its algorithm that stands behind `sha256:` is the digest again."""
        parts: list[str | Symbol] = []
        for part in of:
            if isinstance(part, Symbol) and part.kind == "hex":
                whole = self.known((whole_digest(part),))
                symbol = whole[0] if len(whole) == 1 and isinstance(whole[0], Symbol) else whole_digest(part)
                before = parts[-1] if parts and isinstance(parts[-1], str) else ""
                if before.endswith(_ALGORITHM) and symbol.kind == "digest":
                    parts[-1] = before.removesuffix(_ALGORITHM)
                    parts.append(symbol)
                else:
                    parts.append(without_algorithm(symbol))
            else:
                parts.append(part)
        return value(*parts)

    def kept(self, of: Value) -> Value:
        """A value as other scripts see it, where the output of an equal command, or its code, may be another one."""
        parts = bounded_text(self.injections.read(self.known(of)))
        if not any(isinstance(part, Symbol) and part.kind in _OF_ONE_SCRIPT for part in parts):
            return parts
        return value(*(self._of_this_script(part) if isinstance(part, Symbol) else part for part in parts))

    def _of_this_script(self, symbol: Symbol) -> Symbol:
        kind = _OF_ONE_SCRIPT.get(symbol.kind)
        return Symbol(kind, f"{self.moment.key}: {symbol.name}") if kind else symbol

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
        place = self.place_of(command)
        self.folder = command.folder
        effects = CommandEffects(self, place, (value(name), *words[1:]) if name else words, command)
        effects.redirect()
        if command.leads:
            return
        if opaque is not None and opaque.reason == "xargs":
            effects.by_xargs()
        elif name not in {"mvnw", "gradlew"} and len(words[0]) > 1 and self.moment.frame.shared.tree.named(name or ""):
            effects.not_followed(UNSEEN_REASONS["dynamic"])
        elif opaque is not None and opaque.reason in UNSEEN_REASONS:
            effects.by_script(opaque.why or UNSEEN_REASONS[opaque.reason])
        else:
            effects.perform()
        if self.moment.frame.shared.has_reports:
            from goldenpath.facts.pipeline.commands.reports import judge

            judge(effects)

    def _one_of_several(self, words: tuple[Value, ...]) -> str | None:
        """The first of the programs of which only a run knows which it is, where the table says the same of all."""
        symbol = words[0][0] if len(words[0]) == 1 else None
        if not isinstance(symbol, Symbol) or symbol.kind not in {"unknown", "command"}:
            return None
        if _FOUND_BY_NAME.fullmatch(symbol.name):
            names = sorted({*_FOUND.findall(symbol.name)})
        elif chosen := _CHOSEN.fullmatch(symbol.name):
            names = sorted(chosen.groups())
        else:
            names = sorted(self.moment.frame.shared.alternatives.get(symbol, ()))
        rows = [known_command([name, *(literal(word) or "" for word in words[1:4])])[0] for name in names]
        same = bool(rows) and rows[0] is not None and all(row == rows[0] for row in rows)
        return names[0] if same and not any(map(is_released_alone, names)) else None


def _spoken_of(names: set[str], variables: dict[str, Value]) -> tuple[frozenset[str], dict[str, Value]]:
    """The names of which a script speaks, and those of the variables that there are."""
    return frozenset(names), {name: variables[name] for name in names & variables.keys()}


def _in_bash(node: Scalar | Joined | None, shell: str) -> Scalar | None:
    """A script of PowerShell that only runs programs, as bash would have it; a GitLab has checks of its own between."""
    if shell not in {"pwsh", "powershell"} or not isinstance(node, Scalar):
        return None
    from goldenpath.facts.pipeline.powershell import in_bash

    same = in_bash(node.text, shell)
    return None if same is None else msgspec.structs.replace(node, text=same)


def _only_tells(script: str) -> bool:
    """Whether a script of PowerShell does no more than to say something."""
    from goldenpath.facts.pipeline.inline import is_harmless_powershell

    return is_harmless_powershell(script)


def _in_python(script: Value) -> str:
    """A script of Python in which a word of its own stands for each text that only a run knows."""
    from goldenpath.facts.confined import EXPRESSION

    return "".join(part if isinstance(part, str) else EXPRESSION for part in script)


def _may_export(command: Command) -> bool:
    """Whether a command is handed the file with the variables for later steps, and may write what nobody follows."""
    handed = command.reachable and any(_ENVIRONMENT in word for word in command.words[1:])
    return handed and command.program not in _READING


def _is_sudo_or_nothing(word: Value) -> bool:
    """Whether a word is `$(docker info >/dev/null 2>&1 || echo sudo)`, which runs what follows, as root or not."""
    symbol = word[0] if len(word) == 1 else None
    return isinstance(symbol, Symbol) and symbol.kind == "command" and _SUDO.fullmatch(symbol.name) is not None
