"""The objects of a cluster that demand something of images, make exceptions from that, or opt in to it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from goldenpath.facts.admission import kyverno, sigstore
from goldenpath.facts.admission.identities import table
from goldenpath.facts.admission.model import Admission, at, mappings
from goldenpath.facts.admission.patterns import MAX_LENGTH
from goldenpath.facts.findings import Finding
from goldenpath.facts.nodes import plain
from goldenpath.repository import Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.admission.model import Policy
    from goldenpath.facts.nodes import Mapping
    from goldenpath.facts.search import Search
    from goldenpath.repository import Repository

DEMANDS = rb"verifyImages|ImageValidatingPolicy|ClusterImagePolicy"
"""What a file has in it that demands something in a way that is followed."""

_KYVERNO = {
    "kyverno.io": {"ClusterPolicy", "Policy"},
    "policies.kyverno.io": {"ImageValidatingPolicy", "NamespacedImageValidatingPolicy"},
}
_SIGSTORE = {"policy.sigstore.dev", "cosigned.sigstore.dev"}


def read(search: Search, repository: Repository) -> Admission:
    """Make of what a search has found what it demands."""
    documents = [each for each in search.documents if not _is_shown(each.place.path)]
    policies = [policy for document in documents for policy in _policies(document)]
    changes = [change for document in documents for change in _changes(document)]
    unseen = [*filter(None, map(_unfollowed, documents)), *_unread(search, repository)]
    if sum(len(pattern.text) for policy in policies for pattern in (*policy.images, *policy.skipped)) > MAX_LENGTH:
        unseen.append(Finding(policies[0].place, f"patterns for images have more than {MAX_LENGTH:,} signs"))
        policies = []
    return Admission(
        tuple(_changed(policies, changes)),
        tuple(unseen),
        frozenset(label for document in documents for label in _labels(document)),
    )


def _is_shown(path: str) -> bool:
    folders = path.lower().split("/")[:-1]
    return any(folder.startswith(".") or folder in table().ignored_folders for folder in folders)


def _group(document: Mapping) -> str:
    return (document.text("apiVersion") or "").rpartition("/")[0]


def _policies(document: Mapping) -> Iterator[Policy]:
    group, kind = _group(document), document.text("kind") or ""
    if kind in _KYVERNO.get(group, ()):
        if group == "kyverno.io":
            yield from kyverno.verifying(document)
        elif document.get("spec", "validations") is not None:
            yield kyverno.validating(document)
    elif kind == "ClusterImagePolicy" and group in _SIGSTORE and document.get("spec", "images") is not None:
        yield sigstore.image_policy(document)


def _unfollowed(document: Mapping) -> Finding | None:
    """An object of an engine that is not followed."""
    group, kind = _group(document), document.text("kind") or ""
    for row in table().unfollowed:
        by_kind = row.kind and re.fullmatch(row.group, group) and re.fullmatch(row.kind, kind)
        if by_kind and (not row.having or _mentions(document, row.having)):
            return Finding(at(document, "kind"), f"what {row.product} demands is not followed")
        if row.keys and document.get(*row.keys) is not None:
            return Finding(at(document, *row.keys), f"what {row.product} demands is not followed")
    return None


def _mentions(document: Mapping, text: str) -> bool:
    return text in msgspec.json.encode(plain(document)).decode()


def _unread(search: Search, repository: Repository) -> Iterator[Finding]:
    """Files with demands that are rendered by Helm, or are no YAML; one that is too large is an engine's own bundle."""
    for finding in (*search.unseen, *search.broken):
        with suppress(Missing, Unreadable):
            if not _is_shown(finding.place.path) and re.search(DEMANDS, repository.bytes(finding.place.path)):
                yield finding


def _labels(document: Mapping) -> Iterator[tuple[str, str]]:
    """The namespace and the label by which it opts in."""
    if document.text("kind") == "Namespace" and document.text("metadata", "labels", sigstore.INCLUDED) == "true":
        yield document.text("metadata", "name") or "", sigstore.INCLUDED


# --- what changes a policy from outside


class _Change(Struct, frozen=True):
    """Something else that has a say in the policies of a kind (empty: of any) and a name (None: of any)."""

    kind: str
    name: str | None
    finding: Finding


def _changes(document: Mapping) -> Iterator[_Change]:
    kind = document.text("kind") or ""
    if kind == "PolicyException":
        for each in mappings(document, "spec", "exceptions"):
            yield _Change("", each.text("policyName"), Finding(each.place, "makes an exception from it"))
        for each in mappings(document, "spec", "policyRefs"):
            yield _Change("", each.text("name"), Finding(each.place, "makes an exception from it"))
    elif kind == "Kustomization":
        for patch in (*mappings(document, "patches"), *mappings(document, "patchesJson6902")):
            if target := patch.text("target", "kind"):
                yield _Change(target, patch.text("target", "name"), Finding(patch.place, "changes it"))
    elif kind in _KYVERNO["kyverno.io"] and document.get("spec", "rules") is None:
        yield _Change(kind, document.text("metadata", "name"), Finding(document.place, "changes it"))


def _changed(policies: list[Policy], changes: list[_Change]) -> Iterator[Policy]:
    """The policies, each with what leaves open whether it holds everywhere as it stands."""
    said: dict[tuple[str, str | None], Finding] = {}
    for change in changes:
        said.setdefault((change.kind, change.name), change.finding)
    lax: dict[tuple[str, str], list[Policy]] = {}
    for policy in policies:
        if policy.wrong or policy.unsure:
            lax.setdefault((policy.kind, policy.name), []).append(policy)
    for policy in policies:
        keys = ((kind, name) for kind in ("", policy.kind) for name in (None, policy.name))
        twins = (each for each in lax.get((policy.kind, policy.name), ()) if each.place.path != policy.place.path)
        found = next((said[key] for key in keys if key in said), None) or next(map(_as_twin, twins), None)
        yield msgspec.structs.replace(policy, unsure=policy.unsure or found)


def _as_twin(policy: Policy) -> Finding:
    return Finding(policy.place, "is another one of that name, which is laxer")
