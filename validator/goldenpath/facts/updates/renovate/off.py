"""What turns Renovate off altogether, or leaves nobody sure that it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import listed
from goldenpath.facts.regexes import regex
from goldenpath.facts.updates.knowledge import knowledge
from goldenpath.facts.updates.model import Unseen
from goldenpath.facts.updates.patterns import PERHAPS_DEFAULT
from goldenpath.facts.updates.renovate.managers import MANAGERS_OF
from goldenpath.facts.updates.renovate.rules import (
    VERSIONS,
    WAITING,
    allows_none,
    is_on,
    matched_by,
    rules_of,
    switches,
    turned_on,
    why_waiting,
)
from goldenpath.facts.updates.renovate.schedules import unscheduled
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Mapping

_OFF = {"enabled": "false", "mode": "silent"}
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


def switched_off(root: Mapping) -> Finding | None:
    """What turns Renovate off altogether, or lets it update to no version."""
    if switch := next((key for key, value in _OFF.items() if root.text(key) == value), None):
        return Finding(root.keys[switch].place, f"Renovate is turned off (`{switch}: {_OFF[switch]}`)")
    if allows_none(root):
        return Finding(root.keys["allowedVersions"].place, "Renovate is allowed no version (`allowedVersions`)")
    if problem := unscheduled(root):
        return problem
    for rule in listed(root.get("hostRules")):
        if rule.text("enabled") == "false" and not {"matchHost", "hostType"} & rule.values.keys():
            return Finding(rule.place, "Renovate may ask no host for versions (`hostRules`)")
    if _updates_to_no_version(root) and not [*turned_on(root)]:
        return Finding(root.keys["major"].place, "Renovate is told to update to no version")
    return None


def hardly_on(root: Mapping) -> Unseen | None:
    """What leaves on only what some rules turn on, or branches of which none is called as a default one is."""
    if _updates_to_no_version(root) and all(map(matched_by, turned_on(root))):
        return Unseen(root.keys["packageRules"].place, "Renovate updates nothing but what some of its rules turn on")
    if waits := _unread(root) or _waits(root):
        return waits
    for key in "baseBranchPatterns", "baseBranches":
        branches = texts(root.get(key))
        if branches and not any(map(PERHAPS_DEFAULT.match, branches)):
            return Unseen(root.keys[key].place, f"Renovate proposes updates to {', '.join(branches)} alone")
    return None


def _waits(root: Mapping) -> Unseen | None:
    """What holds every update back: until somebody asks for it, or for longer than most versions are the newest."""
    rules = [rule for rule in rules_of(root) if not matched_by(rule)]
    for key in WAITING:
        told = next((each for each in reversed([root, *rules]) if key in each.values), None)
        if told is not None and (why := why_waiting(key, told.text(key) or "")):
            return Unseen(told.keys[key].place, why)
    for preset in texts(root.get("extends")):
        if preset == ":dependencyDashboardApproval" and not any(WAITING[0] in each.values for each in [root, *rules]):
            return Unseen(root.keys["extends"].place, why_waiting(WAITING[0], "true"))
    return None


def _unread(root: Mapping) -> Unseen | None:
    """What names no manager that Renovate has, for all that is known, or leaves something alone by a pattern."""
    known = frozenset(knowledge().managers_by_name.split())
    for told, key in ((root, "enabledManagers"), *((rule, "matchManagers") for rule in rules_of(root))):
        if other := next((each for each in texts(told.get(key)) if each not in known), None):
            return Unseen(
                told.keys[key].place, f"Renovate has no manager {shown(other)} (`{key}`), for all that is known"
            )
    for rule in rules_of(root):
        if "enabled" in rule.values and rule.values.keys() <= {"enabled", "description"}:
            return Unseen(rule.place, "Renovate refuses a rule that says of nothing what it is about (`packageRules`)")
    for rule, matched in switches(root):
        if matched <= MANAGERS_OF.keys() | _BY_PATTERN.keys() and not is_on(rule):
            named = ((key, each) for key in sorted(matched) for each in texts(rule.get(key)))
            broad = {key: each for key, each in named if _BY_PATTERN.get(key, _ANY_PATTERN).match(each)}
            if broad and matched & _BY_PATTERN.keys() <= broad.keys():
                key, pattern = next(iter(broad.items()))
                why = f"what Renovate leaves alone by the pattern {shown(pattern)} (`{key}`) is not followed"
                return Unseen(rule.keys[key].place, why)
    return None


def _updates_to_no_version(root: Mapping) -> bool:
    return all(root.text(version, "enabled") == "false" for version in VERSIONS)
