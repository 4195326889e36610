"""Following a script: every command that it would run, in order, with what guards it and what its failure means.

A script is walked as its shell would walk it in a run that goes well: commands that act succeed, questions (`test`,
`grep`, the condition of an `if`) have both answers unless one is certain, and where two ways meet again, what differs
between them becomes a symbol.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.expressions import not_empty, rendered
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import builtins, conditions, syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.bodies import (
    COUNTS_UP,
    assigned_in,
    changed_by_sum,
    leaves_function,
    leaves_quietly,
    reads,
    speaks_of_arguments,
    worsened_in,
)
from goldenpath.facts.shell.builtins import Call, assign_line
from goldenpath.facts.shell.changes import changed_by
from goldenpath.facts.shell.expansion import Expander, Field, Placeholders, is_solid, whole_list
from goldenpath.facts.shell.layers import Layered
from goldenpath.facts.shell.leads import Leads
from goldenpath.facts.shell.retries import folded, last_turn, until_success
from goldenpath.facts.shell.script import (
    SHELLS,
    Called,
    Callees,
    Command,
    Lead,
    Opaque,
    Reason,
    Redirect,
    Script,
    given_to,
    program_name,
    unwrapped,
)
from goldenpath.facts.shell.state import (
    FAILED,
    FAILURE,
    NONE,
    RUNNER_FILES,
    SUCCESS,
    Atoms,
    Ending,
    Place,
    State,
    Status,
    asked,
    both,
    bounded_text,
    conjunction,
    either,
    not_all,
    path_from,
    together,
)
from goldenpath.facts.shell.syntax import Unfollowable
from goldenpath.facts.values import Symbol, Value, display, literal, replaced, shown, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MAX_CHARACTERS: Final = 256 * 1024
MAX_COMMANDS: Final = 4_000
MAX_STEPS: Final = 20_000
MAX_DEPTH: Final = 60
MAX_CALLS: Final = 8
"""Functions that call each other; a recursion is not followed further."""

MAX_SCRIPTS: Final = 8
"""Scripts that call each other; the chain is not followed further."""

MAX_READ: Final = 4 * MAX_CHARACTERS
"""Characters of all scripts that are followed, each as often as it is called."""

MAX_TURNS: Final = 64
"""Turns of a loop over known words that are followed one by one."""

_QUESTIONS: Final = frozenset({
    "[", "cmp", "command", "diff", "egrep", "fgrep", "grep", "hash", "test", "type", "which", "pgrep", "rg",
})  # fmt: skip
"""Commands that one runs for the answer: `a && b` does not presume that they succeed."""
_IS_ZERO: Final = frozenset({"-eq", "=", "=="})
_IS_OTHER: Final = frozenset({"-ne", "!=", "-gt"})
_IS_THERE: Final = frozenset({"-e", "-f", "-r", "-s"})
_HOLDS: Final = regex(r"(?:([A-Za-z_]\w*)|<status [^<>]*>)\s*(?:(==|!=|>)\s*0)?")
"""What asks `(( … ))` whether the code of a command is that of a success, or of a failure."""
_DECLARATIONS: Final = frozenset({"declare", "export", "local", "readonly", "typeset"})
_SILENT: Final = frozenset({
    ":", "[", "cd", "chmod", "cp", "false", "mkdir", "mv", "popd", "pushd", "rm", "set", "shopt", "sleep", "test",
    "touch", "trap", "true", "ulimit", "umask", "wait",
})  # fmt: skip
"""Commands that print nothing."""
_TELLING: Final[tuple[str, ...]] = (
    "SOURCE_DATE_EPOCH",
    "NPM_CONFIG_PROVENANCE",
    "npm_config_provenance",
    "YARN_NPM_PUBLISH_PROVENANCE",
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
    "COSIGN_REPOSITORY",
    "GRYPE_FAIL_ON_SEVERITY",
    "TRIVY_EXIT_CODE",
    "SIGSTORE_ID_TOKEN",
)
"""Variables by which programs are told what they else are by options."""
_SET_OUTPUT: Final = regex(r"::set-output name=([^:,]+)::")
_RUNNER_CONTEXTS: Final[dict[Symbol, Value]] = {
    Symbol("unknown", f"github.{name.removeprefix('GITHUB_').lower()}"): (Symbol("file", name),)
    for name in RUNNER_FILES
}
_DEFAULT_TEMPLATES: Final = {
    "": "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
}
"""What GitHub runs for `shell:`; without one it is bash without pipefail."""

_Builtin: TypeAlias = "Callable[[Call], Status]"


class _File(Struct):
    """The text that is followed: its file, the line of that at which it begins, and where its own lines begin."""

    path: str = ""
    first: int = 0
    exact: bool = True
    lines: list[int] = []


class _Job(Struct):
    """Commands in the background: which of them fail it, whether that is known, and whether it was waited for."""

    commands: range
    blamed: tuple[int, ...]
    known: bool | None
    waited: bool = False


class _Way(Struct, frozen=True):
    """One way that a script may go: what holds then, what holds otherwise, and what is run."""

    when: Atoms
    unless: Atoms
    run: Callable[[State, Place], Status]
    blame: tuple[int, ...] = ()


def follow(
    script: Value,
    variables: Mapping[str, Value],
    shell: str | None = None,
    arguments: tuple[Value, ...] | None = None,
    folder: Value = (),
    callees: Callees | None = None,
) -> Script:
    """Follow a script.

    `script` is the text after `${{ }}` was replaced, `variables` the environment that it starts in: what is not in it
    is a `Symbol("variable", name)`, for nobody knows the whole environment. `shell` is the step's `shell:`, `arguments`
    are the positional parameters of a script that is called with some. It begins in `folder`; what it calls in
    `callees`, the repository, is followed where it is called.

    Raises only `Unfollowable`: when the script is too large or too deep, or the shell is not of bash's kin.
    """
    flags = _flags_of(shell)
    state = State({**variables, **{name: (Symbol("file", name),) for name in RUNNER_FILES}}, arguments)
    state.errexit, state.pipefail = flags
    state.folder = path_from((), folder)
    follower = _Follower(callees)
    status = follower.program(replaced(script, _RUNNER_CONTEXTS), state)
    return follower.result(state, status)


def _flags_of(shell: str | None) -> tuple[bool, bool]:
    """Return whether a `shell:` stops at errors, and whether at errors in pipelines."""
    template = _DEFAULT_TEMPLATES.get((shell or "").strip(), shell or "").split()
    if not template or template[0].rpartition("/")[2] not in SHELLS:
        raise Unfollowable(f"The shell {shell!r} is not followed.")
    options = long_options(template[1:])
    return "errexit" in options, "pipefail" in options


def long_options(words: Iterable[str]) -> set[str]:
    """Return the long names of the options that are switched on by words such as `-eo pipefail`."""
    options: set[str] = set()
    takes_name = False
    for word in words:
        if takes_name:
            options.add(word)
            takes_name = False
        elif re.fullmatch(r"-[a-zA-Z]+", word):
            takes_name = "o" in word
            options |= {"errexit"} if "e" in word else set()
            options |= {"noexec"} if "n" in word else set()
            options |= {"command"} if "c" in word else set()
            options |= {"stdin"} if "s" in word else set()
    return options


class _Follower:
    """The walk: it owns what has been found, and how far it may go; the shell's own state is passed along."""

    def __init__(self, callees: Callees | None = None) -> None:
        self._leads = Leads(callees)
        self._commands: list[Command] = []
        self._jobs: list[_Job] = []
        self._returned: list[tuple[int, ...]] = []
        """For each function that runs, the commands after whose failure it was left with one."""
        self._floor = 0
        self._opaque: list[Opaque] = []
        self._symbols: dict[Symbol, int] = {}
        self._placeholders = Placeholders()
        self._steps = self._depth = self._channels = self._loops = 0
        self._substitution = SUCCESS
        self._file = _File()
        self._callers: tuple[Command, ...] = ()
        self._characters = 0
        self._sourcing = False
        self._made: set[str] = set()
        self._environments: set[Value] = set()
        self._perhaps_written: set[Value] = set()
        self._inside: tuple[str, int, int] | None = None
        self._locals: list[dict[str, tuple[Value | None, bool]]] = []
        self._builtins: Mapping[str, _Builtin] = {
            **builtins.ACTING, **{name: partial(run, self) for name, run in builtins.PRINTING.items()},
            "exit": self._exit, "return": self._return, "break": self._break, "continue": self._continue,
            "eval": self._eval, "source": self._source, ".": self._source, "trap": self._trap, "xargs": self._xargs,
            "test": self._bracket, "[": self._bracket, "coproc": self._dynamic, "ssh": self._remote, "cd": self._cd,
            "pushd": self._cd, "wait": self._wait,
        }  # fmt: skip

    # Programs

    def program(self, script: Value, state: State) -> Status:
        """Follow the text of a whole script."""
        status = self.run(script, state, Place())
        self._leave(state, Place())
        return status

    def run(self, script: Value, state: State, place: Place) -> Status:
        """Follow the text of a program in a state."""
        encoded = self._placeholders.encode(script)
        if encoded is None or len(encoded) > MAX_CHARACTERS:
            raise Unfollowable(f"A script has at most {MAX_CHARACTERS} characters.")
        self._characters += len(encoded)
        if self._characters > MAX_READ:
            raise Unfollowable(f"It leads to more than {MAX_READ} characters of scripts.")
        if self._inside is None:
            self._file.lines = [0, *(match.end() for match in re.finditer("\n", encoded))]
        program = syntax.parse(encoded)
        status = self._body(program.body, state, place)
        if program.fault is not None:
            self._break_off(program.fault, state, place)
        return status

    def _break_off(self, fault: syntax.SyntaxFault, state: State, place: Place) -> None:
        path, line, column = self._position(fault.offset)
        self._opaque.append(Opaque("syntax", fault.sentence, line, column, path=path))
        if not state.ended:
            state.ended = "failed" if place.fails else "left"

    def result(self, state: State, status: Status) -> Script:
        """Return what was found."""
        for name, ledger in state.ledgers.items():
            ledger.finish()
            if ledger.unclear:
                self._opaque.append(Opaque("output", f"Only a run knows which names it writes to ${name}.", 0, 0))
        paths, rest = texts.lines_of(state.files.pop((Symbol("file", "GITHUB_PATH"),)) or ())
        return Script(
            commands=tuple(self._commands),
            variables={name: known for name, known in state.variables.items() if known is not None},
            exported=frozenset(state.exported),
            outputs=dict(state.ledgers["GITHUB_OUTPUT"].entries.items()),
            environment=dict(state.ledgers["GITHUB_ENV"].entries.items()),
            path=tuple(path for path in (*paths, rest) if path),
            summary=state.files.pop((Symbol("file", "GITHUB_STEP_SUMMARY"),)) or (),
            files=dict(state.files.items()),
            substitutions={symbol: self._commands[index] for symbol, index in self._symbols.items()},
            opaque=tuple(self._opaque),
            made=frozenset(self._made),
            changed=frozenset(state.changed),
            fails=state.ended == "failed" or (status.known is False and not state.ended),
        )

    def _position(self, offset: int) -> tuple[str, int, int]:
        """Return the file, line and column (-1: none) of an offset in the text that is followed."""
        if self._inside is not None:
            return self._inside
        file = self._file
        line = bisect_right(file.lines, offset) - 1
        return file.path, file.first + line, offset - file.lines[line] if file.exact else -1

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unfollowable(f"It takes more than {MAX_STEPS} steps.")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unfollowable(f"It goes deeper than {MAX_DEPTH} levels.")

    # Lists and pipelines

    def _body(self, body: syntax.Body, state: State, place: Place) -> Status:
        self._deeper()
        status = SUCCESS
        body = folded(body) if len(body) > 1 else body
        for at, statement in enumerate(body):
            if state.ended:
                self._dead(body[at:], state, place)
                break
            here = place if at == len(body) - 1 else place.inner()
            status = self._statement(statement, state, here)
        self._depth -= 1
        return status

    def _dead(self, body: syntax.Body, state: State, place: Place) -> None:
        """Note commands that certainly do not run; nothing of what they would do counts."""
        if not body:
            return
        ghost = state.over()
        ghost.ended = ""
        here = replace(place, dead=True, fails=False)
        for statement in body:
            self._statement(statement, ghost, here)
            ghost.ended = ""

    def _statement(self, statement: syntax.Statement, state: State, place: Place) -> Status:
        self._step()
        if not statement.background:
            return self._and_or(statement.pipelines, state, place)
        return self._background(statement, state, place)

    def _background(self, statement: syntax.Statement, state: State, place: Place) -> Status:
        """Run a job beside the script, which fails by it only where it waits for it, and asks how it has ended."""
        child, first = state.over(), len(self._commands)
        here = replace(place.shell(errexit=state.errexit), fails=not place.dead)
        floor, self._floor = self._floor, first
        status = child.outcome(self._and_or(statement.pipelines, child, here))
        self._floor = floor
        blamed = tuple(at for at in range(first, len(self._commands)) if self._commands[at].fatal)
        for at in blamed:
            self._commands[at] = replace(self._commands[at], fatal=False)
        known = False if child.ended == "failed" else None if blamed and status.known else status.known
        self._jobs.append(_Job(range(first, len(self._commands)), blamed, known))
        ended, child.ended = state.ended, ""
        state.adopt_files(child)
        state.ended = ended
        state.variables["!"] = (Symbol("job", str(len(self._jobs) - 1)),)
        return SUCCESS

    def _wait(self, call: Call) -> Status:
        """Wait for jobs: for all of them, which always succeeds, for those that are named, or for the next one."""
        options = [text for word in call.arguments if (text := literal(word)) and text.startswith("-")]
        named = [job for word in call.arguments if (job := self._job(word)) is not None]
        running = [job for job in self._jobs if not job.waited]
        if options == ["-n"] and len(call.arguments) == 1 and len(running) == 1:
            named = running
        elif options or len(named) < len(call.arguments):
            return replace(asked(texts.shown(call.words)), question=False)
        for job in named or running if not call.place.dead else ():
            job.waited = True
            for at in job.commands:
                if self._commands[at].over is None:
                    self._commands[at] = replace(self._commands[at], over=call.index)
        return self._heed(self._ended(named[-1]), call.state, call.place) if named else SUCCESS

    def _job(self, word: Value) -> _Job | None:
        """The job that `$!`, or a variable that has kept it, stands for."""
        symbol = word[0] if len(word) == 1 else ""
        return self._jobs[int(symbol.name)] if isinstance(symbol, Symbol) and symbol.kind == "job" else None

    def _ended(self, job: _Job) -> Status:
        """With what status a job ends: that of its commands, any of which may fail it."""
        if job.known is not None:
            return SUCCESS if job.known else FAILURE
        return self._blaming(job.blamed)

    def _blaming(self, blamed: tuple[int, ...]) -> Status:
        """The status of what succeeds unless one of some commands fails."""
        told = conjunction(frozenset(texts.shown(self._commands[index].words) for index in blamed))
        status = asked(texts.bounded(told))
        return replace(status, blame_false=blamed, question=any(map(self._is_question, blamed)))

    def _is_question(self, index: int) -> bool:
        return literal(self._commands[index].words[0]) in _QUESTIONS | {"[["}

    def _heed(self, status: Status, state: State, place: Place) -> Status:
        """A status that fails the script where it is told: by it the commands do that it is about."""
        if status.known is None and not place.dead and place.fatal(errexit=state.errexit):
            for index in status.blame_false:
                if place.condition | state.condition <= self._commands[index].condition:
                    self._make_fatal((index,))
        return status

    def _and_or(self, items: Sequence[tuple[str, syntax.Pipeline]], state: State, place: Place) -> Status:
        status = SUCCESS
        last = len(items) - 1
        last_or = max((at for at, (operator, _) in enumerate(items) if operator == "||"), default=0)
        for at, (operator, pipeline) in enumerate(items):
            here = place if at == last else replace(place, heeded=False, tail=place.tail and at >= last_or)
            if not operator:
                status = self._pipeline(pipeline, state, here)
            elif state.ended:
                self._dead((syntax.Statement((("", pipeline),), background=False, offset=0),), state, here)
            else:
                status = state.last = self._next_in_list(status, operator, pipeline, state, here)
        return status

    def _next_in_list(
        self, left: Status, operator: str, pipeline: syntax.Pipeline, state: State, place: Place
    ) -> Status:
        """Run what follows `&&` or `||`, as far as what stands before it decides."""
        conjunctive = operator == "&&"
        if left.known is not None and left.known is not conjunctive:
            self._dead((syntax.Statement((("", pipeline),), background=False, offset=0),), state, place)
            return left
        if left.known is not None:
            return self._pipeline(pipeline, state, place)
        outcome, told = [SUCCESS], list[str]()

        def run(branch: State, here: Place) -> Status:
            branch.last = SUCCESS if conjunctive else FAILURE
            outcome[0] = self._pipeline(pipeline, branch, here)
            changed = branch.variables.own if conjunctive and not branch.ended else ()
            codes = ((name, _succeeds(branch.variables.get(name)), _succeeds(state.get(name))) for name in changed)
            told.extend(name for name, now, before in codes if now and before is False)
            return outcome[0]

        if conjunctive:
            presumed = NONE if not left.question else left.when_true
            way = _Way(presumed, left.when_false, run, left.blame_true)
        else:
            way = _Way(left.when_false, left.when_true, run, left.blame_false)
        self._fork(state, place, [way, _Way(NONE, NONE, _nothing)])
        for name in told:  # `code=1; a && code=0` is the code of `a`
            state.assign(name, left.code)
        return both(left, outcome[0]) if conjunctive else either(left, outcome[0])

    def _fork(self, state: State, place: Place, ways: list[_Way]) -> None:
        """Follow each way on its own, then bring together those that go on."""
        survivors: list[tuple[_Way, State]] = []
        ended: list[tuple[_Way, State]] = []
        spans: list[tuple[int, int]] = []
        for way in ways:
            branch, first = state.over(), len(self._commands)
            way.run(branch, place.guarded(way.when))
            (ended if branch.ended else survivors).append((way, branch))
            spans += [] if branch.ended else [(first, len(self._commands))]
        for way, branch in ended:
            if branch.ended == "failed":
                self._make_fatal(way.blame)
            elif branch.ended == "returned" and branch.leaving.known is False and self._returned:
                self._returned[-1] += way.blame
        if not survivors:
            endings = {branch.ended for _, branch in ended}
            state.join([branch for _, branch in ended if branch.ended != "failed"] or [ended[0][1]])
            state.ended = endings.pop() if len(endings) == 1 else "left"
            return
        only = len(survivors) == 1 and all(branch.ended == "failed" for _, branch in ended)
        if only:
            self._relieve(*spans[0], survivors[0][0].when - place.condition - state.condition)
        ranges = [range(*span) for span in spans]
        codes = self._codes(state, [(*each, own) for each, own in zip(survivors, ranges, strict=True)])
        self._go_on(state, survivors, ended, presumed=only)
        for name, code in codes.items():
            state.assign(name, code)

    def _codes(self, before: State, survivors: list[tuple[_Way, State, range]]) -> dict[str, Value]:
        """The variables that hold the code of commands whichever way was taken: `code=0; a || code=1; b || code=$?`."""
        changed: dict[str, list[tuple[_Way, State, range]]] = {}
        for survivor in survivors if len(survivors) > 1 else ():
            for name in survivor[1].variables.own:
                changed.setdefault(name, []).append(survivor)
        found: dict[str, Value] = {}
        for name, ways in sorted(changed.items(), key=itemgetter(0)):
            known = before.get(name)
            base = _blamed_by(known)
            if base is None or all(branch.get(name) is known for _, branch, _ in ways):
                continue
            added = [_added(way, branch.get(name), known, base, own) for way, branch, own in ways]
            if None in added:
                continue
            more = {index: f"{index}{'?' * self._is_question(index)}" for each in added for index in each or ()}
            told = " ".join(filter(None, (base, *(each for each in more.values() if f" {each} " not in f" {base} "))))
            if told:
                found[name] = (Symbol("status", told),)
        return found

    def _go_on(
        self, state: State, survivors: list[tuple[_Way, State]], ended: list[tuple[_Way, State]], *, presumed: bool
    ) -> None:
        """Continue after a fork: what was left elsewhere becomes a condition for all that follows."""
        guards: dict[str, Atoms] = {}
        for name in ("guards", "function_guards", "loop_guards"):
            before: Atoms = getattr(state, name)
            guards[name] = before
            for way, branch in survivors:
                added: Atoms = getattr(branch, name) - before
                certain = presumed or not way.when
                guards[name] = together(guards[name], added if certain or not added else _implied(way.when, added))
        for way, branch in ended:
            if branch.ended != "failed":
                kind = _GUARDS_OF[branch.ended]
                guards[kind] = together(guards[kind], way.unless)
        state.join([branch for _, branch in survivors])
        for name, atoms in guards.items():
            setattr(state, name, atoms)

    def _make_fatal(self, blamed: tuple[int, ...]) -> None:
        """Let the failure of commands fail the script; a job in the background decides nothing of those before it."""
        for index in blamed:
            if index >= self._floor:
                self._commands[index] = replace(self._commands[index], fatal=True)

    def _relieve(self, first: int, end: int, atoms: Atoms) -> None:
        """Drop conditions from commands whose alternative is that the script fails."""
        for index in range(first, end) if atoms else ():
            command = self._commands[index]
            self._commands[index] = replace(command, condition=command.condition - atoms)

    def _pipeline(self, pipeline: syntax.Pipeline, state: State, place: Place) -> Status:
        here = replace(place, heeded=False, tail=False) if pipeline.negated else place
        if len(pipeline.stages) == 1:
            status = self._command(pipeline.stages[0], state, here)
            if "PIPESTATUS" in state.arrays:
                state.arrays["PIPESTATUS"] = (status.code,)
        else:
            status = self._stages(pipeline.stages, state, here)
        if pipeline.negated and not state.ended:
            state.last = status = status.negated()
        return status

    def _stages(self, stages: Sequence[syntax.Command], state: State, place: Place) -> Status:
        """Run each stage in a shell of its own, and hand over what it prints."""
        status, failed, codes = SUCCESS, False, list[Value]()
        text, source = place.stdin, place.stdin_from
        for at, stage in enumerate(stages):
            last = at == len(stages) - 1
            counts = last or state.pipefail
            here = replace(
                place, heeded=place.heeded and counts, tail=place.tail and counts, stdin=text, stdin_from=source
            )
            pipe = None if last else self._channel(state)
            here = replace(here, stdout=pipe) if pipe else here
            first = len(self._commands)
            child = state.over()
            outcome = child.outcome(self._command(stage, child, here.shell(errexit=state.errexit)))
            state.adopt_files(child)
            codes.append(outcome.code)
            failed, state.ended = failed or state.ended == "failed", ""
            source = self._linked(first, source if at else None)
            text = (state.files.pop(pipe) or ()) if pipe else None
            status = both(status, outcome) if state.pipefail else outcome
        state.ended = "failed" if failed else ""
        state.arrays["PIPESTATUS"] = tuple(codes)
        state.last = SUCCESS if place.heeded and state.errexit and status.known is None else status
        return status

    def _linked(self, first: int, source: int | None) -> int | None:
        """Link a stage to the one before it; return the command that feeds the next."""
        mine = [index for index in range(first, len(self._commands)) if not self._commands[index].substitution]
        if not mine:
            return None
        if source is not None:
            self._commands[source] = replace(self._commands[source], pipe_to=mine[0])
        return mine[-1]

    def _channel(self, state: State) -> Value:
        """Return a file that only this walk knows: a pipe, or the output of a substitution."""
        self._channels += 1
        channel = (Symbol("pipe", str(self._channels)),)
        state.files[channel] = ()
        return channel

    # Commands

    def _command(self, command: syntax.Command, state: State, place: Place) -> Status:
        self._step()
        self._deeper()
        status = self._dispatch(command, state, place)
        survived = place.heeded and state.errexit and status.known is None
        state.last = SUCCESS if survived else status
        self._depth -= 1
        heeds = isinstance(command, syntax.Simple | syntax.Test | syntax.Sum) or getattr(command, "subshell", False)
        if heeds and status.known is False and place.heeded and state.errexit and not state.ended:
            state.ended = "failed" if place.fails else "left"
            state.leaving = FAILURE
        return status

    def _dispatch(self, command: syntax.Command, state: State, place: Place) -> Status:
        match command:
            case syntax.Simple():
                return self._simple(command, state, place)
            case syntax.Redirected():
                here, _ = self._redirected(command.redirections, state, place)
                return self._command(command.body, state, here)
            case syntax.Group(body=body, subshell=subshell):
                return self._subshell(body, state, place) if subshell else self._body(body, state, place)
            case syntax.If():
                return self._if(command, state, place)
            case syntax.For() | syntax.While():
                return self._loop(command, state, place)
            case syntax.Case():
                return self._case(command, state, place)
            case syntax.Test():
                return self._double_bracket(command, state, place)
            case syntax.Sum(word=word):
                return self._sum(self._expander(state, place).text(word), state, place)
            case syntax.Function():
                return self._define(command, state)

    def _sum(self, text: Value, state: State, place: Place) -> Status:
        """`(( … ))`: it may count a variable up, or ask for the code that one holds."""
        said = display(text).strip()
        if match := _HOLDS.fullmatch(said):
            code = state.get(match[1]) if match[1] else text[:1]
            if (kept := self._kept(code or ())) is not None:
                return self._heed(kept if match[2] == "==" else kept.negated(), state, place)
        for name in changed_by_sum(said):
            before = state.get(name)
            fails = COUNTS_UP.fullmatch(said) and (_succeeds(before) is not None or self._kept(before or ()))
            state.assign(name, FAILURE.code if fails else texts.derived("arithmetic", said))
        return asked(texts.bounded(f"(( {said} ))"))

    def _define(self, command: syntax.Function, state: State) -> Status:
        if command.name == "command_not_found_handle":
            raise Unfollowable("It says itself what runs where there is no such program.")
        state.functions[command.name] = (command.body, self._file, self._inside)
        return SUCCESS

    def _subshell(self, body: syntax.Body, state: State, place: Place) -> Status:
        child = state.over()
        child.traps = ()
        status = self._body(body, child, place.shell(errexit=state.errexit))
        self._leave(child, place)
        state.adopt_files(child)
        return child.outcome(status)

    def _simple(self, command: syntax.Simple, state: State, place: Place) -> Status:
        words = self._words(command, state, place)
        own = not words
        self._substitution = SUCCESS
        assignments = {
            each.name: self._assigned(each, state, place if own else place.asked()) for each in command.assignments
        }
        here, redirects = self._redirected(command.redirections, state, place)
        if own:
            self._assign_all(command.assignments, assignments, state)
            if here.stdin is not None and not command.assignments:
                self.print(here.stdin, state, here)
            return self._substitution
        return self._run(words, command.offset, state, here, redirects, assignments)

    def _words(self, command: syntax.Simple, state: State, place: Place) -> tuple[Value, ...]:
        """Expand the words of a command; the assignments of `export A=b` are made, and kept as words."""
        expander = self._expander(state, place.asked())
        words: list[Value] = []
        for word in command.words:
            if isinstance(word, syntax.Word):
                words += [field.text for field in expander.fields((word,))]
                continue
            assigned = self._assigned(word, state, place.asked())
            self._keep_outer(words, word.name, state)
            self._assign_all((word,), {word.name: assigned}, state)
            words.append(value(f"{word.name}=", assigned))
        if words and literal(words[0]) in _DECLARATIONS:
            self._declare(words, command, state)
        return tuple(words)

    def _keep_outer(self, words: Sequence[Value], name: str, state: State) -> None:
        """Remember what a variable is outside of the function that makes it its own."""
        if self._locals and words and literal(words[0]) in {"local", "declare", "typeset"}:
            self._locals[-1].setdefault(name, (state.variables.get(name), name in state.variables))

    def _declare(self, words: list[Value], command: syntax.Simple, state: State) -> None:
        names = [word.name for word in command.words if isinstance(word, syntax.Assignment)]
        bare = [text for word in words[1:] if (text := literal(word)) and text.isidentifier()]
        for name in bare:
            self._keep_outer(words, name, state)
            if self._locals and literal(words[0]) == "local":
                state.variables[name] = None
        names += bare
        options = {text for word in words[1:] if (text := literal(word)) and text.startswith("-")}
        if literal(words[0]) == "export" or any("x" in option for option in options):
            state.exported.update(dict.fromkeys(names))

    def _assigned(self, assignment: syntax.Assignment, state: State, place: Place) -> Value:
        """Return the text that an assignment gives, after making it if it is one to an array."""
        expander = self._expander(state, place)
        if isinstance(assignment.value, syntax.Word):
            text = expander.text(assignment.value)
            if assignment.append and assignment.index is None and assignment.name not in state.arrays:
                return bounded_text(value(state.get(assignment.name) or (), text))
            return text
        fields = expander.fields(assignment.value)
        items = tuple(whole_list(display(field.text)) if field.loose else field.text for field in fields)
        if assignment.append:
            before = state.arrays.get(assignment.name)
            unknown = before is None and assignment.name in state.arrays
            items = (*((whole_list(assignment.name),) if unknown else before or ()), *items)
        state.arrays[assignment.name] = items
        return ()

    @staticmethod
    def _assign_all(assignments: Iterable[syntax.Assignment], given: Mapping[str, Value], state: State) -> None:
        for assignment in assignments:
            if assignment.index is not None:
                state.arrays[assignment.name] = None
            elif isinstance(assignment.value, syntax.Word):
                state.assign(assignment.name, given[assignment.name])

    def _run(
        self,
        words: tuple[Value, ...],
        offset: int,
        state: State,
        place: Place,
        redirects: tuple[Redirect, ...] = (),
        assignments: Mapping[str, Value] | None = None,
    ) -> Status:
        """Run a simple command whose words are expanded: a function, a builtin, or a program."""
        name = literal(words[0])
        if name is not None and name in state.functions:
            return self._call(name, words, offset, state, place)
        inner = unwrapped(words)
        replaces = name == "exec" and inner is not words
        place = replace(place, tail=True) if replaces else place
        given = {**(assignments or {}), **given_to(words)}
        lead = self._lead(inner, state, given)
        if lead is not None and lead.program:
            words = (*words[: len(words) - len(inner)], value(lead.program), *inner[1:])
            inner, lead = words[len(words) - len(inner) :], None
        before = lead.scripts if lead is not None and lead.itself else ()
        if before:
            self._all_called(before, self._caller(words, offset), Call(inner, state, place, -1, offset, given))
        index = self._record(words, offset, state, place, redirects, assignments or {})
        call = Call(inner, state, place, index, offset, given)
        if lead is None or (lead.itself and not lead.unseen):
            status = self._perform(call)
        elif lead.unseen:
            status = self._out_of_sight("script", call, lead.unseen)
        else:
            self._commands[index] = replace(self._commands[index], leads=True)
            status = self._all_called(lead.scripts, self._commands[index], call)
        if lead is not None and lead.after:
            self._all_called(lead.after, self._commands[index], call)
        state.ended = "left" if replaces and not state.ended else state.ended
        known_to_fail = status.known is False and not status.question
        return (
            status if status.blame_true or known_to_fail else replace(status, blame_false=(*status.blame_false, index))
        )

    def _lead(self, words: tuple[Value, ...], state: State, given: Mapping[str, Value]) -> Lead | None:
        """Tell what a command leads to in the repository, and keep account of what that makes and costs."""
        if literal(words[0]) in self._builtins:
            return None
        lead = self._leads.of(words, state, given, frozenset(self._made))
        if lead is not None:
            self._made |= lead.makes
            self._characters += lead.cost
        return lead

    def _perform(self, call: Call) -> Status:
        """Run a shell, a builtin, or a program."""
        program = program_name(call.words[0])
        builtin = self._builtins.get(program or "")
        if program in SHELLS:
            return self._shell(call)
        return builtin(call) if builtin is not None else self._program(call, program)

    def _record(
        self,
        words: tuple[Value, ...],
        offset: int,
        state: State,
        place: Place,
        redirects: tuple[Redirect, ...],
        assignments: Mapping[str, Value],
    ) -> int:
        if len(self._commands) >= MAX_COMMANDS:
            raise Unfollowable(f"It runs more than {MAX_COMMANDS} commands.")
        path, line, column = self._position(offset)
        reachable = not place.dead and not state.ended
        if reachable and not _MAKES_ENVIRONMENT.isdisjoint(words):
            self._environments.add(value(words[-1], "/bin/activate"))
        if reachable and literal(words[0]) not in _READING:
            self._perhaps_written.update(words)
        self._commands.append(
            Command(
                words=words,
                line=line,
                column=column,
                condition=place.condition | state.condition,
                reachable=reachable,
                fatal=place.fatal(errexit=state.errexit),
                substitution=place.substitution,
                assignments=assignments,
                redirects=redirects,
                stdin=place.stdin,
                pipe_from=place.stdin_from,
                path=path,
                folder=state.folder,
                stdout=place.stdout if place.stdout is not None and not _is_pipe(place.stdout) else (),
                environment=_telling({**assignments, **given_to(words)}, state),
                callers=self._callers,
            )
        )
        return len(self._commands) - 1

    def _program(self, call: Call, program: str | None) -> Status:
        """Run what is no builtin: its output is a symbol, and whether it succeeds depends on the run."""
        for path in changed_by(program, call.arguments) if not call.place.dead else ():
            call.state.change(path)
        if program is None:
            self._give_up("dynamic", call)
        elif "/" in program:
            self._give_up("script", call)
        if program in _DECLARATIONS:
            return SUCCESS
        if program not in _SILENT:
            self.print_unknown(call)
        text = texts.shown(call.words)
        return replace(asked(text), question=program in _QUESTIONS)

    def print_unknown(self, call: Call) -> None:
        """Print a symbol that stands for what this command prints in a run."""
        if call.place.stdout is None:
            return
        name = texts.shown(call.words)
        symbol = Symbol("command", f"{name} #{call.index}")
        self._symbols[symbol] = call.index
        self.print((symbol, "\n"), call.state, call.place)

    def print(self, text: Value, state: State, place: Place) -> None:
        """Print a text to where the output goes; a line for the runner is read as the runner reads it."""
        if place.stdout is not None:
            state.append(place.stdout, text)
            return
        head = text[0] if text and isinstance(text[0], str) else ""
        match = _SET_OUTPUT.match(head)
        if match is not None and not place.dead:
            state.ledgers["GITHUB_OUTPUT"].entries[match[1]] = texts.without_newlines(
                value(head[match.end() :], *text[1:])
            )

    def _give_up(self, reason: Reason, call: Call, why: str = "") -> None:
        if not call.place.dead:
            path, line, column = self._position(call.offset)
            self._opaque.append(Opaque(reason, texts.shown(call.words), line, column, call.index, path, why))

    def _out_of_sight(self, reason: Reason, call: Call, why: str = "") -> Status:
        """Leave a command that runs something which is not followed."""
        self._give_up(reason, call, why)
        self.print_unknown(call)
        return replace(asked(texts.shown(call.words)), question=False)

    # Expansion and redirection

    def _expander(self, state: State, place: Place) -> Expander:
        return Expander(self._placeholders, lambda part: self._substituted(part, state, place), state)

    def _substituted(self, part: syntax.Substitution, state: State, place: Place) -> Value:
        """Run a substitution: what it prints, or the path of a `<(…)`."""
        self._step()
        channel = self._channel(state)
        child = state.over()
        child.errexit = False
        here = replace(place.shell(errexit=state.errexit), heeded=True, substitution=True)
        if part.direction:
            here = replace(here, fails=False)
        place = here if part.direction == ">" else replace(here, stdout=channel)
        child.traps = ()
        self._substitution = child.outcome(self._body(part.body, child, place))
        self._leave(child, place)
        state.adopt_files(child)
        if part.direction:
            return channel
        return texts.without_newlines(state.files.pop(channel) or ())

    def _redirected(
        self, redirections: Sequence[syntax.Redirection], state: State, place: Place
    ) -> tuple[Place, tuple[Redirect, ...]]:
        """Apply redirections from left to right."""
        if not redirections:
            return place, ()
        expander = self._expander(state, place.asked())
        redirects: list[Redirect] = []
        for redirection in redirections:
            target = expander.text(redirection.target)
            operator = redirection.operator
            redirects.append(Redirect(operator, redirection.descriptor or ("0" if operator[0] == "<" else "1"), target))
            if operator[0] == "<":
                place = self._input(operator, target, state, place)
            elif redirection.descriptor in {"", "1"}:
                place = self._output(operator, target, state, place)
        return place, tuple(redirects)

    @staticmethod
    def _input(operator: str, target: Value, state: State, place: Place) -> Place:
        if operator == "<&":
            return place
        text = state.read(target) if operator in {"<", "<>"} else target
        return replace(place, stdin=value(text, "\n") if operator == "<<<" else text, stdin_from=None)

    @staticmethod
    def _output(operator: str, target: Value, state: State, place: Place) -> Place:
        known = literal(target)
        if known == "/dev/stdout" or (operator == ">&" and known == "1"):
            return place
        if known == "/dev/stderr" or (operator == ">&" and known is not None and known.rstrip("-").isdigit()):
            return replace(place, stdout=None)
        if not operator.endswith(">>") and not place.dead:
            state.truncate(target)
        return replace(place, stdout=target)

    # Compound commands

    def _if(self, command: syntax.If, state: State, place: Place) -> Status:
        ways: list[_Way] = []
        so_far: Atoms = NONE
        blamed: tuple[int, ...] = ()
        closed = False
        for condition, body in command.branches:
            if closed:
                self._dead((*condition, *body), state, place)
                continue
            status = self._body(condition, state, place.asked().guarded(so_far))
            if status.known is False:
                self._dead(body, state, place)
                continue
            when = together(so_far, status.when_true)
            unless = status.when_false if not so_far else not_all(when)
            ways.append(_Way(when, unless, self._runner(body, SUCCESS), status.blame_true))
            blamed = status.blame_false  # the others may fail, and one after them succeed
            so_far = together(so_far, status.when_false)
            closed = status.known is True
        if closed:
            self._dead(command.otherwise, state, place)
        else:
            ways.append(_Way(so_far, not_all(so_far), self._runner(command.otherwise, FAILURE), blamed))
        return self._choose(ways, state, place)

    def _runner(self, body: syntax.Body, after: Status) -> Callable[[State, Place], Status]:
        def run(state: State, place: Place) -> Status:
            state.last = after
            return self._body(body, state, place)

        return run

    def _choose(self, ways: list[_Way], state: State, place: Place) -> Status:
        """Go the only way there is, or fork."""
        if state.ended:
            return SUCCESS
        if len(ways) == 1:
            return ways[0].run(state, place)
        self._fork(state, place, ways)
        return SUCCESS

    def _case(self, command: syntax.Case, state: State, place: Place) -> Status:
        expander = self._expander(state, place.asked())
        subject = expander.text(command.subject)
        ways: list[_Way] = []
        so_far: Atoms = NONE
        closed = False
        for patterns, body, _ending in self._fallen_through(command.items):
            status = FAILURE
            for pattern in patterns:
                status = either(status, conditions.compared(subject, expander.pattern(pattern)))
            if closed or status.known is False:
                self._dead(body, state, place)
                continue
            when = together(so_far, status.when_true)
            ways.append(_Way(when, not_all(when), self._runner(body, SUCCESS)))
            so_far = together(so_far, status.when_false)
            closed = status.known is True
        if not closed:
            ways.append(_Way(so_far, not_all(so_far), _nothing))
        return self._choose(ways, state, place)

    @staticmethod
    def _fallen_through(
        items: Sequence[tuple[tuple[syntax.Word, ...], syntax.Body, str]],
    ) -> list[tuple[tuple[syntax.Word, ...], syntax.Body, str]]:
        """Let bodies that end in `;&` go on with the next one."""
        result: list[tuple[tuple[syntax.Word, ...], syntax.Body, str]] = []
        following: syntax.Body = ()
        for patterns, body, ending in reversed(items):
            whole = (*body, *following) if ending == ";&" else body
            if len(whole) > MAX_STEPS:
                raise Unfollowable("It falls through too many cases.")
            result.append((patterns, whole, ending))
            following = whole
        return result[::-1]

    def _loop(self, command: syntax.For | syntax.While, state: State, place: Place) -> Status:
        self._loops += 1
        if isinstance(command, syntax.For):
            status = self._for(command, state, place)
        else:
            status = self._while(command, state, place)
        self._loops -= 1
        return status

    def _for(self, command: syntax.For, state: State, place: Place) -> Status:
        if retry := last_turn(command):
            return self._body(retry, state, place)
        if not command.name:
            return self._turns_unknown(
                command, state, place, "", asked(f"a turn of the loop on line {self._line(command)}")
            )
        if command.words is None:
            known = state.positional is not None
            fields = (
                [Field(text) for text in state.positional or ()]
                if known
                else [Field((Symbol("array", "@"),), loose=True)]
            )
        else:
            fields = self._expander(state, place.asked()).fields(command.words)
        if len(fields) > MAX_TURNS:
            raise Unfollowable(f"A loop takes more than {MAX_TURNS} turns.")
        if any(field.loose for field in fields):
            self._forget(command.body, state, self._line(command))
        return self._turns(command, fields, state, place)

    def _turns(self, command: syntax.For, fields: list[Field], state: State, place: Place) -> Status:
        outer = state.loop_guards
        status = SUCCESS
        for at, field in enumerate(fields):
            here = place if at == len(fields) - 1 else place.inner()
            if field.loose:
                text = field.text
                some = Status(not_empty(text), frozenset({f"{rendered(text)} != ''"}), question=True)
                status = self._turns_unknown(command, state, here, command.name, some, _item_of(text))
            else:
                glob = texts.has_glob(field.text)
                state.assign(command.name, texts.derived("glob", display(field.text)) if glob else field.text)
                status = self._body(command.body, state, here)
            if state.ended == "continued":
                state.ended = ""
            if state.ended:
                break
        if state.loop_guards != outer:  # another turn may have been the last one
            self._forget(command.body, state, self._line(command))
        state.loop_guards = outer
        state.ended = "" if state.ended == "broken" else state.ended
        if not fields:
            self._dead(command.body, state, place)
        return status

    def _turns_unknown(
        self, command: syntax.For, state: State, place: Place, name: str, some: Status, item: Value = ()
    ) -> Status:
        """Follow one turn for any number of them."""
        self._forget(command.body, state, self._line(command))

        def turn(branch: State, here: Place) -> Status:
            if name:
                branch.assign(name, item)
            status = self._body(command.body, branch, here)
            if branch.ended in {"broken", "continued"}:
                branch.ended = ""
            return status

        if some.known:
            return turn(state, place)
        self._fork(state, place, [_Way(some.when_true, not_all(some.when_true), turn), _Way(NONE, NONE, _nothing)])
        return SUCCESS

    def _line(self, command: syntax.For) -> int:
        return self._position(command.offset)[1] + 1

    def _while(self, command: syntax.While, state: State, place: Place) -> Status:
        names = reads(command.condition)
        if names and place.stdin is not None and _is_told(place.stdin, names):
            lines, rest = texts.lines_of(place.stdin)
            return self._read_lines(command, names, [*lines, *([rest] if rest else [])], state, place)
        if self._unrolled(command, state, place):
            return SUCCESS
        if retry := until_success(command):
            return self._body(retry, state, place)
        outer = state.loop_guards
        self._forget((*command.condition, *command.body), state, self._position(command.condition[0].offset)[1] + 1)
        status = self._body(command.condition, state, place.asked())
        if command.until:
            if not place.dead and place.fails and not leaves_quietly(command.body):
                if place.fatal(errexit=state.errexit) or not leaves_function(command.body):
                    self._make_fatal(status.blame_false)
                elif self._returned:
                    self._returned[-1] += status.blame_false
            status = status.negated()
        if status.known is False:
            self._dead(command.body, state, place)
        elif not state.ended:
            ways = [_Way(status.when_true, status.when_false, self._runner_of_turn(command.body))]
            ways += [] if status.known else [_Way(NONE, NONE, _nothing)]
            self._choose(ways, state, place)
        state.loop_guards = outer
        return SUCCESS

    def _unrolled(self, command: syntax.While, state: State, place: Place) -> bool:
        """Follow a loop over known arguments turn by turn; returns whether each turn was certain."""
        if state.positional is None or not speaks_of_arguments(command.condition):
            return False
        commands, opaque, trial = len(self._commands), len(self._opaque), state.over()
        for _ in range(MAX_TURNS):
            status = self._body(command.condition, trial, place.asked())
            goes_on = status.negated().known if command.until else status.known
            if goes_on is None:
                break
            if goes_on and not trial.ended:
                self._body(command.body, trial, place.inner())
            ended: Ending = trial.ended
            if not goes_on or ended not in {"", "continued"}:
                trial.ended = "" if ended == "broken" else ended
                trial.loop_guards = state.loop_guards
                state.join([trial])
                return True
            trial.ended = ""
        del self._commands[commands:], self._opaque[opaque:]
        self._symbols = {symbol: index for symbol, index in self._symbols.items() if index < commands}
        return False

    def _runner_of_turn(self, body: syntax.Body) -> Callable[[State, Place], Status]:
        def turn(state: State, place: Place) -> Status:
            status = self._body(body, state, place)
            if state.ended in {"broken", "continued"}:
                state.ended = ""
            return status

        return turn

    def _read_lines(
        self, command: syntax.While, names: list[str], lines: list[Value], state: State, place: Place
    ) -> Status:
        """Follow `while read` over text that is known."""
        if len(lines) > MAX_TURNS:
            raise Unfollowable(f"A loop takes more than {MAX_TURNS} turns.")
        outer = state.loop_guards
        status = SUCCESS
        inner = replace(place, stdin=None)
        for at, line in enumerate(lines):
            assign_line(state, names, line)
            status = self._body(command.body, state, inner if at == len(lines) - 1 else inner.inner())
            if state.ended == "continued":
                state.ended = ""
            if state.ended:
                break
        state.ended = "" if state.ended == "broken" else state.ended
        state.loop_guards = outer
        return status

    @staticmethod
    def _forget(body: syntax.Body, state: State, line: int) -> None:
        """Forget what a loop changes: at the beginning of a turn it may be from the turn before."""
        worsened = worsened_in(body)
        for name in assigned_in(body):
            if name in worsened:
                continue
            if name in state.arrays:
                state.arrays[name] = None
            else:
                state.variables[name] = texts.derived("loop", f"{name} on line {line}")

    def _double_bracket(self, command: syntax.Test, state: State, place: Place) -> Status:
        expander = self._expander(state, place.asked())
        tokens = [conditions.Token(expander.text(word), word.plain(), expander.pattern(word)) for word in command.words]
        words = (("[[",), *(token.text for token in tokens), ("]]",))
        index = self._record(words, command.offset, state, place, (), {})
        return self._tested(tokens, index, state, place)

    # Functions and other shells

    def _call(self, name: str, words: tuple[Value, ...], offset: int, state: State, place: Place) -> Status:
        """Run a function where it is called."""
        if len(self._locals) >= MAX_CALLS:
            index = self._record(words, offset, state, place, (), {})
            self._give_up("dynamic", Call(words, state, place, index, offset))
            return replace(asked(texts.shown(words)), question=False)
        positional, guards, loops = state.positional, state.function_guards, state.loop_guards
        state.positional, state.function_guards, state.loop_guards = words[1:], guards | loops, NONE
        self._locals.append({})
        self._returned.append(())
        turns, self._loops = self._loops, 0
        body, *where = state.functions[name]
        before, (self._file, self._inside) = (self._file, self._inside), where
        status = state.outcome(self._command(body, state, place))
        self._file, self._inside = before
        self._loops = turns
        if (blamed := self._returned.pop()) and status.known is not False:
            status = both(self._blaming(blamed), status)
        for own, (outer, was_set) in self._locals.pop().items():
            if was_set:
                state.variables[own] = outer
            else:
                state.variables.pop(own)
        state.ended = "" if state.ended == "returned" else state.ended
        state.positional, state.function_guards, state.loop_guards = positional, guards, loops
        return status

    def _shell(self, call: Call) -> Status:
        """Run `bash -c text`, a script, or what is piped into a shell."""
        rest = list(call.arguments)
        flags: list[str] = []
        while rest and (option := literal(rest[0])) and option.startswith(("-", "+")):
            flags.append(option)
            rest.pop(0)
            if option.startswith("-") and not option.startswith("--") and option.endswith(("o", "O")) and rest:
                flags.append(literal(rest.pop(0)) or "")
        options = long_options(flags)
        if "noexec" in options:
            return replace(asked(texts.shown(call.words)), question=False)
        if "command" in options and rest:
            return self._nested(rest[0], tuple(rest[2:]), options, call, "eval")
        if rest and "stdin" not in options:
            return self._script_of(rest, options, call)
        if call.place.stdin is not None:
            return self._nested(call.place.stdin, tuple(rest), options, call, "stdin")
        return self._out_of_sight("stdin", call)

    def _nested(
        self, script: Value, arguments: tuple[Value, ...], options: set[str], call: Call, reason: Reason
    ) -> Status:
        """Run a text in a shell of its own."""
        if not script or _is_opaque(script):
            return self._out_of_sight(reason, call)
        called = Called(text=script, path="", arguments=arguments, options=frozenset(options))
        return self._all_called((called,), None, replace(call, place=replace(call.place, stdin=None)))

    def _inner(self, script: Value, call: Call, state: State, place: Place) -> Status:
        """Follow a text inside the script; all of it stands where the command stands that runs it."""
        before, self._inside = self._inside, self._position(call.offset)
        self._deeper()
        status = self.run(script, state, place)
        self._depth -= 1
        self._inside = before
        return status

    # What commands lead to

    def _script_of(self, words: list[Value], options: set[str], call: Call) -> Status:
        """Run `bash -e script arguments`."""
        lead = self._leads.script(words[0], call.state)
        if lead is None or lead.unseen:
            return self._out_of_sight("script", call, lead.unseen if lead is not None else "")
        called = [
            replace(each, name=words[0], arguments=tuple(words[1:]), options=frozenset(options))
            for each in lead.scripts
        ]
        self._commands[call.index] = replace(self._commands[call.index], leads=True)
        return self._all_called(tuple(called), self._commands[call.index], call)

    def _caller(self, words: tuple[Value, ...], offset: int) -> Command:
        path, line, column = self._position(offset)
        return Command(words=words, line=line, column=column, path=path, callers=self._callers)

    def _all_called(self, scripts: Sequence[Called], caller: Command | None, call: Call) -> Status:
        """Follow scripts one after the other, as long as none fails."""
        if len(self._callers) >= MAX_SCRIPTS:
            return self._out_of_sight("script", call, "scripts and targets call each other too often to be followed")
        before, self._callers = self._callers, (*self._callers, caller) if caller is not None else self._callers
        status, place = SUCCESS, call.place
        for called in scripts:
            place = place if status.known is not False else replace(place, dead=True, fails=False)
            outcome = self._sourced(called, call) if called.sourced else self._called(called, call, place)
            status = both(status, SUCCESS if called.ignored else outcome)
        self._callers = before
        if status.known is not None and scripts:
            return Status(status.known, blame_false=status.blame_false)
        text = texts.shown(call.words)
        return replace(asked(text), question=False, blame_false=status.blame_false)

    def _called(self, called: Called, call: Call, place: Place) -> Status:
        """Follow a script in a shell of its own, which sees what is exported, and in which no loop goes on."""
        if "noexec" in called.options:
            return replace(asked(texts.shown(call.words)), question=False)
        child, first = self._child(called, call), len(self._commands)
        outer = place.fatal(errexit=call.state.errexit) and not called.ignored
        here = replace(place.guarded(called.condition), tail=True, heeded=True, fails=not place.dead)
        kept = self._locals, self._loops, self._sourcing
        self._locals, self._loops, self._sourcing = [], 0, False
        status = child.outcome(self._text_of(called, call, child, here))
        self._leave(child, here)
        self._locals, self._loops, self._sourcing = kept
        failed = child.ended == "failed" or status.known is False
        call.state.adopt_files(child)
        call.state.ended = ""
        blamed = tuple(index for index in range(first, len(self._commands)) if self._commands[index].fatal)
        for index in blamed if not outer else ():
            self._commands[index] = replace(self._commands[index], fatal=False)
        known = False if failed else None  # it may not even start
        return Status(known, blame_false=() if called.ignored else blamed)

    def _child(self, called: Called, call: Call) -> State:
        child = call.state.over()
        child.variables = Layered(
            {
                name: found if name in child.exported and not called.clean else None
                for name, found in child.variables.items()
            }
        )
        for name, text in {**call.given, **called.variables}.items():
            child.variables[name] = text
            child.exported[name] = None
        child.variables["0"] = called.name or None
        child.arrays = Layered({"BASH_SOURCE": (called.name,)} if called.name else {})
        child.functions, child.positional = Layered(), called.arguments
        child.errexit, child.pipefail = "errexit" in called.options, "pipefail" in called.options
        child.folder = child.folder if called.folder is None else called.folder
        child.guards, child.traps = child.condition, ()
        child.function_guards = child.loop_guards = NONE
        return child

    def _text_of(self, called: Called, call: Call, state: State, place: Place) -> Status:
        """Follow a script's text, at its own lines if it stands in a file."""
        if not called.path:
            return self._inner(called.text, call, state, place)
        before, self._inside = (self._file, self._inside), None
        self._file = _File(called.path, called.line, called.exact)
        self._deeper()
        status = self.run(called.text, state, place)
        self._depth -= 1
        self._file, self._inside = before
        return status

    def _sourced(self, called: Called, call: Call) -> Status:
        """Follow a script in the shell that it is sourced into; `return` leaves it."""
        state, first = call.state, len(self._commands)
        positional, guards = state.positional, state.function_guards
        sources = state.arrays.get("BASH_SOURCE")
        state.positional = call.arguments[1:] or positional
        state.arrays["BASH_SOURCE"] = (called.name,)
        turns, self._sourcing = self._sourcing, True
        status = state.outcome(self._text_of(called, call, state, call.place))
        self._sourcing = turns
        state.positional = positional if call.arguments[1:] else state.positional
        state.function_guards = guards
        if sources is not None:
            state.arrays["BASH_SOURCE"] = sources
        else:
            state.arrays.pop("BASH_SOURCE")
        state.ended = "" if state.ended == "returned" else state.ended
        blamed = tuple(index for index in range(first, len(self._commands)) if self._commands[index].fatal)
        return replace(status, blame_false=(*status.blame_false, *blamed))

    def _eval(self, call: Call) -> Status:
        script = value(*(piece for at, word in enumerate(call.arguments) for piece in ((" ", word) if at else (word,))))
        if script and _starts_agent(script):
            return SUCCESS
        if _is_opaque(script):
            self._give_up("eval", call)
        else:
            self._inner(script, call, call.state, call.place)
        return SUCCESS

    def _source(self, call: Call) -> Status:
        lead = self._leads.script(call.arguments[0], call.state) if call.arguments else None
        if lead is None and (self._activates(call) or self._asks_machine(call)):
            return replace(asked(texts.shown(call.words)), question=False)
        if lead is None or lead.unseen:
            return self._out_of_sight("source", call, lead.unseen if lead is not None else "")
        called = [replace(each, name=call.arguments[0], sourced=True) for each in lead.scripts]
        self._commands[call.index] = replace(self._commands[call.index], leads=True)
        return self._all_called(called, self._commands[call.index], call)

    def _activates(self, call: Call) -> bool:
        """Tell whether an environment of Python outside of the repository is activated that has been made here."""
        script = call.arguments[0] if call.arguments else ()
        return script not in call.state.files and script in self._environments

    def _asks_machine(self, call: Call) -> bool:
        """Tell whether a file is read that says what the machine is: it sets some variables, and does nothing else.

        A script that names it in another command may have written it.
        """
        script = call.arguments[0] if call.arguments else ()
        if literal(script) not in _TELLING_MACHINE or script in self._perhaps_written:
            return False
        for name in _TOLD_OF_MACHINE:
            call.state.assign(name, value(Symbol("unknown", f"{name} of {literal(script)}")))
        return True

    def _cd(self, call: Call) -> Status:
        words = [word for word in call.arguments if not (literal(word) or "").startswith("-") or literal(word) == "-"]
        if call.text(0) == "pushd":
            call.state.folders = (*call.state.folders, call.state.folder)[-MAX_CALLS:]
        known = len(words) == 1 and literal(words[0]) != "-"
        call.state.folder = path_from(call.state.folder, words[0]) if known else (Symbol("unknown", "folder"),)
        path = literal(call.state.folder)
        if path is not None and self._leads.exists(path):
            return SUCCESS
        return replace(asked(texts.shown(call.words)), question=False)

    def _dynamic(self, call: Call) -> Status:
        self._give_up("dynamic", call)
        return SUCCESS

    def _remote(self, call: Call) -> Status:
        return self._out_of_sight("eval", call)

    def _trap(self, call: Call) -> Status:
        """Keep what runs when the shell is left, or when something goes wrong."""
        words = [word for word in call.arguments if literal(word) != "--"]
        if len(words) > 1 and literal(words[0]) not in {"", "-", "-p", "-l"}:
            if _is_opaque(words[0]):
                self._give_up("trap", call)
            else:
                leaving = any((literal(word) or "").upper() in {"EXIT", "0"} for word in words[1:])
                call.state.traps = (*call.state.traps, (words[0], "" if leaving else shown(words[-1])))
        elif words and literal(words[0]) == "-":
            call.state.traps = ()
        return SUCCESS

    def _leave(self, state: State, place: Place) -> None:
        """Run the traps of a shell that is left; one with an `exit` of its own may hide how the shell has ended."""
        traps, state.traps = state.traps, ()
        for text, signal in traps:
            last = state.over()
            last.ended = ""
            here = replace(place, heeded=True, tail=False).guarded(frozenset({f"trap {signal}"}) if signal else NONE)
            before, self._inside = self._inside, self._inside or self._last_position()
            self._deeper()
            self.run(text, last, here)
            self._depth -= 1
            if (last.ended or last.guards != state.guards) and signal.upper() in {"", "ERR"}:
                self._opaque.append(Opaque("trap", shown(text), *self._inside[1:], path=self._inside[0]))
            self._inside = before
            last.ended = ""
            state.adopt_files(last)

    def _last_position(self) -> tuple[str, int, int]:
        last = self._commands[-1]
        return last.path, last.line, last.column

    def _xargs(self, call: Call) -> Status:
        path = call.given.get("PATH") or call.state.get("PATH")
        if any(self._leads.shadow((word,), call.state, path) for word in call.arguments):
            return self._out_of_sight("script", call, "PATH leads to a program of this repository")
        return self._out_of_sight("xargs", call)

    # Builtins that stop

    def _exit(self, call: Call) -> Status:
        return self._stop(call, "left")

    def _return(self, call: Call) -> Status:
        """Leave a function or a sourced script; elsewhere bash only complains."""
        return self._stop(call, "returned") if self._locals or self._sourcing else FAILURE

    def _stop(self, call: Call, ending: Ending) -> Status:
        """Leave a shell or a function; with an error it fails the script where nobody heeds it otherwise."""
        status, place, state = self._code(call), call.place, call.state
        fatal = not place.dead and (place.fails if ending == "left" else place.fatal(errexit=state.errexit))
        state.ended = "failed" if fatal and status.known is False else ending
        state.leaving = status
        if fatal:
            self._heed(status, state, replace(place, tail=True))
        return status

    def _code(self, call: Call) -> Status:
        """With what status a shell or a function is left: the one that is said, else that of the last command."""
        if len(call.words) == 1:
            return SUCCESS if call.state.last.known is True else call.state.last
        code = (call.text(1) or "").strip().lstrip("-")
        if code.isdigit():
            return FAILURE if int(code) % 256 else SUCCESS
        kept = self._kept(call.words[1]) or SUCCESS
        has_failed = kept.known is None and kept.when_false <= call.place.condition | call.state.condition
        return FAILURE if has_failed else kept

    def _kept(self, word: Value) -> Status | None:
        """The status of a command that a word stands for: `$?`, or a variable that has kept it."""
        symbol = word[0] if len(word) == 1 else ""
        if not isinstance(symbol, Symbol) or symbol.kind != "status":
            return None
        if symbol.name == FAILED:
            return FAILURE
        return replace(self._blaming(_blamed_in(symbol.name)), question="?" in symbol.name)

    def _tested(self, tokens: list[conditions.Token], index: int, state: State, place: Place) -> Status:
        """What a test says; one of how a command has ended (`[ $? -ne 0 ]`) says what that command does."""
        negated = len(tokens) == 3 and tokens[0].operator == "!"
        asked_for = tokens[1:] if negated else tokens
        if len(asked_for) == 2 and asked_for[0].operator in _IS_THERE and self._leads.stands(asked_for[1].text, state):
            return FAILURE if negated else SUCCESS
        kept = self._kept(tokens[0].text) if len(tokens) == 3 and literal(tokens[2].text) == "0" else None
        if kept is not None and tokens[1].operator in _IS_ZERO | _IS_OTHER:
            return self._heed(kept if tokens[1].operator in _IS_ZERO else kept.negated(), state, place)
        return replace(conditions.tested(tokens), blame_false=(index,), question=True)

    def _bracket(self, call: Call) -> Status:
        words = call.arguments
        if call.text(0) == "[" and words and literal(words[-1]) == "]":
            words = words[:-1]
        return self._tested([_token(word) for word in words], call.index, call.state, call.place)

    def _break(self, call: Call) -> Status:
        call.state.ended = "broken" if self._loops else ""
        return SUCCESS

    def _continue(self, call: Call) -> Status:
        call.state.ended = "continued" if self._loops else ""
        return SUCCESS


# --- small parts ----------------------------------------------------------------------------------------

_GUARDS_OF: Final = {
    "left": "guards",
    "returned": "function_guards",
    "broken": "loop_guards",
    "continued": "loop_guards",
}


def _is_pipe(path: Value) -> bool:
    return len(path) == 1 and isinstance(path[0], Symbol) and path[0].kind == "pipe"


def _telling(given: Mapping[str, Value], state: State) -> dict[str, Value]:
    """Return what the environment of a command says to programs, as far as that matters here."""
    found = {
        name: state.variables[name] or () for name in _TELLING if name in state.variables and name in state.exported
    }
    if "PATH" in state.variables:  # which every environment has, so that it is exported already
        found["PATH"] = state.variables["PATH"] or ()
    return {**found, **{name: text for name, text in given.items() if name in _TELLING or name == "PATH"}}


def _nothing(_state: State, _place: Place) -> Status:
    return SUCCESS


def _succeeds(code: Value | None) -> bool | None:
    """Whether a text is the code of what succeeds (0), or of what fails; None where it is neither for certain."""
    if code == FAILURE.code:
        return False
    text = literal(code or ())
    return int(text) % 256 == 0 if text and text.isdigit() else None


def _blamed_by(code: Value | None) -> str | None:
    """The commands whose failure a code tells, as its symbol names them; None where it is not the code of anything."""
    if _succeeds(code):
        return ""
    symbol = code[0] if code and len(code) == 1 else ""
    return symbol.name if isinstance(symbol, Symbol) and symbol.kind == "status" and symbol.name != FAILED else None


def _blamed_in(names: str) -> tuple[int, ...]:
    return tuple(int(each.rstrip("?")) for each in names.split())


def _added(way: _Way, code: Value | None, before: Value | None, base: str, own: range) -> tuple[int, ...] | None:
    """The commands whose failure a code tells besides, once a way was taken; None where it tells something else."""
    if code == before:
        return ()
    if _succeeds(code) is False:
        return way.blame or None
    blamed = _blamed_by(code)
    if blamed is None or not f"{blamed} ".startswith(f"{base} " if base else ""):
        return None
    added = _blamed_in(blamed[len(base) :])
    return added if all(index in own for index in added) else None


def _implied(when: Atoms, added: Atoms) -> Atoms:
    """Return the atom that says: if one way was taken, then what that way demands."""
    unless = conjunction(not_all(when))
    return frozenset({texts.bounded(f"({unless}) || ({conjunction(added)})")})


_TELLING_MACHINE: Final = frozenset({"/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release"})
_TOLD_OF_MACHINE: Final = (
    "NAME", "VERSION", "ID", "ID_LIKE", "VERSION_CODENAME", "VERSION_ID", "PRETTY_NAME", "ANSI_COLOR", "CPE_NAME",
    "LOGO", "HOME_URL", "DOCUMENTATION_URL", "SUPPORT_URL", "BUG_REPORT_URL", "PRIVACY_POLICY_URL", "SUPPORT_END",
    "BUILD_ID", "VARIANT", "VARIANT_ID", "IMAGE_ID", "IMAGE_VERSION", "RELEASE_TYPE", "DEFAULT_HOSTNAME",
    "ARCHITECTURE", "SYSEXT_LEVEL",
    "UBUNTU_CODENAME", "PLATFORM_ID", "DISTRIB_ID", "DISTRIB_RELEASE", "DISTRIB_CODENAME", "DISTRIB_DESCRIPTION",
)  # fmt: skip
"""What os-release(5) and its forerunner set."""
_READING: Final = frozenset({".", "source", "cat", "grep", "test", "["})

_MAKES_ENVIRONMENT: Final[frozenset[Value]] = frozenset({("venv",), ("virtualenv",)})


def _starts_agent(script: Value) -> bool:
    """Tell whether a script is `$(ssh-agent)`, which sets two variables that say where it listens."""
    symbol = script[0]
    return (
        len(script) == 1
        and isinstance(symbol, Symbol)
        and symbol.kind == "command"
        and symbol.name.startswith("ssh-agent ")
    )


def _is_opaque(script: Value) -> bool:
    """Tell whether a script is so little known that following it would be guessing: it begins with a symbol."""
    return bool(script) and isinstance(script[0], Symbol)


def _token(word: Value) -> conditions.Token:
    """Return a word of `[ … ]`, where nothing is a pattern."""
    known = literal(word)
    quoted = tuple(texts.escaped(part) if isinstance(part, str) else part for part in word)
    return conditions.Token(word, known, quoted)


def _item_of(text: Value) -> Value:
    return texts.derived("item", display(text))


def _is_told(text: Value, names: list[str]) -> bool:
    """Tell whether it is known what `read` makes of each line of a text."""
    unknown = [part for part in text if isinstance(part, Symbol)]
    return not unknown or (len(names) == 1 and all(map(is_solid, unknown)))
