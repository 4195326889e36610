"""Commands that change what stands in folders, or in files that they name, and do not say what it is then."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import fits
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.values import Value

_CLEANS = regex(r"(?:[\w-]+[-_])?(?:\w*clean\w*|mrproper|clobber)(?:[-_][\w-]+)?")
"""How a target is called that removes what has been made, whatever that is."""
_EXTRACTS = regex(r"-?[a-z]*x[a-z]*|--extract|--get")
_UNPACKS_INTO = {"tar": ("-C", "--directory"), "unzip": ("-d",)}
_REMOVES = frozenset({"rm", "mv", "sed", "shred", "sh", "bash", "truncate", "unlink"})
CHANGES_IN_PLACE = {"yq": ("-i", "--inplace"), "sort": ("-o", "--output"), "gawk": ("-i",), "awk": ("-i",)}


def clobbered(program: str | None, words: Iterable[Value]) -> list[str]:
    """The files and folders in which something else may stand after a program with these words."""
    told = [
        "".join(part if isinstance(part, str) else part.name * (part.kind == "glob") for part in word) for word in words
    ]
    if program in {"cp", "rsync", "install", "ln", "mv"}:
        found = [] if told[-1:] == ["."] else told[-1:]
    elif program == "rm":
        found = ["."] if "*" in told else []
    elif program == "tar":
        found = _behind(told, "-C", "--directory") or ["."] if any(map(_EXTRACTS.fullmatch, told[:1])) else []
    elif program == "unzip":
        found = _behind(told, "-d") or ["."]
    elif program in {"7z", "7za", "patch"}:
        found = ["."] if program == "patch" or told[:1] in (["x"], ["e"]) else []
    elif program in {"make", "gmake", "just", "task"}:
        found = ["."] if any(map(_CLEANS.fullmatch, told)) else []
    elif program in {"gunzip", "unxz", "bunzip2"}:
        found = [re.sub(r"\.(gz|xz|bz2)$", "", each) for each in told]
    elif program == "find":
        found = _found(told)
    elif program == "git":
        found = (
            ["."] if told[:1] in (["clean"], ["stash"]) else told[1:] if told[:1] in (["checkout"], ["restore"]) else []
        )
    else:
        found = told if any(each.startswith(CHANGES_IN_PLACE.get(program or "", ("\0",))) for each in told) else []
    return [each.removeprefix("./").removesuffix("/*").strip("/") or "." for each in found]


def unpacked_into(program: str | None, words: tuple[Value, ...]) -> list[Value]:
    """The folders, as far as they are named, in which an archive is laid open."""
    options = _UNPACKS_INTO.get(program or "")
    if options is None or not (program == "unzip" or any(_EXTRACTS.fullmatch(display(word)) for word in words)):
        return []
    return [folder for option, folder in pairwise(words) if display(option) in options]


def is_within_any(path: Value, targets: Iterable[str]) -> bool:
    """Whether a file is one of these, lies in one of these folders, or fits one of these patterns."""
    text = display(path)
    return any(
        each == "." or text == each or text.startswith(f"{each}/") or ("*" in each and fits(text, each))
        for each in targets
    )


def _behind(told: list[str], *options: str) -> list[str]:
    """The words behind these options."""
    return [each for option, each in pairwise(told) if option in options]


def _found(told: list[str]) -> list[str]:
    """What `find` removes, or hands to what may change it: all below a folder, or what is called so."""
    handed = set(_behind(told, "-exec", "-execdir", "-ok"))
    if "-delete" not in told and handed.isdisjoint(_REMOVES):
        return []
    names = _behind(told, "-name", "-path")
    return [f"**/{each}" for each in names] or told[:1]
