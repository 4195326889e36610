"""Whose signature is taken: whether a pattern for a certificate's identity or issuer leaves open whose it is."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table
from goldenpath.facts.values import display, value

if TYPE_CHECKING:
    from goldenpath.facts.values import Value

_FIXED = regex(
    r"(?:\(\?i\))?\^?https?://(?:[\w-]|\\?\.(?![*+?]))+(?P<owner>/(?:[\w-]|\\?\.(?![*+?]))+/(?![*?]|\{0?,|\{0\}))?"
)
_CLASS = r"\\[^QE]|\[(?:[^\[\]\\]|\\[^QE]){0,200}\]"
_GROUP = regex(rf"{_CLASS}|\((?:[^()\[\]\\]|{_CLASS}){{0,400}}\)")
"""What stands in brackets, where no other groups do: an alternative there is one of what surrounds it.

Between `\\Q` and `\\E` brackets are text, so that it has none with either.
"""
_MAX_DEPTH = 4
_LITERAL = regex(r"\^?(?P<text>(?:(?:[^\\.*+?()\[\]{}|^$]|\\\W|\.)(?![*?{])(?!(?<=\.)\+))*)")
_STARTED_BY = regex(
    r"<[^<>]*?(?:\b(?:triggering_)?actor\b|\binputs\."
    r"|github\.event\.(?!(?:repository|organization|enterprise|workflow_run\.repository)\b)"
    r"|GITLAB_USER_\w+|CI_COMMIT_AUTHOR|CI_MERGE_REQUEST_SOURCE_\w+|TRIGGER_PAYLOAD)"
)
"""What whoever starts a run says: by hand, by calling it, or by who he is."""
_SERVER = regex(r"<\w+ (?:\w+_server_url|server_url)>", re.IGNORECASE)
_OWNED = regex(r"(?:\(\?i\))?\^?(?:(?:[\w+]+://[^/]+|[^/:]*\.[^/:]*)/[^/]+/|[^/.:]+/)")
"""A server and an owner, or an owner alone."""
_ADDRESS = regex(r"[^*|]*@[\w\\.-]+\$?")
_SHAPES = {
    "repository": "known/known", "workflow_ref": "known/known/known",
    "CI_PROJECT_PATH": "known/known", "CI_SERVER_URL": "https://known", "CI_PROJECT_URL": "https://known/known/known",
}  # fmt: skip
"""Of what is only known in a run, which parts it has; all else is one part, without a slash."""


class _Issuer(Struct, frozen=True, forbid_unknown_fields=True):
    issuer: str
    identity: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    issuers: tuple[_Issuer, ...]


@cache
def _table() -> _Table:
    return read_table("issuers", _Table)


def takes_any(asked: str, pattern: Value) -> bool:
    """Whether a pattern begins with nothing that one issuer alone has (its host), or one identity (the owner in it)."""
    text = "".join(part if isinstance(part, str) else _SHAPES.get(part.name, "known") for part in pattern)
    found = _FIXED.match(text)
    if found is None or "|" in _outside_groups(text):
        return "|" in text or not _ADDRESS.fullmatch(text)
    return asked == "identity" and not found["owner"]


def _outside_groups(text: str) -> str:
    for _ in range(_MAX_DEPTH):
        text, found = _GROUP.subn("", text)
        if not found:
            break
    return text


def is_for_the_starter(asked: str, given: Value) -> bool:
    """Whether whoever starts the run decides whose signature is taken: of an identity, before its owner is said."""
    text = _SERVER.sub("https://forge", display(given))
    found = _STARTED_BY.search(text)
    return found is not None and not (asked == "identity" and _OWNED.match(text[: found.start()]))


def start_of(pattern: str) -> str:
    """What every text begins with that fits a regular expression: an unescaped dot in it is taken for a dot."""
    found = _LITERAL.match(pattern)
    return re.sub(r"\\(\W)", r"\1", found["text"]) if found and "|" not in pattern else ""


def wildcard_takes_any(asked: str, pattern: str) -> bool:
    """The same of a text in which `*` and `?` stand for other text; without either it is one identity and no other."""
    if not re.search(r"[*?]", pattern):
        return False
    return "|" in pattern or takes_any(asked, value(pattern.replace(".", r"\.").replace("?", ".").replace("*", ".*")))


def is_of_another_issuer(identity: str, issuer: str) -> bool:
    """Whether an issuer has no identity like this one (or that begins so), and another one has."""
    issuer = issuer.rstrip("/")
    own = [each.identity for each in _table().issuers if re.fullmatch(each.issuer, issuer)]
    others = [each.identity for each in _table().issuers if not re.fullmatch(each.issuer, issuer)]
    return bool(own) and not _fits(identity, own) and _fits(identity, others)


def _fits(identity: str, patterns: list[str]) -> bool:
    return any(re.fullmatch(pattern, identity, re.IGNORECASE) for pattern in patterns)
