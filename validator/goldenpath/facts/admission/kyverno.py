"""Kyverno's policies: `verifyImages` of (Cluster)Policy, and ImageValidatingPolicy.

Read as the engine reads them (api/kyverno/v1, api/policies.kyverno.io, pkg/engine): a rule only audits unless it says
otherwise, attestor sets are all needed and of the entries of a set as many as `count`, `*` in a subject is a wildcard.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.admission.identities import WHOSE, is_provenance, keyless, no_origin, unnamed
from goldenpath.facts.admission.model import Policy, Scope, Trust, all_of, any_of, at, is_off, mappings
from goldenpath.facts.admission.patterns import Pattern
from goldenpath.facts.findings import Finding, shown
from goldenpath.facts.nodes import Mapping, Scalar
from goldenpath.facts.regexes import regex
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_NESTING = 8
"""Deepest nesting of attestors that is followed."""

_PODS = regex(r"(?:(?:\*|v1)/)?(?:Pod|\*)|\*/\*")
_VARIABLE = regex(r"(?m)\{\{.*?(?:\}\}|$)")


def verifying(document: Mapping) -> Iterator[Policy]:
    """The demands of a (Cluster)Policy, one for each entry of `verifyImages`."""
    for rule in mappings(document, "spec", "rules"):
        for entry in mappings(rule, "verifyImages"):
            yield _entry(document, rule, entry)


def _entry(document: Mapping, rule: Mapping, entry: Mapping) -> Policy:
    images = texts(entry.get("imageReferences")) or texts(entry.get("image"))
    skipped = texts(entry.get("skipImageReferences"))
    trust = _demanded(entry)
    wrong = chain(_lax(document, rule, entry), [trust.finding] if trust.wrong else [])
    unsure = chain(_conditional(document, rule, entry), [trust.finding] if trust.unsure else [])
    action = _action(document, rule)
    return Policy(
        kind=document.text("kind") or "",
        name=document.text("metadata", "name") or "",
        place=entry.place,
        images=tuple(map(_pattern, images)),
        skipped=tuple(map(_pattern, skipped)),
        scope=_scope(document, rule),
        proof=(trust.finding, *([Finding(action.place, "what does not pass is refused")] if action else [])),
        wrong=next(wrong, None),
        unsure=next(unsure, None),
        claims=trust.claims,
    )


def _pattern(text: str) -> Pattern:
    """A pattern, in which what a variable stands for may be anything."""
    return Pattern(_VARIABLE.sub("*", text))


# --- is it enforced


def _action(document: Mapping, rule: Mapping) -> Scalar | None:
    """What decides about that which does not pass: an entry of the rule, first one that enforces, or the policy."""
    own = [entry.get("failureAction") for entry in mappings(rule, "verifyImages")]
    given = [node for node in own if isinstance(node, Scalar)]
    whole = document.get("spec", "validationFailureAction")
    enforcing = (node for node in given if _enforces(node))
    return next(enforcing, given[0] if given else whole if isinstance(whole, Scalar) else None)


def _enforces(node: Scalar | None) -> bool:
    return node is not None and node.text in {"Enforce", "enforce"}


def _lax(document: Mapping, rule: Mapping, entry: Mapping) -> Iterator[Finding]:
    """What lets images in that do not pass."""
    action = _action(document, rule)
    if action is None and not _overrides(document, "Enforce"):
        yield Finding(entry.place, "only audits: it says no `failureAction: Enforce`")
    elif action is not None and not _enforces(action) and not _overrides(document, "Enforce"):
        yield Finding(action.place, f"only audits ({shown(action.text)})")
    yield from _fails_open(document)
    if is_off(document, "spec", "admission"):
        yield Finding(at(document, "spec", "admission"), "only looks in the background, after it was admitted")
    if is_off(entry, "required"):
        yield Finding(at(entry, "required"), "does not require it (`required: false`)")
    if is_off(entry, "mutateDigest") and is_off(entry, "verifyDigest"):
        yield Finding(at(entry, "mutateDigest"), "takes a tag, which can be moved once it was verified")
    if not any(_about_pods(clause) for clause in _clauses(rule, "match")):
        yield Finding(at(rule, "match"), "is not about pods")


def _fails_open(document: Mapping) -> Iterator[Finding]:
    for path in ("spec", "webhookConfiguration", "failurePolicy"), ("spec", "failurePolicy"):
        if document.text(*path) == "Ignore":
            yield Finding(at(document, *path), "lets everything in while its webhook does not answer")


def _conditional(document: Mapping, rule: Mapping, entry: Mapping) -> Iterator[Finding]:
    """What only a cluster can tell."""
    for key in "preconditions", "celPreconditions":
        if rule.get(key) is not None:
            yield Finding(at(rule, key), "holds only under preconditions")
    if document.text("spec", "applyRules") == "One" and len(list(mappings(document, "spec", "rules"))) > 1:
        yield Finding(at(document, "spec", "applyRules"), "stops at the first rule that matches (`applyRules: One`)")
    if document.get("spec", "webhookConfiguration", "matchConditions") is not None:
        yield Finding(at(document, "spec", "webhookConfiguration", "matchConditions"), "holds only under conditions")
    about = [clause for clause in _clauses(rule, "match") if _about_pods(clause)]
    every = rule.get("match", "all") is not None and len(list(_clauses(rule, "match"))) > 1
    if about and (every or all(map(_is_narrow, about))):
        yield Finding(about[0].place, "is about some pods only")
    yield from (
        Finding(clause.place, "leaves out what only a cluster can tell")
        for clause in _clauses(rule, "exclude")
        if _is_narrow(clause) or not texts(clause.get("resources", "namespaces"))
    )
    yield from (
        Finding(override.place, "is told apart by the labels of namespaces")
        for override in mappings(document, "spec", "validationFailureActionOverrides")
        if override.get("namespaceSelector") is not None
    )
    for reference in texts(entry.get("imageReferences")):
        if _VARIABLE.search(reference):
            yield Finding(
                at(entry, "imageReferences"), f"is about images that are filled in elsewhere: {shown(reference)}"
            )


# --- what it is about


def _clauses(rule: Mapping, key: str) -> Iterator[Mapping]:
    """What a `match` or `exclude` consists of."""
    block = rule.get(key)
    if not isinstance(block, Mapping):
        return
    if block.get("resources") is not None:
        yield block
    yield from chain(mappings(block, "any"), mappings(block, "all"))


def _about_pods(clause: Mapping) -> bool:
    return any(_PODS.fullmatch(kind) for kind in texts(clause.get("resources", "kinds")))


def _is_narrow(clause: Mapping) -> bool:
    """Whether it selects by more than kinds and namespaces: labels, names, users, or operations without CREATE."""
    resources = clause.get("resources")
    if not isinstance(resources, Mapping):
        return True
    operations = texts(resources.get("operations"))
    narrow = {"name", "names", "annotations", "selector", "namespaceSelector"} & set(resources.values)
    who = {"subjects", "roles", "clusterRoles"} & set(clause.values)
    return bool(narrow or who or (operations and "CREATE" not in operations))


def _scope(document: Mapping, rule: Mapping) -> Scope:
    about = [clause for clause in _clauses(rule, "match") if _about_pods(clause) and not _is_narrow(clause)]
    named = [texts(clause.get("resources", "namespaces")) for clause in about]
    only = (
        tuple(chain.from_iterable(named)) if all(named) else (),
        (document.text("metadata", "namespace") or "default",) if document.text("kind") == "Policy" else (),
        () if _enforces(_action(document, rule)) else _overrides(document, "Enforce"),
    )
    left_out = [texts(clause.get("resources", "namespaces")) for clause in _clauses(rule, "exclude")]
    return Scope(tuple(filter(None, only)), (*chain.from_iterable(left_out), *_overrides(document, "Audit")))


def _overrides(document: Mapping, action: str) -> tuple[str, ...]:
    """The namespaces in which something else happens to what does not pass."""
    overrides = mappings(document, "spec", "validationFailureActionOverrides")
    named = (
        texts(each.get("namespaces")) or ("*",) for each in overrides if (each.text("action") or "").title() == action
    )
    return tuple(chain.from_iterable(named))


# --- whom it takes


def _demanded(entry: Mapping) -> Trust:
    """Whose signature or provenance an entry demands: all of its attestors and attestations."""
    signatures = [_set(each) for each in mappings(entry, "attestors")]
    if not signatures and {"key", "subject", "issuer", "roots"} & set(entry.values):
        signatures = [_older(entry)]
    provenance = [_attestation(each) for each in mappings(entry, "attestations")]
    return all_of([*signatures, *provenance], Trust(entry.place, unnamed("key or identity"), wrong=True))


def _older(entry: Mapping) -> Trust:
    """An entry as it was written before there were attestors."""
    if entry.text("key"):
        return Trust(at(entry, "key"), WHOSE["key"])
    return keyless(entry, wildcards=True)


def _attestation(attestation: Mapping) -> Trust:
    key = "type" if attestation.text("type") else "predicateType"
    predicate = attestation.text(key) or ""
    if not is_provenance(predicate):
        return Trust(at(attestation, key), no_origin(predicate), wrong=True)
    nobody = Trust(attestation.place, unnamed("key or identity"), wrong=True)
    return all_of((_set(each) for each in mappings(attestation, "attestors")), nobody)


def _set(attestors: Mapping, depth: int = 0) -> Trust:
    """A set of attestors, of which `count` must have signed, or all: as good as the best that cannot be left out."""
    trusts = sorted(
        (_attestor(each, depth) for each in mappings(attestors, "entries")), key=lambda each: (each.wrong, each.unsure)
    )
    nobody = Trust(attestors.place, unnamed("key or identity"), wrong=True)
    if not trusts:
        return nobody
    count = attestors.get("count")
    given = count.resolved() if isinstance(count, Scalar) else None
    needed = given if isinstance(given, int) and 0 < given <= len(trusts) else len(trusts)
    able = [trust for trust in trusts if not trust.idle]
    if needed > len(able):
        return next(trust for trust in trusts if trust.idle)
    return replace(able[len(able) - needed], claims=any_of(able, nobody).claims)


def _attestor(attestor: Mapping, depth: int) -> Trust:
    keys, certificates = attestor.get("keys"), attestor.get("certificates")
    if isinstance(keys, Mapping):
        if any(keys.text(name) for name in ("publicKeys", "kms")) or keys.get("secret", "name"):
            return Trust(keys.place, WHOSE["key"])
        return Trust(keys.place, unnamed("key"), wrong=True)
    if isinstance(certificates, Mapping):
        if certificates.text("cert"):
            return Trust(certificates.place, WHOSE["certificate"])
        return Trust(certificates.place, WHOSE["chain"], unsure=True)
    if isinstance(nested := attestor.get("attestor"), Mapping) and depth < MAX_NESTING:
        return _set(nested, depth + 1)
    if isinstance(identity := attestor.get("keyless"), Mapping):
        return keyless(identity, wildcards=True)
    return Trust(attestor.place, unnamed("key or identity"), wrong=True)


# --- ImageValidatingPolicy

_CONTAINERS = r"images\.containers|\(images\.containers(?:\+images\.(?:init|ephemeral)Containers)+\)"
_EVERY_CONTAINER = rf"(?:{_CONTAINERS})\.map\((?P<image>\w+),{{calls}}\)\.all\((?P<each>\w+),(?P=each)>0\)"
_CALL = (
    r"verifyImageSignatures\((?P=image),\[(?P<signers>[\w.,]+)\]\)"
    r"|verifyAttestationSignatures\((?P=image),attestations\.(?P<attestation>\w+),\[(?P<witnesses>[\w.,]+)\]\)"
)
_DEMAND = regex(_EVERY_CONTAINER.format(calls=rf"(?:{_CALL})"))


def validating(document: Mapping) -> Policy:
    """The demand of an ImageValidatingPolicy."""
    references = list(mappings(document, "spec", "matchImageReferences"))
    trust = _expressed(document)
    actions = document.get("spec", "validationActions")
    wrong = chain(_lax_validation(document), [trust.finding] if trust.wrong else [])
    unsure = chain(_conditional_validation(document), [trust.finding] if trust.unsure else [])
    name = document.text("metadata", "name") or ""
    namespaced = (document.text("kind") or "").startswith("Namespaced")
    return Policy(
        kind=document.text("kind") or "",
        name=name,
        place=at(document, "spec"),
        images=tuple(Pattern(each.text("glob") or "*") for each in references) or (Pattern("*"),),
        skipped=(),
        scope=Scope(((document.text("metadata", "namespace") or "default",),) if namespaced else ()),
        proof=(trust.finding, *([Finding(actions.place, "what does not pass is refused")] if actions else [])),
        wrong=next(wrong, None),
        unsure=next(unsure, None),
        claims=trust.claims,
    )


def _lax_validation(document: Mapping) -> Iterator[Finding]:
    actions = document.get("spec", "validationActions")
    if actions is not None and texts(actions) and "Deny" not in texts(actions):
        yield Finding(at(document, "spec", "validationActions"), f"only audits ({shown(', '.join(texts(actions)))})")
    yield from _fails_open(document)
    if is_off(document, "spec", "evaluation", "admission", "enabled"):
        path = ("spec", "evaluation", "admission", "enabled")
        yield Finding(at(document, *path), "only looks in the background, after it was admitted")
    options = document.get("spec", "validationConfigurations")
    if isinstance(options, Mapping) and is_off(options, "required"):
        yield Finding(at(options, "required"), "does not require it (`required: false`)")
    if isinstance(options, Mapping) and is_off(options, "mutateDigest") and is_off(options, "verifyDigest"):
        yield Finding(at(options, "mutateDigest"), "takes a tag, which can be moved once it was verified")
    if not any(_admits_pods(rule) for rule in mappings(document, "spec", "matchConstraints", "resourceRules")):
        yield Finding(at(document, "spec", "matchConstraints"), "is not about pods")


def _admits_pods(rule: Mapping) -> bool:
    created = {"CREATE", "*"} & set(texts(rule.get("operations")))
    return bool(created) and any(kind in {"pods", "*", "*/*"} for kind in texts(rule.get("resources")))


def _conditional_validation(document: Mapping) -> Iterator[Finding]:
    if document.text("spec", "evaluation", "mode") == "JSON":
        yield Finding(at(document, "spec", "evaluation", "mode"), "is about JSON, not about a cluster")
    for path in ("matchConditions",), *(("matchConstraints", key) for key in _NARROWING):
        if document.get("spec", *path) is not None:
            yield Finding(at(document, "spec", *path), "is about some pods only")
    for reference in mappings(document, "spec", "matchImageReferences"):
        if reference.text("expression"):
            yield Finding(reference.place, "is about images that an expression chooses")


_NARROWING = ("namespaceSelector", "objectSelector", "excludeResourceRules")


def _expressed(document: Mapping) -> Trust:
    """Whose signature the expressions demand, all of which must hold."""
    expressions = [each.get("expression") for each in mappings(document, "spec", "validations")]
    nobody = Trust(at(document, "spec"), unnamed("key or identity"), wrong=True)
    return all_of((_expression(document, node) for node in expressions if isinstance(node, Scalar)), nobody)


def _expression(document: Mapping, node: Scalar) -> Trust:
    match = _DEMAND.fullmatch(re.sub(r"\s", "", node.text))
    if match is None:
        return Trust(node.place, f"what its expression demands is not followed: {shown(node.text)}", unsure=True)
    if match["attestation"]:
        attested = _named(document, "attestations", match["attestation"])
        predicate = (attested.text("intoto", "type") or attested.text("referrer", "type") or "") if attested else ""
        if not is_provenance(predicate):
            return Trust(attested.place if attested else node.place, no_origin(predicate), wrong=True)
    names = (match["signers"] or match["witnesses"]).split(",")
    named = (_named(document, "attestors", name.removeprefix("attestors.")) for name in names)
    return any_of(
        (_trusted(each) if each else Trust(node.place, unnamed("attestor"), wrong=True) for each in named),
        Trust(node.place, unnamed("attestor"), wrong=True),
    )


def _named(document: Mapping, key: str, name: str) -> Mapping | None:
    return next((each for each in mappings(document, "spec", key) if each.text("name") == name), None)


def _trusted(attestor: Mapping) -> Trust:
    """An attestor of an ImageValidatingPolicy."""
    for path in ("cosign", "key", "data"), ("cosign", "key", "kms"), ("cosign", "key", "expression"):
        if attestor.text(*path):
            return Trust(at(attestor, *path), WHOSE["key"])
    certificate = attestor.get("cosign", "certificate", "cert") or attestor.get("notary", "certs")
    if certificate is not None:
        return Trust(certificate.place, WHOSE["certificate"])
    if attestor.text("cosign", "keyless", "roots"):
        return Trust(at(attestor, "cosign", "keyless", "roots"), WHOSE["chain"], unsure=True)
    identities = (keyless(each, wildcards=False) for each in mappings(attestor, "cosign", "keyless", "identities"))
    return any_of(identities, Trust(attestor.place, unnamed("key or identity"), wrong=True))
