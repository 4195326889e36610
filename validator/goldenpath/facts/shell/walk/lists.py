"""Commands one after the other, joined by `&&`, `||` and `|`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.shell import syntax
from goldenpath.facts.shell import text as texts
from goldenpath.facts.shell.bodies import assigned_in, only_command
from goldenpath.facts.shell.giving_up import left_by_success
from goldenpath.facts.shell.retries import chosen, counted_by, folded, once, tried_again
from goldenpath.facts.shell.state import ends_of
from goldenpath.facts.shell.status import FAILURE, NONE, SUCCESS, Status, both, either
from goldenpath.facts.shell.walk.forks import Forks, Way, nothing
from goldenpath.facts.shell.walk.limits import MAX_TURNS
from goldenpath.facts.values import Value, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.walk.codes import Codes
    from goldenpath.facts.shell.walk.jobs import Jobs
    from goldenpath.facts.shell.walk.limits import Limits
    from goldenpath.facts.shell.walk.output import Output
    from goldenpath.facts.shell.walk.record import Record
    from goldenpath.facts.shell.walk.walker import Walker


class Lists:
    """Bodies, lists and pipelines."""

    def __init__(
        self, limits: Limits, record: Record, output: Output, codes: Codes, forks: Forks, jobs: Jobs, walker: Walker
    ) -> None:
        self._limits = limits
        self._record = record
        self._output = output
        self._codes = codes
        self._forks = forks
        self._jobs = jobs
        self._walker = walker

    def body(self, body: syntax.Body, state: State, place: Place) -> Status:
        """Follow commands one after the other, until one leaves them."""
        self._limits.deeper()
        status = SUCCESS
        body = folded(body) if len(body) > 1 else body
        for at, statement in enumerate(body):
            if state.ended:
                self.dead(body[at:], state, place)
                break
            if count := self._as_count(statement, state, place):
                status = self.body((count, *body[at + 1 :]), state, place)
                break
            here = place if at == len(body) - 1 else place.inner()
            status = self._statement(self._as_retry(body, at, state, place), state, here)
        self._limits.depth -= 1
        return status

    @staticmethod
    def _as_retry(body: syntax.Body, at: int, state: State, place: Place) -> syntax.Statement:
        """A command; a loop that gives up as one that does not, where the command after it fails if it has."""
        loop = only_command(body[at]) if at + 1 < len(body) else None
        if not isinstance(loop, syntax.While):
            return body[at]
        after = place if at + 2 == len(body) else place.inner()
        retry = left_by_success(loop, body[at + 1], heeded=after.fatal(errexit=state.errexit))
        return body[at] if retry is None else syntax.in_place(retry, body[at])

    def _as_count(self, statement: syntax.Statement, state: State, place: Place) -> syntax.Statement | None:
        """A loop that tries a command again while it counts (`while [ $n -lt 3 ]`), as one over the numbers."""
        loop = only_command(statement)
        found = counted_by(loop) if isinstance(loop, syntax.While) else None
        if found is None or not isinstance(loop, syntax.While):
            return None
        name, step = found
        commands, opaque, trial = len(self._record.commands), len(self._record.opaque), state.over()
        numbers: list[str] = []
        goes_on: bool | None = True
        while goes_on and len(numbers) < MAX_TURNS:
            number = literal(trial.get(name) or ()) or ""
            status = self.body(loop.condition, trial, place.asked())
            goes_on = status.negated().known if loop.until else status.known
            if goes_on and not number.isdigit():
                goes_on = None
            elif goes_on:
                numbers.append(number)
                self.body((step,), trial, place.inner())
        self._record.take_back(commands, opaque)
        return None if goes_on is not False else tried_again(statement, name, numbers, loop.body)

    def dead(self, body: syntax.Body, state: State, place: Place) -> None:
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
        self._limits.step()
        statement = once(statement) if len(statement.pipelines) > 1 else statement
        if choice := chosen(statement):
            return self._walker.command(choice, state, place)
        if not statement.background:
            return self._and_or(statement.pipelines, state, place)
        return self._jobs.start(lambda child, here: self._and_or(statement.pipelines, child, here), state, place)

    def _and_or(self, items: Sequence[tuple[str, syntax.Pipeline]], state: State, place: Place) -> Status:
        status = own = SUCCESS
        accidents: tuple[int, ...] = ()
        last = len(items) - 1
        last_or = max((at for at, (operator, _) in enumerate(items) if operator == "||"), default=0)
        for at, (operator, pipeline) in enumerate(items):
            here = place if at == last else replace(place, heeded=False, tail=place.tail and at >= last_or)
            if not operator:
                status = own = self._pipeline(pipeline, state, here)
            elif state.ended:
                self.dead((syntax.Statement((("", pipeline),), background=False, offset=0),), state, here)
            else:
                here = here.after(accidents) if operator == "&&" else here
                status, own = self._next_in_list(status, operator, pipeline, state, here)
                state.last = status
            if operator == "||":
                accidents = self._codes.accidents(status)
            elif own.known is None:
                accidents = ends_of((*accidents, *self._codes.accidents(own)))
        return status

    def _next_in_list(
        self, left: Status, operator: str, pipeline: syntax.Pipeline, state: State, place: Place
    ) -> tuple[Status, Status]:
        """Run what follows `&&` or `||`, as far as what stands before it decides; how both end, and that alone."""
        conjunctive = operator == "&&"
        if left.known is not None and left.known is not conjunctive:
            self.dead((syntax.Statement((("", pipeline),), background=False, offset=0),), state, place)
            return left, SUCCESS
        if left.known is not None:
            own = self._pipeline(pipeline, state, place)
            return own, own
        outcome = [SUCCESS]

        def run(branch: State, here: Place) -> Status:
            branch.last = SUCCESS if conjunctive else FAILURE
            if not conjunctive and (answer := self._codes.set_apart(left)):
                branch.last = left
                branch.possible = {**branch.possible, answer.symbol: answer.values - {answer.success}}
            outcome[0] = self._pipeline(pipeline, branch, here)
            return outcome[0]

        if conjunctive:
            presumed = NONE if not left.question else left.when_true
            ways = [Way(presumed, left.when_false, run, left.blame_true), Way(NONE, NONE, nothing, left.blame_false)]
            held = True
        else:
            ways = [
                Way(left.when_false, left.when_true, run, left.blame_false),
                Way(NONE, NONE, nothing, left.blame_true),
            ]
            held = False
        ways = [
            replace(way, perhaps=left.perhaps, possible=state.with_telling(left.tells, held=each))
            for way, each in zip(ways, (held, not held), strict=True)
        ]
        self._forks.take(state, place, ways)
        return both(left, outcome[0]) if conjunctive else either(left, outcome[0]), outcome[0]

    def _pipeline(self, pipeline: syntax.Pipeline, state: State, place: Place) -> Status:
        here = replace(place, heeded=False, tail=False) if pipeline.negated else place
        if len(pipeline.stages) == 1:
            status = self._walker.command(pipeline.stages[0], state, here)
            if "PIPESTATUS" in state.arrays:
                state.arrays["PIPESTATUS"] = (status.code,)
        else:
            status = self._stages(pipeline.stages, state, here)
        if pipeline.negated and not state.ended:
            state.last = status = status.negated()
            self._codes.heed(status, state, replace(place, heeded=False))
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
            pipe = None if last else self._output.channel(state)
            here = replace(here, stdout=pipe) if pipe else here
            first = len(self._record.commands)
            child = state.over()
            outcome = child.outcome(self._walker.command(stage, child, here.shell(errexit=state.errexit)))
            state.adopt_files(child)
            for name in assigned_in((stage,)) if last and state.lastpipe else ():  # it is run in this very shell
                state.assign(name, texts.derived("pipe", name))
            codes.append(outcome.code)
            failed, state.ended = failed or state.ended == "failed", ""
            source = self._linked(first, source if at else None, place.substitution)
            text = (state.files.pop(pipe) or ()) if pipe else None
            status = both(status, outcome) if state.pipefail else outcome
        state.ended = "failed" if failed else ""
        state.arrays["PIPESTATUS"] = tuple(codes)
        state.last = SUCCESS if place.heeded and state.errexit and status.known is None else status
        return status

    def _linked(self, first: int, source: int | None, depth: int) -> int | None:
        """Link a stage to the one before it; return the command that feeds the next, in no further substitution."""
        commands = self._record.commands
        mine = [index for index in range(first, len(commands)) if commands[index].substitution == depth]
        if not mine:
            return None
        if source is not None:
            self._record.commands[source] = replace(self._record.commands[source], pipe_to=mine[0])
        return mine[-1]
