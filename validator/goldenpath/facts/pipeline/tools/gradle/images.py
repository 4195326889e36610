"""The images that Gradle builds by jib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.gradle.chains import items
from goldenpath.facts.gradle.scripts import words_in
from goldenpath.facts.pipeline.tools import jib
from goldenpath.facts.pipeline.tools.gradle.call import UnknownBuild
from goldenpath.facts.pipeline.words import called_here
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, literal, partition, value

if TYPE_CHECKING:
    from goldenpath.facts.gradle.chains import Setting
    from goldenpath.facts.gradle.model import Project
    from goldenpath.facts.gradle.scripts import Statement
    from goldenpath.facts.pipeline.tools.gradle.call import Call
    from goldenpath.facts.pipeline.tools.gradle.plan import Run

TASKS = frozenset({"jib", "jibDockerBuild", "jibBuildTar"})

_PLUGIN = "com.google.cloud.tools.jib"
_SETTING = regex(
    r"(from|container|extraDirectories|dockerClient|pluginExtensions|skaffold)(\..*)?|to\.(auth|credHelper)(\..*)?"
    r"|to\.(image|tags)|allowInsecureRegistries|containerizingMode|configurationName|outputPaths\.\w+"
)
"""What jib is told that makes no other image of it, or that is followed."""
_PROPERTY = regex(
    r"jib\.(to\.(image|tags|credHelper|auth\..*)|from\..*|container\..*|outputPaths\.\w+|console|httpTimeout|serialize"
    r"|allowInsecureRegistries|sendCredentialsOverHttp|alwaysCacheBaseImage|disableUpdateChecks|(base|application)\w*Cache)"
)
"""Likewise of properties of the system."""
_WRITTEN = {"digest": "jib-image.digest", "imageId": "jib-image.id", "imageJson": "jib-image.json"}
_BUILD_FOLDERS = ("$buildDir/", "${buildDir}/", "${project.buildDir}/")
_FOLDERS = ("$projectDir/", "${projectDir}/")


class Planned(Struct):
    """An image that a task builds: its names, and the files in which jib says what it has built."""

    task: str
    project: Project
    names: list[Value]
    files: dict[str, Value]


def planned(call: Call, run: Run) -> list[Planned]:
    """The images that a task builds, one for each project that has it; raises UnknownBuild."""
    unread = next((name for name in call.system_properties("jib.") if not _PROPERTY.fullmatch(name)), "")
    if unread:
        raise UnknownBuild(f"what the property {unread} says is not read")
    found = []
    for project in call.projects(run.name, run.project, _PLUGIN, asked=run.asked):
        said = project.said.get("jib", [])
        other = next(((file, each) for file, each in said if not _SETTING.fullmatch(".".join(each.path))), None)
        if other:
            raise UnknownBuild(f"{other[0]}:{other[1].line}: what jib is told there is not read")
        told = [each for _, each in said]
        name = _name(call, project, told)
        names = [name, *(value(_without_tag(name), ":", tag) for tag in _tags(call, project, told))]
        files = {what: _file(call, project, what, told) for what in _WRITTEN}
        found.append(Planned(run.name, project, names, files))
    return found


def build(call: Call, image: Planned) -> None:
    """An image is built, and pushed or not; the digest that jib writes down is only what a registry has if it is."""
    effects = call.effects
    if image.task == "jib":
        jib.push(effects, image.names, image.files)
        return
    if image.task == "jibDockerBuild":
        digest = Symbol("digest", effects.origin(value(image.task)))
        effects.local_tags.update(dict.fromkeys(called_here(image.names), digest))
        effects.state.recipes[digest] = effects.recipe()
    else:
        effects.made(call.below(image.project, "build"))
    jib.write(effects, image.files, Symbol("digest", effects.origin(value(f"{image.task}, which pushes nothing"))))


def _name(call: Call, project: Project, told: list[Setting]) -> Value:
    """What the image is called: a property of the system counts before the option of the task, and that before all."""
    given = call.system_property("jib.to.image")
    given = given if given is not None else call.words.first("--image") or None
    if given is not None:
        return given
    sets = [each.to for each in told if each.path == ("to", "image")]
    if not sets or sets[-1] is None:
        raise UnknownBuild("what jib's image is called is not said where it is read")
    return call.expressions(project).value(sets[-1])


def _tags(call: Call, project: Project, told: list[Setting]) -> list[Value]:
    given = call.system_property("jib.to.tags")
    if given is not None:
        text = literal(given)
        return [given] if text is None else [value(each) for each in text.split(",") if each]
    found: list[Value] = []
    for each in told:
        if each.path == ("to", "tags"):
            listed = items(each.to) if each.to else None
            unknown = value(Symbol("template", "jib.to.tags"))
            found += [unknown] if listed is None else map(call.expressions(project).value, listed)
    return found


def _file(call: Call, project: Project, what: str, told: list[Setting]) -> Value:
    """The file into which jib writes something: where it is told to, or its own."""
    given = call.system_property(f"jib.outputPaths.{what}")
    if given is not None:
        return call.below(project, given)
    sets = [each.to for each in told if each.path == ("outputPaths", what)]
    path = _path(sets[-1]) if sets else f"build/{_WRITTEN[what]}"
    if path is None:
        raise UnknownBuild("where jib writes what it has built is only known in a run")
    return call.below(project, path)


def _path(nodes: Statement | None) -> str | None:
    """A path in a project: `"x"`, `file("x")`, `layout.buildDirectory.file("x")`, `"$buildDir/x"`; None for others."""
    words = list(words_in(nodes or ()))
    texts = [word.text for word in words if word.kind == "text"]
    names = [word.text for word in words if word.kind == "name" and word.text != "project"]
    if len(texts) != 1 or names not in ([], ["file"], ["layout", "buildDirectory", "file"]):
        return None
    text = f"build/{texts[0]}" if "buildDirectory" in names else texts[0]
    for start in _BUILD_FOLDERS:
        text = f"build/{text.removeprefix(start)}" if text.startswith(start) else text
    for start in _FOLDERS:
        text = text.removeprefix(start)
    return None if "$" in text or text.startswith(("/", "..")) else text


def _without_tag(name: Value) -> Value:
    split = partition(name, ":", last=True)
    return split[0] if split and not any(isinstance(part, str) and "/" in part for part in split[1]) else name
