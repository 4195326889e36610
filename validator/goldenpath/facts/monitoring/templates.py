"""Go's templates in alerts and notifications, understood as far as to tell which of them are none.

Prometheus parses the labels and annotations of a rule when it loads the file, and refuses all of it for one function
that it does not know (model/rulefmt of github.com/prometheus/prometheus). Alertmanager parses the texts of a receiver
when it notifies, and sends nothing then. Names of fields are not looked at: a wrong one is only empty.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.findings import shown
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

MAX_LENGTH = 20_000
"""Longest text that is looked at, in characters."""

_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`"
_ACTION = regex(rf"\{{\{{(?:-\s)?\s*(?:/\*.*?\*/\s*|(?P<inside>(?:{_STRING}|[^\"`}}]|\}}(?!\}}))*))\}}\}}", re.DOTALL)
_WORD = regex(
    rf"(?P<text>{_STRING}|'(?:[^'\\\n]|\\.)+')|(?P<variable>\$\w*)|\.\w*|\d[\w.]*|(?P<name>[^\W\d]\w*)", re.DOTALL
)
_DECLARED = regex(r"(\$\w+)\s*(?:,\s*(\$\w+)\s*)?:=")
_OPENS = frozenset({"if", "range", "with", "define", "block"})
_KEYWORDS = _OPENS | {"else", "end", "template", "break", "continue", "nil", "true", "false"}
_OF_GO = frozenset({
    "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "print", "printf", "println", "html", "js", "urlquery",
    "len", "index", "slice", "call",
})  # fmt: skip
_OF_ALERTS = regex(r"\$|(?:^|[\s(])\.")
"""A variable or a field, which an action of this kind is about."""
_ELSEWHERE = regex(r"\{%|\$\{|<%|\{=\s")
"""What another program has to fill in first."""


def wrong_with(text: str, functions: AbstractSet[str], variables: AbstractSet[str]) -> str:
    """Why a text is no template in which these functions and variables are known; empty where it is one."""
    if "{{" not in text or len(text) > MAX_LENGTH or _ELSEWHERE.search(text):
        return ""
    opened: list[str] = []
    known = {"$", *(f"${each}" for each in variables)}
    position = 0
    while (start := text.find("{{", position)) >= 0:
        action = _ACTION.match(text, start)
        if action is None:
            return f"{shown(text[start : start + 40])} does not end with `}}}}`"
        position = action.end()
        if (inside := action["inside"]) is not None and (problem := _wrong_inside(inside, opened, functions, known)):
            return problem
    return f"its `{opened[-1]}` has no `end`" if opened else ""


def _wrong_inside(inside: str, opened: list[str], functions: AbstractSet[str], known: set[str]) -> str:
    """Why an action is none, after those before it: `opened` are what they begin, `known` the variables they have."""
    known.update(name for found in _DECLARED.findall(inside) for name in found if name)
    words = list(_WORD.finditer(inside))
    if not words:
        return "an action between `{{` and `}}` is empty" if not inside.strip(" -\t\n.") and "." not in inside else ""
    first = words[0]["name"]
    if first in _OPENS:
        opened.append(first)
    elif first == "end" and opened:
        opened.pop()
    elif first in {"end", "else"} and not opened:
        return f"there is nothing that its `{first}` belongs to"
    if first and first not in functions | _OF_GO | _KEYWORDS and not _OF_ALERTS.search(inside):
        return ""  # `{{ slack_address }}` may be another program's, which fills it in first
    for word in words:
        if (name := word["name"]) and name not in functions and name not in _OF_GO and name not in _KEYWORDS:
            return f"its template has no function {shown(name)}"
        if (variable := word["variable"]) and variable not in known:
            return f"its template has no variable {shown(variable)}"
    return ""
