"""Renovate's rules (`packageRules`, `hostRules`): what they turn off, hold up or leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.dependencies import knowledge as ecosystems
from goldenpath.facts.nodes import Mapping, listed
from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.knowledge import knowledge
from goldenpath.facts.updates.patterns import EVERY_VERSION, PERHAPS_DEFAULT
from goldenpath.facts.updates.renovate.managers import MANAGERS_OF, of_managers, of_table
from goldenpath.facts.updates.renovate.schedules import unscheduled
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.repository import Place

_NO_VERSION = regex(r"\s*(?:<\s*v?0(?:\.0)*(?:-0)?|!\s*/\^?\.[*+]\$?/i?|/\^?\$/i?)\s*")
"""Which versions Renovate is allowed (`allowedVersions`) that are none: below any, or but for those of any name."""
_MATCHES = ("match", "exclude")
VERSIONS = frozenset({"major", "minor", "patch"})
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
_ANCHORED = regex(r"/\^([\w-]+)(?![\w-])(?![?*{])[^|]*$")
"""With what all begins that fits a pattern."""
_UNFOLLOWED = ("/", "!")
"""How a pattern of Renovate's begins that is an expression, or stands for all else."""
WAITING = ("dependencyDashboardApproval", "prCreation", "minimumReleaseAge", "stabilityDays")
_YEARS = regex(r"(?i)\s*(?:(\d{1,9})\s*(?:d|days?)?|\d+\s*(?:weeks?|w)|([2-9]|\d{2,9})\s*(?:years?|y))\s*")
_DAYS_OF_A_YEAR = 366


def rules_of(root: Mapping) -> list[Mapping]:
    """The rules about packages, of which a later one wins."""
    return listed(root.get("packageRules"))


def matched_by(rule: Mapping) -> set[str]:
    """What a rule matches, but for what matches everything."""
    matched = {key for key in rule.values if key.startswith(_MATCHES)}
    everything = {key for key in matched & _NAMES if _is_everything(texts(rule.get(key)))}
    if VERSIONS.issubset(texts(rule.get("matchUpdateTypes"))):
        everything.add("matchUpdateTypes")
    return matched - everything


def _is_everything(names: tuple[str, ...]) -> bool:
    """Whether names of packages, or of kinds of dependencies, mean all of them."""
    return any(map(_EVERY_NAME.fullmatch, names)) and not any(name.startswith("!") for name in names)


def is_on(rule: Mapping) -> bool | None:
    """Whether a rule turns what it is about on, or off; None where it says nothing of that."""
    if allows_none(rule) or (rule.get("schedule") is not None and unscheduled(rule)):
        return False
    return {"true": True, "false": False}.get(rule.text("enabled") or "")


def allows_none(told: Mapping) -> bool:
    """Whether no version at all is allowed."""
    return _NO_VERSION.fullmatch(told.text("allowedVersions") or "-") is not None


def switches(root: Mapping) -> Iterator[tuple[Mapping, set[str]]]:
    """The rules that turn something on or off, and what they match but for what matches everything."""
    for rule in rules_of(root):
        if is_on(rule) is not None and any(key.startswith(_MATCHES) for key in rule.values):
            yield rule, matched_by(rule)


def turned_on(root: Mapping) -> Iterator[Mapping]:
    """The rules that turn on what else is turned off."""
    for rule in rules_of(root):
        if "true" in {rule.text("enabled"), *(rule.text(version, "enabled") for version in VERSIONS)}:
            yield rule


def managers_off(root: Mapping) -> frozenset[str]:
    """The managers that are turned off, each by its own key or by a rule about nothing else; a later rule wins."""
    every = frozenset(manager for row in ecosystems().ecosystems.values() for manager in row.renovate)
    own = {manager: root.get(manager) for manager in every}
    found = frozenset(manager for manager, told in own.items() if isinstance(told, Mapping) and is_on(told) is False)
    for category, managers in knowledge().categories.items():  # as whole languages were told before
        told = root.get(category)
        found |= frozenset(managers) if isinstance(told, Mapping) and is_on(told) is False else frozenset()
    for rule, matched in switches(root):
        if not matched:
            meant = every
        elif len(matched) == 1 and (key := next(iter(matched))) in MANAGERS_OF:
            meant = MANAGERS_OF[key](texts(rule.get(key)))
        else:
            continue
        found = found - meant if is_on(rule) else found | meant
    return found


def left_alone(root: Mapping) -> list[str]:
    """The globs of files that a rule about nothing else leaves alone; a later rule wins."""
    found: dict[str, None] = {}
    for rule, matched in switches(root):
        if matched == {"matchFileNames"}:
            names = texts(rule.get("matchFileNames"))
            if not is_on(rule):
                found |= dict.fromkeys(name for name in names if not name.startswith(_UNFOLLOWED))
            else:
                found = {name: None for name in found if name not in names}
    return list(found)


def left_out_by_name(root: Mapping) -> list[str]:
    """The names of dependencies that are never updated; of those that are only renewed with the lock there are none."""
    if root.text("lockFileMaintenance", "enabled") == "true" or any(map(is_on, rules_of(root))):
        return []
    found = [*texts(root.get("ignoreDeps"))]
    for rule, matched in switches(root):
        if len(matched) == 1 and matched <= {"matchPackageNames", "matchDepNames"}:
            found += texts(rule.get(next(iter(matched))))
    return [name for name in found if not name.startswith(_UNFOLLOWED)]


def leaves_some(root: Mapping) -> dict[str, Place]:
    """The ecosystems of which a rule turns some dependencies off, not one by one: a kind, or all but those it names."""
    found = {each: rule.place for rule in _held_up(root) for each in of_managers(_managers_of(rule))}
    found |= {each: rule.place for rule in listed(root.get("hostRules")) for each in of_managers(_behind(rule))}
    for rule, matched in switches(root):
        if is_on(rule):
            found = found if matched else {}
            continue
        by = matched & MANAGERS_OF.keys()
        meant = [of_managers(tuple(MANAGERS_OF[key](texts(rule.get(key))))) for key in by]
        among = frozenset(ecosystems().ecosystems).intersection(*meant)
        all_but = all(_is_all_but(key, texts(rule.get(key))) for key in matched - by)
        if matched - by == {"matchDepTypes"} and not all_but:
            kinds = set(texts(rule.get("matchDepTypes")))
            among = frozenset(each for each in among if not kinds.isdisjoint(knowledge().kinds.get(each, ())))
        elif matched <= by or not all_but:
            continue
        found |= dict.fromkeys(among, rule.place)
    return found


def _held_up(root: Mapping) -> Iterator[Mapping]:
    """The rules about managers alone by which every update waits."""
    for rule in rules_of(root):
        matched = matched_by(rule)
        waits = any(why_waiting(key, rule.text(key) or "") for key in WAITING)
        if waits and matched and matched <= MANAGERS_OF.keys():
            yield rule


def why_waiting(key: str, told: str) -> str:
    """Why updates wait; empty where they do not."""
    if (key, told) in {("dependencyDashboardApproval", "true"), ("prCreation", "approval")}:
        return f"Renovate proposes only what somebody has approved in its dashboard (`{key}: {told}`)"
    age = _YEARS.fullmatch(told) if key in {"minimumReleaseAge", "stabilityDays"} else None
    if age and (age[2] or int(age[1] or "0") > _DAYS_OF_A_YEAR):
        return f"Renovate waits for years until it proposes a version (`{key}: {told}`)"
    return ""


def _managers_of(rule: Mapping) -> tuple[str, ...]:
    meant = [MANAGERS_OF[key](texts(rule.get(key))) for key in matched_by(rule)]
    return tuple(frozenset.intersection(*meant))


def _behind(rule: Mapping) -> tuple[str, ...]:
    """The managers that a rule for hosts lets ask nothing of the registry that they ask by default."""
    if rule.text("enabled") != "false":
        return ()
    hosts, known = rule.text("matchHost") or "", knowledge().registries
    asked = [rule.text("hostType") or "", *(name for name, host in known.items() if hosts and host.endswith(hosts))]
    asked += [name for name, host in known.items() if f"//{host}" in hosts]
    return tuple(of_table(knowledge().datasources, tuple(asked)))


def _is_all_but(key: str, names: tuple[str, ...]) -> bool:
    negated = [name for name in names if name.startswith("!")]
    others = [name for name in names if not name.startswith("!")]
    if key in _MAY_LACK:
        return any(EVERY_VERSION.fullmatch(name) or _EVERY_NAME.fullmatch(name) for name in names)
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
        return PERHAPS_DEFAULT.match(branch) is not None
    start = _ANCHORED.match(branch)
    return start is None or any(name.startswith(start[1]) for name in ("main", "master"))
