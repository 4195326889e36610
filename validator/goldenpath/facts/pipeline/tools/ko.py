"""ko, which builds images of Go programs, pushes them with an SBOM, and says what it has pushed by its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from goldenpath.facts.pipeline.acts import Content, Image, image
from goldenpath.facts.pipeline.effects import NOT_FOR_USERS, name_of, tidy
from goldenpath.facts.values import Symbol, Value, display, head, literal, value, words

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.acts import Recipe
    from goldenpath.facts.pipeline.commands import CommandEffects

CONFIGURED, DEFAULT_BASE = "KO_CONFIG_PATH", "KO_DEFAULTBASEIMAGE"
"""Variables that say where ko's configuration stands, and what goes before its default base image."""
CHANGED = "changed"
"""What a recipe calls the configuration that the job has written itself."""
SETTINGS = (".ko.yaml", ".ko.yml")
OWN_BASE = "cgr.dev/chainguard/static"
"""What ko, and GoReleaser in its place, puts a program on where nobody names another base: the newest by a tag."""


def build(effects: CommandEffects) -> None:
    """`ko build`: an image of each program, whose names by digest are its output."""
    said = []
    for path in effects.words.positionals or [value(".")]:
        name = _name(effects, path)
        said += [*_build(effects, [value(name, ":", tag) for tag in _tags(effects)] if name else [])]
    _say(effects, said)


def resolve(effects: CommandEffects) -> None:
    """`ko resolve`: the images that manifests speak of, which come out with their digests; `apply` deploys them.

    Which ones only the manifests say; what goes into a registry of the job's own is for nobody, whatever it is called.
    """
    repository = effects.variable("KO_DOCKER_REPO")
    built = [] if NOT_FOR_USERS.match(head(repository)) else _build(effects, [])
    _say(effects, built)
    if effects.about.to_cluster and not effects.state.has_own_cluster:
        effects.act("shipped", *built)


def stays(effects: CommandEffects) -> bool:
    """Whether what ko builds stays on the machine."""
    return effects.words.has("-L --local") or literal(effects.words.first("--push")) == "false"


def _build(effects: CommandEffects, names: list[Value]) -> list[Image]:
    if stays(effects):
        return []
    digest = Symbol("digest", effects.origin(value("ko")))
    effects.state.recipes[digest] = _recipe(effects)
    said = literal(effects.words.first("--sbom"))
    effects.built(names, digest, sbom=None if said is None else said != "none")
    if effects.words.has("--tag-only"):  # which it prints in place of the digest
        return [image(names[0])] if names else []
    return [Image(image(names[0]).name if names else (), digest=value(digest))]


def _recipe(effects: CommandEffects) -> Recipe:
    """How it is built, with the variables that say on which base."""
    settings = [effects.path(value(name)) for name in SETTINGS] + [effects.path(effects.variable(CONFIGURED))]
    changed = next((path for path in settings if path and effects.is_rewritten(path)), ())
    told = [(name, effects.variable(name)) for name in (CONFIGURED, DEFAULT_BASE)]
    return msgspec.structs.replace(effects.recipe(), inputs=(*told, (CHANGED, changed)))


def _say(effects: CommandEffects, built: list[Image]) -> None:
    from goldenpath.facts.pipeline.acts import reference_of

    said = value(
        *(part for index, each in enumerate(built) for part in (["\n"] if index else []) + [reference_of(each)])
    )
    if not built:
        return
    effects.script.means(effects.command, said)
    file = effects.words.first("--image-refs") or effects.written_to()
    if file and len(built) == 1:
        effects.put(effects.path(file), Content("reference", effects.origin(file), built[0]))


def _name(effects: CommandEffects, path: Value) -> Value:
    """What the image is called: the repository alone (`--bare`), or with a name that comes from the program's path."""
    repository = effects.variable("KO_DOCKER_REPO")
    if not repository or effects.words.has("--bare"):
        return repository
    base = literal(name_of(tidy(path))) if effects.words.has("-B --base-import-paths") else None
    return value(repository, "/", base if base and base != "." else Symbol("template", f"ko {display(path)}"))


def _tags(effects: CommandEffects) -> list[Value]:
    return [tag for each in effects.words.of("-t --tags") for tag in words(each)] or [value("latest")]
