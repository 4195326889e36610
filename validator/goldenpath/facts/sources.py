"""Where a suite of templates lives, and the order of its releases.

Nobody vouches for those who write answers files and contracts, so an address is one of a few plain forms: git also
knows addresses that name programs (`ext::`), options (`--upload-pack`) or files of this machine.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from msgspec import Struct
from packaging.version import InvalidVersion, Version

_HOST = r"(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"
_PATH = r"(?P<path>[\w~][\w.~-]*(?:/[\w~][\w.~-]*)*)/?"
_USER = r"\w[\w.-]*@"
_FORMS = [
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"https://{_HOST}(?P<port>:\d{{1,5}})?/{_PATH}",
        rf"ssh://(?:{_USER})?{_HOST}(?P<port>:\d{{1,5}})?/{_PATH}",
        rf"{_USER}{_HOST}:(?P<port>){_PATH}",
    )
]
_ALIASES = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}
"""What Copier writes out before it asks git."""


class Source(Struct, frozen=True):
    """An address that git may be asked for, and the repository that it names, however it is spelled."""

    url: str
    repository: str


def parse_source(text: str) -> Source:
    """Read an address. Raises ValueError with a sentence when it is none that may be asked, or none at all."""
    url = text
    for alias, meaning in _ALIASES.items():
        if url.startswith(alias):
            url = meaning + url.removeprefix(alias)
    for form in _FORMS:
        if match := form.fullmatch(url):
            port = match["port"] or ""
            return Source(url, f"{match['host']}{port}/{match['path'].removesuffix('.git')}".lower())
    raise ValueError(_why_not(url))


def _why_not(url: str) -> str:
    if re.match(r"\w+://[^/]*@", url):
        return "it may hold a credential; take that out, and let git's own credential helper give it"
    if re.match(r"[\w+.-]+:", url):
        return "it is no https or ssh address, and no other is asked"
    if url.lower().endswith(".zip"):
        return "it is a zip archive, which has no releases to follow"
    if PurePath(url).is_absolute():
        return "it is a path of the machine on which it was written"
    return "it is a path, which means nothing on another machine"


def parse_version(text: str) -> Version:
    """Read a release's version, `v1.2.0` or as PEP 440 has it, which is Copier's order. Raises ValueError."""
    try:
        return Version(text)
    except InvalidVersion:
        raise ValueError(f"{text!r} is no version; write it as v1.2.0") from None
