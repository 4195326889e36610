"""Copier, called without a word of its own, and with no code of a template run."""

from __future__ import annotations

import re
from typing import Any

from goldenpath.repository import InputError

_ABSENT = re.compile(r"Invalid choice for 'template': '([\w-]+)'")
_REFUSED = re.compile(r"Validation error for question '(\w+)': (.*)")


def with_copier(what: str, run: str, *arguments: object, defaults: bool = True, **options: object) -> Any:  # noqa: ANN401
    """Call a function of Copier's and return its worker; `what` needs it. With `defaults` nothing is asked.

    Raises InputError.
    """
    try:
        import copier
        from copier.errors import CopierError
    except ModuleNotFoundError:
        raise InputError(f"{what} needs Copier: install goldenpath[templates]") from None
    try:
        return getattr(copier, run)(*arguments, **options, defaults=defaults, quiet=True)
    except (CopierError, ValueError, OSError) as error:  # plumbum's errors are OSErrors
        # What git has said is told by itself: the rest of plumbum's text is the command line.
        said = " ".join(str(getattr(error, "stderr", "") or error).split()) or type(error).__name__
        if absent := _ABSENT.match(said):
            raise InputError(f"this version of the suite has no template {absent[1]}: --to names another") from None
        if refused := _REFUSED.fullmatch(said):
            raise InputError(f"{refused[1]}: {refused[2]}") from None
        raise InputError(f"copier: {said}") from None
