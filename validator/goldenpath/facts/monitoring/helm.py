"""Templates of Helm charts, understood as far as they go without Helm.

What a template says in so many words is kept, with its line; a value that Helm fills in becomes one that is not filled
in; an action that decides whether or what something is there makes the file conditional.
"""

from __future__ import annotations

import re

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

FILLED_IN_LATER = "${helm}"
"""What a value of Helm's becomes: it is recognised as one that something else has to fill in."""

_ACTION = regex(r"\{\{-?(?P<inner>(?:`[^`]*`|\"(?:\\.|[^\"\\\n])*\"|/\*.*?\*/|[^`\"}]|\}(?!\}))*?)-?\}\}", re.DOTALL)
_TEXT = regex(r"\s*(`[^`]*`|\"(?:\\.|[^\"\\])*\")\s*")
_SILENT = regex(r"\s*(/\*.*\*/|\$\w*\s*:?=.*|end|define\b.*)\s*", re.DOTALL)
_DECIDES = regex(r"\s*(if|else|range|with|block)\b.*", re.DOTALL)
_DECIDES_NOTHING = regex(r".*\b(labels|annotations|namespace|fullname)\b.*", re.IGNORECASE | re.DOTALL)


def fill(path: str, text: str) -> tuple[str, Finding | None]:
    """The text with its actions replaced, and the first of them that decides what is there."""
    condition: Finding | None = None

    def replace(action: re.Match[str]) -> str:
        nonlocal condition
        inner = action["inner"]
        lines = "\n" * action[0].count("\n")
        if literal := _TEXT.fullmatch(inner):
            return literal[1][1:-1] + lines
        if _SILENT.fullmatch(inner):
            return lines
        alone = _is_alone(text, action)
        about_object = _DECIDES_NOTHING.fullmatch(inner) and action.start() < text.find("rules:")
        if _DECIDES.fullmatch(inner) or (alone and not about_object):
            place = Place(path, text.count("\n", 0, action.start()) + 1)
            condition = condition or Finding(place, f"Helm decides: {shown(action[0])}")
            return lines
        return lines if alone else FILLED_IN_LATER + lines

    return _ACTION.sub(replace, text), condition


def _is_alone(text: str, action: re.Match[str]) -> bool:
    """Whether an action has its line for itself, so that whole lines of YAML come of it."""
    before = text[text.rfind("\n", 0, action.start()) + 1 : action.start()]
    end = text.find("\n", action.end())
    after = text[action.end() : end if end >= 0 else len(text)]
    return not before.strip() and not after.strip()
