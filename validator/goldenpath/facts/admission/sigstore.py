"""sigstore's policy-controller: ClusterImagePolicy.

Any one of its authorities will do, and an authority with attestations verifies those, and nothing else. Namespaces that
do not opt in by a label are left alone.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from goldenpath.facts.admission.identities import WHOSE, is_provenance, keyless, no_origin, unnamed
from goldenpath.facts.admission.model import Policy, Scope, Trust, any_of, at, mappings
from goldenpath.facts.admission.patterns import Pattern
from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

INCLUDED = "policy.sigstore.dev/include"
"""The label by which a namespace opts in."""


def image_policy(document: Mapping) -> Policy:
    """The demand of a ClusterImagePolicy."""
    globs = (each.text("glob") or "" for each in mappings(document, "spec", "images"))
    trust = _authorities(document)
    enforced = at(document, "spec", "mode")
    return Policy(
        kind="ClusterImagePolicy",
        name=document.text("metadata", "name") or "",
        place=at(document, "spec"),
        images=tuple(Pattern(glob, folders=True) for glob in globs),
        skipped=(),
        scope=Scope(opt_in=INCLUDED),
        proof=(trust.finding, Finding(enforced, "what does not pass is refused")),
        wrong=next(chain(_lax(document), [trust.finding] if trust.wrong else []), None),
        unsure=next(chain(_conditional(document), [trust.finding] if trust.unsure else []), None),
        claims=trust.claims,
    )


def _lax(document: Mapping) -> Iterator[Finding]:
    if document.text("spec", "mode") == "warn":
        yield Finding(at(document, "spec", "mode"), "only warns (`mode: warn`)")
    resources = [each.text("resource") or "" for each in mappings(document, "spec", "match")]
    if resources and not {"pods", "*", ""} & set(resources):
        yield Finding(at(document, "spec", "match"), "is not about pods")


def _conditional(document: Mapping) -> Iterator[Finding]:
    matches = list(mappings(document, "spec", "match"))
    if matches and all(each.get("selector") is not None for each in matches):
        yield Finding(at(document, "spec", "match"), "is about some pods only")


def _authorities(document: Mapping) -> Trust:
    authorities = mappings(document, "spec", "authorities")
    counted = (each for each in authorities if each.text("static", "action") != "fail")
    nobody = Trust(at(document, "spec"), unnamed("key or identity"), wrong=True)
    return any_of(map(_authority, counted), nobody)


def _authority(authority: Mapping) -> Trust:
    if authority.get("static") is not None:
        return Trust(at(authority, "static"), "lets everything pass", wrong=True)
    attestations = list(mappings(authority, "attestations"))
    predicates = [each.text("predicateType") or "" for each in attestations]
    if attestations and not any(map(is_provenance, predicates)):
        return Trust(at(authority, "attestations"), no_origin(predicates[0]), wrong=True)
    key = authority.get("key")
    if isinstance(key, Mapping) and (key.text("data") or key.text("kms") or key.get("secretRef", "name")):
        return Trust(key.place, WHOSE["key"])
    if authority.get("keyless", "ca-cert") is not None:
        return Trust(at(authority, "keyless", "ca-cert"), WHOSE["chain"], unsure=True)
    identities = (keyless(each, wildcards=False) for each in mappings(authority, "keyless", "identities"))
    return any_of(identities, Trust(authority.place, unnamed("key or identity"), wrong=True))
