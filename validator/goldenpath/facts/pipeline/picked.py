"""What a path of jq or yq leads to in a text in JSON, parts of which only a run knows."""

from __future__ import annotations

import msgspec

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, value

_STEP = regex(r"\.?(?:(?P<name>[A-Za-z_]\w*)|\"(?P<quoted>[^\"\\]+)\"|\[\"(?P<key>[^\"\\]+)\"\])")
_TEXT = r"\"[^\"\\]+\"|\[\"[^\"\\]+\"\]"
_PATH = regex(rf"\.?(?:[A-Za-z_]\w*|{_TEXT})(?:\.[A-Za-z_]\w*|\.?(?:{_TEXT}))*")
_FIRST_SIGN = 0xE000
"""Signs that stand in no text, and here for symbols: those of a text for private use, of which there are 6,400."""
_MOST = 1_000


def said_in_json(of: Value, path: str) -> Value:
    """The text to which a path leads (`.shop."containerimage.digest"`); empty where it is not plain, or leads to none.

    A symbol may stand in texts alone: what is JSON only in a run is none.
    """
    symbols = [part for part in of if isinstance(part, Symbol)]
    if not symbols or len(symbols) > _MOST or not _PATH.fullmatch(path):
        return ()
    signs = {symbol: chr(_FIRST_SIGN + at) for at, symbol in enumerate(dict.fromkeys(symbols))}
    text = "".join(part if isinstance(part, str) else signs[part] for part in of)
    try:
        found = msgspec.json.decode(text.strip())
    except (msgspec.DecodeError, RecursionError):
        return ()
    for step in _STEP.finditer(path):
        found = found.get(step["name"] or step["quoted"] or step["key"]) if isinstance(found, dict) else None
    meanings = {sign: symbol for symbol, sign in signs.items()}
    return value(*(meanings.get(sign, sign) for sign in found)) if isinstance(found, str) else ()
