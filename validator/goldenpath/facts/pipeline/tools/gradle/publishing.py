"""What Gradle publishes, and by whom it is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.gradle.model import flat, table
from goldenpath.facts.gradle.scripts import words_in
from goldenpath.facts.pipeline.acts import Files
from goldenpath.facts.pipeline.signing import NO_BUILD_SIGNATURE, is_attested
from goldenpath.facts.pipeline.tools.gradle.call import UnknownBuild
from goldenpath.facts.shell.paths import path_from
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from goldenpath.facts.gradle.model import Project
    from goldenpath.facts.gradle.scripts import Statement
    from goldenpath.facts.pipeline.tools.gradle.call import Call
    from goldenpath.facts.pipeline.tools.gradle.plan import Run

_SIGSTORE = "dev.sigstore.sign"
_SBOM = "org.cyclonedx.bom"
_FOLDERS = frozenset({"buildDirectory", "buildDir", "rootDir", "projectDir", "projectDirectory", "file"})
_UP_TO_DATE = "publishes what was built, and signed, before, if Gradle finds that all of it is up to date"
"""Why it cannot be told whether a signature of an earlier build is one of what is published."""


class Planned(Struct):
    """What a task publishes, of which projects; `stays` where that goes to folders of the build."""

    projects: list[Project]
    tested: bool | None
    stays: bool


def planned(call: Call, run: Run) -> Planned:
    """What a task publishes; raises UnknownBuild."""
    staged = "StagingRepositor" in run.name or run.name == "publishToSonatype"
    if staged and not _has(call, "io.github.gradle-nexus.publish-plugin"):
        raise UnknownBuild(f"no plugin is known that has the task {run.name}")
    if run.project and staged:
        raise UnknownBuild(f"what the task {run.name} of one project publishes is not followed")
    projects = call.projects(run.name, run.project, table().publishers, asked=run.asked or staged)
    described = next((each.plugins[_SBOM] for each in projects if _SBOM in each.plugins), "")
    if described:
        raise UnknownBuild(f"{described}: whether the SBOM is published, too, is not read")
    places = {_place(call, project) for project in projects}
    if "" in places:
        raise UnknownBuild("where it publishes to is not said where it is read")
    return Planned(projects, run.tested, stays=places == {"folder"})


def publish(call: Call, package: Planned) -> None:
    """What is built is signed, by the plugins of those projects that have one, and published."""
    effects = call.effects
    attested = is_attested(effects, _package(call, package.projects))
    for project in call.build.projects.values():
        effects.made(call.below(project, "build"))
    if attested:
        effects.act("signed", _package(call, package.projects), unsure=_UP_TO_DATE)
    signed = [each for each in package.projects if _SIGSTORE in each.plugins]
    by_key = [each for each in package.projects if each not in signed and _signs_by_key(each)]
    if signed:
        effects.act("signed", _package(call, signed), problem=effects.may_identify)
    if by_key:
        effects.act("signed", _package(call, by_key), problem=NO_BUILD_SIGNATURE)
    if not package.stays:
        folders = [path_from((), call.below(project, ".")) for project in package.projects]
        effects.act("shipped", _package(call, package.projects), folder=folders[0] if len(folders) == 1 else None)


def _package(call: Call, projects: list[Project]) -> Files:
    """What is built in these projects."""
    files = (call.effects.files(call.below(project, "build")) for project in projects)
    return Files(value("package"), tuple(piece for each in files for piece in each.pieces))


def _has(call: Call, plugin: str) -> bool:
    return any(plugin in project.plugins for project in call.build.projects.values())


def _signs_by_key(project: Project) -> bool:
    said = [each for name in ("signing", "mavenPublishing") for _, each in project.said.get(name, [])]
    return any(each.path[-1:] in {("sign",), ("signAllPublications",)} for each in said)


def _place(call: Call, project: Project) -> str:
    """Where a project publishes to: a `folder` of the build, `elsewhere`, or nobody says where."""
    if any(_has(call, plugin) for plugin in table().uploads.split()):
        return "elsewhere"
    said = [each for _, each in project.said.get("publishing", []) if each.path[:1] == ("repositories",)]
    if not said:
        return ""
    addresses = [each.to for each in said if each.path[-1] in {"url", "maven"} or each.to is None]
    return "folder" if addresses and all(map(_is_folder, addresses)) else "elsewhere"


def _is_folder(nodes: Statement | None) -> bool:
    """Whether an address is a folder of the build, or below it."""
    nodes = nodes or ()
    text = flat(nodes)
    names = {word.text for word in words_in(nodes) if word.kind == "name"}
    within = "$buildDir" in text or "${buildDir}" in text or "${layout.buildDirectory" in text
    return "://" not in text and "if" not in names and (within or not names.isdisjoint(_FOLDERS))
