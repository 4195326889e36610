"""From YAML nodes to models: what does not fit is named with its line, in the words of someone who writes YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from goldenpath.facts.nodes import Malformed, Mapping, Sequence, locate

if TYPE_CHECKING:
    from collections.abc import Collection

    from goldenpath.facts.nodes import Node

T = TypeVar("T")

_WORDS = {
    "object": "a mapping", "array": "a list", "str": "text", "int": "a whole number", "null": "nothing",
    "bool": "true or false",
}  # fmt: skip


def convert(
    node: Node, model: type[T], fields: Collection[str], choices: dict[str, str], below: dict[str, Any] | None = None
) -> T:
    """Convert a node to a model. Raises Malformed with the place and a sentence.

    Scalars are given as their text, so `version: 2026.4` is a version and no number. `fields` are the names to suggest
    for a field that is not known, `choices` the values that a field of that name may have. What the node does not say
    is as it is `below`: mappings are laid over each other field by field, anything else replaces what was there.
    """
    try:
        return msgspec.convert(_laid(below, _texts(node)), model, strict=False)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `")
        path = path.rstrip("`")
        if unknown := re.fullmatch("Object contains unknown field `(.+)`", problem):
            hint = ""
            if unknown[1] in fields:
                hint = "; it belongs elsewhere in the file"
            elif near := nearest(unknown[1], fields):
                hint = f"; did you mean {near[0]!r}?"
            raise Malformed(
                locate(node, f"{path}.{unknown[1]}"), f"there is no field {unknown[1]!r} here{hint}"
            ) from None
        raise Malformed(locate(node, path), _sentence(problem, path.rpartition(".")[2], choices)) from None


def nearest(name: str, known: Collection[str]) -> list[str]:
    """The known names that somebody may have meant, the likeliest first."""
    import difflib  # only what is wrong pays for it

    return difflib.get_close_matches(name, known, n=3)


def _laid(below: Any, above: Any) -> Any:  # noqa: ANN401 - plain dicts, lists, texts and None
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {name: _laid(below.get(name), value) for name, value in above.items()}


def _texts(node: Node) -> Any:  # noqa: ANN401 - plain dicts, lists, texts and None
    if isinstance(node, Mapping):
        return {key: _texts(value) for key, value in node.values.items()}
    if isinstance(node, Sequence):
        return [_texts(item) for item in node.items]
    return None if node.resolved() is None else node.text


def _sentence(problem: str, field: str, choices: dict[str, str]) -> str:
    """One of msgspec's messages, translated."""
    if missing := re.fullmatch("Object missing required field `(.+)`", problem):
        return f"the field {missing[1]!r} is missing"
    if field in choices and problem.startswith("Invalid enum value"):
        return f"{field} is {choices[field]}"
    if "date" in problem:
        return f"{field} is a date, written as YYYY-MM-DD"
    plain = re.sub(
        r"`([^`]+)`", lambda match: " or ".join(_WORDS.get(word, word) for word in match[1].split(" | ")), problem
    )
    return (
        f"{field}: {plain[0].lower()}{plain[1:]}" if field and not field.endswith("]") else plain[0].lower() + plain[1:]
    )
