"""Alembic's entry: the connection comes from `acd.storage.migrate`; nothing is read from an ini file."""

from alembic import context

from acd.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
