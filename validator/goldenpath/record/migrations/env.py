"""How Alembic runs the migrations: on the connection, and in the transaction, of the store that is being opened."""

from alembic import context

from goldenpath.record.store import VERSION

context.configure(connection=context.config.attributes["connection"], version_table=VERSION)
context.run_migrations()
