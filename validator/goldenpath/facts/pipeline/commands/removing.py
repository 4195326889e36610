"""Commands that take files away again from a release to which they were added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Files
from goldenpath.facts.pipeline.effects import name_of, part_of
from goldenpath.facts.values import Value, literal

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.commands import CommandEffects


def delete_asset(effects: CommandEffects) -> None:
    """`gh release delete-asset TAG NAME`."""
    take_from_release(effects, effects.words.positionals[1] if len(effects.words.positionals) > 1 else ())


def take_from_release(effects: CommandEffects, name: Value = ()) -> None:
    """What was laid beside a release may be gone: an SBOM, or the signatures of its files; without a name, any."""
    if effects.moment.dead:
        return
    acts = effects.moment.frame.shared.acts
    shipped = [target for act in acts if act.kind == "shipped" for target in act.targets if isinstance(target, Files)]
    for at, act in enumerate(acts):
        if _tells_by(act, name) or any(_is_there(path, shipped) and _may_be(path, name) for path in act.into):
            acts[at] = replace(act, unsure=act.unsure or f"may be taken away again by {effects.text} ({effects.place})")


def _tells_by(act: Act, name: Value) -> bool:
    """Whether an act publishes an SBOM that may be called so."""
    files = (target for target in act.targets if act.kind == "shipped" and isinstance(target, Files))
    return any(
        content.kind in {"sbom", "derived"} and _may_be(each.pattern, name)
        for each in files
        for content, _ in each.pieces
    )


def _is_there(path: Value, shipped: list[Files]) -> bool:
    return any(part_of(path, each.pattern) is not None for each in shipped)


def _may_be(path: Value, name: Value) -> bool:
    """Whether a file that is published may be called so in the release, which knows no folders."""
    known, wanted = literal(name_of(path)), literal(name)
    return not (known and wanted) or "*" in known or known == wanted
