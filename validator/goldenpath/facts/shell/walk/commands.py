"""Simple commands: builtins, functions and programs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import builtins, syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.answers import told_in
from goldenpath.facts.shell.builtins import ENVIRONMENT, Call, before_a_colon
from goldenpath.facts.shell.changes import changed_by
from goldenpath.facts.shell.paths import absolute, path_from
from goldenpath.facts.shell.script import (
    SHELLS,
    Lead,
    Redirect,
    given_to,
    is_detached,
    of_python,
    program_name,
    split_by_env,
    unwrapped,
)
from goldenpath.facts.shell.status import SUCCESS, Status, asked
from goldenpath.facts.shell.walk.codes import QUESTIONS, Codes
from goldenpath.facts.shell.walk.limits import MAX_CALLS, Limits
from goldenpath.facts.values import SOMEWHERE, Symbol, Value, literal, partition, replaced, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from goldenpath.facts.shell.leads import Leads
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.calls import Calls
    from goldenpath.facts.shell.walk.containers import Containers, Started
    from goldenpath.facts.shell.walk.jobs import Jobs
    from goldenpath.facts.shell.walk.leaving import Leaving
    from goldenpath.facts.shell.walk.output import Output
    from goldenpath.facts.shell.walk.questions import Questions
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.words import Words

_SILENT: Final = frozenset({
    ":", "[", "cd", "chmod", "cp", "false", "mkdir", "mv", "popd", "pushd", "rm", "set", "shopt", "sleep", "test",
    "touch", "trap", "true", "ulimit", "umask", "wait",
})  # fmt: skip
"""Commands that print nothing."""

_FORCED: Final = {"mkdir": regex(r"-\w*p\w*|--parents"), "rm": regex(r"-\w*f\w*|--force")}
"""Commands that prepare something, and their options with which they find nothing to complain of."""

_TOP: Final = ("git", "rev-parse", "--show-toplevel")
"""How the folder is asked for that everything is in; in the workspace itself that is the workspace."""

_MATCHING: Final = frozenset({"egrep", "fgrep", "grep"})
_CALCULATING: Final = QUESTIONS | {"awk", "bc", "expr", "jq", "node", "perl", "python", "python3", "ruby"}
"""Programs whose own status may be an answer by what they are told."""

_EVERYWHERE: Final = regex(r"-|/|~/?|/tmp/?|(\.\.?/?)+|--")
_FOLDERS: Final = frozenset({"HOME", "OLDPWD", "RUNNER_TEMP"})
_TELLS_FOLDER: Final = regex(r"(dirname|mktemp -d|pwd|git rev-parse --show-toplevel)\b")
_HARMLESS: Final = frozenset({
    "basename", "clear", "date", "df", "dirname", "echo", "free", "hostname", "id", "mkdir", "nproc", "printf", "sleep",
    "sync", "uname", "uptime", "whoami",
})  # fmt: skip
"""Programs that do not fail in practice."""
_FILTERS: Final = frozenset({
    "awk", "base64", "cat", "cut", "head", "sed", "sort", "tail", "tee", "tr", "uniq", "wc", "xxd",
})  # fmt: skip
"""Programs that do not either, where they are given what they read."""

_LEAVING: Final = frozenset({"<", "<<", "<<-", "<<<", "<&", ">>", "&>>"})
"""Redirections after which a file is what it was, where no command prints into it."""

_SAYING: Final = {"true": True, "false": False}
"""Builtins that do nothing but say so."""

_NOTHING: Final[tuple[Value, ...]] = ((":",),)

_Builtin: TypeAlias = "Callable[[Call], Status]"


class Commands:
    """Commands by their names."""

    def __init__(
        self,
        limits: Limits,
        record: Record,
        output: Output,
        words: Words,
        codes: Codes,
        leads: Leads,
        calls: Calls,
        questions: Questions,
        leaving: Leaving,
        jobs: Jobs,
        containers: Containers,
    ) -> None:
        self._limits = limits
        self._record = record
        self._output = output
        self._words = words
        self._codes = codes
        self._leads = leads
        self._calls = calls
        self._questions = questions
        self._containers = containers
        self._folders: set[Value] = set()
        """The folders that have been made."""
        self.made: set[str] = set()
        """The files that commands have made."""
        self._builtins: Mapping[str, _Builtin] = {
            **builtins.ACTING, **{name: partial(run, output) for name, run in builtins.PRINTING.items()},
            "exit": leaving.exit, "return": leaving.return_, "break": leaving.break_, "continue": leaving.continue_,
            "eval": calls.eval, "source": calls.source, ".": calls.source, "trap": leaving.trap, "xargs": self._xargs,
            "test": questions.bracket, "[": questions.bracket, "coproc": self._dynamic, "ssh": self._remote,
            "let": questions.let, "cd": self._cd, "pushd": self._cd, "wait": jobs.wait,
            "jobs": partial(jobs.list, output),
        }  # fmt: skip

    def simple(self, command: syntax.Simple, state: State, place: Place) -> Status:
        """Run a command with its assignments and redirections, or make the assignments alone."""
        words = self._words.of(command, state, place)
        own = not words
        self._words.substitution = SUCCESS
        first = len(self._record.commands)
        assignments = {
            each.name: self._words.assigned(each, state, place if own else place.asked())
            for each in command.assignments
        }
        if own:  # of several substitutions only the last one says how it ends
            self._record.spare(each for each in self._record.fatal_since(first) if each < self._words.begun)
        here, redirects = self._words.redirected(command.redirections, state, place)
        if own:
            if any(each.operator not in _LEAVING for each in redirects):
                self.opens(command.offset, state, here, redirects)
            self._words.assign_all(command.assignments, assignments, state)
            if here.stdin is not None and not command.assignments:
                self._output.print(here.stdin, state, here)
            return self._words.substitution
        return self._run(split_by_env(words), command.offset, state, here, redirects, assignments=assignments)

    def opens(self, offset: int, state: State, place: Place, redirects: tuple[Redirect, ...]) -> None:
        """Note files that are opened for no command of their own (`> a`), which is what `: > a` does."""
        self._record.harmless.add(self._record.add(_NOTHING, offset, state, place, redirects, {}))

    def _run(
        self,
        words: tuple[Value, ...],
        offset: int,
        state: State,
        place: Place,
        redirects: tuple[Redirect, ...] = (),
        *,
        assignments: Mapping[str, Value],
    ) -> Status:
        """Run a simple command whose words are expanded: a function, a builtin, or a program."""
        name = literal(words[0])
        if name is not None and name in state.functions:
            return self._codes.heed(self._calls.function(name, words, offset, state, place), state, place)
        if name is None and len(words) == 1 and (told := self._answered(words[0], state)) is not None:
            return self._codes.heed(told, state, place)
        inner = unwrapped(words)
        plain = of_python(self._leads.without_interpreter(inner, state))
        words = (*words[: len(words) - len(inner)], *plain)
        inner = plain
        replaces = name == "exec" and len(inner) < len(words)
        place = replace(place, tail=True) if replaces else place
        detached = len(inner) < len(words) and is_detached(words)
        place = place.asked() if detached else place
        given = {**assignments, **given_to(words)}
        lead = self._lead(inner, state, given)
        if lead is not None and lead.program:
            assignments = {**assignments, **_of_environment(inner[0])}
            plain = of_python((value(lead.program), *inner[1:]))
            words = (*words[: len(words) - len(inner)], *plain)
            inner, lead = plain, None
        before = lead.scripts if lead is not None and lead.itself else ()
        if before:
            self._calls.scripts(before, self._calls.caller(words, offset), Call(inner, state, place, -1, offset, given))
        index = self._record.add(words, offset, state, place, redirects, assignments)
        call = self._beside(Call(inner, state, place, index, offset, given), lead)
        if lead is None or (lead.itself and not lead.unseen):
            status = self._perform(call)
        elif lead.unseen:
            status = self._output.out_of_sight("script", call, lead.unseen)
        else:
            status = self._calls.scripts(lead.scripts, self._record.lead(index), call)
        if lead is not None and lead.after:
            self._calls.scripts(lead.after, self._record.commands[index], call)
        if self._is_harmless(call) or status.known:
            self._record.harmless.add(index)
        state.ended = "left" if replaces and not state.ended else state.ended
        if detached:
            return SUCCESS
        known_to_fail = status.known is False and not status.question
        return (
            status if status.blame_true or known_to_fail else replace(status, blame_false=(*status.blame_false, index))
        )

    def _is_harmless(self, call: Call) -> bool:
        """Whether a command does not fail in practice: it enters a folder that is there, or edits what it is given."""
        program = program_name(call.words[0])
        if program == "mkdir" and not call.place.dead:
            self._folders.update(path_from(call.state.folder, word) for word in call.arguments)
        if program in {"cd", "pushd"}:
            return call.state.folder in self._folders or all(map(_is_there, call.arguments))
        return program in _HARMLESS or (program in _FILTERS and call.place.stdin is not None)

    def _answered(self, word: Value, state: State) -> Status | None:
        """What `$ok` says of commands where it is `true` or `false` by them."""
        symbol = told_in(word)
        if symbol is None or any(each in state.functions for each in _SAYING):
            return None

        def says(meaning: Value) -> bool | None:
            return _SAYING.get(literal(replaced(word, {symbol: meaning})) or "")

        return self._codes.of(symbol, says, state, replace(asked(texts.shown((word,))), question=False))

    def _lead(self, words: tuple[Value, ...], state: State, given: Mapping[str, Value]) -> Lead | None:
        """Tell what a command leads to in the repository, and keep account of what that makes and costs."""
        if literal(words[0]) in self._builtins:
            return None
        lead = self._leads.of(words, state, given, frozenset(self.made))
        if lead is not None:
            self.made |= lead.makes
            self._limits.spend(lead.cost)
        return lead

    def _perform(self, call: Call) -> Status:
        """Run a shell, a builtin, or a program."""
        if self._containers.is_asked(call):
            return self._wait_for(self._containers.waited_for(call), call)
        program = program_name(call.words[0])
        builtin = self._builtins.get(program or "")
        if program in SHELLS:
            return self._calls.shell(call)
        return builtin(call) if builtin is not None else self._program(call, program)

    def _program(self, call: Call, program: str | None) -> Status:
        """Run what is no builtin: its output is a symbol, and whether it succeeds depends on the run."""
        for path in changed_by(program, call.arguments) if not call.place.dead else ():
            call.state.spoil(path)
        if program is None:
            self._record.give_up("dynamic", call)
        elif "/" in program:
            self._record.give_up("script", call)
        if program in syntax.DECLARATIONS:
            return SUCCESS
        is_top = not call.state.folder and tuple(map(literal, call.words)) == _TOP
        if told := (*absolute(()), "\n") if is_top else before_a_colon(call):
            self._output.print(told, call.state, call.place)
        elif program not in _SILENT:
            self._output.print_unknown(call)
        forced = _FORCED.get(program or "")
        if forced and any(forced.fullmatch(literal(word) or "") for word in call.arguments):
            return SUCCESS
        status = replace(asked(texts.shown(call.words)), question=program in QUESTIONS)
        if program in _MATCHING:
            return self._questions.grep(call, status)
        if program not in _CALCULATING:
            return status
        status = replace(status, perhaps=self._codes.about(*call.words, call.place.stdin or ()))
        return self._codes.heed(status, call.state, call.place)

    def _beside(self, call: Call, lead: Lead | None) -> Call:
        """A command that may start a container beside the script, which then prints its number, and nothing else."""
        if not self._containers.start(call) or lead is None:
            return call
        self._output.print_unknown(call)
        return replace(call, place=replace(call.place, stdout=None))

    def _wait_for(self, started: Started | None, call: Call) -> Status:
        """Say with which code a container has ended: that of what it runs, as if it ran here.

        Of one that was started elsewhere it is the code of who waits for it, of whom nobody knows what that was.
        """
        self._record.spare([call.index])
        code: Value = (Symbol("status", str(call.index)),)
        if started is not None:
            self._record.lead(call.index)
            code = self._run_beside(started, call).code
        self._output.print((*code, "\n"), call.state, call.place)
        return SUCCESS

    def _run_beside(self, started: Started, call: Call) -> Status:
        """Follow a container, as it was started, where it is waited for."""
        child = call.state.over()
        child.folder = started.folder
        before = self._record.file, self._record.inside
        self._record.file, self._record.inside = started.file, started.inside
        here = replace(call.place.asked().guarded(started.condition), stdout=None, stdin=None)
        self._limits.deeper()
        status = self._run(started.words, started.offset, child, here, assignments=started.given)
        self._limits.depth -= 1
        self._record.file, self._record.inside = before
        return status

    def _cd(self, call: Call) -> Status:
        words = [word for word in call.arguments if not (literal(word) or "").startswith("-") or literal(word) == "-"]
        if call.text(0) == "pushd":
            call.state.folders = (*call.state.folders, call.state.folder)[-MAX_CALLS:]
        known = len(words) == 1 and literal(words[0]) != "-"
        call.state.enter(path_from(call.state.folder, words[0]) if known else (SOMEWHERE,))
        path = literal(call.state.folder)
        if path is not None and (self._leads.exists(path) or self._leads.stands_in(path, call.state)):
            return SUCCESS
        return replace(asked(texts.shown(call.words)), question=False)

    def _dynamic(self, call: Call) -> Status:
        self._record.give_up("dynamic", call)
        return SUCCESS

    def _remote(self, call: Call) -> Status:
        return self._output.out_of_sight("eval", call)

    def _xargs(self, call: Call) -> Status:
        path = call.given.get("PATH") or call.state.get("PATH")
        if any(self._leads.shadow((word,), call.state, path) for word in call.arguments):
            return self._output.out_of_sight("script", call, "PATH leads to a program of this repository")
        return self._output.out_of_sight("xargs", call)


def _is_there(folder: Value) -> bool:
    """Whether a folder is there on every machine: one above, that of the user, or one that a program has told."""
    if (path := literal(folder)) is not None:
        return _EVERYWHERE.fullmatch(path) is not None
    first = folder[0]
    if not isinstance(first, Symbol) or len(folder) > 1:
        return False
    return first.name in _FOLDERS if first.kind == "variable" else _TELLS_FOLDER.match(first.name) is not None


def _of_environment(program: Value) -> dict[str, Value]:
    """What a program of an environment of Python goes by, as if that had been activated."""
    split = partition(program, "/bin/", last=True)
    return {ENVIRONMENT: split[0]} if split else {}
