"""What the commands of a script say before anything of them runs: names that a loop changes, how it may end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        elif isinstance(node, syntax.Simple) and len(node.words) > 1:
            words = _plain_words(node)
            if words and words[0] in {"read", "mapfile", "readarray", "let", "getopts"}:
                names.update(dict.fromkeys(word for word in words[1:] if word and word.isidentifier()))
    return list(names)


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
