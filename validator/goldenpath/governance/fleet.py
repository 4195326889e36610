"""One of several repositories, whose name a mistake in it carries."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.repository import InputError, open_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.repository import Repository


@contextmanager
def one_of_many(path: str) -> Iterator[Repository]:
    """Open a repository. Raises InputError, which names it: `.goldenpath.yaml:3:5` alone could be anybody's."""
    with open_repository(Path(path)) as repository:
        try:
            yield repository
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
