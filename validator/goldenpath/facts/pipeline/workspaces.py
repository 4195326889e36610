"""The packages of a workspace of npm, pnpm, Yarn or Bun: which they are, and which a command chooses."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

import msgspec

from goldenpath.facts.nodes import Malformed, Mapping, parse, plain
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.pipeline.words import Words

MAX_PACKAGES = 60
"""Most packages whose scripts one command runs, so that they are followed."""

MAX_STARS = 4
"""Most of them in a pattern; with more, to compare a path with it takes too long."""

EACH = "-r --recursive --workspaces"
"""The options that choose all packages."""
CHOOSING = {"npm": ("-w", "--workspace"), "pnpm": ("-F", "--filter")}
"""The options that choose packages, by name; what other package managers have is not followed."""

REGISTRY = "//registry.npmjs.org"
"""npm's own, which takes an identity and keeps provenance."""

_NAME = regex(r"(?:@[\w.-]+/)?[\w.-]*\w")
"""The whole name of a package: no pattern, no folder, and nothing of what depends on it (`a...`)."""
_PLAIN = regex(r"!?[\w@.*/-]+")


def root_of(manager: str, folder: str) -> str:
    """The file that says of which packages the workspace in a folder is made."""
    return posixpath.join(folder, "pnpm-workspace.yaml" if manager == "pnpm" else "package.json")


def chosen(checkout: Checkout, manager: str, folder: str, given: Words) -> list[str] | None:
    """The paths of the package.json that a command is about; None where that is not known for certain."""
    members = packages_of(checkout, manager, folder)
    if members is None or len(members) > MAX_PACKAGES:
        return None
    names = {literal(each) or "" for each in given.of(" ".join(CHOOSING[manager]))}
    if not names:
        return sorted(members)
    found = [path for path, name in members.items() if name in names]
    return found if all(map(_NAME.fullmatch, names)) and len(found) == len(names) else None


def provenance_of_each(checkout: Checkout, manager: str, folder: str, given: Words) -> set[bool | None] | None:
    """What the packages that are published say of provenance (`publishConfig`): None of one that says nothing.

    None for all of them where that is not known for certain.
    """
    root = posixpath.join(folder, "package.json")
    paths = chosen(checkout, manager, folder, given)
    if not paths or any(map(checkout.unseen, (root, *paths))):
        return None
    packages = [each for path in dict.fromkeys((*paths, root)) if not (each := _json(checkout, path)).get("private")]
    settings = [package.get("publishConfig") or {} for package in packages]
    if any("registry" in each and REGISTRY not in str(each["registry"]) for each in settings):
        return None
    said = (each.get("provenance") if isinstance(each, dict) else None for each in settings)
    return {each if isinstance(each, bool) else None for each in said}


def packages_of(checkout: Checkout, manager: str, folder: str) -> dict[str, str] | None:
    """The package.json of each package below the root of a workspace, with its name."""
    patterns = _patterns(checkout, manager, folder)
    if not patterns or not all(_PLAIN.fullmatch(each) and each.count("*") <= MAX_STARS for each in patterns):
        return None
    wanted, without = (
        re.compile("|".join(_folders(folder, each) for each in patterns if each.startswith("!") is excluding) or r"\Z.")
        for excluding in (False, True)
    )
    found = [path for path in checkout.named("package.json") if "node_modules" not in path.split("/")]
    kept = [each for each in found if wanted.fullmatch(of := posixpath.dirname(each)) and not without.fullmatch(of)]
    return {path: str(_json(checkout, path).get("name", "")) for path in kept if posixpath.dirname(path) != folder}


def _folders(root: str, pattern: str) -> str:
    """A pattern of folders as a regular expression for paths."""
    path = posixpath.join(root, pattern.removeprefix("!").removeprefix("./").rstrip("/"))
    written = re.escape(path).replace(r"/\*\*", r"(?:/.*)?").replace(r"\*\*/", r"(?:.*/)?").replace(r"\*\*", ".*")
    return written.replace(r"\*", "[^/]*")


def _patterns(checkout: Checkout, manager: str, folder: str) -> list[str]:
    """The patterns of folders of a workspace whose root is this folder; empty where it is none, or not as it was."""
    path = root_of(manager, folder)
    if checkout.unseen(path):
        return []
    if path.endswith(".json"):
        listed = _json(checkout, path).get("workspaces")
        listed = listed.get("packages") if isinstance(listed, dict) else listed
    else:
        try:
            documents = parse(path, checkout.read(path) or "")
        except Malformed:
            return []
        listed = plain(documents[0].get("packages")) if documents and isinstance(documents[0], Mapping) else None
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _json(checkout: Checkout, path: str) -> dict[str, Any]:
    try:
        data = msgspec.json.decode(checkout.read(path) or "{}")
    except msgspec.DecodeError:
        return {}
    return data if isinstance(data, dict) else {}
