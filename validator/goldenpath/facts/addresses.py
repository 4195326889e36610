"""Web addresses as people write them into catalogs and documents."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct

from goldenpath.facts.placeholders import is_placeholder_host, is_placeholder_path, is_unfilled
from goldenpath.facts.regexes import regex

MAX_LENGTH = 2_000
"""Longest address that is looked at."""

_SCHEME = regex(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_HOST = regex(r"[\w.-]+|\[[0-9a-fA-F:.]+\]")
_FRONT = regex(
    r"[^/?#]*[/?#]*|[^/]*\.atlassian\.net/wiki(/home|/spaces)?/?"
    r"|(github\.com/[^/]+/[^/]+/wiki|gitlab\.com/.+/-/wikis)(/home)?/?",
    re.IGNORECASE,
)
"""What a site opens with, or a wiki."""


class Address(Struct, frozen=True):
    """A full address; scheme and host are in lower case, the path begins with `/` or is empty."""

    scheme: str
    host: str
    path: str
    query: str
    fragment: str

    @property
    def rest(self) -> str:
        """What follows the host."""
        return f"{self.path}{'?' if self.query else ''}{self.query}{'#' if self.fragment else ''}{self.fragment}"

    @property
    def is_web(self) -> bool:
        """Whether a browser opens it."""
        return self.scheme in {"http", "https"}

    def __str__(self) -> str:
        """The address with scheme and host in lower case."""
        return f"{self.scheme}:{'//' if self.host else ''}{self.host}{self.rest}"


def parse_address(text: str) -> Address | None:
    """The parts of a full address; None when it is none, as `new URL(text)` decides in Backstage."""
    text = text.strip()
    if len(text) > MAX_LENGTH or not _SCHEME.match(text) or re.search(r"[\s<>\x00-\x1f]", text):
        return None
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2].lower()
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return None
    address = Address(parts.scheme.lower(), host, parts.path, parts.query, parts.fragment)
    return address if not address.is_web or _HOST.fullmatch(parts.hostname or "") else None


def wrong_with(text: str) -> str | None:
    """What is wrong with an address that should lead somewhere on the web; None when it may."""
    if is_unfilled(text):
        return "is not filled in"
    address = parse_address(text)
    if address is None or not address.is_web:
        return "is no web address"
    host = address.host.rpartition(":")[0] or address.host
    if is_placeholder_host(host) or is_placeholder_path(address.rest):
        return "is a placeholder"
    return "is the front page of a site" if _FRONT.fullmatch(address.host + address.rest) else None
