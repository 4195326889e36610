"""`fly deploy`: the image that it is told, or that its fly.toml names, or else what Fly builds from the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content, Files, Recipe, image
from goldenpath.facts.pipeline.commands import shipping
from goldenpath.facts.pipeline.effects import under
from goldenpath.facts.values import Value, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

_FILE = value("fly.toml")
_ELSEWHERE = "--build-only --image-label --dockerfile --build-target --nixpacks --buildpack"
"""Options by which it builds otherwise than its file says, or deploys nothing."""


def deploy(effects: CommandEffects) -> None:
    """What is deployed is followed where its fly.toml is the repository's own."""
    build = None if effects.words.of(effects.about.image) else _build(effects)
    if build is None:
        shipping.may_ship(effects)
    elif named := build.get("image"):
        effects.act("shipped", image(value(str(named))))
    else:
        package = Files(value("package"), ((Content("built", effects.origin(value("package"))), ()),))
        effects.act("built", package, recipe=_recipe(effects, str(build.get("dockerfile") or "Dockerfile")))
        effects.act("shipped", package)


def _build(effects: CommandEffects) -> dict[str, object] | None:
    """What its file says of the build; None where that is not to be seen."""
    words = effects.words
    path = effects.place_of(words.first("-c --config") or under(_folder(effects), _FILE))
    text = effects.moment.frame.shared.tree.text(literal(path) or "")
    if text is None or words.has(_ELSEWHERE) or effects.is_rewritten(path):
        return None
    import tomllib  # only repositories with such a file wait for it

    try:
        build = tomllib.loads(text).get("build", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return build if isinstance(build, dict) else None


def _folder(effects: CommandEffects) -> Value:
    return effects.words.positionals[0] if effects.words.positionals else value(".")


def _recipe(effects: CommandEffects, dockerfile: str) -> Recipe:
    """Fly builds as docker does: from the folder that it is told, by the Dockerfile there or the one that is named."""
    folder = _folder(effects)
    words = (*map(value, ("docker", "build", "-f")), under(folder, value(dockerfile)), folder)
    return Recipe(words, folder=effects.script.folder)
