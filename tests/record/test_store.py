"""The store keeps what it acknowledged, and finds what was done to it; the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from goldenpath.record import url_of
from goldenpath.record.entry import BEGINNING, chained, encode
from goldenpath.record.store import Receipt, Store
from goldenpath.repository import InputError
from records import entry
from scorecards import result

if TYPE_CHECKING:
    from pathlib import Path

    from databases import Server

WRITER = """
import sys
from records import entry
from goldenpath.record.store import Store
with Store(sys.argv[1], create=True) as store:
    for number in range(int(sys.argv[2])):
        print(store.append(entry(day=number)), flush=True)
"""


def writer(address: str, count: int, *prefix: str) -> subprocess.Popen[str]:
    """A process that appends so many entries, and prints each receipt."""
    paths = [path for path in sys.path if path]
    code = f"import sys; sys.path[:0] = {paths!r}\n{WRITER}"
    command = [*prefix, sys.executable, "-c", code, address, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def filled(address: str, count: int = 4) -> Store:
    store = Store(address, create=True)
    for number in range(count):
        store.append(entry(day=number))
    return store


def meddle(address: str, *statements: str) -> None:
    """Do what somebody would who can write to the database, and knows how to get around its triggers."""
    engine = sa.create_engine(url_of(address))
    postgresql = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        if postgresql:
            for table in "entries", "head":
                connection.execute(sa.text(f"ALTER TABLE goldenpath_{table} DISABLE TRIGGER ALL"))
        else:
            for name in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars():
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_what_was_appended_comes_back_in_order_and_the_chain_is_whole(address: str) -> None:
    with filled(address) as store:
        assert [each.recorded_at.day for each in store.entries()] == [26, 27, 28, 29]
        assert store.verify() == []
        assert store.head().seq == 4
    with Store(address) as again:
        again.append(entry(day=9))
        assert again.verify() == []
        assert again.head().seq == 5


def test_a_receipt_is_the_digest_of_number_predecessor_and_text(address: str) -> None:
    recorded = entry()
    with Store(address, create=True) as store:
        assert store.append(recorded) == Receipt(1, chained(1, BEGINNING, encode(recorded)))
        assert next(store.entries()) == recorded


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE goldenpath_entries SET body = 'x'",
        "DELETE FROM goldenpath_entries",
        "DELETE FROM goldenpath_head",
        "UPDATE goldenpath_head SET seq = 1",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_recorded(address: str, statement: str) -> None:
    filled(address)
    engine = sa.create_engine(url_of(address))
    with pytest.raises(sa.exc.DBAPIError, match="the record is only added to"), engine.begin() as connection:
        connection.execute(sa.text(statement))


COPY = "INSERT INTO goldenpath_entries SELECT 9, previous, digest || 'x', body FROM goldenpath_entries WHERE seq = 2"
SWAP = (
    "UPDATE goldenpath_entries SET seq = 90 WHERE seq = 2",
    "UPDATE goldenpath_entries SET seq = 2 WHERE seq = 3",
    "UPDATE goldenpath_entries SET seq = 3 WHERE seq = 90",
)


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (
            ("UPDATE goldenpath_entries SET body = replace(body, 'owned', 'Owned') WHERE seq = 2",),
            "entry 2 is not what",
        ),
        (("DELETE FROM goldenpath_entries WHERE seq = 2",), "after entry 1 comes 3: what was between is missing"),
        (("DELETE FROM goldenpath_entries WHERE seq = 1",), "after entry 0 comes 2: what was between is missing"),
        (("DELETE FROM goldenpath_entries WHERE seq = 4",), "the last entry is 3, and was 4"),
        (("DELETE FROM goldenpath_entries",), "the last entry is 0, and was 4"),
        (SWAP, "entry 2 follows another one than that before it"),
        ((COPY.replace("|| 'x'", "|| ''").replace("digest ||", "substr(digest, 2) ||"),), "after entry 4 comes 9"),
        (("UPDATE goldenpath_head SET seq = 3",), "the last entry is 4, and was 3"),
    ],
)
def test_whatever_was_done_to_it_is_found(address: str, statements: tuple[str, ...], problem: str) -> None:
    filled(address)
    meddle(address, *statements)
    with Store(address) as store:
        assert any(each.startswith(problem) for each in store.verify()), store.verify()


def test_a_chain_that_was_made_anew_is_found_by_a_head_that_was_kept_elsewhere(address: str) -> None:
    with filled(address) as store:
        kept = store.head()
        assert store.verify(kept) == []
    previous = BEGINNING
    with Store(address) as store:
        rows = list(store.rows())
    statements = []
    for row in rows:
        body = row.body.replace("owned", "Owned")
        digest = chained(row.seq, previous, body)
        text = body.replace("'", "''").replace(":", "\\:")
        changes = f"body = '{text}', previous = '{previous}', digest = '{digest}'"
        statements.append(f"UPDATE goldenpath_entries SET {changes} WHERE seq = {row.seq}")
        previous = digest
    meddle(address, *statements, f"UPDATE goldenpath_head SET digest = '{previous}'")
    with Store(address) as store:
        assert store.verify() == []
        assert store.verify(kept) == [f"entry 4 is not the one whose digest was kept ({kept.digest[:12]}…)"]
        assert store.verify(Receipt(9, "0" * 64)) != []


def test_writers_at_the_same_time_come_one_after_the_other(address: str) -> None:
    writers = [writer(address, 15) for _ in range(3)]
    receipts = [line for each in writers for line in each.communicate(timeout=120)[0].splitlines()]
    assert [each.returncode for each in writers] == [0, 0, 0]
    with Store(address) as store:
        assert store.verify() == []
        assert sorted(receipts) == sorted(f"{row.seq}:{row.digest}" for row in store.rows())
        assert len(receipts) == 45


@pytest.mark.parametrize("after", [0, 3, 11])
def test_what_was_acknowledged_survives_a_kill(address: str, after: int) -> None:
    process = writer(address, 1_000_000)
    assert process.stdout is not None
    receipts = [process.stdout.readline().strip() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    receipts += process.stdout.read().split()
    process.communicate(timeout=60)
    with Store(address, create=True) as store:
        assert store.verify() == []
        found = {f"{row.seq}:{row.digest}" for row in store.rows()}
        assert {each for each in receipts if len(each.partition(":")[2]) == 64} <= found
        store.append(entry())
        assert store.verify() == []


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    address = str(tmp_path / "record.db")
    filled(address, 2)
    process = writer(address, 10_000, "prlimit", "--fsize=200000")
    said, complaint = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "the record at sqlite:///" in complaint
    with Store(address) as store:
        assert store.verify() == []
        assert store.head().seq == 2 + len(said.split())
        assert said.split()


def test_a_full_disk_of_the_server_loses_nothing_that_was_acknowledged(small_postgresql: Server) -> None:
    large = entry(result("owner-declared", "pass", "".join(f"{number:x}." for number in range(900_000))))
    with Store(small_postgresql.url(), create=True) as store:
        with pytest.raises(InputError, match="the record at postgresql"):
            [store.append(large) for _ in range(20)]
        kept = store.head().seq
        assert store.verify() == []
        assert kept == len(list(store.rows()))
        store.append(entry())
        assert store.verify() == []


def test_a_store_that_is_not_there_is_said_and_not_made(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match=r"there is no record|nothing has been recorded there yet"):
        Store(address)
    assert not list(tmp_path.iterdir())


def test_what_a_newer_version_has_written_is_left_alone(address: str) -> None:
    filled(address, 1)
    meddle(address, "UPDATE goldenpath_version SET version_num = '9999'")
    with pytest.raises(InputError, match="a newer goldenpath has written it"):
        Store(address, create=True)


def test_what_another_program_has_written_there_is_left_alone(address: str) -> None:
    filled(address, 1)
    for statement, sentence in (
        ("UPDATE goldenpath_version SET version_num = '0000'", "no version of goldenpath"),
        ("INSERT INTO goldenpath_head SELECT 2, seq, digest FROM goldenpath_head", "."),
    ):
        meddle(address, statement)
        with pytest.raises(InputError, match=sentence), Store(address, create=True) as store:
            store.head()
        meddle(address, "UPDATE goldenpath_version SET version_num = '0001'")


def test_whoever_writes_while_it_is_verified_is_no_forger(address: str) -> None:
    class Watched(Store):
        def head(self) -> Receipt:
            if not others:
                others.append(writer.append(entry(day=9)))
            return super().head()

    others: list[Receipt] = []
    with filled(address) as writer, Watched(address) as store:
        assert store.verify() == []
        assert len(list(store.rows())) == 5


def test_without_a_home_the_record_asks_for_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "HOME", "XDG_DATA_HOME", "GOLDENPATH_RECORD":
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    with pytest.raises(InputError, match="GOLDENPATH_RECORD"):
        url_of(None)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://a@b/c", "kept in SQLite or PostgreSQL|needs MySQLdb"),
        ("nothing://", "kept in SQLite or PostgreSQL"),
        ("sqlite://", "a record outlives the program; name a file"),
        ("postgresql://a:secret@localhost:1/b", "the record at postgresql"),
        ("/proc/nowhere/record.db", "it cannot be made"),
        ("postgresql://localhost:1/b?user=a&password=secret", "the record at postgresql"),
        ("postgresql://a:secret@localhost:port/b", "the record's address is none"),
        ("postgresql://a:is@secret@localhost:1/b", "write @ in a password as %40"),
        ("record.db?mode=ro", "a record's path holds no"),
        ("\udcff.db", "is UTF-8 text"),
    ],
)
def test_an_address_that_leads_nowhere_is_an_error_without_its_password(address: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refused:
        Store(address, create=True)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_record_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "record.db").write_text("hello, world" * 100)
    with pytest.raises(InputError, match="file is not a database"):
        Store(str(tmp_path / "record.db"), create=True)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_is_kept_as_it_is(tmp_path_factory: pytest.TempPathFactory, summaries: list[str]) -> None:
    address = str(tmp_path_factory.mktemp("store") / "record.db")
    written = [entry(result("owner-declared", "pass", summary)) for summary in summaries if summary.isprintable()]
    with Store(address, create=True) as store:
        for each in written:
            store.append(each)
        assert list(store.entries()) == written
        assert store.verify() == []
