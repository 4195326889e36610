"""What Gradle tells of what is built: its SBOM by CycloneDX, and the vulnerabilities that OWASP's plugin finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.gradle.model import flat
from goldenpath.facts.pipeline.acts import Content
from goldenpath.facts.pipeline.tools.gradle.call import UnknownBuild

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.gradle.chains import Setting
    from goldenpath.facts.gradle.model import Project
    from goldenpath.facts.pipeline.tools.gradle.call import Call

_SBOM, _CHECK = "org.cyclonedx.bom", "org.owasp.dependencycheck"
TASKS = {"cyclonedxBom": _SBOM, "dependencyCheckAnalyze": _CHECK, "dependencyCheckAggregate": _CHECK}
"""Tasks that tell of what is built, by the plugins that bring them."""

_TOLD = frozenset({"schemaVersion", "projectType", "includeBomSerialNumber", "includeLicenseText", "outputFormat"})
"""What CycloneDX is told that leaves nothing out, and changes no name of a file."""
_FILES = ("build/reports/bom.json", "build/reports/cyclonedx/bom.json")
"""Where CycloneDX writes, before its version 3 and since."""
_MOST = 10.0
"""The most severe of all scores; whoever refuses what is above it refuses nothing."""


def ask(call: Call, names: Iterable[str]) -> None:
    """Whether all is known that is told of a release; raises UnknownBuild."""
    for name in names:
        if name in TASKS:
            call.projects(name, "", TASKS[name], asked=True)
    other = next((rule for rule in call.build.rules.get("cyclonedxBom", []) if _tells_more(rule.said)), None)
    if "cyclonedxBom" in names and other:
        raise UnknownBuild(f"{other.place}: what CycloneDX is told there is not read")


def _tells_more(said: list[Setting]) -> bool:
    return any(not each.path or each.path[0] not in _TOLD or each.to is None for each in said)


def perform(call: Call, names: set[str]) -> None:
    """Write down what these tasks do, where they are among those that run."""
    if "cyclonedxBom" in names:
        for project in call.projects("cyclonedxBom", "", _SBOM, asked=True):
            _describe(call, project)
    for task in sorted(names & {name for name, plugin in TASKS.items() if plugin == _CHECK}):
        for project in call.projects(task, "", _CHECK, asked=True):
            _scan(call, project)


def _describe(call: Call, project: Project) -> None:
    """The SBOM of what a project packs."""
    effects = call.effects
    built = effects.files(call.below(project, "build"))
    effects.act("described", of=built)
    for path in _FILES:
        file = call.below(project, path)
        effects.put(file, Content("sbom", effects.origin(file), built))


def _scan(call: Call, project: Project) -> None:
    """What a project needs is looked through; it fails from a score on that it is told."""
    said = {each.path[0]: each for _, each in project.said.get("dependencyCheck", []) if each.path}
    cutoff, problem = said.get("failBuildOnCVSS"), None
    text = flat(cutoff.to).rstrip("fFdD") if cutoff and cutoff.to else "11" if cutoff is None else "?"
    try:
        if float(text) > _MOST:
            problem = "only reports what it finds: nothing says from where on it fails (failBuildOnCVSS)"
        unsure = None
    except ValueError:
        unsure = "fails from a score on that only a run knows"
    if "skip" in said or "skipProjects" in said or "skipConfigurations" in said or "scanConfigurations" in said:
        unsure = "leaves out what its settings say"
    files = call.effects.files(call.below(project, "."))
    call.effects.act("scanned", call.effects.looked_into(files), problem=problem, unsure=unsure)
