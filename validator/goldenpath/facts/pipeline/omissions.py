"""What scanners and describers of files are told to leave out: by options, variables, or a file of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Malformed, Mapping, Sequence, parse
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_EVERYTHING = regex(r"\.?/?(\*{1,2}/?){0,4}")
_EVERY_NAME = frozenset({".*", "^.*$", ".+"})


def everything(patterns: Iterable[Value]) -> str | None:
    """The one of these lists of patterns, if any, that leaves nothing to be looked at."""
    written = (each.strip() for pattern in patterns for each in (literal(pattern) or "").split(","))
    return next((each for each in written if each and _EVERYTHING.fullmatch(each)), None)


def settled(tree: Tree, paths: Iterable[str]) -> Iterator[Value]:
    """The patterns in the first of these files that is there: trivy's `scan`, or grype's `exclude` and `ignore`."""
    path = next((path for path in paths if tree.text(path) is not None), None)
    try:
        documents = parse(path, tree.text(path) or "") if path else []
    except Malformed:
        return  # the scanner does not start
    root = documents[0] if documents else None
    if not isinstance(root, Mapping):
        return
    for node in (root.get("scan", "skip-dirs"), root.get("scan", "skip-files"), root.get("exclude")):
        yield from ((each,) for each in texts(node))
    if any(map(_ignores_all, _items(root.get("ignore")))):
        yield ("**",)


def _items(node: Node | None) -> tuple[Node, ...]:
    return tuple(node.items) if isinstance(node, Sequence) else ()


def _ignores_all(rule: Node) -> bool:
    """Whether a rule of grype ignores what is found in any package."""
    package = rule.get("package") if isinstance(rule, Mapping) and len(rule.values) == 1 else None
    return isinstance(package, Mapping) and package.text("name") in _EVERY_NAME and len(package.values) == 1
