"""What a repository ships that has no image: what its language makes for users, or else its sources.

It is told by the manifests at the root, and by nothing that is run.
"""

from __future__ import annotations

import re
from contextlib import suppress
from posixpath import dirname
from typing import TYPE_CHECKING, Any

from goldenpath.adoption.setuptools import declared
from goldenpath.facts.dependencies.files import json, table, text_of, texts, toml
from goldenpath.facts.nodes import Malformed
from goldenpath.facts.regexes import regex
from goldenpath.repository import Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.repository import Repository

SOURCES = {"adopted_package": "source"}
"""What is always there to be released: the sources, packed by git."""

MOST_PROGRAMS = 8
"""As many programs of one Go module are released; more are examples and tools."""

_LIBRARIES = "Topic :: Software Development :: Libraries"
_GO_FILES = regex(r"(?:cmd/[A-Za-z0-9_][A-Za-z0-9_.-]*/)?[^/]+(?<!_test)\.go")
_MAIN = regex(r"^package[ \t]+main\b", re.MULTILINE)
_IGNORED = regex(r"^//[ \t]*(?:go:build|\+build)[ \t]+ignore\b", re.MULTILINE)
_GO_VERSION = regex(r"^go[ \t]+\d", re.MULTILINE)
_MAVEN_PACKAGING = regex(r"<packaging>\s*(?P<kind>[\w.-]+)\s*</packaging>")
_MAVEN_JAVA = regex(
    r"<(?P<name>java\.version|maven\.compiler\.(?:release|source|target))>\s*(?:1\.)?(?P<version>\d+)\s*</(?P=name)>"
)
_GRADLE_JAVA = regex(
    r"""(?:JavaLanguageVersion\.of\(|sourceCompatibility\s*=\s*["']?(?:JavaVersion\.VERSION_)?(?:1[._])?)(?P<version>\d+)"""
)
_SOURCES_OF_JAVA = ("src/main/java", "src/main/kotlin")
_OLDEST_JAVA = 8
"""What setup-java's distribution has."""


def packaged(repository: Repository) -> dict[str, Any]:
    """What the release workflow builds, as answers to the questions of questions/adopt.yml."""
    for read in _python, _npm, _maven, _gradle, _go:
        try:
            if found := read(repository):
                return found
        except (Malformed, Missing, Unreadable):
            continue
    return SOURCES


def is_library(repository: Repository) -> bool:
    """Whether the manifests say that others build on it: where they do not say so, it counts as a service."""
    for says in _is_for_python, _is_for_npm, _is_for_go:
        with suppress(Malformed, Missing, Unreadable):
            if says(repository):
                return True
    return False


def _is_for_python(repository: Repository) -> bool:
    """By the classifier that says so, in whichever manifest."""
    data = _pyproject(repository)
    tables = table(data, "project"), table(data, "tool", "poetry")
    by_pyproject = (each for found in tables for each in texts(found.get("classifiers")))
    return _name_libraries(by_pyproject) or _name_libraries(declared(repository).classifiers)


def _name_libraries(classifiers: Iterable[str]) -> bool:
    return any(each.startswith(_LIBRARIES) for each in classifiers)


def _is_for_npm(repository: Repository) -> bool:
    """A public package with an entry for others, which nothing starts."""
    if not _npm(repository):
        return False
    data = json(repository, "package.json")[0]
    entry = bool(data.get("exports") or data.get("main"))
    return entry and bool(data.get("files")) and not data.get("private") and "start" not in table(data, "scripts")


def _is_for_go(repository: Repository) -> bool:
    """A module in which no folder that could is a program."""
    if "go.mod" not in repository or any(_is_main(repository, path) for path in repository.paths(_GO_FILES)):
        return False
    return any("/" not in path for path in repository.paths(_GO_FILES))


def _python(repository: Repository) -> dict[str, Any]:
    """A wheel and an sdist, where a backend is named or setuptools is enough; what Poetry only installs is none."""
    data = _pyproject(repository)
    poetry = table(data, "tool", "poetry")
    if poetry.get("package-mode") is False:
        return {}
    by_name = table(data, "project").get("name") or poetry.get("name")
    by_backend = table(data, "build-system").get("build-backend")
    if not ((by_name and by_backend) or declared(repository).builds):
        return {}
    return {"adopted_package": "python"} | _file_of_version(repository, ".python-version")


def _pyproject(repository: Repository) -> dict[str, Any]:
    return toml(repository, "pyproject.toml")[0] if "pyproject.toml" in repository else {}


def _npm(repository: Repository) -> dict[str, Any]:
    """A package as `npm pack` makes it; workspaces, and locks of other programs, are left to the team."""
    if "package.json" not in repository or {"pnpm-lock.yaml", "bun.lock", "bun.lockb"} & repository.entries.keys():
        return {}
    data = json(repository, "package.json")[0]
    if not (data.get("name") and data.get("version")) or "workspaces" in data:
        return {}
    locked = {"package-lock.json", "npm-shrinkwrap.json"} & repository.entries.keys()
    by_yarn = "yarn.lock" in repository and ".yarnrc.yml" not in repository
    install = "npm ci" if locked else "yarn install --frozen-lockfile" if by_yarn else "npm install"
    builds = "build" in table(data, "scripts")
    packs = bool(data.get("files")) or ".npmignore" in repository
    found = {"adopted_package": "npm", "adopted_install": install, "adopted_builds": builds, "adopted_packs": packs}
    version = _file_of_version(repository, ".nvmrc") or _file_of_version(repository, ".node-version")
    return found | (version or ({"adopted_toolchain": "package.json"} if table(data, "engines").get("node") else {}))


def _maven(repository: Repository) -> dict[str, Any]:
    """The jar or war of a project of one module."""
    if "pom.xml" not in repository or not _has_java(repository):
        return {}
    text = text_of(repository, "pom.xml")
    packaging = _MAVEN_PACKAGING.search(text)
    kind = packaging["kind"] if packaging else "jar"
    if kind not in {"jar", "war"} or "<modules>" in text:
        return {}
    return _java("maven", repository, "mvnw", kind, [match["version"] for match in _MAVEN_JAVA.finditer(text)])


def _gradle(repository: Repository) -> dict[str, Any]:
    """The jars of a build of one project."""
    script = next((path for path in ("build.gradle", "build.gradle.kts") if path in repository), "")
    if not script or not _has_java(repository):
        return {}
    text = text_of(repository, script)
    versions = [match["version"] for match in _GRADLE_JAVA.finditer(text)]
    kind = (
        "war" if re.search(r"""\bid[ (]+["']war["']|^\s*war\s*$|plugin:\s*["']war["']""", text, re.MULTILINE) else "jar"
    )
    return _java("gradle", repository, "gradlew", kind, versions)


def _java(tool: str, repository: Repository, wrapper: str, packaging: str, versions: list[str]) -> dict[str, Any]:
    entry = repository.entries.get(wrapper)
    brings = entry is not None and entry.mode == "100755"
    found = {"adopted_package": tool, "adopted_wrapper": brings, "adopted_packaging": packaging}
    newest = max(map(int, versions), default=0)
    return found | ({"adopted_toolchain": str(newest)} if newest >= _OLDEST_JAVA else {})


def _has_java(repository: Repository) -> bool:
    return any(path.startswith(_SOURCES_OF_JAVA) for path in repository.entries)


def _go(repository: Repository) -> dict[str, Any]:
    """The programs of a module: at its root and in the folders of cmd/."""
    if "go.mod" not in repository or not _GO_VERSION.search(text_of(repository, "go.mod")):
        return {}
    mains = sorted({dirname(path) for path in repository.paths(_GO_FILES) if _is_main(repository, path)})
    if not mains or len(mains) > MOST_PROGRAMS:
        return {}
    return {"adopted_package": "go", "adopted_mains": " ".join(f"./{each}" if each else "." for each in mains)}


def _is_main(repository: Repository, path: str) -> bool:
    text = text_of(repository, path)
    return bool(_MAIN.search(text)) and not _IGNORED.search(text)


def _file_of_version(repository: Repository, name: str) -> dict[str, Any]:
    return {"adopted_toolchain": name} if name in repository else {}
