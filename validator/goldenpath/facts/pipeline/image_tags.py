"""The tags that docker/metadata-action makes: whether `latest` is one of them, which users get who ask for no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.values import literal, partition, split, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.contexts import Event
    from goldenpath.facts.values import Value

_VERSIONED = frozenset({"semver", "pep440", "match"})
"""What makes `latest` by itself beside a version, be that of the ref or, on a branch as well, a `value` of its own."""


def has_latest(rules: list[Value], flavors: list[Value], event: Event) -> bool:
    """Whether the lines of its inputs `tags` and `flavor` surely give a run of this event the tag `latest`."""
    flavor = {name: known for line in flavors for name, known in _attributes(line).items()}
    by_itself = literal(flavor.get("latest", ())) or "auto"
    if by_itself == "true":
        return True
    return any(_is_latest(_attributes(rule), flavor, by_itself, event) for rule in rules)


def _is_latest(rule: dict[str, Value], flavor: dict[str, Value], by_itself: str, event: Event) -> bool:
    kind = literal(rule.get("type", value("raw")))
    if not _is_enabled(rule.get("enable", value("true")), event):
        return False
    if kind in _VERSIONED:
        return by_itself == "auto" and bool(event.is_tag or rule.get("value"))
    is_longer = any(rule.get(name, flavor.get(name)) for name in ("prefix", "suffix"))
    return kind == "raw" and literal(rule.get("value", ())) == "latest" and not is_longer


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
