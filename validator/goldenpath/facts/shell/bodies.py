"""What the commands of a script say before anything of them runs: names that a loop changes, how it may end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ASSIGNING: Final = frozenset({"read", "mapfile", "readarray", "let", "getopts"})
_READ_OPTION_WITH_ARGUMENT: Final = regex(r"-[a-zA-Z]*[adinNptu]")


def reads(condition: syntax.Body) -> list[str]:
    """Return the names that a condition of `read a b` gives to a line; empty when it is another condition."""
    if len(condition) != 1 or len(condition[0].pipelines) != 1:
        return []
    stages = condition[0].pipelines[0][1].stages
    command = stages[0]
    if len(stages) != 1 or not isinstance(command, syntax.Simple) or command.redirections:
        return []
    words = [_plain_text(word) for word in command.words if isinstance(word, syntax.Word)]
    return read_names(words[1:]) if words and words[0] == "read" else []


def speaks_of_arguments(condition: syntax.Body) -> bool:
    """Tell whether a condition is about the positional parameters, which a loop takes one by one."""
    waiting: list[object] = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif (isinstance(node, syntax.Parameter) and node.name in {"#", "1", "@", "*"}) or (
            isinstance(node, syntax.Text) and node.text == "getopts"
        ):
            return True
        elif isinstance(node, Struct):
            waiting.extend(getattr(node, field) for field in node.__struct_fields__)
    return False


def assigned_in(body: syntax.Body) -> list[str]:
    """Return the variables that commands give a value to, however deep."""
    names: dict[str, None] = {}
    for node in _nodes(body):
        if isinstance(node, syntax.Assignment | syntax.For):
            names[node.name] = None
        elif isinstance(node, syntax.Sum):
            names.update(dict.fromkeys(changed_by_sum(_plain_text(node.word) or "")))
        elif isinstance(node, syntax.Simple) and len(node.words) > 1:
            words = _plain_words(node)
            if words and words[0] in _ASSIGNING:
                names.update(dict.fromkeys(word for word in words[1:] if word and word.isidentifier()))
    return list(names)


def worsened_in(body: syntax.Body) -> set[str]:
    """Return the variables that commands only set to the code of a failure: `failed=1`, `|| failed=$?`, `((failed++))`.

    Whatever such a variable is at the beginning of a turn, it says of each turn before whether something has failed.
    """
    kept = {id(each) for node in _nodes(body) if isinstance(node, syntax.Statement) for each in _codes_kept(node)}
    worse: set[str] = set()
    other: set[str] = set()
    for node in _nodes(body):
        if isinstance(node, syntax.Assignment):
            (worse if id(node) in kept or _is_failure(node) else other).add(node.name)
        elif isinstance(node, syntax.For):
            other.add(node.name)
        elif isinstance(node, syntax.Sum) and (counted := _plain_text(node.word)):
            worse.update(name for name in changed_by_sum(counted) if COUNTS_UP.fullmatch(counted))
    words = (_plain_words(node) for node in _nodes(body) if isinstance(node, syntax.Simple))
    return worse - other - {word for said in words if said and said[0] in _ASSIGNING for word in said[1:] if word}


COUNTS_UP: Final = regex(r"\s*(?:\+\+\s*(\w+)|(\w+)\s*\+\+|(\w+)\s*\+=\s*[1-9]\d*)\s*")
"""What `(( … ))` holds that adds to a variable, and does nothing else."""
_CHANGES: Final = regex(r"(?:\+\+|--)\s*([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))")


def changed_by_sum(text: str) -> list[str]:
    """Return the variables that an arithmetic expression changes."""
    return [match[1] or match[2] for match in _CHANGES.finditer(text)]


def _codes_kept(statement: syntax.Statement) -> Iterator[syntax.Assignment]:
    """The assignments in `… || code=$?`."""
    for operator, pipeline in statement.pipelines:
        command = pipeline.stages[0]
        if operator == "||" and len(pipeline.stages) == 1 and isinstance(command, syntax.Simple) and not command.words:
            for each in command.assignments:
                parts = each.value.parts if isinstance(each.value, syntax.Word) else ()
                if len(parts) == 1 and isinstance(parts[0], syntax.Parameter) and parts[0].name == "?":
                    yield each


def _is_failure(assignment: syntax.Assignment) -> bool:
    """Whether a variable is set to a number that is the code of a failure."""
    text = _plain_text(assignment.value) if isinstance(assignment.value, syntax.Word) else None
    return not assignment.append and bool(text) and _says_failure([text])


def leaves_quietly(body: syntax.Body) -> bool:
    """Say whether a loop may end by its body, and nothing fails."""
    for node in _nodes(body):
        words = _plain_words(node) if isinstance(node, syntax.Simple) else []
        if words and words[0] in {"break", "return", "exit"} and not (words[0] != "break" and _says_failure(words[1:])):
            return True
    return False


def read_names(words: Sequence[str | None]) -> list[str]:
    """Return the variables that `read` with these arguments assigns."""
    names: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word and word.startswith("-"):
            skip = bool(_READ_OPTION_WITH_ARGUMENT.fullmatch(word))
        elif word:
            names.append(word)
    return names or ["REPLY"]


def _nodes(body: syntax.Body) -> Iterator[object]:
    """Everything in commands, however deep."""
    waiting: list[object] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
            continue
        yield node
        if isinstance(node, Struct):
            waiting.extend(getattr(node, field) for field in node.__struct_fields__)


def _plain_words(node: syntax.Simple) -> list[str | None]:
    return [_plain_text(word) for word in node.words if isinstance(word, syntax.Word)]


def _plain_text(word: syntax.Word) -> str | None:
    if not all(isinstance(part, syntax.Text) for part in word.parts):
        return None
    return "".join(part.text for part in word.parts if isinstance(part, syntax.Text))


def _says_failure(words: list[str | None]) -> bool:
    said = words[0] if len(words) == 1 else None
    return said is not None and said.isdigit() and int(said) > 0
