"""Which release of its template a service follows, which is the newest, and what lies between the two."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.contract import choose
from goldenpath.facts.nodes import Malformed, read_one
from goldenpath.facts.sources import parse_source, parse_version
from goldenpath.facts.template import ANSWERS
from goldenpath.lifecycle.suite import Suite, named_by_user
from goldenpath.repository import InputError, Unreadable, open_repository

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.version import Version

    from goldenpath.checks import Template
    from goldenpath.contract import Contract
    from goldenpath.repository import Repository

CHANGELOG = "CHANGELOG.md"

_HEADING = re.compile(r"^## +\[?(?P<version>[^\]\s]+)\]?(?:[ \t]+[-\u2013\u2014][ \t]+(?P<date>\S+))?.*$", re.MULTILINE)
_LINKS = re.compile(r"^\[[^\]]+\]: \S+\n?", re.MULTILINE)


class Release(Struct, frozen=True):
    """A release as the suite's changelog tells of it, in Markdown; the date as it stands there."""

    version: str
    date: str | None
    changes: str


class Status(Struct, frozen=True):
    """Where a service stands. `releases` are those after its own, the newest first; `changes` what they bring.

    `changes` is None when the suite has no changelog.
    """

    apiVersion: Literal["goldenpath.dev/lifecycle-status/v1"]  # noqa: N815 - the field's spelling, as in the report
    repository: str
    source: str
    version: str
    newest: str
    contract: str
    minimum: str | None
    state: Literal["current", "behind", "below-minimum"]
    releases: tuple[str, ...]
    changes: tuple[Release, ...] | None


class Origin(Struct, frozen=True):
    """What a service's answers file says of the suite that it was made from."""

    source: str
    version: str


def status(path: Path, source: str | None, asked_for: str | None) -> Status:
    """Where the service at a path stands; `source` is the copy of the suite to ask, `asked_for` the contract.

    Raises InputError when it cannot be known.
    """
    with open_repository(path) as repository:
        origin = _origin(repository)
        contract = choose(repository, asked_for)
    template = contract.settings.template
    with named_by_user(source) if source else _own_source(origin, contract) as suite:
        return _compare(repository.location, origin, suite, contract.name, template)


def _compare(location: str, origin: Origin, suite: Suite, contract: str, template: Template | None) -> Status:
    own = parse_version(origin.version)
    tags = suite.releases()
    if own not in tags:
        known = f"its newest is {list(tags.values())[-1]}" if tags else "it has no tag such as v1.2.0"
        raise InputError(f"{ANSWERS}: {origin.version} is no release of {suite.address}; {known}")
    stable = [version for version in tags if own.is_prerelease or not version.is_prerelease]
    newest = max([own, *stable])
    later = [version for version in reversed(stable) if version > own]
    changelog = suite.text(tags[newest], CHANGELOG) if later else ""
    minimum = template.minimum if template else None
    state: Literal["current", "behind", "below-minimum"] = "behind" if later else "current"
    if minimum and own < parse_version(minimum):
        state = "below-minimum"
    return Status(
        apiVersion="goldenpath.dev/lifecycle-status/v1",
        repository=location,
        source=suite.address,
        version=origin.version,
        newest=tags[newest],
        contract=contract,
        minimum=minimum,
        state=state,
        releases=tuple(tags[version] for version in later),
        changes=None if changelog is None else tuple(_between(changelog, own, newest)),
    )


# What it was made from


def _origin(repository: Repository) -> Origin:
    """Read the answers file. Raises InputError when it does not name a release."""
    try:
        answers = read_one(repository, ANSWERS)
    except Malformed as error:
        raise InputError(f"{error.place}: {error}") from None
    except Unreadable as error:
        raise InputError(f"{ANSWERS}: {error}") from None
    if answers is None:
        hint = f"git does not track it yet: `git add {ANSWERS}`" if repository.stray(ANSWERS) else (
            "it was not made from a template that can be followed, or somebody removed that file"
        )  # fmt: skip
        raise InputError(f"{repository.location}: there is no {ANSWERS}; {hint}")
    source, commit = answers.text("_src_path"), answers.text("_commit")
    if not source:
        raise InputError(f"{ANSWERS}:{answers.place.line}: _src_path is missing, so nobody knows what to follow")
    if not commit:
        why = "it was made from a folder or an archive, which has no releases, and cannot be updated"
        raise InputError(f"{ANSWERS}:{answers.place.line}: _commit is missing: {why}")
    place = answers.keys["_commit"].place
    if between := re.fullmatch(r"(.+)-(\d+)-g[0-9a-f]+", commit):
        count = "1 commit" if between[2] == "1" else f"{between[2]} commits"
        raise InputError(
            f"{place}: {commit} is {count} after {between[1]}, between two releases; `copier update` takes it to one"
        )
    try:
        parse_version(commit)
    except ValueError:
        raise InputError(f"{place}: {commit!r} is no release; `copier update` takes the service to one") from None
    return Origin(source, commit)


def _own_source(origin: Origin, contract: Contract) -> Suite:
    """The suite that the answers file names. Raises InputError when that may not be asked, or is not the contract's."""
    try:
        own = parse_source(origin.source)
    except ValueError as error:
        raise InputError(
            f"{ANSWERS}: _src_path cannot be asked: {error}; name a copy of the suite with --source"
        ) from None
    template = contract.settings.template
    if template and parse_source(template.source).repository != own.repository:
        raise InputError(
            f"{ANSWERS}: _src_path is {origin.source}, but the contract {contract.name!r} has services follow "
            f"{template.source}, whose versions are others; compare all the same with --source"
        )
    return Suite(own.url, "https:ssh")


# What the releases between bring


def _between(changelog: str, own: Version, newest: Version) -> list[Release]:
    """The sections of a changelog (Keep a Changelog) after one's own version, up to the newest, in its order."""
    headings = list(_HEADING.finditer(changelog))
    found = []
    for heading, following in zip_longest(headings, headings[1:]):
        end = following.start() if following else None
        try:
            version = parse_version(heading["version"])
        except ValueError:
            continue  # Unreleased
        if own < version <= newest:
            changes = _LINKS.sub("", changelog[heading.end() : end]).strip()
            found.append(Release(heading["version"], heading["date"], changes))
    return found
