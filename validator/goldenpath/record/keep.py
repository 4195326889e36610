"""Keep an evaluation: what `goldenpath check --record` does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from goldenpath.origin import origin_of
from goldenpath.record.entry import entry_of
from goldenpath.record.store import Store
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from goldenpath.contract import Contract
    from goldenpath.scorecard import Scorecard


NEWEST = 500
"""How many entries are verified before one is added: all of a small record, in no time of a large one."""


def keep(scorecard: Scorecard, contract: Contract) -> str:
    """Add the evaluation to the record, and say where it stands now.

    Raises InputError where it cannot be kept, and where the record was meddled with: a new entry would hide that.
    """
    entry = entry_of(scorecard, contract, origin_of(scorecard.repository), datetime.now(UTC))
    with Store(create=True) as store:
        if problems := store.verify(newest=NEWEST):
            raise InputError(
                f"the record at {store.name} is not whole, so nothing is added to it: {'; '.join(problems)}. Keep it "
                "for whoever looks into this (goldenpath audit verify), and go on with a copy that is whole, or with a "
                "new record: GOLDENPATH_RECORD names it"
            )
        return f"recorded as {store.append(entry)}"
