"""Regular expressions that are compiled when they are first used.

There are some two hundred. Compiling them all would take a tenth of a cold start, and a run uses every other one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr, Generic, cast

if TYPE_CHECKING:
    from collections.abc import Callable


class _Written(Generic[AnyStr]):
    """Stands for a pattern, and takes each of its methods as its own the first time that it is asked for."""

    def __init__(self, expression: AnyStr, flags: int) -> None:
        self._expression: AnyStr = expression
        self._flags = flags

    def __getattr__(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(re.compile(self._expression, self._flags), name)
        setattr(self, name, found)
        return found


def regex(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, but later."""
    return cast("re.Pattern[AnyStr]", _Written(expression, flags))
