"""What is true of a repository: typed facts, each with file, line and column.

A fact is a function in the module of its name (`facts/catalog.py` has `catalog`) whose parameters name what it is made
from: `repository`, or other facts. Facts are worked out once per repository, when the first check asks for them; they
know no tier and no verdict.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from time import process_time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from goldenpath.deadline import AT_LEAST, TookTooLong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from goldenpath.facts.declared import Knowledge
    from goldenpath.handed_in import HandedIn
    from goldenpath.repository import Repository

T = TypeVar("T")


class Both(Protocol):
    """A way to do two things that do not wait for each other; returns what both have come to.

    The second one may be done by another process, for which its result is written down: but for what is `shared`, which
    is there before and comes back as itself.
    """

    def __call__(self, here: Callable[[], T], there: Callable[[], T], shared: Sequence[object], /) -> tuple[T, T]:
        """Do both."""
        ...


def in_turn(here: Callable[[], T], there: Callable[[], T], _shared: Sequence[object]) -> tuple[T, T]:
    """Do one after the other, as is always right."""
    return here(), there()


def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters: what it wants to be given."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount]


def maker(name: str) -> Callable[..., Any]:
    """The function that makes the fact of that name. Raises KeyError when there is no such fact."""
    try:
        make: Callable[..., Any] = getattr(import_module(f"goldenpath.facts.{name}"), name)
    except (ModuleNotFoundError, AttributeError):
        raise KeyError(name) from None
    return make


class Facts:
    """The facts of one repository by name, each made at its first use.

    Facts may also name what is given: the repository, what was handed in beside it (handed_in.py), the `knowledge`
    of the contract (declared.py), the way to do `both` of two things, and files that another process has `parsed`.
    """

    def __init__(
        self,
        repository: Repository,
        handed_in: HandedIn | None = None,
        knowledge: Knowledge | None = None,
        both: Both = in_turn,
    ) -> None:
        self._known: dict[str, Any] = {
            "repository": repository,
            "sources": handed_in.sources if handed_in else (),
            "lent": handed_in.entities if handed_in else (),
            "knowledge": knowledge,
            "both": both,
            "parsed": None,
        }
        self._given = frozenset(self._known)
        self._given_up: set[str] = set()

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - every fact has its own type; checks annotate theirs
        """The fact of that name. Raises KeyError when there is no such fact, and TookTooLong as its maker does.

        What could not be made in the time that every check has will not be made by the next one either.
        """
        if name in self._given_up:
            raise TookTooLong
        if name not in self._known:
            make, begun = maker(name), process_time()
            try:
                self._known[name] = make(**self.arguments(make))
            except TookTooLong:
                if process_time() - begun >= AT_LEAST:
                    self._given_up.add(name)
                raise
        return self._known[name]

    def load(self, names: Iterable[str]) -> None:
        """Load the modules of facts that will be asked for, and of those that they are made from, but make none."""
        for name in names:
            if name not in self._known:
                with suppress(KeyError):  # a check is given more than facts
                    self.load(parameters(maker(name)))

    def give(self, name: str, what: object) -> None:
        """Say what a fact may name, before anything is made of it."""
        self._known[name] = what

    def arguments(self, function: Callable[..., Any], **known: object) -> dict[str, Any]:
        """What a fact or check wants to be given: facts, but for what is `known` already."""
        return {name: known[name] if name in known else self[name] for name in parameters(function)}
