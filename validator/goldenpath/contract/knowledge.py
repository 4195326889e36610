"""`spec.knowledge`: what an organisation's own actions and reusable workflows do, by the word of its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.contract.conversion import convert, nearest
from goldenpath.facts.declared import USES, Declaration, Knowledge, Made, Subject, Told
from goldenpath.facts.nodes import Malformed, Mapping, Sequence, locate
from goldenpath.facts.pipeline.state import SCOPES

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Node


class _Knowledge(Struct, frozen=True, forbid_unknown_fields=True):
    actions: tuple[Declaration, ...] = ()


_FIELDS = sorted(
    {field for model in (_Knowledge, Declaration, Made, Subject) for field in model.__struct_encode_fields__}
)


def read_knowledge(root: Node, contract: str) -> Knowledge:
    """What a contract of that name says. Raises Malformed with the line of what is wrong."""
    knowledge = convert(root, _Knowledge, _FIELDS, {})
    listed = root.get("actions") if isinstance(root, Mapping) else None
    items = listed.items if isinstance(listed, Sequence) else []
    for item, about in zip(items, knowledge.actions, strict=True):
        _sound(item, about)
    told = (
        Told(about, f"{contract}, line {item.place.line}") for item, about in zip(items, knowledge.actions, strict=True)
    )
    return Knowledge(tuple(told))


def _sound(item: Node, about: Declaration) -> None:
    """Refuse what says nothing, or contradicts itself."""
    if USES.fullmatch(about.uses) is None:
        form = "write owner/name, a path in it where it has one, and @version where only that is meant"
        raise Malformed(locate(item, "$.uses"), f"{about.uses!r} names no action or reusable workflow; {form}")
    if about.harmless and about.effects:
        other = next(iter(about.effects))
        raise Malformed(
            locate(item, "$.harmless"), f"harmless means that it does none of the others, and {other} is said"
        )
    if not about.harmless and not about.effects:
        raise Malformed(
            item.place, f"nothing is said of what {about.uses} does; write `harmless: true` if it does nothing"
        )
    for name in ("sbom", "signs", "verifies", "scans"):
        if about.effects.get(name) is True and not about.builds:
            form = f"{name}: {{image: …, digest: …}} names the inputs that say it"
            raise Malformed(locate(item, f"$.{name}"), f"what is it done to? Nothing is built there; {form}")
        done = about.effects.get(name)
        if isinstance(done, Subject) and not (done.image or done.digest):
            raise Malformed(
                locate(item, f"$.{name}"), "name the input with the digest, or with the image and its digest"
            )
    for number, scope in enumerate(about.writes):
        if scope not in SCOPES:
            near = nearest(scope, SCOPES)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(SCOPES)}"
            raise Malformed(locate(item, f"$.writes[{number}]"), f"there is no permission {scope!r}; {hint}")
