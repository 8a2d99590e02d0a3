"""What the board shows of each review, so that thousands are listed without reading a document."""

from alembic import op

from agent.store.schema import metadata

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables["board"]])
