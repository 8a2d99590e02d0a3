"""What each version of a gate or control was at its first use, so that none is changed in place."""

from alembic import op

from agent.store.schema import metadata

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables["versions"]])
