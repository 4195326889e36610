"""The statement: in-toto's Statement v1 with SLSA's verification summary v1 (SLSA 1.2) as its predicate.

What that predicate has no field for stands in one of our own, named by a URI as the specification has it: the tier that
was asked for, what each component reached, and the waivers that it took.
"""

from __future__ import annotations

import os
import re
from datetime import date, datetime  # noqa: TC003 - msgspec reads the annotations
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

from msgspec import Struct, field

from goldenpath.repository import InputError
from goldenpath.scorecard import HOME, meets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.contract import Contract
    from goldenpath.handed_in import HandedIn
    from goldenpath.scorecard import ComponentScore, Judged, Scorecard

PREDICATE = "https://slsa.dev/verification_summary/v1"
DETAILS = f"{HOME}/ns/verdict/v1"
"""The name of the field that is our own."""


class Subject(Struct, frozen=True):
    """What the statement is about: something that its digest identifies, and a name for people."""

    name: str
    digest: dict[str, str]


class Verifier(Struct, frozen=True):
    """What has judged, and in which version."""

    id: str
    version: dict[str, str]


class Policy(Struct, frozen=True):
    """By what was judged: the contract, with the digest of all that it says."""

    uri: str
    digest: dict[str, str]


class Excused(Struct, frozen=True):
    """A check that a waiver excuses, and until when."""

    check: str
    expires: date
    approver: str | None


class Reached(Struct, frozen=True):
    """The tier of one component that the contract judges."""

    ref: str | None
    tier: str | None
    waivers: tuple[Excused, ...]


class Details(Struct, frozen=True):
    """What the verdict rests on.

    `handedIn` is what of it lay elsewhere, by its digest; a folder that git does not know has none.
    """

    asked: str
    commit: str
    contract: str
    components: tuple[Reached, ...]
    handedIn: tuple[Subject, ...]  # noqa: N815 - as the fields around it are spelled


class Summary(Struct, frozen=True):
    """SLSA's verification summary, in its own spelling."""

    verifier: Verifier
    timeVerified: str  # noqa: N815
    resourceUri: str  # noqa: N815
    policy: Policy
    verificationResult: Literal["PASSED", "FAILED"]  # noqa: N815
    verifiedLevels: tuple[str, ...]  # noqa: N815
    slsaVersion: str  # noqa: N815
    details: Details = field(name=DETAILS)


class Statement(Struct, frozen=True):
    """in-toto's statement: about these subjects this is said."""

    type: str = field(name="_type")
    subject: tuple[Subject, ...]
    predicateType: str  # noqa: N815
    predicate: Summary


def statement_of(
    scorecard: Scorecard,
    contract: Contract,
    at: datetime,
    *,
    wanted: str,
    others: HandedIn | None = None,
    subjects: tuple[Subject, ...] = (),
    resource: str | None = None,
) -> Statement:
    """The verdict on a commit, or on what was built from it. Raises InputError where there is none."""
    tree = scorecard.repository
    assert tree.commit is not None  # noqa: S101 - only commits are judged for this
    judged = [component for component in scorecard.components if component.in_scope]
    if not judged:
        raise InputError(f"{tree.location}: the contract {contract.name!r} judges nothing here, so nothing is attested")
    levels = [level(tier) for tier in contract.tiers]
    if len(set(levels)) < len(levels):
        raise InputError(
            f"{contract.source}: spec.tiers: two would be one level ({', '.join(levels)}); rename one of them"
        )
    about = _repository(tree, tree.commit) if resource is None else _resource(resource)
    passed = meets(scorecard, wanted)
    return Statement(
        type="https://in-toto.io/Statement/v1",
        subject=subjects or (Subject(about, {"gitCommit": tree.commit}),),
        predicateType=PREDICATE,
        predicate=Summary(
            verifier=Verifier(HOME, {scorecard.tool.name: scorecard.tool.version}),
            timeVerified=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            resourceUri=about,
            policy=Policy(
                f"{HOME}/ns/contract/{quote(contract.name, safe='')}/{quote(contract.version, safe='')}",
                dict([contract.digest().split(":")]),
            ),
            verificationResult="PASSED" if passed else "FAILED",
            verifiedLevels=(level(scorecard.tier) if passed and scorecard.tier else "FAILED",),
            slsaVersion="1.2",
            details=Details(
                asked=wanted,
                commit=tree.commit,
                contract=f"{contract.name} {contract.version}",
                components=tuple(map(_reached, judged)),
                handedIn=tuple(_handed_in(others)),
            ),
        ),
    )


def level(tier: str) -> str:
    """The tier as a verified level; names that begin with SLSA_ are SLSA's own."""
    return f"GOLDENPATH_TIER_{re.sub(r'[^A-Z0-9]+', '_', tier.upper())}"


def _reached(component: ComponentScore) -> Reached:
    excused = (
        Excused(check.id, check.waiver.expires, check.waiver.approver)
        for check in component.checks
        if check.waiver and check.waiver.state == "granted"
    )
    return Reached(component.ref, component.tier, tuple(excused))


def _handed_in(others: HandedIn | None) -> Iterator[Subject]:
    if others is None:
        return
    for source in others.sources:
        commit = source.repository.commit
        yield Subject(source.label, {"gitCommit": commit} if commit else {})
    for entity in others.entities:
        yield Subject(entity.name, {"sha256": sha256(entity.text.encode()).hexdigest()})


def _resource(text: str) -> str:
    try:
        if urlsplit(text).scheme and not re.search(r"\s", text):
            return text
    except ValueError:
        pass
    raise InputError(f"--resource {text}: it is no URI; write it as git+https://git.example.com/acme/shop")


def _repository(tree: Judged, commit: str) -> str:
    """The repository's address, where a pipeline runs for this very commit; elsewhere only its place on this machine.

    What a repository says of itself is no identity: any other could say the same.
    """
    at = os.environ.get
    address = ""
    if at("GITHUB_ACTIONS") == "true" and at("GITHUB_SHA") == commit:
        address = f"git+{at('GITHUB_SERVER_URL', 'https://github.com')}/{at('GITHUB_REPOSITORY')}"
    elif at("GITLAB_CI") == "true" and at("CI_COMMIT_SHA") == commit:
        address = f"git+{at('CI_PROJECT_URL')}"
    if not address:
        return Path(tree.location).as_uri()
    return f"{address}#{quote(tree.folder)}" if tree.folder else address
