"""Containers that a script starts beside itself, and what tells it how they have ended (`docker wait`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import text as texts
from goldenpath.facts.values import Symbol, Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.facts.shell.builtins import Call
    from goldenpath.facts.shell.status import Atoms
    from goldenpath.facts.shell.walk.record import File, Record

_ENGINES: Final = frozenset({"docker", "podman", "nerdctl"})
_DETACHED: Final = regex(r"-[a-z]*d[a-z]*(=true)?|--detach(=true)?")
_NAMED: Final = "--name"


class Started(Struct, frozen=True):
    """A container: the command that would wait for it (`docker run` without `-d`), where and how it was started."""

    words: tuple[Value, ...]
    offset: int
    given: Mapping[str, Value]
    folder: Value
    condition: Atoms
    file: File
    inside: tuple[str, int, int] | None


class Containers:
    """Those that were started in the background, by their names and by what their starts have printed."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._started: dict[Value, Started] = {}

    def start(self, call: Call) -> bool:
        """Keep account of a container that is started; whether it is one in the background."""
        if call.place.dead or _subcommand(call.words) != "run":
            return False
        detached = next((at for at, word in enumerate(call.words) if _DETACHED.fullmatch(literal(word) or "")), None)
        if detached is None:
            return False
        words = (*call.words[:detached], *call.words[detached + 1 :])
        condition = call.place.condition | call.state.condition
        where = (self._record.file, self._record.inside)
        started = Started(words, call.offset, call.given, call.state.folder, condition, *where)
        printed = Symbol("command", f"{texts.shown(call.words)} #{call.index}")
        for name in (value(printed), *_names(words)):
            self._started[name] = started
        return True

    @staticmethod
    def is_asked(call: Call) -> bool:
        """Tell whether a command says with which code one container has ended."""
        return _subcommand(call.words) == "wait" and literal(call.words[-2]) == "wait"

    def waited_for(self, call: Call) -> Started | None:
        """The container that it waits for; None for one that was started elsewhere."""
        return self._started.get(call.words[-1])


def _subcommand(words: tuple[Value, ...]) -> str | None:
    """What an engine is told to do with containers; None for another program."""
    told = (literal(word) for word in words[1:3]) if literal(words[0]) in _ENGINES else ()
    return next((word for word in told if word != "container"), None)


def _names(words: tuple[Value, ...]) -> Iterator[Value]:
    """How a container is called that is started."""
    for at, word in enumerate(words[:-1]):
        if literal(word) == _NAMED:
            yield words[at + 1]
        elif (literal(word) or "").startswith(f"{_NAMED}="):
            yield value((literal(word) or "").removeprefix(f"{_NAMED}="))
