"""Ruby: Gemfile and gemspecs where they are plain, and Gemfile.lock. Both are programs; what is not plain is unseen."""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.dependencies.files import join, text_of
from goldenpath.facts.dependencies.model import Differences, Project, Requirement
from goldenpath.facts.dependencies.ranges import allows
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_ASKED = r"""[ (]\s*["'](?P<name>[\w.-]+)["'](?P<wanted>(?:\s*,\s*["'][^"'#]*["'])*)"""
_GEM = regex(rf"gem{_ASKED}(?P<options>\s*,\s*(?:[a-z_]+:|:[a-z_]+\s*=>)(?:(?! (?:if|unless) ).)*?)?\)?")
_GEMSPEC = regex(r"""gemspec(?:[ (]\s*path:\s*["'](?P<folder>[^"'#]+)["']\s*\)?)?""")
_PLAIN = regex(r"(?:source|ruby)[ (][^{]*?(?<! do)|(?P<block>group|platforms?|source|git|github|path)[ (].* do|end")
_LIMITED = regex(r"\b(?:platforms?|install_if)\b")
_DEPENDS = regex(rf"\w+\.add_(?:(?P<tool>development)_|runtime_)?dependency{_ASKED}(?P<own>\s*,\s*\w+\.version)?\s*\)?")
_OWN = "its own version"
"""What a gem asks for of another one that is released with it."""
_DECIDES = regex(r"(?:if|unless|case|while)\b.*|.*\.each\b.*|.*dependency.*")
"""A line of a gemspec that may change what is asked for."""
_COMMENT = regex(r"(^|\s)#.*")
_SPEC = regex(r" {4}([\w.-]+) \(([^)]+)\)")
_OF_SPEC = regex(r" {6}([\w.-]+)(?: \(([^)]*)\))?")
_DEPENDENCY = regex(r"  ([\w.-]+)(?: \(([^)]*)\))?!?")
_BOUND = regex(r"([<>=!~]*)\s*(\S+)")
_LOCK = "Gemfile.lock"


class _Manifest(Struct, frozen=True):
    """What a file asks for, the folders whose gemspec it takes in, and the first line that is not plain."""

    path: str
    asked: list[Requirement]
    gemspecs: list[str]
    unread: Place | None


class _Lock(Struct, frozen=True):
    """What a lock was made for: by the Gemfile, and by each gem of it; and the gems that it holds."""

    path: str
    dependencies: dict[str, str]
    of_gems: dict[str, dict[str, str]]
    versions: dict[str, str]


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each Gemfile and each gemspec; a gemspec is locked by the Gemfile that takes it in."""
    gemfiles, specs = list[str](), list[str]()
    for path in paths:
        (specs if path.endswith(".gemspec") else gemfiles).append(path)
    locks: dict[str, str] = {}
    for path in gemfiles:
        folder = path.rpartition("/")[0]
        differences = Differences()
        yield _project(repository, path, join(folder, _LOCK), differences)
        for each in _taken_in(repository, path):
            locks.setdefault(each, join(folder, _LOCK))
    for path in specs:
        folder = path.rpartition("/")[0]
        differences = Differences()
        if folder not in locks and join(folder, _LOCK) in repository:
            differences.unsure(Place(path), "no line of a Gemfile that is read takes it in")
        yield _project(repository, path, locks.get(folder, join(folder, _LOCK)), differences)


def _taken_in(repository: Repository, path: str) -> list[str]:
    try:
        return _gemfile(repository, path).gemspecs
    except Malformed:
        return []  # its own project says so


def _project(repository: Repository, path: str, lock: str, differences: Differences) -> Project:
    asked: list[Requirement] = []
    try:
        manifest = (_gemspec if path.endswith(".gemspec") else _gemfile)(repository, path)
        asked = manifest.asked
        _compare(repository, manifest, lock, differences)
    except Malformed as error:
        differences.unsure(error.place, str(error))
    return differences.project("bundler", path, len(asked), [lock] if lock in repository else [], asked)


def _compare(repository: Repository, manifest: _Manifest, path: str, differences: Differences) -> None:
    if path not in repository and manifest.asked:
        for each in manifest.asked:
            differences.gap(each.place, f"{each.text}: there is no {_LOCK} that holds it")
    elif manifest.unread:
        differences.unsure(manifest.unread, "what it asks for here is only known by running it")
    elif manifest.asked and not differences.unseen:
        lock = _lock(repository, path)
        own = manifest.path.rpartition("/")[2].removesuffix(".gemspec")
        for each in manifest.asked:
            of_gem = manifest.path.endswith(".gemspec") and each.runtime
            asked = replace(each, wanted=f"= {lock.versions.get(own, '')}") if each.wanted == _OWN else each
            _look_up(asked, lock.of_gems.get(own, {}) if of_gem else lock.dependencies, lock, differences)


def _look_up(each: Requirement, made_for: dict[str, str], lock: _Lock, differences: Differences) -> None:
    """Bundler refuses a lock that was made for another range. It does not lock itself."""
    held = each.optional or each.name in lock.of_gems or each.name == "bundler"
    if each.name not in made_for or not held:
        differences.gap(each.place, f"{each.text} is not in {lock.path}")
    elif _bounds(made_for[each.name]) != _bounds(each.wanted):
        differences.gap(each.place, f"{each.text}, but {lock.path} was made for `{made_for[each.name] or '>= 0'}`")
    elif _is_excluded(version := lock.versions.get(each.name, ""), each.wanted):
        differences.gap(each.place, f"{each.text}, but {lock.path} holds {version}")


def _is_excluded(version: str, wanted: str) -> bool:
    """Whether a version is surely in no range that is asked for; `~>` is what others write `~=`, of several numbers."""
    if not version or wanted == _OWN:
        return False
    bounds = (f"{'==' if sign == '=' else sign.replace('~>', '~=')}{bound}" for sign, bound in _bounds(wanted))
    return allows(", ".join(bounds), version, "pep440") is False


def _bounds(text: str) -> frozenset[tuple[str, str]]:
    """The comparisons of a range; any version is none."""
    matches = (match for part in text.split(",") if (match := _BOUND.fullmatch(part.strip())))
    return frozenset((match[1] or "=", match[2]) for match in matches) - {(">=", "0")}


def _lines(repository: Repository, path: str) -> Iterator[tuple[Place, str]]:
    """Lines with what continues them after a comma, without comments."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text_of(repository, path).split("\n"), start=1):
        code = _COMMENT.sub("", line).strip()
        start = start if parts else number
        if code:
            parts.append(code)
        if parts and not code.endswith(",") and code:
            yield Place(path, start, 1), " ".join(parts)
            parts = []


def _gemfile(repository: Repository, path: str) -> _Manifest:
    asked, gemspecs, blocks = list[Requirement](), list[str](), list[str]()
    unread = None
    for place, line in _lines(repository, path):
        if match := _GEM.fullmatch(line):
            limits = " ".join([match["options"] or "", *blocks])
            asked.append(
                _requirement(match, place, optional=bool(_LIMITED.search(limits)), runtime="group" not in limits)
            )
        elif match := _GEMSPEC.fullmatch(line):
            folder = normpath(join(path.rpartition("/")[0], match["folder"] or "."))
            gemspecs.append("" if folder == "." else folder)
        elif match := _PLAIN.fullmatch(line):
            if match["block"]:
                blocks.append(match["block"])
            elif line == "end" and blocks:
                blocks.pop()
        else:
            unread = unread or place
    return _Manifest(path, asked, gemspecs, unread)


def _gemspec(repository: Repository, path: str) -> _Manifest:
    asked, unread = list[Requirement](), None
    for place, line in _lines(repository, path):
        if match := _DEPENDS.fullmatch(line):
            found = _requirement(match, place, runtime=not match["tool"])
            asked.append(replace(found, wanted=_OWN) if match["own"] and not found.wanted else found)
            unread = unread or (place if match["own"] and found.wanted else None)
        elif _DECIDES.fullmatch(line):
            unread = unread or place
    return _Manifest(path, asked, [], unread)


def _requirement(match: re.Match[str], place: Place, *, optional: bool = False, runtime: bool) -> Requirement:
    wanted = ", ".join(re.findall(r"""["']([^"']*)["']""", match["wanted"]))
    return Requirement(match["name"], wanted, place, optional, runtime)


def _lock(repository: Repository, path: str) -> _Lock:
    """Read a lock as Bundler writes it. Raises Malformed."""
    found = _Lock(path, {}, {}, {})
    sections, section, gem = set[str](), "", dict[str, str]()
    for number, line in enumerate(text_of(repository, path).split("\n"), start=1):
        if line and not line.startswith(" "):
            section = line
            sections.add(section)
        elif section in {"GEM", "GIT", "PATH", "PLUGIN SOURCE"} and (match := _SPEC.fullmatch(line)):
            gem = found.of_gems.setdefault(match[1], {})
            found.versions.setdefault(match[1], match[2])
        elif match := _OF_SPEC.fullmatch(line):
            gem[match[1]] = match[2] or ""
        elif section == "DEPENDENCIES" and line:
            if (match := _DEPENDENCY.fullmatch(line)) is None:
                raise Malformed(Place(path, number), "it is not written the way that Bundler writes it")
            found.dependencies[match[1]] = match[2] or ""
    if "DEPENDENCIES" not in sections or any(each.startswith(("<<<<<<<", ">>>>>>>")) for each in sections):
        raise Malformed(Place(path), "it is not written the way that Bundler writes it")
    return found
