"""Text that somebody typed, written into YAML."""

from __future__ import annotations

import re
from json import dumps

from goldenpath.repository import InputError

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
"""What JSON leaves as it is between quotes, and YAML takes for the end of a line or refuses."""


def quoted(typed: str | list[str]) -> str:
    """A text, or a list of texts, between quotes: as JSON has it, which YAML reads, too.

    Raises InputError for bytes of a command line that are no text.
    """
    written = dumps(typed, ensure_ascii=False)
    if not written.isascii() and any("\ud800" <= each <= "\udfff" for each in written):
        raise InputError(f"{written} is not UTF-8 text")
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
