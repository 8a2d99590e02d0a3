"""Alembic's entry: runs the migrations over the connection that `database.upgrade` hands in."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
context.run_migrations()
