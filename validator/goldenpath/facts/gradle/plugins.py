"""The plugins that a block of a build script names, by their ids or by a version catalog."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.gradle.chains import chain
from goldenpath.facts.gradle.model import flat, plain_text, unread
from goldenpath.facts.gradle.scripts import Word, line_of

if TYPE_CHECKING:
    from goldenpath.facts.gradle.chains import Chain
    from goldenpath.facts.gradle.scripts import Statement


def plugins_of(said: Chain, file: str, aliases: dict[str, str]) -> list[tuple[str, bool, int]]:
    """The plugins of a block: each with whether it is applied here, and its line; raises Unread."""
    found = []
    for nodes in said.last.block.statements if said.last.block else ():
        plugin = _plugin(nodes, aliases)
        if not plugin:
            raise unread(file, nodes, "which plugin this is is not read")
        words = [node.text for node in nodes if isinstance(node, Word)]
        off = words[-2:] == ["apply", "false"] or "apply(false)" in flat(nodes)
        found.append((plugin, not off, line_of(nodes)))
    return found


def _plugin(nodes: Statement, aliases: dict[str, str]) -> str:
    """The id of a plugin: `id("x")`, `id 'x'`, `kotlin("jvm")`, `alias(libs.plugins.x)`, `java`; else nothing."""
    said = chain(nodes)
    if not said.links:
        return ""
    first = said.links[0]
    given = next(iter(first.arguments or ()), said.rest)
    text = plain_text(given[:1])
    if first.name == "id":
        return text
    if first.name == "kotlin":
        return f"org.jetbrains.kotlin.{text}" if text else ""
    if first.name == "alias":
        return aliases.get(flat(given).removeprefix("libs.plugins."), "")
    begins = next((node.text for node in said.rest if isinstance(node, Word)), "")
    lone = first.arguments is None and first.block is None and len(said.links) == 1
    return first.name if lone and begins in {"", "apply", "version"} else ""


@lru_cache(maxsize=8)
def aliases_of(text: str) -> dict[str, str]:
    """The plugins of a version catalog, by what scripts call them."""
    import tomllib

    try:
        plugins = tomllib.loads(text).get("plugins", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    found = {}
    for alias, about in plugins.items() if isinstance(plugins, dict) else ():
        named = about.get("id") if isinstance(about, dict) else about
        if isinstance(named, str):
            found[alias.replace("-", ".").replace("_", ".")] = named.partition(":")[0]
    return found
