"""Text that somebody typed, written into YAML."""

from __future__ import annotations

import re
from json import dumps

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
"""What JSON leaves as it is between quotes, and YAML takes for the end of a line or refuses."""


def quoted(typed: str | list[str]) -> str:
    """A text, or a list of texts, between quotes: as JSON has it, which YAML reads, too."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", dumps(typed, ensure_ascii=False))
