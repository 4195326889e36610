"""What was asked of repositories and what they said, so that the same can be asked again.

What is found in a repository follows from the names in it and from its answers: while those are the same, nothing
else is asked, and nothing else is found. All questions go through a repository's source; there they are heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from goldenpath.fingerprint import fingerprint
from goldenpath.repository import MAX_BYTES, Missing, Question, Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from goldenpath.repository import Entry, Repository

Said = TypeVar("Said", bytes, str, bool, int)

MAX_QUESTIONS = 20_000
"""Most questions that are remembered; asking more of them again would not be quick."""


class Asked(NamedTuple):
    """A question, and which of several repositories it was put to."""

    repository: int
    question: Question


Answers: TypeAlias = list[tuple[Asked, str]]


class Journal:
    """The answers of repositories that are listened to.

    It is `complete` while each question had one answer, and all work that asked came to its end.
    """

    def __init__(self) -> None:
        self._answers: dict[Asked, str] = {}
        self._repositories = 0
        self.complete = True

    def listen(self, repository: Repository) -> Repository:
        """The same repository, whose answers are heard; open as long as the other one is."""
        number = self._repositories
        self._repositories += 1
        return repository.asked_through(lambda source: _Heard(source, number, self.hear))

    def hear(self, asked: Asked, answer: str) -> None:
        """Note an answer. Who is told something else later has seen a tree that changed meanwhile."""
        self.complete &= self._answers.setdefault(asked, answer) == answer

    def heard(self) -> Answers:
        """All answers, in the order of their first questions."""
        return list(self._answers.items())

    def take(self, answers: Answers) -> None:
        """Note what another process was told."""
        for asked, answer in answers:
            self.hear(asked, answer)

    def give_up(self) -> None:
        """Say that something was not found out, for whatever reason: another time it might be."""
        self.complete = False

    @property
    def worth_keeping(self) -> bool:
        """Whether what follows from these answers can be told by asking again."""
        return self.complete and len(self._answers) <= MAX_QUESTIONS


def same_again(answers: Answers, repositories: Sequence[Repository]) -> bool:
    """Whether repositories, which have the same names as before, answer as they did before."""
    return all(_answer(repositories[asked.repository], asked.question) == answer for asked, answer in answers)


def _answer(repository: Repository, question: Question) -> str:
    try:
        return _written(repository.answer(question))
    except (Missing, Unreadable) as refusal:
        return _written(refusal)


def _written(said: object) -> str:
    """An answer, in words that no other answer to the same question has."""
    if isinstance(said, bytes):
        return fingerprint(said)
    return f"{type(said).__name__}: {said}"


class _Heard(Source):
    """A source whose answers somebody else hears, too."""

    def __init__(self, source: Source, number: int, hear: Callable[[Asked, str], None]) -> None:
        self._source = source
        self._number = number
        self._hear = hear

    def content(self, path: str, entry: Entry, limit: int = MAX_BYTES) -> bytes:
        return self._pass_on(Question("content", path, limit), lambda: self._source.content(path, entry, limit))

    def line(self, path: str, entry: Entry, pattern: str) -> int:
        question = Question("line", path, pattern=pattern)
        return self._pass_on(question, lambda: self._source.line(path, entry, pattern))

    def target(self, path: str, entry: Entry) -> str:
        return self._pass_on(Question("target", path), lambda: self._source.target(path, entry))

    def exists(self, path: str) -> bool:
        return self._pass_on(Question("exists", path), lambda: self._source.exists(path))

    def stray(self, path: str) -> bool:
        return self._pass_on(Question("stray", path), lambda: self._source.stray(path))

    def close(self) -> None:
        self._source.close()

    def _pass_on(self, question: Question, ask: Callable[[], Said]) -> Said:
        asked = Asked(self._number, question)
        try:
            said = ask()
        except (Missing, Unreadable) as refusal:
            self._hear(asked, _written(refusal))
            raise
        self._hear(asked, _written(said))
        return said
