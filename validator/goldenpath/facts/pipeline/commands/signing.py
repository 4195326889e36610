"""Commands that sign and attest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Files, Image, image
from goldenpath.facts.pipeline.lists import several
from goldenpath.facts.pipeline.signing import in_doubt
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects


def sign(effects: CommandEffects) -> None:
    """Images are signed."""
    for each in _images(effects) or [Image(())]:
        effects.act("signed", each, problem=effects.identity_problem(), unsure=_doubt(effects))


def sign_files(effects: CommandEffects) -> None:
    """Files are signed, where it is asked to."""
    if effects.about.when and not set(effects.about.when.split()) & effects.words.options.keys():
        return
    for word in effects.words.positionals:
        effects.act("signed", effects.seen(word), problem=effects.identity_problem(), unsure=_doubt(effects))


def attest(effects: CommandEffects) -> None:
    """An SBOM is attested of images, or attached to them."""
    _attested(effects, _images(effects))


def attest_files(effects: CommandEffects) -> None:
    """An SBOM is attested of files."""
    _attested(effects, [effects.seen(word) for word in effects.words.positionals])


def _attested(effects: CommandEffects, targets: list[Image] | list[Files]) -> None:
    kind = literal(effects.words.first(effects.about.kind)) if effects.about.kind else "sbom"
    if kind is not None and not re.search(r"sbom|spdx|cyclonedx", kind):
        return
    predicate = effects.words.first(effects.about.predicate)
    problem = effects.identity_problem() if effects.about.does != "attach" else None
    effects.attested(targets, effects.path(predicate) if predicate else (), problem)


def _images(effects: CommandEffects) -> list[Image]:
    words = effects.words.positionals
    known = effects.script.known
    return [image(known(each)) for word in words for each in several(word, effects.state.tag_lists)]


def _doubt(effects: CommandEffects) -> str | None:
    return in_doubt(effects.about, effects.words, effects.variable)
