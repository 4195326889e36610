"""Where Renovate's configuration is, and how its JSON5 is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Malformed, Mapping, Unread, parse
from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Node
    from goldenpath.repository import Repository

RENOVATE = (
    "renovate.json", "renovate.json5", ".github/renovate.json", ".github/renovate.json5", ".gitlab/renovate.json",
    ".gitlab/renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5",
)  # fmt: skip
"""Where Renovate looks, in its order; only the first counts."""
_ESCAPE = regex(r"""(\\[\\/"0bfnrtuvx\n])|\\(.)|(")""", re.DOTALL)
"""An escape that YAML has as well, one that stands for its own character, and a quote that needs one."""
_QUOTES = "\"'"
_JSON5 = regex(
    r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|["'][^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|(?<=[\w$])(:)(?=\S)""", re.DOTALL
)
"""A string, a comment, and the colon of a bare key that YAML would take for a part of it."""


def configuration(repository: Repository) -> Mapping | None:
    """The configuration; None where there is none. Raises Malformed where it is no object."""
    path = next((path for path in RENOVATE if path in repository), None)
    root: Node | None = _json5(repository, path) if path else _in_package(repository)
    if root is not None and not isinstance(root, Mapping):
        raise Malformed(root.place, "Renovate's configuration is an object")
    return root


def _in_package(repository: Repository) -> Node | None:
    """The configuration in package.json, which Renovate reads last."""
    if "package.json" not in repository:
        return None
    root = _json5(repository, "package.json")
    return root.get("renovate") if isinstance(root, Mapping) else None


def _json5(repository: Repository, path: str) -> Node | None:
    """JSON with comments, bare keys and commas at the end is YAML, once comments are blank and escapes are YAML's."""
    try:
        text = repository.text(path)
    except (Missing, Unreadable) as error:
        raise Unread(Place(path), str(error)) from None
    documents = parse(path, _JSON5.sub(_as_yaml, text.replace("\t", " ")))
    return documents[0] if documents else None


def _as_yaml(match: re.Match[str]) -> str:
    """A comment as spaces, a string with escapes as YAML writes it, a colon with a space behind it.

    A string that nothing ends stays one.
    """
    if match[2]:
        return ": "
    text: str | None = match[1]
    if text is None:
        return match[0] if match[0][0] in _QUOTES else re.sub(r"[^\n]", " ", match[0])
    if "\\" not in text:
        return text
    inner = _ESCAPE.sub(lambda each: each[1] or ('\\"' if each[3] else each[2]), text[1:-1])
    return f'"{inner}"'
