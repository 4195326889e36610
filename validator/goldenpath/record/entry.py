"""What is kept of an evaluation, and the digests that hold the entries together."""

from __future__ import annotations

import getpass
import os
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from msgspec import UNSET, Struct, UnsetType, json

from goldenpath.checks import Verdict  # noqa: TC001 - msgspec reads the annotations
from goldenpath.origin import Origin  # noqa: TC001 - msgspec reads the annotations
from goldenpath.scorecard import Waiver  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from goldenpath.contract import Contract
    from goldenpath.scorecard import CheckResult, ComponentScore, Scorecard

BEGINNING = "0" * 64
"""What the first entry names as the digest of the one before."""


class Actor(Struct, frozen=True):
    """Who evaluated, as the machine says: a claim, not a proof. `run` is the address of a pipeline's run."""

    name: str
    run: str | None = None


class Rules(Struct, frozen=True):
    """By what was judged; the digest is of all that the contract says, be it by itself or by those that it extends.

    `extends` has the name and version of these; it is unset where there are none.
    """

    name: str
    version: str
    source: str
    digest: str
    tiers: tuple[str, ...]
    extends: tuple[str, ...] | UnsetType = UNSET

    @property
    def called(self) -> str:
        """The contract with those that it extends, as people say it."""
        return "".join([f"{self.name} {self.version}", *(f", which extends {each}" for each in self.extends or ())])


class Result(Struct, frozen=True):
    """A check's verdict. `evidence` is the digest of every place that the report names."""

    id: str
    tier: str
    level: Literal["required", "advisory"]
    verdict: Verdict
    summary: str
    evidence: str
    waiver: Waiver | None = None

    @property
    def waived(self) -> bool:
        """Whether it was excused."""
        return self.waiver is not None and self.waiver.state == "granted"

    @property
    def met(self) -> bool:
        """Whether it lowered no tier by itself; what was waived did not meet anything."""
        return self.level == "advisory" or self.verdict in {"pass", "not-applicable"}


class Component(Struct, frozen=True):
    """What came out for one component; `ref` is null for a repository that declares none."""

    ref: str | None
    type: str | None
    lifecycle: str | None
    in_scope: bool
    tier: str | None
    ceiling: str | None
    checks: tuple[Result, ...]


class Entry(Struct, frozen=True):
    """One evaluation. `report` is the digest of the whole JSON report."""

    apiVersion: Literal["goldenpath.dev/record/v1"]  # noqa: N815 - the report's own spelling
    recorded_at: datetime
    actor: Actor
    tool: str
    origin: Origin
    rules: Rules
    as_of: date
    tier: str | None
    ceiling: str | None
    report: str
    components: tuple[Component, ...]

    @property
    def current(self) -> bool:
        """Whether it was judged by the rules of its day, wherever on earth; else it says what would be."""
        return abs(self.as_of - self.recorded_at.date()) <= timedelta(days=1)


def entry_of(scorecard: Scorecard, contract: Contract, origin: Origin, at: datetime) -> Entry:
    """The entry for an evaluation."""
    used = scorecard.contract
    return Entry(
        apiVersion="goldenpath.dev/record/v1",
        recorded_at=at,
        actor=_actor(),
        tool=f"{scorecard.tool.name} {scorecard.tool.version}",
        origin=origin,
        rules=Rules(
            used.name, used.version, used.source, contract.digest(), used.tiers,
            tuple(f"{base.name} {base.version}" for base in used.extends) if used.extends else UNSET,
        ),
        as_of=scorecard.as_of,
        tier=scorecard.tier,
        ceiling=scorecard.ceiling,
        report=digest(json.encode(scorecard, order="sorted")),
        components=tuple(_component(each) for each in scorecard.components),
    )  # fmt: skip


def _component(score: ComponentScore) -> Component:
    checks = tuple(_result(check) for check in score.checks)
    return Component(
        score.ref, score.type, score.lifecycle, score.in_scope, score.tier, score.ceiling, checks
    )  # fmt: skip


def _result(check: CheckResult) -> Result:
    evidence = digest(json.encode(check.evidence, order="sorted"))
    return Result(check.id, check.tier, check.level, check.verdict, check.summary, evidence, check.waiver)


def _actor() -> Actor:
    """Who evaluates: the one whom a pipeline names, else the user of this machine."""
    at = os.environ.get
    if at("GITHUB_ACTIONS") == "true":
        run = f"{at('GITHUB_SERVER_URL', '')}/{at('GITHUB_REPOSITORY', '')}/actions/runs/{at('GITHUB_RUN_ID', '')}"
        return Actor(at("GITHUB_ACTOR", "") or "github-actions", run)
    if at("GITLAB_CI") == "true":
        return Actor(at("GITLAB_USER_LOGIN", "") or "gitlab-ci", at("CI_JOB_URL"))
    try:
        return Actor(getpass.getuser())
    except (KeyError, OSError):  # a user without a name, as in many containers
        return Actor(f"uid {os.getuid()}")


def encode(entry: Entry) -> str:
    """The text that is kept, and whose digest is chained: keys in order, so that it is always the same."""
    return json.encode(entry, order="sorted").decode()


def chained(seq: int, previous: str, body: str) -> str:
    """The digest of an entry: of its number, the digest of the one before, and its text."""
    return sha256(f"{seq}\n{previous}\n{body}".encode()).hexdigest()


def digest(text: bytes) -> str:
    """The digest of a text, as it is written in entries."""
    return f"sha256:{sha256(text).hexdigest()}"
