"""Globs by which update bots are told of files and folders, as expressions."""

from __future__ import annotations

import re

from goldenpath.facts.regexes import regex

_THROUGH = regex(r"(?:(?<![^/])\*\*/)+")


def of_folders(names: tuple[str, ...]) -> re.Pattern[str]:
    """The folders that names mean; the root is empty. It is among all folders, as GitHub's documentation says."""
    every = (name.removesuffix("/*") if name.strip("/") == "**/*" else name for name in names)
    return re.compile("|".join(f"(?:{glob(name, '/')})" for name in every))


def glob(pattern: str, end: str = "") -> str:
    """The expression of a glob with `*` and `?` (in a folder) and `**` (through folders).

    Of several wildcards only the last is tried at every length: the first fit of the others is as good as any.
    """
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    if not end and parts[-1:] == ["**"]:
        parts.append("*")
    text = "".join(f"{part}/" for part in parts) if end else "/".join(parts)
    runs = [_joined([re.escape(each).replace(r"\?", "[^/]") for each in re.split(r"\*+", run)], "[^/]*")
            for run in _THROUGH.split(text)]  # fmt: skip
    return _joined(runs, "(?:[^/]+/)*")


def _joined(pieces: list[str], wildcard: str) -> str:
    """Pieces with a wildcard between them."""
    first, *others = pieces
    if not others:
        return first
    return f"{first}{''.join(f'(?>{wildcard}?{each})' for each in others[:-1])}{wildcard}{others[-1]}"
