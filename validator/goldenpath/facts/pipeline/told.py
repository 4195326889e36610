"""Actions, reusable workflows and commands that a contract knows (declared.py): what it says is what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.declared import Made, Subject
from goldenpath.facts.pipeline.acts import Act, Image, Use, image
from goldenpath.facts.pipeline.effects import lacking
from goldenpath.facts.values import Symbol, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from goldenpath.facts.declared import Done, Told, ToldAction
    from goldenpath.facts.pipeline.acts import Guard, Kind
    from goldenpath.facts.pipeline.permissions import Permissions
    from goldenpath.facts.values import Value
    from goldenpath.repository import Place

_KINDS: dict[str, tuple[Kind, ...]] = {
    "builds": ("built",),
    "sbom": ("described", "attested"),
    "signs": ("signed",),
    "tests": ("tested",),
    "verifies": ("verified",),
    "scans": ("scanned",),
    "ships": ("shipped",),
}


class Performance:
    """What something that stands at a place does, by the word of a contract, with what it is given there."""

    def __init__(self, told: Told, place: Place, text: str, given: Mapping[str, Value], key: str) -> None:
        self._about = told.about
        self._place = place
        self._given = given
        self._text = f"{text} (by {told.by})"
        made = told.about.builds
        self._digest = Symbol("digest", key)
        named = image(self._input(made.image)).name if isinstance(made, Made) else ()
        self._built = Image(named or value(Symbol("unknown", f"{key}.image")), digest=value(self._digest))

    def acts(self, permissions: Permissions, guard: Guard) -> Iterator[Act]:
        """What it does, in its order; all of it fails without the rights that it needs."""
        problem = lacking(self._about.writes, permissions, guard.job)
        place, text = self._place, self._text
        for name, done in self._about.effects.items():
            target = self._target(done)
            targets = () if target is None else (target,)
            for kind in _KINDS[name]:
                act = Act(kind, place, text, guard, targets, problem=problem)
                if kind == "built":
                    act = replace(act, digest=self._digest, problem=None)
                elif name == "sbom":
                    act = replace(act, of=target)
                elif kind in {"tested", "shipped"}:
                    act = replace(act, problem=None)
                yield act

    def outputs(self) -> dict[str, Value]:
        """What it says: the digest of what it has built."""
        made = self._about.builds
        return {made.digest: value(self._digest)} if isinstance(made, Made) and made.digest else {}

    def use(self, job: str) -> Use:
        """What it needs the token for."""
        if self._about.writes or self._about.harmless:
            return Use(job, self._place, self._text, frozenset(self._about.writes))
        return Use(job, self._place, self._text, frozenset({"*"}), "the contract does not say what it writes")

    def _target(self, done: Done | Made) -> Image | None:
        """What something is done to; None where that is everything, or nothing that can be named."""
        if not isinstance(done, Subject):
            return self._built if self._about.builds else None
        named, digest = image(self._input(done.image)), self._input(done.digest)
        return Image(named.name, named.tag, digest or named.digest)

    def _input(self, name: str) -> Value:
        return self._given.get(name.lower(), ()) if name else ()


def told_of(told: tuple[ToldAction, ...], given: Mapping[str, Value]) -> ToldAction | str | None:
    """What a contract says of something with these inputs; else why that is not to be told; None: it says nothing."""
    for each in told:
        holds = each.about.holds(given)
        if holds is True:
            return each
        if holds:
            return f"what {each.by} says of it depends on {holds}"
    return f"what {told[0].by} says is for other inputs (`when`): say there what it does with these" if told else None
