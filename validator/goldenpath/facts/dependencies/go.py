"""Go: go.mod, whose versions are exact, and go.sum with their hashes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.dependencies.files import ancestors, join, text_of
from goldenpath.facts.dependencies.model import Differences, Project
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_REQUIRE = regex(r"(?:require\s+)?(?P<module>[^\s()]+)\s+(?P<version>v[^\s()]+)")
_REPLACE = regex(r"(?:replace\s+)?(?P<module>\S+)(?:\s+v\S+)?\s+=>\s+(?P<by>\S+)(?:\s+(?P<version>v\S+))?")


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each go.mod."""
    for path in paths:
        differences = Differences()
        requirements: list[tuple[int, str, str]] = []
        sums: list[str] = []
        try:
            requirements = list(_requirements(text_of(repository, path)))
            sums = list(_sums(repository, path.rpartition("/")[0]))
            known = {" ".join(line.split()[:2]) for each in sums for line in text_of(repository, each).split("\n")}
        except Malformed as error:
            differences.unsure(error.place, str(error))
            known = set()
        for line, module, version in requirements if not differences.unseen else ():
            if not {f"{module} {version}", f"{module} {version}/go.mod"} & known:
                beside = "go.sum has no hash of it" if sums else "there is no go.sum with its hash"
                differences.gap(Place(path, line), f"`{module} {version}`: {beside}")
        yield differences.project("go", path, len(requirements), sums)


def _sums(repository: Repository, folder: str) -> Iterator[str]:
    """The sums beside a module, and those of the workspace around it."""
    wanted = [join(folder, "go.sum"), *(join(above, "go.work.sum") for above in ancestors(folder))]
    return (path for path in wanted if path in repository)


def _requirements(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, module and version of what is required, once replacements have been made; local ones are left out."""
    required, replaced, block = list[tuple[int, str, str]](), dict[str, tuple[str, str]](), ""
    for number, line in enumerate(text.split("\n"), start=1):
        code = line.partition("//")[0].strip()
        if opened := re.fullmatch(r"(\w+)\s*\(", code):
            block = opened[1]
        elif code == ")":
            block = ""
        elif (block or code.split(" ")[0]) == "replace" and (match := _REPLACE.fullmatch(code)):
            replaced[match["module"]] = (match["by"], match["version"] or "")
        elif (block or code.split(" ")[0]) == "require" and (match := _REQUIRE.fullmatch(code)):
            required.append((number, match["module"], match["version"]))
    for number, module, version in required:
        by, at = replaced.get(module, (module, version))
        if at:
            yield number, by, at
