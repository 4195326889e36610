"""Commands that are tried again: what a loop, or the rest of a script, does after a failure is an `else`.

`if sign; then exit 0; fi; …; exit 1` says the same as `if sign; then exit 0; else …; exit 1; fi`, of which one sees
that the script fails where `sign` does. In a loop that ends as soon as a command has succeeded, only the last turn
decides; one without an end is left by that success alone.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import syntax
from goldenpath.facts.shell.bodies import (
    assigned_in,
    fails_in,
    has_sum,
    leaves_quietly,
    only_command,
    plain_text,
    plain_words,
    programs_told,
)

_LEAVES: Final = frozenset({"break", "exit", "return"})
_RANGE: Final = regex(r"\{\d+\.\.(\d+)\}")
_SPEAKING: Final = frozenset({"echo", "printf", "sleep", "[", "test", "log", "warn", "info"})
"""Commands that may be told which turn of a loop it is."""


class _Left(NamedTuple):
    """Commands that are left once one of them has succeeded: those before it, those only then, and those otherwise."""

    before: syntax.Body
    condition: syntax.Body
    then: syntax.Body
    rest: syntax.Body
    where: syntax.Statement

    def as_choice(self) -> syntax.Body:
        """The same, with what comes after it in an `else`."""
        choice = syntax.If(((self.condition, self.then),), self.rest)
        return (*self.before, _statement(choice, self.where))


def folded(body: syntax.Body) -> syntax.Body:
    """Commands that end in a failure unless one of them has succeeded, with those after it in the `else` of that."""
    if not fails_in(body[-1:], deep=False):
        return body
    for at, statement in enumerate(body):
        command = only_command(statement)
        turn = _last(command) if isinstance(command, syntax.For) else None
        if turn is not None and _words(turn.left.then[-1])[:1] != ["break"]:  # then it is not the loop that is left
            body = (*body[:at], *turn.counted, *turn.left.before, turn.left.where, *turn.left.rest, *body[at + 1 :])
            break
    left = _left(body)
    return left.as_choice() if left else body


def last_turn(loop: syntax.For) -> syntax.Body | None:
    """The last turn of a loop that ends as soon as a command has succeeded; None where it is no such loop."""
    turn = _last(loop)
    if turn is None:
        return None
    left = turn.left
    if left.rest or isinstance(only_command(left.where), syntax.If):
        return (*turn.counted, *left._replace(then=_without_break(left.then)).as_choice())
    *first, (operator, _) = left.where.pipelines  # `a && break`, whose failure no `set -e` heeds
    nothing = syntax.Simple((), (syntax.Word((syntax.Text(":"),), loop.offset),), (), loop.offset)
    alone = replace(left.where, pipelines=(*first, (operator, syntax.Pipeline((nothing,), negated=False))))
    return (*turn.counted, *left.before, alone)


class _Turn(NamedTuple):
    """The last turn of a loop: the assignment of what it counts, and what it does."""

    counted: syntax.Body
    left: _Left


def _last(loop: syntax.For) -> _Turn | None:
    """The last turn of a loop over numbers, which no command but those that speak is told."""
    left = _left(loop.body)
    number = _last_number(loop)
    if left is None or number is None or not programs_told(loop.name, loop.body) <= _SPEAKING:
        return None
    if fails_in(left.rest) and (not loop.name or has_sum(left.rest)):
        return None  # what is decided by a sum is not seen in one turn
    if {*assigned_in(left.then)} & {loop.name, *assigned_in((*left.before, *left.rest))}:
        return None  # nor is what a variable says that turns before may have set
    if not loop.name:
        return _Turn((), left)
    word = syntax.Word((syntax.Text(number),), loop.offset)
    counted = syntax.Simple(
        (syntax.Assignment(loop.name, word, append=False, index=None, offset=loop.offset),), (), (), loop.offset
    )
    return _Turn((_statement(counted, left.where),), left)


def _last_number(loop: syntax.For) -> str | None:
    """The last of the numbers that a loop counts, `1` where it counts by a sum; None where it goes over other words."""
    if not loop.name:
        return "1"
    words = loop.words or ()
    part = words[-1].parts[-1] if words else None
    if isinstance(part, syntax.Substitution) and len(words) == len(part.body) == 1:
        said = _words(part.body[0])
        return said[-1] if said[:1] == ["seq"] and all(each and each.isdigit() for each in said[1:]) else None
    texts = [plain_text(word) or "" for word in words]
    if len(texts) == 1 and (found := _RANGE.fullmatch(texts[0])):
        return found[1]
    return texts[-1] if texts and all(map(str.isdigit, texts)) else None


def until_success(loop: syntax.While) -> syntax.Body | None:
    """A loop without an end that a command's success leaves, as `until` of that; None where it is none."""
    said = _words(loop.condition[0]) if len(loop.condition) == 1 else []
    left = _left(loop.body) if said in ([["false"]] if loop.until else [[":"], ["true"]]) else None
    if left is None or leaves_quietly(left.before):
        return None
    again = syntax.While(left.condition, (*left.before, *left.rest), until=True)
    return (_statement(again, left.where), *_without_break(left.then))


def _without_break(then: syntax.Body) -> syntax.Body:
    return then[:-1] if _words(then[-1]) == ["break"] else then


def _left(body: syntax.Body) -> _Left | None:
    """Find the one command by whose success commands are left."""
    for at, statement in enumerate(body):
        found = _left_on_success(statement)
        if found is not None:
            rest = body[at + 1 :]
            return None if leaves_quietly(rest) else _Left(body[:at], *found, rest, statement)
    return None


def _left_on_success(statement: syntax.Statement) -> tuple[syntax.Body, syntax.Body] | None:
    """A command and what happens once it has succeeded, at the end of which something is left: `a && exit`."""
    command = only_command(statement)
    if isinstance(command, syntax.If) and len(command.branches) == 1 and not command.otherwise:
        [(condition, then)] = command.branches
        left = bool(then) and _leaves(_words(then[-1])) and not leaves_quietly(then[:-1])
        return (condition, then) if left else None
    first, *others = statement.pipelines
    then = tuple(replace(statement, pipelines=(("", pipeline),)) for _, pipeline in others)
    joined = bool(others) and all(operator == "&&" for operator, _ in others) and not statement.background
    if not joined or not _leaves(_words(then[-1])) or not all(map(_keeps, then[:-1])):
        return None
    return (replace(statement, pipelines=(first,)),), then


def _keeps(statement: syntax.Statement) -> bool:
    """Whether a command keeps an answer in a variable, which always succeeds."""
    command = only_command(statement)
    if not isinstance(command, syntax.Simple) or command.words or command.redirections:
        return False
    return all(
        isinstance(each.value, syntax.Word) and plain_text(each.value) is not None for each in command.assignments
    )


def _leaves(words: list[str | None]) -> bool:
    """Whether a command leaves a loop, a function or a script, and says that all is well."""
    return words[:1] != [] and words[0] in _LEAVES and words[1:] in ([], ["0"])


def _words(statement: syntax.Statement) -> list[str | None]:
    command = only_command(statement)
    return plain_words(command) if isinstance(command, syntax.Simple) else []


def _statement(command: syntax.Command, where: syntax.Statement) -> syntax.Statement:
    return syntax.Statement((("", syntax.Pipeline((command,), negated=False)),), background=False, offset=where.offset)
