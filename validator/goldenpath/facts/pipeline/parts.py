"""The parts of a build that have tests of their own, by their folders: of all that is released each wants its own."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from goldenpath.facts.tree import Tree

_BUILDS = (("Cargo.toml",), ("pom.xml",), ("build.gradle", "build.gradle.kts"), ("go.mod",))
"""The manifests of parts of the same kind, by build."""
OF_PYTEST = regex(r"(.*/)?(test_[^/]*|[^/]*_test)\.py")
"""Files in which pytest looks for tests unless it is told otherwise."""
_FOLDER_OF_TESTS = regex(r"(?:(.+?)/)?tests?(?:/.*)?")
"""The folder in which tests stand, in the one of what they test."""
_OF_DOTNET = regex(r"(?:.*/)?[^/]*(?i:tests?|specs?)\.(?:cs|fs|vb)proj")
_BY_BAZEL = regex(r"(?m)^[ \t]*\w*_test\(")
OF_ALL = regex(
    r"(?i)(?:.*[/._-])?(?:e2e|end[-_]?to[-_]?end|\w*(?:acceptance|functional|integration|performance|smoke|system))"
    r"(?:[-_.]?tests?)?"
)
"""Parts that are tests of all the others, which cost more, and which many run at other times."""
_NO_TESTS = regex(r"\s*(?::|true|exit 0|echo\b.*)\s*")


def parts(tree: Tree, tested: Iterable[str]) -> Iterator[tuple[set[str], Callable[[str], bool]]]:
    """The folders of the parts of each build that the repository has, and which of them ask for no tests.

    Of Node they are those of workspaces in which some are `tested`.
    """
    from goldenpath.facts.pipeline.tested_folders import is_aside, is_beside

    for manifests in _BUILDS:
        yield {posixpath.dirname(path) for manifest in manifests for path in tree.named(manifest)}, is_aside
    for homes in _of_node(tree, tested):
        yield homes, is_aside
    yield _of_python(tree), is_beside
    yield _of_dotnet(tree), is_aside
    builds = (path for name in ("BUILD", "BUILD.bazel") for path in tree.named(name))
    yield {posixpath.dirname(path) for path in builds if _BY_BAZEL.search(tree.text(path) or "")}, is_aside


def _of_node(tree: Tree, tested: Iterable[str]) -> Iterator[set[str]]:
    """The packages of workspaces that have a script for tests."""
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.pipeline.packages import package_in
    from goldenpath.facts.pipeline.workspaces import packages_of
    from goldenpath.facts.values import value

    checkout = Checkout(tree.text, tree.exists, tree.find, tree.named)
    for root in sorted({above for folder in tested for above in _above(folder)}):
        for manager in ("npm", "pnpm"):
            homes = map(posixpath.dirname, packages_of(checkout, manager, root) or ())
            packages = ((home, package_in(checkout, value(home))) for home in homes)
            yield {
                home for home, each in packages if each and not _NO_TESTS.fullmatch(each.scripts.get("test", "true"))
            }


def _of_python(tree: Tree) -> set[str]:
    """The folders with tests of pytest; those in a folder of tests stand for what lies beside it."""
    homes = {posixpath.dirname(path) for path in tree.fitting(OF_PYTEST)}
    named = ((home, _FOLDER_OF_TESTS.fullmatch(home)) for home in homes if not OF_ALL.fullmatch(home))
    return {(found[1] or "tests") if found else home for home, found in named}


def _of_dotnet(tree: Tree) -> set[str]:
    """The folders of the projects of tests."""
    return {home for path in tree.fitting(_OF_DOTNET) if not OF_ALL.fullmatch(home := posixpath.dirname(path))}


def _above(folder: str) -> Iterator[str]:
    """The folders in which one lies."""
    while folder and not folder.startswith(("/", "~", "..")):
        folder = posixpath.dirname(folder)
        yield folder
