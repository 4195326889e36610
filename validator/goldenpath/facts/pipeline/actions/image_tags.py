"""Tags by which users get an image: `latest`, and versions, as written or as docker/metadata-action makes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, literal, partition, split, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.contexts import Event
    from goldenpath.facts.values import Value

_VERSIONED = frozenset({"semver", "pep440", "match"})
"""What makes `latest` by itself beside a version, be that of the ref or, on a branch as well, a `value` of its own."""

_CHOSEN = regex(r"(?i:(?:github\.event\.)?inputs\.(?:.*version|(?:.*[^a-z])?(?:docker|image)?(?:release|tag)))")
"""Inputs of a run by hand that say which version it makes."""

_FOR_USERS = regex(r"(latest|stable)(?P<variant>-.*)?|v?\d+(\.\d+)*")
_TOOLS = frozenset({
    "bench", "benchmark", "benchmarks", "builder", "buildenv", "cache", "ci", "dev", "devcontainer", "e2e", "fixture",
    "fixtures", "test", "tests", "toolchain",
})  # fmt: skip
"""Words in the names of images that pipelines and developers work with."""
_TRIED = frozenset({"nightly", "preview", "previews", "snapshot", "snapshots", "staging"})
"""And in those of images that are tried, before another one is released."""


def is_for_users(tag: Value, event: Event) -> bool:
    """Whether users get what has this tag: whoever asks for no other, or for a version that somebody has typed."""
    known = _FOR_USERS.fullmatch(display(tag))
    if known and not (known["variant"] and is_a_tool(value(known["variant"]))):
        return True
    by_hand = event.name == "workflow_dispatch"
    return by_hand and any(isinstance(part, Symbol) and _CHOSEN.match(part.name) for part in tag)


def is_a_tool(name: Value) -> bool:
    """Whether an image is called by what pipelines and developers work with: `shop-ci`, `shop/builder`."""
    return not _TOOLS.isdisjoint(_words_of(name))


def is_for_trial(name: Value) -> bool:
    """Whether an image is one of those, or is called by what is tried: `shop-preview`."""
    return is_a_tool(name) or not _TRIED.isdisjoint(_words_of(name))


def _words_of(name: Value) -> list[str]:
    return re.split(r"[-_.]", display(name).rpartition("/")[2])


def for_users(rules: list[Value], flavors: list[Value], event: Event) -> list[Value]:
    """The tags for users that the lines of its inputs `tags` and `flavor` surely give a run of this event."""
    flavor = {name: known for line in flavors for name, known in _attributes(line).items()}
    by_itself = literal(flavor.get("latest", ())) or "auto"
    made = [value("latest")] if by_itself == "true" else []
    made += (tag for rule in rules if (tag := _made(_attributes(rule), flavor, by_itself, event)))
    return [tag for tag in made if is_for_users(tag, event)]


def _made(rule: dict[str, Value], flavor: dict[str, Value], by_itself: str, event: Event) -> Value:
    kind = literal(rule.get("type", value("raw")))
    if not _is_enabled(rule.get("enable", value("true")), event):
        return ()
    if kind in _VERSIONED:
        return value("latest") if by_itself == "auto" and (event.is_tag or rule.get("value")) else ()
    before, after = (rule.get(name, flavor.get(name, ())) for name in ("prefix", "suffix"))
    return value(*before, *rule.get("value", ()), *after) if kind == "raw" else ()


def _is_enabled(enable: Value, event: Event) -> bool:
    said = literal(enable)
    if said == "{{is_default_branch}}":
        default = event.payload.get(("repository", "default_branch"))
        return isinstance(default, tuple) and event.ref == value("refs/heads/", *default)
    return said == "true"


def _attributes(line: Value) -> dict[str, Value]:
    """`type=raw,value=latest` by its names; what has none is the value."""
    pairs = (partition(each, "=") or (value("value"), each) for each in split(line, ","))
    return {literal(name) or "": known for name, known in pairs}
