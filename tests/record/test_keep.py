"""`goldenpath check --record` adds to a record that is whole, and to no other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from goldenpath.cli import main
from goldenpath.record.store import Store
from records import entry

if TYPE_CHECKING:
    from pathlib import Path


def meddle(record: Path, seq: int) -> None:
    """Change what one entry says, and leave no trace but that."""
    with closing(sqlite3.connect(record)) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE goldenpath_entries SET body = replace(body, 'shop', 'till') WHERE seq = ?", (seq,))


def test_nothing_is_added_to_a_record_that_was_meddled_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record, shop = tmp_path / "record.db", tmp_path / "shop"
    monkeypatch.setenv("GOLDENPATH_RECORD", str(record))
    shop.mkdir()
    assert [main(["check", str(shop), "--record"]) for _ in range(3)] == [1, 1, 1]
    meddle(record, 2)
    before = record.read_bytes()
    capsys.readouterr()
    assert main(["check", str(shop), "--record"]) == 2
    said = capsys.readouterr()
    assert f"the record at sqlite:///{record} is not whole, so nothing is added to it: entry 2 is not what" in said.err
    assert "GOLDENPATH_RECORD names it" in said.err
    assert (said.out, record.read_bytes()) == ("", before)


@pytest.mark.parametrize(("changed", "newest", "found"), [(1, 3, False), (2, 3, True), (1, 4, True), (1, 0, True)])
def test_the_newest_entries_can_be_verified_alone(tmp_path: Path, changed: int, newest: int, *, found: bool) -> None:
    with Store(str(tmp_path / "record.db"), create=True) as store:
        for day in range(4):
            store.append(entry(day=day))
        meddle(tmp_path / "record.db", changed)
        assert bool(store.verify(newest=newest)) == found
