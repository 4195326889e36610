"""The table of commands, and what is written down of each."""

from __future__ import annotations

from typing import Any

from goldenpath.facts.pipeline.commands.does import DOES, doing
from goldenpath.facts.tables import read_table


def test_all_that_the_table_says_a_command_does_is_written_down_somewhere_and_nothing_else() -> None:
    rows = read_table("commands", dict[str, Any])["commands"].values()
    assert {row["does"] for row in rows} | {"unseen", "nothing"} == DOES.keys() | {"wrap"}
    assert all(callable(doing(each)) for each in DOES)
