"""How far a walk may go."""

from __future__ import annotations

from typing import Final

from goldenpath.facts.shell.syntax import Unfollowable

MAX_CHARACTERS: Final = 256 * 1024
MAX_COMMANDS: Final = 4_000
MAX_STEPS: Final = 20_000
MAX_DEPTH: Final = 60
MAX_CALLS: Final = 8
"""Functions that call each other; a recursion is not followed further."""
MAX_SCRIPTS: Final = 8
"""Scripts that call each other; the chain is not followed further."""
MAX_READ: Final = 4 * MAX_CHARACTERS
"""Characters of all scripts that are followed, each as often as it is called."""
MAX_TURNS: Final = 64
"""Turns of a loop over known words that are followed one by one."""


class Limits:
    """How far a walk has gone: its steps, how deep it is, and the characters that it has read."""

    def __init__(self) -> None:
        self._steps = self._characters = 0
        self.depth = 0

    def step(self) -> None:
        """Take a step."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unfollowable(f"It takes more than {MAX_STEPS} steps.")

    def deeper(self) -> None:
        """Go a level deeper; whoever comes back takes it from `depth`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unfollowable(f"It goes deeper than {MAX_DEPTH} levels.")

    def spend(self, characters: int) -> None:
        """Account for characters that something else has read."""
        self._characters += characters

    def read(self, characters: int) -> None:
        """Read a text of so many characters."""
        self.spend(characters)
        if self._characters > MAX_READ:
            raise Unfollowable(f"It leads to more than {MAX_READ} characters of scripts.")
