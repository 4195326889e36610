"""The store: SQLite in a file, or PostgreSQL. It is added to, never changed, and its entries form a chain.

Each entry holds the digest of the one before. The table `head` has the last one, and is moved in the same transaction;
whoever writes holds it, so writers come one after the other. The database itself refuses to change or delete entries;
who gets around that is found by `verify`, and where the whole chain was made anew, by a head that was kept elsewhere.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import DecodeError, Struct, json

from goldenpath.record import url_of
from goldenpath.record.entry import BEGINNING, Entry, chained, encode
from goldenpath.repository import InputError

try:
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
except ModuleNotFoundError as _error:
    raise InputError(f"the record needs {_error.name}; install goldenpath[record]") from None

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 30
"""Longest that a writer waits for the one before it."""

REVISION = "0001"
"""The newest migration: what this version reads and writes."""

BATCH = 500
"""Entries that are read at once."""

METADATA = sa.MetaData()
ENTRIES = sa.Table(
    "goldenpath_entries", METADATA,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("body", sa.Text, nullable=False),
)  # fmt: skip
HEAD = sa.Table(
    "goldenpath_head", METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)  # fmt: skip
VERSION = "goldenpath_version"
"""Alembic's own table: which migration the store is at."""


class Receipt(Struct, frozen=True):
    """That an entry is in the store for good: its number, and the digest that all later ones build on."""

    seq: int
    digest: str

    def __str__(self) -> str:
        """Write it as `verify --head` takes it."""
        return f"{self.seq}:{self.digest}"


class Row(Struct, frozen=True):
    """An entry as it stands in the store."""

    seq: int
    previous: str
    digest: str
    body: str

    def entry(self) -> Entry:
        """What it says. Raises InputError where that is no entry."""
        try:
            return json.decode(self.body, type=Entry)
        except DecodeError as error:
            raise InputError(
                f"entry {self.seq} of the record cannot be read ({error}); run goldenpath audit verify"
            ) from None


class Store:
    """A store that is open; close it. Every method raises InputError with the database's own words."""

    def __init__(self, asked_for: str | None = None, *, create: bool = False) -> None:
        self._engine = _engine(url_of(asked_for), create=create)
        self.name = self._engine.url.set(query={}).render_as_string(hide_password=True)  # options may hold one, too
        with self._complaining():
            self._bring_up_to_date(create=create)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def append(self, entry: Entry) -> Receipt:
        """Add an entry; when this returns, it is there for good."""
        body = encode(entry)
        with self._complaining(), self._engine.execution_options(writes=True).begin() as connection:
            seq, previous = connection.execute(sa.select(HEAD.c.seq, HEAD.c.digest).with_for_update()).one()
            receipt = Receipt(seq + 1, chained(seq + 1, previous, body))
            connection.execute(
                ENTRIES.insert().values(seq=receipt.seq, previous=previous, digest=receipt.digest, body=body)
            )
            connection.execute(HEAD.update().values(seq=receipt.seq, digest=receipt.digest))
        return receipt

    def head(self) -> Receipt:
        """The last entry, as the store says."""
        with self._complaining(), self._engine.connect() as connection:
            return Receipt(*connection.execute(sa.select(HEAD.c.seq, HEAD.c.digest)).one())

    def rows(self, last: int = -(2**62)) -> Iterator[Row]:
        """Every row, or every one after the last, in order."""
        found = True
        while found:
            wanted = sa.select(ENTRIES).where(ENTRIES.c.seq > last).order_by(ENTRIES.c.seq).limit(BATCH)
            with self._complaining(), self._engine.connect() as connection:
                rows = [Row(*row) for row in connection.execute(wanted)]
            yield from rows
            found = bool(rows)
            last = rows[-1].seq if rows else last

    def entries(self) -> Iterator[Entry]:
        """Every entry, in order."""
        return (row.entry() for row in self.rows())

    def verify(self, kept: Receipt | None = None, *, newest: int = 0) -> list[str]:
        """What is wrong with the chain, in sentences; nothing where it is whole.

        `kept` is a head that was kept elsewhere: the entry of that number must have that digest still. With `newest`
        only so many entries are looked at.
        """
        problems: list[str] = []
        beginning = Receipt(0, BEGINNING)
        last = self._before(newest) if newest else beginning
        kept_found = kept in {None, beginning}
        rows, more = self.rows() if last == beginning else self.rows(last.seq), True
        while more:
            before = last
            for row in rows:
                problems += _broken(row, last)
                last = Receipt(row.seq, row.digest)
                kept_found = kept_found or last == kept
            head, rows = self.head(), self.rows(last.seq)
            more = head.seq > last.seq and last != before  # somebody may have written meanwhile
        if head != last:
            problems.append(
                f"the last entry is {last.seq}, and was {head.seq}: entries at the end are missing or were added"
            )
        if kept and not kept_found:
            problems.append(f"entry {kept.seq} is not the one whose digest was kept ({kept.digest[:12]}…)")
        return problems

    def _before(self, newest: int) -> Receipt:
        """The entry before the newest ones, or the beginning."""
        wanted = sa.select(ENTRIES.c.seq, ENTRIES.c.digest).order_by(ENTRIES.c.seq.desc()).offset(newest).limit(1)
        with self._complaining(), self._engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        return Receipt(*row) if row else Receipt(0, BEGINNING)

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            words = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            raise InputError(f"the record at {self.name}: {words[0]}") from None
        except SQLAlchemyError as error:
            raise InputError(f"the record at {self.name}: {str(error).splitlines()[0]}") from None

    def _bring_up_to_date(self, *, create: bool) -> None:
        with self._engine.connect() as connection:
            revision = _revision(connection)
        if revision == REVISION:
            return
        if revision is None and not create:
            raise InputError(f"the record at {self.name}: nothing has been recorded there yet")
        if revision is not None and revision > REVISION:
            raise InputError(f"the record at {self.name}: a newer goldenpath has written it; use that one")
        _migrate(self._engine)


def _broken(row: Row, last: Receipt) -> Iterator[str]:
    """What is wrong with a row that follows that entry."""
    if row.seq != last.seq + 1:
        yield f"after entry {last.seq} comes {row.seq}: what was between is missing"
    if row.previous != last.digest:
        yield f"entry {row.seq} follows another one than that before it: something was moved or put in"
    if chained(row.seq, row.previous, row.body) != row.digest:
        yield f"entry {row.seq} is not what was recorded: its digest is of another text"


def _engine(url: str, *, create: bool) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise InputError(f"a record is kept in SQLite or PostgreSQL, not in {parsed.get_backend_name()}")
        if "@" in (parsed.host or ""):
            raise InputError("the record's address names no host; write @ in a password as %40")
        if parsed.get_backend_name() == "sqlite":
            _make_room(parsed.database or "", create=create)
            engine = sa.create_engine(parsed, connect_args={"timeout": SECONDS})
            sa.event.listen(engine, "connect", _durable)
            sa.event.listen(engine, "begin", _begin)
            return engine
        return sa.create_engine(parsed, connect_args={"connect_timeout": SECONDS})
    except (ArgumentError, NoSuchModuleError, ValueError):  # a port that is no number
        raise InputError(
            "the record's address is none; such as record.db, or postgresql://user@host/database"
        ) from None
    except ModuleNotFoundError as error:
        raise InputError(f"a record in PostgreSQL needs {error.name}; install goldenpath[postgresql]") from None


def _make_room(file: str, *, create: bool) -> None:
    if not file or file == ":memory:":
        raise InputError("a record outlives the program; name a file for it")
    path = Path(file)
    if not create and not path.exists():
        raise InputError(f"{file}: there is no record; `goldenpath check --record` begins one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent}: it cannot be made ({error.strerror})") from None


def _durable(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    """What was acknowledged outlives a power cut; and transactions begin when we say."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=EXTRA")


def _begin(connection: sa.Connection) -> None:
    """A writer takes the lock at once: a reader that becomes one half-way would have to give up."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION):
        return None
    found: str | None = connection.execute(sa.text(f"SELECT version_num FROM {VERSION}")).scalar()  # noqa: S608 - ours
    return found


def _migrate(engine: sa.Engine) -> None:
    """Bring the store to the newest migration; of several that try at once one does it, and the others wait."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(71867)"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, REVISION)
        except CommandError:
            raise InputError("the record is of no version of goldenpath that is known; it is left as it is") from None
