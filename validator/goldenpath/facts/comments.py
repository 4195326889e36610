"""Comments as C has them, and Gradle, JavaScript and JSON with comments after it."""

from __future__ import annotations

import re

from goldenpath.facts.regexes import regex

_TEXT_OR_COMMENT = regex(r"""("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)|//[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL)


def without_comments(text: str) -> str:
    """The text with a blank for each comment, of which none is in quotes, and one that nothing ends goes to the end."""
    return _TEXT_OR_COMMENT.sub(lambda found: found[1] or " ", text)
