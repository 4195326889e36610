"""What the policies of a cluster prove of an image: it is verified when it is deployed, and not before."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from goldenpath.checks import Fix, evidence
from goldenpath.checks._findings import Finding, shown
from goldenpath.checks._proofs import answer, perhaps_early
from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.values import Symbol, literal, replaced, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Evidence
    from goldenpath.checks._findings import Artifact, Question
    from goldenpath.facts.admission.model import Admission, Policy
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.values import Value


def verified(run: Run, artifact: Artifact, question: Question, admission: Admission, slug: str | None) -> Finding:
    """What is found of an artifact on its way, and where that proves nothing, what the cluster's policies demand of it.

    A policy counts when all that ships the image is a deployment to a cluster, or is proven before.
    """
    found = answer(run, artifact, question)
    target = artifact.target
    if found.verdict == "pass" or not isinstance(target, Image) or not (admission.policies or admission.unseen):
        return found
    past = tuple(act for act in artifact.shipped if act.namespace is None)
    early = (
        answer(run, msgspec.structs.replace(artifact, shipped=past), question)
        if past
        else perhaps_early(run, artifact, [])
    )
    if early and early.verdict != "pass":
        return _with_policies(early, admission)
    return _admitted(artifact, replaced(target.name, _meanings(slug)), admission, found)


def _meanings(slug: str | None) -> dict[Symbol, Value]:
    """What GitHub's names for the repository stand for, by the catalog's annotation."""
    if not slug or slug.count("/") != 1:
        return {}
    named = {"repository": slug, "repository_owner": slug.partition("/")[0]}
    exact = {Symbol("github", name): value(text) for name, text in named.items()}
    folded = {Symbol("lower", f"<github {name}>"): value(text.lower()) for name, text in named.items()}
    return {**exact, **folded}


def _with_policies(finding: Finding, admission: Admission) -> Finding:
    """A finding about what happens before anything is deployed, beside the policies that come too late for it."""
    late = (
        evidence("declared", policy.place, "a policy of the cluster, which comes later")
        for policy in admission.policies
    )
    return msgspec.structs.replace(finding, evidence=(*finding.evidence, *late))


def _admitted(artifact: Artifact, name: Value, admission: Admission, found: Finding) -> Finding:
    """The best that the policies prove; a fail of the policies counts only where nothing else was unknown."""
    findings = [
        finding
        for policy in admission.policies
        if (finding := _demand(policy, artifact, name, admission.labelled)) is not None
    ]
    for verdict in "pass", "unknown":
        if best := next((finding for finding in findings if finding.verdict == verdict), None):
            return best
    if admission.unseen:
        place, text = admission.unseen[0].place, admission.unseen[0].text
        seen = evidence("unseen", place, text)
        return Finding("unknown", "a policy may verify it at admission", (seen, *artifact.anchors), f"{place}: {text}")
    return findings[0] if findings and found.verdict == "fail" else found


def _demand(policy: Policy, artifact: Artifact, name: Value, labelled: frozenset[tuple[str, str]]) -> Finding | None:
    """What one policy proves of an image; None where it is not about it."""
    from goldenpath.facts.admission.patterns import covers  # only repositories with policies wait for it

    covered, skipped = covers(policy.images, name), covers(policy.skipped, name)
    held = [_holds(policy, act.namespace, labelled) for act in artifact.shipped] or [_holds(policy, (), labelled)]
    if covered is False or skipped or False in held:
        return None
    if policy.wrong:
        seen = evidence("missing", policy.wrong.place, policy.wrong.text)
        fix = Fix(f"Correct the policy in {policy.wrong.place}, which {policy.wrong.text}", "minutes")
        return Finding("fail", f"{_called(policy)} {policy.wrong.text}", (seen, *artifact.anchors), fix=fix)
    for reason in _doubts(policy, covered=covered, skipped=skipped, held=None not in held):
        return Finding(
            "unknown",
            f"whether {_called(policy)} verifies it is not to be seen here",
            (reason, *artifact.anchors),
            f"{reason.path}:{reason.line}: {reason.text}",
        )
    proof = (evidence("verified", each.place, each.text) for each in policy.proof)
    everything = (*map(shown, artifact.built), *proof, *map(shown, artifact.shipped))
    summary = f"verified whose build it is before a cluster runs it: {artifact.name}"
    return Finding("pass", summary, tuple(dict.fromkeys(everything)))


def _called(policy: Policy) -> str:
    return f"the {policy.kind} {policy.name!r}" if policy.name else f"the {policy.kind}"


def _doubts(policy: Policy, *, covered: bool | None, skipped: bool | None, held: bool) -> Iterator[Evidence]:
    if policy.unsure:
        yield evidence("unseen", policy.unsure.place, policy.unsure.text)
    if covered is None or skipped is None:
        images = ", ".join(f"`{each.text}`" for each in (policy.skipped if covered else policy.images))
        yield evidence(
            "unseen",
            policy.place,
            f"{'leaves out' if covered else 'is about'} {images}, which need not be all that this image is deployed by",
        )
    if not held:
        opts = f"the label {policy.scope.opt_in}" if policy.scope.opt_in else "its namespaces"
        yield evidence("unseen", policy.place, f"holds by {opts}, and where the image is deployed is not to be seen")


def _holds(policy: Policy, namespace: Value | None, labelled: frozenset[tuple[str, str]]) -> bool | None:
    """Whether a policy is about a namespace; None where that is not to be seen."""
    from goldenpath.facts.admission.identities import table  # only repositories with policies wait for it

    name, scope = literal(namespace or ()) or None, policy.scope
    if scope.opt_in:
        return True if (name, scope.opt_in) in labelled else None
    if name is None:
        system = all(_fits(each, table().system_namespaces) for each in scope.but)
        return True if system and all("*" in some for some in scope.only) else None
    return all(_fits(name, some) for some in scope.only) and not _fits(name, scope.but)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
