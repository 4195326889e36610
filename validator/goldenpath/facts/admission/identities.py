"""Whom a policy takes signatures from: keys, certificates, and identities with their issuers."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.admission.model import Trust, at
from goldenpath.facts.findings import shown
from goldenpath.facts.identities import is_of_another_issuer, start_of, takes_any, wildcard_takes_any
from goldenpath.facts.pipeline.acts import Claim
from goldenpath.facts.tables import one_of, read_table
from goldenpath.facts.values import value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Mapping

WHOSE = {
    "key": "it must be signed with this key",
    "certificate": "it must be signed with this certificate",
    "chain": "who gets certificates of its own authority is not to be seen here",
    "identity": "it must be signed by this identity",
}
"""What is demanded, in words."""

_WORDS = {"subject": "identity", "issuer": "issuer"}


class Unfollowed(Struct, frozen=True, forbid_unknown_fields=True):
    """A product that verifies images and is not followed: by `group` and `kind`, `having` a text, or by its `keys`."""

    product: str
    group: str = ""
    kind: str = ""
    having: str = ""
    keys: tuple[str, ...] = ()


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known about admission: see knowledge/admission.yaml."""

    provenance: tuple[str, ...]
    system_namespaces: tuple[str, ...]
    ignored_folders: frozenset[str]
    unfollowed: tuple[Unfollowed, ...]


@cache
def table() -> Table:
    """The table of knowledge."""
    return read_table("admission", Table)


def is_provenance(predicate: str) -> bool:
    """Whether a type of predicate says where something comes from."""
    return one_of(table().provenance).fullmatch(predicate) is not None


def unnamed(what: str) -> str:
    """The sentence for a demand that leaves open whose signature it is about."""
    return f"takes the signature of anybody: it names no {what}"


def no_origin(predicate: str) -> str:
    """The sentence for a demand of something else than provenance: what an image holds, or what was found of it."""
    return f"verifies what does not say where the image comes from ({shown(predicate)})"


def keyless(identity: Mapping, *, wildcards: bool) -> Trust:
    """A certificate's subject and its issuer, both of which must be named; `wildcards` says that `*` in them is one.

    Where a subject stands beside a pattern for it, either will do.
    """
    if identity.text("roots"):
        return Trust(at(identity, "roots"), WHOSE["chain"], unsure=True)
    for key, asked in _WORDS.items():
        if wrong := _open(identity, key, asked, wildcards=wildcards):
            return wrong
    key = "subject" if identity.text("subject") else "subjectRegExp"
    subjects, issuers = (list(_starts(identity, each, wildcards=wildcards)) for each in _WORDS)
    pairs = [(subject, issuer) for subject in subjects for issuer in issuers]
    if pairs and all(is_of_another_issuer(*each) for each in pairs):
        text = f"takes the signature of nobody: {issuers[0]} has no identity like {subjects[0]}"
        return Trust(at(identity, key), text, wrong=True, idle=True)
    claims = (Claim(subject.removeprefix("https://").lower(), signer=True) for subject in subjects if subject)
    return Trust(at(identity, key), WHOSE["identity"], claims=tuple(claims))


def _starts(identity: Mapping, key: str, *, wildcards: bool) -> Iterator[str]:
    """What a subject or an issuer is, or how it begins, as far as it is said: either of one and a pattern will do."""
    exact, pattern = identity.text(key), identity.text(f"{key}RegExp")
    if exact:
        yield re.split(r"[*?]", exact)[0] if wildcards else exact
    if pattern:
        yield start_of(pattern)


def _open(identity: Mapping, key: str, asked: str, *, wildcards: bool) -> Trust | None:
    """What leaves open who signs, or who vouches for that."""
    exact, pattern = identity.text(key), identity.text(f"{key}RegExp")
    if not exact and not pattern:
        return Trust(identity.place, unnamed(asked), wrong=True)
    loose = {
        key: exact == "*" or bool(exact and wildcards and wildcard_takes_any(asked, exact)),
        f"{key}RegExp": bool(pattern and takes_any(asked, value(pattern))),
    }
    for name, leaves_open in loose.items():
        if re.search(r"\{\{|\$\{", identity.text(name) or ""):
            return Trust(at(identity, name), f"its {asked} is filled in elsewhere", unsure=True)
        if leaves_open:
            return Trust(
                at(identity, name), f"takes the signature of anybody: {name} leaves open whose it is", wrong=True
            )
    return None
