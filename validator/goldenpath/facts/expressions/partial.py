"""Text that is partly known: what holds of it whatever its symbols are worth in a run."""

from __future__ import annotations

from typing import Final

from goldenpath.facts.values import Symbol, Value, head, literal, mirrored

TICKED: Final = "ticked"
"""The kind of a symbol that stands for the text `true` or `false`."""

BOOLEAN: Final = "boolean"
"""The kind of a symbol that stands for `true` or `false` themselves, which in text is one of the two words."""

NEVER_EMPTY: Final = frozenset({"answer", "digest", "github", "gitlab", "status", TICKED})
"""Kinds of symbols whose value has at least one character in every run."""


def not_empty(text: Value) -> bool | None:
    """Say whether text has a character; None when that depends on the run."""
    if any(isinstance(part, str) or part.kind in NEVER_EMPTY for part in text):
        return True
    return None if text else False


def starts_with(text: Value, prefix: Value) -> bool | None:
    """Say whether text starts with a prefix; None when that depends on the run."""
    if not prefix or text[: len(prefix)] == prefix:
        return True
    start, wanted = head(text), head(prefix)
    if not (start.startswith(wanted) or wanted.startswith(start)):
        return False
    if literal(prefix) is not None and start.startswith(wanted):
        return True
    return False if literal(text) is not None and len(wanted) > len(start) else None


def ends_with(text: Value, suffix: Value) -> bool | None:
    """Say whether text ends with a suffix; None when that depends on the run."""
    return starts_with(mirrored(text), mirrored(suffix))


def has_part(text: Value, part: Value) -> bool | None:
    """Say whether text contains another; None when that depends on the run."""
    wanted = literal(part)
    if wanted is not None and any(isinstance(piece, str) and wanted in piece for piece in text or ("",)):
        return True
    if part and any(text[at : at + len(part)] == part for at in range(len(text))):
        return True
    known = literal(text)
    if known is None:
        return None
    return None if wanted is None and all(p in known for p in part if isinstance(p, str)) else False


def same_text(left: Value, right: Value) -> bool | None:
    """Say whether two texts are equal, minding case; None when that depends on the run.

    Texts that begin or end with the same symbol are compared without it.
    """
    if left == right:
        return True
    if literal(left) is not None and literal(right) is not None:
        return False
    for whole, other in ((left, right), (mirrored(left), mirrored(right))):
        start, wanted = head(whole), head(other)
        if not (start.startswith(wanted) or wanted.startswith(start)):
            return False
    for known, other in ((literal(left), right), (literal(right), left)):
        if known is not None and (_least_length(other) > len(known) or _impossible(other, known)):
            return False
    return None


INSIDERS = {"OWNER", "MEMBER", "COLLABORATOR"}
"""What `author_association` says of those whom the repository knows; a CONTRIBUTOR is anybody with a merged change."""


def _impossible(pattern: Value, text: str) -> bool:
    """Tell whether the literal parts of a pattern do not occur in a text one after the other.

    What an outsider is to a repository is never what only an insider can be.
    """
    if any(isinstance(part, Symbol) and part.kind == "outsider-standing" for part in pattern):
        return text.upper() in INSIDERS
    at = 0
    for part in pattern:
        if isinstance(part, str):
            found = text.find(part, at)
            if found < 0:
                return True
            at = found + len(part)
    return False


def _least_length(text: Value) -> int:
    return sum(len(part) if isinstance(part, str) else part.kind in NEVER_EMPTY for part in text)
