"""Keep an evaluation: what `goldenpath check --record` does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from goldenpath.origin import origin_of
from goldenpath.record.entry import entry_of
from goldenpath.record.store import Store

if TYPE_CHECKING:
    from goldenpath.contract import Contract
    from goldenpath.scorecard import Scorecard


def keep(scorecard: Scorecard, contract: Contract) -> str:
    """Add the evaluation to the record, and say where it stands now. Raises InputError where it cannot be kept."""
    entry = entry_of(scorecard, contract, origin_of(scorecard.repository), datetime.now(UTC))
    with Store(create=True) as store:
        return f"recorded as {store.append(entry)}"
