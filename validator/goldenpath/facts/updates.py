"""The bots that keep dependencies up to date: what Dependabot and Renovate look after, and which others there are."""

from __future__ import annotations

import posixpath
import re
from fnmatch import translate
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.dependencies import knowledge as ecosystems
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.gitlab import is_home
from goldenpath.facts.globs import glob, of_folders
from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, Unread, parse, read, read_one
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import one_of, read_table
from goldenpath.facts.values import display
from goldenpath.facts.workflows import texts
from goldenpath.repository import Missing, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.nodes import Node
    from goldenpath.facts.workflows import Job, Uses, Workflows
    from goldenpath.repository import Repository

DEPENDABOT = (".github/dependabot.yml", ".github/dependabot.yaml")
RENOVATE = (
    "renovate.json", "renovate.json5", ".github/renovate.json", ".github/renovate.json5", ".gitlab/renovate.json",
    ".gitlab/renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5",
)  # fmt: skip
"""Where Renovate looks, in its order; only the first counts."""

_INTERVALS = frozenset({"daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "cron"})
_EVERY_UPDATE = frozenset(f"version-update:semver-{part}" for part in ("major", "minor", "patch"))
_FIELDS, _SPOKEN = 5, regex(r"(?i)\s*(?:every\b|@\w)")
"""How many fields a schedule of Dependabot's has, unless it says in words when it is."""
_LONGEST_COOLDOWN = 90
_EVERY_KIND, _BOTH_KINDS = frozenset({"all", "direct"}), frozenset({"production", "development"})
_EVERY_VERSION = regex(r"\s*(?:>=?\s*0(?:\.0)*|\*|[\[(]?0?,\s*[)\]])\s*")
_NO_VERSION = regex(r"\s*(?:<\s*v?0(?:\.0)*(?:-0)?|!\s*/\^?\.[*+]\$?/i?|/\^?\$/i?)\s*")
"""Which versions Renovate is allowed (`allowedVersions`) that are none: below any, or but for those of any name."""
_BY_ITSELF = frozenset({"schedule", "repository_dispatch"})
_OFF = {"enabled": "false", "mode": "silent"}
_PERHAPS_DEFAULT = regex(r"\$default$|/|[\w.-]*(default|dev|main|master|next|trunk|unstable)[\w.-]*$")
"""Which branch is the default one no file says: what it is called in most repositories, or a pattern of Renovate's."""
_MATCHES = ("match", "exclude")
_VERSIONS = frozenset({"major", "minor", "patch"})
_NAMES = frozenset(
    {
        "matchRepositories",
        "matchPackageNames",
        "matchDepNames",
        "matchPackagePatterns",
        "matchDepPatterns",
        "matchDepTypes",
    }
)
_EXCEPTS = frozenset({"excludePackageNames", "excludeDepNames", "excludePackagePatterns", "excludePackagePrefixes"})
_MAY_LACK = frozenset({"matchCurrentVersion", "matchCurrentValue", "matchNewValue", "matchSourceUrls"})
"""What some dependencies have none of, as of a version that a range has which is locked nowhere: they stay."""
_UNTOLD = frozenset({"matchJsonata", "matchCurrentAge", "matchRepositories", "matchConfidence"})
"""What rules match that no file says: how old a version is, say."""
_EVERY_NAME = regex(r"\*{1,2}|\^?\.[*+]\$?|/\^?\.[*+]\$?/i?")
_GITLAB = "gitlab"
_PIPELINE = regex(r"(?:.*/)?[^/]*\.gitlab-ci\.ya?ml")
_CUSTOM = ("customManagers", "regexManagers", "registryAliases")
_CUSTOM_PRESET = regex(r"(?:custom|regex)Managers:")
_ESCAPE = regex(r"""(\\[\\/"0bfnrtuvx\n])|\\(.)|(")""", re.DOTALL)
"""An escape that YAML has as well, one that stands for its own character, and a quote that needs one."""
_PLAIN_PATH = regex(r"[\w.-]+(?:/[\w.-]+)*")
_GIT, _COMMITS = regex(r"\bgit\b"), regex(r"\b(?:add|commit|am|merge|stage|cherry-pick)\b")
_QUOTES = "\"'"
_PLAIN = regex(r"/?\^(?:[\w/-]|\\[./-])+(?:\.\*)?(?:[\w/-]|\\[./-])*\$/?")
_JSON5 = regex(
    r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|["'][^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|(?<=[\w$])(:)(?=\S)""", re.DOTALL
)
"""A string, a comment, and the colon of a bare key that YAML would take for a part of it."""


class Coverage(Struct, frozen=True):
    """What a bot looks after: an ecosystem by our name (empty: every one) in folders or files (None: everywhere).

    `read` are the files that alone it reads of its own accord, where it is told to look after a part of an ecosystem
    (`part` says which); whether it is told of others is not followed. `left_out` are those that what was turned off
    would have read. `excluded` are files that it is told to leave alone, as seen from each of its folders.
    `for_development` leaves alone what comes along to production. `names` fits the dependencies that it looks after,
    where some are left out by their names.
    """

    bot: str
    ecosystem: str
    place: Place
    folders: re.Pattern[str] | None = None
    files: re.Pattern[str] | None = None
    except_ecosystems: frozenset[str] = frozenset()
    read: frozenset[str] | None = None
    part: str = ""
    left_out: frozenset[str] = frozenset()
    excluded: re.Pattern[str] | None = None
    for_development: bool = False
    names: re.Pattern[str] | None = None

    def leaves_alone(self, names: frozenset[str]) -> bool:
        """Whether it is told by their names to leave alone all of these dependencies; nobody knows of none."""
        return self.names is not None and bool(names) and not any(map(self.names.fullmatch, names))

    def covers_of(self, ecosystem: str) -> bool:
        """Whether it looks after any file of an ecosystem."""
        return self.ecosystem in {"", ecosystem} and ecosystem not in self.except_ecosystems

    def covers(self, ecosystem: str, path: str, folders: tuple[str, ...]) -> bool:
        """Whether it looks after a file of an ecosystem, which a bot may find in one of these folders."""
        if not self.covers_of(ecosystem):
            return False
        if self.files is not None and not self.files.fullmatch(path):
            return False
        if self.read is not None and path not in self.read:
            return False
        return self.folders is None or any(
            self.folders.fullmatch(folder) and not self._excludes(path.removeprefix(folder)) for folder in folders
        )

    def _excludes(self, path: str) -> bool:
        return self.excluded is not None and self.excluded.fullmatch(path) is not None


class Unseen(Finding, frozen=True):
    """A bot of which nobody sees here what it covers: surely nothing but these `ecosystems` and `files`, if any."""

    ecosystems: tuple[str, ...] = ()
    files: re.Pattern[str] | None = None

    def may_cover(self, ecosystem: str, path: str) -> bool:
        """Whether it may look after a file of an ecosystem."""
        of_it = not self.ecosystems or ecosystem in self.ecosystems
        return of_it and (self.files is None or self.files.fullmatch(path) is not None)


class Updates(Struct, frozen=True):
    """What bots cover, what is wrong with their configuration, and bots of which nobody sees here what they cover.

    `custom` is what tells Renovate of more than its managers read: patterns of its own, or what variables stand for.
    """

    coverage: tuple[Coverage, ...]
    problems: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    custom: tuple[Finding, ...] = ()


class _Bot(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    files: str
    says: str = ""
    only: tuple[str, ...] = ()


class _Off(Struct, frozen=True, forbid_unknown_fields=True):
    ecosystems: tuple[str, ...] = ()
    all_but: tuple[str, ...] = ()


class _Presets(Struct, frozen=True, forbid_unknown_fields=True):
    complete: tuple[str, ...]
    off: dict[str, _Off]
    left_alone: dict[str, str]


class _Manager(Struct, frozen=True, forbid_unknown_fields=True):
    files: str
    says: str = ""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    bots: tuple[_Bot, ...]
    actions: tuple[str, ...]
    openers: dict[str, str]
    opening: tuple[str, ...]
    speaks_of_updates: str
    presets: _Presets
    categories: dict[str, tuple[str, ...]]
    datasources: dict[str, tuple[str, ...]]
    registries: dict[str, str]
    kinds: dict[str, tuple[str, ...]]
    managers: dict[str, _Manager]
    managers_by_name: str
    other_ecosystems: tuple[str, ...]


@cache
def _knowledge() -> _Table:
    return read_table("updates", _Table)


def updates(
    repository: Repository, workflows: Workflows, gitlab: Pipeline | None, knowledge: Knowledge | None = None
) -> Updates:
    """Read what the bots are told. Dependabot runs on GitHub only; of presets elsewhere the contract may tell."""
    found = _Found(knowledge.presets if knowledge else ())
    on_gitlab = is_home(gitlab, workflows)
    for look in (_no_dependabot if on_gitlab else _dependabot, _renovate, _others):
        try:
            look(repository, found)
        except Malformed as error:
            if isinstance(error, Unread):
                found.unseen.append(Unseen(error.place, str(error)))
            else:
                found.problems.append(Finding(error.place, str(error)))
    found.unseen += _scheduled(workflows)
    coverage, problems, unseen = tuple(found.coverage), tuple(found.problems), tuple(found.unseen)
    return Updates(coverage, problems, unseen, tuple(found.custom))


class _Found:
    def __init__(self, presets: tuple[str, ...]) -> None:
        self.presets = presets
        self.coverage: list[Coverage] = []
        self.problems: list[Finding] = []
        self.unseen: list[Unseen] = []
        self.custom: list[Finding] = []


# --- Dependabot


def _dependabot(repository: Repository, found: _Found) -> None:
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


def _no_dependabot(repository: Repository, found: _Found) -> None:
    path = next((path for path in DEPENDABOT if path in repository), None)
    if path:
        found.problems.append(Finding(Place(path), "Dependabot does not run on GitLab, where this repository is"))


def _entry(repository: Repository, entry: Mapping, root: Mapping, found: _Found) -> Finding | None:
    """One entry of the list: what it covers, or why it covers nothing."""
    name = entry.text("package-ecosystem") or ""
    ours = next((key for key, row in ecosystems().ecosystems.items() if name in row.dependabot), "")
    if not ours and name not in _knowledge().other_ecosystems:
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
    if branch and not _PERHAPS_DEFAULT.match(branch):
        why = f"Dependabot proposes updates of {name} to {branch} alone"
        found.unseen.append(Unseen(entry.keys["target-branch"].place, why, (ours or name,)))
        return None
    excluded = entry.get("exclude-paths")
    if excluded is not None and any(glob(each) == glob("**") for each in texts(excluded)):
        return Finding(excluded.place, f"every file of {name} is left out (`exclude-paths`)")
    covered = Coverage(
        "Dependabot", ours or name, entry.place, of_folders(folders), excluded=_excluded(texts(excluded))
    )
    covered = replace(covered, names=_named_by(entry))
    if allowed := _allows_only(entry.get("allow")):
        covered = replace(covered, place=allowed, read=frozenset(), part="what `allow` names")
        covered = replace(covered, for_development=_kinds_of(entry.get("allow")) == {"development"})
    found.coverage.append(covered)
    return None


def _named_by(entry: Mapping) -> re.Pattern[str] | None:
    """The names of dependencies that an entry is for; None for one that is for all of them."""
    ignored = [each.text("dependency-name") or "" for each in _mappings(entry.get("ignore")) if _ignores_whole(each)]
    allowed = [each.text("dependency-name") or "" for each in _mappings(entry.get("allow"))]
    by_name = allowed if allowed and all(allowed) else ["*"]
    return _names_but(ignored, by_name) if ignored or by_name != ["*"] else None


def _names_but(left_out: list[str], named: list[str]) -> re.Pattern[str]:
    """The names that fit one of these patterns (`*` stands for anything) and none of those, in any case."""
    out, wanted = ("|".join(map(translate, each)) or "(?!)" for each in (left_out, named))
    return re.compile(f"(?i:(?!(?:{out}))(?:{wanted}))")


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
    if isinstance(schedule, Mapping) and schedule.text("interval") == "cron" and _never(schedule.text("cronjob") or ""):
        return Finding(schedule.place, f"no day fits the `cronjob` {shown(schedule.text('cronjob') or '')}")
    if isinstance(schedule, Mapping) and schedule.text("interval") == "cron":
        cron = schedule.text("cronjob") or ""
        if (len(cron.split()) < _FIELDS and not _SPOKEN.match(cron)) or _is_beyond(cron):
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


_WEEK = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_TIME = regex(r"(?:[01]?\d|2[0-4]):[0-5]\d")


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
    for each in _mappings(ignore):
        if (each.text("dependency-name") or "*") not in {"*", "**"}:
            continue
        kinds |= set() if "versions" in each.values else {*texts(each.get("update-types"))}
        if _ignores_whole(each) or kinds >= _EVERY_UPDATE:
            return each.place
    return None


def _ignores_whole(ignored: Mapping) -> bool:
    """Whether every version of what it names is ignored."""
    kinds = frozenset(texts(ignored.get("update-types")))
    every = any(_EVERY_VERSION.fullmatch(version) for version in texts(ignored.get("versions")))
    return every or len(ignored.values) == 1 or (kinds >= _EVERY_UPDATE and len(ignored.values) == 2)


def _never(cron: str) -> bool:
    """Whether a schedule asks for days of months that have none of them (`0 0 31 2 *`)."""
    fields = cron.split()
    if len(fields) != 5 or fields[4] != "*":
        return False
    days, months = (list(map(_least, each.lower().split(","))) for each in fields[2:4])
    if None in days or None in months:
        return False
    longest = max(_DAYS.get(month or 0, 31) for month in months)
    return all((day or 0) > longest for day in days)


_RANGES = ((0, 59), (0, 24), (1, 31), (1, 12), (0, 7))
"""What the fields of a schedule may be: minutes, hours (some read 24 as midnight), days, months and days of weeks."""


def _is_beyond(cron: str) -> bool:
    """Whether a schedule asks for an hour, or any other part of a time, that there is not."""
    fields = cron.split()
    if len(fields) != _FIELDS:
        return False
    asked = ((range_, each) for range_, field in zip(_RANGES, fields, strict=True) for each in _numbers(field))
    return any(not least <= number <= most for (least, most), number in asked)


def _numbers(field: str) -> Iterator[int]:
    """The numbers of a field, but for those that say by how many it goes on (`*/15`)."""
    for each in re.split("[,-]", re.sub("/[^,]*", "", field)):
        if each.isdecimal() and each.isascii():
            yield int(each.lstrip("0")[:3] or "0")


def _least(field: str) -> int | None:
    """The least that a field of a schedule means (`30-31`, `feb`); None where it is no number, as for `*`."""
    first = re.split("[-/]", field)[0]
    if first[:3] in _MONTHS:
        return _MONTHS.index(first[:3]) + 1
    return int(first.lstrip("0")[:3] or "0") if first.isdecimal() and first.isascii() else None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
"""The days of the months that have fewer than 31."""


def _allows_only(allow: Node | None) -> Place | None:
    """Where an entry is for some dependencies alone: those that it names, or those of one kind."""
    items = _mappings(allow)
    if allow is None or not items:
        return None
    unnamed = [each for each in items if not (each.text("dependency-name") or "").strip("*")]
    kinds = {each.text("dependency-type") or "all" for each in unnamed}
    return None if kinds & _EVERY_KIND or kinds >= _BOTH_KINDS else allow.place


def _kinds_of(allow: Node | None) -> set[str]:
    """The kinds of dependencies that an entry is for; empty for one that names some of any kind."""
    return {each.text("dependency-type") or "" for each in _mappings(allow)}


def _mappings(node: Node | None) -> list[Mapping]:
    return [each for each in node.items if isinstance(each, Mapping)] if isinstance(node, Sequence) else []


# --- Renovate


def _renovate(repository: Repository, found: _Found) -> None:
    if (root := _configuration(repository)) is None:
        return
    if off_by := _switched_off(root):
        found.problems.append(off_by)
        return
    if hardly := _hardly_on(root):
        found.unseen.append(hardly)
        return
    found.custom += _customs(root)
    told = {*found.presets}
    extended = [preset for preset in texts(root.get("extends")) if told.isdisjoint({preset, preset.partition("#")[0]})]
    named = [preset.partition("(")[0] for preset in extended]
    ends = [(preset, end) for preset in named if (end := _end_by(preset)) is not None]
    known = one_of(_knowledge().presets.complete)
    foreign = [preset for preset in named if _end_by(preset) is None and not known.fullmatch(preset)]
    wholly, partly = _without(_turned_off(root))
    off = wholly.union(*(_ends(end) for _, end in ends))
    if ends and off == ecosystems().ecosystems.keys():
        found.problems.append(Finding(root.keys["extends"].place, f"{shown(ends[0][0])} turns Renovate's updates off"))
    elif foreign:
        place = root.keys["extends"].place
        why = f"what Renovate looks after is said by {shown(foreign[0])}, which is elsewhere"
        found.unseen.append(Unseen(place, why, files=_told_here(root)))
    elif (managers := root.get("enabledManagers")) is not None and texts(managers):  # none stands for all
        for ecosystem in _of_managers(texts(managers)) - off - partly:
            enabled = [each for each in texts(managers) if each in ecosystems().ecosystems[ecosystem].renovate]
            files, part = _read_by(repository, enabled), ", ".join(enabled)
            if files is not None:
                files = files.union(*(_told(repository, root, manager) for manager in enabled))
            covered = Coverage("Renovate", ecosystem, managers.place, files=_files(root), read=files, part=part)
            found.coverage.append(covered)
    else:
        found.coverage += _of_everything(repository, root, off, partly)
    _narrow(root, found)


def _narrow(root: Mapping, found: _Found) -> None:
    """Of what Renovate looks after some is left out, by its names or by what else rules say of it."""
    if names := _left_out_by_name(root):
        rest = _names_but(names, ["*"])
        found.coverage = [replace(each, names=rest) if each.bot == "Renovate" else each for each in found.coverage]
    if some := _leaves_some(root):
        found.coverage = [*chain.from_iterable(_without_some(each, some) for each in found.coverage)]


def _configuration(repository: Repository) -> Mapping | None:
    path = next((path for path in RENOVATE if path in repository), None)
    root: Node | None = _json5(repository, path) if path else _in_package(repository)
    if root is not None and not isinstance(root, Mapping):
        raise Malformed(root.place, "Renovate's configuration is an object")
    return root


def _switched_off(root: Mapping) -> Finding | None:
    """What turns Renovate off altogether, or lets it update to no version."""
    if switch := next((key for key, value in _OFF.items() if root.text(key) == value), None):
        return Finding(root.keys[switch].place, f"Renovate is turned off (`{switch}: {_OFF[switch]}`)")
    if _allows_none(root):
        return Finding(root.keys["allowedVersions"].place, "Renovate is allowed no version (`allowedVersions`)")
    if problem := _unscheduled(root):
        return problem
    for rule in _mappings(root.get("hostRules")):
        if rule.text("enabled") == "false" and not {"matchHost", "hostType"} & rule.values.keys():
            return Finding(rule.place, "Renovate may ask no host for versions (`hostRules`)")
    if _updates_to_no_version(root) and not [*_turned_on(root)]:
        return Finding(root.keys["major"].place, "Renovate is told to update to no version")
    return None


def _hardly_on(root: Mapping) -> Unseen | None:
    """What leaves on only what some rules turn on, or branches of which none is called as a default one is."""
    if _updates_to_no_version(root) and all(map(_matched, _turned_on(root))):
        return Unseen(root.keys["packageRules"].place, "Renovate updates nothing but what some of its rules turn on")
    if waits := _unread(root) or _waits(root):
        return waits
    for key in "baseBranchPatterns", "baseBranches":
        branches = texts(root.get(key))
        if branches and not any(map(_PERHAPS_DEFAULT.match, branches)):
            return Unseen(root.keys[key].place, f"Renovate proposes updates to {', '.join(branches)} alone")
    return None


def _unscheduled(root: Mapping) -> Finding | None:
    """A schedule that no day fits, or that Renovate refuses, and with it its whole configuration."""
    schedule = texts(root.get("schedule"))
    if schedule[:1] in {(), ("at any time",)}:
        return None
    place = root.keys["schedule"].place
    if all(map(_never, schedule)):
        return Finding(place, f"no day fits Renovate's `schedule` {shown(schedule[0])}")
    refused = next((each for each in schedule if each and _refuses_schedule(each)), None)
    return Finding(place, f"Renovate refuses the `schedule` {shown(refused)}") if refused else None


def _refuses_schedule(schedule: str) -> bool:
    """Whether Renovate takes a schedule for none: as a cron it has to leave the minutes open, whatever they are."""
    if _CRON.fullmatch(schedule):
        return _is_beyond(schedule) or not schedule.startswith("* ")
    return not _SCHEDULE.search(schedule)


_CRON = regex(r"(?:[\d*/,-]+ ){3}\S+ \S+")
_SCHEDULE = regex(
    r"(?i)\*|\d|\b(?:before|after|monthly|every|(?:week)?days?|weekends?|week|month|quarter|year"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun|noon|midnight))\b"
)
"""What speaks of a time in a schedule of Renovate's, as a cron or in words."""


def _waits(root: Mapping) -> Unseen | None:
    """What holds every update back: until somebody asks for it, or for longer than most versions are the newest."""
    rules = [rule for rule in _rules(root) if not _matched(rule)]
    for key in _WAITING:
        told = next((each for each in reversed([root, *rules]) if key in each.values), None)
        if told is not None and (why := _why_waiting(key, told.text(key) or "")):
            return Unseen(told.keys[key].place, why)
    for preset in texts(root.get("extends")):
        if preset == ":dependencyDashboardApproval" and not any(_WAITING[0] in each.values for each in [root, *rules]):
            return Unseen(root.keys["extends"].place, _why_waiting(_WAITING[0], "true"))
    return None


def _unread(root: Mapping) -> Unseen | None:
    """What names no manager that Renovate has, for all that is known, or leaves something alone by a pattern."""
    known = frozenset(_knowledge().managers_by_name.split())
    for told, key in ((root, "enabledManagers"), *((rule, "matchManagers") for rule in _rules(root))):
        if other := next((each for each in texts(told.get(key)) if each not in known), None):
            return Unseen(
                told.keys[key].place, f"Renovate has no manager {shown(other)} (`{key}`), for all that is known"
            )
    for rule in _rules(root):
        if "enabled" in rule.values and rule.values.keys() <= {"enabled", "description"}:
            return Unseen(rule.place, "Renovate refuses a rule that says of nothing what it is about (`packageRules`)")
    for rule, matched in _switches(root):
        if matched <= _MANAGERS_OF.keys() | _BY_PATTERN.keys() and not _is_on(rule):
            named = ((key, each) for key in sorted(matched) for each in texts(rule.get(key)))
            broad = {key: each for key, each in named if _BY_PATTERN.get(key, _ANY_PATTERN).match(each)}
            if broad and matched & _BY_PATTERN.keys() <= broad.keys():
                key, pattern = next(iter(broad.items()))
                why = f"what Renovate leaves alone by the pattern {shown(pattern)} (`{key}`) is not followed"
                return Unseen(rule.keys[key].place, why)
    return None


_ANY_PATTERN = regex(r"[/!]|.*\*")
_BROAD = regex(r"/\^?(?![\w@^]|\\[./-])|.*\{")
"""A pattern of names that does not begin with any of them: those that do leave but some alone."""
_BROAD_EXPRESSION = regex(r"\^?(?![\w@^]|\\[./-])")
_BY_PATTERN = {
    "matchFileNames": regex("[/!]"),
    "matchPackageNames": _BROAD,
    "matchDepNames": _BROAD,
    "matchPackagePatterns": _BROAD_EXPRESSION,
    "matchDepPatterns": _BROAD_EXPRESSION,
    "matchPackagePrefixes": regex(r"$"),
    "matchDepPrefixes": regex(r"$"),
}
"""Patterns of what rules match that are not followed, or may mean all there is."""

_UNFOLLOWED = ("/", "!")
"""How a pattern of Renovate's begins that is an expression, or stands for all else."""


_WAITING = ("dependencyDashboardApproval", "prCreation", "minimumReleaseAge", "stabilityDays")
_YEARS = regex(r"(?i)\s*(?:(\d{1,9})\s*(?:d|days?)?|\d+\s*(?:weeks?|w)|([2-9]|\d{2,9})\s*(?:years?|y))\s*")
_DAYS_OF_A_YEAR = 366


def _why_waiting(key: str, told: str) -> str:
    """Why updates wait; empty where they do not."""
    if (key, told) in {("dependencyDashboardApproval", "true"), ("prCreation", "approval")}:
        return f"Renovate proposes only what somebody has approved in its dashboard (`{key}: {told}`)"
    age = _YEARS.fullmatch(told) if key in {"minimumReleaseAge", "stabilityDays"} else None
    if age and (age[2] or int(age[1] or "0") > _DAYS_OF_A_YEAR):
        return f"Renovate waits for years until it proposes a version (`{key}: {told}`)"
    return ""


def _allows_none(told: Mapping) -> bool:
    """Whether no version at all is allowed."""
    return _NO_VERSION.fullmatch(told.text("allowedVersions") or "-") is not None


def _is_on(rule: Mapping) -> bool | None:
    """Whether a rule turns what it is about on, or off; None where it says nothing of that."""
    if _allows_none(rule) or (rule.get("schedule") is not None and _unscheduled(rule)):
        return False
    return {"true": True, "false": False}.get(rule.text("enabled") or "")


def _updates_to_no_version(root: Mapping) -> bool:
    return all(root.text(version, "enabled") == "false" for version in _VERSIONS)


def _turned_on(root: Mapping) -> Iterator[Mapping]:
    """The rules that turn on what else is turned off."""
    for rule in _rules(root):
        if "true" in {rule.text("enabled"), *(rule.text(version, "enabled") for version in _VERSIONS)}:
            yield rule


def _without_some(coverage: Coverage, some: dict[str, Place]) -> Iterator[Coverage]:
    """What Renovate looks after, where rules turn off some dependencies of these ecosystems."""
    among = {each: place for each, place in some.items() if coverage.covers_of(each)}
    if coverage.bot != "Renovate" or not among:
        yield coverage
        return
    if not coverage.ecosystem:
        yield replace(coverage, except_ecosystems=coverage.except_ecosystems | among.keys())
    for ecosystem, place in among.items():
        part = "what its rules let through"
        yield replace(coverage, ecosystem=ecosystem, place=place, read=frozenset(), part=part, left_out=frozenset())


def _of_everything(
    repository: Repository, root: Mapping, off: frozenset[str], partly: frozenset[str]
) -> Iterator[Coverage]:
    """What Renovate looks after that is told of no managers: all but the ecosystems that are turned `off` or `partly`.

    Of the pipelines of GitLab it reads but some files.
    """
    files, apart = _files(root), frozenset({_GITLAB}) - off - partly
    yield Coverage("Renovate", "", root.place, files=files, except_ecosystems=off | partly | apart)
    for ecosystem in apart:
        pipelines = _of_pipelines(repository) | _told(repository, root, "gitlabci")
        yield Coverage("Renovate", ecosystem, root.place, files=files, read=pipelines)
    turned_off = _turned_off(root)
    for ecosystem in sorted(partly - off):
        of_it = ecosystems().ecosystems[ecosystem].renovate
        rest = [manager for manager in of_it if manager not in turned_off]
        left = _read_by(repository, rest) or frozenset()
        left = left.union(*(_told(repository, root, manager) for manager in rest))
        gone = _read_by(repository, [manager for manager in of_it if manager in turned_off]) or frozenset()
        covered = Coverage("Renovate", ecosystem, root.place, files=files, read=left, part=", ".join(rest))
        yield replace(covered, left_out=gone - left)


def _customs(root: Mapping) -> Iterator[Finding]:
    """Where Renovate is told of more than its managers read."""
    keys = [(root.keys[key].place, key) for key in _CUSTOM if key in root.keys]
    presets = [(root.keys["extends"].place, name) for name in texts(root.get("extends")) if _CUSTOM_PRESET.match(name)]
    for place, name in (*keys, *presets):
        yield Finding(place, f"what Renovate updates by {shown(name)} is not followed")


_DOCUMENTS = r"(?:.*/)?(?:docs?|documentation|guides?|book|examples?|samples?|demos?|tutorials?|website)/.*"
"""What nobody runs: a bot that is told to leave it alone looks after all the same things as one that is not."""


def _files(root: Mapping) -> re.Pattern[str] | None:
    """The files that Renovate reads."""
    by_rules = [f"{glob(each)}$" for each in _left_alone(root)]
    by_presets = _left_alone_by_presets(root) if root.get("ignorePaths") is None else []
    return _all_but(root, by_rules + by_presets)


def _told_here(root: Mapping) -> re.Pattern[str] | None:
    """The files that Renovate reads whatever a preset says of them, for these two lists take the place of its own."""
    return _all_but(root, [])


def _all_but(root: Mapping, left_out: list[str]) -> re.Pattern[str] | None:
    """What is included but not left out. What is ignored is a glob, or a part of a path; what is included is a glob."""
    included = texts(root.get("includePaths"))
    left_out = [*left_out, *(f"{glob(each)}$|.*{re.escape(each)}" for each in texts(root.get("ignorePaths")))]
    if not included and not left_out:
        return None
    out = "|".join(left_out) or "(?!)"
    return re.compile(f"(?!(?!{_DOCUMENTS})(?:{out}))(?:{'|'.join(map(glob, included)) or '.*'})", re.DOTALL)


def _left_alone_by_presets(root: Mapping) -> list[str]:
    """The files that Renovate's own presets ignore, where the configuration does not say itself what is ignored."""
    named, dropped = texts(root.get("extends")), texts(root.get("ignorePresets"))
    return [
        files
        for preset, files in _knowledge().presets.left_alone.items()
        if any(re.fullmatch(preset, each) for each in named) and not any(re.fullmatch(preset, each) for each in dropped)
    ]


def _read_by(repository: Repository, managers: list[str]) -> frozenset[str] | None:
    """The files that these managers of an ecosystem read of their own accord; None for all of it."""
    rows = [_knowledge().managers.get(manager) for manager in managers]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    of_their_own = (
        path for row in known for path in repository.paths(re.compile(row.files)) if _says(repository, path, row.says)
    )
    return frozenset(of_their_own) | (_of_pipelines(repository) if "gitlabci" in managers else frozenset())


def _of_pipelines(repository: Repository) -> frozenset[str]:
    """The files of GitLab's pipelines that Renovate reads: those that are called so, and what they include by name."""
    waiting, found = list(repository.paths(_PIPELINE)), set[str]()
    if waiting:
        from goldenpath.facts.gitlab.configuration import items_of  # only repositories with a pipeline wait for it
    while waiting:
        path = waiting.pop()
        if path in found or path not in repository:
            continue
        found.add(path)
        try:
            documents = read(repository, path)
        except Malformed:
            continue
        for item in chain.from_iterable(
            items_of(each.get("include")) for each in documents if isinstance(each, Mapping)
        ):
            name = item.text if isinstance(item, Scalar) else item.text("local") if isinstance(item, Mapping) else None
            waiting.append((name or "").lstrip("/"))
    return frozenset(found)


def _told(repository: Repository, root: Mapping, manager: str) -> frozenset[str]:
    """The files that a manager is told of besides, by a path or by a pattern that is a path but for its `.*`."""
    patterns = [*texts(root.get(manager, "managerFilePatterns")), *texts(root.get(manager, "fileMatch"))]
    plain = filter(_PLAIN.fullmatch, patterns)
    return frozenset(path for each in plain for path in repository.paths(re.compile(each.strip("/"))))


def _says(repository: Repository, path: str, pattern: str) -> bool:
    try:
        return not pattern or re.search(pattern, repository.text(path)) is not None
    except (Missing, Unreadable):
        return False


def _end_by(preset: str) -> _Off | None:
    """What a preset turns off, if it does."""
    off = _knowledge().presets.off
    return next((end for pattern, end in off.items() if re.fullmatch(pattern, preset)), None)


def _ends(end: _Off) -> frozenset[str]:
    every = frozenset(ecosystems().ecosystems)
    return frozenset(end.ecosystems) or every - frozenset(end.all_but)


def _turned_off(root: Mapping) -> frozenset[str]:
    """The managers that are turned off, each by its own key or by a rule about nothing else; a later rule wins."""
    every = frozenset(manager for row in ecosystems().ecosystems.values() for manager in row.renovate)
    own = {manager: root.get(manager) for manager in every}
    found = frozenset(manager for manager, told in own.items() if isinstance(told, Mapping) and _is_on(told) is False)
    for category, managers in _knowledge().categories.items():  # as whole languages were told before
        told = root.get(category)
        found |= frozenset(managers) if isinstance(told, Mapping) and _is_on(told) is False else frozenset()
    for rule, matched in _switches(root):
        if not matched:
            meant = every
        elif len(matched) == 1 and (key := next(iter(matched))) in _MANAGERS_OF:
            meant = _MANAGERS_OF[key](texts(rule.get(key)))
        else:
            continue
        found = found - meant if _is_on(rule) else found | meant
    return found


def _left_alone(root: Mapping) -> list[str]:
    """The globs of files that a rule about nothing else leaves alone; a later rule wins."""
    found: dict[str, None] = {}
    for rule, matched in _switches(root):
        if matched == {"matchFileNames"}:
            names = texts(rule.get("matchFileNames"))
            if not _is_on(rule):
                found |= dict.fromkeys(name for name in names if not name.startswith(_UNFOLLOWED))
            else:
                found = {name: None for name in found if name not in names}
    return list(found)


def _switches(root: Mapping) -> Iterator[tuple[Mapping, set[str]]]:
    """The rules that turn something on or off, and what they match but for what matches everything."""
    for rule in _rules(root):
        if _is_on(rule) is not None and any(key.startswith(_MATCHES) for key in rule.values):
            yield rule, _matched(rule)


def _rules(root: Mapping) -> Iterator[Mapping]:
    rules = root.get("packageRules")
    return (rule for rule in rules.items if isinstance(rule, Mapping)) if isinstance(rules, Sequence) else iter(())


def _matched(rule: Mapping) -> set[str]:
    """What a rule matches, but for what matches everything."""
    matched = {key for key in rule.values if key.startswith(_MATCHES)}
    everything = {key for key in matched & _NAMES if _is_everything(texts(rule.get(key)))}
    if _VERSIONS.issubset(texts(rule.get("matchUpdateTypes"))):
        everything.add("matchUpdateTypes")
    return matched - everything


def _is_everything(names: tuple[str, ...]) -> bool:
    """Whether names of packages, or of kinds of dependencies, mean all of them."""
    return any(map(_EVERY_NAME.fullmatch, names)) and not any(name.startswith("!") for name in names)


def _leaves_some(root: Mapping) -> dict[str, Place]:
    """The ecosystems of which a rule turns some dependencies off, not one by one: a kind, or all but those it names."""
    found = {each: rule.place for rule in _held_up(root) for each in _of_managers(_managers_of(rule))}
    found |= {each: rule.place for rule in _mappings(root.get("hostRules")) for each in _of_managers(_behind(rule))}
    for rule, matched in _switches(root):
        if _is_on(rule):
            found = found if matched else {}
            continue
        by = matched & _MANAGERS_OF.keys()
        meant = [_of_managers(tuple(_MANAGERS_OF[key](texts(rule.get(key))))) for key in by]
        among = frozenset(ecosystems().ecosystems).intersection(*meant)
        all_but = all(_is_all_but(key, texts(rule.get(key))) for key in matched - by)
        if matched - by == {"matchDepTypes"} and not all_but:
            kinds = set(texts(rule.get("matchDepTypes")))
            among = frozenset(each for each in among if not kinds.isdisjoint(_knowledge().kinds.get(each, ())))
        elif matched <= by or not all_but:
            continue
        found |= dict.fromkeys(among, rule.place)
    return found


def _held_up(root: Mapping) -> Iterator[Mapping]:
    """The rules about managers alone by which every update waits."""
    for rule in _rules(root):
        matched = _matched(rule)
        waits = any(_why_waiting(key, rule.text(key) or "") for key in _WAITING)
        if waits and matched and matched <= _MANAGERS_OF.keys():
            yield rule


def _managers_of(rule: Mapping) -> tuple[str, ...]:
    meant = [_MANAGERS_OF[key](texts(rule.get(key))) for key in _matched(rule)]
    return tuple(frozenset.intersection(*meant))


def _behind(rule: Mapping) -> tuple[str, ...]:
    """The managers that a rule for hosts lets ask nothing of the registry that they ask by default."""
    if rule.text("enabled") != "false":
        return ()
    hosts, known = rule.text("matchHost") or "", _knowledge().registries
    asked = [rule.text("hostType") or "", *(name for name, host in known.items() if hosts and host.endswith(hosts))]
    asked += [name for name, host in known.items() if f"//{host}" in hosts]
    return tuple(_of_table(_knowledge().datasources, tuple(asked)))


def _left_out_by_name(root: Mapping) -> list[str]:
    """The names of dependencies that are never updated; of those that are only renewed with the lock there are none."""
    if root.text("lockFileMaintenance", "enabled") == "true" or any(map(_is_on, _rules(root))):
        return []
    found = [*texts(root.get("ignoreDeps"))]
    for rule, matched in _switches(root):
        if len(matched) == 1 and matched <= {"matchPackageNames", "matchDepNames"}:
            found += texts(rule.get(next(iter(matched))))
    return [name for name in found if not name.startswith(_UNFOLLOWED)]


def _is_all_but(key: str, names: tuple[str, ...]) -> bool:
    negated = [name for name in names if name.startswith("!")]
    others = [name for name in names if not name.startswith("!")]
    if key in {
        "matchCurrentVersion",
        "matchCurrentValue",
        "matchNewValue",
        "matchSourceUrls",
    }:  # what has none, as a range that is locked nowhere, stays
        return any(_EVERY_VERSION.fullmatch(name) or _EVERY_NAME.fullmatch(name) for name in names)
    if key == "matchBaseBranches":
        return any(map(_may_be_default, names))
    return (
        key in _UNTOLD
        or key in _EXCEPTS
        or (key in _NAMES and bool(negated) and all(map(_EVERY_NAME.fullmatch, others)))
    )


def _may_be_default(branch: str) -> bool:
    """Whether a branch, or a pattern of some, is called as a default one is."""
    if branch.startswith("!"):
        return not _may_be_default(branch[1:])
    if not branch.startswith("/"):
        return _PERHAPS_DEFAULT.match(branch) is not None
    start = _ANCHORED.match(branch)
    return start is None or any(name.startswith(start[1]) for name in ("main", "master"))


_ANCHORED = regex(r"/\^([\w-]+)(?![\w-])(?![?*{])[^|]*$")
"""With what all begins that fits a pattern."""


def _of_table(rows: dict[str, tuple[str, ...]], names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(manager for name in names for manager in rows.get(name, ()))


_MANAGERS_OF: dict[str, Callable[[tuple[str, ...]], frozenset[str]]] = {
    "matchManagers": frozenset,
    "matchCategories": lambda names: _of_table(_knowledge().categories, names),
    "matchDatasources": lambda names: _of_table(_knowledge().datasources, names),
}
"""The managers that a rule means, by what it matches."""


def _without(managers: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The ecosystems of which no manager is left, and those of which some are."""
    touched = _of_managers(tuple(managers))
    partly = frozenset(key for key in touched if not managers.issuperset(ecosystems().ecosystems[key].renovate))
    return touched - partly, partly


def _of_managers(managers: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key for key, row in ecosystems().ecosystems.items() if set(managers) & set(row.renovate))


def _json5(repository: Repository, path: str) -> Node | None:
    """JSON with comments, bare keys and commas at the end is YAML, once comments are blank and escapes are YAML's."""
    try:
        text = repository.text(path)
    except (Missing, Unreadable) as error:
        raise Unread(Place(path), str(error)) from None
    documents = parse(path, _JSON5.sub(_as_yaml, text.replace("\t", " ")))
    return documents[0] if documents else None


def _as_yaml(match: re.Match[str]) -> str:
    """A comment as spaces, a string with escapes as YAML writes it, a colon with a space behind it.

    A string that nothing ends stays one.
    """
    if match[2]:
        return ": "
    text: str | None = match[1]
    if text is None:
        return match[0] if match[0][0] in _QUOTES else re.sub(r"[^\n]", " ", match[0])
    if "\\" not in text:
        return text
    inner = _ESCAPE.sub(lambda each: each[1] or ('\\"' if each[3] else each[2]), text[1:-1])
    return f'"{inner}"'


def _in_package(repository: Repository) -> Node | None:
    """The configuration in package.json, which Renovate reads last."""
    if "package.json" not in repository:
        return None
    root = _json5(repository, "package.json")
    return root.get("renovate") if isinstance(root, Mapping) else None


# --- others


def _others(repository: Repository, found: _Found) -> None:
    for bot in _knowledge().bots:
        paths = (path for path in repository.paths(re.compile(bot.files)) if _says(repository, path, bot.says))
        for path in islice(paths, 1):
            found.unseen.append(Unseen(Place(path), f"what {bot.title} looks after is not followed", bot.only))


def _scheduled(workflows: Workflows) -> Iterator[Unseen]:
    """Workflows that run by a schedule, or when a service says so, and open pull requests with updates."""
    table = _knowledge()
    for workflow in workflows.files:
        if _BY_ITSELF.isdisjoint(workflow.triggers):
            continue
        name = f"{workflow.path} {workflow.node.text('name')}"
        speaks = re.search(table.speaks_of_updates, name, re.IGNORECASE) is not None
        known = {*table.actions, *(table.openers if speaks else ())}
        for job in workflow.jobs.values():
            elsewhere = speaks and job.uses is not None and not job.uses.is_local
            for uses in (job.uses, *(step.uses for step in job.steps)):
                if uses is not None and (elsewhere or uses.repository.lower() in known):
                    files = _proposed(job, uses)
                    yield Unseen(uses.place, f"what {uses.label} updates is only known in a run", files=files)
            for run in (step.run for step in job.steps if speaks and step.run is not None):
                if opener := _opens(run.text, table.opening):
                    yield Unseen(run.place, f"what `{opener}` proposes is only known in a run")


def _proposed(job: Job, uses: Uses) -> re.Pattern[str] | None:
    """The files that alone an action commits, where it is told so, and its job commits none by itself."""
    step = next((each for each in job.steps if each.uses is uses), None)
    told = step.node.text("with", _knowledge().openers.get(uses.repository.lower(), "")) if step else None
    paths = [posixpath.normpath(each.strip()) for each in re.split(r"[,\n]", told or "") if each.strip()]
    if not paths or "." in paths or not all(map(_PLAIN_PATH.fullmatch, paths)):
        return None
    others = (line for each in job.steps if each.run is not None for line in each.run.text.split("\n"))
    if any((git := _GIT.search(line)) and _COMMITS.search(line, git.end()) for line in others):
        return None
    return re.compile("|".join(rf"{re.escape(each)}(?:/.*)?" for each in paths))


def _opens(script: str, opening: tuple[str, ...]) -> str:
    """The command of a script that opens a pull request; empty where none does."""
    named = [each for each in opening if each in script]
    if not named:
        return ""
    from goldenpath.facts.pipeline.contexts import nothing_known, text_with
    from goldenpath.facts.shell import Unfollowable, follow

    try:
        commands = follow(text_with(script, nothing_known), {}).commands
    except Unfollowable:
        return named[0]  # nobody can tell whether it is reached
    said = (" ".join(map(display, each.called)) for each in commands if each.reachable)
    return next((opener for each in said for opener in named if f"{each} ".startswith(f"{opener} ")), "")
