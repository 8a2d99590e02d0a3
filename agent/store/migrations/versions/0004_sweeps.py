"""Sweeps, and what became of each subject in them."""

from alembic import op

from agent.store.schema import metadata

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables["sweeps"], metadata.tables["sweep_rows"]])
