"""Manifests and locks as they are written: TOML, JSON, and what is read line by line because it is large."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from goldenpath.facts.dependencies.model import Index, Lock
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from configparser import RawConfigParser

    from goldenpath.repository import Repository

MAX_LOCK = 16 << 20
"""Largest lock that is read, in bytes: those of large monorepos are above ten megabytes."""

_TOML_STRINGS = regex(r""""([^"\n]*)"|'([^'\n]*)'|^[ \t]*([\w.-]+)[ \t]*=""", re.MULTILINE)
_JSON_KEYS = regex(r'"([^"\n]*)"\s*:')
_PACKAGE = regex(r'^\[\[packages?\]\][ \t]*\nname = "([^"\n]*)"(?:\nversion = "([^"\n]*)")?', re.MULTILINE)
_PACKAGES = regex(r"^\[\[packages?\]\]", re.MULTILINE)


def text_of(repository: Repository, path: str) -> str:
    """The text of a manifest or lock. Raises Malformed when it cannot be read."""
    try:
        return repository.text(path, MAX_LOCK).replace("\r\n", "\n")
    except Missing:
        raise Malformed(Place(path), "it is not there") from None
    except Unreadable as error:
        raise Malformed(Place(path), str(error)) from None


def toml(repository: Repository, path: str) -> tuple[dict[str, Any], Index]:
    """A TOML file that people write, and where its strings and keys stand. Raises Malformed."""
    import tomllib  # only repositories with such a file wait for it

    text = text_of(repository, path)
    try:
        return tomllib.loads(text), Index(path, text, _TOML_STRINGS)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise Malformed(Place(path, int(line[1]) if line else 0), f"it is not valid TOML: {error}") from None
    except RecursionError:
        raise Malformed(Place(path), "it is nested too deep") from None


def json(repository: Repository, path: str, *, trailing_commas: bool = False) -> tuple[dict[str, Any], Index]:
    """A JSON file that holds an object, and where its keys stand. Raises Malformed."""
    text = text_of(repository, path)
    source = re.sub(r",(\s*[}\]])", r"\1", text) if trailing_commas else text
    try:
        data = msgspec.json.decode(source)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(Place(path), f"it is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise Malformed(Place(path, 1), "it should hold an object")
    return data, Index(path, text, _JSON_KEYS)


def ini(repository: Repository, path: str) -> RawConfigParser:
    """A file of sections, as setup.cfg is. Raises Malformed."""
    import configparser  # only repositories of that age wait for it

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text_of(repository, path))
    except configparser.Error as error:
        raise Malformed(Place(path), f"it is not valid: {str(error).splitlines()[0]}") from None
    return parser


def packages_of(repository: Repository, path: str) -> Lock:
    """A lock of uv, Poetry, PDM or Cargo, or a pylock.toml. Raises Malformed.

    Programs write them all alike, so lines are enough; a TOML parser takes a second for two megabytes.
    """
    text = text_of(repository, path)
    packages: dict[str, list[str]] = {}
    found = 0
    for match in _PACKAGE.finditer(text):
        found += 1
        versions = packages.setdefault(normal(match[1]), [])
        if match[2]:
            versions.append(match[2])
    if found != len(_PACKAGES.findall(text)):
        raise Malformed(Place(path), "it is not written the way that its tool writes it")
    return Lock(path, packages)


def normal(name: str) -> str:
    """A package's name as PyPI and Cargo compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def table(data: Any, *keys: str) -> dict[str, Any]:  # noqa: ANN401 - what a parser gives
    """The table below these keys; empty when there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def texts(data: Any) -> list[str]:  # noqa: ANN401
    """The texts in a list; none when it is no list."""
    return [each for each in data if isinstance(each, str)] if isinstance(data, list) else []


def ancestors(folder: str) -> list[str]:
    """A folder and those above it, up to the root (empty)."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]


def join(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return f"{folder}/{name}" if folder else name
