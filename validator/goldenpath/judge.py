"""The judge: asks the checks of a repository what they find, and lets none of them break or hang the whole."""

from __future__ import annotations

from contextlib import suppress
from time import process_time
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct, msgpack

from goldenpath.aside import Aside, possible, read, written
from goldenpath.checks import Check, Outcome, evidence, load, not_applicable, unknown
from goldenpath.deadline import AT_LEAST, TookTooLong, within
from goldenpath.facts import Facts, in_turn, maker
from goldenpath.journal import Answers  # noqa: TC001 - msgspec reads the annotations
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from goldenpath.contract import Contract, Requirement
    from goldenpath.facts.attribution import Share
    from goldenpath.facts.catalog import Component
    from goldenpath.facts.trace import Trace
    from goldenpath.facts.workflows import Parsed
    from goldenpath.handed_in import HandedIn
    from goldenpath.journal import Journal
    from goldenpath.repository import Repository

A = TypeVar("A")
T = TypeVar("T")

SERVICE = "service"
"""What a repository without a Component is judged as: the strictest, so that nothing is missed."""

FOLLOWING = frozenset({
    "build-reproducible", "build-signed", "ci-least-privilege", "provenance-verified", "sbom-generated",
    "tests-gate-release", "vulnerabilities-gated",
})  # fmt: skip
"""The checks that follow workflows, which takes as long as all others: these a second process may judge.

Nothing but the time that it takes depends on this list. It stands here so that each process loads its own checks only.
"""

SECONDS = 4.0
"""Processor time that all checks together may take."""


def components_of(repository: Repository) -> tuple[Component, ...]:
    """The components that a repository declares, found within the limits of a judgement.

    Raises InputError where they are not.
    """
    try:
        with within(SECONDS):
            return tuple(Facts(repository)["catalog"].components)
    except InputError:
        raise
    except TookTooLong:
        why = f"it takes more than {SECONDS:.0f} s"
    except Exception as error:  # noqa: BLE001 - what is read is hostile
        why = f"a defect, please report it ({type(error).__name__}: {error})"
    raise InputError(f"{repository.location}: its components cannot be told: {why}")


class Question(Struct, frozen=True):
    """What is asked of a component, or of a repository that declares none."""

    name: str
    requirement: Requirement
    component: Component | None

    @property
    def check(self) -> Check:
        """The check, loaded when the first of its questions is answered."""
        return load(self.name)


class _Told(Struct, Generic[T], frozen=True):
    """What another process found, and what it was told for that."""

    result: T
    heard: Answers
    complete: bool


class Judge:
    """Asks checks for their outcome, and lets none of them break or hang the whole."""

    def __init__(
        self, repository: Repository, contract: Contract, handed_in: HandedIn | None, journal: Journal,
        *, strict: bool, traced: bool, alone: bool,
    ) -> None:  # fmt: skip
        self._trace = _trace(repository, handed_in, contract) if traced else None
        # What another process looks at would leave no trace here.
        self._alone = alone or traced or not possible()
        self.facts = self._trace or Facts(
            repository, handed_in, contract.knowledge, in_turn if self._alone else self._at_once
        )
        self._handed_in = handed_in
        self._contract = contract
        self._journal = journal
        self._strict = strict
        self._unfinished: set[str] = set()
        self._seconds = SECONDS
        self._until = process_time() + self._seconds

    def components(self) -> tuple[Component | None, ...]:
        """The components to judge, or None for a repository that declares none."""
        try:
            with self._limit():
                return tuple(self.facts["catalog"].components) or (None,)
        except InputError:
            raise
        except (Exception, TookTooLong):
            if self._strict:
                raise
            self._journal.give_up()
            return (None,)  # the checks that need the catalog say what broke

    def answers(
        self, questions: list[Question], made: Callable[[Question, Outcome], A], form: type[list[A]]
    ) -> list[A]:
        """What is `made` of the questions and of what their checks find, in their order; `form` is the type of it all.

        Each is made in the process that judges it, so that no other has to load its check. What takes longest is done
        here: to follow workflows, which another process parses meanwhile, and then judges what is left.
        """

        def of(asked: list[Question]) -> list[A]:
            self._until = process_time() + self._seconds
            return [made(question, self._why_not(question) or self._outcome(question)) for question in asked]

        following = [question for question in questions if question.name in FOLLOWING]
        others = [question for question in questions if question.name not in FOLLOWING]
        if self._alone or not following or not others:
            return of(questions)

        def work() -> Iterator[bytes]:
            yield msgpack.encode(self._as_told(self._parsed()))
            with self.facts["repository"]:  # which has processes of its own here
                answers = self._as_told(msgpack.encode(of(others)))
            yield msgpack.encode(answers)

        with Aside(work) as aside:
            self._make_ready(following)
            if parsed := aside.result():
                from goldenpath.facts.workflows import Parsed

                self.facts.give("parsed", self._learn(msgpack.decode(parsed, type=_Told[Parsed])))
            here = iter(of(following))
            result = aside.result()
        told = None if result is None else self._learn(msgpack.decode(result, type=_Told[bytes]))
        there = iter(of(others) if told is None else msgpack.decode(told, type=form))
        return [next(here if question.name in FOLLOWING else there) for question in questions]

    def _parsed(self) -> Parsed:
        """The workflows, parsed for both processes; who needs them meets again what prevents that."""
        from goldenpath.facts.workflows import parsed_of

        begun, parsed = process_time(), {}
        with suppress(Exception, TookTooLong), self._limit():
            parsed = parsed_of(self.facts["workflows"], self.facts["repository"])
        self._seconds -= process_time() - begun
        return parsed

    def _make_ready(self, following: Iterable[Question]) -> None:
        """Load what it takes to follow workflows, while another process parses them."""
        from goldenpath.facts.pipeline import walks
        from goldenpath.facts.workflows import has_workflows

        for question in following:
            load(question.name)
        if has_workflows(self.facts["repository"]):
            walks.make_ready()

    def _at_once(self, here: Callable[[], T], there: Callable[[], T], shared: Sequence[object]) -> tuple[T, T]:
        """Two things, the other one in a process of its own, to which everything in `shared` is known already."""
        left = self._until - process_time()

        def work() -> bytes:
            with within(max(left, AT_LEAST)), self.facts["repository"]:
                return written(self._as_told(there()), shared)

        with Aside(lambda: [work()]) as aside:
            done = here()
            for check in FOLLOWING:
                self.facts.load(load(check).needs)
            result = aside.result()
        return done, there() if result is None else self._learn(read(result, shared))

    def _as_told(self, result: T) -> _Told[T]:
        """What is found out in a process of its own, with what it was told for that."""
        return _Told(result, self._journal.heard(), self._journal.complete)

    def _learn(self, told: _Told[T]) -> T:
        """What the other process found, as if it had been found here."""
        self._journal.take(told.heard)
        if not told.complete:
            self._journal.give_up()
        return told.result

    def untouched(self, checks: Iterable[str], changed: frozenset[str]) -> tuple[str, ...]:
        """The checks that none of the changed files can have changed.

        Every check looks at the catalog, which says whether it is asked at all; and at the rules. What did not come to
        an end might have looked at anything.
        """
        from goldenpath.contract import SERVICE_FILE  # who reads a scorecard that was kept does without

        if not self._trace or changed & {SERVICE_FILE, self._contract.source}:
            return ()
        if any(self._trace.touches(maker("catalog"), path) for path in changed):
            return ()
        touches = self._trace.touches
        return tuple(
            check
            for check in checks
            if check not in self._unfinished and not any(touches(load(check).judge, path) for path in changed)
        )

    def _why_not(self, question: Question) -> Outcome | None:
        """Why this is not asked of the component; None where it is."""
        check, requirement, component = question.check, question.requirement, question.component
        kind, lifecycle = _kind(component)
        if component and not self._contract.judges(kind, lifecycle):
            return not_applicable(f"the contract does not judge a {kind}{f' in {lifecycle}' if lifecycle else ''}")
        if not requirement.asks(check, kind, lifecycle):
            types = (requirement.applies and requirement.applies.types) or check.applies
            likely = self._contract.meant(kind, types) if component else None
            if component and likely and requirement.asks(check, likely, lifecycle):
                return _mistyped(component, likely)
            return not_applicable(
                f"not asked of a {kind}{f' in {lifecycle}' if requirement.applies and lifecycle else ''}"
            )
        return None

    def _outcome(self, question: Question) -> Outcome:
        """What the check finds; `unknown` where it breaks or takes too long."""
        check, component, settings = question.check, question.component, self._contract.settings
        try:
            with self._limit():
                given: dict[str, object] = {"component": component, "settings": settings}
                if "releases" in check.needs and component and len(self.facts["catalog"].components) > 1:
                    return self._of_its_releases(check, component, given)
                return check.judge(**self.facts.arguments(check.judge, **given))
        except TookTooLong:
            if self._strict:
                raise
            self._give_up(check)
            return unknown("it takes too long to find out", f"the checks together may take {SECONDS:.0f} s and have")
        except Exception as error:
            if self._strict:
                raise
            self._give_up(check)
            defect = f"a defect of the check, please report it ({type(error).__name__}: {error})"
            return unknown("the check itself broke", defect)

    def _give_up(self, check: Check) -> None:
        self._unfinished.add(check.id)
        self._journal.give_up()

    def _of_its_releases(self, check: Check, component: Component, given: dict[str, object]) -> Outcome:
        """What the check finds in the releases of one component of several; in doubt it is no proof, and no fault."""
        part: Share = self.facts["attribution"].of(component)
        own, doubtful = (
            check.judge(**self.facts.arguments(check.judge, releases=releases, **given)) for releases in part
        )
        if not part.doubtful.runs or (part.own.runs and own.verdict != "pass"):
            return own
        if part.own.runs and doubtful.verdict == "pass":
            return own
        if not part.own.runs and doubtful.verdict == "fail":  # whichever of them it is
            return doubtful
        summary = f"what of the release is {component.ref.name} cannot be told"
        named = "no image is named after it, and nothing that is built in its folder alone"
        reason = "more is released here, of which nothing says whose it is" if part.own.runs else named
        return unknown(summary, reason, *doubtful.evidence)

    def _limit(self) -> AbstractContextManager[None]:
        return within(max(self._until - process_time(), AT_LEAST))


def _trace(repository: Repository, handed_in: HandedIn | None, contract: Contract) -> Trace:
    from goldenpath.facts.trace import Trace  # the rare case, which the others should not wait for

    return Trace(repository, handed_in, contract.knowledge)


def _kind(component: Component | None) -> tuple[str, str | None]:
    return (component.type, component.lifecycle) if component else (SERVICE, None)


def _mistyped(component: Component, likely: str) -> Outcome:
    place = (component.entity.get("spec", "type") or component.entity).place
    reason = f"a contract that names {component.type!r} among the types of a requirement says what is asked of it"
    said = evidence("declared", place, f"type: {component.type}")
    return unknown(f"the type {component.type!r} is known nowhere; is a {likely} meant?", reason, said)
