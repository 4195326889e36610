"""Images of several platforms: what is said of one of them is not said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.pipeline.matrices import texts_in_legs
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import replaced, shown, value, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goldenpath.facts.pipeline.acts import Act, Target
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.values import Value


def is_of_platforms(effects: Effects, digest: Value) -> bool:
    """Whether a digest is that of an index: put together from others, or of a build for several platforms."""
    return is_index([act for act in effects.moment.frame.shared.acts if act.digest and value(act.digest) == digest])


def is_index(built: Sequence[Act]) -> bool:
    """Whether an image is put together from others, or built for several platforms."""
    return any(isinstance(act.of, Image) or len(_platforms(act)) > 1 for act in built)


def built_for(built: Sequence[Act]) -> frozenset[str]:
    """The platforms for which an image is built, as far as that is told."""
    return platforms_in(each for act in built for each in _platforms(act))


def platforms_in(told: Iterable[Value]) -> frozenset[str]:
    """Platforms as they are compared: that of Linux, and the usual variant, need not be said."""
    return frozenset(_USUAL.sub("", shown(each).lower()) for each in told)


def looked_at(effects: Effects, platform: Value) -> frozenset[str]:
    """The platforms that something looks at which is told one: in a matrix one in each leg."""
    if not platform:
        return frozenset()
    state = effects.state
    legs = texts_in_legs(state.legs, state.key, state.shared_legs, [platform])
    return platforms_in(replaced(platform, dict(leg)) for leg in legs or [()])


def in_part(effects: Effects, of: Target, platform: Value = ()) -> str | None:
    """Why an SBOM of an image lists but a part of it: it is of one platform, and the image for several."""
    if not isinstance(of, Image) or not is_of_platforms(effects, of.digest):
        return None
    return f"is of {shown(platform) or 'one platform'} alone, where the image is built for several"


def _platforms(built: Act) -> list[Value]:
    """What a build was told of the platforms that it is for."""
    recipe = built.recipe
    if recipe is None:
        return []
    told = [recipe.input("platforms"), *Words(recipe.words[1:], ["--platform"]).of("--platform")]
    return [each for of in told for each in words(of)]


_USUAL = regex(r"^linux/|/v8$")
