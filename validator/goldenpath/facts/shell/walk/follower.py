"""The walk: it is made of its parts, and hands each command to the one that it is of."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from goldenpath.facts.shell import syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.expansion import Placeholders
from goldenpath.facts.shell.leads import Leads
from goldenpath.facts.shell.parsing import parse
from goldenpath.facts.shell.script import Callees, Opaque, Script
from goldenpath.facts.shell.state import Place, State
from goldenpath.facts.shell.status import FAILURE, SUCCESS, Status, both
from goldenpath.facts.shell.syntax import Unfollowable
from goldenpath.facts.shell.walk.calls import Calls
from goldenpath.facts.shell.walk.choices import Choices
from goldenpath.facts.shell.walk.codes import Codes
from goldenpath.facts.shell.walk.commands import Commands
from goldenpath.facts.shell.walk.containers import Containers
from goldenpath.facts.shell.walk.forks import Forks
from goldenpath.facts.shell.walk.frames import Frames
from goldenpath.facts.shell.walk.jobs import Jobs
from goldenpath.facts.shell.walk.leaving import Leaving
from goldenpath.facts.shell.walk.limits import MAX_CHARACTERS, Limits
from goldenpath.facts.shell.walk.lists import Lists
from goldenpath.facts.shell.walk.loops import Loops
from goldenpath.facts.shell.walk.output import Output
from goldenpath.facts.shell.walk.questions import Questions
from goldenpath.facts.shell.walk.record import Record
from goldenpath.facts.shell.walk.words import Words
from goldenpath.facts.values import Symbol, Value

_STANDARD: Final = frozenset({"0", "1", "2"})
"""The descriptors by which commands read, print and complain, of which their own records tell."""


class Follower:
    """The walk through a script; the state of the shell is passed along."""

    def __init__(self, callees: Callees | None = None) -> None:
        self._limits = limits = Limits()
        self._record = record = Record()
        self._placeholders = Placeholders()
        self._frames = frames = Frames()
        self._codes = codes = Codes(record)
        leads, output = Leads(callees), Output(record)
        forks = Forks(record, codes, frames)
        self._leaving = leaving = Leaving(limits, record, codes, frames, self)
        jobs = Jobs(record, codes, leaving)
        self._words = words = Words(self._placeholders, limits, frames, record, output, leaving, self)
        self._lists = Lists(limits, record, output, codes, forks, jobs, self)
        self._questions = questions = Questions(record, codes, words, leads)
        self._choices = Choices(codes, words, forks, self)
        self._loops = Loops(record, codes, frames, words, forks, self)
        calls = Calls(limits, record, output, codes, frames, leads, leaving, self)
        self._commands = Commands(
            limits, record, output, words, codes, leads, calls, questions, leaving, jobs, Containers(record)
        )

    def program(self, script: Value, state: State) -> Status:
        """Follow the text of a whole script."""
        status = self.text(script, state, Place())
        self._leaving.leave(state, Place())
        return status

    def text(self, script: Value, state: State, place: Place) -> Status:
        """Follow the text of a program in a state."""
        encoded = self._placeholders.encode(script)
        if encoded is None or len(encoded) > MAX_CHARACTERS:
            raise Unfollowable(f"A script has at most {MAX_CHARACTERS} characters.")
        self._limits.read(len(encoded))
        if self._record.inside is None:
            self._record.file.lines = [0, *(match.end() for match in re.finditer("\n", encoded))]
        program = parse(encoded)
        status = self.body(program.body, state, place)
        if program.fault is not None:
            self._break_off(program.fault, state, place)
        return status

    def body(self, body: syntax.Body, state: State, place: Place) -> Status:
        """Follow commands one after the other."""
        return self._lists.body(body, state, place)

    def dead(self, body: syntax.Body, state: State, place: Place) -> None:
        """Note commands that certainly do not run."""
        self._lists.dead(body, state, place)

    def _break_off(self, fault: syntax.SyntaxFault, state: State, place: Place) -> None:
        path, line, column = self._record.position(fault.offset)
        self._record.opaque.append(Opaque("syntax", fault.sentence, line, column, path=path))
        if not state.ended:
            state.ended = "failed" if place.fails else "left"

    def command(self, command: syntax.Command, state: State, place: Place) -> Status:
        """Follow a command, which may stop its shell."""
        self._limits.step()
        self._limits.deeper()
        status = self._dispatch(command, state, place)
        survived = place.heeded and state.errexit and status.known is None
        state.last = SUCCESS if survived else status
        self._limits.depth -= 1
        heeds = isinstance(command, syntax.Simple | syntax.Test | syntax.Sum) or getattr(command, "subshell", False)
        stops = (place.heeded and state.errexit) or (place.tail and place.fails)
        if heeds and status.known is False and stops and not state.ended:
            state.ended = "failed" if place.fails else "left"
            state.leaving = FAILURE
        return status

    def _dispatch(self, command: syntax.Command, state: State, place: Place) -> Status:
        match command:
            case syntax.Simple():
                return self._commands.simple(command, state, place)
            case syntax.Redirected():
                return self._redirected(command, state, place)
            case syntax.Group(body=body, subshell=subshell):
                return self._subshell(body, state, place) if subshell else self.body(body, state, place)
            case syntax.If():
                return self._choices.of_if(command, state, place)
            case syntax.For() | syntax.While():
                return self._loops.run(command, state, place)
            case syntax.Case():
                return self._choices.of_case(command, state, place)
            case syntax.Test():
                return self._questions.double_bracket(command, state, place)
            case syntax.Sum(word=word):
                return self._questions.sum(self._words.expander(state, place).text(word), state, place)
            case syntax.Function():
                return self._define(command, state)

    def _redirected(self, command: syntax.Redirected, state: State, place: Place) -> Status:
        here, redirects = self._words.redirected(command.redirections, state, place)
        if beside := tuple(each for each in redirects if each.descriptor not in _STANDARD):
            self._commands.opens(command.offset, state, here, beside)
        return self.command(command.body, state, here)

    def _define(self, command: syntax.Function, state: State) -> Status:
        if command.name == "command_not_found_handle":
            raise Unfollowable("It says itself what runs where there is no such program.")
        state.functions[command.name] = (command.body, self._record.file, self._record.inside)
        self._leaving.defined(command, state)
        return SUCCESS

    def _subshell(self, body: syntax.Body, state: State, place: Place) -> Status:
        child = state.over()
        child.traps = ()
        self._frames.left.append(((), ()))
        status = self.body(body, child, replace(place.shell(errexit=state.errexit), in_group=True))
        blamed, perhaps = self._frames.left.pop()
        self._leaving.leave(child, place)
        state.adopt_files(child)
        status = child.outcome(status)
        if blamed and status.known is not False:
            status = both(self._codes.blaming(blamed), status)
        return replace(status, perhaps=(*status.perhaps, *perhaps)) if perhaps else status

    def result(self, state: State, status: Status) -> Script:
        """Return what was found."""
        for name, ledger in state.ledgers.items():
            ledger.finish()
            if ledger.unclear:
                self._record.opaque.append(
                    Opaque("output", f"Only a run knows which names it writes to ${name}.", 0, 0)
                )
        paths, rest = texts.lines_of(state.files.pop((Symbol("file", "GITHUB_PATH"),)) or ())
        self._record.settle()
        return Script(
            commands=tuple(self._record.commands),
            variables={
                name: known for name, known in state.variables.items() if known is not None and not name.startswith("#")
            },
            exported=frozenset(state.exported),
            outputs=dict(state.ledgers["GITHUB_OUTPUT"].entries.items()),
            environment=dict(state.ledgers["GITHUB_ENV"].entries.items()),
            exports=state.ledgers["GITHUB_ENV"].unclear,
            path=tuple(path for path in (*paths, rest) if path),
            summary=state.files.pop((Symbol("file", "GITHUB_STEP_SUMMARY"),)) or (),
            files=dict(state.files.items()),
            substitutions={symbol: self._record.commands[index] for symbol, index in self._record.symbols.items()},
            opaque=tuple(self._record.opaque),
            made=frozenset(self._commands.made),
            changed=frozenset(state.changed),
            filled_in=tuple(self._record.filled_in),
            fails=state.ended == "failed" or (status.known is False and not state.ended),
        )
