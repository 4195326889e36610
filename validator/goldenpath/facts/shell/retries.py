"""Commands that are tried again: what a loop, or the rest of a script, does after a failure is an `else`.

`if sign; then exit 0; fi; …; exit 1` says the same as `if sign; then exit 0; else …; exit 1; fi`, of which one sees
that the script fails where `sign` does. In a loop that ends as soon as a command has succeeded, only the last turn
decides; one without an end is left by that success alone.
"""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import syntax
from goldenpath.facts.shell.bodies import (
    asked_in,
    assigned_in,
    called_in,
    fails_in,
    leaves_quietly,
    only_command,
    plain_text,
    plain_words,
    programs_told,
)
from goldenpath.facts.shell.conditions import compared
from goldenpath.facts.shell.walk.limits import MAX_TURNS
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEAVES: Final = frozenset({"break", "exit", "return"})
_RANGE: Final = regex(r"\{(\d{1,9})\.\.(\d{1,9})\}")
_SEQUENCE: Final = regex(r"seq(?: (\d{1,9}))??(?: ([1-9]\d{0,8}))?? (\d{1,9})")
_BARE: Final = (["exit"], ["return"])
"""What leaves with the code of the command before it."""
_SPEAKING: Final = frozenset({"echo", "printf", "sleep", "[", "test", "log", "warn", "info"})
"""Commands that may be told which turn of a loop it is."""


_ASKING: Final = frozenset({"[", "test"})
_SAYING_WELL: Final = frozenset({":", "true"})


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
        return (*self.before, syntax.in_place(choice, self.where))


def folded(body: syntax.Body) -> syntax.Body:
    """Commands that end in a failure unless one of them has succeeded, with those after it in the `else` of that."""
    fails = fails_in(body[-1:], deep=False) or _words(body[-1]) in _BARE
    if not fails and not _answers(body[-1]):
        return body
    for at, statement in enumerate(body if fails else ()):
        command = only_command(statement)
        turn = _last(command) if isinstance(command, syntax.For) else None
        if turn is not None and _words(turn.left.then[-1])[:1] != ["break"]:  # then it is not the loop that is left
            body = (*body[:at], *turn.counted, *turn.left.before, turn.left.where, *turn.left.rest, *body[at + 1 :])
            break
    left = _left(tuple(map(_turned_round, body[:-1])), last=False)
    return left._replace(rest=(*left.rest, body[-1])).as_choice() if left else body


def _answers(statement: syntax.Statement) -> bool:
    """Whether a command may say once more how all has gone: it asks, or leaves with a code that was kept, say."""
    if isinstance(only_command(statement), syntax.Test | syntax.Sum):
        return True
    words = _words(statement)
    return words[:1] in (["["], ["test"]) or words in (["exit", None], ["return", None])


def _turned_round(statement: syntax.Statement) -> syntax.Statement:
    """`a || exit 0` as `if ! a; then exit 0; fi`, and `case a in b) exit 0;; c) …` as an `if` of the same."""
    command = only_command(statement)
    if left := _left_in_condition(command):
        return syntax.in_place(left, statement)
    if isinstance(command, syntax.Case):
        choice = _chosen_first(command, statement)
        return syntax.in_place(choice, statement) if choice else statement
    (_, first), *others = statement.pipelines
    then = replace(statement, pipelines=tuple(("", pipeline) for _, pipeline in others))
    if [operator for operator, _ in others] != ["||"] or not _leaves(_words(then)):
        return statement
    otherwise = replace(statement, pipelines=(("", replace(first, negated=not first.negated)),))
    return syntax.in_place(syntax.If((((otherwise,), (then,)),), ()), statement)


def _chosen_first(case: syntax.Case, where: syntax.Statement) -> syntax.If | None:
    """The item of a `case` with which something is left, before the others, none of which fits where it does."""
    leaving = [at for at, (_, body, _) in enumerate(case.items) if body and _leaves(_words(body[-1]))]
    if not leaving or any(ending != ";;" for _, _, ending in case.items[: leaving[0] + 1]):
        return None
    patterns, body, _ = case.items[leaving[0]]
    before = [plain_text(each) for words, _, _ in case.items[: leaving[0]] for each in words]
    if not all(_misses(plain_text(each), other) for each in patterns for other in before):
        return None
    said: list[syntax.Word] = []
    for pattern in patterns:
        said += [_word("||", case.offset)] if said else []
        said += [case.subject, _word("==", case.offset), pattern]
    others = replace(case, items=(*case.items[: leaving[0]], *case.items[leaving[0] + 1 :]))
    asked = syntax.in_place(syntax.Test(tuple(said), case.offset), where)
    return syntax.If((((asked,), body),), (syntax.in_place(others, where),) if others.items else ())


def _misses(word: str | None, pattern: str | None) -> bool:
    """Whether what is one word for certain does not fit a pattern."""
    if word is None or pattern is None or not word.isalnum() or "(" in pattern:
        return False
    return compared(value(word), value(pattern)).known is False


def chosen(statement: syntax.Statement) -> syntax.Command | None:
    """`a && exit 0 || b` as `if a; then exit 0; else b; fi`, for nothing comes after an exit; None where it is none."""
    if turned := _left_in_condition(only_command(statement)):
        return turned
    at = next((at for at, (operator, _) in enumerate(statement.pipelines) if operator == "||"), 0)
    last = statement.pipelines[at - 1][1].stages[0] if at > 1 else None
    if not isinstance(last, syntax.Group) and not (isinstance(last, syntax.Simple) and _leaves(plain_words(last))):
        return None  # as most
    condition, then, otherwise = _left_on_success(statement) or ((), (), ())
    return syntax.If(((condition, then),), otherwise) if otherwise else None


def _left_in_condition(command: syntax.Command | None) -> syntax.If | None:
    """`if a && exit 0; then b; else c; fi` as `if a; then exit 0; else c; fi`, for there is no way to `b`."""
    if not isinstance(command, syntax.If) or len(command.branches) > 1 or len(command.branches[0][0]) > 1:
        return None
    asked = command.branches[0][0][0]
    if len(asked.pipelines) == 1:
        return None  # as most
    condition, then, otherwise = _left_on_success(asked) or ((), (), ())
    return syntax.If(((condition, then),), command.otherwise) if condition and not otherwise else None


def once(statement: syntax.Statement) -> syntax.Statement:
    """`a || a`, and `a || { sleep 5; a; }`, as `a`: they succeed only if that has, be it the second time."""
    kept = [statement.pipelines[0]]
    for operator, pipeline in statement.pipelines[1:]:
        before = kept[-1]
        if not (operator == "||" and before[0] in {"", "||"} and _is_again(before[1], pipeline)):
            kept.append((operator, pipeline))
    return statement if len(kept) == len(statement.pipelines) else replace(statement, pipelines=tuple(kept))


def _is_again(first: syntax.Pipeline, second: syntax.Pipeline) -> bool:
    """Whether a command is the same as one before it, perhaps after others that only speak or wait."""
    one, other = (each.stages[0] if len(each.stages) == 1 and not each.negated else None for each in (first, second))
    if isinstance(other, syntax.Group):
        *before, last = other.body
        speaks = all(_is_plain(only_command(each)) and _words(each)[0] in _SPEAKING - _ASKING for each in before)
        other = only_command(last) if speaks else None
    if not (_is_plain(one) and _is_plain(other)):
        return False
    said = [[word.parts if isinstance(word, syntax.Word) else None for word in each.words] for each in (one, other)]
    return said[0] == said[1] and None not in said[0]


def _is_plain(command: syntax.Command | None) -> TypeGuard[syntax.Simple]:
    """Whether a command is words alone: it sets no variable, and writes into no file."""
    return isinstance(command, syntax.Simple) and bool(command.words) and not command.assignments + command.redirections


def last_turn(loop: syntax.For, ends: Callable[[syntax.Body], bool]) -> syntax.Body | None:
    """The last turn of a loop that ends as soon as a command has succeeded; None where it is no such loop.

    Where it has, what the loop counts is set to `0`, which it is not where the last turn has failed, too. A turn that
    fails before it tries again, as `ends` tells of its commands, is the end of the turn before it.
    """
    turn = _last(loop)
    if turn is None:
        return None
    turn = _given_up(loop, turn, ends) or turn
    left = turn.left
    counted = (_assigned(loop, "0", left.where),) if loop.name else (_nothing(left.where),)
    if left.rest or isinstance(only_command(left.where), syntax.If):
        then = (*left.then[:-1], *counted) if _words(left.then[-1]) == ["break"] else left.then
        return (*turn.counted, *left._replace(then=then).as_choice())
    *first, (operator, _) = left.where.pipelines  # `a && break`, whose failure no `set -e` heeds
    alone = replace(left.where, pipelines=(*first, (operator, counted[0].pipelines[0][1])))
    return (*turn.counted, *left.before, alone)


def _assigned(loop: syntax.For, text: str, where: syntax.Statement) -> syntax.Statement:
    """The assignment of what a loop counts."""
    word = _word(text, loop.offset)
    assignment = syntax.Assignment(loop.name, word, append=False, index=None, offset=loop.offset)
    return syntax.in_place(syntax.Simple((assignment,), (), (), loop.offset), where)


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
    changed = {*assigned_in((*left.before, *left.rest))} - {loop.name}
    if fails_in(left.rest) and (not loop.name or asked_in(left.rest) & changed):
        return None  # what is decided by what turns have counted is not seen in one turn
    worked_out = tuple(each for each in left.then if not _keeps(each))
    if {*assigned_in(left.then)} & {loop.name, *changed} - ({*_surely_set(left.rest)} - {*assigned_in(worked_out)}):
        return None  # nor is what a variable says that turns before may have set
    if not loop.name:
        return _Turn((), left)
    return _Turn((_assigned(loop, number, left.where),), left)


def _given_up(loop: syntax.For, turn: _Turn, ends: Callable[[syntax.Body], bool]) -> _Turn | None:
    """The last turn that tries, where one after it fails before it would; None where none does, or the very first."""
    before = turn.left.before
    if not fails_in(before) or leaves_quietly(before) or not called_in(before) <= _SPEAKING | _LEAVES:
        return None
    turns = ((_assigned(loop, str(number), turn.left.where),) for number in _numbers(loop)[:MAX_TURNS])
    for counted, after in pairwise(turns):
        if ends((*counted, *before)):
            return None
        if ends((*after, *before)):
            return _Turn(counted, turn.left._replace(rest=(*turn.left.rest, *after, *before)))
    return None


def _last_number(loop: syntax.For) -> str | None:
    """The last of the numbers that a loop counts, `1` where it counts by a sum; None where it goes over other words."""
    if not loop.name:
        return "1"
    numbers = _numbers(loop)
    return str(numbers[-1]) if numbers else None


def _numbers(loop: syntax.For) -> range | list[str]:
    """The numbers that a loop counts; none where it goes over other words."""
    words = loop.words or ()
    part = words[-1].parts[-1] if words else None
    if isinstance(part, syntax.Substitution) and len(words) == len(part.body) == 1:
        said = " ".join(each or "?" for each in _words(part.body[0]))
        found = _SEQUENCE.fullmatch(said)
        return range(int(found[1] or 1), int(found[3]) + 1, int(found[2] or 1)) if found else []
    texts = [plain_text(word) or "" for word in words]
    if len(texts) == 1 and (found := _RANGE.fullmatch(texts[0])):
        first, last = int(found[1]), int(found[2])
        return range(first, last + 1) if first <= last else range(first, last - 1, -1)
    return texts if texts and all(map(str.isdigit, texts)) else []


def counted_by(loop: syntax.While) -> tuple[str, syntax.Statement] | None:
    """The variable that a loop asks for, and the command of each turn that alone counts it; None for no such loop."""
    named = asked_in(loop.condition) & {*assigned_in(loop.body)}
    if len(named) != 1 or assigned_in(loop.condition) or not called_in(loop.condition) <= _ASKING:
        return None
    counting = [each for each in loop.body if named & {*assigned_in((each,))}]
    if len(counting) != 1:
        return None
    command = only_command(replace(counting[0], pipelines=counting[0].pipelines[:1]))
    alone = isinstance(command, syntax.Sum) or (isinstance(command, syntax.Simple) and not command.words)
    return (named.pop(), counting[0]) if alone and called_in(tuple(counting)) <= _SAYING_WELL else None


def tried_again(where: syntax.Statement, name: str, numbers: list[str], body: syntax.Body) -> syntax.Statement | None:
    """A loop over numbers that ends as soon as a command has succeeded; None where it would be no such loop."""
    words = tuple(_word(number, where.offset) for number in numbers)
    loop = syntax.For(name, words, body, where.offset)
    return syntax.in_place(loop, where) if _last(loop) else None


def until_success(loop: syntax.While) -> syntax.Body | None:
    """A loop without an end that a command's success leaves, as `until` of that; None where it is none."""
    said = _words(loop.condition[0]) if len(loop.condition) == 1 else []
    left = _left(loop.body) if said in ([["false"]] if loop.until else [[":"], ["true"]]) else None
    if left is None or leaves_quietly(left.before):
        return None
    again = syntax.While(left.condition, (*left.before, *left.rest), until=True)
    return (syntax.in_place(again, left.where), *_without_break(left.then))


def _without_break(then: syntax.Body) -> syntax.Body:
    return then[:-1] if _words(then[-1]) == ["break"] else then


def _left(body: syntax.Body, *, last: bool = True) -> _Left | None:
    """Find the command by whose success commands are left, which is the only one, or the first if it need not be."""
    for at, statement in enumerate(body):
        found = _left_on_success(statement)
        if found is not None:
            condition, then, otherwise = found
            rest = (*otherwise, *body[at + 1 :])
            return None if last and leaves_quietly(rest) else _Left(body[:at], condition, then, rest, statement)
    return None


def _left_on_success(statement: syntax.Statement) -> tuple[syntax.Body, syntax.Body, syntax.Body] | None:
    """A command, what happens once it has succeeded, at the end of which something is left, and what otherwise."""
    command = only_command(statement)
    if isinstance(command, syntax.If) and len(command.branches) == 1:
        [(condition, then)] = command.branches
        left = bool(then) and _leaves(_words(then[-1])) and not leaves_quietly(then[:-1])
        return (condition, then, command.otherwise or (_nothing(statement),)) if left else None
    joined = list(takewhile(lambda each: each[0] in {"", "&&"}, statement.pipelines))
    *asked, last = [replace(statement, pipelines=(("", pipeline),)) for _, pipeline in joined]
    then = (last,)
    while len(asked) > 1 and _keeps(asked[-1]):
        then = (asked.pop(), *then)
    group = only_command(last)
    if isinstance(group, syntax.Group) and not group.subshell and not leaves_quietly(group.body[:-1]):
        then = (*then[:-1], *group.body)
    if statement.background or not asked or not _leaves(_words(then[-1])):
        return None
    otherwise: syntax.Body = ()
    if len(joined) < len(statement.pipelines):  # `a && break || b`
        (_, pipeline), *more = statement.pipelines[len(joined) :]
        otherwise = (replace(statement, pipelines=(("", pipeline), *more)),)
    return (replace(statement, pipelines=statement.pipelines[: len(asked)]),), then, otherwise


def _keeps(statement: syntax.Statement) -> bool:
    """Whether a command keeps an answer in a variable, which always succeeds."""
    command = only_command(statement)
    if not isinstance(command, syntax.Simple) or command.words or command.redirections:
        return False
    return all(
        isinstance(each.value, syntax.Word) and plain_text(each.value) is not None for each in command.assignments
    )


def _surely_set(body: syntax.Body) -> Iterator[str]:
    """The variables that commands set whatever else they do."""
    for statement in body:
        command = only_command(replace(statement, pipelines=statement.pipelines[:1]))
        if isinstance(command, syntax.Simple) and not command.words:
            yield from (each.name for each in command.assignments)


def _leaves(words: list[str | None]) -> bool:
    """Whether a command leaves a loop, a function or a script, and may say that all is well."""
    return words[:1] != [] and words[0] in _LEAVES and words[1:] in ([], ["0"], [None])


def _words(statement: syntax.Statement) -> list[str | None]:
    command = only_command(statement)
    return plain_words(command) if isinstance(command, syntax.Simple) else []


def _nothing(where: syntax.Statement) -> syntax.Statement:
    """What says that all is well."""
    return syntax.in_place(syntax.Simple((), (_word(":", where.offset),), (), where.offset), where)


def _word(text: str, offset: int) -> syntax.Word:
    return syntax.Word((syntax.Text(text),), offset)
