"""Copier, called without a word of its own, and with no code of a template run."""

from __future__ import annotations

import re

from goldenpath.repository import InputError

_REFUSED = re.compile(r"Validation error for question '(\w+)': (.*)", re.DOTALL)


def with_copier(what: str, run: str, *arguments: object, defaults: bool = True, **options: object) -> None:
    """Call a function of Copier's; `what` needs it. With `defaults` nothing is asked. Raises InputError."""
    try:
        import copier
        from copier.errors import CopierError
    except ModuleNotFoundError:
        raise InputError(f"{what} needs Copier: install goldenpath[templates]") from None
    try:
        getattr(copier, run)(*arguments, **options, defaults=defaults, quiet=True)
    except (CopierError, ValueError, OSError) as error:  # plumbum's errors are OSErrors
        said = str(error).strip() or type(error).__name__
        if refused := _REFUSED.fullmatch(said):
            raise InputError(f"{refused[1]}: {' '.join(refused[2].split())}") from None
        raise InputError(f"copier: {said}") from None
