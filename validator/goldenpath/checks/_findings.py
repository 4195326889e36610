"""What the checks that follow a release ask about, and what they find: with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.checks import Evidence, Fix, evidence
from goldenpath.facts.pipeline.acts import Act, Files, Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.checks import Role
    from goldenpath.facts.pipeline.acts import Kind
    from goldenpath.facts.pipeline.runs import Run


class Finding(Struct, frozen=True):
    """What one run proves of one artifact. `reason` says of an unknown what is out of sight.

    `lacking` is what a run shows that may release something, and if it does, then without a proof.
    """

    verdict: Literal["pass", "fail", "unknown", "lacking"]
    summary: str
    evidence: tuple[Evidence, ...]
    reason: str = ""
    fix: Fix | None = None


class Artifact(Struct, frozen=True):
    """One thing that a run releases: an image by its digest, or files by where they came from."""

    name: str
    target: Image | Files
    built: tuple[Act, ...]
    shipped: tuple[Act, ...]

    @property
    def anchors(self) -> tuple[Evidence, ...]:
        """What must not happen without proof: the shipping where there is any, else the building."""
        return placed(*(self.shipped or self.built))


class Candidate(Struct, frozen=True):
    """An act that could be the proof: what is wrong with it, or what cannot be told, and the fix for that.

    `since` is the act before it that made it wrong: what an attestation is about was made there. `only_if` are the
    conditions under which it happens, where nothing else keeps it from being the proof.
    """

    act: Act
    wrong: str = ""
    unsure: str = ""
    fix: Fix | None = None
    since: Act | None = None
    only_if: frozenset[str] = frozenset()


class Question(Struct, frozen=True):
    """What a check asks of every artifact.

    `candidates` are the acts that could be a proof, `power` what an unseen act would have to be able to do, and `gates`
    says whether everything that ships has to wait for the proof; the texts say what a proof, or its lack, is called.
    `fix` is what to do about an image, `fix_of_files` about files, which have no digest that a build step says.
    """

    candidates: Callable[[Run, Artifact], Iterable[Candidate]]
    proof: Callable[[Run, Artifact, list[Act]], Finding]
    released: Callable[[list[Artifact]], list[Artifact]]
    power: Literal["sign", "describe", "verify", "scan"]
    verb: str
    done: str
    lacks: str
    missing: str
    gates: bool
    fix: Fix
    fix_of_files: Fix
    nothing: Fix

    def fix_for(self, artifact: Artifact) -> Fix:
        """What to do where nothing at all proves it."""
        return self.fix if isinstance(artifact.target, Image) else self.fix_of_files


# --- evidence

_ROLES: dict[Kind, Role] = {
    "built": "built", "signed": "signed", "described": "described", "attested": "signed", "verified": "verified",
    "tested": "verified", "scanned": "verified", "stored": "carried", "shipped": "shipped", "installed": "declared",
    "unseen": "unseen",
}  # fmt: skip


def placed(*acts: Act, role: Role | None = None) -> tuple[Evidence, ...]:
    """Acts as evidence, each once, after what leads to it: the use of another repository, what carries its digest."""
    found: dict[Evidence, None] = {}
    for act in acts:
        if called := act.guard.called:
            found[evidence("called", called.place, called.label)] = None
        for carrier in act.carried:
            found[evidence("carried", carrier.place, carrier.shown)] = None
        found[shown(act, role)] = None
    return tuple(found)


def shown(act: Act, role: Role | None = None) -> Evidence:
    """An act as evidence."""
    text = f"{act.text}, called from {act.caller}" if act.caller else act.text
    return evidence(role or _ROLES[act.kind], act.place, f"{text}: {act.problem}" if act.problem else text)


def proven(artifact: Artifact, summary: str, *proof: Act) -> Finding:
    """The finding for an artifact that is proven, with everything on its way as evidence."""
    acts = (*artifact.built, *proof, *artifact.shipped)
    return Finding("pass", summary, placed(*acts))
