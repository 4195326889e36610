"""What policies of admission have in common, whatever engine reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import Mapping, Scalar, listed, locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.admission.patterns import Pattern
    from goldenpath.facts.pipeline.acts import Claim
    from goldenpath.repository import Place


class Scope(Struct, frozen=True):
    """The namespaces that a policy is about: those that fit one of each list in `only`, `but` not these.

    `opt_in` is the label without which a namespace is left alone.
    """

    only: tuple[tuple[str, ...], ...] = ()
    but: tuple[str, ...] = ()
    opt_in: str = ""


class Policy(Struct, frozen=True):
    """One demand on the images that a cluster runs: which images, where, and the lines that make it a demand.

    `wrong` is what lets other images in all the same, `unsure` what leaves open whether it does. Any one of
    the `claims` will do; where keys do, too, there are none.
    """

    kind: str
    name: str
    place: Place
    images: tuple[Pattern, ...]
    skipped: tuple[Pattern, ...]
    scope: Scope
    proof: tuple[Finding, ...]
    wrong: Finding | None = None
    unsure: Finding | None = None
    claims: tuple[Claim, ...] = ()


class Admission(Struct, frozen=True):
    """The demands on images; what may be one and is not followed; the namespaces that opt in by a label."""

    policies: tuple[Policy, ...] = ()
    unseen: tuple[Finding, ...] = ()
    labelled: frozenset[tuple[str, str]] = frozenset()


class Trust(Struct, frozen=True):
    """Whether a demand leaves open whose signature it takes: neither `wrong` nor `unsure` where it does not.

    Where it takes those of identities alone, these are its `claims`; an `idle` one takes that of nobody.
    """

    place: Place
    text: str
    wrong: bool = False
    unsure: bool = False
    claims: tuple[Claim, ...] = ()
    idle: bool = False

    @property
    def finding(self) -> Finding:
        """It as something about a place."""
        return Finding(self.place, self.text)


def any_of(trusts: Iterable[Trust], nobody: Trust) -> Trust:
    """What is left when any one of these will do: as much as the weakest; `nobody` where there is none."""
    given = tuple(trusts)
    every = tuple(trust for trust in given if not trust.idle) or given
    weakest = max(every, key=lambda trust: (trust.wrong, trust.unsure), default=nobody)
    named = all(trust.claims for trust in every)
    return replace(weakest, claims=tuple(claim for trust in every for claim in trust.claims) if named else ())


def all_of(trusts: Iterable[Trust], nobody: Trust) -> Trust:
    """What is left when each of these must hold: as much as the strongest; `nobody` where there is none."""
    return min(trusts, key=lambda trust: (trust.wrong, trust.unsure), default=nobody)


# --- reading


def at(node: Mapping, *path: str) -> Place:
    """Where the key at the end of a path stands, or the nearest to it that is there."""
    return locate(node, "$." + ".".join(path))


def mappings(node: Mapping | None, *path: str) -> Iterator[Mapping]:
    """The mappings of the list below a path of keys."""
    yield from listed(node.get(*path) if node is not None else None)


def is_off(node: Mapping, *path: str) -> bool:
    """Whether a switch that is on by default is off."""
    given = node.get(*path)
    return isinstance(given, Scalar) and given.resolved() is False
