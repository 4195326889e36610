"""Entries in a chain, and its head. The database refuses to change or delete what was recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BEGINNING = "0" * 64
REFUSED = "the record is only added to"

_SQLITE = (
    "CREATE TRIGGER goldenpath_kept_{table}_{verb} BEFORE {verb} ON goldenpath_{table} {when}"
    f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
)
_FUNCTION = f"""
CREATE FUNCTION goldenpath_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$
"""
_POSTGRESQL = (
    "CREATE TRIGGER goldenpath_kept_{table}_{verb} BEFORE {verb} ON goldenpath_{table}"
    " FOR EACH ROW {when} EXECUTE FUNCTION goldenpath_refuse()"
)
_TRUNCATE = (
    "CREATE TRIGGER goldenpath_kept_{table}_truncate BEFORE TRUNCATE ON goldenpath_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION goldenpath_refuse()"
)
_REFUSED = (
    ("entries", "UPDATE", ""),
    ("entries", "DELETE", ""),
    ("head", "DELETE", ""),
    ("head", "UPDATE", "WHEN (NEW.seq <> OLD.seq + 1)"),
)


def upgrade() -> None:
    """From nothing to an empty chain."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "goldenpath_entries",
        sa.Column("seq", number, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    head = op.create_table(
        "goldenpath_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", number, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "digest": BEGINNING}])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute(_FUNCTION)
        for table in ("entries", "head"):
            op.execute(_TRUNCATE.format(table=table))
    for table, verb, when in _REFUSED:
        op.execute((_POSTGRESQL if on_postgresql else _SQLITE).format(table=table, verb=verb, when=when))
