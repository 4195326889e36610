"""Dependabot: what its entries look after, and why it refuses some, or all of them."""

from __future__ import annotations

import posixpath
import re
from fnmatch import translate
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.dependencies import knowledge as ecosystems
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.globs import glob, of_folders
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, listed, read_one
from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.cron import FIELDS, is_beyond, never
from goldenpath.facts.updates.knowledge import knowledge
from goldenpath.facts.updates.model import Coverage, Unseen
from goldenpath.facts.updates.patterns import EVERY_VERSION, PERHAPS_DEFAULT, names_but
from goldenpath.facts.workflows import texts
from goldenpath.repository import Place

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.updates.model import Found
    from goldenpath.repository import Repository

DEPENDABOT = (".github/dependabot.yml", ".github/dependabot.yaml")
_INTERVALS = frozenset({"daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "cron"})
_EVERY_UPDATE = frozenset(f"version-update:semver-{part}" for part in ("major", "minor", "patch"))
_LONGEST_COOLDOWN = 90
_EVERY_KIND, _BOTH_KINDS = frozenset({"all", "direct"}), frozenset({"production", "development"})
_SPOKEN = regex(r"(?i)\s*(?:every\b|@\w)")
"""How a schedule begins that says in words when it is, and has no fields."""
_WEEK = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_TIME = regex(r"(?:[01]?\d|2[0-4]):[0-5]\d")


def look(repository: Repository, found: Found) -> None:
    """Read what it is told. Raises Malformed where it refuses the whole file."""
    path = next((path for path in DEPENDABOT if path in repository), None)
    root = read_one(repository, path) if path else None
    if root is None:
        return
    if root.text("version") != "2":
        raise Malformed(root.place, "Dependabot reads `version: 2` and nothing else")
    entries = root.get("updates")
    if not isinstance(entries, Sequence):
        raise Malformed(root.place, "it has no list of updates")
    if not entries.items:
        raise Malformed(root.keys["updates"].place, "its list of updates is empty")
    for entry in entries.items:
        if not isinstance(entry, Mapping):
            raise Malformed(entry.place, "an entry is no mapping")
        problem = _entry(repository, entry, root, found)
        if problem:
            found.problems.append(problem)
    if twice := _same(entries.items):
        found.coverage = []
        raise Malformed(
            twice, "two entries are for the same ecosystem, directory and branch: Dependabot refuses the file"
        )


def look_on_gitlab(repository: Repository, found: Found) -> None:
    """Where it does not run, its file is a mistake."""
    path = next((path for path in DEPENDABOT if path in repository), None)
    if path:
        found.problems.append(Finding(Place(path), "Dependabot does not run on GitLab, where this repository is"))


def _entry(repository: Repository, entry: Mapping, root: Mapping, found: Found) -> Finding | None:
    """One entry of the list: what it covers, or why it covers nothing."""
    name = entry.text("package-ecosystem") or ""
    ours = next((key for key, row in ecosystems().ecosystems.items() if name in row.dependabot), "")
    if not ours and name not in knowledge().other_ecosystems:
        return Finding(entry.place, f"Dependabot has no ecosystem {shown(name)}")
    interval = entry.get("schedule", "interval")
    if "multi-ecosystem-group" not in entry.values and (
        not isinstance(interval, Scalar) or interval.text not in _INTERVALS
    ):
        return Finding(entry.place, "an entry needs a schedule with an interval that Dependabot knows")
    folders = texts(entry.get("directory")) or texts(entry.get("directories"))
    if problem := _refused(entry, root) or _misplaced(repository, entry, folders):
        return problem
    limit = entry.get("open-pull-requests-limit")
    if isinstance(limit, Scalar) and limit.text == "0":
        return Finding(limit.place, f"open-pull-requests-limit 0 turns updates of {name} off")
    if ignored := _ignores_all(entry.get("ignore")):
        return Finding(ignored, f"every dependency of {name} is ignored")
    branch = entry.text("target-branch")
    if branch and not PERHAPS_DEFAULT.match(branch):
        why = f"Dependabot proposes updates of {name} to {branch} alone"
        found.unseen.append(Unseen(entry.keys["target-branch"].place, why, (ours or name,)))
        return None
    excluded = entry.get("exclude-paths")
    if excluded is not None and any(glob(each) == glob("**") for each in texts(excluded)):
        return Finding(excluded.place, f"every file of {name} is left out (`exclude-paths`)")
    covered = Coverage(
        "Dependabot", ours or name, entry.place, of_folders(folders), excluded=_excluded(texts(excluded))
    )
    covered = replace(covered, names=_named_by(entry), entry=name)
    if allowed := _allows_only(entry.get("allow")):
        covered = replace(covered, place=allowed, read=frozenset(), part="what `allow` names")
        covered = replace(covered, for_development=_kinds_of(entry.get("allow")) == {"development"})
    found.coverage.append(covered)
    return None


def _named_by(entry: Mapping) -> re.Pattern[str] | None:
    """The names of dependencies that an entry is for; None for one that is for all of them."""
    ignored = [each.text("dependency-name") or "" for each in listed(entry.get("ignore")) if _ignores_whole(each)]
    allowed = [each.text("dependency-name") or "" for each in listed(entry.get("allow"))]
    by_name = allowed if allowed and all(allowed) else ["*"]
    return names_but(ignored, by_name) if ignored or by_name != ["*"] else None


def _excluded(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """The files that an entry leaves alone: a path with all that is below it, or a glob whose `*` may pass folders."""
    plain = [posixpath.normpath(each).strip("/") for each in patterns]
    return (
        re.compile("|".join(f"{glob(each)}|{translate(each)}|{re.escape(each)}/.*" for each in plain))
        if plain
        else None
    )


def _refused(entry: Mapping, root: Mapping) -> Finding | None:
    """What Dependabot refuses of an entry beside what it is for."""
    schedule = entry.get("schedule")
    if isinstance(schedule, Mapping) and schedule.text("interval") == "cron" and not schedule.text("cronjob"):
        return Finding(schedule.place, "the interval `cron` needs a `cronjob`")
    if isinstance(schedule, Mapping) and schedule.text("interval") == "cron" and never(schedule.text("cronjob") or ""):
        return Finding(schedule.place, f"no day fits the `cronjob` {shown(schedule.text('cronjob') or '')}")
    if isinstance(schedule, Mapping) and schedule.text("interval") == "cron":
        cron = schedule.text("cronjob") or ""
        if (len(cron.split()) < FIELDS and not _SPOKEN.match(cron)) or is_beyond(cron):
            return Finding(schedule.place, f"the `cronjob` {shown(cron)} is no schedule")
    if isinstance(schedule, Mapping) and (text := _at_no_time(schedule)):
        return Finding(schedule.place, text)
    for key in "default-days", "semver-major-days", "semver-minor-days", "semver-patch-days":
        days = entry.get("cooldown", key)
        if isinstance(days, Scalar) and days.text.isdecimal() and int(days.text[:4]) > _LONGEST_COOLDOWN:
            return Finding(days.place, f"Dependabot takes a cooldown of {_LONGEST_COOLDOWN} days at most")
    if "directory" in entry.values and "directories" in entry.values:
        return Finding(entry.place, "an entry has `directory` or `directories`, and not both")
    group = entry.text("multi-ecosystem-group")
    if group and root.get("multi-ecosystem-groups", group) is None:
        return Finding(entry.place, f"there is no {shown(group)} among the `multi-ecosystem-groups`")
    return None


def _at_no_time(schedule: Mapping) -> str:
    """Why a schedule names no day, or no time of it; empty where it does."""
    day, time = schedule.text("day") or "", schedule.text("time") or ""
    if day and day.lower() not in _WEEK:
        return f"there is no day {shown(day)}"
    return f"there is no time {shown(time)}" if time and not _TIME.fullmatch(time) else ""


def _misplaced(repository: Repository, entry: Mapping, folders: tuple[str, ...]) -> Finding | None:
    if not folders:
        return Finding(entry.place, "an entry needs a directory")
    for folder in folders:
        plain = folder.strip("/").removeprefix("./")
        if "*" not in plain and plain not in {"", "."} and not repository.is_folder(plain):
            return Finding(entry.place, f"it names the directory {shown(folder)}, which is not there")
    return None


def _same(entries: list[Node]) -> Place | None:
    """The second of two entries for the same, which may differ in nothing else."""
    seen = set[tuple[str, str, str]]()
    for entry in entries:
        if isinstance(entry, Mapping):
            folders = {folder.strip("/") for folder in texts(entry.get("directory")) + texts(entry.get("directories"))}
            ids = {(entry.text("package-ecosystem") or "", each, entry.text("target-branch") or "") for each in folders}
            if seen & ids:
                return entry.place
            seen |= ids
    return None


def _ignores_all(ignore: Node | None) -> Place | None:
    """Where an entry leaves out every version of everything; security updates still come then."""
    kinds = set[str]()
    for each in listed(ignore):
        if (each.text("dependency-name") or "*") not in {"*", "**"}:
            continue
        kinds |= set() if "versions" in each.values else {*texts(each.get("update-types"))}
        if _ignores_whole(each) or kinds >= _EVERY_UPDATE:
            return each.place
    return None


def _ignores_whole(ignored: Mapping) -> bool:
    """Whether every version of what it names is ignored."""
    kinds = frozenset(texts(ignored.get("update-types")))
    every = any(EVERY_VERSION.fullmatch(version) for version in texts(ignored.get("versions")))
    return every or len(ignored.values) == 1 or (kinds >= _EVERY_UPDATE and len(ignored.values) == 2)


def _allows_only(allow: Node | None) -> Place | None:
    """Where an entry is for some dependencies alone: those that it names, or those of one kind."""
    items = listed(allow)
    if allow is None or not items:
        return None
    unnamed = [each for each in items if not (each.text("dependency-name") or "").strip("*")]
    kinds = {each.text("dependency-type") or "all" for each in unnamed}
    return None if kinds & _EVERY_KIND or kinds >= _BOTH_KINDS else allow.place


def _kinds_of(allow: Node | None) -> set[str]:
    """The kinds of dependencies that an entry is for; empty for one that names some of any kind."""
    return {each.text("dependency-type") or "" for each in listed(allow)}
