"""Policies by which a cluster verifies images before it runs them: Kyverno's, and sigstore's policy-controller's.

They are found wherever objects of a cluster are written down, but not in documentation, samples and tests. What other
engines demand, what Helm has yet to fill in, and what a program makes (Terraform, Jsonnet) is named and not followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.admission.model import Admission
from goldenpath.facts.regexes import regex
from goldenpath.facts.search import Keys, Mark, Search, generated

if TYPE_CHECKING:
    from goldenpath.repository import Repository

_LIKELY = regex(r".*(kyverno|polic|admission|verif)[^.]*(/.*)?\.ya?ml", re.IGNORECASE)
_MARK = Mark(
    (
        b"verifyImages", b"ImagePolicy", b"ImageValidatingPolicy", b"ClusterPolicy", b"kind: Policy",
        b"PolicyException", b"BinaryAuthorizationPolicy", b"Verifier", b"kyverno.io", b"gatekeeper.sh", b"sigstore.dev",
        b"verify-image-signatures",
    ),
    Keys("validators"),
)  # fmt: skip
_EMBEDDED = Keys("apiVersion")
_MADE = regex(
    r"^[^#/\n]*(?:\bverifyImages[\"']?\s*[:=]"
    r"|\bkind[\"']?\s*[:=]\s*[\"']?(?:ClusterImagePolicy|(?:Namespaced)?ImageValidatingPolicy)\b)",
    re.MULTILINE,
)


def admission(repository: Repository) -> Admission:
    """Find the policies, and what makes exceptions from them."""
    search = Search(repository, _LIKELY, _MARK, _EMBEDDED)
    search.run()
    search.unseen += generated(repository, _makes_demands)
    if not (search.documents or search.unseen or search.broken):
        return Admission()
    from goldenpath.facts.admission.objects import read  # only repositories with such objects wait for it

    return read(search, repository)


def _makes_demands(text: str) -> int | None:
    found = _MADE.search(text)
    return found and found.start()
