"""What is being run at the moment: functions, loops and sourced scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from goldenpath.facts.values import Value


class Frames(Struct):
    """The functions, loops and sourced scripts in which the walk is.

    `locals`: for each function, what its variables are outside of it, and whether they are set there. `returned`: for
    each function, the commands after whose failure it was left with one, and those after whose it may have been; `left`
    has the same for each subshell.
    """

    locals: list[dict[str, tuple[Value | None, bool]]] = []
    returned: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    left: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    loops: int = 0
    sourcing: bool = False

    def returns_by(self, blamed: tuple[int, ...], perhaps: tuple[int, ...] = ()) -> None:
        """Remember that the failure of commands lets the function fail; outside of one it is nobody's."""
        _add(self.returned, blamed, perhaps)

    def leaves_by(self, blamed: tuple[int, ...], perhaps: tuple[int, ...] = ()) -> None:
        """Remember that the failure of commands lets the subshell fail."""
        _add(self.left, blamed, perhaps)


def _add(
    frames: list[tuple[tuple[int, ...], tuple[int, ...]]], blamed: tuple[int, ...], perhaps: tuple[int, ...]
) -> None:
    if frames:
        before, unsure = frames[-1]
        frames[-1] = (before + blamed, unsure + perhaps)
