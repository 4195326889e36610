"""Functions, and what runs another text: shells, scripts, `source` and `eval`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.builtins import ENVIRONMENT, Call
from goldenpath.facts.shell.layers import Layered
from goldenpath.facts.shell.paths import absolute, path_from
from goldenpath.facts.shell.script import Called, Command, Reason, long_options
from goldenpath.facts.shell.status import NONE, SUCCESS, Status, asked, both
from goldenpath.facts.shell.walk.leaving import Leaving, is_opaque
from goldenpath.facts.shell.walk.limits import MAX_CALLS, MAX_SCRIPTS, Limits
from goldenpath.facts.shell.walk.record import File, Record
from goldenpath.facts.values import Symbol, Value, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goldenpath.facts.shell.leads import Leads
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.frames import Frames
    from goldenpath.facts.shell.walk.output import Output
    from goldenpath.facts.shell.walk.walker import Walker

_TELLING_MACHINE: Final = frozenset({"/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release"})
_TOLD_OF_MACHINE: Final = (
    "NAME", "VERSION", "ID", "ID_LIKE", "VERSION_CODENAME", "VERSION_ID", "PRETTY_NAME", "ANSI_COLOR", "CPE_NAME",
    "LOGO", "HOME_URL", "DOCUMENTATION_URL", "SUPPORT_URL", "BUG_REPORT_URL", "PRIVACY_POLICY_URL", "SUPPORT_END",
    "BUILD_ID", "VARIANT", "VARIANT_ID", "IMAGE_ID", "IMAGE_VERSION", "RELEASE_TYPE", "DEFAULT_HOSTNAME",
    "ARCHITECTURE", "SYSEXT_LEVEL",
    "UBUNTU_CODENAME", "PLATFORM_ID", "DISTRIB_ID", "DISTRIB_RELEASE", "DISTRIB_CODENAME", "DISTRIB_DESCRIPTION",
)  # fmt: skip
"""What os-release(5) and its forerunner set."""


class Calls:
    """Texts that are followed where they are called."""

    def __init__(
        self,
        limits: Limits,
        record: Record,
        output: Output,
        codes: Codes,
        frames: Frames,
        leads: Leads,
        leaving: Leaving,
        walker: Walker,
    ) -> None:
        self._limits = limits
        self._record = record
        self._output = output
        self._codes = codes
        self._frames = frames
        self._leads = leads
        self._leaving = leaving
        self._walker = walker

    def function(self, name: str, words: tuple[Value, ...], offset: int, state: State, place: Place) -> Status:
        """Run a function where it is called."""
        if len(self._frames.locals) >= MAX_CALLS:
            index = self._record.add(words, offset, state, place, (), {})
            self._record.give_up("dynamic", Call(words, state, place, index, offset))
            return replace(asked(texts.shown(words)), question=False)
        positional, guards, loops = state.positional, state.function_guards, state.loop_guards
        state.positional, state.function_guards, state.loop_guards = words[1:], guards | loops, NONE
        self._frames.locals.append({})
        self._frames.returned.append(((), ()))
        possible = state.possible
        turns, self._frames.loops = self._frames.loops, 0
        body, *where = state.functions[name]
        before, (self._record.file, self._record.inside) = (self._record.file, self._record.inside), where
        status = state.outcome(self._walker.command(body, state, place))
        self._record.file, self._record.inside = before
        self._frames.loops = turns
        blamed, perhaps = self._frames.returned.pop()
        if blamed and status.known is not False:
            status = both(self._codes.blaming(blamed), status)
        status = replace(status, perhaps=(*status.perhaps, *perhaps)) if perhaps else status
        state.possible = possible  # a `return` may have left it before something was ruled out
        for own, (outer, was_set) in self._frames.locals.pop().items():
            if was_set:
                state.variables[own] = outer
            else:
                state.variables.pop(own)
        state.ended = "" if state.ended == "returned" else state.ended
        state.positional, state.function_guards, state.loop_guards = positional, guards, loops
        return status

    def shell(self, call: Call) -> Status:
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
        return self._output.out_of_sight("stdin", call)

    def _nested(
        self, script: Value, arguments: tuple[Value, ...], options: set[str], call: Call, reason: Reason
    ) -> Status:
        """Run a text in a shell of its own."""
        if not script or is_opaque(script):
            return self._output.out_of_sight(reason, call)
        called = Called(text=script, path="", arguments=arguments, options=frozenset(options))
        return self.scripts((called,), None, replace(call, place=replace(call.place, stdin=None)))

    def _inner(self, script: Value, call: Call, state: State, place: Place) -> Status:
        """Follow a text inside the script; all of it stands where the command stands that runs it."""
        before, self._record.inside = self._record.inside, self._record.position(call.offset)
        self._limits.deeper()
        status = self._walker.text(script, state, place)
        self._limits.depth -= 1
        self._record.inside = before
        return status

    def _script_of(self, words: list[Value], options: set[str], call: Call) -> Status:
        """Run `bash -e script arguments`."""
        lead = self._leads.script(words[0], call.state)
        if lead is None or lead.unseen:
            return self._output.out_of_sight("script", call, lead.unseen if lead is not None else "")
        runs = (Called(text=value(lead.program, ' "$@"'), path=""),) if lead.program else ()
        called = [
            replace(each, name=words[0], arguments=tuple(words[1:]), options=frozenset(options))
            for each in lead.scripts or runs
        ]
        return self.scripts(tuple(called), self._record.lead(call.index), call)

    def caller(self, words: tuple[Value, ...], offset: int) -> Command:
        """Return a command as one that calls what is followed before it."""
        path, line, column = self._record.position(offset)
        return Command(words=words, line=line, column=column, path=path, callers=self._record.callers)

    def scripts(self, scripts: Sequence[Called], caller: Command | None, call: Call) -> Status:
        """Follow scripts one after the other, as long as none fails."""
        if len(self._record.callers) >= MAX_SCRIPTS:
            return self._output.out_of_sight(
                "script", call, "scripts and targets call each other too often to be followed"
            )
        before, self._record.callers = (
            self._record.callers,
            (*self._record.callers, caller) if caller is not None else self._record.callers,
        )
        status, place = SUCCESS, call.place
        for called in scripts:
            place = place if status.known is not False else replace(place, dead=True, fails=False)
            outcome = self._sourced(called, call) if called.sourced else self._called(called, call, place)
            status = both(status, SUCCESS if called.ignored else outcome)
        self._record.callers = before
        if status.known is not None and scripts:
            return Status(status.known, blame_false=status.blame_false)
        text = texts.shown(call.words)
        return replace(asked(text), question=False, blame_false=status.blame_false)

    def _called(self, called: Called, call: Call, place: Place) -> Status:
        """Follow a script in a shell of its own, which sees what is exported, and in which no loop goes on."""
        if "noexec" in called.options:
            return replace(asked(texts.shown(call.words)), question=False)
        child, first = self._child(called, call), len(self._record.commands)
        outer = place.fatal(errexit=call.state.errexit) and not called.ignored
        here = replace(place.guarded(called.condition), tail=True, heeded=True, fails=not place.dead, in_group=False)
        floor, self._record.floor = self._record.floor, self._record.floor if outer else first
        kept = self._frames.locals, self._frames.loops, self._frames.sourcing
        self._frames.locals, self._frames.loops, self._frames.sourcing = [], 0, False
        status = child.outcome(self._text_of(called, call, child, here))
        self._leaving.leave(child, here)
        self._frames.locals, self._frames.loops, self._frames.sourcing = kept
        self._record.floor = floor
        failed = child.ended == "failed" or status.known is False
        call.state.adopt_files(child)
        call.state.ended = ""
        blamed = self._record.fatal_since(first)
        self._record.spare(blamed if not outer else ())
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
        before, self._record.inside = (self._record.file, self._record.inside), None
        self._record.file = File(called.path, called.line, called.exact)
        if called.filled and not place.dead:
            symbols = (part for part in called.text if isinstance(part, Symbol))
            self._record.filled_in.update(((part, called.path, called.line), None) for part in symbols)
        self._limits.deeper()
        status = self._walker.text(called.text, state, place)
        self._limits.depth -= 1
        self._record.file, self._record.inside = before
        return status

    def _sourced(self, called: Called, call: Call) -> Status:
        """Follow a script in the shell that it is sourced into; `return` leaves it."""
        state, first = call.state, len(self._record.commands)
        positional, guards, possible = state.positional, state.function_guards, state.possible
        sources = state.arrays.get("BASH_SOURCE")
        state.positional = call.arguments[1:] or positional
        state.arrays["BASH_SOURCE"] = (called.name,)
        turns, self._frames.sourcing = self._frames.sourcing, True
        status = state.outcome(self._text_of(called, call, state, call.place))
        self._frames.sourcing = turns
        state.positional = positional if call.arguments[1:] else state.positional
        state.function_guards, state.possible = guards, possible
        if sources is not None:
            state.arrays["BASH_SOURCE"] = sources
        else:
            state.arrays.pop("BASH_SOURCE")
        state.ended = "" if state.ended == "returned" else state.ended
        blamed = self._record.fatal_since(first)
        return replace(status, blame_false=(*status.blame_false, *blamed))

    def eval(self, call: Call) -> Status:
        """Follow the text that the arguments make, in the shell at hand."""
        script = value(*(piece for at, word in enumerate(call.arguments) for piece in ((" ", word) if at else (word,))))
        if script and _starts_agent(script):
            return SUCCESS
        if is_opaque(script):
            self._record.give_up("eval", call)
        else:
            self._inner(script, call, call.state, call.place)
        return SUCCESS

    def source(self, call: Call) -> Status:
        """Follow a script in the shell at hand."""
        lead = self._leads.script(call.arguments[0], call.state) if call.arguments else None
        if (lead is None or lead.program) and (self._activates(call) or self._asks_machine(call)):
            return replace(asked(texts.shown(call.words)), question=False)
        if lead is None or lead.unseen:
            return self._output.out_of_sight("source", call, lead.unseen if lead is not None else "")
        called = [replace(each, name=call.arguments[0], sourced=True) for each in lead.scripts]
        return self.scripts(called, self._record.lead(call.index), call)

    def _activates(self, call: Call) -> bool:
        """Tell whether an environment of Python outside of the repository is activated that has been made here."""
        script = call.arguments[0] if call.arguments else ()
        written = path_from(call.state.folder, script) in call.state.files
        activates = not written and script in self._record.environments
        if activates and (split := partition(script, "/bin/", last=True)):
            call.state.assign(ENVIRONMENT, absolute(path_from(call.state.folder, split[0])))
            call.state.exported[ENVIRONMENT] = None
        return activates

    def _asks_machine(self, call: Call) -> bool:
        """Tell whether a file is read that says what the machine is: it sets some variables, and does nothing else.

        A script that names it in another command may have written it.
        """
        script = call.arguments[0] if call.arguments else ()
        if literal(script) not in _TELLING_MACHINE or script in self._record.perhaps_written:
            return False
        for name in _TOLD_OF_MACHINE:
            call.state.assign(name, value(Symbol("unknown", f"{name} of {literal(script)}")))
        return True


def _starts_agent(script: Value) -> bool:
    """Tell whether a script is `$(ssh-agent)`, which sets two variables that say where it listens."""
    symbol = script[0]
    return (
        len(script) == 1
        and isinstance(symbol, Symbol)
        and symbol.kind == "command"
        and symbol.name.startswith("ssh-agent ")
    )
