"""A JavaScript or TypeScript file that only exports data: read as data, as far as nothing in it has to be run."""

from __future__ import annotations

import re

from goldenpath.facts.nodes import Malformed, Mapping, parse
from goldenpath.facts.regexes import regex

_COMMENT = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/"
_STRING = r"'[^'\\\n]*'|\"[^\"\\\n]*\""
_HEAD = regex(r"\s*(?:['\"]use strict['\"];?\s*)?(?:module\.exports\s*=|export\s+default\b)")
_TAIL = regex(r"\s*(?:satisfies\s+\w+|as\s+(?:const|\w+))?\s*;?\s*")
_TOKEN = regex(rf"(?P<space>\s+)|(?P<mark>[{{}}\[\],:])|(?P<string>{_STRING})|(?P<word>[\w$.-]+)")
_PLAIN = regex(r"-?\d+(\.\d+)?|true|false|null")
_KEY = regex(r"\s*:")


def exported(path: str, text: str) -> Mapping | None:
    """The object that a file exports, at its places; None where it is not all literal."""
    text = re.sub(rf"({_STRING})|{_COMMENT}", lambda it: it[1] or re.sub(r"[^\n]", " ", it[0]), text)
    head = _HEAD.match(text)
    end = text.rfind("}") + 1
    if head is None or end <= head.end() or not _TAIL.fullmatch(text[end:]) or not _is_data(text[head.end() : end]):
        return None
    data = re.sub(rf"({_STRING})|:(?=\S)|\t", lambda it: it[1] or it[0].strip() + " ", text[head.end() : end])
    try:
        documents = parse(path, re.sub(r"[^\n]", " ", text[: head.end()]) + data)
    except Malformed:
        return None
    return documents[0] if len(documents) == 1 and isinstance(documents[0], Mapping) else None


def _is_data(text: str) -> bool:
    """Whether there is nothing but objects, lists, strings without escapes, numbers, and names before a colon."""
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return False
        at = token.end()
        if token["word"] and not _PLAIN.fullmatch(token["word"]) and not _KEY.match(text, at):
            return False
    return True
