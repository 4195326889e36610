"""Text of outsiders that a script reads for itself: from the file with the event, or by asking GitHub's client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.untrusted.outsiders import written_by_outsiders
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.values import Value

_EVENT = regex(r"\bGITHUB_EVENT_PATH\b|\bgithub\.event_path\b")
_MEMBER = regex(
    r"""\?|\[["'](\w+)["']\]|\.(?:get|dig|fetch)\(["'](\w+)["'](?:, *["']{2})?\)|\s{0,9}\|\s{0,9}(?=\.\w)"""
)
_PATH = regex(r"(?:\.\w+(?:\[\d*\])?)+")
_HARMLESS = regex(
    r"==|!=|@(?:sh|base64|uri)\b|\b(?:test|contains|startswith|endswith|length|has|inside|any|all|g?sub|select|scan|match"
    r"|capture|includes|replace(?:all)?|search|indexof|parseint|encodeuricomponent)\b",
    re.IGNORECASE,
)
"""What makes an answer, or a part of a text, of the text: nobody knows whether commands are left in it."""
_FILTERS = ("jq", "yq", "gojq")
_KINDS = {"pr": "pull_request", "pulls": "pull_request", "issue": "issue", "issues": "issue"}
_ASKED = regex(r"/?repos/[^?]*/(pulls|issues)/[^/]+")
_SET = regex(r"\b(?:const|let|var) +(\w+) *= *([^;\n]+)")
_OUTPUT = regex(r"\bsetOutput\( *[\"'`]([\w-]+)[\"'`] *, *([^;\n]+)")
_RETURN = regex(r"\breturn +([^;\n]+)")


def read_by(program: str, words: tuple[Value, ...]) -> str:
    """The text of outsiders that a command which is handed the event takes from it; one that takes all has theirs."""
    texts = [text for word in words[1:] if (text := literal(word)) and not text.startswith("-")]
    if program not in _FILTERS and not any(map(_EVENT.search, texts)):
        return _written("")
    return next(filter(None, map(_taken, texts)), "")


def said_by_client(words: tuple[Value, ...]) -> str:
    """The text of outsiders that `gh` says of a pull request or an issue."""
    given = Words(words[1:], ("-q", "--jq", "--json", "-R", "--repo", "-t", "--template", "-H", "-X"))
    named = [literal(word) or display(word) for word in given.positionals]
    asked = _ASKED.fullmatch(named[1]) if named[:1] == ["api"] and len(named) > 1 else None
    kind = _KINDS.get(asked[1] if asked else named[0] if named[1:2] == ["view"] else "")
    wanted = literal(given.first("-q --jq"))
    return _taken(wanted.replace(".headRefName", ".head.ref"), f".{kind}") if kind and wanted else ""


def said_by_script(text: str) -> dict[str, str]:
    """The outputs that a script of `actions/github-script` sets to text of outsiders, each with that text's name."""
    given = dict(_SET.findall(text))
    outputs = [*_OUTPUT.findall(text), *(("result", taken) for taken in _RETURN.findall(text))]
    found = {name: _of_payload(given.get(taken.strip("() "), taken)) for name, taken in outputs}
    return {name: said for name, said in found.items() if said}


def _of_payload(text: str) -> str:
    _, named, path = text.partition("payload")
    return _taken(path) if named else ""


def _taken(text: str, of: str = "") -> str:
    """What a filter, or a program, takes of the event (or a part `of` it) that outsiders write."""
    if _HARMLESS.search(text):
        return ""
    plain = _MEMBER.sub(lambda match: f".{match[1] or match[2]}" if match[1] or match[2] else "", text)
    paths: Iterator[str] = iter(_PATH.findall(plain) or ([""] if plain.strip() == "." else []))
    return next(filter(None, (_written(of + path) for path in paths)), "")


def _written(path: str) -> str:
    forms = (f"github.event{path}", f"tojson(github.event{path})")
    return next(filter(None, (written_by_outsiders(Symbol("unknown", form)) for form in forms)), "")
