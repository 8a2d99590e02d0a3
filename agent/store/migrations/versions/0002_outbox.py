"""Messages that are still to be delivered."""

from alembic import op

from agent.store.schema import metadata

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables["outbox"]])
