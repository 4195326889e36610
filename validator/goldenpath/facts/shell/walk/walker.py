"""What the parts of the walk call back: the walk itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from goldenpath.facts.shell import syntax
    from goldenpath.facts.shell.state import Place, State
    from goldenpath.facts.shell.status import Status
    from goldenpath.facts.values import Value


class Walker(Protocol):
    """Who follows commands, a body of them, or a text."""

    def command(self, command: syntax.Command, state: State, place: Place) -> Status:
        """Follow a command."""

    def body(self, body: syntax.Body, state: State, place: Place) -> Status:
        """Follow commands one after the other."""

    def dead(self, body: syntax.Body, state: State, place: Place) -> None:
        """Note commands that certainly do not run; nothing of what they would do counts."""

    def text(self, script: Value, state: State, place: Place) -> Status:
        """Follow the text of a program in a state."""
