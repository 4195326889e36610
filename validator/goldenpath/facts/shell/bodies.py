"""What the commands of a script say before anything of them runs: names that a loop changes, how it may end."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

Body = TypeVar("Body", bound="tuple[object, ...] | syntax.While")
Answer = TypeVar("Answer")

_ASSIGNING: Final = frozenset({"read", "mapfile", "readarray", "let", "getopts"})
_READ_OPTION_WITH_ARGUMENT: Final = regex(r"-[a-zA-Z]*[adinNptu]")


def _once(ask: Callable[[Body], Answer]) -> Callable[[Body], Answer]:
    """Ask once of each body: a loop is walked through again and again, and so is a function or a script that has one.

    Bodies are told apart by which they are: to compare them would take as long as to ask.
    """
    answers: dict[int, tuple[object, Answer]] = {}

    @wraps(ask)
    def answer(body: Body) -> Answer:
        found = answers.get(id(body))
        if found is None:
            if len(answers) >= _MOST_ANSWERS:
                answers.clear()
            found = answers[id(body)] = body, ask(body)  # kept, so that no other one is at its place
        return found[1]

    return answer


_MOST_ANSWERS: Final = 500


def reads(condition: syntax.Body) -> list[str]:
    """Return the names that a condition of `read a b` gives to a line; empty when it is another condition.

    `read a || [ -n "$a" ]` is one, too, which takes a last line that does not end.
    """
    if len(condition) != 1 or condition[0].pipelines[0][1].negated:
        return []
    stages = condition[0].pipelines[0][1].stages
    command = stages[0]
    if len(stages) != 1 or not isinstance(command, syntax.Simple) or command.redirections:
        return []
    words = [plain_text(word) for word in command.words if isinstance(word, syntax.Word)]
    names = read_names(words[1:]) if words and words[0] == "read" else []
    others = condition[0].pipelines[1:]
    return names if not others or (len(others) == 1 and _asks_for_rest(*others[0], names[:1])) else []


@_once
def turn_of(loop: syntax.While) -> syntax.Body:
    """Return all that is run in a turn of a loop, as one body of which one asks again and again."""
    return (*loop.condition, *loop.body)


def takes_rest(condition: syntax.Body) -> bool:
    """Tell whether a condition of `read` takes a last line that does not end."""
    return len(condition[0].pipelines) > 1


def _asks_for_rest(operator: str, pipeline: syntax.Pipeline, names: list[str]) -> bool:
    """Whether what follows `read a` is `|| [ -n "$a" ]`."""
    command = pipeline.stages[0]
    if operator != "||" or len(pipeline.stages) > 1 or pipeline.negated:
        return False
    if not isinstance(command, syntax.Simple | syntax.Test):
        return False
    words = [word for word in command.words if isinstance(word, syntax.Word)]
    said = [plain_text(word) for word in words]
    asked = said[1:-1] if said[:1] == ["["] and said[-1] == "]" else said[1:] if said[:1] == ["test"] else said
    parts = (part for word in words if plain_text(word) is None for part in word.parts)
    asks_for = [each.name for each in parts if isinstance(each, syntax.Parameter) and not each.operator]
    return asked == ["-n", None] and asks_for == names


def takes_arguments(loop: syntax.While) -> bool:
    """Tell whether a loop takes the positional parameters one by one: as long as there are any, or until it is left."""
    commands = map(only_command, loop.condition)
    said = [plain_words(each) if isinstance(each, syntax.Simple) else None for each in commands]
    if said in ([[":"]], [["true"]]) and not loop.until:
        return _speaks_of(loop.body, frozenset(), "shift")
    return _speaks_of(loop.condition, frozenset({"#", "1", "@", "*"}), "getopts")


def _speaks_of(body: syntax.Body, parameters: frozenset[str], word: str) -> bool:
    waiting: list[object] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif (isinstance(node, syntax.Parameter) and node.name in parameters) or (
            isinstance(node, syntax.Text) and node.text == word
        ):
            return True
        elif isinstance(node, Struct):
            waiting.extend(getattr(node, field) for field in node.__struct_fields__)
    return False


@_once
def assigned_in(body: tuple[object, ...]) -> Sequence[str]:
    """Return the variables that commands give a value to, however deep."""
    names: dict[str, None] = {}
    for node in _nodes(body):
        if isinstance(node, syntax.Assignment | syntax.For):
            names[node.name] = None
        elif isinstance(node, syntax.Sum | syntax.Arithmetic):
            names.update(dict.fromkeys(changed_by_sum(plain_text(node.word) or "")))
        elif isinstance(node, syntax.Simple) and len(node.words) > 1:
            words = plain_words(node)
            if words[:2] == ["printf", "-v"]:
                names.update(dict.fromkeys(word for word in words[2:3] if word))
            elif words and words[0] in _ASSIGNING:
                names.update(dict.fromkeys(word for word in words[1:] if word and word.isidentifier()))
    return list(names)


@_once
def worsened_in(body: syntax.Body) -> frozenset[str]:
    """Return the variables that commands only set to the code of a failure: `failed=1`, `|| failed=$?`, `((failed++))`.

    Whatever such a variable is at the beginning of a turn, it says of each turn before whether something has failed.
    """
    kept = {id(each) for node in _nodes(body) if isinstance(node, syntax.Statement) for each in _codes_kept(node)}
    always = {
        id(each) for statement in body for each in _assigned_alone(statement)
    }  # in every turn, whatever has failed
    worse: set[str] = set()
    other: set[str] = set()
    for node in _nodes(body):
        if isinstance(node, syntax.Assignment):
            (
                worse if id(node) in kept or _is_failure(node) or (_grows(node) and id(node) not in always) else other
            ).add(node.name)
        elif isinstance(node, syntax.For):
            other.add(node.name)
        elif isinstance(node, syntax.Sum | syntax.Arithmetic) and (counted := plain_text(node.word)):
            (worse if COUNTS_UP.fullmatch(counted) else other).update(changed_by_sum(counted))
    words = (plain_words(node) for node in _nodes(body) if isinstance(node, syntax.Simple))
    read = {word for said in words if said and said[0] in _ASSIGNING for word in said[1:] if word}
    return frozenset(worse - other - read - asked_in(body, kept))


@_once
def counted_in(body: syntax.Body) -> frozenset[str]:
    """Return the variables that each turn of a loop may add to."""
    kept = (each for node in _nodes(body) if isinstance(node, syntax.Statement) for each in _codes_kept(node))
    sums = (plain_text(node.word) or "" for node in _nodes(body) if isinstance(node, syntax.Sum | syntax.Arithmetic))
    assigned = (node for node in _nodes(body) if isinstance(node, syntax.Assignment))
    counted = {node.name for node in assigned if node.name in asked_in((node,))}
    added = {name for text in sums for name in changed_by_sum(text)}
    return grown_in(body).union(counted, added, (each.name for each in kept))


@_once
def grown_in(body: syntax.Body) -> frozenset[str]:
    """Return the arrays and texts that each turn of a loop may make longer."""
    return frozenset(node.name for node in _nodes(body) if isinstance(node, syntax.Assignment) and _grows(node))


def asked_in(body: tuple[object, ...], kept: Collection[int] = ()) -> set[str]:
    """Return the variables that commands decide something by: in a turn of a loop, it is by those before."""
    names: set[str] = set()
    own = {id(each) for node in _nodes(body) if id(node) in kept for each in _nodes((node,))}
    for node in _nodes(body):
        if isinstance(node, syntax.Sum | syntax.Arithmetic):
            said = _text_of_sum(node.word)
            names |= {*_NAME.findall(said)} if id(node) not in own and not COUNTS_UP.fullmatch(said) else set()
        elif isinstance(node, syntax.Test | syntax.Case) or (
            isinstance(node, syntax.Simple) and plain_words(node)[:1] in (["["], ["test"], ["let"])
        ):
            about = node.subject if isinstance(node, syntax.Case) else node.words
            names |= {each.name for each in _nodes((about,)) if isinstance(each, syntax.Parameter)}
    return names


def called_in(body: tuple[object, ...]) -> set[str]:
    """Return the names of the commands that are run, however deep."""
    simple = (plain_words(node) for node in _nodes(body) if isinstance(node, syntax.Simple))
    return {words[0] for words in simple if words and words[0]}


_NAME: Final = regex(r"[A-Za-z_]\w*")
_COUNTS_ONE_MORE: Final = regex(r"\s*(\w+)\s*\+\s*[1-9]\d?\s*")


def _text_of_sum(word: syntax.Word) -> str:
    """What a sum says, with a variable by its name."""
    names = (part.name if isinstance(part, syntax.Parameter) and not part.operator else "?" for part in word.parts)
    said = zip(word.parts, names, strict=True)
    return "".join(part.text if isinstance(part, syntax.Text) else name for part, name in said)


COUNTS_UP: Final = regex(r"\s*(?:\+\+\s*(\w+)|(\w+)\s*\+\+|(\w+)\s*\+=\s*[1-9]\d*)\s*")
"""What `(( … ))` holds that adds to a variable, and does nothing else."""
_CHANGES: Final = regex(r"(?:\+\+|--)\s*([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))")


def changed_by_sum(text: str) -> list[str]:
    """Return the variables that an arithmetic expression changes."""
    return [match[1] or match[2] for match in _CHANGES.finditer(text)]


def _codes_kept(statement: syntax.Statement) -> Iterator[syntax.Assignment]:
    """The assignments in `… || code=$?` and `… || errors=$((errors + 1))`."""
    for operator, pipeline in statement.pipelines:
        command = pipeline.stages[0]
        if operator == "||" and len(pipeline.stages) == 1 and isinstance(command, syntax.Simple) and not command.words:
            for each in command.assignments:
                parts = each.value.parts if isinstance(each.value, syntax.Word) else ()
                part = parts[0] if len(parts) == 1 and not each.append else None
                counted = isinstance(part, syntax.Arithmetic) and _COUNTS_ONE_MORE.fullmatch(_text_of_sum(part.word))
                if (counted and counted[1] == each.name) or (isinstance(part, syntax.Parameter) and part.name == "?"):
                    yield each


def _assigned_alone(statement: syntax.Statement) -> tuple[syntax.Assignment, ...]:
    """The assignments of a statement that does nothing else."""
    command = only_command(statement)
    return command.assignments if isinstance(command, syntax.Simple) and not command.words else ()


def _grows(assignment: syntax.Assignment) -> bool:
    """Whether something is added to an array, or to a text: `failed+=(x)`, `failed="$failed x"`."""
    if not isinstance(assignment.value, syntax.Word):
        return assignment.append and bool(assignment.value)
    parts = assignment.value.parts
    own = any(
        isinstance(each, syntax.Parameter) and (each.name, each.operator) == (assignment.name, "") for each in parts
    )
    return (own or assignment.append) and any(isinstance(each, syntax.Text) and each.text for each in parts)


def _is_failure(assignment: syntax.Assignment) -> bool:
    """Whether a variable is set to a number that is the code of a failure."""
    text = plain_text(assignment.value) if isinstance(assignment.value, syntax.Word) else None
    return not assignment.append and bool(text) and _says_failure([text])


@_once
def leaves_quietly(body: syntax.Body) -> bool:
    """Say whether a loop may end by its body, and nothing fails."""
    for node in _nodes(body):
        words = plain_words(node) if isinstance(node, syntax.Simple) else []
        if words and words[0] in {"break", "return", "exit"} and not (words[0] != "break" and _says_failure(words[1:])):
            return True
    return False


@_once
def leaves_function(body: syntax.Body) -> bool:
    """Say whether commands may leave the function that they are in, whose failure somebody else has to heed."""
    simple = (node for node in _nodes(body) if isinstance(node, syntax.Simple))
    return any(plain_words(node)[:1] == ["return"] for node in simple)


def fails_in(body: syntax.Body, *, deep: bool = True) -> bool:
    """Say whether commands may leave with a failure, or as they stand (not `deep`), whether they surely do."""
    nodes = _nodes(body) if deep else (only_command(statement) for statement in body)
    return any(isinstance(node, syntax.Simple) and _is_failure_said(plain_words(node)) for node in nodes)


def only_command(statement: syntax.Statement) -> syntax.Command | None:
    """Return the one command that a statement is, if it is one and says itself how it ends."""
    one = len(statement.pipelines) == 1 and len(statement.pipelines[0][1].stages) == 1
    plain = one and not statement.background and not statement.pipelines[0][1].negated
    return statement.pipelines[0][1].stages[0] if plain else None


def _is_failure_said(words: list[str | None]) -> bool:
    return words == ["false"] or (words[:1] in (["exit"], ["return"]) and _says_failure(words[1:]))


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


def _nodes(body: tuple[object, ...]) -> Iterator[object]:
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


def programs_told(name: str, body: syntax.Body) -> set[str | None]:
    """Return the programs whose words, however deep, have a variable in them."""
    told = (node for node in _nodes(body) if isinstance(node, syntax.Simple) and _reads(node, name))
    return {next(iter(plain_words(node)), None) for node in told}


def _reads(node: syntax.Simple, name: str) -> bool:
    return any(isinstance(each, syntax.Parameter) and each.name == name for each in _nodes(node.words))


def plain_words(node: syntax.Simple) -> list[str | None]:
    """Return the words of a command, None for one that something is put into."""
    return [plain_text(word) for word in node.words if isinstance(word, syntax.Word)]


def plain_text(word: syntax.Word) -> str | None:
    """Return what a word says, None for one that something is put into."""
    if not all(isinstance(part, syntax.Text) for part in word.parts):
        return None
    return "".join(part.text for part in word.parts if isinstance(part, syntax.Text))


def _says_failure(words: list[str | None]) -> bool:
    said = words[0] if len(words) == 1 else None
    return said is not None and said.isdigit() and int(said) > 0
