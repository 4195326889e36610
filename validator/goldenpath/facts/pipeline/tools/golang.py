"""Programs of Go that are run from their sources: `go run`, of a package of the repository or of another module."""

from __future__ import annotations

import posixpath
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.pipeline.tables import is_released_alone, is_released_at, known_command
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from goldenpath.facts.tree import Tree

MAX_PACKAGES = 60
"""Most packages of the repository that a program is made of; one with more may do anything."""

_MODULE = regex(r"(?m)^module[ \t]+\"?([^\s\"]+)")
_IMPORTS = regex(r"(?ms)^import[ \t]*(?:\(([^)]*)\)|([^\n]*))")
_QUOTED = regex(r"\"([^\"\n]+)\"")
_STARTS_PROGRAMS = frozenset({"syscall", "plugin", "unsafe", "C"})
_STARTED = regex(r"\bexec\.Command(?:Context\([^,()]{0,80},|\()\s*([^,)]*)(?:,\s*\"([\w.-]+)\")?")
_BY_NAME = regex(r"\"([\w.-]+)\"")
_REACHES_OUT = regex(
    r"\bStartProcess\b|//go:linkname|\bhttp\.(Post|PostForm|Request|Handle|Serve|Listen|Server|Transport|RoundTripper)\w*\b"
    r"|\.(Post|PostForm|RoundTrip)\(|\bMethod(Post|Put|Patch|Delete|Connect)\b|\"(POST|PUT|PATCH|DELETE)\""
    r"|\b(?!import\b)[\w.]+[ \t]+\"net/http\"|\.[ \t]+\"net/http\"|GITHUB_(?:ENV|PATH)"
)
"""How a program that imports but harmless packages could start another one, send something, or set variables."""
_STARTS = regex(r"\bexec\.\w+|\bexec\b[ \t]*$|\b(?!import\b)[\w.]+[ \t]+\"os/exec\"|\.[ \t]+\"os/exec\"", re.MULTILINE)
_ASKS_GIT = regex(
    r"\bexec\.Command(?:\(|Context\([^,()\n]{1,80},)\s*\"git\",\s*\"(?:cat-file|describe|diff|for-each-ref|log|ls-files"
    r"|merge-base|rev-list|rev-parse|show|status|symbolic-ref)\""
)
_REQUESTS = regex(r"\bNewRequest(?:WithContext)?\b")
_FETCHES = regex(r"\bNewRequest(?:\(|WithContext\([^,\n]{1,80},)\s*(?:http\.Method(?:Get|Head)|\"(?:GET|HEAD)\")")


def of_another_module(package: str) -> str | None:
    """The program that `go run` makes of another module (`sigs.k8s.io/kustomize/v5@v5.4.1`); None for one from here."""
    path, at, _ = package.partition("@")
    if path.startswith((".", "/")) or "." not in path.partition("/")[0] or path.endswith(".go"):
        return None
    name = re.sub(r"/v\d+$", "", path).rpartition("/")[2]
    own = at and is_released_at(name, f"https://{path}/")
    return name if own or not is_released_alone(name) else None


def tool_of(tree: Tree, name: str) -> str:
    """The package that `go tool NAME` runs, of the version that go.mod names; empty where it names none."""
    named = (tree.text("go.mod") or "").split()
    return next((f"{each}@" for each in named if each.endswith(f"/{name}")), "")


class Source(NamedTuple):
    """The text of a program, with all that it imports from its module, and whether it starts other programs.

    `only_writes` says that it can but read, compute, write files, and ask for what stands at an address.
    """

    text: str
    starts_others: bool
    only_writes: bool


@lru_cache(maxsize=32)
def source(tree: Tree, folder: str) -> Source | None:
    """The source of a program; None where that is not all here, or where it does not say which programs it starts."""
    home = next((each for each in _above(folder) if tree.text(posixpath.join(each, "go.mod")) is not None), None)
    named = _MODULE.search(tree.text(posixpath.join(home, "go.mod")) or "") if home is not None else None
    if home is None or named is None:
        return None
    waiting, seen, found, starts = [folder], set[str](), list[str](), False
    outside = set[str]()
    while waiting:
        package = waiting.pop()
        if package in seen:
            continue
        seen.add(package)
        files = [path for path in tree.find(posixpath.join(package, "*.go")) if not path.endswith("_test.go")]
        if not files or len(seen) > MAX_PACKAGES:
            return None
        for path in files:
            text = tree.text(path) or ""
            found.append(text.replace("make(", "("))  # which makes a map, and runs no make
            imported = _imported(text)
            if _STARTS_PROGRAMS & imported or ("os/exec" in imported and not _starts_known(text)):
                return None
            starts |= "os/exec" in imported
            within = {each for each in imported if f"{each}/".startswith(f"{named[1]}/")}
            waiting += (posixpath.normpath(posixpath.join(home, "." + each[len(named[1]) :])) for each in within)
            outside |= imported - within
    text = "\n".join(found)
    replaced = "replace" in (tree.text(posixpath.join(home, "go.mod")) or "") or tree.exists("go.work")
    known = all(_only_writes(each, replaced=replaced) for each in outside - {"os/exec"})
    return Source(text, starts, known and not _REACHES_OUT.search(text) and _only_asks(text))


def package_of(tree: Tree, package: str, folder: str) -> str | None:
    """The folder of what `go run` is handed there, if it is of this repository: a path, files, or an import path."""
    if package.endswith(".go"):
        package = f"./{posixpath.dirname(package)}"
    if package.startswith("."):
        return posixpath.normpath(posixpath.join(folder, package))
    for home in _above(folder):
        named = _MODULE.search(tree.text(posixpath.join(home, "go.mod")) or "")
        if named and f"{package}/".startswith(f"{named[1]}/"):
            return posixpath.normpath(posixpath.join(home, "." + package[len(named[1]) :]))
    return None


def _only_writes(package: str, *, replaced: bool) -> bool:
    """Whether a package of the language, or of another module, does neither start programs nor send anything."""
    if "." not in package.partition("/")[0]:
        return package in _harmless()
    parts = package.split("/")
    return not replaced and any("/".join(parts[:length]) in _harmless() for length in range(2, len(parts) + 1))


@cache
def _harmless() -> frozenset[str]:
    return frozenset(read_table("modules", dict[str, str])["go"].split())


def _only_asks(text: str) -> bool:
    """Whether each request of a program is one that fetches something, and all that it starts is git, to ask it."""
    asked = len(_REQUESTS.findall(text)) == len(_FETCHES.findall(text))
    return asked and len(_STARTS.findall(text)) == len(_ASKS_GIT.findall(text))


def module_of(text: str) -> str | None:
    """The import path of the module that a go.mod is of."""
    named = _MODULE.search(text)
    return named[1] if named else None


def _above(folder: str) -> list[str]:
    parts = [] if folder == "." else folder.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]


def _imported(text: str) -> set[str]:
    return {path for several, one in _IMPORTS.findall(text) for path in _QUOTED.findall(several or one)}


def _starts_known(text: str) -> bool:
    """Whether every program that it starts is named, and is one that does nothing of a release."""
    started = [(_BY_NAME.fullmatch(name.strip()), verb) for name, verb in _STARTED.findall(text)]
    rows = [known_command([name[1], verb])[0] if name else None for name, verb in started]
    return text.count("exec.") == len(rows) and all(row is not None and row.releases_nothing for row in rows)
