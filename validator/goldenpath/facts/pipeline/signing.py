"""Whether a program that signs can do so as it is called, wherever it is called from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import lacking
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.state import JobRun
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.pipeline.words import Words


def why_not(about: CommandKnowledge, words: Words, state: JobRun) -> str | None:
    """Why it signs nothing here that anybody can verify; a key needs no identity of the workflow."""
    if about.does in {"sign", "attest"} and (literal(words.first("--upload")) == "false" or words.has("--no-upload")):
        return "keeps its signature to itself (--upload=false)"
    keys = about.key.split()
    with_key = any(words.of(about.key)) or any(option in words.lone for option in keys if option != "--key")
    if not with_key and _is_unlogged(words):
        return "leaves no proof of when it signed (--tlog-upload=false), without which its certificate has expired"
    if not with_key and "--identity-token" not in words.options:
        return lacking(("id-token",), state.permissions, state.key)
    return None


def _is_unlogged(words: Words) -> bool:
    """Whether neither a log nor a service of time stamps says when it signed."""
    unlogged = literal(words.first("--tlog-upload")) == "false" or words.has("--no-tlog-upload")
    return unlogged and not words.of("--timestamp-server-url")


def in_doubt(about: CommandKnowledge, words: Words) -> str | None:
    """Why it cannot be told what is signed: an option that nobody knows may take the next word for its value."""
    unknown = sorted(words.lone - set(about.flags.split()) - set(about.key.split()))
    return f"has an option that is not known ({unknown[0]})" if about.flags and unknown else None
