"""Images of several platforms: what is said of one of them is not said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.values import shown, value, words

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.acts import Recipe, Target
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.values import Value


def is_of_platforms(effects: Effects, digest: Value) -> bool:
    """Whether a digest is that of an index: put together from others, or of a build for several platforms."""
    acts = [act for act in effects.moment.frame.shared.acts if act.digest and value(act.digest) == digest]
    told = (_platforms(act.recipe) for act in acts if act.recipe)
    return any(isinstance(act.of, Image) for act in acts) or any(
        len([each for of in platforms for each in words(of)]) > 1 for platforms in told
    )


def in_part(effects: Effects, of: Target, platform: Value = ()) -> str | None:
    """Why an SBOM of an image lists but a part of it: it is of one platform, and the image for several."""
    if not isinstance(of, Image) or not is_of_platforms(effects, of.digest):
        return None
    return f"is of {shown(platform) or 'one platform'} alone, where the image is built for several"


def _platforms(recipe: Recipe) -> list[Value]:
    """What a build was told of the platforms that it is for."""
    return [recipe.input("platforms"), *Words(recipe.words[1:], ["--platform"]).of("--platform")]
