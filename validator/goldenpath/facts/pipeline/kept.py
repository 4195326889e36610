"""What is known of a file that a script has written: a digest, an image by it, or variables that are set to digests."""

from __future__ import annotations

from goldenpath.facts.pipeline.acts import Content, image
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.leads import only_sets
from goldenpath.facts.values import Symbol, Value, value

_BLANK = regex(r"\s")


def held(text: Value, origin: str) -> Content | None:
    """What a file is that holds a digest and nothing else, an image by its digest, or variables with digests."""
    line = text[:-1] if text[-1:] == ("\n",) else text
    if not any(isinstance(part, Symbol) and part.kind == "digest" for part in line):
        return None
    if only_sets(text):
        return Content("metadata", origin, text=text)
    if not isinstance(digest := line[-1], Symbol) or digest.kind != "digest":
        return None
    named = line[:-1]
    if not named:
        return Content("metadata", origin, digest=digest, text=text)
    by_digest = image(line)
    is_one = not any(isinstance(part, str) and _BLANK.search(part) for part in named)
    if is_one and by_digest.digest == (digest,):
        return Content("reference", origin, by_digest, text=text)
    told = all(isinstance(part, str) or part.kind == "digest" for part in text)
    return Content("metadata", origin, text=text) if told else None


def of_fresh_file(text: Value) -> Value:
    """A text without what stood in the file before the script began: nothing, in a fresh checkout."""
    return value(*text[1:]) if text and isinstance(text[0], Symbol) and text[0].kind == "file" else text
