"""What the token of a job may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from goldenpath.facts.nodes import Node

SCOPES = (
    "actions", "artifact-metadata", "attestations", "checks", "contents", "deployments", "discussions", "id-token",
    "issues", "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
)  # fmt: skip
"""What a job's token may be allowed to write."""

DELIVERING = ("id-token", "contents", "packages", "deployments")
"""The scopes with which something can be built or released."""


class Permissions(Struct, frozen=True):
    """The token's scopes: None where nothing is stated, which gives what the organisation chose, never `id-token`.

    `withheld` are those that are stated, and that a caller does not grant; of the `uncertain` that is not known.
    """

    stated: dict[str, str] | None = None
    withheld: frozenset[str] = frozenset()
    uncertain: frozenset[str] = frozenset()

    def may_write(self, scope: str) -> bool:
        """Whether the token can write in this scope as far as the files say; unstated counts as allowed."""
        if self.stated is None:
            return scope != "id-token"
        return self.stated.get(scope, self.stated.get("*", "none")) == "write"

    def called(self, scope: str) -> str:
        """What a job would have to state to write in a scope."""
        return f"{scope}: write"

    @property
    def written(self) -> frozenset[str]:
        """The scopes that the token can write in, as far as the files say."""
        return frozenset(filter(self.may_write, SCOPES))

    def capped_by(self, caller: Permissions) -> Permissions:
        """What is left of these permissions in a workflow that this caller calls.

        Where the caller grants less than what the called one asks for, GitHub does not start the run. A caller that
        states none grants what the organisation chose; whether an identity is among that, its documentation leaves
        open: the called workflow has one if it is of the same owner, or the run is refused.
        """
        if self.stated is None:
            return caller
        if caller.stated is None:
            return Permissions(self.stated, self.withheld, self.uncertain | (self.written - caller.written))
        granted = caller.written
        kept = self.written & granted
        return Permissions(dict.fromkeys(sorted(kept), "write"), self.written - granted, caller.uncertain & kept)


def powers_of(permissions: Permissions, *, secrets: bool) -> frozenset[str]:
    """What something that is not followed could do with a token, and with secrets where it holds some."""
    powers = {"describe", "verify", "scan", "test"}
    if secrets or permissions.may_write("id-token"):
        powers.add("sign")
    if secrets or any(map(permissions.may_write, DELIVERING)):
        powers |= {"build", "ship"}
    return frozenset(powers)


def permissions_of(node: Node | None) -> Permissions | None:
    """The permissions that a job or a workflow states; None when it states none."""
    if isinstance(node, Mapping):
        return Permissions({scope: level.text for scope, level in node.values.items() if isinstance(level, Scalar)})
    if isinstance(node, Scalar):
        return Permissions({"*": {"write-all": "write", "read-all": "read"}.get(node.text, "none")})
    return None
