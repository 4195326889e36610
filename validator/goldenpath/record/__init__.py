"""The record of decisions: who judged what, when, by which rules, and what came out.

A store that is only added to, and whose entries are chained by their digests: what was changed, taken out or put in
another order afterwards is found. The spine knows nothing of this room; `goldenpath check --record` leads here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from goldenpath.repository import InputError

if TYPE_CHECKING:
    from argparse import ArgumentParser

ENVIRONMENT = "GOLDENPATH_RECORD"


def asked_of(command: ArgumentParser) -> None:
    """Add the option that names the record which a command reads."""
    about = "the record (default: GOLDENPATH_RECORD, else your own)"
    command.add_argument("--from", dest="store", metavar="URL|FILE", help=about)


def url_of(asked_for: str | None) -> str:
    """The store's address: what was asked for, else the environment's, else a file of the user's own.

    An address is SQLAlchemy's (`postgresql://…`, `sqlite:///…`); anything without `://` is the path of an SQLite file.
    Raises InputError where there is none.
    """
    if asked_for == "":
        raise InputError("--from is empty (an unset variable?); name a record, or leave it away")
    named = asked_for or os.environ.get(ENVIRONMENT) or str(_own_file())
    if "://" in named:
        scheme, _, rest = named.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else named
    if "?" in named or os.fsencode(named).decode("utf-8", "ignore") != named:
        raise InputError("a record's path holds no question mark, which begins options, and is UTF-8 text")
    return f"sqlite:///{Path(named).absolute()}"


def _own_file() -> Path:
    try:
        home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:  # a user without a home, as in many containers
        raise InputError(f"there is no home for a record; set {ENVIRONMENT}") from None
    return Path(home) / "goldenpath" / "record.db"
