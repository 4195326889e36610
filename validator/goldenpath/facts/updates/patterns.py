"""What Dependabot and Renovate say alike: all versions, the default branch, all names but some."""

from __future__ import annotations

import re
from fnmatch import translate

from goldenpath.facts.regexes import regex

EVERY_VERSION = regex(r"\s*(?:>=?\s*0(?:\.0)*|\*|[\[(]?0?,\s*[)\]])\s*")
PERHAPS_DEFAULT = regex(r"\$default$|/|[\w.-]*(default|dev|main|master|next|trunk|unstable)[\w.-]*$")
"""Which branch is the default one no file says: what it is called in most repositories, or a pattern of Renovate's."""


def names_but(left_out: list[str], named: list[str]) -> re.Pattern[str]:
    """The names that fit one of these patterns (`*` stands for anything) and none of those, in any case."""
    out, wanted = ("|".join(map(translate, each)) or "(?!)" for each in (left_out, named))
    return re.compile(f"(?i:(?!(?:{out}))(?:{wanted}))")
