"""The record of a walk: the commands that were found, where they stand, and what could not be followed."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.builtins import ENVIRONMENT
from goldenpath.facts.shell.script import Command, Opaque, Reason, Redirect, given_to
from goldenpath.facts.shell.status import NONE
from goldenpath.facts.shell.syntax import Unfollowable
from goldenpath.facts.shell.walk.limits import MAX_COMMANDS
from goldenpath.facts.values import Symbol, Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.status import Atoms

_TELLING: Final = frozenset({
    ENVIRONMENT,
    "SOURCE_DATE_EPOCH",
    "NPM_CONFIG_PROVENANCE",
    "npm_config_provenance",
    "YARN_NPM_PUBLISH_PROVENANCE",
    "UV_PUBLISH_NO_ATTESTATIONS",
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
    "COSIGN_REPOSITORY",
    "COSIGN_KEY",
    "COSIGN_UPLOAD",
    "COSIGN_TLOG_UPLOAD",
    "COSIGN_REKOR_URL",
    "COSIGN_FULCIO_URL",
    "COSIGN_TIMESTAMP_SERVER_URL",
    "COSIGN_CERTIFICATE_IDENTITY",
    "COSIGN_CERTIFICATE_IDENTITY_REGEXP",
    "COSIGN_CERTIFICATE_OIDC_ISSUER",
    "COSIGN_CERTIFICATE_OIDC_ISSUER_REGEXP",
    "GRYPE_FAIL_ON_SEVERITY",
    "TRIVY_EXIT_CODE",
    "SIGSTORE_ID_TOKEN",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "CONTAINER_HOST",
    "CONTAINER_CONNECTION",
    "KO_DOCKER_REPO",
    "KO_CONFIG_PATH",
    "KO_DEFAULTBASEIMAGE",
    "MAVEN_ARGS",
    "MAVEN_OPTS",
    "JAVA_TOOL_OPTIONS",
    "GRADLE_USER_HOME",
    "PYTEST_ADDOPTS",
    "GOFLAGS",
})  # fmt: skip
"""Variables by which programs are told what they else are by options."""
_GOING: Final = frozenset({"cd", "pushd"})
"""What fails always or never: a folder is there or is not, which is no accident."""
_READ_ALL: Final = ("compose", "envsubst", "gradlew", "gradle", "grype", "stack", "syft", "trivy")
_READING: Final = frozenset({".", "source", "cat", "grep", "test", "["})
_MAKES_ENVIRONMENT: Final[frozenset[Value]] = frozenset({("venv",), ("virtualenv",)})


class File(Struct):
    """The text that is followed: its file, the line of that at which it begins, and where its own lines begin."""

    path: str = ""
    first: int = 0
    exact: bool = True
    lines: list[int] = []


class Record:
    """What a walk has found so far, and where in the text it is."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.opaque: list[Opaque] = []
        self.filled_in: dict[tuple[Symbol, str, int], None] = {}
        self.doubts: dict[str, frozenset[int]] = {}
        """Where nobody knows what a question about commands says: the atoms of its answers, and those commands."""
        self.symbols: dict[Symbol, int] = {}
        """The commands whose output symbols stand for."""
        self.floor = 0
        """The first command of a job, or of a script that may fail: it decides nothing of those before it."""
        self.file = File()
        self.inside: tuple[str, int, int] | None = None
        """Where the command stands that runs the text which is followed, if that stands in no file."""
        self.callers: tuple[Command, ...] = ()
        self.environments: set[Value] = set()
        """The scripts that activate environments which were made here."""
        self.harmless: set[int] = set()
        """The commands that do not fail in practice."""
        self.perhaps_written: set[Value] = set()
        """Words of commands that may write to what they name."""

    def position(self, offset: int) -> tuple[str, int, int]:
        """Return the file, line and column (-1: none) of an offset in the text that is followed."""
        if self.inside is not None:
            return self.inside
        file = self.file
        line = bisect_right(file.lines, offset) - 1
        return file.path, file.first + line, offset - file.lines[line] if file.exact else -1

    def last_position(self) -> tuple[str, int, int]:
        """Return where the last command stands."""
        last = self.commands[-1]
        return last.path, last.line, last.column

    def add(
        self,
        words: tuple[Value, ...],
        offset: int,
        state: State,
        place: Place,
        redirects: tuple[Redirect, ...],
        assignments: Mapping[str, Value],
    ) -> int:
        """Keep a command; return its number."""
        if len(self.commands) >= MAX_COMMANDS:
            raise Unfollowable(f"It runs more than {MAX_COMMANDS} commands.")
        path, line, column = self.position(offset)
        reachable = not place.dead and not state.ended
        if reachable and not _MAKES_ENVIRONMENT.isdisjoint(words):
            self.environments.add(value(words[-1], "/bin/activate"))
        if reachable and literal(words[0]) not in _READING:
            self.perhaps_written.update(words)
        self.commands.append(
            Command(
                words=words,
                line=line,
                column=column,
                condition=place.condition | state.condition,
                reachable=reachable,
                fatal=place.fatal(errexit=state.errexit),
                behind=place.behind,
                substitution=place.substitution,
                assignments=assignments,
                redirects=redirects,
                stdin=place.stdin,
                pipe_from=place.stdin_from,
                path=path,
                folder=state.folder,
                stdout=place.stdout if place.stdout is not None and not _is_pipe(place.stdout) else (),
                environment=_telling({**assignments, **given_to(words)}, state, everything=reads_all(words)),
                callers=self.callers,
            )
        )
        return len(self.commands) - 1

    def make_fatal(self, blamed: tuple[int, ...]) -> None:
        """Let the failure of commands fail the script; those before a job, or a forgiven script, are not its own."""
        for index in blamed:
            if index >= self.floor:
                self.commands[index] = replace(self.commands[index], fatal=True)

    def blame(self, blamed: tuple[int, ...], perhaps: tuple[int, ...], condition: Atoms) -> None:
        """Let the failure of commands fail the script where something holds, and that of others perhaps."""
        self.make_fatal(self.always_behind(blamed, condition))
        self.make_unsure(self.perhaps_behind(blamed, perhaps, condition))

    def make_unsure(self, blamed: tuple[int, ...]) -> None:
        """Let nobody know whether the failure of commands fails the script."""
        for index in blamed:
            if index >= self.floor:
                self.commands[index] = replace(self.commands[index], unsure=True)

    def always_behind(self, blamed: tuple[int, ...], condition: Atoms) -> tuple[int, ...]:
        """Return those of the commands that run only where something holds, so that it is asked of each of them."""
        return tuple(index for index in blamed if condition <= self.commands[index].condition)

    def perhaps_behind(self, blamed: tuple[int, ...], perhaps: tuple[int, ...], condition: Atoms) -> tuple[int, ...]:
        """Return those that may be asked: of the ones that are `blamed`, those that may have led elsewhere before."""
        return (*self.always_behind(perhaps, condition), *filter(partial(self._is_doubted, condition), blamed))

    def doubt(self, atoms: Atoms, commands: tuple[int, ...]) -> None:
        """Remember that commands may have led where atoms hold."""
        for atom in atoms if commands else ():
            self.doubts[atom] = self.doubts.get(atom, frozenset()).union(commands)

    def _is_doubted(self, condition: Atoms, index: int) -> bool:
        others = condition - self.commands[index].condition if self.doubts else NONE
        return bool(others) and all(index in self.doubts.get(atom, ()) for atom in others)

    def relieve(self, first: int, end: int, atoms: Atoms) -> None:
        """Drop conditions from commands whose alternative is that the script fails."""
        for index in range(first, end) if atoms else ():
            command = self.commands[index]
            self.commands[index] = replace(command, condition=command.condition - atoms)

    def give_up(self, reason: Reason, call: Call, why: str = "") -> None:
        """Note a command that runs something which is not followed."""
        if not call.place.dead:
            path, line, column = self.position(call.offset)
            self.opaque.append(Opaque(reason, texts.shown(call.words), line, column, call.index, path, why))

    def lead(self, index: int) -> Command:
        """Note that a command leads to what is followed."""
        command = self.commands[index] = replace(self.commands[index], leads=True)
        return command

    def fatal_since(self, first: int) -> tuple[int, ...]:
        """Return the commands from one on whose failure fails the script."""
        return tuple(index for index in range(first, len(self.commands)) if self.commands[index].fatal)

    def spared(self) -> tuple[int, ...]:
        """Return the commands whose failure does not fail the script, as far as is known."""
        return tuple(at for at, command in enumerate(self.commands) if not (command.fatal or command.unsure))

    def spare(self, indices: Iterable[int]) -> None:
        """Let the failure of commands not fail the script."""
        for index in indices:
            self.commands[index] = replace(self.commands[index], fatal=False)

    def settle(self) -> None:
        """Let a command not fail the script that is left out, unnoticed, where another one before it fails."""
        spared = {index for command in self.commands for index in command.behind if not self.commands[index].fatal}
        if not spared:
            return
        opaque = {each.command for each in self.opaque}
        unsure = {index for index in spared if index in opaque or _may_never_fail(self.commands[index])}
        for index, command in enumerate(self.commands):
            before = spared.intersection(command.behind) if command.fatal or command.unsure else ()
            if before:
                by = min(before - unsure or before)
                self.commands[index] = replace(
                    command, fatal=False, unsure=by in unsure, skipped_by=self.commands[by].words
                )

    def take_back(self, commands: int, opaque: int) -> None:
        """Forget what was found after so many commands and opaque places."""
        del self.commands[commands:], self.opaque[opaque:]
        self.symbols = {symbol: index for symbol, index in self.symbols.items() if index < commands}


def _may_never_fail(command: Command) -> bool:
    """Whether a command may as well be one that always succeeds, or one whose failure fails the script."""
    return command.unsure or command.leads or literal(command.words[0]) in _GOING


def _is_pipe(path: Value) -> bool:
    return len(path) == 1 and isinstance(path[0], Symbol) and path[0].kind == "pipe"


def reads_all(words: tuple[Value, ...]) -> bool:
    """Tell whether a command runs what may ask for any variable of its environment: a scanner, a compose file."""
    return any(word and isinstance(word[0], str) and word[0].endswith(_READ_ALL) for word in words[:4])


def _telling(given: Mapping[str, Value], state: State, *, everything: bool) -> dict[str, Value]:
    """Return what the environment of a command says to programs, as far as that matters here."""
    if everything:  # one that is not exported is none of the environment, and stands for nothing else
        return {**{name: text or () for name, text in state.variables.items()}, **given}
    names = (name for name in sorted(state.variables.among(_TELLING)) if name in state.exported)
    found = {name: state.variables[name] or () for name in names if name in state.variables}
    if "PATH" in state.variables:  # which every environment has, so that it is exported already
        found["PATH"] = state.variables["PATH"] or ()
    return {**found, **{name: text for name, text in given.items() if name in _TELLING or name == "PATH"}}
