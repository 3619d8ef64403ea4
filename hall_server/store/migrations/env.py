"""Runs the migrations on the connection that ``hall_server.store.migrate`` opened."""

from alembic import context

from hall_server.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # All steps or none: SQLite can undo DDL, which Alembic by itself does not count on.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
