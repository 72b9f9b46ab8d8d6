"""Alembic's environment: one connection, one transaction, this room's tables only."""

from __future__ import annotations

from alembic import context

from bot.desk.migrations import VERSION_TABLE
from bot.desk.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    # SQLite can roll back its tables; Alembic assumes it cannot.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
