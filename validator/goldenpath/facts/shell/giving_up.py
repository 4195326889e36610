"""Loops that give up after some turns, where what comes after them fails unless they have not.

`until sign || [ $n -ge 5 ]; do …; done; [ $n -lt 5 ]` goes on only where `sign` has succeeded: a loop that is left
because it has counted to 5 is followed by a failure. So does `until sign; do [ $n -lt 5 ] || exit 1; …; done`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import syntax
from goldenpath.facts.shell.bodies import assigned_in, fails_in, leaves_quietly, only_command, plain_words

if TYPE_CHECKING:
    from collections.abc import Callable

_RELATIONS: Final = {
    "-lt": "<", "-le": "<=", "-gt": ">", "-ge": "=>", "-eq": "=", "-ne": "<>",
    "==": "=", "=": "=", "!=": "<>",
}  # fmt: skip
"""By which of `<`, `=` and `>` two numbers answer a question with yes."""
_OF_SUMS: Final = {"<": "<", "<=": "<=", ">": ">", ">=": "=>", "==": "=", "!=": "<>"}
_OTHER: Final = regex(r"\$?\w+")
_SUM: Final = regex(r"\s*(\w+)\s*(<=|>=|==|!=|<|>)\s*(\w+)\s*")


class _Question(NamedTuple):
    """Whether a variable stands in one of some relations to something else."""

    name: str
    relations: frozenset[str]
    other: str

    def negated(self) -> _Question:
        return self._replace(relations=frozenset("<=>") - self.relations)


def left_by_success(loop: syntax.While, after: syntax.Statement, *, heeded: bool) -> syntax.While | None:
    """The loop as one that only a success leaves, where what comes `after` it fails if it has given up; else None.

    `heeded` says that a failure of what comes after it ends the script.
    """
    where = loop.condition[0]
    if len(loop.condition) != 1 or where.background:
        return None
    tried, (gives_up, asked) = _tried(loop)
    fails, end = _failing(after, heeded=heeded)
    if gives_up is None or fails is None or end is None:
        return None
    same = gives_up.name == fails.name and gives_up.other == fails.other
    counts = gives_up.name in assigned_in(loop.body) and gives_up.name not in assigned_in(loop.condition)
    if not (same and counts and gives_up.relations <= fails.relations):
        return None
    choice = syntax.If((((replace(where, pipelines=(("", asked),)),), (end,)),), ())
    return syntax.While((replace(where, pipelines=tried),), (syntax.in_place(choice, where), *loop.body), until=True)


_Pipelines: TypeAlias = tuple[tuple[str, syntax.Pipeline], ...]


def _tried(loop: syntax.While) -> tuple[_Pipelines, tuple[_Question | None, syntax.Pipeline]]:
    """What a loop tries again until it succeeds, and what else leaves it."""
    pipelines = loop.condition[0].pipelines
    operator, last = pipelines[-1]
    if loop.until:
        return pipelines[:-1], (_question(last) if operator == "||" else None, last)
    for (_, one), (_, other) in (pipelines, pipelines[::-1]) if len(pipelines) == 2 and operator == "&&" else ():
        if one.negated and (asked := _question(other)):
            tried = (("", replace(one, negated=False)),)
            return tried, (asked.negated(), replace(other, negated=not other.negated))
    return (), (None, last)


def _failing(statement: syntax.Statement, *, heeded: bool) -> tuple[_Question | None, syntax.Statement | None]:
    """The question by whose answer a statement fails the script, and how."""
    (_, first), *rest = statement.pipelines
    command = only_command(statement)
    if isinstance(command, syntax.If):
        (condition, then), *others = command.branches
        plain = len(condition) == 1 and len(condition[0].pipelines) == 1 and not condition[0].background
        return _question(condition[0].pipelines[0][1]) if plain and not others else None, _end(then)
    asked = None if statement.background else _question(first)
    if asked is None or len(rest) > 1:
        return None, None
    if not rest:
        exits = syntax.Simple((), tuple(_word(each, statement) for each in ("exit", "1")), (), statement.offset)
        return asked.negated() if heeded else None, syntax.in_place(exits, statement)
    operator, then_ = rest[0]
    group = then_.stages[0] if len(then_.stages) == 1 and not then_.negated else None
    alone = replace(statement, pipelines=(("", then_),))
    body = group.body if isinstance(group, syntax.Group) and not group.subshell else (alone,)
    return asked if operator == "&&" else asked.negated(), _end(body)


def _end(body: syntax.Body) -> syntax.Statement | None:
    """The command by which others leave the script, or the function, with a failure."""
    *before, last = body
    leaves = only_command(last) if fails_in((last,), deep=False) and not leaves_quietly(tuple(before)) else None
    return last if isinstance(leaves, syntax.Simple) and plain_words(leaves)[0] in {"exit", "return"} else None


def _word(text: str, where: syntax.Statement) -> syntax.Word:
    return syntax.Word((syntax.Text(text),), where.offset)


def _question(pipeline: syntax.Pipeline) -> _Question | None:
    """What a command asks of a variable and a number, or another variable."""
    command = pipeline.stages[0] if len(pipeline.stages) == 1 else None
    asked: _Question | None = None
    if isinstance(command, syntax.Sum):
        found = _SUM.fullmatch(_said(command.word, lambda name: name))
        asked = _Question(found[1], frozenset(_OF_SUMS[found[2]]), found[3]) if found else None
    elif isinstance(command, syntax.Test | syntax.Simple):
        words = [_said(word, lambda name: f"${name}") for word in command.words if isinstance(word, syntax.Word)]
        words = words[1:-1] if words[:1] == ["["] and words[-1:] == ["]"] else words
        words = words[1:] if words[:1] == ["test"] else words
        if len(words) == 3 and words[0].startswith("$") and words[1] in _RELATIONS and _OTHER.fullmatch(words[2]):
            asked = _Question(words[0][1:], frozenset(_RELATIONS[words[1]]), words[2].removeprefix("$"))
    return asked.negated() if asked and pipeline.negated else asked


def _said(word: syntax.Word, name: Callable[[str], str]) -> str:
    """A word with its variables by their names; `?` for what else is put into it."""
    parts = []
    for part in word.parts:
        if isinstance(part, syntax.Text):
            parts.append(part.text)
        elif isinstance(part, syntax.Parameter) and not part.operator and part.index is None:
            parts.append(name(part.name))
        else:
            parts.append("?")
    return "".join(parts)
