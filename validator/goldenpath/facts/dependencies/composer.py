"""PHP: composer.json and composer.lock, which says for which composer.json it was made (Composer's `Locker`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.facts.dependencies.files import ancestors, join, json, table
from goldenpath.facts.dependencies.model import Differences, Project, Requirement
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_LOCK = "composer.lock"
_PLATFORM = regex(
    r"php(?:-64bit|-ipv6|-zts|-debug)?|hhvm|(?:ext|lib)-[a-z0-9](?:[_.-]?[a-z0-9]+)*|composer(?:-(?:plugin|runtime)-api)?",
    re.IGNORECASE,
)
"""What the machine has, and no lock holds (`PlatformRepository`)."""
_HASHED = (
    "name", "version", "require", "require-dev", "conflict", "replace", "provide", "minimum-stability",
    "prefer-stable", "repositories", "extra",
)  # fmt: skip
_MERGES = "wikimedia/composer-merge-plugin"


class _Lock(Struct, frozen=True):
    """The names that a lock holds, those that stand in for others included, and the hash of what it was made for."""

    path: str
    names: frozenset[str]
    made_for: str


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each composer.json; one without a lock is locked by that of a package above that holds it."""
    for path in paths:
        differences = Differences()
        asked: list[Requirement] = []
        locks: list[str] = []
        try:
            data, index = json(repository, path)
            asked = [
                Requirement(name.lower(), str(wanted), index.place(name), runtime=key == "require")
                for key in ("require", "require-dev")
                for name, wanted in table(data, key).items()
                if not _PLATFORM.fullmatch(name)
            ]
            locks = _compare(repository, path, data, asked, differences) if asked else []
        except Malformed as error:
            differences.unsure(error.place, str(error))
        yield differences.project("composer", path, len(asked), locks, asked)


def _compare(
    repository: Repository, path: str, data: dict[str, Any], asked: list[Requirement], differences: Differences
) -> list[str]:
    """Look up what is asked for; the locks that hold it."""
    folder = path.rpartition("/")[0]
    writes_none = table(data, "config").get("lock") is False
    own = join(folder, _LOCK)
    if writes_none or own not in repository:
        return _look_above(repository, folder, data, asked, differences)
    lock = _lock(repository, own)
    _look_up(asked, lock, differences)
    if not differences.gaps and lock.made_for != _content_hash(data):
        differences.unsure(Place(own), f"what it was made for is another {path.rpartition('/')[2]} than the one here")
    return [own]


def _look_above(
    repository: Repository, folder: str, data: dict[str, Any], asked: list[Requirement], differences: Differences
) -> list[str]:
    """A part of a repository is locked together with the whole, where that holds it or stands in for it."""
    name = str(data.get("name", "")).lower()
    for above in ancestors(folder)[1:]:
        if join(above, _LOCK) not in repository:
            continue
        whole, _ = json(repository, join(above, "composer.json"))
        lock = _lock(repository, join(above, _LOCK))
        if name in lock.names or name in map(str.lower, table(whole, "replace")):
            _look_up([each for each in asked if each.runtime], lock, differences)
            return [lock.path]
        if _MERGES in lock.names:
            differences.unsure(Place(join(folder, "composer.json")), f"whether {lock.path} holds it, a plugin decides")
            return [lock.path]
    for each in asked:
        differences.gap(each.place, f"{each.text}: there is no {_LOCK} that holds it")
    return []


def _look_up(asked: list[Requirement], lock: _Lock, differences: Differences) -> None:
    for each in asked:
        if each.name not in lock.names:
            differences.gap(each.place, f"{each.text} is not in {lock.path}")


def _lock(repository: Repository, path: str) -> _Lock:
    """Read a lock as Composer writes it. Raises Malformed."""
    data, _ = json(repository, path)
    listed = [data.get(key) for key in ("packages", "packages-dev")]
    packages = [each for some in listed if isinstance(some, list) for each in some if isinstance(each, dict)]
    if not isinstance(listed[0], list):
        raise Malformed(Place(path), "it is not written the way that Composer writes it")
    names = (str(each.get("name", "")) for each in packages)
    others = (name for each in packages for key in ("replace", "provide") for name in table(each, key))
    return _Lock(path, frozenset(map(str.lower, (*names, *others))), str(data.get("content-hash", "")))


def _content_hash(data: dict[str, Any]) -> str:
    """The hash of what in a composer.json decides about its lock, as `Locker::getContentHash` makes it."""
    from hashlib import md5  # only repositories of PHP wait for it
    from json import dumps

    relevant = {key: data[key] for key in _HASHED if key in data}
    if (platform := table(data, "config").get("platform")) is not None:
        relevant["config"] = {"platform": platform}
    text = dumps(_as_php_has_it(dict(sorted(relevant.items()))), separators=(",", ":"))
    return md5(text.replace("/", r"\/").encode(), usedforsecurity=False).hexdigest()


def _as_php_has_it(value: Any) -> Any:  # noqa: ANN401 - what a parser gives
    """An empty object is an empty list there."""
    if isinstance(value, dict):
        return {key: _as_php_has_it(each) for key, each in value.items()} or []
    return [_as_php_has_it(each) for each in value] if isinstance(value, list) else value
