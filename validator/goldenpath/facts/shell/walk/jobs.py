"""Jobs in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.status import FAILURE, SUCCESS, Status, asked
from goldenpath.facts.values import Symbol, Value, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.leaving import Leaving
    from goldenpath.facts.shell.walk.output import Output
    from goldenpath.facts.shell.walk.record import Record


class _Job(Struct):
    """Commands in the background: which of them fail it, whether that is known, and whether it was waited for."""

    commands: range
    blamed: tuple[int, ...]
    known: bool | None
    waited: bool = False


class Jobs:
    """The jobs that have been started, and what waits for them."""

    def __init__(self, record: Record, codes: Codes, leaving: Leaving) -> None:
        self._record = record
        self._codes = codes
        self._leaving = leaving
        self._jobs: list[_Job] = []

    def start(self, run: Callable[[State, Place], Status], state: State, place: Place) -> Status:
        """Run a job beside the script, which fails by it only where it waits for it, and asks how it has ended."""
        child, first = state.over(), len(self._record.commands)
        here = replace(place.shell(errexit=state.errexit), fails=not place.dead)
        floor, self._record.floor = self._record.floor, first
        child.traps = ()
        status = child.outcome(run(child, here))
        self._leaving.leave(child, here)
        self._record.floor = floor
        blamed = self._record.fatal_since(first)
        self._record.spare(blamed)
        known = False if child.ended == "failed" else None if blamed and status.known else status.known
        self._jobs.append(_Job(range(first, len(self._record.commands)), blamed, known))
        ended, child.ended = state.ended, ""
        state.adopt_files(child)
        state.ended = ended
        state.variables["!"] = (Symbol("job", str(len(self._jobs) - 1)),)
        return SUCCESS

    def wait(self, call: Call) -> Status:
        """Wait for jobs: for all of them, which always succeeds, for those that are named, or for the next one."""
        options = [text for word in call.arguments if (text := literal(word)) and text.startswith("-")]
        named = [job for word in call.arguments if (job := self._job(word)) is not None]
        running = [job for job in self._jobs if not job.waited]
        if options == ["-n"] and len(call.arguments) == 1 and len(running) == 1:
            named = running
        elif options or (call.arguments and self._job(call.arguments[-1]) is None):  # the last one decides
            return replace(asked(texts.shown(call.words)), question=False)
        for job in named or running if not call.place.dead else ():
            job.waited = True
            for at in job.commands:
                if self._record.commands[at].over is None:
                    self._record.commands[at] = replace(self._record.commands[at], over=call.index)
        return self._codes.heed(self._ended(named[-1]), call.state, call.place) if named else SUCCESS

    def _job(self, word: Value) -> _Job | None:
        """The job that `$!`, a variable that has kept it, or a number stands for.

        With as many jobs before it as it says, a number is that of the last one, unless it is nobody's. With one job
        only, each is that of this job.
        """
        if (text := literal(word) or "").startswith("%"):
            return self._jobs[-1] if len(self._jobs) == 1 or text == f"%{len(self._jobs)}" else None
        symbol = word[0] if len(word) == 1 else ""
        return self._jobs[int(symbol.name)] if isinstance(symbol, Symbol) and symbol.kind == "job" else None

    def list(self, output: Output, call: Call) -> Status:
        """`jobs -p` says which run, or are over and not waited for; some of those before the last one may be gone."""
        last = self._jobs[-1:]
        if [literal(word) for word in call.arguments] == ["-p"] and last and not last[0].waited:
            if not all(job.waited for job in self._jobs[:-1]):
                output.print_unknown(call)
            output.print((Symbol("job", str(len(self._jobs) - 1)), "\n"), call.state, call.place)
        else:
            output.print_unknown(call)
        return SUCCESS

    def _ended(self, job: _Job) -> Status:
        """With what status a job ends: that of its commands, any of which may fail it."""
        if job.known is not None:
            return SUCCESS if job.known else FAILURE
        return self._codes.blaming(job.blamed)
