"""What scanners and describers of files are told to leave out: by options, variables, or a file of their own."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import Malformed, Mapping, Sequence, parse
from goldenpath.facts.pipeline.effects import tidy
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_EVERYTHING = regex(r"\.?/?(\*{1,2}/?){0,4}")
_SAY_DEPENDENCIES = (
    "go.mod", "go.sum", "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml",
    "bun.lock", "pyproject.toml", "requirements.txt", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock",
    "pylock.toml", "Cargo.toml", "Cargo.lock", "pom.xml", "gradle.lockfile", "Gemfile.lock", "composer.lock",
    "packages.lock.json", "mix.lock", "pubspec.lock",
)  # fmt: skip
"""Files at the root that scanners read."""
_WHOLE = regex(r"^\.?/?(\*\*/)?|(/\*{0,2})+$")
"""What stands around the name of a folder that is left out with all that is in it."""
_HOLD_PROGRAMS = frozenset({
    "app", "dist-packages", "home", "lib", "node_modules", "opt", "root", "site-packages", "srv", "usr", "usr/lib",
    "usr/local", "usr/local/lib", "usr/src", "var", "var/lib", "vendor", "workspace",
})  # fmt: skip
"""Where systems, languages and builders of images put programs, and what they say of them."""
_EVERY_NAME = frozenset({".*", "^.*$", ".+"})


def everything(patterns: Iterable[Value]) -> str | None:
    """The one of these lists of patterns, if any, that leaves nothing to be looked at."""
    written = (each.strip() for pattern in patterns for each in (literal(pattern) or "").split(","))
    return next((each for each in written if each and _EVERYTHING.fullmatch(each)), None)


def manifest_left_out(tree: Tree, patterns: Iterable[Value]) -> str | None:
    """Why a scanner may see no dependencies: one of these lists of patterns leaves out a file that says them."""
    written = (each.strip() for pattern in patterns for each in (literal(pattern) or "").split(","))
    names = {each.removeprefix("./").removeprefix("**/") for each in written} - {""}
    here = filter(tree.is_file, _SAY_DEPENDENCIES)
    found = next((name for name in here if any(fnmatchcase(name, each) for each in names)), None)
    return f"leaves out {found}, which says what is depended on" if found else None


def installed_left_out(patterns: Iterable[Value]) -> str | None:
    """Why a scanner may see no programs in an image: a pattern leaves out a whole folder in which they are."""
    written = (each.strip() for pattern in patterns for each in (literal(pattern) or "").split(","))
    found = next((each for each in written if _WHOLE.sub("", each) in _HOLD_PROGRAMS), None)
    return f"leaves out {found}, where an image holds what is installed" if found else None


def overrides(tree: Tree, named: Iterable[str], beside: Iterable[str]) -> Iterator[Value]:
    """What a file of osv-scanner has ignored in every package: of one that is `named` all, else what is `beside` it."""
    for paths, pattern in ((named, "**"), (beside, "?*")):
        if any(_overrides_all(tree.text(path) or "") for path in paths):
            yield (pattern,)


def _overrides_all(text: str) -> bool:
    """Whether one of its rules names no package, and so is about all of them."""
    if "PackageOverrides" not in text:
        return False
    import tomllib  # only repositories with such a file wait for it

    try:
        rules = tomllib.loads(text)["PackageOverrides"]
        return any(
            (rule.get("ignore") is True or rule.get("vulnerability", {}).get("ignore") is True)
            and not any(map(rule.get, ("name", "version", "ecosystem", "group")))
            for rule in rules
        )
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError, RecursionError):
        return False  # osv-scanner does not start with it


def setting(effects: Effects, paths: Iterable[str], keys: Iterable[str]) -> Value:
    """What the first of these files that is there says under one of these keys, be it in a section of their own.

    It is empty where the job has not checked them out.
    """
    root = _root(effects.moment.frame.shared.tree, paths) if effects.state.has_files else None
    sections = [root, *(each for each in root.values.values() if isinstance(each, Mapping))] if root else []
    told = (texts(section.get(key)) for key in keys for section in sections)
    return value(",".join(next(filter(None, told), ())))


def settled(tree: Tree, paths: Iterable[str]) -> Iterator[Value]:
    """The patterns in the first of these files that is there: trivy's `scan`, or grype's `exclude` and `ignore`."""
    root = _root(tree, paths)
    if root is None:
        return
    for node in (root.get("scan", "skip-dirs"), root.get("scan", "skip-files"), root.get("exclude")):
        yield from ((each,) for each in texts(node))
    if any(map(_ignores_all, _items(root.get("ignore")))):
        yield ("**",)


def states_ignored(tree: Tree, paths: Iterable[str]) -> Iterator[Value]:
    """The states of which grype ignores all vulnerabilities, by rules in the first of these files that say no more."""
    root = _root(tree, paths)
    for rule in _items(root.get("ignore")) if root else ():
        if isinstance(rule, Mapping) and len(rule.values) == 1 and (state := rule.text("fix-state")):
            yield (state,)


def policies_of_all(effects: Effects, policies: Iterable[Value]) -> tuple[str | None, str | None]:
    """The one of these policies that has everything ignored, and else why that cannot be told."""
    named = [path for each in policies if (path := literal(tidy(each)))]
    tree = effects.moment.frame.shared.tree
    found = next((path for path in named if _IGNORES.search(tree.text(path) or "")), None)
    return found, effects.in_doubt_about(named)


_IGNORES = regex(r"(?m)^[ \t]*(default\s+)?ignore\s*:?=\s*true\s*(#.*)?$|^[ \t]*ignore\s*(if\s*)?\{\s*true\s*\}")
"""How a policy of Rego says that whatever is found is ignored."""


def _root(tree: Tree, paths: Iterable[str]) -> Mapping | None:
    """The first of these files that is there, read; None where it cannot be, with which no scanner starts."""
    path = next((path for path in paths if tree.text(path) is not None), None)
    try:
        documents = parse(path, tree.text(path) or "") if path else []
    except Malformed:
        return None
    return documents[0] if documents and isinstance(documents[0], Mapping) else None


def _items(node: Node | None) -> tuple[Node, ...]:
    return tuple(node.items) if isinstance(node, Sequence) else ()


def _ignores_all(rule: Node) -> bool:
    """Whether a rule of grype ignores what is found in any package."""
    package = rule.get("package") if isinstance(rule, Mapping) and len(rule.values) == 1 else None
    return isinstance(package, Mapping) and package.text("name") in _EVERY_NAME and len(package.values) == 1
