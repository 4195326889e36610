"""Go: go.mod, whose versions are exact, and go.sum with their hashes."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.dependencies.files import ancestors, join, text_of
from goldenpath.facts.dependencies.model import Differences, Project, Requirement
from goldenpath.facts.findings import shown
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.repository import Repository

_DIRECTIVES = frozenset({
    "exclude", "go", "godebug", "ignore", "module", "replace", "require", "retract", "tool", "toolchain",
})  # fmt: skip
"""Of a go.mod: https://go.dev/ref/mod#go-mod-file-grammar."""
_BLOCK = regex(r"(?P<directive>\w+)\s*\(\s*(?P<end>\))?")
_REQUIRE = regex(r"(?:require\s+)?(?P<module>[^\s()]+)\s+(?P<version>v[^\s()]+)")
_REPLACE = regex(r"(?:replace\s+)?(?P<module>\S+)(?:\s+(?P<of>v\S+))?\s+=>\s+(?P<by>\S+)(?:\s+(?P<version>v\S+))?")
_COMMENT = regex(r"//.*")
_USE = regex(r"""^[ \t]*(?:use[ \t]+)?["`]?(\.{1,2}(?:/[^\s"`]+)?)["`]?[ \t]*$""", re.MULTILINE)
"""A folder of a go.work, whose paths begin with a dot as those of replacements do, which stand behind an arrow."""


class _Required(NamedTuple):
    """A module that is imported by this name, from where its code comes (a replacement), and whether by this code."""

    line: int
    module: str
    source: str
    version: str
    direct: bool


def projects(repository: Repository, paths: Iterable[str]) -> Iterator[Project]:
    """One project for each go.mod."""
    for path in paths:
        differences = Differences()
        requirements: list[_Required] = []
        sums: list[str] = []
        try:
            requirements = list(_requirements(path, text_of(repository, path)))
            sums = list(_sums(repository, path.rpartition("/")[0]))
            known = {" ".join(line.split()[:2]) for each in sums for line in text_of(repository, each).split("\n")}
        except Malformed as error:
            differences.unsure(error.place, str(error))
            known = set()
        for each in requirements if not differences.unseen else ():
            wanted = {f"{each.source} {each.version}"}
            if not (wanted if each.direct else wanted | {f"{each.source} {each.version}/go.mod"}) & known:
                beside = "go.sum has no hash of it" if sums else "there is no go.sum with its hash"
                differences.gap(Place(path, each.line), f"`{each.source} {each.version}`: {beside}")
        asked = (
            Requirement(each.module, each.version, Place(path, each.line), runtime=each.direct) for each in requirements
        )
        yield differences.project("go", path, len(requirements), sums, asked)


def members(repository: Repository, workspace: str) -> Iterator[str]:
    """The go.mod files that are there of what a go.work at the root uses; none, where it cannot be read."""
    try:
        text = text_of(repository, workspace)
    except Malformed:
        return
    for path in _USE.findall(_COMMENT.sub("", text)):
        manifest = posixpath.normpath(f"{path}/go.mod")
        if manifest in repository:
            yield manifest


def _sums(repository: Repository, folder: str) -> Iterator[str]:
    """The sums beside a module, and those of the workspace around it."""
    wanted = [join(folder, "go.sum"), *(join(above, "go.work.sum") for above in ancestors(folder))]
    return (path for path in wanted if path in repository)


def _requirements(path: str, text: str) -> Iterator[_Required]:
    """What is required, once replacements (of that version, or of any) are made; those by a folder are left out.

    Raises Malformed where Go would refuse a line: in a file that it does not read, anything may be meant.
    """
    required, replaced, block = list[_Required](), dict[tuple[str, str], tuple[str, str]](), ""
    for number, line in enumerate(text.split("\n"), start=1):
        code, _, comment = (part.strip() for part in line.replace('"', "").partition("//"))
        if not code or (block and code == ")"):
            block = block if not code else ""
            continue
        directive = block or code.split(" ")[0].partition("(")[0]
        if directive not in _DIRECTIVES:
            raise Malformed(Place(path, number), f"Go knows no {shown(directive)} here")
        if not block and (opened := _BLOCK.fullmatch(code)):
            block = "" if opened["end"] else directive
        elif directive == "replace":
            match = _matched(_REPLACE, code, path, number)
            replaced[match["module"], match["of"] or ""] = (match["by"], match["version"] or "")
        elif directive == "require":
            match = _matched(_REQUIRE, code, path, number)
            direct = comment.partition(";")[0].strip() != "indirect"
            required.append(_Required(number, match["module"], match["module"], match["version"], direct))
    for each in required:
        any_version = replaced.get((each.module, ""), (each.module, each.version))
        source, version = replaced.get((each.module, each.version), any_version)
        if version:
            yield each._replace(source=source, version=version)


def _matched(form: re.Pattern[str], code: str, path: str, number: int) -> re.Match[str]:
    match = form.fullmatch(code)
    if match is None:
        raise Malformed(Place(path, number), f"Go does not read {shown(code)}: a module and its version are wanted")
    return match
