"""How Clearance's own switch stands."""

from alembic import op

from agent.store.schema import metadata

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables["switch"]])
