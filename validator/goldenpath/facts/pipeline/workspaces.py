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
_PATTERN = regex(r"[@\w./-]*\*[@\w.*/-]*")
"""A pattern of names, as pnpm takes it."""
_PLAIN = regex(r"!?[\w@.*/-]+")


def root_of(manager: str, folder: str) -> str:
    """The file that says of which packages the workspace in a folder is made."""
    return posixpath.join(folder, "pnpm-workspace.yaml" if manager == "pnpm" else "package.json")


def chosen(checkout: Checkout, manager: str, folder: str, given: Words) -> list[str] | None:
    """The paths of the package.json that a command is about; None where that is not known for certain."""
    members = packages_of(checkout, manager, folder)
    if members is None:
        return None
    said = {literal(each) or "" for each in given.of(" ".join(CHOOSING[manager]))}
    meant = [_meant(checkout, manager, folder, members, each) for each in said]
    found = [path for path in members if any(path in each for each in meant)] if said else sorted(members)
    return found if all(meant) and len(found) <= MAX_PACKAGES else None


def above(checkout: Checkout, folder: str) -> str:
    """The folder of the workspace of pnpm that a folder is in, which is where it looks for what is chosen by name."""
    parts = folder.split("/") if folder else []
    upwards = ("/".join(parts[:at]) for at in range(len(parts), -1, -1))
    return next((each for each in upwards if checkout.exists(root_of("pnpm", each))), folder)


def _meant(checkout: Checkout, manager: str, folder: str, members: dict[str, str], said: str) -> set[str]:
    """The packages that one choice means; none where that is not known for certain.

    pnpm takes names, patterns of names, the last part of a name, and folders that begin with a dot, each with what it
    depends on if three dots follow; npm takes names and folders.
    """
    choice = said.removesuffix("...") if manager == "pnpm" else said
    by_folder = choice.startswith("./") or (manager == "npm" and choice not in members.values())
    path = posixpath.normpath(posixpath.join(folder, choice, "package.json"))
    if by_folder and "*" not in choice:
        found = {path} & members.keys()
    elif manager == "pnpm" and _PATTERN.fullmatch(choice) and choice.count("*") <= MAX_STARS:
        wanted = re.compile(re.escape(choice).replace(r"\*", ".*"))
        found = {path for path, name in members.items() if wanted.fullmatch(name)}
    else:
        found = {path for path, name in members.items() if name == choice} if _NAME.fullmatch(choice) else set()
        if manager == "pnpm" and not found and choice and "/" not in choice:
            found = {path for path, name in members.items() if name.rpartition("/")[2] == choice}
        found = found if len(found) == 1 else set()
    if any(other != each and other.startswith(posixpath.dirname(each) + "/") for each in found for other in members):
        found = found if not by_folder else set()
    return found if choice == said else _with_dependencies(checkout, members, found)


def _with_dependencies(checkout: Checkout, members: dict[str, str], chosen: set[str]) -> set[str]:
    """These packages, and those of the workspace that they depend on; none where one may be taken from elsewhere."""
    paths = {name: path for path, name in members.items()}
    found, ahead = set(chosen), list(chosen)
    while ahead:
        package = _json(checkout, ahead.pop())
        for kind in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"):
            wanted = package.get(kind) or {}
            for name in wanted.keys() & paths.keys() if isinstance(wanted, dict) else ():
                if kind == "peerDependencies" or not str(wanted[name]).startswith("workspace:"):
                    return set()
                ahead += [paths[name]] if paths[name] not in found else []
                found.add(paths[name])
    return found


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
